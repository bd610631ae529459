/* tables_batch.c - the flush clock: what happens in a venue within a few milliseconds leaves
 * together.
 *
 * A change in a quiet venue waits tables_gather_ms for company; flushes of one venue are at least
 * tables_flush_ms apart. One clock a venue, so that a client in two rooms gets everything in the
 * order of seq. Clients with the same things pending share the frames. Called by the hub (gather)
 * and the loop; owns the clocks and what is pending.
 */
#include "config.h"

#include "proto/tables_inner.h"

#include "base/clock.h"
#include "core/hub.h"
#include "core/message.h"
#include "data/dba.h"
#include "data/position.h"
#include "server.h"

#include <string.h>
#include <uthash.h>
#include <utlist.h>

#define TELLINGS    16 /* kinds of pending lists that one flush remembers */
#define RENEW_BATCH 1000
#define RENEW_SQL   "select api.socket_renew($1::text[], $2::text[], $3::text[])"

struct venue_clock {
    int64_t venue;
    struct tables_shared *shared;
    struct timer timer;
    uint64_t flushed_ms;
    struct tables_client *clients; /* with something pending */
    UT_hash_handle hh;
};

struct tables_shared {
    struct server *server;
    struct venue_clock *clocks;
    struct timer renew;
};

/* ------------------------------------------------------------------ lists */

void sayings_add(struct sayings *s, struct event *e, unsigned variant) {
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 4;
        s->list = x_realloc(s->list, s->cap * sizeof *s->list);
    }
    s->list[s->n++] = (struct saying){event_ref(e), variant};
}

void sayings_cut(struct sayings *s, unsigned n) {
    while (s->n > n)
        event_unref(s->list[--s->n].event);
    if (s->n)
        return;
    x_free(s->list);
    *s = (struct sayings){0};
}

static bool sayings_equal(const struct sayings *a, const struct sayings *b) {
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++)
        if (a->list[i].event != b->list[i].event || a->list[i].variant != b->list[i].variant)
            return false;
    return true;
}

/* ------------------------------------------------------------------ telling */

struct telling { /* one list of pending things, and the frames that it becomes */
    struct sayings said;
    struct frame **frames;
    unsigned n;
};

static void telling_end(struct telling *t) {
    for (unsigned i = 0; i < t->n; i++)
        frame_unref(t->frames[i]);
    x_free(t->frames);
    sayings_cut(&t->said, 0);
}

/* Takes over what is pending for the client. */
static void telling_begin(struct telling *t, struct tables_client *client) {
    t->said = client->pending;
    client->pending = (struct sayings){0};
    t->frames = x_alloc(2 * t->said.n * sizeof(struct frame *));
    t->n = tables_frames(t->said.list, t->said.n, t->frames);
}

static void tell(const struct telling *t, struct tables_client *client) {
    struct conn *c = client->socket->conn;
    sayings_cut(&client->pending, 0);
    client->told = t->said.list[t->said.n - 1].event->seq;
    for (unsigned i = 0; i < t->n && c->state == CONN_OPEN; i++)
        conn_push(c, t->frames[i], 0);
}

static void on_flush(struct timer *timer);

static struct venue_clock *clock_of(const struct conn *c) {
    struct tables_shared *sh = c->server->tables;
    struct venue_clock *k;
    HASH_FIND(hh, sh->clocks, &c->who.venue, sizeof c->who.venue, k);
    if (k)
        return k;
    k = x_new(struct venue_clock);
    k->shared = sh;
    k->venue = c->who.venue;
    k->timer.fire = on_flush;
    HASH_ADD(hh, sh->clocks, venue, sizeof k->venue, k);
    return k;
}

static void unlist(struct tables_client *t) {
    if (t->clock)
        DL_DELETE(t->clock->clients, t);
    t->clock = NULL;
}

void tables_flush(struct tables_client *t) {
    struct telling once = {0};
    unlist(t);
    if (!t->pending.n)
        return;
    telling_begin(&once, t);
    tell(&once, t);
    telling_end(&once);
}

void tables_forget(struct tables_client *t, int64_t after) {
    unsigned keep = 0;
    while (keep < t->pending.n && t->pending.list[keep].event->seq <= after)
        keep++;
    sayings_cut(&t->pending, keep);
    if (!keep)
        unlist(t);
}

/* ------------------------------------------------------------------ the clock */

static struct telling *telling_find(struct telling *list, unsigned n,
                                    const struct tables_client *client) {
    for (unsigned i = 0; i < n; i++)
        if (sayings_equal(&list[i].said, &client->pending))
            return &list[i];
    return NULL;
}

