/* leases.c - the rows of this sidecar's connections, and their wishes. See leases.h.
 *
 * Called by conn.c (open, give), by the protos whose connections are counted (admin), by the feed
 * (it has joined; somebody asks) and by the front (status). Owns an entry a connection, until its
 * end or the answer to its wish. All queries go through the action pool, whose one pipeline keeps
 * them in order.
 */
#include "config.h"

#include "core/leases.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/limits.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <uthash.h>

#define RETRY_MS  1000
#define WRITE_MS  50   /* what opens and goes in so long is one statement */
#define BELIEF_MS 1000 /* what others hold of a full key: then who is let in finds out anew */
#define TAKE_SQL  "select api.lease_take($1::text, $2::bigint, $3::text, $4::bigint, $5::int)"
#define WRITE_SQL                                                                                  \
    "select bound, key, others, refused "                                                          \
    "from api.lease_write($1::text, $2::bigint[], $3::jsonb, $4::int[])"
#define ASK_SQL "select api.lease_ask($1::text, $2::bigint)"

enum { COL_BOUND, COL_KEY, COL_OTHERS, COL_REFUSED }; /* of WRITE_SQL */

struct lease {
    struct leases *all;
    struct conn *c; /* NULL: gone while its wish was out */
    uint64_t conn;
    bool written; /* its row is as it should be, or on its way */
    bool there;   /* there may be a row */
    /* the wish; NULL: it has none */
    const char *kind;
    long most;
    lease_done *done;
    bool held, out; /* granted; asked, the answer is on its way */
    UT_hash_handle hh;
};

struct leases {
    struct server *server;
    char name[96]; /* this sidecar's, empty until the feed has joined */
    struct lease *list;
    struct str gone; /* "12,13": rows to delete */
    bool stale;      /* the rows may differ from the list */
    struct timer retry, write;
};

static void retry_later(struct leases *l) {
    loop_timer(l->server->loop, &l->retry, loop_now(l->server->loop) + RETRY_MS);
}

static void write_soon(struct leases *l) {
    if (*l->name && !l->write.slot)
        loop_timer(l->server->loop, &l->write, loop_now(l->server->loop) + WRITE_MS);
}

/* ------------------------------------------------------------------ writing */

static void text_put(struct str *out, const char *name, const char *text) {
    str_printf(out, ",\"%s\":", name);
    json_put_string(out, text);
}

static void row_put(const struct lease *e, struct str *out) {
    const struct conn *c = e->c;
    str_printf(out, "%s{\"conn\":%" PRIu64 ",\"venue\":%" PRId64, out->len > 1 ? "," : "", e->conn,
               c->who.venue);
    if (e->held || e->out)
        text_put(out, "kind", e->kind);
    if (c->who.account)
        str_printf(out, ",\"account_id\":%" PRId64, c->who.account);
    text_put(out, "account", c->who.account ? c->who.name : "guest");
    text_put(out, "role", role_name(c->who.role));
    text_put(out, "protocol", c->proto->name);
    text_put(out, "address", c->address);
    str_printf(out, ",\"opened\":%" PRId64 ",\"seen\":%" PRId64 ",\"queued\":%u}", c->opened_s,
               c->last_seen_s, c->out.count);
}

/* It slipped past while another sidecar took the last place; its row is gone already. */
static void refuse(const struct leases *l, uint64_t conn, const char *key) {
    struct lease *e;
    char id[INT_TEXT_MAX];
    HASH_FIND(hh, l->list, &conn, sizeof conn, e);
    if (!e)
        return;
    e->there = false;
    if (!e->c)
        return;
    int_text((long long)conn, id);
    log_event(LOG_INFO, "one connection too many over all sidecars", "conn", id, "key", key, NULL);
    conn_close(e->c, err_close(ERR_TOO_MANY_CONNECTIONS), "too many connections");
}

static long long number(const struct dba_rows *rows, int row, int col) {
    const char *text = dba_value(rows, row, col);
    long long n = 0;
    return text && str_to_int64(text, &n) ? n : 0;
}

static void on_written(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct leases *l = ctx;
    if (e) {
        l->stale = true;
        retry_later(l);
        return;
    }
    uint64_t until = clock_mono_ms() + BELIEF_MS;
    for (int i = 0; i < rows->nrows; i++) {
        const char *key = dba_value(rows, i, COL_KEY);
        uint64_t conn = (uint64_t)number(rows, i, COL_REFUSED);
        limits_others(l->server->limits, (enum limit)number(rows, i, COL_BOUND), key,
                      (unsigned)number(rows, i, COL_OTHERS), until);
        if (conn)
            refuse(l, conn, key);
    }
}

/* What is new, or all that there is: `gone` NULL. A wish that is out is written by its answer, but
 * when all is written its row must not go. */
static void rows_write(struct leases *l, const char *gone) {
    struct str rows = STR_INIT;
    struct lease *e, *next;
    str_putc(&rows, '[');
    HASH_ITER(hh, l->list, e, next) {
        if (!e->c || (gone && (e->written || e->out)))
            continue;
        e->written = e->there = true;
        row_put(e, &rows);
    }
    str_putc(&rows, ']');
    char most[LIMITS_TEXT_MAX];
    const char *values[] = {l->name, gone, rows.p, limits_text(l->server->limits, most)};
    dba_query(l->server->actions, WRITE_SQL, 4, values, on_written, l);
    str_free(&rows);
}

static void write_new(struct leases *l) {
    struct str gone = STR_INIT;
    loop_timer_off(l->server->loop, &l->write);
    str_printf(&gone, "{%s}", str_c(&l->gone));
    rows_write(l, gone.p);
    str_free(&gone);
    str_free(&l->gone);
}

