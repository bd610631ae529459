/* http_auth.c - who is asking: finds the token, checks it without ever blocking the loop.
 *
 * Called by http.c for every endpoint that is not public. A JWT is checked here and against the
 * positions page, which this very process keeps. An API key, a ticket and the account of an outside
 * provider's token need the database: the request is suspended, the op called, the request
 * resumed. No token and no part of one is ever logged.
 */
#include "config.h"

#include "link/http_inner.h"

#include "base/clock.h"
#include "core/feed.h"
#include "core/sessions.h"
#include "data/session.h"

#include <inttypes.h>
#include <string.h>

#define ASK_AGAIN_MAX 5

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

/* what the page says */

static bool venue_check(const struct server *s, const struct principal *who, struct err *e) {
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

static bool page_check(const struct server *s, const struct principal *who, struct err *e) {
    if (positions_revoked(s->page, who->jti_hash))
        return err_set(e, ERR_TOKEN_REVOKED, "The token was revoked");
    /* An API key was made long ago; that it is good still the database has said itself. */
    if (who->exp && who->account && !positions_account_ok(s->page, who->account, who->iat))
        return err_set(e, ERR_ROLE_CHANGED, "The account has changed since the token was made");
    return venue_check(s, who, e);
}

/* asking the database */

void auth_refuse(struct request *r, const struct err *e) {
    r->known = WHO_REFUSED;
    r->refusal = arena_alloc(r->arena, sizeof *r->refusal);
    *r->refusal = *e;
    r->refusal->state = NULL;
}

/* The principal of the answer: of a provider's token only what the account is called and may do. */
static bool person_take(struct request *r, const struct answer *answer, struct err *e) {
    if (r->who.outside)
        return session_adopt(answer, &r->who, e);
    if (!session_person(answer, &r->who, e))
        return false;
    if (!r->who.exp)
        r->who.iat = r->asked_s; /* a key's word counts from when it was asked for */
    return true;
}

static void answered(void *ctx, const struct answer *answer, const struct err *error);

static void question_send(struct request *r) {
    struct server *s = r->http->server;
    static const struct principal nobody;
    r->mark = sessions_mark(s->sessions);
    r->asked_s = clock_wall_s();
    dba_call(s->actions, op_find(r->question), r->who.outside ? &r->who : &nobody, &r->values, NULL,
             answered, r);
}

/* An answer that news of the venue has overtaken may be older than they are: asked again. A ticket
 * can't be, but has the times of its token to be judged by. */
static bool overtaken(const struct request *r) {
    return !str_eq(r->question, "ticket_redeem") &&
           sessions_changed(r->http->server->sessions, r->who.venue, r->mark);
}

static void answered(void *ctx, const struct answer *answer, const struct err *error) {
    struct request *r = ctx;
    struct err e;
    err_clear(&e);
    if (error) {
        auth_refuse(r, error);
    } else if (!person_take(r, answer, &e) || !page_check(r->http->server, &r->who, &e)) {
        auth_refuse(r, &e);
    } else if (overtaken(r)) {
        if (r->again++ < ASK_AGAIN_MAX) {
            question_send(r);
            return;
        }
        err_set(&e, ERR_UNAVAILABLE, "The account is being changed");
        e.retry_after = 1;
        auth_refuse(r, &e);
    } else {
        r->known = WHO_KNOWN;
    }
    unpark(&r->asking);
}

static void on_left(struct parked *p) {
    struct request *r = container_of(p, struct request, asking);
    dba_forget(r->http->server->actions, r);
    struct err e;
    err_set(&e, ERR_UNAVAILABLE, "The client left");
    auth_refuse(r, &e);
    unpark(p);
}

static enum auth_step ask(struct request *r, const char *op, struct err *e) {
    struct http *h = r->http;
    if (!h->server->actions) {
        err_set(e, ERR_UNAVAILABLE, "The database can't be asked now");
        return AUTH_REFUSED;
    }
    r->question = op;
    r->known = WHO_ASKING;
    park(h, r->mhd, &r->asking, on_left);
    question_send(r);
    return AUTH_WAIT;
}

static enum auth_step ask_hash(struct request *r, const char *op, const char *secret,
                               struct err *e) {
    char *hash = arena_alloc(r->arena, 65);
    api_key_hash(secret, hash);
    r->values = (struct op_values){.n = 1, .v = {hash}};
    return ask(r, op, e);
}

/* a JWT */

static enum auth_step token_step(struct request *r, const char *token, struct err *e) {
    const struct server *s = r->http->server;
    struct principal *who = &r->who;
    if (!s->auth || !s->page) {
        err_set(e, ERR_UNAVAILABLE, "Tokens can't be checked now");
        return AUTH_REFUSED;
    }
    r->mark = sessions_mark(s->sessions);
    if (!auth_verify(s->auth, token, clock_wall_s(), who, e) || !page_check(s, who, e))
        return AUTH_REFUSED;
    if (!who->outside)
        return AUTH_OK;
    r->values =
        (struct op_values){.n = 2, .v = {who->jti, arena_printf(r->arena, "%" PRId64, who->iat)}};
    return ask(r, "session_account", e);
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

/* A ticket is for a connection that is opened once; a request that comes again and again needs
 * more. */
static enum auth_step bearer_step(struct request *r, struct err *e) {
    const char *ticket = r->ep->way && r->ep->way->upgrade ? request_query(r, "ticket") : NULL;
    if (ticket && ticket_looks(ticket))
        return ask_hash(r, "ticket_redeem", ticket, e);
    if (ticket) {
        err_set(e, ERR_TOKEN_INVALID, "The ticket is unknown, used or too old.");
        return AUTH_REFUSED;
    }
    const char *token = token_find(r, e);
    if (!token)
        return AUTH_REFUSED;
    return api_key_looks(token) ? ask_hash(r, "api_key_session", token, e)
                                : token_step(r, token, e);
}

enum auth_step auth_step(struct request *r, struct err *e) {
    if (r->known == WHO_REFUSED) {
        *e = *r->refusal;
        return AUTH_REFUSED;
    }
    if (r->known == WHO_UNKNOWN) {
        enum auth_step step = ready(r->http->server, e) ? bearer_step(r, e) : AUTH_REFUSED;
        if (step != AUTH_OK)
            return step;
        r->known = WHO_KNOWN;
    }
    return permitted(r, e) ? AUTH_OK : AUTH_REFUSED;
}

int auth_overtaken(const struct request *r) {
    const struct server *s = r->http->server;
    struct err e;
    err_clear(&e);
    if (r->known != WHO_KNOWN || !sessions_changed(s->sessions, r->who.venue, r->mark))
        return 0;
    if (!page_check(s, &r->who, &e))
        return err_close(e.code) ? err_close(e.code) : err_close(ERR_RESTART);
    /* What the database said may be older than the news: asked again by who connects again. */
    return r->question && overtaken(r) ? err_close(ERR_ROLE_CHANGED) : 0;
}
