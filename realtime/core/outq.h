/* outq.h - a connection's queue: pointers to frames, bounded in bytes; empty costs nothing.
 *
 * Log messages are appended and never dropped silently: past the limit outq_push says no and the conn is
 * closed with a resumable reason (1013). State messages carry a key: a newer one replaces the older
 * one that has not begun to leave, at the newer one's place, so that what leaves is in seq order.
 */
#ifndef CORE_OUTQ_H
#define CORE_OUTQ_H

#include "core/frame.h"

struct outq_item {
    struct frame *frame;
    uint64_t key;  /* 0: log message */
};

struct outq {
    struct outq_item *items; /* ring; NULL while empty for long */
    unsigned head, count, cap;
    size_t bytes;   /* payload bytes queued */
    size_t sent;    /* bytes of the head frame's wire form already written */
};

bool outq_push(struct outq *q, struct frame *f, uint64_t key, size_t limit); /* takes a reference */
struct frame *outq_at(const struct outq *q, unsigned i);
void outq_pop(struct outq *q);  /* drops the head's reference */
void outq_free(struct outq *q);

#endif
