/* feed.c - follows the event table: heads, NOTIFY, reads, publication. See feed.h.
 *
 * One connection, at most one read in flight: whatever is announced meanwhile is read together
 * next. Every row passes the same door (publish), which checks that seq is the next one.
 */
#include "config.h"

#include "core/feed_bell.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/due.h"
#include "core/hub.h"
#include "core/leases.h"
#include "core/metrics.h"
#include "core/sessions.h"
#include "core/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BEAT_MS      250
#define PROBE_MS     2000
#define DEAF_POLL_MS 250L
#define SILENT_BEATS 8   /* the database owes an answer: no cached one is good any more */
#define STALL_BEATS  80  /* longer than its statement_timeout: the connection is dead */
#define RETRY_MS     500 /* after a read that failed though the connection stands */
#define READ_VENUES  64  /* venues of one read */

#define PROBE_SQL "select api.feed_probe($1::text)"

struct feed_venue *feed_venue_find(const struct feed *f, int64_t venue) {
    struct feed_venue *v;
    HASH_FIND(hh, f->venues, &venue, sizeof venue, v);
    return v;
}

struct feed_venue *feed_venue_new(struct feed *f, int64_t id, int64_t last) {
    struct feed_venue *v = x_new(struct feed_venue);
    v->id = id;
    v->head = last;
    ring_init(&v->ring, (unsigned)f->server->settings->ring_events, last);
    HASH_ADD(hh, f->venues, id, sizeof v->id, v);
    hub_set_seq(f->server->hub, id, last);
    return v;
}

static void live_tell(struct feed *f) {
    positions_set_live(f->server->page, f->up && f->caught && !f->deaf && !f->behind_since &&
                                            f->silent < SILENT_BEATS &&
                                            sessions_current(f->server->sessions));
}

static void on_sessions(void *feed) {
    live_tell(feed);
}

void feed_page_publish(struct feed *f, struct feed_venue *v) {
    positions_publish(f->server->page, f->epoch, v->id, v->ring.last, v->areas);
}

/* ------------------------------------------------------------------ publication */

/* What changed in between is not known, so every area counts as moved: no cached answer is good. */
void feed_venue_restart(struct feed *f, struct feed_venue *v, int64_t last, bool renewed) {
    ring_reset(&v->ring, last);
    v->at[0] = '\0';
    v->filled = false;
    if (v->head < last)
        v->head = last;
    for (int a = AREA_NONE + 1; a < AREA_COUNT; a++)
        v->areas[a] = last;
    feed_page_publish(f, v);
    hub_resync(f->server->hub, v->id, last, renewed);
    states_stale(f->server->states, v->id);
    sessions_refresh(f->server->sessions);
}

void feed_venue_lost(struct feed *f, struct feed_venue *v, int64_t last) {
    log_fmt(LOG_WARN, "events lost, clients resynced", "where",
            "venue=%" PRId64 " after=%" PRId64 " upto=%" PRId64, v->id, v->ring.last, last);
    feed_venue_restart(f, v, last, false);
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
        feed_venue_lost(f, v, e->seq - 1);
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
    log_event(LOG_ERROR, "event refused", "venue", row.venue, "seq", row.seq, "why", e.detail,
              NULL);
    return NULL;
}

/* ------------------------------------------------------------------ reading */

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
            feed_venue_lost(f, v, v->asked);
        v->asked = 0;
    }
}

