/* http_upgrade.c - the opening handshake of a WebSocket and the hand-over of its socket.
 *
 * Called by http.c once a request has its principal and its place in the limits. MHD sends the 101;
 * then the socket is duplicated, given to link/ws, and MHD's own descriptor closed at once: MHD forgets
 * the connection, which goes on on our descriptor (pinned by tests/ws/life.test.mjs).
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/log.h"
#include "core/conn.h"
#include "link/ws.h"

#include <fcntl.h>
#include <string.h>

/* RFC 6455 section 4.2.1 */
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

/* TCP goes on as long as one descriptor is open: without TLS MHD closes its own and no more. */
static void on_upgrade(void *cls, struct MHD_Connection *mhd, void *req_cls, const char *extra,
                       size_t extra_len, MHD_socket sock, struct MHD_UpgradeResponseHandle *urh) {
    (void)mhd;
    struct http *h = cls;
    struct request *r = req_cls;
    struct ws_opening o = {.fd = fcntl(sock, F_DUPFD_CLOEXEC, 3),
                           .early = extra,
                           .early_len = extra_len,
                           .window_bits = r->window_bits,
                           .proto = r->ep->proto,
                           .who = &r->who,
                           .address = r->address,
                           .request = r};
    if (o.fd >= 0) {
        r->counted = false; /* the conn's from now on */
        r->handed_over = true;
        http_opened(r, r->ep->way->open ? r->ep->way->open(r, &o) : ws_open(h->server, &o));
    } else {
        log_event(LOG_ERROR, "out of descriptors", "request", r->id, NULL);
    }
    MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
    http_run_soon(h);
}

enum MHD_Result http_upgrade_answer(struct request *r) {
    struct MHD_Response *res = MHD_create_response_for_upgrade(on_upgrade, r->http);
    require(res);
    MHD_add_response_header(res, "Upgrade", "websocket");
    MHD_add_response_header(res, "Sec-WebSocket-Accept", r->accept);
    MHD_add_response_header(res, "X-Request-Id", r->id);
    if (r->bearer)
        MHD_add_response_header(res, "Sec-WebSocket-Protocol", "bearer");
    if (r->window_bits)
        MHD_add_response_header(res, "Sec-WebSocket-Extensions", r->extensions);
    if (r->ep->way->headers)
        r->ep->way->headers(r, res);
    enum MHD_Result queued = MHD_queue_response(r->mhd, MHD_HTTP_SWITCHING_PROTOCOLS, res);
    MHD_destroy_response(res);
    return queued;
}

const struct way way_websocket = {
    .upgrade = true, .check = http_upgrade_check, .answer = http_upgrade_answer};
