/* ws.c - one WebSocket: bytes in through the codec, frames out in one system call a turn.
 *
 * Called by the loop (socket ready), by conn.c (flush, close, tick) and http_upgrade.c (open). Owns
 * the fd and, while something is being read, a codec. Data frames bypass wslay: their wire forms are
 * made once a broadcast and kept in the frame.
 *
 * How it ends: our close frame is queued (close_queued), the peer's has come or is not waited for
 * (close_done), both are through: shutdown(SHUT_WR) and read to the peer's end (fin_sent), so that no RST
 * overtakes the close frame (RFC 6455 section 7.1.1). Each step has a deadline.
 */
#include "config.h"

#include "link/ws.h"

#include "base/clock.h"
#include "core/metrics.h"
#include "link/deflate.h"
#include "link/utf8.h"
#include "link/wire.h"
#include "link/ws_codec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_MAX      65536
#define CLOSE_WAIT_MS 5000 /* for the peer's close frame, and for ours to get through */
#define LINGER_MS     2000 /* for the peer's end of the connection after that */
#define DEFLATE_MIN   64   /* what is shorter goes as it is */
#define SCRATCH_KEEP  65536
#define ABNORMAL      1006

struct ws {
    struct watch watch;
    struct conn *conn;            /* another one after ws_move */
    const struct ws_rules *rules; /* NULL: the proto's own, and pings */
    struct codec *codec;  /* NULL while nothing is being read */
    uint64_t heard_ms;    /* last bytes of the peer */
    uint64_t progress_ms; /* last time that a full socket took something again */
    uint64_t pinged_ms;   /* 0: no ping is out */
    uint64_t give_up_ms;  /* closing: when to stop waiting */
    uint8_t bits;
    bool paused; /* not reading until the queue has shrunk */
    bool close_queued, close_done, fin_sent;
};

struct ws_shared {
    struct codec_pool *codecs;
    struct deflate *deflate;
    struct frame *ping;
    struct str scratch; /* inflated or deflated bytes, within one call */
    uint8_t read[READ_MAX];
};

static struct ws *ws_of(const struct conn *c) {
    return c->link_data;
}

static struct ws_shared *shared_of(const struct conn *c) {
    return c->server->ws;
}

/* The peer is gone without a close frame (RFC 6455 section 7.1.5). */
static void vanished(struct conn *c) {
    if (!c->close_code)
        c->close_code = ABNORMAL;
    conn_kill(c);
}

/* watching */

static void watch_set(struct conn *c) {
    struct ws *w = ws_of(c);
    uint32_t events = (w->paused ? 0 : EPOLLIN) | (c->blocked ? EPOLLOUT : 0);
    loop_watch(c->server->loop, &w->watch, events ? events : EPOLLRDHUP);
}

/* A peer that sends but does not read is not read either: TCP tells it to wait. */
static void pause_or_resume(struct conn *c) {
    struct ws *w = ws_of(c);
    size_t limit = (size_t)c->server->settings->queue_bytes;
    w->paused = c->blocked && !w->fin_sent && c->out.bytes > limit / 2;
}

/* wire forms */

static struct bytes *bytes_new(const struct frame *f, bool deflated, const void *payload,
                               size_t len) {
    uint8_t head[10];
    size_t n = codec_header(head, f->binary, deflated, len);
    struct bytes *b = x_alloc(sizeof *b + n + len);
    b->len = n + len;
    memcpy(b->b, head, n);
    if (len)
        memcpy(b->b + n, payload, len);
    return b;
}

static const struct bytes *plain_form(struct frame *f) {
    if (!f->form[FORM_PLAIN])
        f->form[FORM_PLAIN] = bytes_new(f, false, f->text, f->len);
    return f->form[FORM_PLAIN];
}

static void deflated_make(struct ws_shared *sh, struct frame *f, enum frame_form form) {
    str_clear(&sh->scratch);
    deflate_payload(sh->deflate, form, f->text, f->len, &sh->scratch);
    if (sh->scratch.len < f->len) {
        f->form[form] = bytes_new(f, true, sh->scratch.p, sh->scratch.len);
    } else { /* gained nothing: a message may go uncompressed (RFC 7692 section 6) */
        plain_form(f);
        f->form[form] = f->form[FORM_PLAIN];
    }
    if (sh->scratch.cap > SCRATCH_KEEP)
        str_free(&sh->scratch);
}

static const struct bytes *form_of(const struct conn *c, struct frame *f) {
    int bits = ws_of(c)->bits;
    if (!bits || f->len < DEFLATE_MIN)
        return plain_form(f);
    enum frame_form form = deflate_form(bits, f->len);
    if (!f->form[form])
        deflated_make(shared_of(c), f, form);
    return f->form[form];
}

/* writing */

static void raw_push(struct conn *c, const void *wire, size_t len) {
    struct frame *f = frame_raw(wire, len);
    outq_push(&c->out, f, 0, SIZE_MAX); /* bounded by what the peer may make us answer */
    frame_unref(f);
    conn_mark_dirty(c);
}

