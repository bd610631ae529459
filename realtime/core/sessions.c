/* sessions.c - revocations, account changes and venues, on the page and on open connections.
 *
 * Called by feed.c (connects, events, resyncs). Owns the table of venues. The state is read through
 * the action pool whenever the feed (re)connects; from then on events keep it current, in the
 * order in which they were committed.
 */
#include "config.h"

#include "core/sessions.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/conn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define RETRY_MS   100
#define KEY_KEEP_S 60 /* a revoked API key is on the page for as long as one may be looked up */
#define STATE_SQL  "select kind, key, value from api.session_state()"
#define VENUES_SQL "select venue, kind, active from api.sidecar_venues()"

struct venue_row {
    int64_t id;
    enum venue_kind kind;
    bool active;
    uint64_t changed; /* the mark of its last news of accounts, keys and tokens */
    bool listed;      /* heard of since the state was asked for: who is not has been erased */
    UT_hash_handle hh;
};

struct session_watch {
    struct server *server;
    struct venue_row *venues;
    bool state_read, venues_read;
    uint64_t mark, all_changed; /* sessions_mark; the mark at which everything was read again */
    unsigned out;               /* queries in flight */
    bool again;                 /* asked to refresh while some were */
    bool failed;                /* one of them */
    bool current;               /* all was read, and nothing was asked for since */
    void (*changed)(void *ctx);
    void *ctx;
    struct timer retry;
};

/* ------------------------------------------------------------------ closing */

struct refusal {
    enum err_code code;
    const char *reason;
};
static const struct refusal revoked = {ERR_TOKEN_REVOKED, "token revoked"};
static const struct refusal changed = {ERR_ROLE_CHANGED, "account changed"};

static void refuse(struct conn *c, const struct refusal *r) {
    conn_close(c, err_close(r->code), r->reason);
}

static void each_conn(struct session_watch *w, void (*f)(struct conn *c, const void *ctx),
                      const void *ctx) {
    struct conn *next;
    for (struct conn *c = w->server->conns; c; c = next) {
        next = c->next;
        if (c->state == CONN_OPEN)
            f(c, ctx);
    }
}

struct account_change {
    int64_t venue, account, not_before;
    enum role role;
    bool inactive;
};

static void close_changed(struct conn *c, const void *ctx) {
    const struct account_change *a = ctx;
    if (c->who.venue != a->venue || c->who.account != a->account)
        return;
    if (a->inactive)
        refuse(c, &revoked);
    else if (c->who.role != a->role || c->who.iat < a->not_before)
        refuse(c, &changed);
}

static void close_jti(struct conn *c, const void *ctx) {
    if (*c->who.jti && strcmp(c->who.jti, ctx) == 0)
        refuse(c, &revoked);
}

static void close_venue(struct conn *c, const void *ctx) {
    if (c->who.venue == *(const int64_t *)ctx)
        refuse(c, &revoked);
}

static void close_keyless(struct conn *c, const void *ctx) {
    if (!auth_key_known(ctx, c->who.key))
        refuse(c, &revoked);
}

/* After a refresh: whatever happened while nobody listened. */
static void close_stale(struct conn *c, const void *ctx) {
    const struct session_watch *w = ctx;
    if (positions_revoked(w->server->page, c->who.jti_hash))
        refuse(c, &revoked);
    else if (c->who.account && !positions_account_ok(w->server->page, c->who.account, c->who.iat))
        refuse(c, &changed);
    else if (w->venues_read && !sessions_venue_active(w, c->who.venue))
        refuse(c, &revoked);
}

/* ------------------------------------------------------------------ venues */

static struct venue_row *venue_find(const struct session_watch *w, int64_t venue) {
    struct venue_row *v;
    HASH_FIND(hh, w->venues, &venue, sizeof venue, v);
    return v;
}

