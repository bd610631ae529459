/* bearer.c - verifies, asks, asks anew when news have overtaken the answer. See bearer.h. */
#include "config.h"

#include "core/bearer.h"

#include "base/clock.h"
#include "core/feed.h"
#include "core/sessions.h"
#include "data/session.h"

#include <inttypes.h>
#include <stdio.h>

#define ASK_AGAIN_MAX 5
#define LOOK_MS       3
#define FOUNDED_MS    500
#define VENUE_SQL     "select kind, active from api.sidecar_venues() where venue = $1::bigint"

/* ------------------------------------------------------------------ what the page says */

static bool page_check(const struct server *s, const struct principal *who, struct err *e) {
    if (positions_revoked(s->page, who->jti_hash))
        return err_set(e, ERR_TOKEN_REVOKED, "The token was revoked");
    /* An API key was made long ago; that it is good still the database has said itself. */
    if (who->exp && who->account && !positions_account_ok(s->page, who->account, who->iat))
        return err_set(e, ERR_ROLE_CHANGED, "The account has changed since the token was made");
    if (!sessions_venue_active(s->sessions, who->venue))
        return err_set(e, ERR_TOKEN_REVOKED, "The venue is closed");
    return true;
}

/* ------------------------------------------------------------------ venues founded just now */

/* Of a new venue the feed tells within milliseconds. Whoever comes before it has waits for it, so
 * that his first position is not older than the venue; if it stays silent, the database is asked.
 */

static bool venue_known(const struct bearer *b) {
    return sessions_venue_kind(b->server->sessions, b->who.venue) != VENUE_UNKNOWN;
}

static void venue_look(struct bearer *b) {
    loop_timer(b->server->loop, &b->look, loop_now(b->server->loop) + LOOK_MS);
}

static void on_look(struct timer *t);

static void venue_await(struct bearer *b) {
    b->look.fire = on_look;
    b->look_until = loop_now(b->server->loop) + FOUNDED_MS;
    venue_look(b);
}

/* ------------------------------------------------------------------ asking the database */

/* The principal of the answer: of a provider's token only what the account is called and may do. */
static bool person_take(struct bearer *b, const struct answer *answer, struct err *e) {
    if (b->who.outside)
        return session_adopt(answer, &b->who, e);
    if (!session_person(answer, &b->who, e))
        return false;
    if (!b->who.exp)
        b->who.iat = b->asked_s; /* a key's word counts from when it was asked for */
    return true;
}

static void answered(void *ctx, const struct answer *answer, const struct err *error);

static void question_send(struct bearer *b) {
    struct server *s = b->server;
    static const struct principal nobody;
    struct op_values values = {.n = 1, .v = {b->hash}};
    if (b->who.outside)
        values = (struct op_values){.n = 2, .v = {b->who.jti, b->iat}};
    b->mark = sessions_mark(s->sessions);
    b->asked_s = clock_wall_s();
    dba_call(s->actions, op_find(b->question), b->who.outside ? &b->who : &nobody, &values, NULL,
             answered, b);
}

/* An answer that news of the venue has overtaken may be older than they are: asked again. A ticket
 * can't be, but has the times of its token to be judged by. */
static bool overtaken(const struct bearer *b) {
    return !str_eq(b->question, "ticket_redeem") &&
           sessions_changed(b->server->sessions, b->who.venue, b->mark);
}

/* The database has said who it is. */
static void judge(struct bearer *b) {
    struct err e;
    err_clear(&e);
    if (!page_check(b->server, &b->who, &e)) {
        b->done(b, &e);
    } else if (!overtaken(b)) {
        b->done(b, NULL);
    } else if (b->again++ < ASK_AGAIN_MAX) {
        question_send(b);
    } else {
        err_set(&e, ERR_UNAVAILABLE, "The account is being changed");
        e.retry_after = 1;
        b->done(b, &e);
    }
}

static void answered(void *ctx, const struct answer *answer, const struct err *error) {
    struct bearer *b = ctx;
    struct err e;
    err_clear(&e);
    if (error)
        b->done(b, error);
    else if (!person_take(b, answer, &e))
        b->done(b, &e);
    else if (venue_known(b))
        judge(b);
    else
        venue_await(b);
}

static enum bearer_step ask(struct bearer *b, const char *op, struct err *e) {
    if (!b->server->actions) {
        err_set(e, ERR_UNAVAILABLE, "The database can't be asked now");
        return BEARER_REFUSED;
    }
    b->question = op;
    question_send(b);
    return BEARER_ASKED;
}

