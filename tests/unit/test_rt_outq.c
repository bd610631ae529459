/* test_rt_outq.c - a connection's queue: order, newest state wins, the limit, and what is cut. */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "core/outq.h"

#include <string.h>

#define NO_LIMIT SIZE_MAX

static struct frame *frame_of(const char *text) {
    return frame_new(text, strlen(text), false);
}

static enum outq_result push(struct outq *q, const char *text, uint64_t key, size_t limit) {
    struct frame *f = frame_of(text);
    enum outq_result r = outq_push(q, f, key, limit);
    assert_int_equal(f->refs, r == OUTQ_FULL ? 1 : 2);
    frame_unref(f);
    return r;
}

static void holds(const struct outq *q, const char *want) {
    char got[256] = "";
    for (unsigned i = 0; i < q->count; i++)
        strcat(strcat(got, outq_at(q, i)->text), " ");
    assert_string_equal(got, want);
}

static void leaves_in_order_across_the_ring(void **state) {
    (void)state;
    struct outq q = {0};
    for (int round = 0; round < 10; round++) {
        assert_int_equal(push(&q, "a", 0, NO_LIMIT), OUTQ_QUEUED);
        assert_int_equal(push(&q, "b", 0, NO_LIMIT), OUTQ_QUEUED);
        assert_int_equal(push(&q, "c", 0, NO_LIMIT), OUTQ_QUEUED);
        holds(&q, "a b c ");
        outq_pop(&q);
        holds(&q, "b c ");
        outq_pop(&q);
        outq_pop(&q);
    }
    assert_int_equal(q.bytes, 0);
    outq_trim(&q);
    assert_null(q.items);
}

static void the_newest_state_replaces_at_its_own_place(void **state) {
    (void)state;
    struct outq q = {0};
    push(&q, "s1", 7, NO_LIMIT);
    push(&q, "log1", 0, NO_LIMIT);
    push(&q, "t1", 8, NO_LIMIT);
    assert_int_equal(push(&q, "s2", 7, NO_LIMIT), OUTQ_REPLACED);
    holds(&q, "log1 t1 s2 ");
    assert_int_equal(push(&q, "s3", 7, NO_LIMIT), OUTQ_REPLACED);
    holds(&q, "log1 t1 s3 ");
    assert_int_equal(q.keyed, 2);
    outq_free(&q);
    assert_int_equal(q.keyed, 0);
}

static void what_has_begun_to_leave_stays(void **state) {
    (void)state;
    struct outq q = {0};
    push(&q, "s1", 7, NO_LIMIT);
    q.sent = 1;
    assert_int_equal(push(&q, "s2", 7, NO_LIMIT), OUTQ_QUEUED);
    holds(&q, "s1 s2 ");
    push(&q, "log", 0, NO_LIMIT);
    assert_int_equal(outq_cut(&q), 2);
    holds(&q, "s1 ");
    q.sent = 0;
    assert_int_equal(outq_cut(&q), 1);
    holds(&q, "");
    assert_int_equal(q.bytes, 0);
    outq_free(&q);
}

static void the_limit_counts_what_waits_behind_the_head(void **state) {
    (void)state;
    struct outq q = {0};
    char large[5000];
    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    size_t limit = 2 * (OUTQ_FRAME_COST + 10);
    assert_int_equal(push(&q, large, 0, limit), OUTQ_QUEUED);
    assert_int_equal(push(&q, "0123456789", 0, limit), OUTQ_QUEUED);
    assert_int_equal(push(&q, "0123456789", 0, limit), OUTQ_QUEUED);
    assert_int_equal(push(&q, "", 0, limit), OUTQ_FULL);
    assert_int_equal(q.count, 3);
    outq_pop(&q);
    assert_int_equal(push(&q, "0123456789", 0, limit), OUTQ_QUEUED);
    outq_free(&q);
}

static void queues_are_joined_in_order(void **state) {
    (void)state;
    struct outq q = {0}, rest = {0};
    push(&q, "a", 0, NO_LIMIT);
    q.sent = 1;
    push(&rest, "b", 7, NO_LIMIT);
    push(&rest, "c", 0, NO_LIMIT);
    outq_join(&q, &rest);
    holds(&q, "a b c ");
    assert_int_equal(q.sent, 1);
    assert_int_equal(q.keyed, 1);
    assert_null(rest.items);
    assert_int_equal(rest.bytes, 0);
    outq_free(&q);
}

static void a_raw_frame_is_the_same_in_every_form(void **state) {
    (void)state;
    struct frame *f = frame_raw("\x89\x00", 2);
    for (int i = 0; i < FORM_COUNT; i++) {
        assert_int_equal(f->form[i]->len, 2);
        assert_memory_equal(f->form[i]->b, "\x89\x00", 2);
    }
    frame_unref(f); /* the forms are freed once: the sanitizer looks on */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_in_order_across_the_ring),
        cmocka_unit_test(the_newest_state_replaces_at_its_own_place),
        cmocka_unit_test(what_has_begun_to_leave_stays),
        cmocka_unit_test(the_limit_counts_what_waits_behind_the_head),
        cmocka_unit_test(queues_are_joined_in_order),
        cmocka_unit_test(a_raw_frame_is_the_same_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
