/* http_park.c - requests that MHD has suspended: who waits for the database, an event or a poll's end.
 *
 * MHD does not see a client leave then, so its socket is watched in our loop; a half-closed client
 * counts as gone, because nothing that we serve so could be asked for any more. MHD must not be
 * stopped with one of them (LIBRARIES section 1): http_stop sends them all away first.
 */
#include "config.h"

#include "link/http_inner.h"

#include <sys/epoll.h>
#include <utlist.h>

static void on_leaving(struct watch *w, uint32_t events) {
    (void)events;
    struct parked *p = container_of(w, struct parked, watch);
    p->left(p);
}

void park(struct http *h, struct MHD_Connection *mhd, struct parked *p,
          void (*left)(struct parked *p)) {
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    *p = (struct parked){.http = h, .mhd = mhd, .left = left};
    p->watch = (struct watch){.fd = i->connect_fd, .ready = on_leaving};
    DL_APPEND(h->parked, p);
    MHD_suspend_connection(mhd);
    loop_watch(h->server->loop, &p->watch, EPOLLRDHUP);
}

void unpark(struct parked *p) {
    struct http *h = p->http;
    DL_DELETE(h->parked, p);
    loop_watch(h->server->loop, &p->watch, 0);
    MHD_resume_connection(p->mhd);
    p->mhd = NULL;
    http_run_soon(h);
}

bool is_parked(const struct parked *p) {
    return p->mhd != NULL;
}