static void write_all(struct leases *l) {
    l->stale = false;
    str_free(&l->gone);
    rows_write(l, NULL);
}

static void on_write(struct timer *t) {
    write_new(container_of(t, struct leases, write));
}

/* ------------------------------------------------------------------ opening and going */

static struct lease *lease_of(const struct leases *l, const struct conn *c) {
    struct lease *e = NULL;
    if (l)
        HASH_FIND(hh, l->list, &c->id, sizeof c->id, e);
    return e;
}

void leases_open(struct leases *l, struct conn *c) {
    if (!l)
        return;
    struct lease *e = x_new(struct lease);
    e->all = l;
    e->c = c;
    e->conn = c->id;
    HASH_ADD(hh, l->list, conn, sizeof e->conn, e);
    write_soon(l);
}

static void lease_end(struct lease *e) {
    struct leases *l = e->all;
    if (e->there) {
        str_printf(&l->gone, "%s%" PRIu64, l->gone.len ? "," : "", e->conn);
        write_soon(l);
    }
    HASH_DEL(l->list, e);
    x_free(e);
}

void leases_give(struct leases *l, const struct conn *c) {
    struct lease *e = lease_of(l, c);
    if (!e)
        return;
    e->c = NULL;
    if (!e->out)
        lease_end(e);
}

/* ------------------------------------------------------------------ wishes */

/* A refused row may have been written as a granted one meanwhile (all was written while it was
 * out), hence it is written again in any case. */
static void answered(struct lease *e, bool granted) {
    struct conn *c = e->c && e->c->state == CONN_OPEN ? e->c : NULL;
    lease_done *done = e->done;
    e->held = granted;
    if (!granted)
        e->kind = NULL;
    e->written = false;
    write_soon(e->all);
    if (!e->c)
        lease_end(e);
    if (c)
        done(c, granted);
}

static void on_taken(void *ctx, const struct dba_rows *rows, const struct err *error) {
    struct lease *e = ctx;
    e->out = false;
    if (!error) {
        answered(e, rows->nrows && str_eq(dba_value(rows, 0, 0), "t"));
    } else if (!e->c) {
        answered(e, false);
    } else {
        log_event(LOG_DEBUG, "a lease waits for the database", "code", error->slug, NULL);
        retry_later(e->all);
    }
}

static void ask(struct lease *e) {
    char conn[24], venue[24], most[24];
    const char *values[] = {e->all->name, conn, e->kind, venue, most};
    if (!e->kind || !e->c || !*e->all->name || e->held || e->out)
        return;
    snprintf(conn, sizeof conn, "%" PRIu64, e->conn);
    snprintf(venue, sizeof venue, "%" PRId64, e->c->who.venue);
    snprintf(most, sizeof most, "%ld", e->most);
    e->out = e->there = true;
    dba_query(e->all->server->actions, TAKE_SQL, 5, values, on_taken, e);
}

void leases_take(struct leases *l, struct conn *c, const char *kind, long most, lease_done *done) {
    struct lease *e = lease_of(l, c);
    require(e && !e->kind);
    e->kind = kind;
    e->most = most;
    e->done = done;
    ask(e);
}

static void ask_all(struct leases *l) {
    struct lease *e, *next;
    HASH_ITER(hh, l->list, e, next) ask(e);
}

/* ------------------------------------------------------------------ in line */

void leases_restore(struct leases *l, const char *name) {
    snprintf(l->name, sizeof l->name, "%s", name);
    write_all(l);
    ask_all(l);
}

static void on_retry(struct timer *t) {
    struct leases *l = container_of(t, struct leases, retry);
    if (l->stale)
        write_all(l);
    ask_all(l);
}

static void report(struct leases *l, int64_t venue) {
    struct lease *e, *next;
    HASH_ITER(hh, l->list, e, next) {
        if (e->c && e->c->who.venue == venue)
            e->written = false;
    }
    write_new(l);
}

/* "VENUE:SIDECAR", as api.lease_ask says it; our own voice is no news. */
void leases_heard(struct leases *l, const char *asked) {
    int64_t venue;
    int at = 0;
    if (l && *l->name && sscanf(asked, "%" SCNd64 ":%n", &venue, &at) == 1 && at &&
        !str_eq(asked + at, l->name))
        report(l, venue);
}

static void on_asked(void *ctx, const struct dba_rows *rows, const struct err *e) {
    (void)ctx, (void)rows, (void)e; /* the others' rows stay as they are */
}

void leases_ask(struct leases *l, int64_t venue) {
    char text[24];
    const char *values[] = {l->name, text};
    if (!*l->name)
        return;
    snprintf(text, sizeof text, "%" PRId64, venue);
    report(l, venue);
    dba_query(l->server->actions, ASK_SQL, 2, values, on_asked, NULL);
}

/* ------------------------------------------------------------------ life */

struct leases *leases_start(struct server *s) {
    struct leases *l = x_new(struct leases);
    l->server = s;
    l->retry.fire = on_retry;
    l->write.fire = on_write;
    return l;
}

/* The rows go with the presence: the next one who joins removes them. */
void leases_stop(struct leases *l) {
    struct lease *e, *next;
    if (!l)
        return;
    dba_forget(l->server->actions, l);
    HASH_ITER(hh, l->list, e, next) {
        dba_forget(l->server->actions, e);
        HASH_DEL(l->list, e);
        x_free(e);
    }
    loop_timer_off(l->server->loop, &l->retry);
    loop_timer_off(l->server->loop, &l->write);
    str_free(&l->gone);
    x_free(l);
}
