/* http_take.c - sockets that go on without MHD, and how they come back to it.
 *
 * Taken by everything that lasts, WebSockets, event streams and polls, once MHD has read the request; the handler returns MHD_NO, and MHD
 * closes its own descriptor without a shutdown, which MHD_USE_TURBO is for (pinned by
 * tests/ws/life.test.mjs and tests/realtime/{streams,polls}.test.mjs). The head of the answer is then ours to write.
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/log.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int descriptor(const struct request *r) {
    return MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

int http_take(struct request *r) {
    int fd = fcntl(descriptor(r), F_DUPFD_CLOEXEC, 3);
    if (fd < 0) {
        log_event(LOG_ERROR, "out of descriptors", "request", r->id, NULL);
        return -1;
    }
    r->handed_over = true;
    r->counted = false; /* the conn's from now on */
    return fd;
}

/* ------------------------------------------------------------------ how far MHD has read */

/* Of a socket on its way back to MHD. */
struct begun {
    int fd;
    uint64_t at;
    struct begun *next;
};

static uint64_t received(int fd) {
    struct tcp_info info;
    socklen_t len = sizeof info;
    memset(&info, 0, sizeof info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_received : 0;
}

/* Bytes of the connection that somebody has read. More may come between two questions. */
static uint64_t consumed(int fd) {
    int unread = 0;
    uint64_t all;
    do {
        all = received(fd);
        if (ioctl(fd, FIONREAD, &unread) != 0)
            return 0;
    } while (all != received(fd));
    return all - (uint64_t)unread;
}

bool http_alone(const struct request *r) {
    return r->chunked || consumed(descriptor(r)) == r->begun + r->head_len;
}

uint64_t http_begun(struct http *h, int fd) {
    uint64_t at = 0;
    for (struct begun **b = &h->returned; *b; b = &(*b)->next) {
        struct begun *found = *b;
        if (found->fd != fd)
            continue;
        at = found->at;
        *b = found->next;
        x_free(found);
        break;
    }
    return at;
}

/* ------------------------------------------------------------------ back to MHD */

/* MHD closes what it can't take. Whoever asks again at the end, while somebody else has the socket,
 * is answered still, and told to close (http_respond): a close without an answer could meet the
 * question halfway. */
void http_give_back(struct http *h, int fd) {
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (!h->daemon || (h->server->draining && !h->server->succeeded) ||
        getpeername(fd, (struct sockaddr *)(void *)&peer, &len) != 0) {
        close(fd);
        return;
    }
    struct begun *b = x_new(struct begun);
    *b = (struct begun){fd, consumed(fd), h->returned};
    h->returned = b;
    if (!MHD_add_connection(h->daemon, fd, (struct sockaddr *)(void *)&peer, len))
        http_begun(h, fd);
    http_run_soon(h);
}

/* ------------------------------------------------------------------ the head of an answer */

void http_header_put(void *out, const char *name, const char *value) {
    str_puts(out, name);
    str_puts(out, ": ");
    str_puts(out, value);
    str_puts(out, "\r\n");
}

void http_head_put(const struct request *r, const char *status, const struct header *headers,
                   struct str *out) {
    str_puts(out, "HTTP/1.1 ");
    str_puts(out, status);
    str_puts(out, "\r\n");
    for (const struct header *h = headers; h->name; h++)
        http_header_put(out, h->name, h->value);
    cors_headers(r, http_header_put, out);
}
