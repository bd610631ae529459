/* wheel.c - 1024 buckets of 50 ms, one timer. What is due later than one round waits in its bucket for another.
 *
 * Called by conn.c; owns the buckets, never the items. The timer sleeps while the wheel is empty
 * and is armed for the next bucket that holds something, so an idle server does not tick.
 */
#include "config.h"

#include "core/wheel.h"

#include "base/mem.h"

#define BUCKETS 1024

struct wheel {
    struct loop *loop;
    struct timer timer;
    void (*fire)(struct wheel_item *i);
    uint64_t at; /* the step up to which everything due has been fired */
    struct wheel_item *bucket[BUCKETS];
};

static uint64_t step_of(uint64_t ms) {
    return (ms + WHEEL_STEP_MS - 1) / WHEEL_STEP_MS;
}

static void insert(struct wheel *w, struct wheel_item *i, uint64_t step) {
    struct wheel_item **head = &w->bucket[step % BUCKETS];
    i->next = *head;
    i->prev = head;
    if (*head)
        (*head)->prev = &i->next;
    *head = i;
}

void wheel_off(struct wheel_item *i) {
    if (!i->prev)
        return;
    *i->prev = i->next;
    if (i->next)
        i->next->prev = i->prev;
    i->prev = NULL;
}

static void wake_at(struct wheel *w, uint64_t step) {
    uint64_t due = step * WHEEL_STEP_MS;
    if (!w->timer.slot || due < w->timer.due)
        loop_timer(w->loop, &w->timer, due);
}

void wheel_arm(struct wheel *w, struct wheel_item *i, uint64_t due) {
    wheel_off(i);
    i->due = due;
    uint64_t step = step_of(due);
    if (step <= w->at)
        step = w->at + 1;
    /* What is further away than one round is looked at once a round. */
    uint64_t most = step_of(loop_now(w->loop)) + BUCKETS - 1;
    if (step > most)
        step = most;
    insert(w, i, step);
    wake_at(w, step);
}

static void bucket_fire(struct wheel *w, uint64_t step) {
    struct wheel_item *due = w->bucket[step % BUCKETS];
    w->bucket[step % BUCKETS] = NULL;
    if (due)
        due->prev = &due; /* so that wheel_off of any of them works meanwhile */
    while (due) {
        struct wheel_item *i = due;
        wheel_off(i);
        if (step_of(i->due) <= step)
            w->fire(i);
        else
            wheel_arm(w, i, i->due);
    }
}

static void wheel_tick(struct timer *t) {
    struct wheel *w = container_of(t, struct wheel, timer);
    uint64_t now = loop_now(w->loop) / WHEEL_STEP_MS;
    uint64_t from = now - w->at > BUCKETS ? now - BUCKETS : w->at; /* asleep for more than a round */
    for (uint64_t step = from + 1; step <= now; step++) {
        w->at = step;
        bucket_fire(w, step);
    }
    for (uint64_t step = now + 1; step < now + 1 + BUCKETS; step++)
        if (w->bucket[step % BUCKETS]) {
            wake_at(w, step);
            return;
        }
}

struct wheel *wheel_new(struct loop *l, void (*fire)(struct wheel_item *i)) {
    struct wheel *w = x_new(struct wheel);
    w->loop = l;
    w->timer.fire = wheel_tick;
    w->fire = fire;
    w->at = loop_now(l) / WHEEL_STEP_MS;
    return w;
}

void wheel_free(struct wheel *w) {
    if (!w)
        return;
    loop_timer_off(w->loop, &w->timer);
    x_free(w);
}
