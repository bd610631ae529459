/* due.c - asks the database to do what is due, and how long it is until the next. See due.h. */
#include "config.h"

#include "core/due.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define DUE_MAX     "100" /* done by one call */
#define SETTLE_MS   250   /* a burst of changes is one question */
#define RETRY_MS    2000
#define FARTHEST_MS 3600000 /* asked again at least so often: the database's clock may be set */
#define DUE_SQL     "select announced, escalated, released, expired, wait_ms from api.due_run($1::int)"

/* Columns of the answer. */
enum { COL_ANNOUNCED, COL_ESCALATED, COL_RELEASED, COL_EXPIRED, COL_WAIT };
static const char *const done[COL_WAIT] = {
    [COL_ANNOUNCED] = "reservations announced",
    [COL_ESCALATED] = "messages escalated",
    [COL_RELEASED] = "reserved tables released",
    [COL_EXPIRED] = "sessions expired",
};

/* Areas whose changes may bring something nearer: times, settings, what a table owes. */
static const bool moves[AREA_COUNT] = {
    [AREA_TABLES] = true,   [AREA_ORDERS] = true,        [AREA_RESERVATIONS] = true,
    [AREA_BOOKINGS] = true, [AREA_NOTIFICATIONS] = true, [AREA_VENUE] = true,
};

struct due {
    struct server *server;
    bool out, again;
    struct timer timer;
};

static void ask_in(struct due *d, uint64_t ms) {
    uint64_t due = loop_now(d->server->loop) + ms;
    if (!d->timer.slot || d->timer.due > due)
        loop_timer(d->server->loop, &d->timer, due);
}

static void tell(const struct dba_rows *rows) {
    long long n;
    for (int i = 0; i < COL_WAIT; i++)
        if (str_to_int64(dba_value(rows, 0, i), &n) && n > 0)
            log_fmt(LOG_INFO, done[i], "count", "%lld", n);
}

/* A length of time, not a moment: it does not matter what this machine takes the time to be. */
static void ask_after(struct due *d, const char *wait) {
    long long ms;
    if (wait && str_to_int64(wait, &ms))
        ask_in(d, ms < SETTLE_MS ? SETTLE_MS : ms > FARTHEST_MS ? FARTHEST_MS : (uint64_t)ms);
}

static void on_due(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct due *d = ctx;
    d->out = false;
    if (e || !rows->nrows) {
        if (e && e->code != ERR_UNAVAILABLE)
            log_event(LOG_WARN, "what is due is not done", "code", e->slug, NULL);
        ask_in(d, RETRY_MS);
        return;
    }
    tell(rows);
    ask_after(d, dba_value(rows, 0, COL_WAIT));
    if (d->again)
        ask_in(d, SETTLE_MS);
    d->again = false;
}

void due_now(struct due *d) {
    static const char *const max[] = {DUE_MAX};
    d->again = d->out;
    if (d->out)
        return;
    d->out = true;
    loop_timer_off(d->server->loop, &d->timer);
    dba_query(d->server->actions, DUE_SQL, 1, max, on_due, d);
}

static void on_timer(struct timer *t) {
    due_now(container_of(t, struct due, timer));
}

void due_event(struct due *d, const struct event *e) {
    if (e->resync || (moves[e->area] && !event_did(e, "upcoming")))
        ask_in(d, SETTLE_MS);
}

struct due *due_start(struct server *s) {
    struct due *d = x_new(struct due);
    d->server = s;
    d->timer.fire = on_timer;
    return d;
}

void due_stop(struct due *d) {
    if (!d)
        return;
    if (d->server->actions)
        dba_forget(d->server->actions, d);
    loop_timer_off(d->server->loop, &d->timer);
    x_free(d);
}
