/* http_auth.c - who is asking: finds the token, checks it without ever blocking the loop.
 *
 * Called by http.c for every endpoint that is not public. A JWT is checked here and against the
 * positions page, which this very process keeps. An API key needs the database: the request is
 * suspended, the op called, the request resumed. No token and no part of one is ever logged.
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/clock.h"
#include "core/feed.h"
#include "core/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

/* the token */

static bool origin_allowed(const struct request *r, struct err *e) {
    const char *origin = request_header(r, "Origin");
    const char *host = request_header(r, "Host");
    const char *outer = request_from_proxy(r) ? request_header(r, "X-Forwarded-Host") : NULL;
    if (handshake_same_origin(origin, host) || handshake_same_origin(origin, outer))
        return true;
    if (origin && settings_listed(r->http->server->settings->allowed_origins, origin))
        return true;
    return err_set(e, ERR_ORIGIN_REFUSED, "The cookie counts only on pages of this site");
}

/* A cookie comes along by itself, so any page could use it: then the origin must be ours. */
static const char *token_find(struct request *r, struct err *e) {
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

/* a JWT */

static bool token_check(struct request *r, const char *token, struct err *e) {
    const struct server *s = r->http->server;
    struct principal *who = &r->who;
    if (!s->auth || !s->page)
        return err_set(e, ERR_UNAVAILABLE, "Tokens can't be checked now");
    if (!auth_verify(s->auth, token, clock_wall_s(), who, e))
        return false;
    if (positions_revoked(s->page, who->jti))
        return err_set(e, ERR_TOKEN_REVOKED, "The token was revoked");
    if (who->account && !positions_account_ok(s->page, who->account, who->iat))
        return err_set(e, ERR_ROLE_CHANGED, "The account has changed since the token was made");
    if (sessions_venue_kind(s->sessions, who->venue) == VENUE_UNKNOWN) { /* founded just now */
        sessions_refresh(s->sessions);
        err_set(e, ERR_UNAVAILABLE, "The venue is not known here yet");
        e->retry_after = 1;
        return false;
    }
    if (!sessions_venue_active(s->sessions, who->venue))
        return err_set(e, ERR_TOKEN_REVOKED, "The venue is closed");
    return true;
}

/* an API key */

static void asking_remove(struct request *r) {
    struct http *h = r->http;
    if (r->prev)
        r->prev->next = r->next;
    else
        h->asking = r->next;
    if (r->next)
        r->next->prev = r->prev;
    loop_watch(h->server->loop, &r->leaving, 0);
    MHD_resume_connection(r->mhd);
    http_run_soon(h);
}

static bool key_principal(const struct answer *a, struct principal *who, struct err *e) {
    struct json *doc = json_parse(a->body, a->body_len, e);
    if (!doc)
        return false;
    int64_t key = 0;
    const char *role = json_string(json_get(doc, "role"), NULL);
    const char *name = json_string(json_get(doc, "username"), NULL);
    const char *slug = json_string(json_get(doc, "slug"), NULL);
    bool ok = role && name && slug && json_int(json_get(doc, "account"), &who->account) &&
              json_int(json_get(doc, "venue"), &who->venue) &&
              json_int(json_get(doc, "key_id"), &key);
    if (ok) {
        who->role = role_parse(role);
        who->iat = clock_wall_s();
        snprintf(who->name, sizeof who->name, "%s", name);
        snprintf(who->slug, sizeof who->slug, "%s", slug);
        snprintf(who->jti, sizeof who->jti, "key:%" PRId64, key);
    }
    json_free(doc);
    return ok || err_set(e, ERR_INTERNAL, "The key could not be read");
}

static void key_refused(struct request *r, const struct err *e) {
    r->known = WHO_REFUSED;
    r->refusal = arena_alloc(r->arena, sizeof *r->refusal);
    *r->refusal = *e;
    r->refusal->state = NULL;
}

static void key_answered(void *ctx, const struct answer *answer, const struct err *error) {
    struct request *r = ctx;
    struct err e;
    err_clear(&e);
    if (error)
        key_refused(r, error);
    else if (!key_principal(answer, &r->who, &e))
        key_refused(r, &e);
    else
        r->known = WHO_KNOWN;
    asking_remove(r);
}

/* MHD does not watch a suspended connection. Who has half closed can't use a WebSocket either. */
static void on_leaving(struct watch *w, uint32_t events) {
    (void)events;
    struct request *r = container_of(w, struct request, leaving);
    auth_forget(r);
}

void auth_forget(struct request *r) {
    if (r->known != WHO_ASKING)
        return;
    dba_forget(r->http->server->actions, r);
    struct err e;
    err_set(&e, ERR_UNAVAILABLE, "The client left");
    key_refused(r, &e);
    asking_remove(r);
}

static enum auth_step key_ask(struct request *r, const char *key, struct err *e) {
    struct http *h = r->http;
    const struct op *op = op_find("api_key_session");
    if (!h->server->actions || !op) {
        err_set(e, ERR_UNAVAILABLE, "Keys can't be checked now");
        return AUTH_REFUSED;
    }
    char *hash = arena_alloc(r->arena, 65);
    api_key_hash(key, hash);
    struct op_values values = {.n = 1, .v = {hash}};
    static const struct principal nobody;
    r->known = WHO_ASKING;
    r->prev = NULL;
    r->next = h->asking;
    if (h->asking)
        h->asking->prev = r;
    h->asking = r;
    MHD_suspend_connection(r->mhd);
    r->leaving = (struct watch){.fd = MHD_get_connection_info(r->mhd,
                                    MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
                                .ready = on_leaving};
    loop_watch(h->server->loop, &r->leaving, EPOLLRDHUP);
    dba_call(h->server->actions, op, &nobody, &values, NULL, key_answered, r);
    return AUTH_WAIT;
}

/* Until the feed has caught up, revocations are not known, and nothing could be sent either. */
static bool ready(const struct server *s, struct err *e) {
    if (!s->feed || (feed_ready(s->feed) && sessions_ready(s->sessions)))
        return true;
    err_set(e, ERR_UNAVAILABLE, "The service is starting or its database is away");
    e->retry_after = 2;
    return false;
}

static bool permitted(const struct request *r, struct err *e) {
    if (r->ep->cap == CAP_ANYONE || permission_grants(r->who.role, r->ep->cap) != GRANT_NO)
        return true;
    return err_set(e, ERR_FORBIDDEN, "The role lacks %s", capability_name(r->ep->cap));
}

enum auth_step auth_step(struct request *r, struct err *e) {
    if (r->known == WHO_REFUSED) {
        *e = *r->refusal;
        return AUTH_REFUSED;
    }
    if (r->known == WHO_UNKNOWN) {
        const char *token = ready(r->http->server, e) ? token_find(r, e) : NULL;
        if (!token)
            return AUTH_REFUSED;
        if (api_key_looks(token))
            return key_ask(r, token, e);
        if (!token_check(r, token, e))
            return AUTH_REFUSED;
        r->known = WHO_KNOWN;
    }
    return permitted(r, e) ? AUTH_OK : AUTH_REFUSED;
}