static enum bearer_step ask_hash(struct bearer *b, const char *op, const char *secret,
                                 struct err *e) {
    api_key_hash(secret, b->hash);
    return ask(b, op, e);
}

void bearer_forget(struct bearer *b) {
    if (!b->server)
        return;
    loop_timer_off(b->server->loop, &b->look);
    if (b->server->actions)
        dba_forget(b->server->actions, b);
}

/* ------------------------------------------------------------------ tokens */

bool bearer_ready(const struct server *s, struct err *e) {
    if (!s->feed || (feed_ready(s->feed) && sessions_ready(s->sessions)))
        return true;
    err_set(e, ERR_UNAVAILABLE, "The service is starting or its database is away");
    e->retry_after = 2;
    return false;
}

/* A token whose signature is good, and whose venue was looked for. */
static enum bearer_step jwt_judge(struct bearer *b, struct err *e) {
    if (!page_check(b->server, &b->who, e))
        return BEARER_REFUSED;
    if (!b->who.outside)
        return BEARER_KNOWN;
    snprintf(b->iat, sizeof b->iat, "%" PRId64, b->who.iat);
    return ask(b, "session_account", e);
}

static enum bearer_step jwt_check(struct bearer *b, const char *token, struct err *e) {
    const struct server *s = b->server;
    if (!s->auth || !s->page || !s->actions) {
        err_set(e, ERR_UNAVAILABLE, "Tokens can't be checked now");
        return BEARER_REFUSED;
    }
    b->mark = sessions_mark(s->sessions);
    if (!auth_verify(s->auth, token, clock_wall_s(), &b->who, e))
        return BEARER_REFUSED;
    if (venue_known(b))
        return jwt_judge(b, e);
    venue_await(b);
    return BEARER_ASKED;
}

/* The venue is known, or as good as closed. */
static void venue_settled(struct bearer *b) {
    struct err e;
    err_clear(&e);
    if (b->question) {
        judge(b);
        return;
    }
    enum bearer_step step = jwt_judge(b, &e);
    if (step != BEARER_ASKED)
        b->done(b, step == BEARER_REFUSED ? &e : NULL);
}

/* News of it that came meanwhile are younger than the answer. */
static void on_venue(void *ctx, const struct dba_rows *rows, const struct err *error) {
    struct bearer *b = ctx;
    if (error) {
        b->done(b, error);
        return;
    }
    if (rows->nrows && !venue_known(b))
        sessions_venue_found(b->server->sessions, b->who.venue, dba_value(rows, 0, 0),
                             str_eq(dba_value(rows, 0, 1), "t"));
    venue_settled(b);
}

static void on_look(struct timer *t) {
    struct bearer *b = container_of(t, struct bearer, look);
    char venue[INT_TEXT_MAX];
    const char *values[] = {venue};
    if (venue_known(b)) {
        venue_settled(b);
    } else if (loop_now(b->server->loop) < b->look_until) {
        venue_look(b);
    } else {
        int_text(b->who.venue, venue);
        dba_query(b->server->actions, VENUE_SQL, 1, values, on_venue, b);
    }
}

static enum bearer_step token_check(struct bearer *b, const char *token, struct err *e) {
    return api_key_looks(token) ? ask_hash(b, "api_key_session", token, e) : jwt_check(b, token, e);
}

static enum bearer_step ticket_redeem(struct bearer *b, const char *ticket, struct err *e) {
    if (ticket_looks(ticket))
        return ask_hash(b, "ticket_redeem", ticket, e);
    err_set(e, ERR_TOKEN_INVALID, "The ticket is unknown, used or too old.");
    return BEARER_REFUSED;
}

enum bearer_step bearer_check(struct bearer *b, struct login login, struct err *e) {
    if (!bearer_ready(b->server, e))
        return BEARER_REFUSED;
    return login.ticket ? ticket_redeem(b, login.text, e) : token_check(b, login.text, e);
}

int bearer_overtaken(const struct bearer *b) {
    const struct server *s = b->server;
    struct err e;
    err_clear(&e);
    if (!sessions_changed(s->sessions, b->who.venue, b->mark))
        return 0;
    if (!page_check(s, &b->who, &e))
        return err_close(e.code) ? err_close(e.code) : err_close(ERR_RESTART);
    /* What the database said may be older than the news: asked again by who connects again. */
    return b->question && overtaken(b) ? err_close(ERR_ROLE_CHANGED) : 0;
}
