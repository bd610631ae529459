/* http_stream.c - an event stream (HTML standard, section 9.2): frames out as blocks, nothing in.
 *
 * MHD asks for bytes (on_read) as the client takes them; with nothing to say the connection is
 * parked until conn.c flushes. So while it is not parked, what is queued waits for the client
 * (conn.blocked). The state belongs to both: to conn as its link's, to MHD as its response's; whoever
 * goes first leaves the other behind with a NULL.
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

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_BYTES   1024 /* MHD's buffer of one read */
#define RETRY_MS      2000 /* when a client whose stream broke comes back */
#define CLOSE_WAIT_MS 5000
#define UNSENT_MAX    131072 /* that the kernel keeps of a slow reader */

struct stream {
    struct parked parked; /* while there is nothing to say */
    struct http *http;
    struct MHD_Connection *mhd;
    struct conn *conn; /* NULL: it is gone */
    uint64_t wrote_ms; /* when the client last took something */
    uint64_t give_up_ms;
    bool ending;
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

static const struct bytes *block_of(struct frame *f) {
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

/* ------------------------------------------------------------------ MHD reads */

static size_t queue_copy(struct conn *c, char *buf, size_t max) {
    size_t n = 0;
    while (n < max && c->out.count) {
        const struct bytes *b = block_of(outq_at(&c->out, 0));
        size_t left = b->len - c->out.sent, take = left < max - n ? left : max - n;
        memcpy(buf + n, b->b + c->out.sent, take);
        n += take;
        c->out.sent += take;
        if (take == left)
            outq_pop(&c->out);
    }
    return n;
}

static void on_left(struct parked *p) {
    struct stream *s = container_of(p, struct stream, parked);
    struct conn *c = s->conn;
    s->conn = NULL;
    c->link_data = NULL;
    conn_kill(c);
    unpark(p);
}

static ssize_t on_read(void *cls, uint64_t pos, char *buf, size_t max) {
    struct stream *s = cls;
    struct conn *c = s->conn;
    (void)pos;
    if (!c)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = queue_copy(c, buf, max);
    if (n) {
        s->wrote_ms = loop_now(c->server->loop);
        metric_add(c->server->metrics, METRIC_BYTES_OUT, n);
        return (ssize_t)n;
    }
    c->blocked = false;
    if (s->ending) {
        conn_kill(c);
        return MHD_CONTENT_READER_END_OF_STREAM;
    }
    park(s->http, s->mhd, &s->parked, on_left);
    return 0;
}

static void on_free(void *cls) {
    struct stream *s = cls;
    if (s->conn) {
        s->conn->link_data = NULL;
        conn_kill(s->conn);
    }
    x_free(s);
}

/* ------------------------------------------------------------------ the link */

static void stream_flush(struct conn *c) {
    struct stream *s = c->link_data;
    if (!s || (!c->out.count && !s->ending))
        return;
    if (is_parked(&s->parked))
        unpark(&s->parked);
    else
        c->blocked = c->out.count > 0;
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
    if (!s)
        return;
    s->conn = NULL;
    c->link_data = NULL;
    if (is_parked(&s->parked))
        unpark(&s->parked); /* on_read ends it */
}

static const struct link stream_link = {
    .name = "event stream",
    .flush = stream_flush,
    .close = stream_close,
    .tick = stream_tick,
    .destroy = stream_destroy,
};

/* ------------------------------------------------------------------ opening */

/* A peer that vanished without a word answers no comment: TCP gives it up. */
static void socket_options(struct request *r) {
    const struct settings *set = r->http->server->settings;
    int fd =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    unsigned ms = (unsigned)(set->ping_interval_ms + set->ping_timeout_ms);
    int unsent = UNSENT_MAX;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static enum MHD_Result respond(struct request *r, struct MHD_Response *res) {
    MHD_add_response_header(res, "Content-Type", "text/event-stream; charset=utf-8");
    MHD_add_response_header(res, "Cache-Control", "no-cache");
    MHD_add_response_header(res, "X-Accel-Buffering", "no"); /* nginx */
    return http_respond(r, 200, res);
}

static enum MHD_Result stream_answer(struct request *r) {
    struct server *server = r->http->server;
    struct stream *s = x_new(struct stream);
    struct str hello = STR_INIT;
    struct conn *c = conn_new(server, &stream_link, r->ep->proto, &r->who, r->address);
    r->counted = false; /* the conn's from now on */
    s->http = r->http;
    s->mhd = r->mhd;
    s->conn = c;
    s->wrote_ms = loop_now(server->loop);
    c->link_data = s;
    socket_options(r);
    str_printf(&hello, "retry: %u\n\n", RETRY_MS);
    raw_push(c, &hello); /* so that the head leaves at once, too */
    conn_wait(c, stream_tick(c, s->wrote_ms));
    c->proto->open(c, r);
    http_opened(r, c->id);
    struct MHD_Response *res =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, s, on_free);
    require(res);
    return respond(r, res);
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
    return respond(r, res);
}

const struct way way_stream = {.answer = stream_answer, .refuse = stream_refuse};
