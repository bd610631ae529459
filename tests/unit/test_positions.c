/* test_positions.c - the positions page: maxima between threads and processes, epochs, heartbeat,
 * replacement, and tables that run full. */
#include <config.h>

#include "unit.h"

#include "base/clock.h"
#include "data/page.h"
#include "access/auth.h"
#include "data/positions.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], path[96];
static struct positions *page; /* the sidecar's */

static void fresh_page(void) {
    struct err e;
    positions_close(page);
    page = positions_prepare(path, &e);
    assert_true(page && positions_place(page, &e));
    positions_set_epoch(page, "0000000a");
    positions_set_live(page, true);
    positions_beat(page, clock_mono_ms());
}

/* May the page be believed, by all but its heartbeat? That one must not depend on how busy the
 * machine is. */
static bool fresh(struct positions *p) {
    positions_beat(page, clock_mono_ms());
    return positions_fresh(p);
}

static int set_up(void **s) {
    (void)s;
    snprintf(dir, sizeof dir, "/tmp/maitred-page.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/positions", dir);
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    positions_close(page);
    unlink(path);
    return rmdir(dir);
}

static int each_set_up(void **s) {
    (void)s;
    fresh_page();
    return 0;
}

static void publish(struct positions *p, const char *epoch, int64_t venue, int64_t seq) {
    int64_t areas[AREA_COUNT] = {0};
    areas[AREA_ORDERS] = seq;
    areas[AREA_TABLES] = seq / 2;
    positions_publish(p, epoch, venue, seq, areas);
}

static int64_t seq_at(struct positions *p, int64_t venue) {
    int64_t seq, areas[AREA_COUNT];
    return positions_read(p, venue, &seq, areas) ? seq : -1;
}

static void test_publish_and_read(void **s) {
    (void)s;
    int64_t seq, areas[AREA_COUNT];
    struct positions *reader = positions_open(path);
    assert_int_equal(seq_at(reader, 7), -1);
    publish(page, "0000000a", 7, 10);
    assert_true(positions_read(reader, 7, &seq, areas));
    assert_int_equal(seq, 10);
    assert_int_equal(areas[AREA_ORDERS], 10);
    assert_int_equal(areas[AREA_TABLES], 5);
    assert_int_equal(areas[AREA_MENU], 0);
    publish(reader, "0000000a", 7, 8); /* late: goes nowhere */
    assert_int_equal(seq_at(page, 7), 10);
    publish(reader, "0000000a", 7, 11); /* a program's own write */
    assert_int_equal(seq_at(page, 7), 11);
    assert_int_equal(seq_at(page, 0), -1);
    assert_int_equal(seq_at(page, -7), -1);
    positions_close(reader);
}

static void test_epochs(void **s) {
    (void)s;
    char epoch[9];
    publish(page, "0000000a", 7, 1000);
    publish(page, "0000000b", 7, 2000); /* not the page's epoch */
    assert_int_equal(seq_at(page, 7), 1000);
    positions_set_epoch(page, "0000000a");
    assert_int_equal(seq_at(page, 7), 1000);
    positions_set_epoch(page, "0000000b");
    assert_true(positions_epoch(page, epoch));
    assert_string_equal(epoch, "0000000b");
    assert_int_equal(seq_at(page, 7), -1);
    publish(page, "0000000a", 7, 3000); /* a straggler of the old epoch */
    assert_int_equal(seq_at(page, 7), -1);
    publish(page, "0000000b", 7, 5); /* lower than before, and true */
    assert_int_equal(seq_at(page, 7), 5);
    positions_set_epoch(page, "0000000a"); /* an epoch's name may come back; its seqs do not */
    assert_int_equal(seq_at(page, 7), -1);
    positions_set_epoch(page, "nonsense");
    assert_true(positions_epoch(page, epoch));
    assert_string_equal(epoch, "0000000a");
}

static void test_heartbeat(void **s) {
    (void)s;
    struct positions *reader = positions_open(path);
    assert_true(fresh(reader));
    positions_beat(page,
                   clock_mono_ms() - 1000); /* what a killed sidecar leaves: a second, no more */
    assert_false(positions_fresh(reader));
    positions_beat(page, clock_mono_ms() + 3600000); /* a page that outlived a reboot */
    assert_false(positions_fresh(reader));
    assert_true(fresh(reader));
    positions_set_live(page, false);
    assert_false(fresh(reader));
    positions_set_live(page, true);
    assert_true(fresh(reader));
    positions_close(reader);
    assert_false(positions_fresh(NULL));
}

