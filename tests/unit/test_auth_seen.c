/* test_auth_seen.c - tokens that were verified once are found again, and nothing else is: no other
 * spelling, none past its time, none of keys that were taken away; bounded; by many threads. */
#include <config.h>

#include "unit.h"

#include "access/auth_keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1795195865

static char dir[64];
static struct auth *keys;
static struct err e;
static struct principal back;

static void key_file(const char *name, char fill) {
    char path[96], secret[32];
    memset(secret, fill, sizeof secret);
    snprintf(path, sizeof path, "%s/%s.hs256", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fwrite(secret, 1, sizeof secret, f);
    fclose(f);
    chmod(path, 0600);
}

static struct auth *load(void) {
    const struct auth_options o = {
        .key_dir = dir, .issuer = "maitred", .audience = "maitred", .lifetime_s = 60};
    struct auth *a = auth_load(&o, &e);
    assert_non_null(a);
    return a;
}

static int set_up(void **s) {
    (void)s;
    snprintf(dir, sizeof dir, "/tmp/maitred-seen.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    key_file("a", 'a');
    keys = load();
    return 0;
}

static int tear_down(void **s) {
    char command[96];
    (void)s;
    auth_free(keys);
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    return system(command);
}

static char *token_of(const struct auth *a, int64_t account) {
    struct principal p = {.role = ROLE_ADMIN, .venue = 1, .account = account};
    snprintf(p.name, sizeof p.name, "anna");
    snprintf(p.slug, sizeof p.slug, "bistro");
    char *token = auth_sign(a, &p, NOW, &e);
    assert_non_null(token);
    return token;
}

static bool known(const struct auth *a, const char *token) {
    struct principal p;
    return seen_find(a->seen, token, strlen(token), &p);
}

static void test_a_verified_token_is_known(void **s) {
    (void)s;
    char *token = token_of(keys, 7);
    struct principal first;
    assert_false(known(keys, token));
    assert_true(auth_verify(keys, token, NOW, &first, &e));
    assert_true(known(keys, token));
    assert_true(auth_verify(keys, token, NOW, &back, &e));
    assert_memory_equal(&first, &back, sizeof back);
    x_free(token);
}

/* Each byte in turn changed to another that a token may hold. */
static void test_no_other_token_passes_for_it(void **s) {
    (void)s;
    char *token = token_of(keys, 7);
    size_t len = strlen(token);
    assert_true(auth_verify(keys, token, NOW, &back, &e));
    for (size_t i = 0; i < len; i++) {
        char was = token[i];
        token[i] = was == 'A' ? 'B' : 'A';
        assert_false(known(keys, token));
        assert_false(auth_verify(keys, token, NOW, &back, &e));
        assert_int_equal(e.code, ERR_TOKEN_INVALID);
        assert_false(known(keys, token)); /* what was refused is not kept */
        token[i] = was;
    }
    token[len - 1] = '\0';
    assert_false(auth_verify(keys, token, NOW, &back, &e));
    x_free(token);
}

static void test_its_times_still_count(void **s) {
    (void)s;
    char *token = token_of(keys, 7);
    assert_true(auth_verify(keys, token, NOW, &back, &e));
    assert_true(auth_verify(keys, token, NOW + 59, &back, &e));
    assert_false(auth_verify(keys, token, NOW + 60, &back, &e));
    assert_int_equal(e.code, ERR_TOKEN_EXPIRED);
    assert_int_equal(back.account, 0);
    assert_false(auth_verify(keys, token, NOW - 60, &back, &e)); /* the clock was put back */
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
    assert_true(auth_verify(keys, token, NOW, &back, &e));
    x_free(token);
    token = token_of(keys, 8); /* one that is past its time is not kept */
    assert_false(auth_verify(keys, token, NOW + 60, &back, &e));
    assert_false(known(keys, token));
    x_free(token);
}

static void test_a_reload_forgets(void **s) {
    (void)s;
    char *token = token_of(keys, 7), path[96];
    assert_true(auth_verify(keys, token, NOW, &back, &e));
    key_file("b", 'b');
    snprintf(path, sizeof path, "%s/a.hs256", dir);
    unlink(path);
    struct auth *fresh = load();
    assert_false(auth_verify(fresh, token, NOW, &back, &e));
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
    auth_free(fresh);
    snprintf(path, sizeof path, "%s/b.hs256", dir);
    unlink(path);
    key_file("a", 'a');
    x_free(token);
}

static void test_bounded(void **s) {
    (void)s;
    struct seen *seen = seen_new();
    struct principal p = {.account = 1};
    char token[64];
    int found = 0;
    for (int i = 0; i < 20000; i++) {
        snprintf(token, sizeof token, "head.claims.%08x%08x", i, (unsigned)i * 2654435761u);
        seen_keep(seen, token, strlen(token), &p);
        assert_true(seen_find(seen, token, strlen(token), &back));
    }
    for (int i = 0; i < 20000; i++) {
        snprintf(token, sizeof token, "head.claims.%08x%08x", i, (unsigned)i * 2654435761u);
        found += seen_find(seen, token, strlen(token), &back);
    }
    assert_in_range(found, 200, 1024);
    seen_free(seen);
}

static void test_long_and_short_ones_are_not_kept(void **s) {
    (void)s;
    struct seen *seen = seen_new();
    struct principal p = {.account = 1};
    static char text[4096];
    memset(text, 'x', sizeof text);
    static const size_t lengths[] = {0, 1, 7, 2049, 4096};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        seen_keep(seen, text, lengths[i], &p);
        assert_false(seen_find(seen, text, lengths[i], &back));
    }
    seen_keep(seen, text, 2048, &p);
    assert_true(seen_find(seen, text, 2048, &back));
    assert_false(seen_find(seen, text, 2047, &back));
    seen_free(seen);
}

/* ---- many threads: who is found is always who the token names */

#define THREADS 8
#define TOKENS  40

static char *tokens[TOKENS];

static void *verify_often(void *arg) {
    int *wrong = arg;
    struct err bad;
    struct principal p;
    for (int i = 0; i < 4000; i++) {
        int n = (i * 7 + *wrong) % TOKENS;
        bool ok = auth_verify(keys, tokens[n], NOW, &p, &bad);
        *wrong += !ok || p.account != n + 1;
    }
    return NULL;
}

static void test_many_threads(void **s) {
    (void)s;
    pthread_t threads[THREADS];
    int wrong[THREADS] = {0};
    for (int i = 0; i < TOKENS; i++)
        tokens[i] = token_of(keys, i + 1);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, verify_often, &wrong[i]);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
    for (int i = 0; i < TOKENS; i++)
        x_free(tokens[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_verified_token_is_known),
        cmocka_unit_test(test_no_other_token_passes_for_it),
        cmocka_unit_test(test_its_times_still_count),
        cmocka_unit_test(test_a_reload_forgets),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_long_and_short_ones_are_not_kept),
        cmocka_unit_test(test_many_threads),
    };
    return cmocka_run_group_tests_name("tokens seen", tests, set_up, tear_down);
}
