/* test_rt_loop.c - the loop's turn, its timers and the wheel: order, exactness, nothing freed too
 * soon. */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/loop.h"
#include "core/wheel.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MANY 500

static struct loop *loop;
static char trace[256];

static int setup(void **state) {
    (void)state;
    loop = loop_new();
    *trace = '\0';
    return 0;
}

static int teardown(void **state) {
    (void)state;
    loop_free(loop);
    return 0;
}

struct probe {
    struct timer timer;
    uint64_t want;
    uint64_t got;
};

static struct probe probes[MANY];
static unsigned fired;
static uint64_t latest;

static void on_probe(struct timer *t) {
    struct probe *p = container_of(t, struct probe, timer);
    p->got = clock_mono_ms();
    assert_true(p->want >= latest); /* earliest first */
    latest = p->want;
    if (++fired == MANY / 2)
        loop_stop(loop);
}

static void timers_fire_in_order_and_not_early(void **state) {
    (void)state;
    uint64_t now = loop_now(loop);
    srandom(7);
    fired = 0;
    latest = 0;
    for (int i = 0; i < MANY; i++) {
        probes[i] =
            (struct probe){.timer.fire = on_probe, .want = now + 20 + (uint64_t)random() % 200};
        loop_timer(loop, &probes[i].timer, now + 5000 - (uint64_t)i);
    }
    for (int i = 0; i < MANY; i++) /* armed again at another place of the heap, or taken out */
        if (i % 2)
            loop_timer(loop, &probes[i].timer, probes[i].want);
        else
            loop_timer_off(loop, &probes[i].timer);
    loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(probes[i].timer.slot, 0);
        if (i % 2)
            assert_true(probes[i].got >= probes[i].want);
        else
            assert_int_equal(probes[i].got, 0);
    }
}

static void on_again(struct timer *t) {
    if (++fired == 3)
        loop_stop(loop);
    else
        loop_timer(loop, t, 0); /* for a time that has gone by */
}

static void a_timer_that_rearms_itself_ends_the_turn(void **state) {
    (void)state;
    struct timer t = {.fire = on_again};
    fired = 0;
    loop_timer(loop, &t, 0);
    loop_run(loop);
    assert_int_equal(fired, 3);
}

struct pipe_watch {
    struct watch watch;
    struct pipe_watch *other;
    int write_end;
};

static void on_readable(struct watch *w, uint32_t events) {
    struct pipe_watch *p = container_of(w, struct pipe_watch, watch);
    assert_true(events & EPOLLIN);
    fired++;
    loop_watch(loop, &p->other->watch, 0); /* its event sits in the same batch */
    loop_watch(loop, w, 0);
    loop_stop(loop);
}

static void pipe_open(struct pipe_watch *p, struct pipe_watch *other) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    *p = (struct pipe_watch){
        .watch = {.fd = fds[0], .ready = on_readable}, .other = other, .write_end = fds[1]};
    assert_int_equal(write(fds[1], "x", 1), 1);
    loop_watch(loop, &p->watch, EPOLLIN);
}

static void a_watch_removed_in_the_same_turn_is_not_called(void **state) {
    (void)state;
    struct pipe_watch a, b;
    fired = 0;
    pipe_open(&a, &b);
    pipe_open(&b, &a);
    loop_run(loop);
    assert_int_equal(fired, 1);
    close(a.watch.fd), close(a.write_end), close(b.watch.fd), close(b.write_end);
}

static void on_free(void *obj) {
    strcat(trace, obj);
}

static void on_hook_one(struct turn_hook *h) {
    (void)h;
    strcat(trace, "one ");
}

static void on_hook_two(struct turn_hook *h) {
    (void)h;
    strcat(trace, "two ");
    loop_stop(loop);
}

static char dead[] = "dead";

static void on_death(struct timer *t) {
    (void)t;
    loop_dead(loop, dead, on_free);
    strcat(trace, "timer ");
}

static void a_turn_has_its_order(void **state) {
    (void)state;
    struct turn_hook one = {.run = on_hook_one}, two = {.run = on_hook_two};
    struct timer t = {.fire = on_death};
    loop_hook(loop, &one);
    loop_hook(loop, &two);
    loop_timer(loop, &t, 0);
    loop_run(loop);
    assert_string_equal(trace, "timer one two dead");
}

/* the wheel */

struct spoke {
    struct wheel_item item;
    uint64_t due, got;
};

static struct wheel *wheel;
static struct spoke spokes[MANY];
static unsigned left;

static void on_spoke(struct wheel_item *i) {
    struct spoke *s = container_of(i, struct spoke, item);
    assert_int_equal(s->got, 0);
    s->got = clock_mono_ms();
    if (s == &spokes[0]) { /* one that goes may take a neighbour with it */
        wheel_off(&spokes[3].item);
        left--;
    }
    if (--left == 0)
        loop_stop(loop);
}

static void the_wheel_fires_each_once_and_in_time(void **state) {
    (void)state;
    wheel = wheel_new(loop, on_spoke);
    memset(spokes, 0, sizeof spokes);
    uint64_t now = loop_now(loop);
    left = 0;
    for (int i = 0; i < MANY; i++) {
        spokes[i].due = now + (uint64_t)i % 400;
        wheel_arm(wheel, &spokes[i].item, now + 3600000);
        if (i % 5 == 4) {
            wheel_off(&spokes[i].item);
            wheel_off(&spokes[i].item);
            continue;
        }
        wheel_arm(wheel, &spokes[i].item, spokes[i].due);
        left++;
    }
    spokes[3].due = spokes[0].due;
    wheel_arm(wheel, &spokes[3].item, spokes[3].due);
    wheel_arm(wheel, &spokes[0].item, spokes[0].due); /* before it in the bucket */
    loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        bool gone = i % 5 == 4 || i == 3;
        assert_int_equal(!spokes[i].got, gone);
        if (!gone)
            assert_true(spokes[i].got >= spokes[i].due);
    }
    wheel_free(wheel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(timers_fire_in_order_and_not_early, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timer_that_rearms_itself_ends_the_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(a_watch_removed_in_the_same_turn_is_not_called, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_turn_has_its_order, setup, teardown),
        cmocka_unit_test_setup_teardown(the_wheel_fires_each_once_and_in_time, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
