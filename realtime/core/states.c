/* states.c - dashboard stats, order metrics and room availability of the venues somebody watches.
 *
 * Called by feed.c (events, reconnects), by the protos (a new subscriber) and by hub.c (a released
 * one). Owns the statistics connection and, per venue, the last text of each figure. The op's row
 * says which areas and which clock move a figure; the table below says where it goes.
 */
#include "config.h"

#include "core/states.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/dbloop.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/message.h"
#include "core/metrics.h"

#include <string.h>
#include <uthash.h>

#define RETRY_MS 1000

const struct figure states_figures[] = {
    {"dashboard_stats", "stats_update", "stats", {TOPIC_HOTEL_STATS, TOPIC_RESTAURANT_STATS}},
    {"order_stats", "metrics_update", "metrics", {TOPIC_HOTEL_METRICS, TOPIC_RESTAURANT_METRICS}},
    {"room_availability",
     "room_availability_update",
     "availability",
     {TOPIC_HOTEL_STATS, TOPIC_HOTEL_ROOMS}},
    {0},
};
#define FIGURES (sizeof states_figures / sizeof *states_figures - 1)

struct waiting {
    uint64_t conn;
    struct topic topic;
    int64_t after; /* only what changed after this seq is news to it */
};

struct venue_states;

struct state { /* one figure of one venue */
    struct venue_states *owner;
    const struct figure *figure;
    const struct op *op;
    char *text; /* the answer's body as last computed; NULL: never */
    bool dirty; /* must be computed before it is current */
    bool in_flight;
    int64_t seq;             /* of the snapshot that `text` was read in: older events are in it */
    int64_t moved;           /* of the last event that moves this figure */
    int64_t changed;         /* what was published when `text` became another */
    struct waiting *waiting; /* new subscribers without a text yet */
    unsigned nwaiting;
};

struct venue_states {
    struct states *states;
    int64_t venue;
    struct state state[FIGURES];
    unsigned in_flight;
    uint64_t started; /* clock_mono_ms of the last set of queries */
    struct timer timer;
    UT_hash_handle hh;
};

struct states {
    struct server *server;
    struct dbloop *db;
    bool was_up;
    struct venue_states *venues;
    struct timer clock; /* the next boundary of the ops' clock buckets */
};

static bool listening(const struct state *st) {
    const struct hub *h = st->owner->states->server->hub;
    for (const enum topic_kind *k = st->figure->topics; *k != TOPIC_NONE; k++)
        if (hub_listening(h, st->owner->venue, *k))
            return true;
    return false;
}

static bool goes_to(const struct figure *f, enum topic_kind kind) {
    for (const enum topic_kind *k = f->topics; *k != TOPIC_NONE; k++)
        if (*k == kind)
            return true;
    return false;
}

/* The next set of queries: not while one is under way, and not sooner than the interval allows. */
static void schedule(struct venue_states *v) {
    struct server *s = v->states->server;
    bool wanted = false;
    for (unsigned i = 0; i < FIGURES; i++)
        wanted |= v->state[i].dirty && listening(&v->state[i]);
    if (!wanted || v->in_flight || v->timer.slot)
        return;
    uint64_t due = v->started + (uint64_t)s->settings->stats_interval_ms;
    loop_timer(s->loop, &v->timer, due > loop_now(s->loop) ? due : loop_now(s->loop));
}

/* ------------------------------------------------------------------ messages */

static struct frame *state_frame(const struct state *st) {
    struct position at;
    char cursor[POSITION_MAX], now[CLOCK_ISO_MAX];
    struct str text = STR_INIT;
    if (!feed_position(st->owner->states->server->feed, st->owner->venue, &at))
        return NULL;
    message_begin(&text, st->figure->type, clock_iso_ms(clock_wall_ms(), now),
                  position_format(&at, cursor));
    str_printf(&text, ",\"%s\":", st->figure->member);
    str_puts(&text, st->text);
    str_putc(&text, '}');
    struct frame *f = frame_new(str_c(&text), text.len, false);
    str_free(&text);
    return f;
}

static uint64_t state_key(const struct state *st) {
    return (uint64_t)(st->figure - states_figures) + 1;
}

static void publish(struct state *st) {
    struct frame *f = state_frame(st);
    if (!f)
        return;
    for (const enum topic_kind *k = st->figure->topics; *k != TOPIC_NONE; k++)
        hub_publish_state(st->owner->states->server->hub, st->owner->venue, (struct topic){*k, 0},
                          state_key(st), f);
    frame_unref(f);
}

