/* test_answers.c - kept answers: found by the whole subject and the version, and by nothing less;
 * within the bound; safe while many threads ask, replace and let go. */
#include <config.h>

#include "unit.h"

#include "answers.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct answers_key key_of(const char *subject, int64_t last) {
    struct answers_key key = {.subject = subject,
                              .subject_len = strlen(subject),
                              .hash = UINT64_C(42), /* all collide: the subject must decide */
                              .epoch = "0000000a",
                              .last = last};
    return key;
}

static void keep(struct answers *a, const char *subject, int64_t last, const char *body) {
    struct answers_key key = key_of(subject, last);
    struct kept answer = {.status = 200,
                          .head = "X-Own: x\r\n",
                          .head_len = 10,
                          .links = "<x>; rel=\"next\"",
                          .body = body,
                          .body_len = strlen(body)};
    answers_keep(a, &key, &answer);
}

/* "" when there is none. */
static const char *body_of(struct answers *a, const struct answers_key *key) {
    static char text[64];
    const struct kept *kept = answers_take(a, key);
    snprintf(text, sizeof text, "%.*s", kept ? (int)kept->body_len : 0, kept ? kept->body : "");
    answers_drop(kept);
    return text;
}

static const char *ask(struct answers *a, const char *subject, int64_t last) {
    struct answers_key key = key_of(subject, last);
    return body_of(a, &key);
}

static void test_found_by_all_of_its_key(void **s) {
    (void)s;
    struct answers *a = answers_new(1 << 20, 100);
    keep(a, "one", 5, "1");
    keep(a, "two", 5, "2"); /* the same hash */
    assert_string_equal(ask(a, "one", 5), "1");
    assert_string_equal(ask(a, "two", 5), "2");
    assert_string_equal(ask(a, "thr", 5), "");
    assert_string_equal(ask(a, "on", 5), "");
    assert_string_equal(ask(a, "one", 4), "");
    assert_string_equal(ask(a, "one", 6), "");
    struct answers_key key = key_of("one", 5);
    key.bucket = 1;
    assert_string_equal(body_of(a, &key), "");
    key = key_of("one", 5);
    memcpy(key.epoch, "0000000b", 9);
    assert_string_equal(body_of(a, &key), "");
    const struct kept *kept = answers_take(
        a, &(struct answers_key){
               .subject = "one", .subject_len = 3, .hash = 42, .epoch = "0000000a", .last = 5});
    assert_non_null(kept);
    assert_int_equal(kept->status, 200);
    assert_memory_equal(kept->head, "X-Own: x\r\n", kept->head_len);
    assert_string_equal(kept->links, "<x>; rel=\"next\"");
    answers_drop(kept);
    answers_free(a);
}

static void test_the_newest_stays(void **s) {
    (void)s;
    struct answers *a = answers_new(1 << 20, 100);
    keep(a, "one", 5, "old");
    keep(a, "one", 7, "new");
    keep(a, "one", 6, "late"); /* its snapshot is older */
    assert_string_equal(ask(a, "one", 7), "new");
    assert_string_equal(ask(a, "one", 6), "");
    assert_string_equal(ask(a, "one", 5), "");
    assert_int_equal(answers_count(a), 1);
    struct answers_key key = key_of("one", 2); /* a restored backup begins lower, in its epoch */
    memcpy(key.epoch, "0000000b", 9);
    answers_keep(a, &key, &(struct kept){.status = 200, .body = "back", .body_len = 4});
    assert_string_equal(body_of(a, &key), "back");
    assert_string_equal(ask(a, "one", 7), "");
    answers_free(a);
}

