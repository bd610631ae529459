/* loop.c - the sidecar's heartbeat: one epoll set, one heap of timers, one list of the dead.
 *
 * The order of a turn, and there is no other:
 *   1 wait        until an fd is ready, the earliest timer is due, or what loop_wait_at_most said
 *   2 fds         the callback of each ready watch, at most LOOP_BATCH of them
 *   3 timers      every timer that is due, earliest first
 *   4 hooks       in the order of their registration: MHD runs, then dirty connections are flushed,
 *                 so that what a new client is told in its first turn leaves in that turn
 *   5 the dead    are freed; nothing was freed before, so no callback can meet a stale pointer
 * Called by main.c; owns the epoll fd and nothing of what it watches.
 */
#include "config.h"

#include "core/loop.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LOOP_BATCH 512

struct dead {
    void *obj;
    void (*destroy)(void *obj);
};

struct loop {
    int epoll;
    bool running, firing;
    uint64_t now, wait_most;
    struct timer **heap;
    size_t timers, heap_cap;
    struct dead *dead;
    size_t ndead, dead_cap;
    struct turn_hook *hooks, **hooks_end;
};

struct loop *loop_new(void) {
    struct loop *l = x_new(struct loop);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    require(l->epoll >= 0);
    l->now = clock_mono_ms();
    l->wait_most = UINT64_MAX;
    l->hooks_end = &l->hooks;
    return l;
}

static void dead_free(struct loop *l) {
    for (size_t i = 0; i < l->ndead; i++) { /* a destructor may add more */
        struct dead d = l->dead[i];
        d.destroy(d.obj);
    }
    l->ndead = 0;
}

void loop_free(struct loop *l) {
    if (!l)
        return;
    dead_free(l);
    close(l->epoll);
    x_free(l->heap);
    x_free(l->dead);
    x_free(l);
}

uint64_t loop_now(const struct loop *l) {
    return l->now;
}

void loop_stop(struct loop *l) {
    l->running = false;
}

/* fds */

void loop_watch(struct loop *l, struct watch *w, uint32_t events) {
    if (w->events == events)
        return;
    int op = !w->events ? EPOLL_CTL_ADD : !events ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    struct epoll_event ev = {.events = events, .data.ptr = w};
    int failed = epoll_ctl(l->epoll, op, w->fd, &ev);
    require(!failed || op == EPOLL_CTL_DEL); /* the fd may be closed already */
    w->events = events;
}

void loop_wait_at_most(struct loop *l, uint64_t ms) {
    if (ms < l->wait_most)
        l->wait_most = ms;
}

static int wait_ms(struct loop *l) {
    uint64_t ms = l->wait_most, now = clock_mono_ms();
    if (l->timers) {
        uint64_t due = l->heap[0]->due;
        uint64_t until = due > now ? due - now : 0;
        ms = until < ms ? until : ms;
    }
    l->wait_most = UINT64_MAX;
    if (ms == UINT64_MAX)
        return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void fds_run(struct loop *l) {
    struct epoll_event ev[LOOP_BATCH];
    int n = epoll_wait(l->epoll, ev, LOOP_BATCH, wait_ms(l));
    require(n >= 0 || errno == EINTR);
    l->now = clock_mono_ms();
    for (int i = 0; i < n; i++) {
        struct watch *w = ev[i].data.ptr;
        if (w->events) /* an earlier callback of this turn may have removed it */
            w->ready(w, ev[i].events);
    }
}

/* timers: a binary heap, each timer knowing its place */

static void heap_put(struct loop *l, size_t at, struct timer *t) {
    l->heap[at] = t;
    t->slot = at + 1;
}

static size_t heap_up(struct loop *l, size_t at, uint64_t due) {
    while (at > 0 && l->heap[(at - 1) / 2]->due > due) {
        heap_put(l, at, l->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    return at;
}

static size_t heap_down(struct loop *l, size_t at, uint64_t due) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= l->timers)
            return at;
        if (child + 1 < l->timers && l->heap[child + 1]->due < l->heap[child]->due)
            child++;
        if (l->heap[child]->due >= due)
            return at;
        heap_put(l, at, l->heap[child]);
        at = child;
    }
}

void loop_timer_off(struct loop *l, struct timer *t) {
    if (!t->slot)
        return;
    size_t at = t->slot - 1;
    t->slot = 0;
    struct timer *last = l->heap[--l->timers];
    if (last == t)
        return;
    size_t up = heap_up(l, at, last->due);
    heap_put(l, up == at ? heap_down(l, at, last->due) : up, last);
}

void loop_timer(struct loop *l, struct timer *t, uint64_t due) {
    loop_timer_off(l, t);
    /* A timer that rearms itself for now would keep the turn from ending. */
    t->due = l->firing && due <= l->now ? l->now + 1 : due;
    if (l->timers == l->heap_cap) {
        l->heap_cap = l->heap_cap ? 2 * l->heap_cap : 64;
        l->heap = x_realloc(l->heap, l->heap_cap * sizeof *l->heap);
    }
    l->timers++;
    heap_put(l, heap_up(l, l->timers - 1, t->due), t);
}

static void timers_run(struct loop *l) {
    l->firing = true;
    while (l->timers && l->heap[0]->due <= l->now) {
        struct timer *t = l->heap[0];
        loop_timer_off(l, t);
        t->fire(t);
    }
    l->firing = false;
}

/* hooks and the dead */

void loop_hook(struct loop *l, struct turn_hook *h) {
    h->next = NULL;
    *l->hooks_end = h;
    l->hooks_end = &h->next;
}

void loop_dead(struct loop *l, void *obj, void (*destroy)(void *obj)) {
    if (l->ndead == l->dead_cap) {
        l->dead_cap = l->dead_cap ? 2 * l->dead_cap : 64;
        l->dead = x_realloc(l->dead, l->dead_cap * sizeof *l->dead);
    }
    l->dead[l->ndead++] = (struct dead){obj, destroy};
}

void loop_run(struct loop *l) {
    l->running = true;
    while (l->running) {
        fds_run(l);
        timers_run(l);
        for (struct turn_hook *h = l->hooks; h; h = h->next)
            h->run(h);
        dead_free(l);
    }
}
