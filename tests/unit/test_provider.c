/* test_provider.c - tokens of an outside identity provider: what they may say, and which key said
 * it.
 */
#include <config.h>

#include "unit.h"

#include "access/auth.h"
#include "forge.h"
#include "keydir.h"

#define NOW     1795195865
#define TIMES   "\"iat\":1795195865,\"exp\":1795195925"
#define OUTSIDE "\"aud\":\"maitred\",\"jti\":\"t1\",\"venue\":1," TIMES "}"
#define GOOD                                                                                       \
    "{\"iss\":\"maitred\",\"sub\":\"7\",\"name\":\"anna\",\"slug\":\"bistro\",\"role\":"           \
    "\"admin\"," OUTSIDE
#define OWN "{\"alg\":\"HS256\",\"kid\":\"a\"}"

static struct auth *keys;
static EVP_PKEY *ec;

static struct auth *load(const char *providers) {
    struct err e;
    const struct auth_options o = {.key_dir = key_dir,
                                   .issuer = "maitred",
                                   .provider_issuers = providers,
                                   .audience = "maitred",
                                   .lifetime_s = 60};
    struct auth *a = auth_load(&o, &e);
    assert_non_null(a);
    return a;
}

static int set_up(void **s) {
    (void)s;
    key_dir_make();
    ec = EVP_EC_gen("P-256");
    char *pem = public_pem(ec);
    key_file("a.hs256", SECRET, 32);
    key_file("c.es256.pem", pem, strlen(pem));
    free(pem);
    keys = load("");
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    key_dir_remove();
    auth_free(keys);
    EVP_PKEY_free(ec);
    return 0;
}

static void verify(const struct auth *a, char *token, bool want, struct principal *p) {
    struct err e;
    if (auth_verify(a, token, NOW, p, &e) != want)
        fail_msg("%s: %s", want ? "refused" : "accepted", token);
    x_free(token);
}

static struct principal outside(const struct auth *a, const char *claims, bool want) {
    struct principal p;
    verify(a, signed_token("{\"alg\":\"ES256\",\"kid\":\"c\"}", claims, ec), want, &p);
    return p;
}

/* Whatever it claims to be, the account is looked up: only its number and venue are taken. */
static void test_outside_provider_does_not_say_the_role(void **s) {
    (void)s;
    struct principal p = outside(keys, GOOD, true);
    assert_true(p.outside);
    assert_int_equal(p.role, ROLE_NONE);
    assert_string_equal(p.name, "");
    assert_string_equal(p.slug, "");
    assert_int_equal(p.account, 7);
    assert_int_equal(p.venue, 1);
    outside(keys, "{\"iss\":\"maitred\",\"sub\":\"7\"," OUTSIDE, true);
    outside(keys, "{\"iss\":\"maitred\",\"sub\":\"anna\"," OUTSIDE, false);
    outside(keys,
            "{\"iss\":\"maitred\",\"sub\":\"guest\",\"role\":\"guest\",\"session\":3," OUTSIDE,
            false);
    outside(keys, "{\"iss\":\"maitred\",\"sub\":\"7\",\"order\":3," OUTSIDE, false);
    verify(keys, hs256(OWN, GOOD), true, &p);
    assert_false(p.outside);
    assert_int_equal(p.role, ROLE_ADMIN);
}

static void test_outside_issuers(void **s) {
    (void)s;
    struct principal p;
    struct auth *a = load("https://id.example, https://other.example/x");
    outside(a, "{\"iss\":\"https://id.example\",\"sub\":\"7\"," OUTSIDE, true);
    outside(a, "{\"iss\":\"https://other.example/x\",\"sub\":\"7\"," OUTSIDE, true);
    outside(a, "{\"iss\":\"https://id.example, https://other.example/x\",\"sub\":\"7\"," OUTSIDE,
            false);
    outside(a, "{\"iss\":\"maitred\",\"sub\":\"7\"," OUTSIDE, false);
    outside(a, "{\"sub\":\"7\"," OUTSIDE, false);
    verify(a, hs256(OWN, GOOD), true, &p);
    verify(a,
           hs256(OWN, "{\"iss\":\"https://id.example\",\"sub\":\"7\",\"name\":\"anna\","
                      "\"slug\":\"bistro\",\"role\":\"admin\"," OUTSIDE),
           false, &p);
    auth_free(a);
}

/* A key that was removed, or replaced under its name, is not known any more. */
static void test_keys_are_known_by_what_they_are(void **s) {
    (void)s;
    struct principal p;
    verify(keys, hs256(OWN, GOOD), true, &p);
    assert_true(p.key != 0);
    assert_true(auth_key_known(keys, p.key));
    assert_true(auth_key_known(keys, 0)); /* an API key needs none */
    assert_false(auth_key_known(keys, p.key + 1));
    assert_true(auth_key_known(keys, outside(keys, GOOD, true).key));
    key_file("a.hs256", "fedcba9876543210fedcba9876543210", 32);
    struct auth *fresh = load("");
    key_file("a.hs256", SECRET, 32);
    assert_false(auth_key_known(fresh, p.key));
    assert_true(auth_key_known(fresh, outside(keys, GOOD, true).key));
    auth_free(fresh);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outside_provider_does_not_say_the_role),
        cmocka_unit_test(test_outside_issuers),
        cmocka_unit_test(test_keys_are_known_by_what_they_are),
    };
    return cmocka_run_group_tests_name("tokens of a provider", tests, set_up, tear_down);
}
