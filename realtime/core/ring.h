/* ring.h - the last events of one venue, kept by reference for those who come back.
 *
 * Holds consecutive seqs only; knows the seq that it reaches back to, also while it is empty. Grows
 * by doubling up to its bound, so that a quiet venue costs nothing. Memory only; used by feed.c.
 */
#ifndef CORE_RING_H
#define CORE_RING_H

#include "core/event.h"

struct ring {
    struct event **slot; /* NULL until the first event */
    unsigned cap, head, count, bound;
    int64_t last; /* the newest seq that is in or was passed over; 0: nothing known */
};

void ring_init(struct ring *r, unsigned bound, int64_t last);
/* Forgets everything; what comes next follows `last`. */
void ring_reset(struct ring *r, int64_t last);
/* Takes a reference; e->seq must be last + 1. The oldest gives way. */
void ring_push(struct ring *r, struct event *e);
/* Before the oldest: e->seq must be ring_first - 1. False when the ring is full. */
bool ring_unshift(struct ring *r, struct event *e);
int64_t ring_first(const struct ring *r); /* of the oldest; last + 1 while empty */
/* Every event after `seq` is here. */
bool ring_covers(const struct ring *r, int64_t seq);
struct event *ring_at(const struct ring *r, int64_t seq); /* NULL: not here */
void ring_free(struct ring *r);

#endif
