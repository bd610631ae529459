/* wheel.h - coarse deadlines of many owners: one timer of the loop instead of one a connection.
 *
 * Made for what every connection waits for all the time (ping, lost peer, token's end): arming and
 * moving cost a list operation, and an item three words. Deadlines are met within WHEEL_STEP_MS
 * after they are due; what must be exact takes a timer of the loop. Items are embedded in their owner.
 */
#ifndef CORE_WHEEL_H
#define CORE_WHEEL_H

#include "core/loop.h"

#define WHEEL_STEP_MS 50

struct wheel;

struct wheel_item {
    struct wheel_item *next, **prev; /* prev NULL: not armed */
    uint64_t due;                    /* clock_mono_ms */
};

struct wheel *wheel_new(struct loop *l, void (*fire)(struct wheel_item *i));
void wheel_free(struct wheel *w);
void wheel_arm(struct wheel *w, struct wheel_item *i, uint64_t due); /* (re)arms */
void wheel_off(struct wheel_item *i);

#endif
