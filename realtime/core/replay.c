/* replay.c - those who come back: what they missed, from the ring, else from the table.
 *
 * Called through feed_resume by the protos and woken by feed.c. Owns a connection of its own, so
 * that long reads never delay the live feed, and the list of those who are under way. One who
 * is within the ring's bound waits until the ring is filled backwards, by one query for all of a
 * venue; one who is further behind reads the table in batches of their own until the ring is
 * reached. The client's queue sets the pace.
 */
#include "config.h"

#include "core/feed_inner.h"

#include "base/log.h"
#include "base/mem.h"
#include "core/hub.h"
#include "core/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

#define PACE_MS 10   /* a client's queue is looked at again */
#define AWAY_MS 1000 /* the database is asked again */

struct resume {
    struct replay *replay;
    uint64_t conn;
    struct position at; /* everything up to here was offered */
    feed_resumed *done;
    bool reading; /* a query of its own is in flight */
    bool paused;  /* the client's queue is half full */
    struct resume *prev, *next;
};

struct replay {
    struct feed *feed;
    struct dbloop *db;
    struct resume *all;
    struct timer pace;
};

struct fill { /* the ring of one venue, backwards */
    struct replay *replay;
    int64_t venue;
    char epoch[EPOCH_LEN + 1]; /* in which it was asked for */
};

static void resume_step(struct resume *r);

/* One timer for all who wait: the earliest wish counts. */
static void pace_in(struct replay *rp, uint64_t ms) {
    uint64_t due = loop_now(rp->feed->server->loop) + ms;
    if (!rp->pace.slot || rp->pace.due > due)
        loop_timer(rp->feed->server->loop, &rp->pace, due);
}

static void resume_end(struct resume *r, struct conn *c, enum feed_resume how) {
    struct replay *rp = r->replay;
    DL_DELETE(rp->all, r);
    if (c) {
        if (how == FEED_SNAPSHOT_NEEDED)
            c->seq = -1; /* `at` may be of another epoch: it says nothing about what is to come */
        metric_add(c->server->metrics, how == FEED_EXACT ? METRIC_RESUMES : METRIC_RESUME_SNAPSHOTS,
                   1);
        c->replaying = false;
        r->done(c, how);
        hub_release(c, 0);
    }
    x_free(r);
}

/* ------------------------------------------------------------------ queries */

static void table_read(struct replay *rp, const struct feed_venue *v, int64_t after, unsigned max,
                       dba_rows_done *done, void *ctx) {
    char ids[32], seqs[32], limit[16];
    snprintf(ids, sizeof ids, "{%" PRId64 "}", v->id);
    snprintf(seqs, sizeof seqs, "{%" PRId64 "}", after);
    snprintf(limit, sizeof limit, "%u", max);
    const char *values[] = {ids, seqs, "{null}", limit};
    metric_add(rp->feed->server->metrics, METRIC_REPLAY_READS, 1);
    dbloop_query(rp->db, FEED_READ_SQL, 4, values, done, ctx);
}

/* Everything that stops a query's answer from being used, the conn's death included. */
static void on_batch(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct resume *r = ctx;
    struct conn *c = conn_find(r->replay->feed->server, r->conn);
    r->reading = false;
    if (!c) {
        resume_end(r, NULL, FEED_EXACT);
        return;
    }
    if (e) {
        r->paused = true; /* the database is away: a delay, never a hole */
        pace_in(r->replay, AWAY_MS);
        return;
    }
    bool exact = rows->nrows > 0 && strcmp(r->at.epoch, r->replay->feed->epoch) == 0;
    for (int i = 0; exact && i < rows->nrows; i++) {
        struct event *ev = feed_row(r->replay->feed, rows, i);
        exact = ev && ev->seq == r->at.seq + 1 && !ev->resync;
        if (exact) {
            r->at.seq = ev->seq;
            hub_offer(c, ev);
        }
        if (ev)
            event_unref(ev);
    }
    if (exact)
        resume_step(r);
    else
        resume_end(r, c, FEED_SNAPSHOT_NEEDED);
}

static void fill_ring(struct feed_venue *v, struct event **list, int n) {
    for (int i = n - 1; i >= 0; i--)
        if (list[i]->seq == ring_first(&v->ring) - 1 && !ring_unshift(&v->ring, list[i]))
            return;
}

static void venue_wake(struct replay *rp, int64_t venue) {
    struct resume *r, *next;
    DL_FOREACH_SAFE(rp->all, r, next) {
        if (!venue || r->at.venue == venue)
            resume_step(r);
    }
}

static void on_fill(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct fill *fill = ctx;
    struct replay *rp = fill->replay;
    struct feed_venue *v = feed_venue_find(rp->feed, fill->venue);
    bool same = strcmp(fill->epoch, rp->feed->epoch) == 0;
    x_free(fill);
    v->filling = false;
    if (e || !same) {
        pace_in(rp, e ? AWAY_MS : PACE_MS);
        return;
    }
    struct event **list = x_alloc((size_t)rows->nrows * sizeof *list);
    int n = 0;
    for (int i = 0; i < rows->nrows; i++)
        if ((list[n] = feed_row(rp->feed, rows, i)) != NULL)
            event_trim(list[n++]);
    fill_ring(v, list, n);
    for (int i = 0; i < n; i++)
        event_unref(list[i]);
    x_free(list);
    v->filled = true;
    venue_wake(rp, v->id);
}

