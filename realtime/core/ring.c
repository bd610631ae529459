/* ring.c - a bounded ring of consecutive events. See ring.h. */
#include "config.h"

#include "core/ring.h"

#include "base/mem.h"

#include <string.h>

void ring_init(struct ring *r, unsigned bound, int64_t last) {
    memset(r, 0, sizeof *r);
    r->bound = bound;
    r->last = last;
}

static unsigned place(const struct ring *r, unsigned i) {
    return (r->head + i) & (r->cap - 1);
}

static void drop_oldest(struct ring *r) {
    event_unref(r->slot[r->head]);
    r->head = place(r, 1);
    r->count--;
}

void ring_reset(struct ring *r, int64_t last) {
    while (r->count)
        drop_oldest(r);
    x_free(r->slot);
    r->slot = NULL;
    r->cap = r->head = 0;
    r->last = last;
}

void ring_free(struct ring *r) {
    ring_reset(r, 0);
}

/* Room for one more; capacities are powers of two, so the bound may be a little exceeded by cap
 * but never by count. */
static void make_room(struct ring *r) {
    if (r->count == r->bound)
        drop_oldest(r);
    if (r->count < r->cap)
        return;
    unsigned cap = r->cap ? 2 * r->cap : 8;
    struct event **slot = x_alloc(cap * sizeof *slot);
    for (unsigned i = 0; i < r->count; i++)
        slot[i] = r->slot[place(r, i)];
    x_free(r->slot);
    r->slot = slot;
    r->cap = cap;
    r->head = 0;
}

void ring_push(struct ring *r, struct event *e) {
    require(e->seq == r->last + 1);
    make_room(r);
    r->slot[place(r, r->count++)] = event_ref(e);
    r->last = e->seq;
}

bool ring_unshift(struct ring *r, struct event *e) {
    require(e->seq == ring_first(r) - 1);
    if (r->count == r->bound)
        return false;
    make_room(r);
    r->head = (r->head + r->cap - 1) & (r->cap - 1);
    r->slot[r->head] = event_ref(e);
    r->count++;
    return true;
}

int64_t ring_first(const struct ring *r) {
    return r->last - (int64_t)r->count + 1;
}

bool ring_covers(const struct ring *r, int64_t seq) {
    return seq >= ring_first(r) - 1;
}

struct event *ring_at(const struct ring *r, int64_t seq) {
    int64_t first = ring_first(r);
    return seq < first || seq > r->last ? NULL : r->slot[place(r, (unsigned)(seq - first))];
}
