/* outq.h - a connection's queue: pointers to frames, bounded in bytes; empty costs nothing.
 *
 * Log messages are appended and never dropped silently: past the limit outq_push says no and the conn is
 * closed with a resumable reason (1013). State messages carry a key: a newer one replaces the older
 * one that has not begun to leave, at the newer one's place, so that what leaves is in seq order.
 * The frame at the head, which is on its way, does not count: a snapshot larger than the limit gets
 * through, however slow the line, and what happens meanwhile may wait behind it.
 */
#ifndef CORE_OUTQ_H
#define CORE_OUTQ_H

#include "core/frame.h"

#define OUTQ_FRAME_COST 128 /* so that a million empty frames are not for nothing */

struct outq_item {
    struct frame *frame;
    uint64_t key;  /* 0: log message */
};

struct outq {
    struct outq_item *items; /* ring; NULL while empty for long (outq_trim) */
    unsigned head, count, cap;
    unsigned keyed; /* how many of them carry a key */
    size_t bytes;   /* queued: payloads and OUTQ_FRAME_COST for each frame */
    size_t sent;    /* bytes of the head frame's wire form already written */
};

enum outq_result { OUTQ_FULL, OUTQ_QUEUED, OUTQ_REPLACED };

/* Takes a reference unless FULL. */
enum outq_result outq_push(struct outq *q, struct frame *f, uint64_t key, size_t limit);
struct frame *outq_at(const struct outq *q, unsigned i);
void outq_pop(struct outq *q);  /* drops the head's reference */
/* Drops all that has not begun to leave; returns how many frames. */
unsigned outq_cut(struct outq *q);
/* All of `rest` behind what is there, whatever the limit; `rest` is empty then. */
void outq_join(struct outq *q, struct outq *rest);
void outq_trim(struct outq *q); /* gives the ring back when empty */
void outq_free(struct outq *q);

#endif