static void test_no_page_yet(void **s) {
    (void)s;
    char epoch[9];
    int64_t seq, areas[AREA_COUNT];
    positions_close(page);
    page = NULL;
    unlink(path);
    struct positions *reader = positions_open(path);
    assert_false(fresh(reader));
    assert_false(positions_read(reader, 1, &seq, areas) || positions_epoch(reader, epoch));
    assert_false(positions_revoked(reader, text_hash("x")));
    assert_true(positions_account_ok(reader, 1, 1));
    publish(reader, "0000000a", 1, 1);
    positions_revoke(reader, "x", 1);
    fresh_page();
    assert_true(fresh(reader)); /* it finds it by itself */
    positions_close(reader);
}

static void test_a_new_page_replaces_the_old_one(void **s) {
    (void)s;
    struct positions *reader = positions_open(path);
    publish(page, "0000000a", 7, 10);
    struct positions *old = page;
    page = NULL;
    fresh_page();
    publish(page, "0000000a", 7, 12);
    /* The old page was told that it is dead, though its heartbeat is still young. */
    assert_false(positions_fresh(old) && seq_at(old, 7) == 10);
    /* Its sidecar may live on for a while and not know: programs publish to the new one only. */
    positions_set_live(old, true);
    positions_beat(old, clock_mono_ms());
    assert_false(positions_fresh(old) && seq_at(old, 7) == 10);
    assert_true(fresh(reader));
    assert_int_equal(seq_at(reader, 7), 12);
    positions_close(old);
    positions_close(reader);
}

static struct positions *prepared(int64_t seq) {
    struct err e;
    struct positions *next = positions_prepare(path, &e);
    assert_non_null(next);
    positions_set_epoch(next, "0000000a");
    positions_set_live(next, true);
    publish(next, "0000000a", 7, seq);
    return next;
}

static void test_a_page_that_is_prepared_changes_nothing(void **s) {
    (void)s;
    struct positions *reader = positions_open(path);
    char beside[128];
    snprintf(beside, sizeof beside, "%s.%d", path, (int)getpid());
    publish(page, "0000000a", 7, 10);
    for (int killed = 0; killed < 2; killed++) {
        struct positions *next = prepared(9);
        assert_int_equal(access(beside, F_OK), 0);
        assert_true(fresh(reader));
        assert_int_equal(seq_at(reader, 7), 10);
        if (killed)
            positions_discard(path, getpid());
        else
            positions_close(next);
        assert_int_equal(access(beside, F_OK), -1);
        assert_true(fresh(reader));
        if (killed)
            positions_close(next);
    }
    positions_hand_over(path, getpid()); /* there is none */
    assert_true(fresh(reader));
    assert_int_equal(seq_at(reader, 7), 10);
    positions_close(reader);
}

/* Killed before its page was in place; who lives still holds the lock, and may be about to put it
 * there. */
static void test_what_killed_ones_left_goes(void **s) {
    (void)s;
    static const struct {
        const char *suffix;
        bool locked, stays;
    } beside[] = {{"111111111", false, false},
                  {"111111112", true, true},
                  {"1x", false, true},
                  {"", false, true}};
    enum { FILES = sizeof beside / sizeof *beside };
    char file[FILES][128];
    int fd[FILES];
    for (int i = 0; i < FILES; i++) {
        snprintf(file[i], sizeof file[i], "%s.%s", path, beside[i].suffix);
        fd[i] = open(file[i], O_RDWR | O_CREAT, 0600);
        assert_true(fd[i] >= 0);
        if (beside[i].locked)
            assert_int_equal(flock(fd[i], LOCK_EX), 0);
    }
    fresh_page();
    for (int i = 0; i < FILES; i++) {
        assert_int_equal(access(file[i], F_OK) == 0, beside[i].stays);
        unlink(file[i]);
        close(fd[i]);
    }
}

static void test_a_page_is_handed_over(void **s) {
    (void)s;
    struct err e;
    struct positions *reader = positions_open(path), *old = page;
    publish(page, "0000000a", 7, 10);
    page = prepared(12);
    positions_hand_over(path, getpid());
    assert_false(positions_fresh(old) && seq_at(old, 7) == 10);
    assert_true(fresh(reader));
    assert_int_equal(seq_at(reader, 7), 12);
    /* Its owner finds it in place, and does not call it dead. */
    assert_true(positions_place(page, &e) && positions_place(page, &e));
    assert_true(fresh(reader));
    positions_close(old);
    positions_close(reader);
}

static void test_foreign_files_are_not_mapped(void **s) {
    (void)s;
    positions_close(page);
    page = NULL;
    FILE *f = fopen(path, "w");
    fputs("something else", f);
    fclose(f);
    struct positions *reader = positions_open(path);
    assert_false(fresh(reader));
    f = fopen(path, "w");
    assert_int_equal(ftruncate(fileno(f), sizeof(struct page)), 0); /* right size, no magic */
    fclose(f);
    assert_false(fresh(reader));
    fresh_page();
    assert_true(fresh(reader));
    positions_close(reader);
}

