/* http_poll.c - a long poll: one question, parked until there is something to say or its time is up.
 *
 * Each is a conn of its own with the channels that the URL names, so what it hears and may hear is
 * what a WebSocket hears. It is answered at the end of the turn in which something was queued,
 * with the cursor up to which it has heard everything; in the middle of a snapshot it waits. A
 * poll without a position has nothing to wait for but its figures. Whoever is closed is answered
 * with what there is: the next poll is told why.
 */
#include "config.h"

#include "link/http_inner.h"

#include "core/conn.h"
#include "core/metrics.h"

#include <string.h>

#define HALF_MS 500

struct poll {
    struct parked parked;
    struct request *request;
    struct conn *conn;
    bool first; /* no position to go on from: what it waits for is its figures */
    uint64_t due_ms;
};

/* ------------------------------------------------------------------ the answer */

static void body_put(struct conn *c, struct str *out) {
    char cursor[POSITION_MAX];
    str_printf(out, "{\"cursor\":\"%s\",\"events\":[", c->proto->cursor(c, cursor));
    for (unsigned i = 0; i < c->out.count; i++) {
        const struct frame *f = outq_at(&c->out, i);
        str_puts(out, i ? "," : "");
        str_put(out, f->text, f->len);
    }
    str_puts(out, "]}");
}

static void finish(struct poll *p) {
    struct conn *c = p->conn;
    body_put(c, &p->request->ready);
    metric_add(c->server->metrics, METRIC_BYTES_OUT, p->request->ready.len);
    while (c->out.count)
        outq_pop(&c->out);
    c->link_data = NULL;
    unpark(&p->parked);
    x_free(p);
    conn_kill(c);
}

static void on_left(struct parked *parked) {
    finish(container_of(parked, struct poll, parked));
}

/* Is there something to say that can be said now? */
static bool answerable(const struct conn *c, const struct poll *p) {
    if (c->state != CONN_OPEN)
        return true;
    if (c->holding) /* a long replay comes in parts */
        return c->replaying && c->out.bytes > (size_t)c->server->settings->queue_bytes / 2;
    if (c->awaiting)
        return false;
    return c->out.count || p->first;
}

/* ------------------------------------------------------------------ the link */

static void poll_flush(struct conn *c) {
    struct poll *p = c->link_data;
    if (p && answerable(c, p))
        finish(p);
}

static void poll_close(struct conn *c, int code, const char *reason) {
    (void)c, (void)code, (void)reason; /* conn_close marks it: poll_flush answers */
}

static uint64_t poll_tick(struct conn *c, uint64_t now) {
    struct poll *p = c->link_data;
    if (now < p->due_ms)
        return p->due_ms;
    if (!c->holding)
        finish(p);
    return now + HALF_MS; /* half a snapshot would be none */
}

static void poll_destroy(struct conn *c) {
    if (c->link_data)
        finish(c->link_data);
}

static const struct link poll_link = {
    .name = "long poll",
    .brief = true,
    .flush = poll_flush,
    .close = poll_close,
    .tick = poll_tick,
    .destroy = poll_destroy,
};

/* ------------------------------------------------------------------ the question */

static bool poll_check(struct request *r, struct err *e) {
    const char *text = request_query(r, "timeout");
    long long s;
    if (!str_to_int64(text ? text : POLL_WAIT_S, &s) || s < 0 || s > POLL_WAIT_MAX_S)
        return err_field(e, "timeout", "range", "seconds, 0 to %d", POLL_WAIT_MAX_S);
    r->wait_ms = s * 1000;
    return true;
}

static enum MHD_Result poll_answer(struct request *r) {
    struct server *server = r->http->server;
    struct poll *p = x_new(struct poll);
    struct conn *c = conn_new(server, &poll_link, r->ep->proto, &r->who, r->address);
    r->counted = false; /* the conn's from now on */
    p->request = r;
    p->conn = c;
    p->first = !request_query(r, "since");
    p->due_ms = loop_now(server->loop) + (uint64_t)r->wait_ms;
    c->link_data = p;
    park(r->http, r->mhd, &p->parked, on_left);
    conn_wait(c, p->due_ms);
    c->proto->open(c, r);
    http_opened(r, c->id);
    conn_mark_dirty(c);
    return MHD_YES;
}

const struct way way_poll = {.check = poll_check, .answer = poll_answer};