static void push(struct state *st, struct conn *c, struct topic t) {
    struct frame *f = state_frame(st);
    if (!f)
        return;
    hub_push_state(c, t, state_key(st), f);
    frame_unref(f);
}

static void waiting_clear(struct state *st) {
    for (unsigned i = 0; i < st->nwaiting; i++) {
        struct conn *c = conn_find(st->owner->states->server, st->waiting[i].conn);
        if (c && --c->awaiting == 0)
            conn_mark_dirty(c); /* a poll may be answered now, with nothing */
    }
    x_free(st->waiting);
    st->waiting = NULL;
    st->nwaiting = 0;
}

static void waiting_push(struct state *st) {
    for (unsigned i = 0; i < st->nwaiting; i++) {
        struct conn *c = conn_find(st->owner->states->server, st->waiting[i].conn);
        if (c && hub_subscribed(c, st->waiting[i].topic) && st->changed > st->waiting[i].after)
            push(st, c, st->waiting[i].topic);
    }
    waiting_clear(st);
}

/* ------------------------------------------------------------------ computing */

static void failed(struct state *st, const struct err *e) {
    struct venue_states *v = st->owner;
    st->dirty = true;
    if (e->code == ERR_UNAVAILABLE)
        return; /* on_connected starts again */
    log_event(LOG_WARN, "figures failed", "op", st->op->name, "code", e->slug, NULL);
    loop_timer(v->states->server->loop, &v->timer, loop_now(v->states->server->loop) + RETRY_MS);
}

static void computed(struct state *st, const struct answer *answer) {
    struct position at;
    st->seq = answer->position && position_parse(answer->position, &at) ? at.seq : st->moved;
    st->dirty |= st->moved > st->seq;
    bool changed = !st->text || strcmp(st->text, answer->body) != 0;
    if (changed) {
        x_free(st->text);
        st->text = x_strdup(answer->body);
        st->changed = feed_position(st->owner->states->server->feed, st->owner->venue, &at)
                          ? at.seq
                          : st->seq;
        waiting_clear(st); /* they are subscribers like the others */
        publish(st);
    } else {
        waiting_push(st);
    }
}

static void on_answer(void *ctx, const struct answer *answer, const struct err *e) {
    struct state *st = ctx;
    st->in_flight = false;
    st->owner->in_flight--;
    if (e)
        failed(st, e);
    else if (answer->body)
        computed(st, answer);
    schedule(st->owner);
}

static void compute(struct state *st) {
    struct arena *mem = arena_new(1024);
    struct principal p = {.role = ROLE_ADMIN, .venue = st->owner->venue, .name = "system"};
    struct op_source src = {NULL, NULL, NULL, NULL};
    struct op_values values;
    struct err e;
    err_clear(&e);
    if (op_bind(st->op, &src, true, mem, &values, &e)) {
        st->dirty = false;
        st->in_flight = true;
        st->owner->in_flight++;
        dbloop_call(st->owner->states->db, st->op, &p, &values, NULL, on_answer, st);
    }
    arena_free(mem);
}

static void on_timer(struct timer *t) {
    struct venue_states *v = container_of(t, struct venue_states, timer);
    struct position at;
    if (!dbloop_up(v->states->db) || !feed_position(v->states->server->feed, v->venue, &at))
        return; /* states_stale comes with either of them */
    v->started = loop_now(v->states->server->loop);
    for (unsigned i = 0; i < FIGURES; i++)
        if (v->state[i].dirty && !v->state[i].in_flight && listening(&v->state[i]))
            compute(&v->state[i]);
}

/* ------------------------------------------------------------------ what moves figures */

static struct venue_states *venue_get(struct states *s, int64_t venue) {
    struct venue_states *v;
    HASH_FIND(hh, s->venues, &venue, sizeof venue, v);
    if (v)
        return v;
    v = x_new(struct venue_states);
    v->states = s;
    v->venue = venue;
    v->timer.fire = on_timer;
    for (unsigned i = 0; i < FIGURES; i++) {
        v->state[i] = (struct state){.owner = v, .figure = &states_figures[i], .dirty = true};
        v->state[i].op = op_find(states_figures[i].op);
        require(v->state[i].op);
    }
    HASH_ADD(hh, s->venues, venue, sizeof v->venue, v);
    return v;
}

