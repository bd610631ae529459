/* due.c - asks the database who is due, and when the next one will be. See due.h. */
#include "config.h"

#include "core/due.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define DUE_MAX     100 /* announced by one call */
#define SETTLE_MS   250 /* a burst of changes is one question */
#define RETRY_MS    2000
#define FARTHEST_MS 3600000 /* asked again at least so often: clocks may be set */
#define DUE_SQL     "select fired, next_at from api.reservations_due($1::int)"

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

/* The moment is the database's; a clock that is ahead of it asks early and is told again. */
static uint64_t until(const char *next_at) {
    int64_t ms;
    if (!next_at || !instant_ms(next_at, &ms))
        return FARTHEST_MS;
    ms -= clock_wall_ms();
    return ms < SETTLE_MS ? SETTLE_MS : ms > FARTHEST_MS ? FARTHEST_MS : (uint64_t)ms;
}

static void on_due(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct due *d = ctx;
    long long fired = 0;
    d->out = false;
    if (e || !rows->nrows) {
        if (e && e->code != ERR_UNAVAILABLE)
            log_event(LOG_WARN, "due reservations not asked", "code", e->slug, NULL);
        ask_in(d, RETRY_MS);
        return;
    }
    if (str_to_int64(dba_value(rows, 0, 0), &fired) && fired > 0)
        log_fmt(LOG_INFO, "reservations announced", "count", "%lld", fired);
    const char *next_at = dba_value(rows, 0, 1);
    if (d->again || fired >= DUE_MAX)
        ask_in(d, SETTLE_MS);
    else if (next_at)
        ask_in(d, until(next_at));
    d->again = false;
}

void due_now(struct due *d) {
    static const char *const max[] = {"100"};
    _Static_assert(DUE_MAX == 100, "said twice");
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
    bool moves = e->area == AREA_RESERVATIONS || e->area == AREA_BOOKINGS;
    if (e->resync || (moves && !event_did(e, "upcoming")))
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
