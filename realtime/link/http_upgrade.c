/* http_upgrade.c - the opening handshake of a WebSocket and the hand-over of its socket.
 *
 * Called by http.c once a request has its principal and its place in the limits. The 101 is the first that
 * leaves, with whatever the language says at once.
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/log.h"
#include "core/conn.h"
#include "link/ws.h"

#include <string.h>

/* RFC 6455 sections 4.1 and 4.2.1 */
bool http_upgrade_check(struct request *r, struct err *e) {
    const char *version = request_header_all(r, "Sec-WebSocket-Version");
    if (!handshake_has(request_header_all(r, "Upgrade"), "websocket"))
        return err_set(e, ERR_UPGRADE_REQUIRED, "Open it as a WebSocket");
    if (!handshake_has(request_header_all(r, "Connection"), "upgrade"))
        return err_set(e, ERR_INVALID_REQUEST, "Connection must name upgrade");
    if (strcmp(r->version, MHD_HTTP_VERSION_1_1) != 0)
        return err_set(e, ERR_INVALID_REQUEST, "A WebSocket opens with HTTP/1.1");
    if (!request_header(r, "Host"))
        return err_set(e, ERR_INVALID_REQUEST, "Host is missing");
    if (!version)
        return err_set(e, ERR_INVALID_REQUEST, "Sec-WebSocket-Version is missing");
    if (strcmp(version, "13") != 0)
        return err_set(e, ERR_UPGRADE_REQUIRED, "Only version 13 is spoken");
    if (!handshake_accept(request_header_all(r, "Sec-WebSocket-Key"), r->accept))
        return err_set(e, ERR_INVALID_REQUEST, "Sec-WebSocket-Key is not 16 bytes in base64");
    if (!http_alone(r))
        return err_set(e, ERR_INVALID_REQUEST, "Frames may come only after the answer");
    r->window_bits =
        handshake_deflate(request_header_all(r, "Sec-WebSocket-Extensions"), r->extensions);
    return true;
}

/* Ties the request's id, which the web server knows, to the conn's, which all later lines have. */
static void log_opened(const struct request *r, const struct conn *c) {
    char conn[INT_TEXT_MAX];
    int_text((long long)c->id, conn);
    log_event(c->link->brief ? LOG_DEBUG : LOG_INFO, "connection opened", "request", r->id, "conn", conn, "path", r->path,
              "address", r->address, "venue", r->who.slug, "user", r->who.name, NULL);
}

/* News that came while the answer was on its way have closed the connections of that moment. */
void http_opened(const struct request *r, uint64_t id) {
    struct conn *c = conn_find(r->http->server, id);
    if (!c)
        return; /* it opened and closed in one breath */
    log_opened(r, c);
    int code = auth_overtaken(r);
    if (code)
        conn_close(c, code, "the account has changed; reconnect");
}

static const struct header headers[] = {
    {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {NULL, NULL}};

static void head_put(const struct request *r, struct str *out) {
    http_head_put(r, "101 Switching Protocols", headers, out);
    http_header_put(out, "Sec-WebSocket-Accept", r->accept);
    http_header_put(out, "X-Request-Id", r->id);
    if (r->bearer)
        http_header_put(out, "Sec-WebSocket-Protocol", "bearer");
    if (r->window_bits)
        http_header_put(out, "Sec-WebSocket-Extensions", r->extensions);
    if (r->ep->way->headers)
        r->ep->way->headers(r, http_header_put, out);
    str_puts(out, "\r\n");
}

enum MHD_Result http_upgrade_answer(struct request *r) {
    struct str head = STR_INIT;
    struct ws_opening o = {.fd = http_take(r),
                           .head = &head,
                           .window_bits = r->window_bits,
                           .proto = r->ep->proto,
                           .who = &r->who,
                           .address = r->address,
                           .request = r};
    if (o.fd < 0)
        return MHD_NO;
    head_put(r, &head);
    http_opened(r, r->ep->way->open ? r->ep->way->open(r, &o) : ws_open(r->http->server, &o));
    str_free(&head);
    return MHD_NO;
}

const struct way way_websocket = {
    .upgrade = true, .check = http_upgrade_check, .answer = http_upgrade_answer};