static void venue_set(struct session_watch *w, int64_t id, const char *kind, bool active) {
    struct venue_row *v = venue_find(w, id);
    if (!v) {
        v = x_new(struct venue_row);
        v->id = id;
        HASH_ADD(hh, w->venues, id, sizeof v->id, v);
    }
    v->kind = str_eq(kind, "hotel") ? VENUE_HOTEL : VENUE_RESTAURANT;
    v->active = active;
    v->listed = true;
    positions_venue(w->server->page, id, active);
}

void sessions_venue_found(struct session_watch *w, int64_t venue, const char *kind, bool active) {
    venue_set(w, venue, kind, active);
}

enum venue_kind sessions_venue_kind(const struct session_watch *w, int64_t venue) {
    const struct venue_row *v = venue_find(w, venue);
    return v ? v->kind : VENUE_UNKNOWN;
}

bool sessions_venue_active(const struct session_watch *w, int64_t venue) {
    const struct venue_row *v = venue_find(w, venue);
    return v && v->active;
}

/* ------------------------------------------------------------------ the whole state */

static void current_set(struct session_watch *w, bool current) {
    bool was = w->current;
    w->current = current;
    if (was != current && w->changed)
        w->changed(w->ctx);
}

/* One of the two answers; when either failed both are asked for again. */
static void refresh_done(struct session_watch *w, const struct err *e) {
    w->failed |= e != NULL;
    if (--w->out > 0)
        return;
    bool failed = w->failed;
    if (w->again)
        sessions_refresh(w);
    else if (failed)
        loop_timer(w->server->loop, &w->retry, loop_now(w->server->loop) + RETRY_MS);
    else
        current_set(w, true);
    if (failed)
        return;
    w->all_changed = ++w->mark;
    each_conn(w, close_stale, w);
}

static void venues_unlist(struct session_watch *w) {
    struct venue_row *v, *next;
    HASH_ITER(hh, w->venues, v, next) v->listed = false;
}

static void venues_erased(struct session_watch *w) {
    struct venue_row *v, *next;
    HASH_ITER(hh, w->venues, v, next) {
        if (v->listed || !v->active)
            continue;
        v->active = false;
        positions_venue(w->server->page, v->id, false);
    }
}

static void on_venues(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct session_watch *w = ctx;
    long long id;
    for (int i = 0; !e && i < rows->nrows; i++)
        if (str_to_int64(dba_value(rows, i, 0), &id))
            venue_set(w, id, dba_value(rows, i, 1), str_eq(dba_value(rows, i, 2), "t"));
    if (!e)
        venues_erased(w);
    w->venues_read |= !e;
    refresh_done(w, e);
}

static void state_row(struct session_watch *w, const char *kind, const char *key, long long value) {
    long long account = 0;
    if (str_eq(kind, "jti"))
        positions_revoke(w->server->page, key, value);
    else if (str_to_int64(key, &account))
        positions_account(w->server->page, account, value, str_eq(kind, "inactive"));
}

static void on_state(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct session_watch *w = ctx;
    long long value;
    for (int i = 0; !e && i < rows->nrows; i++)
        if (str_to_int64(dba_value(rows, i, 2), &value))
            state_row(w, dba_value(rows, i, 0), dba_value(rows, i, 1), value);
    w->state_read |= !e;
    refresh_done(w, e);
}

void sessions_refresh(struct session_watch *w) {
    w->again = w->out > 0;
    current_set(w, false);
    if (w->again)
        return;
    w->out = 2;
    w->failed = false;
    venues_unlist(w);
    dba_query(w->server->actions, STATE_SQL, 0, NULL, on_state, w);
    dba_query(w->server->actions, VENUES_SQL, 0, NULL, on_venues, w);
}

static void on_retry(struct timer *t) {
    sessions_refresh(container_of(t, struct session_watch, retry));
}

/* ------------------------------------------------------------------ events */

