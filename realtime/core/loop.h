/* loop.h - one thread, one epoll, no locks; the order of a turn is written in loop.c.
 *
 * A turn: wait -> fd callbacks -> timers -> turn hooks in order of registration (flush dirty
 * connections, run MHD) -> free the dead. Nothing is written to a socket during fan-out and nothing
 * is freed inside a callback: loop_dead frees at the end of the turn.
 * Watches and timers are embedded in their owner (intrusive); the owner finds itself by container_of.
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

struct loop;

struct watch {
    int fd;
    uint32_t events; /* EPOLLIN | EPOLLOUT | EPOLLRDHUP as now watched; 0: not in the epoll set */
    void (*ready)(struct watch *w, uint32_t events);
};

struct timer {
    uint64_t due;  /* clock_mono_ms; exact to the millisecond */
    size_t slot;   /* place in the heap + 1; 0: not armed */
    void (*fire)(struct timer *t);
};

struct turn_hook {
    void (*run)(struct turn_hook *h);
    struct turn_hook *next;
};

struct loop *loop_new(void);
void loop_free(struct loop *l);
void loop_run(struct loop *l);  /* until loop_stop */
void loop_stop(struct loop *l);
uint64_t loop_now(const struct loop *l); /* clock_mono_ms taken once a turn */

void loop_watch(struct loop *l, struct watch *w, uint32_t events); /* adds, changes, or removes (0) */
void loop_timer(struct loop *l, struct timer *t, uint64_t due);    /* (re)arms */
void loop_timer_off(struct loop *l, struct timer *t);
void loop_hook(struct loop *l, struct turn_hook *h);
/* Bounds the next wait (MHD_get_timeout); asked again every turn. */
void loop_wait_at_most(struct loop *l, uint64_t ms);
/* Frees `obj` with `destroy` at the end of this turn. */
void loop_dead(struct loop *l, void *obj, void (*destroy)(void *obj));

#endif
