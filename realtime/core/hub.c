/* hub.c - rooms and fan-out: a hash of (venue, kind, id) to a compact array of members.
 *
 * Called by the protos (subscribe), feed.c (publish, replay) and states.c (figures). Owns the rooms
 * and each conn's list of subscriptions. A conn that subscribes to anything is also in the
 * room of kind TOPIC_NONE of its venue: that is the list that resyncs walk.
 */
#include "config.h"

#include "core/hub.h"

#include "base/mem.h"
#include "server.h"

#include <string.h>
#include <uthash.h>

#define HELD_MAX 8192 /* events that may wait for one conn; references into the ring mostly */

struct venue {
    int64_t id, seq;
    unsigned listening[TOPIC_KINDS];
    UT_hash_handle hh;
};

struct room_key {
    int64_t venue, id;
    int64_t kind; /* as wide as the others: the key has no padding to hash */
};

struct room {
    struct room_key key;
    struct venue *venue;
    struct conn **members;
    unsigned n, cap;
    UT_hash_handle hh;
};

struct subscription {
    struct room *room;
    unsigned slot; /* place in room->members */
    bool missed;   /* a state message came by while the conn was holding */
};

struct hub {
    struct venue *venues;
    struct room *rooms;
    unsigned members[TOPIC_KINDS];
    hub_missed *missed;
    void *missed_ctx;
};

struct hub *hub_new(void) {
    struct hub *h = x_new(struct hub);
    return h;
}

void hub_free(struct hub *h) {
    struct room *r, *rnext;
    HASH_ITER(hh, h->rooms, r, rnext) {
        HASH_DEL(h->rooms, r);
        x_free(r->members);
        x_free(r);
    }
    struct venue *v, *vnext;
    HASH_ITER(hh, h->venues, v, vnext) {
        HASH_DEL(h->venues, v);
        x_free(v);
    }
    x_free(h);
}

void hub_on_missed(struct hub *h, hub_missed *f, void *ctx) {
    h->missed = f;
    h->missed_ctx = ctx;
}

/* ------------------------------------------------------------------ rooms and venues */

static struct venue *venue_find(const struct hub *h, int64_t id) {
    struct venue *v;
    HASH_FIND(hh, h->venues, &id, sizeof id, v);
    return v;
}

static struct venue *venue_get(struct hub *h, int64_t id) {
    struct venue *v = venue_find(h, id);
    if (v)
        return v;
    v = x_new(struct venue);
    v->id = id;
    HASH_ADD(hh, h->venues, id, sizeof v->id, v);
    return v;
}

static struct room *room_find(const struct hub *h, int64_t venue, struct topic t) {
    struct room_key key = {venue, t.id, t.kind};
    struct room *r;
    HASH_FIND(hh, h->rooms, &key, sizeof key, r);
    return r;
}

static struct room *room_get(struct hub *h, int64_t venue, struct topic t) {
    struct room *r = room_find(h, venue, t);
    if (r)
        return r;
    r = x_new(struct room);
    r->key = (struct room_key){venue, t.id, t.kind};
    r->venue = venue_get(h, venue);
    HASH_ADD(hh, h->rooms, key, sizeof r->key, r);
    return r;
}

static void room_free(struct hub *h, struct room *r) {
    HASH_DEL(h->rooms, r);
    x_free(r->members);
    x_free(r);
}

static struct subscription *subscription_in(const struct conn *c, const struct room *r) {
    for (unsigned i = 0; i < c->nsubs; i++)
        if (c->subs[i].room == r)
            return &c->subs[i];
    return NULL;
}

static struct subscription *subscription_find(const struct conn *c, struct topic t) {
    for (unsigned i = 0; i < c->nsubs; i++)
        if (c->subs[i].room->key.kind == (int64_t)t.kind && c->subs[i].room->key.id == t.id)
            return &c->subs[i];
    return NULL;
}

static void room_add(struct hub *h, struct room *r, struct conn *c) {
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 1;
        r->members = x_realloc(r->members, r->cap * sizeof *r->members);
    }
    if ((c->nsubs & (c->nsubs - 1)) == 0) /* capacities are the powers of two */
        c->subs = x_realloc(c->subs, (c->nsubs ? 2 * c->nsubs : 1) * sizeof *c->subs);
    c->subs[c->nsubs++] = (struct subscription){r, r->n, false};
    r->members[r->n++] = c;
    r->venue->listening[r->key.kind]++;
    h->members[r->key.kind]++;
}

