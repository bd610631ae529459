/* origin.c - CORS and the check of writes by cookie. See origin.h. */
#include "config.h"

#include "origin.h"

#include <string.h>
#include <strings.h>

static bool listed(const struct exchange *x) {
    return x->rq.origin && settings_listed(x->service->settings->allowed_origins, x->rq.origin);
}

void origin_headers(struct exchange *x) {
    if (!listed(x))
        return;
    response_header(&x->rs, "Access-Control-Allow-Origin", x->rq.origin);
    response_header(&x->rs, "Access-Control-Allow-Credentials", "true");
    response_header(&x->rs, "Access-Control-Expose-Headers",
                    "Deprecation, ETag, Link, Location, Retry-After, Sunset, X-Feed-Position, "
                    "X-Request-Id, X-Total-Count");
}

void origin_preflight(struct exchange *x, const char *allow) {
    response_header(&x->rs, "Allow", allow);
    if (!listed(x) || !x->rq.preflight_method)
        return;
    response_header(&x->rs, "Access-Control-Allow-Methods", allow);
    response_header(&x->rs, "Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
                    "X-Request-Id");
    response_header(&x->rs, "Access-Control-Max-Age", "600");
}

/* Where the port of host[:port] begins, NULL when there is none; [::1]:80 has colons of its own. */
static const char *port_of(const char *authority) {
    const char *bracket = strrchr(authority, ']');
    return strchr(bracket ? bracket : authority, ':');
}

/* Origin's host and port against Host's. nginx's stock parameters send Host without its port:
 * SERVER_PORT then stands in, and the scheme's own port needs no mention. */
static bool same_host(const struct request *rq) {
    const char *origin = strstr(rq->origin, "://");
    if (!origin || !rq->host)
        return false;
    origin += 3;
    const char *port = port_of(origin), *host_port = port_of(rq->host);
    size_t len = port ? (size_t)(port - origin) : strlen(origin);
    size_t host_len = host_port ? (size_t)(host_port - rq->host) : strlen(rq->host);
    if (len != host_len || strncasecmp(origin, rq->host, len))
        return false;
    const char *usual = str_starts(rq->origin, "https:") ? "443" : "80";
    const char *given = port ? port + 1 : usual;
    if (host_port)
        return str_eq(given, host_port + 1);
    return str_eq(given, usual) || str_eq(given, rq->server_port);
}

bool origin_write(const struct exchange *x, struct err *e) {
    const struct request *rq = &x->rq;
    bool ours = rq->origin ? same_host(rq) : str_eq(rq->sec_fetch_site, "same-origin");
    if (ours || listed(x))
        return true;
    return err_set(e, ERR_ORIGIN_REFUSED,
                   "A write by cookie must come from a page of this site or a configured origin.");
}
