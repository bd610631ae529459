/* http_engineio.c - the requests of Engine.IO: handshakes, polls, what is posted, WebSockets.
 *
 * Called by http.c for rows with way_engineio. Everything that is wrong with a request is status
 * 400 (or 403) with the code and message of the reference implementation; what passes by itself, a
 * drain or a full house, is the problem document of the other endpoints. A parked poll whose client
 * leaves ends its session at once: what the answer would have held may be lost.
 */
#include "config.h"

#include "link/engineio_inner.h"
#include "link/http_inner.h"

#include "base/clock.h"
#include "core/limits.h"
#include "core/metrics.h"

#include <string.h>

#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain; charset=UTF-8"
#define HTML_TYPE "text/html"

/* ------------------------------------------------------------------ refusals */

enum refusal {
    UNKNOWN_TRANSPORT,
    UNKNOWN_SID,
    BAD_HANDSHAKE_METHOD,
    BAD_REQUEST,
    FORBIDDEN,
    UNSUPPORTED_PROTOCOL,
};

static enum MHD_Result refuse(struct request *r, enum refusal code) {
    static const struct {
        int status;
        const char *message;
    } refusals[] = {
        [UNKNOWN_TRANSPORT] = {400, "Transport unknown"},
        [UNKNOWN_SID] = {400, "Session ID unknown"},
        [BAD_HANDSHAKE_METHOD] = {400, "Bad handshake method"},
        [BAD_REQUEST] = {400, "Bad request"},
        [FORBIDDEN] = {403, "Forbidden"},
        [UNSUPPORTED_PROTOCOL] = {400, "Unsupported protocol version"},
    };
    struct str body = STR_INIT;
    metric_add(r->http->server->metrics, METRIC_REFUSED, 1);
    str_printf(&body, "{\"code\":%d,\"message\":\"%s\"}", (int)code, refusals[code].message);
    return http_respond(r, refusals[code].status, http_response(JSON_TYPE, &body));
}

static enum MHD_Result respond(struct request *r, const char *type, struct str *body) {
    return http_respond(r, 200, http_response(type, body));
}

static bool is_method(const struct request *r, const char *method) {
    return str_eq(r->method, method);
}

/* ------------------------------------------------------------------ polls */

void eio_poll_answer(struct request *poll, struct str *body) {
    poll->ready = *body;
    poll->ready_type = TEXT_TYPE;
    unpark(&poll->asking);
}

static void on_left(struct parked *p) {
    struct request *r = container_of(p, struct request, asking);
    struct conn *c = r->session;
    eio_poll_let_go(c->eio, "6"); /* to nobody */
    conn_kill(c);
}

/* A second poll means that the client has given up the first. */
static enum MHD_Result poll(struct request *r, struct eio *e) {
    struct conn *c = e->conn;
    struct str body = STR_INIT;
    if (e->poll) {
        eio_failed(c);
        return refuse(r, BAD_REQUEST);
    }
    if (c->out.count || c->state == CONN_CLOSING) {
        eio_poll_put(c, &body);
        return respond(r, TEXT_TYPE, &body);
    }
    r->session = c;
    e->poll = r;
    park(r->http, r->mhd, &r->asking, on_left);
    return MHD_YES;
}

/* ------------------------------------------------------------------ what is posted */

static enum MHD_Result too_large(struct request *r) {
    struct MHD_Response *res = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    require(res);
    return http_respond(r, 413, res);
}

/* False: one of them was wrong, and the session is over. */
static bool packets_take(struct conn *c, struct str *text) {
    struct eio_payload p;
    struct eio_packet k;
    enum eio_step step = EIO_STEP_END;
    str_put(text, "", 0); /* so that it ends with NUL */
    eio_payload_begin(&p, text->p, text->len);
    while (c->state == CONN_OPEN && (step = eio_payload_next(&p, &k)) == EIO_STEP_PACKET)
        if (conn_allow_message(c) && !eio_take(c, &k))
            return false;
    if (step == EIO_STEP_BAD)
        eio_failed(c);
    return step != EIO_STEP_BAD;
}

static enum MHD_Result post(struct request *r, struct eio *e) {
    struct str body = STR_INIT;
    struct server *s = r->http->server;
    if (r->body > eio_payload_max(s->settings))
        return too_large(r);
    metric_add(s->metrics, METRIC_BYTES_IN, r->body);
    e->heard_ms = loop_now(s->loop);
    e->request = r;
    bool fine = packets_take(e->conn, &r->text);
    e->request = NULL;
    if (!fine)
        return refuse(r, BAD_REQUEST);
    str_puts(&body, "ok");
    return respond(r, HTML_TYPE, &body);
}

