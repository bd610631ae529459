/* feed.c - follows the event table: heads, NOTIFY, reads, publication. See feed.h.
 *
 * One connection, at most one read in flight: whatever is announced meanwhile is read together
 * next. Every row passes the same door (publish), which checks that seq is the next one.
 */
#include "config.h"

#include "core/feed_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/due.h"
#include "core/hub.h"
#include "core/metrics.h"
#include "core/sessions.h"
#include "core/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEAT_MS 1000
#define PROBE_MS 2000
#define DEAF_POLL_MS 250L
#define READ_VENUES 64 /* venues of one read */

#define EPOCH_SQL "select epoch from api.feed_epoch_check() as epoch"
#define HEADS_SQL "select venue, epoch, seq, at, trimmed_below, area_seq from api.feed_heads()"
#define RENEW_SQL "select epoch from api.feed_epoch_renew($1::bigint, $2::bigint, $3::text) as epoch"
#define PROBE_SQL "select api.feed_probe($1::text)"

struct feed_venue *feed_venue_find(const struct feed *f, int64_t venue) {
    struct feed_venue *v;
    HASH_FIND(hh, f->venues, &venue, sizeof venue, v);
    return v;
}

static struct feed_venue *venue_new(struct feed *f, int64_t id, int64_t last) {
    struct feed_venue *v = x_new(struct feed_venue);
    v->id = id;
    v->head = last;
    ring_init(&v->ring, (unsigned)f->server->settings->ring_events, last);
    HASH_ADD(hh, f->venues, id, sizeof v->id, v);
    hub_set_seq(f->server->hub, id, last);
    return v;
}

static void live_tell(struct feed *f) {
    positions_set_live(f->server->page, f->up && f->caught && !f->deaf && !f->behind_since);
}

static void page_publish(struct feed *f, struct feed_venue *v) {
    positions_publish(f->server->page, f->epoch, v->id, v->ring.last, v->areas);
}

/* ------------------------------------------------------------------ publication */

/* Clients can't be told exactly what lies between their position and `last`. */
static void venue_restart(struct feed *f, struct feed_venue *v, int64_t last, bool renewed) {
    ring_reset(&v->ring, last);
    v->at[0] = '\0';
    v->filled = false;
    if (v->head < last)
        v->head = last;
    hub_resync(f->server->hub, v->id, last, renewed);
    states_stale(f->server->states, v->id);
    sessions_refresh(f->server->sessions);
}

static void venue_lost(struct feed *f, struct feed_venue *v, int64_t last) {
    log_fmt(LOG_WARN, "events lost, clients resynced", "where", "venue=%" PRId64 " after=%" PRId64
            " upto=%" PRId64, v->id, v->ring.last, last);
    venue_restart(f, v, last, false);
}

static void areas_move(struct feed_venue *v, const struct event *e) {
    for (int a = AREA_NONE + 1; a < AREA_COUNT; a++)
        if (e->resync || a == (int)e->area)
            v->areas[a] = e->seq;
}

static void publish(struct feed *f, struct feed_venue *v, struct event *e) {
    struct server *s = f->server;
    if (e->seq <= v->ring.last)
        return;
    if (e->seq != v->ring.last + 1)
        venue_lost(f, v, e->seq - 1);
    ring_push(&v->ring, e);
    if (v->head < e->seq)
        v->head = e->seq;
    areas_move(v, e);
    hub_publish(s->hub, e);
    metric_add(s->metrics, METRIC_EVENTS, 1);
    metrics_published(s->metrics, e->at_ms);
    states_event(s->states, e);
    sessions_event(s->sessions, e);
    due_event(s->due, e);
    event_trim(e);
}

struct event *feed_row(const struct feed *f, const struct dba_rows *rows, int i) {
    struct event_row row = {
        dba_value(rows, i, 0), dba_value(rows, i, 1), dba_value(rows, i, 2), dba_value(rows, i, 3),
        dba_value(rows, i, 4), dba_value(rows, i, 5), dba_value(rows, i, 6), dba_value(rows, i, 7),
        dba_value(rows, i, 8), dba_value(rows, i, 9),
    };
    struct event *ev;
    struct err e;
    if (event_parse(&row, f->epoch, &ev, &e))
        return ev;
    log_event(LOG_ERROR, "event refused", "venue", row.venue, "seq", row.seq, "why", e.detail, NULL);
    return NULL;
}

/* ------------------------------------------------------------------ reading */

