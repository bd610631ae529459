/* engineio_ws.c - Engine.IO over a WebSocket: of a session that began so, or that goes over to it.
 *
 * Called by http_engineio.c (open) and through the WebSocket's rules. A WebSocket that wants to
 * take a session over is a probe at first: a conn of its own with a tiny language. At the packet
 * `5` its socket becomes the session's and the probe's conn goes without one, which happens in the
 * middle of what is being read from that socket.
 */
#include "config.h"

#include "link/engineio_inner.h"

#include <string.h>

#define HURRY_MS 100 /* a poll that comes during a probe is let go so soon */

/* ------------------------------------------------------------------ a session */

static void session_message(struct conn *c, char *text, size_t len, bool binary) {
    struct eio_packet k;
    if (eio_packet_read(text, len, binary, &k))
        (void)eio_take(c, &k);
    else
        eio_failed(c);
}

static const struct ws_rules session_rules = {session_message, eio_payload_max, eio_free};

/* ------------------------------------------------------------------ a probe */

static void probe_message(struct conn *c, char *text, size_t len, bool binary);

static void probe_closed(struct conn *c) {
    struct eio *e = c->proto_data;
    if (!e)
        return;
    loop_timer_off(c->server->loop, &e->upgrade);
    e->probe = NULL;
    e->probed = false;
    c->proto_data = NULL;
}

static const struct proto probe_proto = {.name = "engine.io probe", .closed = probe_closed};
static const struct ws_rules probe_rules = {probe_message, eio_payload_max, NULL};

/* The session may have another at once, however long the goodbye of this one takes. */
static void probe_end(struct conn *c, int code) {
    probe_closed(c);
    conn_close(c, code, "");
}

void eio_probe_drop(struct eio *e) {
    if (e->probe)
        probe_end(e->probe, CLOSE_NO_CODE);
}

/* A poll that waits would keep the client from going over: it must be through first. */
static void on_upgrade_timer(struct timer *t) {
    struct eio *e = container_of(t, struct eio, upgrade);
    struct loop *l = e->conn->server->loop;
    if (loop_now(l) >= e->upgrade_end) {
        eio_probe_drop(e);
        return;
    }
    eio_poll_let_go(e, "6");
    loop_timer(l, t, loop_now(l) + HURRY_MS);
}

static void probe_answer(struct eio *e) {
    eio_push(e->probe, "3probe");
    e->probed = true;
    on_upgrade_timer(&e->upgrade);
}

/* What waits to be sent stays in order: what the probe was told, then what the session has. */
static void take_over(struct eio *e) {
    struct conn *c = e->conn, *probe = e->probe;
    if (c->state != CONN_OPEN) {
        probe_end(probe, CLOSE_NO_CODE);
        return;
    }
    probe_closed(probe);
    eio_poll_let_go(e, "6");
    ws_move(probe, c, &session_rules);
    conn_kill(probe);
}

static void probe_message(struct conn *c, char *text, size_t len, bool binary) {
    struct eio *e = c->proto_data;
    struct eio_packet k;
    bool packet = e && !binary && eio_packet_read(text, len, binary, &k);
    if (packet && k.type == EIO_TYPE_PING && str_eq(k.text, "probe"))
        probe_answer(e);
    else if (packet && k.type == EIO_TYPE_UPGRADE)
        take_over(e);
    else
        probe_end(c, 1002);
}

/* ------------------------------------------------------------------ opening */

static struct conn *session_open(struct server *s, const struct ws_opening *o, struct login login) {
    struct conn *c = eio_new(s, &ws_link, o->proto, o->request, login);
    ws_start(c, o, &session_rules);
    eio_open(c, o->request);
    return c;
}

/* One at a time, and only to a session that polls; others are closed without disturbing it. */
static struct conn *probe_open(struct server *s, const struct ws_opening *o, const char *sid) {
    struct eio *e = eio_find(s, sid);
    struct conn *c = conn_new(s, &ws_link, &probe_proto, o->who, o->address);
    ws_start(c, o, &probe_rules);
    if (!e || e->probe || e->conn->state != CONN_OPEN || !eio_polling(e)) {
        conn_close(c, CLOSE_NO_CODE, "");
        return c;
    }
    c->proto_data = e;
    e->probe = c;
    e->upgrade.fire = on_upgrade_timer;
    e->upgrade_end = loop_now(s->loop) + (uint64_t)s->settings->handshake_timeout_ms;
    loop_timer(s->loop, &e->upgrade, e->upgrade_end);
    return c;
}

uint64_t eio_ws_open(struct server *s, const struct ws_opening *o, struct login login) {
    const char *sid = eio_asked(o->request);
    struct conn *c = sid ? probe_open(s, o, sid) : session_open(s, o, login);
    return c->id;
}
