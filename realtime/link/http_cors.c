/* http_cors.c - pages of other sites that may read event streams and polls (Fetch standard, CORS).
 *
 * The origins in `allowed_origins`, one by one; a `*` among them lets any other read what needs no
 * cookie. A WebSocket has no such rules: there the cookie
 * alone asks for the origin (http_auth.c). Called by http.c for rows whose way is ordinary HTTP.
 */
#include "config.h"

#include "link/http_inner.h"

static bool ordinary(const struct request *r) {
    return r->ep && r->ep->way && !r->ep->way->upgrade;
}

/* What Access-Control-Allow-Origin says: the origin itself, which may use cookies, or "*"; NULL: nothing. */
static const char *origin_listed(const struct request *r) {
    const char *list = r->http->server->settings->allowed_origins;
    const char *origin = request_header(r, "Origin");
    if (!ordinary(r))
        return NULL;
    return origin && settings_listed(list, origin) ? origin : settings_listed(list, "*") ? "*" : NULL;
}

void cors_headers(const struct request *r, header_put *put, void *to) {
    const char *origin = origin_listed(r);
    if (!ordinary(r))
        return;
    put(to, "Vary", "Authorization, Cookie, Origin");
    if (!origin)
        return;
    put(to, "Access-Control-Allow-Origin", origin);
    if (*origin != '*')
        put(to, "Access-Control-Allow-Credentials", "true");
    put(to, "Access-Control-Expose-Headers", "Retry-After, X-Request-Id");
}

/* Last-Event-ID is asked for when it is long or has unusual characters (HTML standard, 9.2). */
void cors_preflight_headers(const struct request *r, struct MHD_Response *res) {
    if (!origin_listed(r) || !request_header(r, "Access-Control-Request-Method"))
        return;
    MHD_add_response_header(res, "Access-Control-Allow-Methods",
                            r->ep->way->methods ? r->ep->way->methods : "GET");
    MHD_add_response_header(
        res, "Access-Control-Allow-Headers",
        "Authorization, Cache-Control, Content-Type, Last-Event-ID, X-Request-Id");
    MHD_add_response_header(res, "Access-Control-Max-Age", "600");
}