static void finish_if_done(struct conn *c) {
    struct ws *w = ws_of(c);
    if (!w->close_queued || !w->close_done || w->fin_sent || c->out.count)
        return;
    w->fin_sent = true;
    shutdown(w->watch.fd, SHUT_WR);
    w->give_up_ms = loop_now(c->server->loop) + LINGER_MS;
    conn_wait(c, w->give_up_ms);
}

static void ws_flush(struct conn *c) {
    struct ws *w = ws_of(c);
    if (wire_write(c, w->watch.fd, form_of) == WIRE_GONE) {
        vanished(c);
        return;
    }
    if (c->blocked != (c->out.count > 0)) {
        c->blocked = !c->blocked;
        w->progress_ms = loop_now(c->server->loop);
        conn_wait(c, c->link->tick(c, w->progress_ms));
    }
    pause_or_resume(c);
    finish_if_done(c);
    watch_set(c);
}

/* closing */

static void close_begin(struct conn *c) {
    struct ws *w = ws_of(c);
    w->close_queued = true;
    w->give_up_ms = loop_now(c->server->loop) + CLOSE_WAIT_MS;
    conn_wait(c, w->give_up_ms);
}

/* A peer that reads too slowly is told so right behind the frame that is on its way. */
static void ws_close(struct conn *c, int code, const char *reason) {
    uint8_t frame[128];
    if (c->out.bytes > (size_t)c->server->settings->queue_bytes / 2)
        metric_add(c->server->metrics, METRIC_FAILED_DELIVERIES, outq_cut(&c->out));
    raw_push(c, frame, codec_close_frame(frame, code, reason));
    close_begin(c);
}

/* The codec's own close frame: the answer to the peer's, or what was wrong with its bytes. */
static void closed_by_codec(struct conn *c, enum codec_state state, const struct str *reply,
                            int code) {
    struct ws *w = ws_of(c);
    w->close_done = true;
    if (state == CODEC_FAILED)
        metric_add(c->server->metrics, METRIC_PROTOCOL_ERRORS, 1);
    if (!w->close_queued) {
        c->state = CONN_CLOSING;
        c->close_code = (uint16_t)code;
        raw_push(c, reply->p, reply->len);
        close_begin(c);
    }
    conn_mark_dirty(c);
}

/* reading */

static void sink_ping(void *owner, const uint8_t *payload, size_t len) {
    struct conn *c = ((struct ws *)owner)->conn;
    uint8_t frame[128];
    if (c->state == CONN_OPEN && conn_allow_message(c))
        raw_push(c, frame, codec_pong_frame(frame, payload, len));
}

static size_t message_max(const struct ws *w) {
    const struct settings *set = w->conn->server->settings;
    return w->rules ? w->rules->message_max(set) : (size_t)set->message_max;
}

static void deliver(struct conn *c, char *text, size_t len, bool binary) {
    const struct ws *w = ws_of(c);
    if (c->state != CONN_OPEN || !conn_allow_message(c))
        return;
    if (w->rules)
        w->rules->message(c, text, len, binary);
    else
        c->proto->message(c, text, len, binary);
}

static void sink_message(void *owner, const struct codec_message *m) {
    struct ws *w = owner;
    struct conn *c = w->conn;
    if (c->state != CONN_OPEN)
        return;
    if (!m->deflated) {
        deliver(c, m->text, m->len, m->binary);
        return;
    }
    struct ws_shared *sh = shared_of(c);
    struct str out = STR_INIT; /* not the scratch: what the proto sends may be deflated meanwhile */
    enum inflate_result r = deflate_inflate(sh->deflate, m->text, m->len, message_max(w), &out);
    if (r != INFLATE_OK)
        codec_refuse(w->codec, r == INFLATE_TOO_LARGE ? 1009 : 1007);
    else if (!m->binary && !utf8_valid(out.p, out.len))
        codec_refuse(w->codec, 1007);
    else
        deliver(c, out.p, out.len, m->binary);
    str_free(&out);
}

static void feed(struct ws *w, const void *bytes, size_t len) {
    if (w->close_done) /* nothing after a close frame is listened to */
        return;
    if (!w->codec)
        w->codec = codec_take(shared_of(w->conn)->codecs, w, message_max(w), w->bits != 0);
    const struct str *reply;
    int code;
    enum codec_state state = codec_feed(w->codec, bytes, len, &reply, &code);
    struct conn *c = w->conn;
    if (c->state != CONN_DEAD && (state == CODEC_CLOSED || state == CODEC_FAILED))
        closed_by_codec(c, state, reply, code);
    if (state != CODEC_INSIDE) {
        codec_give(w->codec);
        w->codec = NULL;
    }
}

static void ws_read(struct conn *c) {
    struct ws *w = ws_of(c);
    struct ws_shared *sh = shared_of(c);
    ssize_t n = recv(w->watch.fd, sh->read, sizeof sh->read, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        vanished(c);
        return;
    }
    metric_add(c->server->metrics, METRIC_BYTES_IN, (uint64_t)n);
    w->heard_ms = loop_now(c->server->loop);
    w->pinged_ms = 0;
    c->last_seen_s = clock_wall_s();
    feed(w, sh->read, (size_t)n);
}

