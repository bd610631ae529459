/* test_seal.c - sealed statements, API keys, passwords, and where a token is carried. */
#include <config.h>

#include "unit.h"

#include "access/auth_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW 1795195865

static struct key keys[2];
static struct auth auth;

static int set_up(void **s) {
    (void)s;
    for (int i = 0; i < 2; i++) {
        keys[i] = (struct key){.alg = KEY_HS256, .len = 32};
        keys[i].bytes = (unsigned char *)(i ? "fedcba9876543210fedcba9876543210"
                                            : "0123456789abcdef0123456789abcdef");
        seal_key_new(&keys[i]);
    }
    auth = (struct auth){.keys = keys, .nkeys = 1, .signer = &keys[0]};
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    for (int i = 0; i < 2; i++)
        seal_key_free(&keys[i]);
    return 0;
}

static void opens(const struct auth *a, const char *purpose, const char *sealed, int64_t now,
                  const char *want) {
    char *got = auth_open(a, purpose, sealed, now);
    if (want)
        assert_string_equal(got, want);
    else
        assert_null(got);
    x_free(got);
}

static void test_seal_round_trip(void **s) {
    (void)s;
    char *sealed = auth_seal(&auth, "resume", "{\"account\":7,\"x\":\"a:b.c\"}", NOW + 60);
    opens(&auth, "resume", sealed, NOW, "{\"account\":7,\"x\":\"a:b.c\"}");
    opens(&auth, "resume", sealed, NOW + 59, "{\"account\":7,\"x\":\"a:b.c\"}");
    opens(&auth, "resume", sealed, NOW + 60, NULL);
    opens(&auth, "ticket", sealed, NOW, NULL);
    assert_int_equal(
        strspn(sealed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
        strlen(sealed));
    x_free(sealed);
    sealed = auth_seal(&auth, "", "", NOW + 60);
    opens(&auth, "", sealed, NOW, "");
    x_free(sealed);
}

static void test_seal_forged(void **s) {
    (void)s;
    char *sealed = auth_seal(&auth, "resume", "payload", NOW + 60);
    for (size_t i = 0; i < strlen(sealed); i++) {
        char *bad = x_strdup(sealed);
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        opens(&auth, "resume", bad, NOW, NULL);
        x_free(bad);
    }
    opens(&auth, "resume", NULL, NOW, NULL);
    opens(&auth, "resume", "", NOW, NULL);
    opens(&auth, "resume", ".", NOW, NULL);
    opens(&auth, "resume", "AAAA.", NOW, NULL);
    struct auth other = {.keys = &keys[1], .nkeys = 1, .signer = &keys[1]};
    opens(&other, "resume", sealed, NOW, NULL);
    x_free(sealed);
}

/* The purpose must not be able to flow into the payload: ("a", "b...") is not ("ab", "..."). */
static void test_seal_purpose_is_a_unit(void **s) {
    (void)s;
    char *sealed = auth_seal(&auth, "a", "1:x", NOW + 60);
    opens(&auth, "a1", sealed, NOW, NULL);
    x_free(sealed);
}

static void test_base64url(void **s) {
    (void)s;
    static const struct {
        const char *bytes, *text;
    } pairs[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"\xff\xfe\xfd", "__79"}};
    static const char *const bad[] = {"Zg==", "Zh", "Zm9", "Z", "Zm+v", "Zm/v", "Zm 9", "Zm9vZ"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str out = STR_INIT, back = STR_INIT;
        base64url_put(&out, pairs[i].bytes, strlen(pairs[i].bytes));
        assert_string_equal(str_c(&out), pairs[i].text);
        assert_true(base64url_decode(str_c(&out), out.len, &back));
        assert_string_equal(str_c(&back), pairs[i].bytes);
        str_free(&out);
        str_free(&back);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct str out = STR_INIT;
        assert_false(base64url_decode(bad[i], strlen(bad[i]), &out));
        str_free(&out);
    }
}