static void read_next(struct feed *f);

static void caught_up(struct feed *f) {
    bool first = !f->caught;
    f->behind_since = 0;
    f->caught = true;
    live_tell(f);
    if (first) {
        log_event(LOG_INFO, "feed ready", "epoch", f->epoch, NULL);
        states_stale(f->server->states, 0);
        due_now(f->server->due);
    }
    replay_wake(f->replay);
}

/* The database said that there is more, was asked for it, and had room: then it is not there. */
static void missing_check(struct feed *f, bool complete) {
    struct feed_venue *v, *next;
    HASH_ITER(hh, f->venues, v, next) {
        if (complete && v->asked > v->ring.last)
            venue_lost(f, v, v->asked);
        v->asked = 0;
    }
}

static void on_read(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    struct feed_venue *v = NULL;
    f->read_out = false;
    if (e) {
        missing_check(f, false);
        if (e->code != ERR_UNAVAILABLE)
            log_event(LOG_WARN, "feed read failed", "code", e->slug, "detail", e->detail, NULL);
        return; /* the poll, or the reconnect, asks again */
    }
    for (int i = 0; i < rows->nrows; i++) {
        struct event *ev = feed_row(f, rows, i);
        if (!ev)
            continue;
        if (!v || v->id != ev->venue) {
            if (v)
                page_publish(f, v);
            v = feed_venue_find(f, ev->venue);
        }
        if (v) {
            publish(f, v, ev);
            snprintf(v->at, sizeof v->at, "%s", dba_value(rows, i, 2));
        }
        event_unref(ev);
    }
    if (v)
        page_publish(f, v);
    missing_check(f, rows->nrows < FEED_BATCH);
    read_next(f);
}

struct asking {
    struct str ids, seqs, ats;
    unsigned n;
};

static void ask_for(struct asking *a, struct feed_venue *v) {
    char comma = a->n++ ? ',' : '{';
    v->asked = v->head;
    str_printf(&a->ids, "%c%" PRId64, comma, v->id);
    str_printf(&a->seqs, "%c%" PRId64, comma, v->ring.last);
    if (*v->at)
        str_printf(&a->ats, "%c\"%s\"", comma, v->at);
    else
        str_printf(&a->ats, "%cnull", comma);
}

static void asking_send(struct feed *f, struct asking *a) {
    char limit[12];
    snprintf(limit, sizeof limit, "%d", FEED_BATCH);
    str_putc(&a->ids, '}');
    str_putc(&a->seqs, '}');
    str_putc(&a->ats, '}');
    const char *values[] = {str_c(&a->ids), str_c(&a->seqs), str_c(&a->ats), limit};
    f->read_out = true;
    dbloop_query(f->db, FEED_READ_SQL, 4, values, on_read, f);
}

static void read_next(struct feed *f) {
    struct asking a = {STR_INIT, STR_INIT, STR_INIT, 0};
    struct feed_venue *v, *next;
    if (f->read_out || !f->up || !*f->epoch || f->renew_out)
        return;
    HASH_ITER(hh, f->venues, v, next)
        if (v->head > v->ring.last && a.n < READ_VENUES)
            ask_for(&a, v);
    if (a.n)
        asking_send(f, &a);
    else if (!f->heads_out)
        caught_up(f);
    str_free(&a.ids);
    str_free(&a.seqs);
    str_free(&a.ats);
}

static void head_seen(struct feed *f, struct feed_venue *v, int64_t head) {
    if (head <= v->head)
        return;
    v->head = head;
    if (!f->behind_since)
        f->behind_since = loop_now(f->server->loop);
}

/* ------------------------------------------------------------------ heads and epoch */

static void epoch_adopt(struct feed *f, const char *epoch) {
    log_event(LOG_INFO, "epoch", "new", epoch, "old", f->epoch, NULL);
    snprintf(f->epoch, sizeof f->epoch, "%s", epoch);
    positions_set_epoch(f->server->page, f->epoch);
}

static void areas_read(struct feed_venue *v, const char *list) {
    int a = AREA_NONE;
    for (const char *p = list; p && *p && ++a < AREA_COUNT; p = strchr(p, ','))
        v->areas[a] = strtoll(p + 1, NULL, 10);
}

static void on_renewed(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    (void)rows;
    f->renew_out = false;
    if (e)
        log_event(LOG_WARN, "epoch not renewed", "code", e->slug, NULL);
    else
        feed_ask_heads(f);
}

