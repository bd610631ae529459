/* wire.c - queued frames into a socket. See wire.h. */
#include "config.h"

#include "link/wire.h"

#include "core/metrics.h"
#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define WIRE_FRAMES 64
#define UNSENT_MAX  131072

static int iov_fill(struct conn *c, wire_form *form, struct iovec iov[WIRE_FRAMES]) {
    int n = 0;
    for (; n < WIRE_FRAMES && (unsigned)n < c->out.count; n++) {
        const struct bytes *b = form(c, outq_at(&c->out, (unsigned)n));
        size_t skip = n ? 0 : c->out.sent;
        iov[n].iov_base = (void *)(uintptr_t)(b->b + skip);
        iov[n].iov_len = b->len - skip;
    }
    return n;
}

static void written(struct conn *c, const struct iovec *iov, int n, size_t bytes) {
    metric_add(c->server->metrics, METRIC_BYTES_OUT, bytes);
    for (int i = 0; i < n && bytes >= iov[i].iov_len; i++) {
        bytes -= iov[i].iov_len;
        outq_pop(&c->out);
    }
    c->out.sent += bytes;
}

/* One system call. */
static enum wire_state write_some(struct conn *c, int fd, wire_form *form) {
    struct iovec iov[WIRE_FRAMES];
    int n = iov_fill(c, form, iov);
    size_t want = 0;
    for (int i = 0; i < n; i++)
        want += iov[i].iov_len;
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    ssize_t r = n == 1 ? send(fd, iov->iov_base, want, MSG_NOSIGNAL | MSG_DONTWAIT)
                       : sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (r < 0)
        return errno == EINTR ? WIRE_EMPTY : errno == EAGAIN ? WIRE_FULL : WIRE_GONE;
    written(c, iov, n, (size_t)r);
    return (size_t)r == want ? WIRE_EMPTY : WIRE_FULL;
}

enum wire_state wire_write(struct conn *c, int fd, wire_form *form) {
    enum wire_state state = WIRE_EMPTY;
    while (state == WIRE_EMPTY && c->out.count)
        state = write_some(c, fd, form);
    return state;
}

void wire_options(int fd) {
    int on = 1, unsent = UNSENT_MAX;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* 0 when MHD hands it over */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}
