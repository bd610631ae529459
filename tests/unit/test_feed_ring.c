/* test_feed_ring.c - the ring of recent events: consecutive, bounded, filled from both ends. */
#include <config.h>

#include "unit.h"

#include "core/ring.h"
#include "test_feed.h"

static void push(struct ring *r, int64_t seq) {
    struct event *e = table_event(1, seq);
    ring_push(r, e);
    event_unref(e);
}

static bool unshift(struct ring *r, int64_t seq) {
    struct event *e = table_event(1, seq);
    bool done = ring_unshift(r, e);
    event_unref(e);
    return done;
}

static void test_empty_reaches_back_to_its_start(void **s) {
    struct ring r;
    (void)s;
    ring_init(&r, 16, 41);
    assert_true(ring_covers(&r, 41));
    assert_false(ring_covers(&r, 40));
    assert_null(ring_at(&r, 41));
    assert_int_equal(ring_first(&r), 42);
    ring_free(&r);
}

static void test_oldest_gives_way(void **s) {
    struct ring r;
    (void)s;
    ring_init(&r, 20, 0);
    for (int64_t i = 1; i <= 100; i++)
        push(&r, i);
    assert_int_equal(r.count, 20);
    assert_int_equal(ring_first(&r), 81);
    assert_true(ring_covers(&r, 80));
    assert_false(ring_covers(&r, 79));
    for (int64_t i = 81; i <= 100; i++)
        assert_int_equal(ring_at(&r, i)->seq, i);
    assert_null(ring_at(&r, 80));
    assert_null(ring_at(&r, 101));
    ring_free(&r);
}

static void test_filled_backwards_up_to_the_bound(void **s) {
    struct ring r;
    (void)s;
    ring_init(&r, 16, 50);
    for (int64_t i = 51; i <= 54; i++)
        push(&r, i);
    for (int64_t i = 50; i > 38; i--)
        assert_true(unshift(&r, i));
    assert_false(unshift(&r, 38));
    assert_int_equal(ring_first(&r), 39);
    push(&r, 55);
    assert_int_equal(ring_first(&r), 40);
    for (int64_t i = 40; i <= 55; i++)
        assert_int_equal(ring_at(&r, i)->seq, i);
    ring_free(&r);
}

static void test_reset_forgets(void **s) {
    struct ring r;
    (void)s;
    ring_init(&r, 16, 0);
    push(&r, 1);
    ring_reset(&r, 9);
    assert_null(ring_at(&r, 1));
    assert_false(ring_covers(&r, 8));
    push(&r, 10);
    assert_int_equal(ring_at(&r, 10)->seq, 10);
    ring_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_reaches_back_to_its_start),
        cmocka_unit_test(test_oldest_gives_way),
        cmocka_unit_test(test_filled_backwards_up_to_the_bound),
        cmocka_unit_test(test_reset_forgets),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
