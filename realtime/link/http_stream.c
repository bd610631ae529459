/* http_stream.c - an event stream (HTML standard, section 9.2): frames out as blocks, nothing in.
 *
 * The answer has no end that HTTP could know (RFC 9112 section 6.3), so once the request has been read
 * MHD is of no more use: its socket is taken over (http_take) and written as a WebSocket is.
 *
 * A block's id is the cursor of the message in it, so Last-Event-ID is a position; every
 * ping_interval_ms without a word a block of nothing but the id tells where a quiet channel stands.
 * An EventSource gives up for good on any status but 200: who can't be served now is told when to
 * come back, in a stream that ends.
 */
#include "config.h"

#include "link/http_inner.h"

#include "core/conn.h"
#include "core/message.h"
#include "core/metrics.h"
#include "link/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETRY_MS      2000 /* when a client whose stream broke comes back */
#define CLOSE_WAIT_MS 5000
#define LINGER_MS     2000 /* for the peer's end of the connection after ours */

struct stream {
    struct watch watch;
    struct conn *conn;
    uint64_t wrote_ms; /* when the client last took something */
    uint64_t give_up_ms;
    bool ending, fin_sent;
};

/* ------------------------------------------------------------------ blocks */

/* One `data` line a line of text: a lone CR or LF in it would end the block's line. */
static void data_put(struct str *out, const char *text, size_t len) {
    for (const char *end = text + len; text <= end;) {
        size_t n = 0;
        while (text + n < end && text[n] != '\n' && text[n] != '\r')
            n++;
        str_puts(out, "data: ");
        str_put(out, text, n);
        str_putc(out, '\n');
        text += n + 1;
    }
    str_putc(out, '\n');
}

static struct bytes *block_new(const struct frame *f) {
    struct message_head head;
    struct str out = STR_INIT;
    if (message_head(f->text, &head)) {
        str_puts(&out, "id: ");
        str_put(&out, head.cursor, head.cursor_len);
        str_puts(&out, "\nevent: ");
        str_put(&out, head.type, head.type_len);
        str_putc(&out, '\n');
    }
    data_put(&out, f->text, f->len);
    struct bytes *b = x_alloc(sizeof *b + out.len);
    b->len = out.len;
    memcpy(b->b, out.p, out.len);
    str_free(&out);
    return b;
}

static const struct bytes *block_of(const struct conn *c, struct frame *f) {
    (void)c;
    if (!f->form[FORM_EVENT])
        f->form[FORM_EVENT] = block_new(f);
    return f->form[FORM_EVENT];
}

static void raw_push(struct conn *c, struct str *block) {
    struct frame *f = frame_raw(block->p, block->len);
    outq_push(&c->out, f, 0, SIZE_MAX); /* ours, and few */
    frame_unref(f);
    str_free(block);
    conn_mark_dirty(c);
}

/* ------------------------------------------------------------------ the link */

static void finish_if_done(struct conn *c) {
    struct stream *s = c->link_data;
    if (!s->ending || s->fin_sent || c->out.count)
        return;
    s->fin_sent = true;
    shutdown(s->watch.fd, SHUT_WR);
    s->give_up_ms = loop_now(c->server->loop) + LINGER_MS;
    conn_wait(c, s->give_up_ms);
}

static void stream_flush(struct conn *c) {
    struct stream *s = c->link_data;
    if (!c->blocked)
        s->wrote_ms = loop_now(c->server->loop);
    if (wire_write(c, s->watch.fd, block_of) == WIRE_GONE) {
        conn_kill(c);
        return;
    }
    c->blocked = c->out.count > 0;
    finish_if_done(c);
    loop_watch(c->server->loop, &s->watch, EPOLLRDHUP | (c->blocked ? EPOLLOUT : 0));
}

/* A half-closed client counts as gone: nothing that we serve so could be asked for any more. */
static void stream_ready(struct watch *w, uint32_t events) {
    struct stream *s = container_of(w, struct stream, watch);
    struct conn *c = s->conn;
    if (c->state == CONN_DEAD)
        return;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        conn_kill(c);
        return;
    }
    s->wrote_ms = loop_now(c->server->loop);
    stream_flush(c);
}

static void stream_close(struct conn *c, int code, const char *reason) {
    struct stream *s = c->link_data;
    struct str block = STR_INIT;
    if (c->out.bytes > (size_t)c->server->settings->queue_bytes / 2)
        metric_add(c->server->metrics, METRIC_FAILED_DELIVERIES, outq_cut(&c->out));
    str_printf(&block, "retry: %u\nevent: close\ndata: {\"type\":\"close\",\"code\":%d,\"reason\":",
               RETRY_MS + (unsigned)(c->id % 3) * 1000, code);
    json_put_string(&block, reason);
    str_puts(&block, "}\n\n");
    raw_push(c, &block);
    s->ending = true;
    s->give_up_ms = loop_now(c->server->loop) + CLOSE_WAIT_MS;
    conn_wait(c, s->give_up_ms);
}

