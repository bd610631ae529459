/* feed_bell.c - asleep, awake, and the way from one to the other. See feed_bell.h. */
#include "config.h"

#include "core/feed_bell.h"

#include "base/log.h"
#include "base/mem.h"
#include "core/leases.h"

#include <stdio.h>
#include <unistd.h>

#define READ_MS      4   /* how often is read while awake ... */
#define VENUES_A_MS  512 /* ... and 1 ms more for so many venues: a look passes all their heads */
#define RINGS        120 /* so many bells ... */
#define CROWD        8   /* (one of a crowd counts for so many) */
#define RINGS_MS     250 /* ... in this time: awake */
#define QUIET_EVENTS (RINGS / CROWD) /* fewer events ... */
#define QUIET_MS     250             /* ... in this time: asleep */
#define SETTLE_MS    250             /* longest pause while an old transaction is waited for */
#define RETRY_MS     1000
#define GOODBYE_MS   1000

#define FOLLOW_SQL   "select api.sidecar_follow($1::text)"
#define UNFOLLOW_SQL "select api.feed_unfollow($1::text)"
#define AWAKE_SQL    "select api.feed_awake($1::text)"
#define ASLEEP_SQL   "select api.feed_asleep($1::text)"
#define TAKE_SQL     "select api.feed_horizon_now()"
#define HORIZON_SQL  "select api.feed_horizon()"

/* In all steps but ASLEEP the heads are read by the clock, so whatever a query's outcome is, and
 * whatever the database now thinks of us, nothing waits for a bell that may not ring. */
enum bell_step { BELL_OFF, BELL_JOINING, BELL_ASLEEP, BELL_AWAKE, BELL_LYING_DOWN, BELL_SETTLING };

struct bell {
    struct feed *feed;
    enum bell_step step;
    char name[96];
    unsigned rings, events;
    uint64_t window; /* since when they are counted */
    uint64_t interval;
    long long horizon; /* 0: not taken yet */
    bool out;          /* a query of ours is in flight */
    struct timer timer;
};

static uint64_t now_ms(const struct bell *b) {
    return loop_now(b->feed->server->loop);
}

static void again_in(struct bell *b, uint64_t ms) {
    b->interval = ms;
    loop_timer(b->feed->server->loop, &b->timer, now_ms(b) + ms);
}

static uint64_t read_ms(const struct bell *b) {
    return READ_MS + HASH_COUNT(b->feed->venues) / VENUES_A_MS;
}

static void ask(struct bell *b, const char *sql, bool named, dba_rows_done *done) {
    const char *values[] = {b->name};
    b->out = true;
    dbloop_query(b->feed->db, sql, named, values, done, b);
}

/* ------------------------------------------------------------------ lying down */

/* Writers that saw us awake, and so did not ring, began before `horizon`. Once nobody older runs
 * they have ended, and the look at the heads that is sent now sees them: then the bell is enough.
 */
static void on_horizon(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct bell *b = ctx;
    long long oldest = 0;
    b->out = false;
    if (b->step != BELL_SETTLING || e || !str_to_int64(dba_value(rows, 0, 0), &oldest))
        return;
    if (!b->horizon) {
        b->horizon = oldest;
        return;
    }
    if (oldest < b->horizon)
        return;
    feed_look(b->feed);
    loop_timer_off(b->feed->server->loop, &b->timer);
    b->step = BELL_ASLEEP;
    b->rings = 0;
}

static void settle(struct bell *b) {
    b->step = BELL_SETTLING;
    b->horizon = 0;
    again_in(b, read_ms(b));
    ask(b, TAKE_SQL, false, on_horizon);
}

static void on_asleep(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct bell *b = ctx;
    (void)rows;
    b->out = false;
    if (b->step == BELL_LYING_DOWN && e)
        b->step = BELL_AWAKE;
    else if (b->step == BELL_LYING_DOWN)
        settle(b);
}

static void on_joined(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct bell *b = ctx;
    (void)rows;
    b->out = false;
    if (!e && b->feed->server->leases)
        leases_restore(b->feed->server->leases, b->name);
    if (b->step == BELL_JOINING && !e)
        settle(b);
    else if (b->step == BELL_JOINING)
        log_event(LOG_WARN, "the bell can't be asked for", "code", e->slug, NULL);
}

