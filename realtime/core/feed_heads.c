/* feed_heads.c - how far each venue has come, and in which epoch: the feed's bookkeeping.
 *
 * Called by feed.c at every connect, at the safety poll, and for venues that it does not know; by
 * feed_bell.c every few milliseconds, then only for what moved since the last look. Here is noticed
 * that a venue is new, that events were trimmed while we were away, and that the database is behind
 * what was published: then it was restored, and the epoch is renewed.
 */
#include "config.h"

#include "core/feed_inner.h"

#include "base/log.h"
#include "core/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_SQL "select epoch from api.feed_epoch_check() as epoch"
#define HEADS_SQL                                                                                  \
    "select venue, epoch, seq, at, trimmed_below, area_seq, horizon from api.feed_heads($1::xid8)"
#define SINCE_EVER "0"
#define RENEW_SQL                                                                                  \
    "select epoch from api.feed_epoch_renew($1::bigint, $2::bigint, $3::text) as epoch"

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

/* At the first look a venue begins at its head; one that was founded later is read from its first
 * event. */
static void head_new(struct feed *f, const struct head *h) {
    struct feed_venue *v = feed_venue_new(f, h->venue, f->caught ? h->trimmed_below - 1 : h->seq);
    v->trimmed_below = h->trimmed_below;
    if (!f->caught) {
        snprintf(v->at, sizeof v->at, "%s", h->at ? h->at : "");
        areas_read(v, h->areas);
    }
    feed_head_seen(f, v, h->seq);
    feed_page_publish(f, v);
}

static void head_renewed(struct feed *f, struct feed_venue *v, const struct head *h) {
    v->head = 0;
    v->trimmed_below = h->trimmed_below;
    feed_venue_restart(f, v, h->seq, true);
}

static void head_known(struct feed *f, struct feed_venue *v, const struct head *h) {
    v->trimmed_below = h->trimmed_below;
    if (h->seq < v->ring.last) { /* one connection, answers in order: it is behind, not late */
        epoch_renew(f, v);
        return;
    }
    if (h->trimmed_below > v->ring.last + 1)
        feed_venue_lost(f, v, h->trimmed_below - 1);
    feed_head_seen(f, v, h->seq);
}

static bool head_parse(const struct dba_rows *rows, int i, struct head *h) {
    long long venue, seq, trimmed;
    if (!str_to_int64(dba_value(rows, i, 0), &venue) ||
        !str_to_int64(dba_value(rows, i, 2), &seq) ||
        !str_to_int64(dba_value(rows, i, 4), &trimmed))
        return false;
    *h = (struct head){venue, seq, trimmed, dba_value(rows, i, 3), dba_value(rows, i, 5)};
    return true;
}

static void heads_take(struct feed *f, const struct dba_rows *rows, bool renewed) {
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
}

/* Only behind the heads, so that what is committed in between is in the state or is an event. */
static void state_read(struct feed *f) {
    if (f->state_due)
        sessions_refresh(f->server->sessions);
    f->state_due = false;
}

static void on_heads(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    bool some = !str_eq(f->since, SINCE_EVER);
    f->heads_out = false;
    f->silent = 0;
    if (e) {
        f->heads_all = true;
        return;
    }
    const char *epoch = rows->nrows ? dba_value(rows, 0, 1) : NULL;
    bool other = epoch && strcmp(epoch, f->epoch) != 0, renewed = other && *f->epoch;
    if (renewed && some) { /* every venue begins anew, also those that did not move */
        feed_ask_heads(f);
        return;
    }
    if (other)
        epoch_adopt(f, epoch);
    if (rows->nrows)
        snprintf(f->since, sizeof f->since, "%s", dba_value(rows, 0, 6));
    heads_take(f, rows, renewed);
    state_read(f);
    if (f->heads_again)
        feed_look(f);
    feed_read_next(f);
}

void feed_look(struct feed *f) {
    f->heads_again = f->heads_out;
    if (!f->up || f->heads_out)
        return;
    if (f->heads_all)
        snprintf(f->since, sizeof f->since, SINCE_EVER);
    f->heads_all = false;
    f->heads_out = true;
    const char *values[] = {f->since};
    dbloop_query(f->db, HEADS_SQL, 1, values, on_heads, f);
}

void feed_ask_heads(struct feed *f) {
    f->heads_all = true;
    feed_look(f);
}

static void on_epoch(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct feed *f = ctx;
    if (!e && rows->nrows && dba_value(rows, 0, 0) && !*f->epoch)
        epoch_adopt(f, dba_value(rows, 0, 0));
}

void feed_ask_epoch(struct feed *f) {
    dbloop_query(f->db, EPOCH_SQL, 0, NULL, on_epoch, f);
}