static void account_changed(struct session_watch *w, const struct event *e) {
    const struct json *now = event_new(e, false);
    struct account_change a = {.venue = e->venue, .account = e->entity, .inactive = true};
    bool active = false;
    int64_t ms;
    if (now) {
        json_bool(json_get(now, "active"), &active);
        a.inactive = !active;
        a.role = role_parse(json_string(json_get(now, "role"), NULL));
        /* Up to the next second: a token from the same second, but before the change, is stale. */
        if (instant_ms(json_string(json_get(now, "notBefore"), NULL), &ms))
            a.not_before = ms / 1000 + 1;
    }
    positions_account(w->server->page, a.account, a.not_before, a.inactive);
    each_conn(w, close_changed, &a);
}

static void token_revoked(struct session_watch *w, const struct event *e) {
    const struct json *now = event_new(e, false);
    const char *jti = json_string(json_get(now, "jti"), NULL);
    int64_t ms;
    if (!jti)
        return;
    if (!instant_ms(json_string(json_get(now, "expiresAt"), NULL), &ms))
        ms = INT64_MAX / 2;
    positions_revoke(w->server->page, jti, ms / 1000 + 1);
    each_conn(w, close_jti, jti);
}

static void api_key_changed(struct session_watch *w, const struct event *e) {
    const struct json *now = event_new(e, false);
    char jti[48];
    if (now && json_type_of(json_get(now, "revokedAt")) != JSON_STRING)
        return;
    snprintf(jti, sizeof jti, "key:%" PRId64, e->entity);
    positions_revoke(w->server->page, jti, clock_wall_s() + KEY_KEEP_S);
    each_conn(w, close_jti, jti);
}

static void venue_changed(struct session_watch *w, const struct event *e) {
    const struct json *now = event_new(e, false);
    bool active = false;
    json_bool(json_get(now, "active"), &active);
    venue_set(w, e->venue, json_string(json_get(now, "kind"), NULL), active);
    if (!active)
        each_conn(w, close_venue, &e->venue);
}

static void venue_news(struct session_watch *w, int64_t venue) {
    struct venue_row *v = venue_find(w, venue);
    if (v)
        v->changed = ++w->mark;
}

static const struct {
    const char *kind;
    void (*f)(struct session_watch *w, const struct event *e);
} followed[] = {
    {"account", account_changed},
    {"token", token_revoked},
    {"api_key", api_key_changed},
    {"venue", venue_changed},
};

void sessions_event(struct session_watch *w, const struct event *e) {
    if (e->resync)
        sessions_refresh(w);
    for (unsigned i = 0; i < sizeof followed / sizeof *followed; i++)
        if (event_is(e, followed[i].kind)) {
            followed[i].f(w, e);
            venue_news(w, e->venue);
        }
}

void sessions_keys(struct session_watch *w) {
    each_conn(w, close_keyless, w->server->auth);
}

uint64_t sessions_mark(const struct session_watch *w) {
    return w->mark;
}

bool sessions_changed(const struct session_watch *w, int64_t venue, uint64_t mark) {
    const struct venue_row *v = venue_find(w, venue);
    return w->all_changed > mark || (v && v->changed > mark);
}

/* ------------------------------------------------------------------ life */

bool sessions_ready(const struct session_watch *w) {
    return w->state_read && w->venues_read;
}

bool sessions_current(const struct session_watch *w) {
    return w->current;
}

void sessions_watch(struct session_watch *w, void (*tell)(void *ctx), void *ctx) {
    w->changed = tell;
    w->ctx = ctx;
}

struct session_watch *sessions_start(struct server *s) {
    struct session_watch *w = x_new(struct session_watch);
    w->server = s;
    w->retry.fire = on_retry;
    return w;
}

void sessions_stop(struct session_watch *w) {
    struct venue_row *v, *next;
    if (!w)
        return;
    if (w->server->actions)
        dba_forget(w->server->actions, w);
    loop_timer_off(w->server->loop, &w->retry);
    HASH_ITER(hh, w->venues, v, next) {
        HASH_DEL(w->venues, v);
        x_free(v);
    }
    x_free(w);
}