void states_event(struct states *s, const struct event *e) {
    struct venue_states *v;
    HASH_FIND(hh, s->venues, &e->venue, sizeof e->venue, v);
    if (!v)
        return;
    for (unsigned i = 0; i < FIGURES; i++) {
        struct state *st = &v->state[i];
        if (!e->resync && !(st->op->areas & AREA_BIT(e->area)))
            continue;
        st->moved = e->seq;
        st->dirty |= !st->in_flight && st->moved > st->seq;
    }
    schedule(v);
}

void states_stale(struct states *s, int64_t venue) {
    struct venue_states *v, *next;
    HASH_ITER(hh, s->venues, v, next) {
        if (venue && v->venue != venue)
            continue;
        for (unsigned i = 0; i < FIGURES; i++) {
            v->state[i].dirty = true;
            v->state[i].seq = v->state[i].moved = 0;
        }
        schedule(v);
    }
}

/* Figures that move with time are stale at each boundary of their bucket: a minute changes what
 * is upcoming, and the first minute after the cutoff is another business day. */
static void on_clock(struct timer *t) {
    struct states *s = container_of(t, struct states, clock);
    int64_t now = clock_wall_s();
    struct venue_states *v, *next;
    HASH_ITER(hh, s->venues, v, next) {
        for (unsigned i = 0; i < FIGURES; i++)
            if (v->state[i].op->clock_s && now % v->state[i].op->clock_s < 60)
                v->state[i].dirty = true;
        schedule(v);
    }
    loop_timer(s->server->loop, &s->clock,
               loop_now(s->server->loop) + (uint64_t)(60000 - clock_wall_ms() % 60000));
}

static void state_send(struct state *st, struct conn *c, struct topic t, int64_t after) {
    if (st->text && !st->dirty && !st->in_flight) {
        if (st->changed > after)
            push(st, c, t);
        return;
    }
    for (unsigned i = 0; i < st->nwaiting; i++)
        if (st->waiting[i].conn == c->id && st->waiting[i].topic.kind == t.kind)
            return;
    st->waiting = x_realloc(st->waiting, (st->nwaiting + 1) * sizeof *st->waiting);
    st->waiting[st->nwaiting++] = (struct waiting){c->id, t, after};
    c->awaiting++;
}

void states_send(struct states *s, struct conn *c, struct topic t, int64_t after) {
    struct venue_states *v = venue_get(s, c->who.venue);
    for (unsigned i = 0; i < FIGURES; i++)
        if (goes_to(&states_figures[i], t.kind))
            state_send(&v->state[i], c, t, after);
    schedule(v);
}

static void on_missed(void *ctx, struct conn *c, struct topic t) {
    states_send(ctx, c, t, STATES_ALL);
}

/* ------------------------------------------------------------------ life */

static void on_connected(void *ctx) {
    struct states *s = ctx;
    metric_add(s->server->metrics, METRIC_DB_RECONNECTS, s->was_up);
    s->was_up = true;
    states_stale(s, 0);
}

struct states *states_start(struct server *server) {
    struct states *s = x_new(struct states);
    s->server = server;
    struct dbloop_hooks hooks = {.ctx = s, .connected = on_connected};
    s->db = dbloop_open(server->loop, server->settings, "maitred-figures", NULL, &hooks);
    hub_on_missed(server->hub, on_missed, s);
    s->clock.fire = on_clock;
    loop_timer(server->loop, &s->clock,
               loop_now(server->loop) + (uint64_t)(60000 - clock_wall_ms() % 60000));
    return s;
}

void states_stop(struct states *s) {
    if (!s)
        return;
    struct venue_states *v, *next;
    HASH_ITER(hh, s->venues, v, next) {
        for (unsigned i = 0; i < FIGURES; i++)
            dba_forget(dbloop_dba(s->db), &v->state[i]);
    }
    dbloop_close(s->db);
    hub_on_missed(s->server->hub, NULL, NULL);
    loop_timer_off(s->server->loop, &s->clock);
    HASH_ITER(hh, s->venues, v, next) {
        HASH_DEL(s->venues, v);
        loop_timer_off(s->server->loop, &v->timer);
        for (unsigned i = 0; i < FIGURES; i++) {
            x_free(v->state[i].text);
            waiting_clear(&v->state[i]);
        }
        x_free(v);
    }
    x_free(s);
}
