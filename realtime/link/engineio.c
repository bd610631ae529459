/* engineio.c - the life of an Engine.IO session: its id, its packets, its heartbeat, its end.
 *
 * Called by http_engineio.c and the session's two links (engineio_poll.c, engineio_ws.c). Owns the
 * table of sessions; a session lives as long as its conn. A client that is silent is found by the
 * heartbeat alone: who polls is not watched between two polls.
 */
#include "config.h"

#include "link/engineio_inner.h"

#include "base/clock.h"
#include "core/metrics.h"

#include <stdio.h>
#include <string.h>

#define SID_DIGITS 32
#define LATE_MS                                                                                    \
    5 /* a timer that fires later than this was held up: the client must not pay for it */

/* ------------------------------------------------------------------ the table */

struct eio_shared *eio_shared_new(void) {
    return x_new(struct eio_shared);
}

void eio_shared_free(struct eio_shared *sh) {
    if (!sh)
        return;
    require(!sh->sessions);
    x_free(sh);
}

struct eio *eio_find(struct server *s, const char *sid) {
    struct eio *e;
    HASH_FIND_STR(s->eio->sessions, sid, e);
    return e && e->conn->state != CONN_DEAD ? e : NULL;
}

const char *eio_asked(const struct request *r) {
    const char *sid = request_query(r, "sid");
    return sid && *sid ? sid : NULL;
}

size_t eio_payload_max(const struct settings *set) {
    return (size_t)set->engineio_payload_max;
}

static void sid_make(struct eio *e, const char *route) {
    random_hex(e->sid, SID_DIGITS);
    if (*route)
        snprintf(e->sid + SID_DIGITS, sizeof e->sid - SID_DIGITS, ".%s", route);
}

const char *eio_sid(const struct conn *c) {
    return c->eio->sid;
}

struct login eio_login(const struct conn *c) {
    return c->eio->login;
}

void eio_login_forget(struct conn *c) {
    char *text = (char *)c->eio->login.text;
    if (text)
        explicit_bzero(text, strlen(text));
    x_free(text);
    c->eio->login = (struct login){0};
}

const struct request *eio_request(const struct conn *c) {
    return c->eio->request;
}

bool eio_polling(const struct eio *e) {
    return e->conn->link == &eio_poll_link;
}

/* ------------------------------------------------------------------ the heartbeat */

/* Whatever the client says, and what its socket takes of a long queue, is a sign of life. */
static uint64_t silence_end(const struct eio *e) {
    uint64_t sign = eio_polling(e) ? e->heard_ms : ws_alive_ms(e->conn);
    return clock_later(e->pinged_ms, sign) +
           (uint64_t)e->conn->server->settings->engineio_ping_timeout_ms;
}

static void ping_later(struct eio *e, uint64_t from) {
    struct server *s = e->conn->server;
    e->pinged_ms = 0;
    loop_timer(s->loop, &e->beat, from + (uint64_t)s->settings->engineio_ping_interval_ms);
}

static void ping(struct eio *e, uint64_t due) {
    uint64_t now = loop_now(e->conn->server->loop);
    e->pinged_ms = now - due <= LATE_MS ? due : now;
    eio_push(e->conn, "2");
    loop_timer(e->conn->server->loop, &e->beat, silence_end(e));
}

static void lost(struct eio *e) {
    metric_add(e->conn->server->metrics, METRIC_PING_TIMEOUTS, 1);
    conn_kill(e->conn);
}

static void on_beat(struct timer *t) {
    struct eio *e = container_of(t, struct eio, beat);
    struct server *s = e->conn->server;
    if (e->conn->state != CONN_OPEN) { /* nobody came for the last answer */
        if (eio_polling(e))
            conn_kill(e->conn);
    } else if (!e->pinged_ms) {
        ping(e, t->due);
    } else if (silence_end(e) > loop_now(s->loop)) {
        loop_timer(s->loop, t, silence_end(e));
    } else {
        lost(e);
    }
}