/* The last member takes the free place, so the array stays compact and removal is O(1). */
static void room_remove(struct hub *h, struct conn *c, struct subscription *s) {
    struct room *r = s->room;
    struct conn *last = r->members[--r->n];
    if (last != c) {
        subscription_in(last, r)->slot = s->slot;
        r->members[s->slot] = last;
    }
    r->venue->listening[r->key.kind]--;
    h->members[r->key.kind]--;
    if (r->n == 0)
        room_free(h, r);
    unsigned i = (unsigned)(s - c->subs);
    memmove(s, s + 1, (c->nsubs - i - 1) * sizeof *s);
    if (--c->nsubs == 0) {
        x_free(c->subs);
        c->subs = NULL;
    }
}

/* ------------------------------------------------------------------ subscriptions */

static const struct topic everything = {TOPIC_NONE, 0};

bool hub_subscribe(struct hub *h, struct conn *c, struct topic t) {
    if (subscription_find(c, t))
        return false;
    if (c->nsubs == 0) {
        room_add(h, room_get(h, c->who.venue, everything), c);
        if (!c->holding)
            c->seq = venue_get(h, c->who.venue)->seq;
    }
    room_add(h, room_get(h, c->who.venue, t), c);
    return true;
}

bool hub_unsubscribe(struct hub *h, struct conn *c, struct topic t) {
    struct subscription *s = t.kind == TOPIC_NONE ? NULL : subscription_find(c, t);
    if (!s)
        return false;
    room_remove(h, c, s);
    if (c->nsubs == 1) {
        room_remove(h, c, c->subs);
        if (!c->holding)
            c->seq = 0; /* resyncs will not reach it: what it knows must not outlive an epoch */
    }
    return true;
}

static void held_drop(struct conn *c) {
    for (unsigned i = 0; i < c->nheld; i++)
        event_unref(c->held[i]);
    x_free(c->held);
    c->held = NULL;
    c->nheld = c->held_cap = 0;
}

void hub_drop(struct hub *h, struct conn *c) {
    while (c->nsubs)
        room_remove(h, c, &c->subs[c->nsubs - 1]);
    held_drop(c);
}

bool hub_subscribed(const struct conn *c, struct topic t) {
    return t.kind != TOPIC_NONE && subscription_find(c, t);
}

unsigned hub_count(const struct conn *c) {
    return c->nsubs ? c->nsubs - 1 : 0;
}

void hub_each(const struct conn *c, void (*f)(struct topic t, void *ctx), void *ctx) {
    for (unsigned i = 0; i < c->nsubs; i++) {
        const struct room_key *k = &c->subs[i].room->key;
        if (k->kind != TOPIC_NONE)
            f((struct topic){(enum topic_kind)k->kind, k->id}, ctx);
    }
}

bool hub_listening(const struct hub *h, int64_t venue, enum topic_kind kind) {
    const struct venue *v = venue_find(h, venue);
    return v && v->listening[kind] > 0;
}

unsigned hub_members(const struct hub *h, enum topic_kind kind) {
    return h->members[kind];
}

/* Backwards, because `f` may drop the conn it gets: then the last one, already visited, takes its
 * place, and the room itself goes only with its last member. */
static void room_each(struct room *r, void (*f)(struct conn *c, void *ctx), void *ctx) {
    for (unsigned i = r ? r->n : 0; i-- > 0;)
        f(r->members[i], ctx);
}

void hub_each_conn(struct hub *h, int64_t venue, void (*f)(struct conn *c, void *ctx), void *ctx) {
    room_each(room_find(h, venue, everything), f, ctx);
}

/* ------------------------------------------------------------------ events */

static struct frame *text_for(const struct conn *c, struct event *e) {
    const struct proto *p = c->proto;
    unsigned variant = e->has_masked && c->masked ? VARIANT_MASKED : 0;
    if (p->variant)
        variant = p->variant(c, e, variant);
    const struct encoding *made = event_encoding(e, p->language, variant);
    if (!made)
        made = event_keep(e, p->language, variant, p->encode(e, variant));
    return made->frame;
}

static void deliver(struct conn *c, struct event *e) {
    c->seq = e->seq;
    if (c->state != CONN_OPEN)
        return;
    if (c->proto->gather) {
        c->proto->gather(c, e);
        return;
    }
    struct frame *f = text_for(c, e);
    if (f)
        conn_push(c, f, 0);
}

static bool reaches(const struct event *e, const struct conn *c) {
    for (unsigned i = 0; i < e->ntopics; i++)
        if (subscription_find(c, e->topics[i]))
            return true;
    return false;
}

void hub_offer(struct conn *c, struct event *e) {
    if (e->seq <= c->seq)
        return;
    if (e->resync && c->proto->resync) {
        c->seq = e->seq - 1; /* whoever breaks off before the snapshots meets the resync again */
        c->proto->resync(c);
    } else if (reaches(e, c)) {
        deliver(c, e);
    } else {
        c->seq = e->seq;
    }
}