static void position_push(struct conn *c) {
    struct str block = STR_INIT;
    char cursor[POSITION_MAX];
    str_printf(&block, ":\nid: %s\n\n", c->proto->cursor(c, cursor));
    raw_push(c, &block);
}

static uint64_t stream_tick(struct conn *c, uint64_t now) {
    const struct settings *set = c->server->settings;
    struct stream *s = c->link_data;
    uint64_t interval = (uint64_t)set->ping_interval_ms, timeout = (uint64_t)set->ping_timeout_ms;
    uint64_t end = s->ending ? s->give_up_ms : s->wrote_ms + interval + timeout;
    if ((s->ending || c->blocked) && now >= end) {
        metric_add(c->server->metrics, METRIC_PING_TIMEOUTS, !s->ending);
        conn_kill(c);
    }
    if (s->ending || c->blocked)
        return end;
    if (now < s->wrote_ms + interval)
        return s->wrote_ms + interval;
    position_push(c);
    return now + interval;
}

static void stream_destroy(struct conn *c) {
    struct stream *s = c->link_data;
    loop_watch(c->server->loop, &s->watch, 0);
    close(s->watch.fd);
    x_free(s);
    c->link_data = NULL;
}

static const struct link stream_link = {
    .name = "event stream",
    .flush = stream_flush,
    .close = stream_close,
    .tick = stream_tick,
    .destroy = stream_destroy,
};

/* ------------------------------------------------------------------ opening */

static const struct header headers[] = {
    {"Content-Type", "text/event-stream; charset=utf-8"},
    {"Cache-Control", "no-cache"},
    {"X-Accel-Buffering", "no"}, /* nginx */
    {NULL, NULL},
};

/* The head and, with it, how long to wait before the next attempt. */
static void hello(struct conn *c, const struct request *r) {
    struct str out = STR_INIT;
    http_head_put(r, "200 OK", headers, &out);
    http_header_put(&out, "X-Request-Id", r->id);
    http_header_put(&out, "Connection", "close");
    str_printf(&out, "\r\nretry: %u\n\n", RETRY_MS);
    raw_push(c, &out);
}

/* A peer that vanished without a word answers no comment: TCP gives it up. */
static void socket_options(int fd, const struct settings *set) {
    unsigned ms = (unsigned)(set->ping_interval_ms + set->ping_timeout_ms);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    wire_options(fd);
}

static void stream_start(struct conn *c, int fd) {
    struct stream *s = x_new(struct stream);
    struct loop *loop = c->server->loop;
    socket_options(fd, c->server->settings);
    s->conn = c;
    s->wrote_ms = loop_now(loop);
    s->watch = (struct watch){.fd = fd, .ready = stream_ready};
    c->link_data = s;
    loop_watch(loop, &s->watch, EPOLLRDHUP);
    conn_wait(c, c->link->tick(c, s->wrote_ms));
}

static enum MHD_Result stream_answer(struct request *r) {
    int fd = http_take(r);
    if (fd < 0)
        return MHD_NO;
    struct conn *c = conn_new(r->http->server, &stream_link, r->ep->proto, &r->who, r->address);
    stream_start(c, fd);
    hello(c, r);
    c->proto->open(c, r);
    http_opened(r, c->id);
    return MHD_NO;
}

/* What passes by itself must not be an EventSource's end. */
static enum MHD_Result stream_refuse(struct request *r, const struct err *e) {
    char text[64];
    if (e->http != 503 && e->http != 429)
        return http_refuse(r, e);
    unsigned ms = e->retry_after ? (unsigned)e->retry_after * 1000 : RETRY_MS;
    int len = snprintf(text, sizeof text, "retry: %u\n: %.30s\n\n", ms, e->slug);
    metric_add(r->http->server->metrics, METRIC_REFUSED, 1);
    struct MHD_Response *res =
        MHD_create_response_from_buffer((size_t)len, text, MHD_RESPMEM_MUST_COPY);
    require(res);
    for (const struct header *h = headers; h->name; h++)
        MHD_add_response_header(res, h->name, h->value);
    return http_respond(r, 200, res);
}

const struct way way_stream = {.answer = stream_answer, .refuse = stream_refuse};