bool eio_expired(struct eio *e) {
    if (e->conn->state != CONN_OPEN || !e->pinged_ms || clock_mono_ms() < silence_end(e))
        return false;
    lost(e);
    return true;
}

/* ------------------------------------------------------------------ making */

struct conn *eio_new(struct server *s, const struct link *link, const struct proto *proto,
                     const struct request *r, struct login login) {
    static const struct principal nobody;
    struct eio *e = x_new(struct eio);
    e->conn = conn_new(s, link, proto, &nobody, request_address(r));
    e->conn->eio = e;
    if (login.text)
        e->login = (struct login){x_strdup(login.text), login.ticket};
    e->beat.fire = on_beat;
    sid_make(e, s->settings->sidecar_route);
    HASH_ADD_STR(s->eio->sessions, sid, e);
    ping_later(e, loop_now(s->loop));
    return e->conn;
}

void eio_free(struct conn *c) {
    struct eio *e = c->eio;
    if (!e)
        return;
    eio_poll_let_go(e, "1");
    eio_probe_drop(e);
    eio_login_forget(c);
    loop_timer_off(c->server->loop, &e->beat);
    HASH_DEL(c->server->eio->sessions, e);
    x_free(e);
    c->eio = NULL;
}

void eio_push(struct conn *c, const char *packet) {
    struct frame *f = frame_new(packet, strlen(packet), false);
    outq_push(&c->out, f, 0, SIZE_MAX); /* ours, and few */
    frame_unref(f);
    conn_mark_dirty(c);
}

void eio_open(struct conn *c, const struct request *r) {
    const struct settings *set = c->server->settings;
    char packet[256];
    snprintf(packet, sizeof packet,
             "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%ld,\"pingTimeout\":%ld,"
             "\"maxPayload\":%ld}",
             c->eio->sid, eio_polling(c->eio) ? "\"websocket\"" : "",
             set->engineio_ping_interval_ms, set->engineio_ping_timeout_ms,
             set->engineio_payload_max);
    eio_push(c, packet);
    if (c->proto->open)
        c->proto->open(c, r);
}

/* ------------------------------------------------------------------ packets */

void eio_failed(struct conn *c) {
    metric_add(c->server->metrics, METRIC_PROTOCOL_ERRORS, 1);
    if (!eio_polling(c->eio)) {
        conn_close(c, 1002, "");
        return;
    }
    eio_poll_let_go(c->eio, "1");
    conn_kill(c);
}

static bool take_close(struct conn *c, const struct eio_packet *k) {
    (void)k;
    if (eio_polling(c->eio)) {
        eio_poll_let_go(c->eio, "6");
        conn_kill(c);
    } else {
        conn_close(c, CLOSE_NO_CODE, "");
    }
    return true;
}

static bool take_pong(struct conn *c, const struct eio_packet *k) {
    (void)k;
    ping_later(c->eio, loop_now(c->server->loop));
    return true;
}

static bool take_message(struct conn *c, const struct eio_packet *k) {
    c->proto->message(c, k->text, k->len, k->binary);
    return true;
}

/* Of no use from a client, but no mistake either: upgrades are asked for on another WebSocket. */
static bool take_nothing(struct conn *c, const struct eio_packet *k) {
    (void)c, (void)k;
    return true;
}

/* In this revision only servers ping. */
static bool take_wrong(struct conn *c, const struct eio_packet *k) {
    (void)k;
    eio_failed(c);
    return false;
}

bool eio_take(struct conn *c, const struct eio_packet *k) {
    static bool (*const take[EIO_TYPE_COUNT])(struct conn * c, const struct eio_packet *k) = {
        [EIO_TYPE_OPEN] = take_nothing,    [EIO_TYPE_CLOSE] = take_close,
        [EIO_TYPE_PING] = take_wrong,      [EIO_TYPE_PONG] = take_pong,
        [EIO_TYPE_MESSAGE] = take_message, [EIO_TYPE_UPGRADE] = take_nothing,
        [EIO_TYPE_NOOP] = take_nothing,
    };
    return take[k->type](c, k);
}