static void test_api_keys(void **s) {
    (void)s;
    char a[48], b[48], hash[65];
    api_key_make(a);
    api_key_make(b);
    assert_string_not_equal(a, b);
    assert_true(api_key_looks(a) && api_key_looks(b));
    assert_int_equal(strlen(a), 46);
    api_key_hash("abc", hash);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    a[45] = '=';
    assert_false(api_key_looks(a));
    a[45] = '\0';
    assert_false(api_key_looks(a));
    assert_false(api_key_looks(NULL) || api_key_looks("") || api_key_looks("mk_"));
}

static void test_random(void **s) {
    (void)s;
    char a[33], b[33];
    random_hex(a, 32);
    random_hex(b, 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
}

static void test_passwords(void **s) {
    (void)s;
    struct err e;
    char *hash = password_hash("correct horse", &e), *again = password_hash("correct horse", &e);
    assert_true(str_starts(hash, "$y$"));
    assert_string_not_equal(hash, again);
    assert_true(password_verify("correct horse", hash));
    assert_false(password_verify("correct horsf", hash));
    assert_false(password_verify("", hash));
    assert_false(password_verify(NULL, hash));
    assert_false(password_verify("correct horse", "*"));
    assert_false(password_verify("correct horse", "plain"));
    assert_false(password_verify("correct horse", "$y$j9T$"));
    x_free(hash);
    x_free(again);
    char big[600];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    assert_null(password_hash(big, &e));
    assert_null(password_hash("", &e));
    assert_false(password_verify(big, "$y$j9T$x$y"));
}

/* The thread's own time, which other programs' load does not stretch. */
static uint64_t cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t best_of(int rounds, const char *hash) {
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < rounds; i++) {
        uint64_t began = cpu_us();
        assert_false(password_verify("wrong", hash));
        uint64_t took = cpu_us() - began;
        best = took < best ? took : best;
    }
    return best;
}

static void test_unknown_account_takes_as_long(void **s) {
    (void)s;
    struct err e;
    char *hash = password_hash("right", &e);
    uint64_t known = best_of(5, hash), unknown = best_of(5, NULL);
    assert_true(unknown * 2 > known && known * 2 > unknown);
    x_free(hash);
}

static void test_bearer(void **s) {
    (void)s;
    assert_string_equal(auth_bearer("Bearer abc"), "abc");
    assert_string_equal(auth_bearer("bearer   abc"), "abc");
    assert_null(auth_bearer(NULL));
    assert_null(auth_bearer("Bearer"));
    assert_null(auth_bearer("Bearer  "));
    assert_null(auth_bearer("Bearerabc"));
    assert_null(auth_bearer("Basic abc"));
}

static void test_cookies(void **s) {
    (void)s;
    char out[16];
    assert_true(auth_cookie("a=1; maitred_token=x.y.z; b=2", AUTH_COOKIE, out, sizeof out));
    assert_string_equal(out, "x.y.z");
    assert_true(auth_cookie("maitred_token=t", AUTH_COOKIE, out, sizeof out));
    assert_true(auth_cookie(" ;; maitred_token=t \t;", AUTH_COOKIE, out, sizeof out));
    assert_string_equal(out, "t");
    assert_false(auth_cookie("xmaitred_token=t", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie("maitred_tokenx=t", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie("a=maitred_token=t", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie("maitred_token=", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie("maitred_token=0123456789abcdef", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie("", AUTH_COOKIE, out, sizeof out));
    assert_false(auth_cookie(NULL, AUTH_COOKIE, out, sizeof out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal_round_trip),
        cmocka_unit_test(test_seal_forged),
        cmocka_unit_test(test_seal_purpose_is_a_unit),
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_api_keys),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_unknown_account_takes_as_long),
        cmocka_unit_test(test_bearer),
        cmocka_unit_test(test_cookies),
    };
    return cmocka_run_group_tests_name("seal", tests, set_up, tear_down);
}