static void on_read(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    struct feed_venue *v = NULL;
    f->read_out = false;
    f->silent = 0;
    if (e) {
        missing_check(f, false);
        if (e->code != ERR_UNAVAILABLE)
            log_event(LOG_WARN, "feed read failed", "code", e->slug, "detail", e->detail, NULL);
        loop_timer(f->server->loop, &f->poll, loop_now(f->server->loop) + RETRY_MS);
        return;
    }
    for (int i = 0; i < rows->nrows; i++) {
        struct event *ev = feed_row(f, rows, i);
        if (!ev)
            continue;
        if (!v || v->id != ev->venue) {
            if (v)
                feed_page_publish(f, v);
            v = feed_venue_find(f, ev->venue);
        }
        if (v) {
            publish(f, v, ev);
            snprintf(v->at, sizeof v->at, "%s", dba_value(rows, i, 2));
        }
        event_unref(ev);
    }
    if (v)
        feed_page_publish(f, v);
    bell_read(f->bell, rows->nrows);
    missing_check(f, rows->nrows < FEED_BATCH);
    feed_read_next(f);
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

void feed_read_next(struct feed *f) {
    struct asking a = {STR_INIT, STR_INIT, STR_INIT, 0};
    struct feed_venue *v, *next;
    if (f->read_out || !f->up || !*f->epoch || f->renew_out)
        return;
    HASH_ITER(hh, f->venues, v, next) {
        if (v->head > v->ring.last && a.n < READ_VENUES)
            ask_for(&a, v);
    }
    if (a.n)
        asking_send(f, &a);
    else if (!f->heads_out)
        caught_up(f);
    str_free(&a.ids);
    str_free(&a.seqs);
    str_free(&a.ats);
}

void feed_head_seen(struct feed *f, struct feed_venue *v, int64_t head) {
    if (head <= v->head)
        return;
    v->head = head;
    if (!f->behind_since)
        f->behind_since = loop_now(f->server->loop);
}

/* ------------------------------------------------------------------ LISTEN */

/* "VENUE:SEQ", and "!" when others rang at the same time; "VENUE:0" says that it was erased; "0:0"
 * asks for the heads; "probe:TOKEN" proves that we hear; "leases:..." asks for our connections. */
static void on_notified(void *ctx, const char *payload) {
    struct feed *f = ctx;
    int64_t venue, seq;
    char crowd = '\0';
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
    if (str_starts(payload, "leases:")) {
        leases_heard(f->server->leases, payload + 7);
        return;
    }
    if (sscanf(payload, "%" SCNd64 ":%" SCNd64 "%c", &venue, &seq, &crowd) < 2)
        return;
    bell_rang(f->bell, crowd == '!');
    struct feed_venue *v = feed_venue_find(f, venue);
    if (!v) {
        feed_ask_heads(f);
        return;
    }
    if (seq == 0) /* erased */
        sessions_refresh(f->server->sessions);
    feed_head_seen(f, v, seq);
    feed_read_next(f);
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
    f->state_due = true;
    feed_ask_epoch(f);
    feed_ask_heads(f);
    bell_connected(f->bell);
    probe_send(f);
    due_now(f->server->due);
}

static void on_lost(void *ctx) {
    struct feed *f = ctx;
    f->up = false;
    bell_lost(f->bell);
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

/* A connection can stand and yet be dead: a network that drops packets, a backend that hangs. Then
 * nobody says what was committed, and only the question that stays open shows it. */
static void silence_check(struct feed *f) {
    f->silent = f->up && (f->heads_out || f->read_out || f->renew_out) ? f->silent + 1 : 0;
    if (f->silent == SILENT_BEATS) {
        log_event(LOG_WARN, "the database does not answer the feed", NULL);
        live_tell(f);
    } else if (f->silent >= STALL_BEATS) {
        f->silent = 0;
        dbloop_abandon(f->db);
    }
}

static void on_beat(struct timer *t) {
    struct feed *f = container_of(t, struct feed, beat);
    silence_check(f);
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
    f->bell = bell_new(f);
    sessions_watch(s->sessions, on_sessions, f);
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
    sessions_watch(f->server->sessions, NULL, NULL);
    positions_set_live(f->server->page, false);
    bell_free(f->bell);
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

bool feed_reaches(const struct feed *f, const struct position *from) {
    const struct feed_venue *v = feed_venue_find(f, from->venue);
    return v && strcmp(from->epoch, f->epoch) == 0 && from->seq + 1 >= v->trimmed_below;
}

uint64_t feed_lag_ms(const struct feed *f) {
    return f->behind_since ? clock_mono_ms() - f->behind_since : 0;
}
