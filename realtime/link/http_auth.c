/* http_auth.c - who is asking: finds the token that came with a request and has it checked.
 *
 * Called by http.c for every endpoint that is not public; while the database is asked (core/bearer) the
 * request is parked. No token and no part of one is ever logged.
 */
#include "config.h"

#include "link/http_inner.h"

#include <string.h>

/* the token */

/* A page's own GET says no origin; that one of another site asks, the browser says itself (Fetch Metadata). */
static bool own_get(const struct request *r) {
    const char *site = request_header(r, "Sec-Fetch-Site");
    return !r->ep->way->upgrade && !request_header(r, "Origin") &&
           (!site || str_eq(site, "same-origin") || str_eq(site, "none"));
}

static bool origin_allowed(const struct request *r, struct err *e) {
    const char *origin = request_header(r, "Origin");
    const char *host = request_header(r, "Host");
    const char *outer = request_from_proxy(r) ? request_header(r, "X-Forwarded-Host") : NULL;
    if (own_get(r) || handshake_same_origin(origin, host) || handshake_same_origin(origin, outer))
        return true;
    if (origin && settings_listed(r->http->server->settings->allowed_origins, origin))
        return true;
    return err_set(e, ERR_ORIGIN_REFUSED, "The cookie counts only on pages of this site");
}

/* A cookie comes along by itself, so any page could use it: then the origin must be ours. */
static const char *token_of(struct request *r, struct err *e) {
    char buf[TOKEN_MAX];
    const char *t = auth_bearer(request_header(r, "Authorization"));
    if (t || (t = request_query(r, "token")))
        return t;
    if (handshake_bearer(request_header_all(r, "Sec-WebSocket-Protocol"), buf, sizeof buf)) {
        r->bearer = true;
        return arena_strdup(r->arena, buf);
    }
    if (auth_cookie(request_header(r, "Cookie"), AUTH_COOKIE, buf, sizeof buf))
        return origin_allowed(r, e) ? arena_strdup(r->arena, buf) : NULL;
    err_set(e, ERR_UNAUTHENTICATED, "Give a token: Authorization, ?token=, subprotocol or cookie");
    return NULL;
}

struct login auth_login(struct request *r, bool once, struct err *e) {
    const char *ticket = once ? request_query(r, "ticket") : NULL;
    return (struct login){ticket ? ticket : token_of(r, e), ticket != NULL};
}

/* whether it is good */

void auth_refuse(struct request *r, const struct err *e) {
    r->known = WHO_REFUSED;
    r->refusal = arena_alloc(r->arena, sizeof *r->refusal);
    *r->refusal = *e;
    r->refusal->state = NULL;
}

static void known(struct request *r) {
    r->known = WHO_KNOWN;
    r->who = r->token.who;
}

static void on_known(struct bearer *b, const struct err *e) {
    struct request *r = container_of(b, struct request, token);
    if (e)
        auth_refuse(r, e);
    else
        known(r);
    unpark(&r->asking);
}

static void on_left(struct parked *p) {
    struct request *r = container_of(p, struct request, asking);
    struct err e;
    bearer_forget(&r->token);
    err_set(&e, ERR_UNAVAILABLE, "The client left");
    auth_refuse(r, &e);
    unpark(p);
}

static bool permitted(const struct request *r, struct err *e) {
    if (r->ep->cap == CAP_ANYONE || permission_grants(r->who.role, r->ep->cap) != GRANT_NO)
        return true;
    return err_set(e, ERR_FORBIDDEN, "The role lacks %s", capability_name(r->ep->cap));
}

static enum bearer_step check(struct request *r, struct err *e) {
    struct login login = auth_login(r, r->ep->way && r->ep->way->upgrade, e);
    r->token = (struct bearer){.server = r->http->server, .done = on_known};
    return login.text ? bearer_check(&r->token, login, e) : BEARER_REFUSED;
}

enum auth_step auth_step(struct request *r, struct err *e) {
    if (r->known == WHO_REFUSED) {
        *e = *r->refusal;
        return AUTH_REFUSED;
    }
    if (r->known == WHO_UNKNOWN) {
        switch (check(r, e)) {
        case BEARER_REFUSED:
            return AUTH_REFUSED;
        case BEARER_ASKED:
            r->known = WHO_ASKING;
            park(r->http, r->mhd, &r->asking, on_left);
            return AUTH_WAIT;
        case BEARER_KNOWN:
            known(r);
        }
    }
    return permitted(r, e) ? AUTH_OK : AUTH_REFUSED;
}

int auth_overtaken(const struct request *r) {
    return r->known == WHO_KNOWN ? bearer_overtaken(&r->token) : 0;
}
