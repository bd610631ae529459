/* engineio_poll.c - the link of an Engine.IO session that polls: what is queued leaves in answers.
 *
 * Called by conn.c through the link and by http_engineio.c, which has the requests. A poll is
 * parked while there is nothing to say and answered at the end of the turn in which something was
 * queued. Who is closed learns it with its next poll, if it comes in time.
 */
#include "config.h"

#include "link/engineio_inner.h"

#include "core/metrics.h"

#define ANSWER_MAX 1048576 /* of one answer, roughly: the rest waits for the next poll */

void eio_poll_put(struct conn *c, struct str *out) {
    while (c->out.count && out->len < ANSWER_MAX) {
        const struct frame *f = outq_at(&c->out, 0);
        eio_payload_put(out, f->text, f->len, f->binary);
        outq_pop(&c->out);
    }
    metric_add(c->server->metrics, METRIC_BYTES_OUT, out->len);
    c->blocked = c->out.count > 0;
    if (c->state != CONN_CLOSING || c->out.count)
        return;
    eio_payload_put(out, "1", 1, false);
    conn_kill(c);
}

static void let_go(struct eio *e, struct str *body) {
    struct request *poll = e->poll;
    e->poll = NULL;
    eio_poll_answer(poll, body);
}

void eio_poll_let_go(struct eio *e, const char *packet) {
    struct str body = STR_INIT;
    if (!e->poll)
        return;
    str_puts(&body, packet);
    let_go(e, &body);
}

static void poll_flush(struct conn *c) {
    struct eio *e = c->eio;
    struct str body = STR_INIT;
    c->blocked = !e->poll && c->out.count;
    if (!e->poll || (!c->out.count && c->state != CONN_CLOSING))
        return;
    eio_poll_put(c, &body);
    let_go(e, &body);
}

/* conn_close marks it: poll_flush answers, or the next poll does. */
static void poll_close(struct conn *c, int code, const char *reason) {
    (void)code, (void)reason;
    const struct settings *set = c->server->settings;
    loop_timer(c->server->loop, &c->eio->beat,
               loop_now(c->server->loop) + (uint64_t)set->engineio_ping_interval_ms +
                   (uint64_t)set->engineio_ping_timeout_ms);
}

static uint64_t poll_tick(struct conn *c, uint64_t now) {
    (void)c, (void)now;
    return UINT64_MAX; /* the session has a timer of its own */
}

const struct link eio_poll_link = {
    .name = "polling",
    .flush = poll_flush,
    .close = poll_close,
    .tick = poll_tick,
    .destroy = eio_free,
};