static void fill_start(struct replay *rp, struct feed_venue *v) {
    int64_t first = ring_first(&v->ring);
    int64_t after = v->ring.last - (int64_t)v->ring.bound;
    if (after < v->trimmed_below - 1)
        after = v->trimmed_below - 1;
    v->filled = after >= first - 1;
    if (v->filled)
        return;
    struct fill *fill = x_new(struct fill);
    fill->replay = rp;
    fill->venue = v->id;
    memcpy(fill->epoch, rp->feed->epoch, sizeof fill->epoch);
    v->filling = true;
    table_read(rp, v, after, (unsigned)(first - 1 - after), on_fill, fill);
}

/* ------------------------------------------------------------------ one who comes back */

/* From the ring as far as it goes now. True when the position is the published one. */
static bool offer_ring(struct resume *r, struct conn *c, struct feed_venue *v, bool *exact) {
    size_t half = (size_t)c->server->settings->queue_bytes / 2;
    while (r->at.seq < v->ring.last && ring_covers(&v->ring, r->at.seq)) {
        struct event *e = ring_at(&v->ring, r->at.seq + 1);
        *exact = !e->resync;
        if (e->resync || c->state != CONN_OPEN)
            return false;
        if (c->out.bytes > half) {
            r->paused = true;
            pace_in(r->replay, PACE_MS);
            return false;
        }
        r->at.seq = e->seq;
        hub_offer(c, e);
    }
    return r->at.seq == v->ring.last;
}

/* The ring does not reach back so far: fill it, or read past it. */
static void resume_read(struct resume *r, struct conn *c, struct feed_venue *v) {
    bool near = v->ring.last - r->at.seq <= (int64_t)v->ring.bound;
    if (c->out.bytes > (size_t)c->server->settings->queue_bytes / 2) {
        r->paused = true;
        pace_in(r->replay, PACE_MS);
        return;
    }
    if (near && !v->filled && !v->filling)
        fill_start(r->replay, v);
    if (near && v->filling)
        return; /* on_fill wakes it */
    r->reading = true;
    table_read(r->replay, v, r->at.seq, FEED_BATCH, on_batch, r);
}

static void resume_step(struct resume *r) {
    struct feed *f = r->replay->feed;
    struct conn *c = conn_find(f->server, r->conn);
    struct feed_venue *v = feed_venue_find(f, r->at.venue);
    bool exact = true;
    if (r->reading)
        return; /* on_batch comes */
    if (!c) {
        resume_end(r, NULL, FEED_EXACT);
        return;
    }
    if (!f->caught)
        return; /* replay_wake comes */
    r->paused = false;
    if (!feed_reaches(f, &r->at)) {
        resume_end(r, c, FEED_SNAPSHOT_NEEDED);
    } else if (r->at.seq > v->ring.last) {
        feed_ask_heads(f); /* this sidecar is behind, or it never was: resume_ahead */
    } else if (offer_ring(r, c, v, &exact)) {
        resume_end(r, c, FEED_EXACT);
    } else if (!exact) {
        resume_end(r, c, FEED_SNAPSHOT_NEEDED);
    } else if (!r->paused && c->state == CONN_OPEN) {
        resume_read(r, c, v);
    }
}

/* After all that the database has was read: a position beyond it never was. */
static void resume_ahead(struct resume *r) {
    const struct feed_venue *v = feed_venue_find(r->replay->feed, r->at.venue);
    struct conn *c = conn_find(r->replay->feed->server, r->conn);
    if (!r->reading && c && v && r->at.seq > v->ring.last)
        resume_end(r, c, FEED_SNAPSHOT_NEEDED);
    else
        resume_step(r);
}

void feed_resume(struct feed *f, struct conn *c, const struct position *from, feed_resumed *done) {
    struct resume *r = x_new(struct resume);
    r->replay = f->replay;
    r->conn = c->id;
    r->at = *from;
    r->done = done;
    DL_APPEND(f->replay->all, r);
    hub_hold(c);
    c->seq = from->seq;
    c->replaying = true;
    resume_step(r);
}

void replay_wake(struct replay *rp) {
    struct resume *r, *next;
    DL_FOREACH_SAFE(rp->all, r, next) {
        if (!r->paused)
            resume_ahead(r);
    }
}

/* ------------------------------------------------------------------ life */

static void on_pace(struct timer *t) {
    struct replay *rp = container_of(t, struct replay, pace);
    venue_wake(rp, 0);
}

static void on_connected(void *ctx) {
    struct replay *rp = ctx;
    venue_wake(rp, 0);
}

struct replay *replay_start(struct feed *f) {
    struct replay *rp = x_new(struct replay);
    struct dbloop_hooks hooks = {.ctx = rp, .connected = on_connected};
    rp->feed = f;
    rp->pace.fire = on_pace;
    rp->db = dbloop_open(f->server->loop, f->server->settings, "maitred-replay", NULL, &hooks);
    return rp;
}

void replay_stop(struct replay *rp) {
    struct resume *r, *next;
    dbloop_close(rp->db); /* its last callbacks may set the timer */
    loop_timer_off(rp->feed->server->loop, &rp->pace);
    DL_FOREACH_SAFE(rp->all, r, next) {
        DL_DELETE(rp->all, r);
        x_free(r);
    }
    x_free(rp);
}