/* The database is behind what was published: somebody restored it. */
static void epoch_renew(struct feed *f, const struct feed_venue *v) {
    char venue[24], seq[24];
    if (f->renew_out)
        return;
    log_fmt(LOG_WARN, "database is behind what was published", "venue", "%" PRId64, v->id);
    snprintf(venue, sizeof venue, "%" PRId64, v->id);
    snprintf(seq, sizeof seq, "%" PRId64, v->ring.last);
    const char *values[] = {venue, seq, f->epoch};
    f->renew_out = true;
    dbloop_query(f->db, RENEW_SQL, 3, values, on_renewed, f);
}

struct head {
    int64_t venue, seq, trimmed_below;
    const char *at, *areas;
};

/* At the first look a venue begins at its head; one that was founded later is read from its first event. */
static void head_new(struct feed *f, const struct head *h) {
    struct feed_venue *v = venue_new(f, h->venue, f->caught ? h->trimmed_below - 1 : h->seq);
    v->trimmed_below = h->trimmed_below;
    if (!f->caught) {
        snprintf(v->at, sizeof v->at, "%s", h->at ? h->at : "");
        areas_read(v, h->areas);
    }
    head_seen(f, v, h->seq);
    page_publish(f, v);
}

static void head_renewed(struct feed *f, struct feed_venue *v, const struct head *h) {
    v->head = 0;
    v->trimmed_below = h->trimmed_below;
    areas_read(v, h->areas);
    venue_restart(f, v, h->seq, true);
    page_publish(f, v);
}

static void head_known(struct feed *f, struct feed_venue *v, const struct head *h) {
    v->trimmed_below = h->trimmed_below;
    if (h->seq < v->ring.last) { /* one connection, answers in order: it is behind, not late */
        epoch_renew(f, v);
        return;
    }
    if (h->trimmed_below > v->ring.last + 1)
        venue_lost(f, v, h->trimmed_below - 1);
    head_seen(f, v, h->seq);
}

static bool head_parse(const struct dba_rows *rows, int i, struct head *h) {
    long long venue, seq, trimmed;
    if (!str_to_int64(dba_value(rows, i, 0), &venue) || !str_to_int64(dba_value(rows, i, 2), &seq) ||
        !str_to_int64(dba_value(rows, i, 4), &trimmed))
        return false;
    *h = (struct head){venue, seq, trimmed, dba_value(rows, i, 3), dba_value(rows, i, 5)};
    return true;
}

static void on_heads(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    f->heads_out = false;
    if (e)
        return;
    const char *epoch = rows->nrows ? dba_value(rows, 0, 1) : NULL;
    bool renewed = epoch && *f->epoch && strcmp(epoch, f->epoch) != 0;
    if (epoch && strcmp(epoch, f->epoch) != 0)
        epoch_adopt(f, epoch);
    for (int i = 0; i < rows->nrows; i++) {
        struct head h;
        if (!head_parse(rows, i, &h))
            continue;
        struct feed_venue *v = feed_venue_find(f, h.venue);
        if (!v)
            head_new(f, &h);
        else if (renewed)
            head_renewed(f, v, &h);
        else
            head_known(f, v, &h);
    }
    if (f->heads_again)
        feed_ask_heads(f);
    read_next(f);
}

void feed_ask_heads(struct feed *f) {
    f->heads_again = f->heads_out;
    if (!f->up || f->heads_out)
        return;
    f->heads_out = true;
    dbloop_query(f->db, HEADS_SQL, 0, NULL, on_heads, f);
}

static void on_epoch(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    if (!e && rows->nrows && dba_value(rows, 0, 0) && !*f->epoch)
        epoch_adopt(f, dba_value(rows, 0, 0));
}

/* ------------------------------------------------------------------ LISTEN */

/* "VENUE:SEQ"; "0:0" asks for the heads; "probe:TOKEN" proves that we hear. */
static void on_notified(void *ctx, const char *payload) {
    struct feed *f = ctx;
    int64_t venue, seq;
    if (str_starts(payload, "probe:")) {
        if (!f->heard && str_eq(payload + 6, f->probe)) {
            f->heard = true;
            f->deaf = false;
            loop_timer_off(f->server->loop, &f->probe_timer);
            log_event(LOG_INFO, "LISTEN works", NULL);
            live_tell(f);
        }
        return;
    }
    if (sscanf(payload, "%" SCNd64 ":%" SCNd64, &venue, &seq) != 2)
        return;
    struct feed_venue *v = feed_venue_find(f, venue);
    if (!v) {
        feed_ask_heads(f);
        return;
    }
    head_seen(f, v, seq);
    read_next(f);
}