static void on_flush(struct timer *timer) {
    struct venue_clock *k = container_of(timer, struct venue_clock, timer);
    struct telling list[TELLINGS];
    unsigned n = 0;
    k->flushed_ms = loop_now(k->shared->server->loop);
    while (k->clients) {
        struct tables_client *client = k->clients;
        struct telling *t = telling_find(list, n, client);
        unlist(client);
        if (!t && n == TELLINGS)
            telling_end(&list[--n]);
        if (!t)
            telling_begin(t = &list[n++], client);
        tell(t, client);
    }
    while (n)
        telling_end(&list[--n]);
}

static void clock_arm(struct venue_clock *k) {
    const struct server *s = k->shared->server;
    uint64_t now = loop_now(s->loop);
    uint64_t company = now + (uint64_t)s->settings->tables_gather_ms;
    uint64_t next = k->flushed_ms + (uint64_t)s->settings->tables_flush_ms;
    loop_timer(s->loop, &k->timer, clock_later(next, company));
}

void tables_gather(struct conn *c, struct event *e) {
    struct tables_client *t = tables_client_of(c);
    unsigned variant = tables_variant(c, e, e->has_masked && c->masked ? VARIANT_MASKED : 0);
    if (!t || !tables_says(e, variant))
        return;
    if (t->syncing) {
        sayings_add(&t->missed, e, variant);
        return;
    }
    sayings_add(&t->pending, e, variant);
    if (t->clock)
        return;
    t->clock = clock_of(c);
    DL_APPEND(t->clock->clients, t);
    if (!t->clock->timer.slot)
        clock_arm(t->clock);
}

/* ------------------------------------------------------------------ renewal */

static void renew_later(struct tables_shared *sh) {
    struct server *s = sh->server;
    loop_timer(s->loop, &sh->renew,
               loop_now(s->loop) + 1000 * (uint64_t)s->settings->tables_renew_s);
}

static void on_renewed(void *ctx, const struct dba_rows *rows, const struct err *e) {
    (void)ctx, (void)rows, (void)e; /* the next time will do: rows outlive several */
}

struct renewal {
    struct str ids, told, heard;
    unsigned n;
};

static void renewal_send(struct server *s, struct renewal *r) {
    if (!r->n)
        return;
    str_putc(&r->ids, '}');
    str_putc(&r->told, '}');
    str_putc(&r->heard, '}');
    const char *values[] = {r->ids.p, r->told.p, r->heard.p};
    dba_query(s->actions, RENEW_SQL, 3, values, on_renewed, NULL);
    str_clear(&r->ids);
    str_clear(&r->told);
    str_clear(&r->heard);
    r->n = 0;
}

/* Has it been sent everything up to its position that concerns it? */
static bool is_even(const struct tables_client *t) {
    return t->socket->conn->state == CONN_OPEN && !t->pending.n && !t->replaying && !t->tables.out;
}

static void renewal_add(struct renewal *r, const struct tables_client *t) {
    const struct conn *c = t->socket->conn;
    char heard[POSITION_MAX] = "null", told[POSITION_MAX] = "null";
    struct position at;
    if (is_even(t) && position_parse(message_cursor(c, heard), &at)) {
        at.seq = t->told;
        position_format(&at, told);
    }
    char before = r->n++ ? ',' : '{';
    str_printf(&r->ids, "%c%s", before, t->socket->id);
    str_printf(&r->told, "%c%s", before, told);
    str_printf(&r->heard, "%c%s", before, heard);
}

/* The rows by which the connected could come back must outlive the connection, however long it
 * stands; and a client that hears nothing must not fall out of the events that are kept. */
static void on_renew(struct timer *timer) {
    struct tables_shared *sh = container_of(timer, struct tables_shared, renew);
    struct server *s = sh->server;
    struct renewal r = {STR_INIT, STR_INIT, STR_INIT, 0};
    for (const struct conn *c = s->conns; c; c = c->next) {
        const struct tables_client *t = tables_client_of(c);
        if (!t || !hub_count(c))
            continue;
        renewal_add(&r, t);
        if (r.n == RENEW_BATCH)
            renewal_send(s, &r);
    }
    renewal_send(s, &r);
    str_free(&r.ids);
    str_free(&r.told);
    str_free(&r.heard);
    renew_later(sh);
}

/* ------------------------------------------------------------------ life */

struct tables_shared *tables_start(struct server *s) {
    struct tables_shared *sh = x_new(struct tables_shared);
    sh->server = s;
    sh->renew.fire = on_renew;
    renew_later(sh);
    return sh;
}

void tables_stop(struct tables_shared *sh) {
    struct venue_clock *k, *next;
    if (!sh)
        return;
    loop_timer_off(sh->server->loop, &sh->renew);
    HASH_ITER(hh, sh->clocks, k, next) {
        loop_timer_off(sh->server->loop, &k->timer);
        HASH_DEL(sh->clocks, k);
        x_free(k);
    }
    x_free(sh);
}