static void test_bounded_in_bytes_and_entries(void **s) {
    (void)s;
    char subject[32], body[2001];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    struct answers *a = answers_new(256 * 1024, 1000000), *few = answers_new(1 << 30, 64);
    for (int i = 0; i < 5000; i++) {
        snprintf(subject, sizeof subject, "s%d", i);
        struct answers_key key = key_of(subject, 1);
        key.hash = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
        struct kept answer = {.status = 200, .body = body, .body_len = sizeof body - 1};
        answers_keep(a, &key, &answer);
        answers_keep(few, &key, &answer);
        assert_true(answers_bytes(a) <= 256 * 1024);
        assert_true(answers_count(few) <= 64);
    }
    assert_true(answers_bytes(a) > 128 * 1024);
    assert_true(answers_count(few) > 32);
    answers_free(a);
    answers_free(few);
}

static void test_what_is_asked_for_outlives_what_is_not(void **s) {
    (void)s;
    struct answers *a = answers_new(1 << 20, 64); /* one shard of eight: all hashes are the same */
    char subject[32];
    keep(a, "loved", 1, "here");
    for (int i = 0; i < 100; i++) {
        snprintf(subject, sizeof subject, "s%d", i);
        keep(a, subject, 1, "x");
        assert_string_equal(ask(a, "loved", 1), "here");
    }
    assert_string_equal(ask(a, "s0", 1), "");
    answers_free(a);
}

static void test_one_too_large_is_not_kept(void **s) {
    (void)s;
    struct answers *a = answers_new(80 * 1024, 100);
    static char large[4000];
    memset(large, 'x', sizeof large - 1);
    keep(a, "small", 1, "x");
    keep(a, "large", 1, large);
    assert_string_equal(ask(a, "large", 1), "");
    assert_string_equal(ask(a, "small", 1), "x");
    answers_free(a);
}

static void test_taken_it_outlives_its_place(void **s) {
    (void)s;
    struct answers *a = answers_new(1 << 20, 100);
    keep(a, "one", 1, "held");
    struct answers_key key = key_of("one", 1);
    const struct kept *kept = answers_take(a, &key);
    keep(a, "one", 2, "next");
    answers_free(a);
    assert_memory_equal(kept->body, "held", 4);
    answers_drop(kept);
}

/* ---- many threads on few subjects: the body always says which subject and version it is of */

#define THREADS 8
#define ROUNDS  20000

static struct answers *shared;

static void *hammer(void *arg) {
    unsigned *wrong = arg, n = *wrong;
    *wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char subject[32], body[64];
        n = n * 1664525u + 1013904223u;
        int64_t last = (n >> 8) % 50;
        snprintf(subject, sizeof subject, "s%u", (n >> 16) % 40);
        snprintf(body, sizeof body, "%s at %d, and more of it", subject, (int)last);
        struct answers_key key = key_of(subject, last);
        key.hash = (n >> 16) % 40 * UINT64_C(0x9e3779b97f4a7c15);
        const struct kept *kept = answers_take(shared, &key);
        if (kept)
            *wrong += kept->body_len != strlen(body) || memcmp(kept->body, body, kept->body_len);
        else
            answers_keep(shared, &key,
                         &(struct kept){.status = 200, .body = body, .body_len = strlen(body)});
        answers_drop(kept);
    }
    return NULL;
}

static void test_many_threads(void **s) {
    (void)s;
    pthread_t threads[THREADS];
    unsigned wrong[THREADS];
    shared = answers_new(1 << 16, 24); /* fewer places than subjects */
    for (unsigned i = 0; i < THREADS; i++) {
        wrong[i] = i + 1; /* its seed */
        pthread_create(&threads[i], NULL, hammer, &wrong[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    assert_true(answers_count(shared) <= 24);
    answers_free(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_by_all_of_its_key),
        cmocka_unit_test(test_the_newest_stays),
        cmocka_unit_test(test_bounded_in_bytes_and_entries),
        cmocka_unit_test(test_what_is_asked_for_outlives_what_is_not),
        cmocka_unit_test(test_one_too_large_is_not_kept),
        cmocka_unit_test(test_taken_it_outlives_its_place),
        cmocka_unit_test(test_many_threads),
    };
    return cmocka_run_group_tests_name("kept answers", tests, NULL, NULL);
}