static void ws_ready(struct watch *watch, uint32_t events) {
    struct ws *w = container_of(watch, struct ws, watch);
    if (w->conn->state != CONN_DEAD && events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        ws_read(w->conn);
    if (w->conn->state != CONN_DEAD && events & EPOLLOUT) {
        w->progress_ms = loop_now(w->conn->server->loop);
        ws_flush(w->conn);
    }
}

/* waiting */

static void ping_send(struct conn *c, uint64_t now) {
    ws_of(c)->pinged_ms = now;
    outq_push(&c->out, shared_of(c)->ping, 0, SIZE_MAX);
    conn_mark_dirty(c);
}

/* When a peer that we wait for is given up; what its socket takes counts as a sign of life. */
static uint64_t silence_end(const struct conn *c) {
    const struct ws *w = ws_of(c);
    uint64_t interval = (uint64_t)c->server->settings->ping_interval_ms;
    uint64_t timeout = (uint64_t)c->server->settings->ping_timeout_ms;
    if (c->blocked)
        return clock_later(w->progress_ms, w->heard_ms) + interval + timeout;
    return clock_later(w->pinged_ms, w->progress_ms) + timeout;
}

static uint64_t ws_tick(struct conn *c, uint64_t now) {
    struct ws *w = ws_of(c);
    if (w->close_queued) {
        if (now >= w->give_up_ms)
            conn_kill(c);
        return w->give_up_ms;
    }
    if (w->pinged_ms || c->blocked) {
        uint64_t end = silence_end(c);
        if (now < end)
            return end;
        metric_add(c->server->metrics, METRIC_PING_TIMEOUTS, 1);
        vanished(c);
        return end;
    }
    if (w->rules)
        return UINT64_MAX;
    uint64_t ping = w->heard_ms + (uint64_t)c->server->settings->ping_interval_ms;
    if (now < ping)
        return ping;
    ping_send(c, now);
    return silence_end(c);
}

static void ws_destroy(struct conn *c) {
    struct ws *w = ws_of(c);
    if (!w)
        return;
    if (w->rules && w->rules->gone)
        w->rules->gone(c);
    loop_watch(c->server->loop, &w->watch, 0);
    close(w->watch.fd);
    if (w->codec)
        codec_give(w->codec);
    x_free(w);
    c->link_data = NULL;
}

const struct link ws_link = {
    .name = "websocket",
    .flush = ws_flush,
    .close = ws_close,
    .tick = ws_tick,
    .destroy = ws_destroy,
};

/* opening */

void ws_start(struct conn *c, const struct ws_opening *o, const struct ws_rules *rules) {
    wire_options(o->fd);
    struct ws *w = x_new(struct ws);
    w->conn = c;
    w->rules = rules;
    w->bits = (uint8_t)o->window_bits;
    w->heard_ms = loop_now(c->server->loop);
    w->watch = (struct watch){.fd = o->fd, .ready = ws_ready};
    c->link_data = w;
    raw_push(c, o->head->p, o->head->len);
    watch_set(c);
    conn_wait(c, ws_tick(c, w->heard_ms));
}

uint64_t ws_open(struct server *s, const struct ws_opening *o) {
    struct conn *c = conn_new(s, &ws_link, o->proto, o->who, o->address);
    ws_start(c, o, NULL);
    if (c->proto->open)
        c->proto->open(c, o->request);
    return c->id;
}

/* another conn's */

void ws_move(struct conn *from, struct conn *to, const struct ws_rules *rules) {
    struct ws *w = ws_of(from);
    from->link_data = NULL;
    to->link = &ws_link;
    to->link_data = w;
    w->conn = to;
    w->rules = rules;
    outq_join(&from->out, &to->out);
    to->out = from->out;
    from->out = (struct outq){0};
    to->blocked = from->blocked;
    conn_mark_dirty(to);
    conn_wait(to, ws_tick(to, loop_now(to->server->loop)));
}

uint64_t ws_alive_ms(const struct conn *c) {
    const struct ws *w = ws_of(c);
    return clock_later(w->heard_ms, w->progress_ms);
}

struct ws_shared *ws_shared_new(void) {
    static const struct codec_sink sink = {.message = sink_message, .ping = sink_ping};
    struct ws_shared *sh = x_new(struct ws_shared);
    sh->codecs = codec_pool_new(&sink);
    sh->deflate = deflate_new();
    sh->ping = frame_raw(codec_ping_frame, sizeof codec_ping_frame);
    return sh;
}

void ws_shared_free(struct ws_shared *sh) {
    if (!sh)
        return;
    codec_pool_free(sh->codecs);
    deflate_free(sh->deflate);
    frame_unref(sh->ping);
    str_free(&sh->scratch);
    x_free(sh);
}