static enum MHD_Result polling(struct request *r, struct eio *e) {
    if (!eio_polling(e))
        return refuse(r, BAD_REQUEST);
    if (eio_expired(e))
        return refuse(r, UNKNOWN_SID);
    e->conn->last_seen_s = clock_wall_s();
    if (is_method(r, "GET"))
        return poll(r, e);
    return is_method(r, "POST") ? post(r, e) : refuse(r, BAD_REQUEST);
}

/* ------------------------------------------------------------------ handshakes */

static void cookies_put(const struct request *r, header_put *put, void *to) {
    for (const char *const *c = r->http->server->eio->cookies; c && *c; c++)
        put(to, "Set-Cookie", *c);
}

/* By which web servers keep the polls of a session together. */
static void sid_cookie_put(const struct request *r, const struct conn *c,
                           struct MHD_Response *res) {
    const char *name = r->http->server->settings->engineio_cookie;
    if (*name)
        MHD_add_response_header(
            res, "Set-Cookie",
            arena_printf(r->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax", name, eio_sid(c)));
}

static enum MHD_Result polling_open(struct request *r) {
    struct str body = STR_INIT;
    struct conn *c = eio_new(r->http->server, &eio_poll_link, r->ep->proto, r, r->login);
    r->counted = false; /* the conn's from now on */
    eio_open(c, r);
    http_opened(r, c->id);
    eio_poll_put(c, &body);
    struct MHD_Response *res = http_response(TEXT_TYPE, &body);
    cookies_put(r, http_response_put, res);
    sid_cookie_put(r, c, res);
    return http_respond(r, 200, res);
}

static void on_delay(struct timer *t) {
    unpark(&container_of(t, struct request, delay)->asking);
}

static void on_left_waiting(struct parked *p) {
    struct request *r = container_of(p, struct request, asking);
    loop_timer_off(r->http->server->loop, &r->delay);
    str_puts(&r->ready, "6"); /* to nobody */
    unpark(p);
}

static bool delay(struct request *r) {
    struct server *s = r->http->server;
    if (!s->eio->handshake_delay_ms || r->delayed)
        return false;
    r->delayed = true;
    r->delay.fire = on_delay;
    park(r->http, r->mhd, &r->asking, on_left_waiting);
    loop_timer(s->loop, &r->delay, loop_now(s->loop) + (uint64_t)s->eio->handshake_delay_ms);
    return true;
}

static enum MHD_Result handshake(struct request *r, bool websocket) {
    struct err e;
    err_clear(&e);
    if (!is_method(r, "GET"))
        return refuse(r, BAD_HANDSHAKE_METHOD);
    if (!str_eq(request_query(r, "EIO"), "4"))
        return refuse(r, UNSUPPORTED_PROTOCOL);
    if (websocket && !http_upgrade_check(r, &e))
        return refuse(r, BAD_REQUEST);
    if (delay(r))
        return MHD_YES;
    if (http_draining(r, &e) || !bearer_ready(r->http->server, &e) || !http_admitted(r, &e))
        return e.http == 403 ? refuse(r, FORBIDDEN) : http_refuse(r, &e);
    r->login = auth_login(r, true, &e); /* whether it is needed, and good, the language asks */
    return websocket ? http_upgrade_answer(r) : polling_open(r);
}

static enum MHD_Result probe(struct request *r) {
    struct err e;
    err_clear(&e);
    if (!http_upgrade_check(r, &e))
        return refuse(r, BAD_REQUEST);
    r->counted = limits_take(r->http->server->limits, &r->who, r->address, &e);
    return r->counted ? http_upgrade_answer(r) : http_refuse(r, &e);
}

/* ------------------------------------------------------------------ the way */

static enum MHD_Result serve(struct request *r) {
    const char *transport = request_query(r, "transport"), *sid = eio_asked(r);
    bool websocket = str_eq(transport, "websocket");
    if (!websocket && !str_eq(transport, "polling"))
        return refuse(r, UNKNOWN_TRANSPORT);
    if (!sid)
        return handshake(r, websocket);
    struct eio *e = eio_find(r->http->server, sid);
    if (!e)
        return refuse(r, UNKNOWN_SID);
    if (!str_eq(request_query(r, "EIO"), "4"))
        return refuse(r, BAD_REQUEST);
    return websocket ? probe(r) : polling(r, e);
}

static void headers(const struct request *r, header_put *put, void *to) {
    if (!eio_asked(r))
        cookies_put(r, put, to);
}

static uint64_t websocket_open(struct request *r, const struct ws_opening *o) {
    return eio_ws_open(r->http->server, o, r->login);
}

const struct way way_engineio = {
    .methods = "GET, POST",
    .serve = serve,
    .body_max = eio_payload_max,
    .headers = headers,
    .open = websocket_open,
};