static void held_add(struct conn *c, struct event *e) {
    if (c->replaying || (c->nheld && c->held[c->nheld - 1] == e))
        return; /* the replay comes to it; or it came by another of its topics */
    if (c->nheld == HELD_MAX) {
        conn_close(c, 1013, "overloaded");
        return;
    }
    if (c->nheld == c->held_cap) {
        c->held_cap = c->held_cap ? 2 * c->held_cap : 8;
        c->held = x_realloc(c->held, c->held_cap * sizeof(struct event *));
    }
    c->held[c->nheld++] = event_ref(e);
}

static void reach(struct conn *c, void *ctx) {
    struct event *e = ctx;
    if (c->holding)
        held_add(c, e);
    else if (e->seq > c->seq)
        deliver(c, e);
}

/* As if it had been held: so the hold that the proto starts begins right behind what it has. */
static void reach_resync(struct conn *c, void *ctx) {
    hub_hold(c);
    held_add(c, ctx);
    hub_release(c, 0);
}

void hub_publish(struct hub *h, struct event *e) {
    if (e->resync)
        hub_each_conn(h, e->venue, reach_resync, e);
    for (unsigned i = 0; i < e->ntopics; i++)
        room_each(room_find(h, e->venue, e->topics[i]), reach, e);
    hub_set_seq(h, e->venue, e->seq);
}

void hub_set_seq(struct hub *h, int64_t venue, int64_t seq) {
    venue_get(h, venue)->seq = seq;
}

int64_t hub_seq(const struct conn *c) {
    if (c->holding)
        return c->seq;
    const struct venue *v =
        c->nsubs ? c->subs[0].room->venue : venue_find(c->server->hub, c->who.venue);
    return v ? v->seq : 0;
}

/* ------------------------------------------------------------------ holding */

void hub_hold(struct conn *c) {
    if (c->holds == 0) {
        c->seq = hub_seq(c);
        c->holding = true;
    }
    c->holds++;
}

static void missed_send(struct conn *c) {
    struct hub *h = c->server->hub;
    for (unsigned i = 0; i < c->nsubs && !c->holding; i++) {
        if (!c->subs[i].missed)
            continue;
        c->subs[i].missed = false;
        const struct room_key *k = &c->subs[i].room->key;
        if (h->missed)
            h->missed(h->missed_ctx, c, (struct topic){(enum topic_kind)k->kind, k->id});
    }
}

/* Offers what was held until a resync among it starts a hold of its own; the rest waits on. */
static void held_flush(struct conn *c) {
    struct event **list = c->held;
    unsigned n = c->nheld, i = 0;
    c->held = NULL;
    c->nheld = c->held_cap = 0;
    for (; i < n && c->holds == 1; i++)
        hub_offer(c, list[i]);
    for (unsigned j = 0; j < n; j++) {
        if (j >= i)
            held_add(c, list[j]);
        event_unref(list[j]);
    }
    x_free(list);
}

void hub_release(struct conn *c, int64_t from_seq) {
    require(c->holds > 0);
    if (from_seq > 0 && from_seq > c->seq)
        c->seq = from_seq;
    if (c->holds == 1)
        held_flush(c);
    if (--c->holds > 0)
        return;
    c->holding = false;
    missed_send(c);
}

static void resync_from(struct conn *c, void *ctx) {
    hub_hold(c);
    held_drop(c);
    if (*(const bool *)ctx)
        c->seq = -1;
    if (c->state == CONN_OPEN && c->proto->resync)
        c->proto->resync(c);
    hub_release(c, 0);
}

void hub_resync(struct hub *h, int64_t venue, int64_t seq, bool renewed) {
    hub_each_conn(h, venue, resync_from, &renewed);
    hub_set_seq(h, venue, seq);
}

/* ------------------------------------------------------------------ state messages */

struct state_message {
    struct topic topic;
    uint64_t key;
    struct frame *frame;
};

void hub_push_state(struct conn *c, struct topic t, uint64_t key, struct frame *f) {
    if (c->state != CONN_OPEN)
        return;
    if (!c->holding) {
        conn_push(c, f, key);
        return;
    }
    struct subscription *s = subscription_find(c, t);
    if (s)
        s->missed = true;
}

static void state_reach(struct conn *c, void *ctx) {
    struct state_message *m = ctx;
    hub_push_state(c, m->topic, m->key, m->frame);
}

void hub_publish_state(struct hub *h, int64_t venue, struct topic t, uint64_t key,
                       struct frame *f) {
    struct state_message m = {t, key, f};
    room_each(room_find(h, venue, t), state_reach, &m);
}