/* ------------------------------------------------------------------ awake */

static void on_awake(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct bell *b = ctx;
    (void)rows;
    (void)e; /* reading by the clock is right in any case */
    b->out = false;
}

/* Writers who ring at the same time wait for each other through the fsync, so that a crowd of them
 * is slow already: on a slow disk a hundred a second. One alone loses nothing by ringing and is
 * heard sooner that way.
 *
 * Also while settling: a transaction that idles for an hour must not keep the bell ringing through
 * the next rush. */
void bell_rang(struct bell *b, bool crowd) {
    if ((b->step != BELL_ASLEEP && b->step != BELL_SETTLING) || b->out)
        return;
    if (now_ms(b) - b->window > RINGS_MS) {
        b->window = now_ms(b);
        b->rings = 0;
    }
    b->rings += crowd ? CROWD : 1;
    if (b->rings < RINGS)
        return;
    b->step = BELL_AWAKE;
    b->window = now_ms(b);
    b->events = 0;
    again_in(b, read_ms(b));
    ask(b, AWAKE_SQL, true, on_awake);
}

void bell_read(struct bell *b, int events) {
    b->events += (unsigned)events;
}

static void awake_tick(struct bell *b) {
    again_in(b, read_ms(b));
    if (b->out || now_ms(b) - b->window < QUIET_MS)
        return;
    bool quiet = b->events < QUIET_EVENTS;
    b->window = now_ms(b);
    b->events = 0;
    if (!quiet)
        return;
    b->step = BELL_LYING_DOWN;
    ask(b, ASLEEP_SQL, true, on_asleep);
}

static void on_timer(struct timer *t) {
    struct bell *b = container_of(t, struct bell, timer);
    uint64_t longer = 2 * b->interval < SETTLE_MS ? 2 * b->interval : SETTLE_MS;
    feed_look(b->feed);
    switch (b->step) {
    case BELL_AWAKE:
        awake_tick(b);
        break;
    case BELL_SETTLING:
        again_in(b, longer);
        if (!b->out)
            ask(b, b->horizon ? HORIZON_SQL : TAKE_SQL, false, on_horizon);
        break;
    case BELL_JOINING:
        again_in(b, RETRY_MS);
        if (!b->out)
            ask(b, FOLLOW_SQL, true, on_joined);
        break;
    case BELL_LYING_DOWN:
        again_in(b, read_ms(b));
        break;
    case BELL_OFF:
    case BELL_ASLEEP:
        break;
    }
}

/* ------------------------------------------------------------------ life */

/* Also after a loss while awake: joining says "asleep", and what was not rung meanwhile is found by
 * the heads that are read until the horizon has passed. */
void bell_connected(struct bell *b) {
    b->step = BELL_JOINING;
    again_in(b, RETRY_MS);
    ask(b, FOLLOW_SQL, true, on_joined);
}

void bell_lost(struct bell *b) {
    b->step = BELL_OFF;
    loop_timer_off(b->feed->server->loop, &b->timer);
}

struct bell *bell_new(struct feed *f) {
    struct bell *b = x_new(struct bell);
    char host[64] = "", mark[17];
    b->feed = f;
    b->timer.fire = on_timer;
    gethostname(host, sizeof host - 1);
    random_hex(mark, sizeof mark - 1);
    snprintf(b->name, sizeof b->name, "sidecar-%s-%s", host, mark);
    return b;
}

static void on_left(void *ctx, const struct dba_rows *rows, const struct err *e) {
    (void)ctx;
    (void)rows;
    (void)e;
}

/* Waited for, so that whoever counts the followers once we are gone does not find us; and a backend
 * that can't tell us what it did before would not come to it. */
void bell_free(struct bell *b) {
    const char *values[] = {b->name};
    dba_forget(dbloop_dba(b->feed->db), b);
    if (dbloop_up(b->feed->db))
        dbloop_query(b->feed->db, UNFOLLOW_SQL, 1, values, on_left, NULL);
    dba_finish(dbloop_dba(b->feed->db), GOODBYE_MS);
    loop_timer_off(b->feed->server->loop, &b->timer);
    x_free(b);
}
