/* leases.c - wishes and holdings of this sidecar's connections. See leases.h.
 *
 * Called by the protos whose connections are counted (admin) and by the feed when it has joined.
 * Owns an entry a connection, from the wish to the connection's end. All queries go through the
 * action pool, whose one pipeline keeps them in order.
 */
#include "config.h"

#include "core/leases.h"

#include "base/log.h"
#include "base/mem.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <uthash.h>

#define RETRY_MS    1000
#define TAKE_SQL    "select api.lease_take($1::text, $2::bigint, $3::text, $4::bigint, $5::int)"
#define GIVE_SQL    "select api.lease_give($1::text, $2::bigint)"
#define RESTORE_SQL "select api.lease_restore($1::text, $2::bigint[], $3::text[], $4::bigint[])"

struct lease {
    struct leases *all;
    uint64_t conn;
    int64_t venue;
    const char *kind;
    long most;
    lease_done *done;
    bool held, out; /* granted; asked, the answer is on its way */
    bool gone;      /* given back while it was asked for */
    UT_hash_handle hh;
};

struct leases {
    struct server *server;
    char name[96]; /* this sidecar's, empty until the feed has joined */
    struct lease *list;
    bool stale; /* the rows may differ from the list */
    struct timer retry;
};

static void retry_later(struct leases *l) {
    loop_timer(l->server->loop, &l->retry, loop_now(l->server->loop) + RETRY_MS);
}

static void lease_free(struct lease *e) {
    HASH_DEL(e->all->list, e);
    x_free(e);
}

/* ------------------------------------------------------------------ giving back */

static void on_given(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct leases *l = ctx;
    (void)rows;
    if (!e)
        return;
    l->stale = true;
    retry_later(l);
}

static void give(struct leases *l, uint64_t conn) {
    char id[24];
    const char *values[] = {l->name, id};
    snprintf(id, sizeof id, "%" PRIu64, conn);
    dba_query(l->server->actions, GIVE_SQL, 2, values, on_given, l);
}

void leases_give(struct leases *l, const struct conn *c) {
    struct lease *e = NULL;
    if (l)
        HASH_FIND(hh, l->list, &c->id, sizeof c->id, e);
    if (!e)
        return;
    if (e->out) {
        e->gone = true;
        return;
    }
    if (e->held)
        give(l, e->conn);
    lease_free(e);
}

/* ------------------------------------------------------------------ asking */

/* A refused row may have been written by a restore meanwhile, hence it is given back in any case. */
static void answered(struct lease *e, bool granted) {
    struct leases *l = e->all;
    struct conn *c = conn_find(l->server, e->conn);
    lease_done *done = e->done;
    e->held = granted && !e->gone;
    if (!e->held) {
        give(l, e->conn);
        lease_free(e);
    }
    if (c)
        done(c, granted);
}

static void on_taken(void *ctx, const struct dba_rows *rows, const struct err *error) {
    struct lease *e = ctx;
    e->out = false;
    if (!error) {
        answered(e, rows->nrows && str_eq(dba_value(rows, 0, 0), "t"));
    } else if (e->gone) {
        answered(e, false);
    } else {
        log_event(LOG_DEBUG, "a lease waits for the database", "code", error->slug, NULL);
        retry_later(e->all);
    }
}

static void ask(struct lease *e) {
    char conn[24], venue[24], most[24];
    const char *values[] = {e->all->name, conn, e->kind, venue, most};
    if (!*e->all->name || e->held || e->out)
        return;
    snprintf(conn, sizeof conn, "%" PRIu64, e->conn);
    snprintf(venue, sizeof venue, "%" PRId64, e->venue);
    snprintf(most, sizeof most, "%ld", e->most);
    e->out = true;
    dba_query(e->all->server->actions, TAKE_SQL, 5, values, on_taken, e);
}

void leases_take(struct leases *l, struct conn *c, const char *kind, long most, lease_done *done) {
    struct lease *e = x_new(struct lease);
    e->all = l;
    e->conn = c->id;
    e->venue = c->who.venue;
    e->kind = kind;
    e->most = most;
    e->done = done;
    HASH_ADD(hh, l->list, conn, sizeof e->conn, e);
    ask(e);
}

/* ------------------------------------------------------------------ restoring */

static void on_restored(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct leases *l = ctx;
    (void)rows;
    if (!e)
        return;
    l->stale = true;
    retry_later(l);
}

static void restore(struct leases *l) {
    struct str conns = STR_INIT, kinds = STR_INIT, venues = STR_INIT;
    struct lease *e, *next;
    str_putc(&conns, '{');
    str_putc(&kinds, '{');
    str_putc(&venues, '{');
    HASH_ITER(hh, l->list, e, next) {
        const char *comma = conns.len > 1 ? "," : "";
        if (!e->held && !e->out)
            continue;
        str_printf(&conns, "%s%" PRIu64, comma, e->conn);
        str_printf(&kinds, "%s%s", comma, e->kind);
        str_printf(&venues, "%s%" PRId64, comma, e->venue);
    }
    str_putc(&conns, '}');
    str_putc(&kinds, '}');
    str_putc(&venues, '}');
    const char *values[] = {l->name, conns.p, kinds.p, venues.p};
    l->stale = false;
    dba_query(l->server->actions, RESTORE_SQL, 4, values, on_restored, l);
    str_free(&conns);
    str_free(&kinds);
    str_free(&venues);
}

static void ask_all(struct leases *l) {
    struct lease *e, *next;
    HASH_ITER(hh, l->list, e, next) ask(e);
}

void leases_restore(struct leases *l, const char *name) {
    bool first = !*l->name;
    snprintf(l->name, sizeof l->name, "%s", name);
    if (!first)
        restore(l);
    ask_all(l);
}

static void on_retry(struct timer *t) {
    struct leases *l = container_of(t, struct leases, retry);
    if (l->stale)
        restore(l);
    ask_all(l);
}

/* ------------------------------------------------------------------ life */

struct leases *leases_start(struct server *s) {
    struct leases *l = x_new(struct leases);
    l->server = s;
    l->retry.fire = on_retry;
    return l;
}

/* The rows go with the presence: the next one who counts removes them. */
void leases_stop(struct leases *l) {
    struct lease *e, *next;
    if (!l)
        return;
    dba_forget(l->server->actions, l);
    HASH_ITER(hh, l->list, e, next) {
        dba_forget(l->server->actions, e);
        lease_free(e);
    }
    loop_timer_off(l->server->loop, &l->retry);
    x_free(l);
}