static void test_revocations(void **s) {
    (void)s;
    int64_t now = clock_wall_s();
    positions_revoke(page, "token-1", now + 100);
    positions_revoke(page, "token-1", now + 50);
    assert_true(positions_revoked(page, text_hash("token-1")));
    assert_false(positions_revoked(page, text_hash("token-2")));
    assert_false(positions_revoked(page, 0));
}

static void test_accounts(void **s) {
    (void)s;
    assert_true(positions_account_ok(page, 5, 100));
    positions_account(page, 5, 200, false);
    assert_false(positions_account_ok(page, 5, 199));
    assert_true(positions_account_ok(page, 5, 200)); /* the same second is not before */
    positions_account(page, 5, 150, false);          /* never goes back */
    assert_false(positions_account_ok(page, 5, 199));
    positions_account(page, 5, 0, true);
    assert_false(positions_account_ok(page, 5, 200));
    assert_false(positions_account_ok(page, 5, INT64_MAX / 2));
    positions_account(page, 5, 300, false); /* active again */
    assert_false(positions_account_ok(page, 5, 299));
    assert_true(positions_account_ok(page, 5, 300));
    assert_true(positions_account_ok(page, 6, 0));
}

static void test_closed_venues(void **s) {
    (void)s;
    assert_true(positions_venue_ok(page, 7) && positions_venue_ok(NULL, 7));
    positions_venue(page, 7, false);
    assert_false(positions_venue_ok(page, 7));
    assert_true(positions_venue_ok(page, 8));
    assert_int_equal(seq_at(page, 7), -1); /* being known as closed is no position */
    positions_set_epoch(page, "0000000b");
    assert_false(positions_venue_ok(page, 7));
    positions_venue(page, 7, true);
    assert_true(positions_venue_ok(page, 7));
}

static void test_capacity_of_venues(void **s) {
    (void)s;
    for (int64_t venue = 1; venue <= PAGE_VENUES; venue++)
        publish(page, "0000000a", venue, venue);
    for (int64_t venue = 1; venue <= PAGE_VENUES; venue++)
        assert_int_equal(seq_at(page, venue), venue);
    for (int64_t venue = PAGE_VENUES + 1; venue <= 3 * PAGE_VENUES; venue++)
        publish(page, "0000000a", venue, venue);
    assert_int_equal(seq_at(page, 1), 1); /* those that came first stay */
    int unknown = 0;
    for (int64_t venue = 1; venue <= 3 * PAGE_VENUES; venue++) {
        int64_t seq = seq_at(page, venue);
        assert_true(seq == venue || seq == -1);
        unknown += seq == -1;
    }
    assert_true(unknown > 0);
    assert_true(fresh(page));
}

static void revoke_many(int from, int to, int64_t exp) {
    char jti[24];
    for (int i = from; i < to; i++) {
        snprintf(jti, sizeof jti, "token-%d", i);
        positions_revoke(page, jti, exp);
    }
}

static int revoked_of(int from, int to) {
    char jti[24];
    int n = 0;
    for (int i = from; i < to; i++) {
        snprintf(jti, sizeof jti, "token-%d", i);
        n += positions_revoked(page, text_hash(jti));
    }
    return n;
}

static void test_old_revocations_give_way(void **s) {
    (void)s;
    int64_t now = clock_wall_s();
    int room = PAGE_SLOTS(PAGE_REVOKED);
    revoke_many(0, room + 2000, now - 10); /* run out already */
    revoke_many(room + 2000, room + 2000 + PAGE_REVOKED, now + 1000);
    assert_int_equal(revoked_of(room + 2000, room + 2000 + PAGE_REVOKED), PAGE_REVOKED);
    assert_true(fresh(page)); /* nothing that counts was lost */
}

static void test_too_many_revocations_ask_the_database(void **s) {
    (void)s;
    int64_t now = clock_wall_s();
    revoke_many(0, PAGE_REVOKED, now + 1000);
    assert_int_equal(revoked_of(0, PAGE_REVOKED), PAGE_REVOKED);
    assert_true(fresh(page));
    revoke_many(PAGE_REVOKED, PAGE_SLOTS(PAGE_REVOKED) + 2000, now + 1000);
    assert_false(fresh(page)); /* a token that is not there may be revoked all the same */
}

