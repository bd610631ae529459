/* http_cors.c - pages of other sites that may read event streams and polls (Fetch standard, CORS).
 *
 * Only the origins in `allowed_origins`, one by one. A WebSocket has no such rules: there the cookie
 * alone asks for the origin (http_auth.c). Called by http.c for rows whose way is an ordinary GET.
 */
#include "config.h"

#include "link/http_inner.h"

static const char *origin_listed(const struct request *r) {
    const char *origin = request_header(r, "Origin");
    bool ordinary = r->ep && r->ep->way && !r->ep->way->upgrade;
    return origin && ordinary && settings_listed(r->http->server->settings->allowed_origins, origin)
               ? origin
               : NULL;
}

void cors_headers(const struct request *r, struct MHD_Response *res) {
    const char *origin = origin_listed(r);
    if (!r->ep || !r->ep->way || r->ep->way->upgrade)
        return;
    MHD_add_response_header(res, "Vary", "Authorization, Cookie, Origin");
    if (!origin)
        return;
    MHD_add_response_header(res, "Access-Control-Allow-Origin", origin);
    MHD_add_response_header(res, "Access-Control-Allow-Credentials", "true");
    MHD_add_response_header(res, "Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
}

/* Last-Event-ID is asked for when it is long or has unusual characters (HTML standard, 9.2). */
void cors_preflight_headers(const struct request *r, struct MHD_Response *res) {
    cors_headers(r, res);
    if (!origin_listed(r) || !request_header(r, "Access-Control-Request-Method"))
        return;
    MHD_add_response_header(res, "Access-Control-Allow-Methods", "GET");
    MHD_add_response_header(res, "Access-Control-Allow-Headers",
                            "Authorization, Cache-Control, Last-Event-ID, X-Request-Id");
    MHD_add_response_header(res, "Access-Control-Max-Age", "600");
}