static void on_probe_timer(struct timer *t) {
    struct feed *f = container_of(t, struct feed, probe_timer);
    f->deaf = true;
    log_fmt(LOG_WARN, "LISTEN does not work (a pooler between?), reading by the clock", "every_ms",
            "%ld", DEAF_POLL_MS);
    loop_timer(f->server->loop, &f->poll, loop_now(f->server->loop));
    live_tell(f);
}

static void on_probed(void *ctx, const struct dba_rows *rows, const struct err *e) {
    (void)ctx;
    (void)rows;
    (void)e; /* what counts is whether it is heard */
}

static void probe_send(struct feed *f) {
    f->heard = false;
    random_hex(f->probe, sizeof f->probe - 1);
    const char *values[] = {f->probe};
    dbloop_query(f->db, PROBE_SQL, 1, values, on_probed, f);
    loop_timer(f->server->loop, &f->probe_timer, loop_now(f->server->loop) + PROBE_MS);
}

/* ------------------------------------------------------------------ life */

static void on_connected(void *ctx) {
    struct feed *f = ctx;
    metric_add(f->server->metrics, METRIC_DB_RECONNECTS, f->was_up);
    f->up = f->was_up = true;
    f->deaf = false;
    dbloop_query(f->db, EPOCH_SQL, 0, NULL, on_epoch, f);
    feed_ask_heads(f);
    probe_send(f);
    sessions_refresh(f->server->sessions);
    due_now(f->server->due);
}

static void on_lost(void *ctx) {
    struct feed *f = ctx;
    f->up = false;
    if (!f->behind_since)
        f->behind_since = loop_now(f->server->loop);
    loop_timer_off(f->server->loop, &f->probe_timer);
    live_tell(f);
}

static void on_poll(struct timer *t) {
    struct feed *f = container_of(t, struct feed, poll);
    long every = f->server->settings->feed_poll_ms;
    feed_ask_heads(f);
    if (f->deaf && every > DEAF_POLL_MS)
        every = DEAF_POLL_MS;
    loop_timer(f->server->loop, &f->poll, loop_now(f->server->loop) + (uint64_t)every);
}

static void on_beat(struct timer *t) {
    struct feed *f = container_of(t, struct feed, beat);
    positions_beat(f->server->page, clock_mono_ms());
    loop_timer(f->server->loop, &f->beat, loop_now(f->server->loop) + BEAT_MS);
}

struct feed *feed_start(struct server *s, struct err *e) {
    struct feed *f = x_new(struct feed);
    struct dbloop_hooks hooks = {f, on_connected, on_lost, on_notified};
    (void)e;
    f->server = s;
    f->poll.fire = on_poll;
    f->beat.fire = on_beat;
    f->probe_timer.fire = on_probe_timer;
    f->behind_since = clock_mono_ms();
    f->db = dbloop_open(s->loop, s->settings, "maitred-feed", "maitred_feed", &hooks);
    f->replay = replay_start(f);
    on_poll(&f->poll);
    on_beat(&f->beat);
    live_tell(f);
    return f;
}

void feed_stop(struct feed *f) {
    if (!f)
        return;
    struct feed_venue *v, *next;
    dba_forget(dbloop_dba(f->db), f);
    positions_set_live(f->server->page, false);
    replay_stop(f->replay);
    dbloop_close(f->db);
    loop_timer_off(f->server->loop, &f->poll);
    loop_timer_off(f->server->loop, &f->beat);
    loop_timer_off(f->server->loop, &f->probe_timer);
    HASH_ITER(hh, f->venues, v, next) {
        HASH_DEL(f->venues, v);
        ring_free(&v->ring);
        x_free(v);
    }
    x_free(f);
}

bool feed_ready(const struct feed *f) {
    return f->up && f->caught;
}

bool feed_position(const struct feed *f, int64_t venue, struct position *out) {
    if (!f || !*f->epoch)
        return false;
    const struct feed_venue *v = feed_venue_find(f, venue);
    memcpy(out->epoch, f->epoch, sizeof out->epoch);
    out->venue = venue;
    out->seq = v ? v->ring.last : 0;
    return true;
}

uint64_t feed_lag_ms(const struct feed *f) {
    return f->behind_since ? clock_mono_ms() - f->behind_since : 0;
}