static void test_too_many_accounts_ask_the_database(void **s) {
    (void)s;
    for (int64_t account = 1; account <= PAGE_ACCOUNTS; account++)
        positions_account(page, account, 500, account % 2);
    for (int64_t account = 1; account <= PAGE_ACCOUNTS; account++)
        assert_int_equal(positions_account_ok(page, account, 500), account % 2 == 0);
    assert_true(fresh(page));
    for (int64_t account = PAGE_ACCOUNTS + 1; account <= PAGE_SLOTS(PAGE_ACCOUNTS) + 1; account++)
        positions_account(page, account, 500, true);
    assert_false(fresh(page));
}

/* ---- several at once */

#define VENUES    50
#define STEPS     4000
#define THREADS   4
#define PROCESSES 3

/* Each writer raises all venues in its own order; the last word must be the highest. */
static void *write_many(void *arg) {
    unsigned seed = (unsigned)(uintptr_t)arg;
    struct positions *p = positions_open(path);
    for (int step = 1; step <= STEPS; step++) {
        int64_t venue = 1 + rand_r(&seed) % VENUES;
        publish(p, "0000000a", venue, step * 10 + (int64_t)(uintptr_t)arg % 10);
    }
    for (int64_t venue = 1; venue <= VENUES; venue++)
        publish(p, "0000000a", venue, STEPS * 10 + (int64_t)(uintptr_t)arg);
    positions_close(p);
    return NULL;
}

static _Atomic bool writing;

/* Nothing that a reader sees may ever go down, and areas are never behind their seq. */
static void *watch_all(void *arg) {
    int64_t last[VENUES + 1] = {0}, seq, areas[AREA_COUNT];
    struct positions *p = positions_open(path);
    while (writing) {
        for (int64_t venue = 1; venue <= VENUES; venue++) {
            if (!positions_read(p, venue, &seq, areas))
                continue;
            if (seq < last[venue] || areas[AREA_ORDERS] < seq)
                *(bool *)arg = true;
            last[venue] = seq;
        }
    }
    positions_close(p);
    return NULL;
}

static void test_threads_and_processes(void **s) {
    (void)s;
    pthread_t watcher, threads[THREADS];
    pid_t children[PROCESSES];
    bool went_down = false;
    writing = true;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            write_many((void *)(uintptr_t)(i + 1));
            _exit(0);
        }
    }
    pthread_create(&watcher, NULL, watch_all, &went_down);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, write_many, (void *)(uintptr_t)(PROCESSES + i + 1));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    writing = false;
    pthread_join(watcher, NULL);
    assert_false(went_down);
    for (int64_t venue = 1; venue <= VENUES; venue++)
        assert_int_equal(seq_at(page, venue), STEPS * 10 + PROCESSES + THREADS);
}

/* Whoever dies while it holds the page's lock must not stop the others. */
static void test_death_under_the_lock(void **s) {
    (void)s;
    pid_t child = fork();
    if (child == 0) {
        struct positions *p = positions_open(path);
        alarm(20);
        for (int i = 0;; i++) {
            char jti[24];
            snprintf(jti, sizeof jti, "child-%d", i);
            positions_revoke(p, jti, clock_wall_s() + 100);
        }
    }
    while (!positions_revoked(page, text_hash("child-100")))
        ;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    positions_revoke(page, "mine", clock_wall_s() + 100);
    assert_true(positions_revoked(page, text_hash("mine")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_publish_and_read, each_set_up),
        cmocka_unit_test_setup(test_epochs, each_set_up),
        cmocka_unit_test_setup(test_heartbeat, each_set_up),
        cmocka_unit_test_setup(test_no_page_yet, each_set_up),
        cmocka_unit_test_setup(test_a_new_page_replaces_the_old_one, each_set_up),
        cmocka_unit_test_setup(test_a_page_that_is_prepared_changes_nothing, each_set_up),
        cmocka_unit_test_setup(test_what_killed_ones_left_goes, each_set_up),
        cmocka_unit_test_setup(test_a_page_is_handed_over, each_set_up),
        cmocka_unit_test_setup(test_foreign_files_are_not_mapped, each_set_up),
        cmocka_unit_test_setup(test_revocations, each_set_up),
        cmocka_unit_test_setup(test_accounts, each_set_up),
        cmocka_unit_test_setup(test_closed_venues, each_set_up),
        cmocka_unit_test_setup(test_capacity_of_venues, each_set_up),
        cmocka_unit_test_setup(test_old_revocations_give_way, each_set_up),
        cmocka_unit_test_setup(test_too_many_revocations_ask_the_database, each_set_up),
        cmocka_unit_test_setup(test_too_many_accounts_ask_the_database, each_set_up),
        cmocka_unit_test_setup(test_threads_and_processes, each_set_up),
        cmocka_unit_test_setup(test_death_under_the_lock, each_set_up),
    };
    return cmocka_run_group_tests_name("positions", tests, set_up, tear_down);
}
