/* test_limit.c - the allowance of accounts and addresses: bursts, what flows back, who counts as
 * one, many threads, processes and too many subjects.
 */
#include <config.h>

#include "unit.h"

#include "limit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000)
#define NOW    (1000 * SECOND)

static char path[64];
static struct limit *limit;

static int each_set_up(void **s) {
    (void)s;
    snprintf(path, sizeof path, "/tmp/maitred-limit.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    limit = limit_open(path);
    return 0;
}

static int each_tear_down(void **s) {
    (void)s;
    limit_close(limit);
    return unlink(path);
}

static long taken(uint64_t subject, long per_second, uint64_t now, long tries) {
    long n = 0;
    for (long i = 0; i < tries; i++)
        n += limit_take(limit, subject, per_second, now) == 0;
    return n;
}

static void test_a_burst_and_what_flows_back(void **s) {
    (void)s;
    uint64_t anna = limit_address("192.0.2.1");
    assert_int_equal(taken(anna, 10, NOW, 1000), 10 * LIMIT_BURST_S);
    assert_int_equal(limit_take(limit, anna, 10, NOW), 1);
    assert_int_equal(taken(anna, 10, NOW + SECOND, 1000), 10);
    assert_int_equal(taken(anna, 10, NOW + 4 * SECOND, 1000), 30);
    assert_int_equal(taken(anna, 10, NOW + 1000 * SECOND, 1000), 10 * LIMIT_BURST_S);
    assert_int_equal(taken(limit_address("192.0.2.2"), 10, NOW, 3), 3); /* another's is whole */
}

static void test_retry_after_is_when_it_may(void **s) {
    (void)s;
    uint64_t anna = limit_address("192.0.2.1");
    assert_int_equal(taken(anna, 1, NOW, 100), LIMIT_BURST_S);
    int wait = limit_take(limit, anna, 1, NOW + SECOND / 2);
    assert_int_equal(wait, 1);
    assert_int_equal(limit_take(limit, anna, 1, NOW + SECOND / 2 + (uint64_t)wait * SECOND), 0);
}

static void test_no_limit(void **s) {
    (void)s;
    assert_int_equal(taken(limit_address("192.0.2.1"), 0, NOW, 10000), 10000);
    assert_int_equal(taken(0, 1, NOW, 10000), 10000);
}

static void test_another_boots_clock(void **s) {
    (void)s;
    uint64_t anna = limit_address("192.0.2.1");
    assert_int_equal(taken(anna, 1, NOW, 100), LIMIT_BURST_S);
    assert_int_equal(taken(anna, 1, SECOND, 100), LIMIT_BURST_S);
}

static void test_who_counts_as_one(void **s) {
    (void)s;
    struct principal anna = {.account = 7, .role = ROLE_WAITER}, ben = {.account = 8};
    struct principal guest = {.session = 7, .role = ROLE_GUEST}, order = {.order = 7};
    assert_true(limit_address("::ffff:192.0.2.1") == limit_address("192.0.2.1"));
    assert_true(limit_address("2001:db8:1:2::1") == limit_address("2001:DB8:1:2:ffff::2"));
    assert_true(limit_address("2001:db8:1:2::1") != limit_address("2001:db8:1:3::1"));
    assert_true(limit_address("") == 0 && limit_address("local") == 0);
    const uint64_t all[] = {limit_principal(&anna), limit_principal(&ben), limit_principal(&guest),
                            limit_principal(&order)};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            assert_true(all[i] != all[j]);
}

/* Whoever is over stays over while others come and go: they take slots that are whole again, or
 * the one that is so soonest. */
static void test_many_subjects_do_not_hide_one(void **s) {
    (void)s;
    struct principal who = {.account = 1};
    uint64_t loud = limit_principal(&who);
    assert_int_equal(taken(loud, 100, NOW, 10000), 100 * LIMIT_BURST_S);
    for (int i = 2; i < 200000; i++) {
        who.account = i;
        assert_int_equal(limit_take(limit, limit_principal(&who), 100, NOW), 0);
    }
    assert_int_equal(taken(loud, 100, NOW, 100), 0);
}

#define THREADS 4
static void *taker(void *arg) {
    long *n = arg;
    *n = taken(limit_address("192.0.2.1"), 1000, NOW, 20000);
    return NULL;
}

static void test_threads_and_processes_share_one_allowance(void **s) {
    (void)s;
    pthread_t threads[THREADS];
    long n[THREADS], all = 0;
    pid_t child = fork();
    if (child == 0) {
        limit_close(limit);
        limit = limit_open(path); /* as another program would */
        long mine = taken(limit_address("192.0.2.1"), 1000, NOW, 100);
        _exit(mine <= 100 ? (int)mine : 255);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, taker, &n[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        all += n[i];
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(all + WEXITSTATUS(status), 1000 * LIMIT_BURST_S);
}

static void test_a_file_that_is_not_ours_is_replaced(void **s) {
    (void)s;
    struct stat st;
    limit_close(limit);
    FILE *f = fopen(path, "w");
    fputs("another version's", f);
    fclose(f);
    limit = limit_open(path);
    assert_int_equal(taken(limit_address("192.0.2.1"), 1, NOW, 100), LIMIT_BURST_S);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 1000 && (st.st_mode & 0777) == 0660);
}

static void test_no_file_no_harm(void **s) {
    (void)s;
    struct limit *shared = limit;
    limit = limit_open("/nowhere/at/all");
    assert_int_equal(taken(limit_address("192.0.2.1"), 1, NOW, 100), LIMIT_BURST_S);
    limit_close(limit);
    limit = shared;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, each_set_up, each_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_burst_and_what_flows_back),
        TEST(test_retry_after_is_when_it_may),
        TEST(test_no_limit),
        TEST(test_another_boots_clock),
        TEST(test_who_counts_as_one),
        TEST(test_many_subjects_do_not_hide_one),
        TEST(test_threads_and_processes_share_one_allowance),
        TEST(test_a_file_that_is_not_ours_is_replaced),
        TEST(test_no_file_no_harm),
    };
    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
