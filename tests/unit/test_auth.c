/* test_auth.c - tokens: every trap of libjwt in LIBRARIES.md section 3 is closed.
 *
 * Forged tokens come from forge.h, with keys made for the run.
 */
#include <config.h>

#include "unit.h"

#include "access/auth.h"
#include "forge.h"
#include "keydir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rsa.h>

#define NOW          1795195865
#define OTHER_SECRET "fedcba9876543210fedcba9876543210"
#define CLAIMS                                                                                     \
    "\"iss\":\"maitred\",\"aud\":\"maitred\",\"sub\":\"7\",\"name\":\"anna\",\"slug\":\"bistro\"," \
    "\"role\":\"admin\",\"jti\":\"t1\",\"venue\":1"
#define TIMES "\"iat\":1795195865,\"exp\":1795195925"
#define GOOD  "{" CLAIMS "," TIMES "}"

static struct auth *one, *many; /* one HS256 key; three keys of three algorithms */
static EVP_PKEY *rsa, *ec;
static char *rsa_pem;

static struct auth *load(const char *sign_kid, struct err *e) {
    const struct auth_options o = {.key_dir = key_dir,
                                   .sign_kid = sign_kid,
                                   .issuer = "maitred",
                                   .audience = "maitred",
                                   .lifetime_s = 60};
    return auth_load(&o, e);
}

static int set_up(void **s) {
    struct err e;
    (void)s;
    key_dir_make();
    rsa = EVP_RSA_gen(2048);
    ec = EVP_EC_gen("P-256");
    rsa_pem = public_pem(rsa);
    key_file("a.hs256", SECRET, 32);
    one = load(NULL, &e);
    assert_non_null(one);
    char *ec_pem = public_pem(ec);
    key_file("b.rs256.pem", rsa_pem, strlen(rsa_pem));
    key_file("c.es256.pem", ec_pem, strlen(ec_pem));
    many = load(NULL, &e);
    assert_non_null(many);
    free(ec_pem);
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    key_dir_remove();
    auth_free(one);
    auth_free(many);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    free(rsa_pem);
    return 0;
}

/* ---- expectations */

static void expect(const struct auth *a, char *token, enum err_code want) {
    struct principal p;
    struct err e;
    memset(&p, 0xee, sizeof p);
    bool ok = auth_verify(a, token, NOW, &p, &e);
    if (want == ERR_NONE) {
        if (!ok)
            fail_msg("refused (%s): %s", e.slug, token);
        assert_int_equal(p.account, 7);
    } else {
        if (ok)
            fail_msg("accepted: %s", token);
        assert_int_equal(e.code, want);
        assert_int_equal(p.account, 0); /* nothing of a refused token is left behind */
        assert_int_equal(p.role, ROLE_NONE);
        assert_string_equal(e.detail, want == ERR_TOKEN_EXPIRED ? "The token has expired."
                                                                : "The token is not valid.");
    }
    x_free(token);
}

static void claims(const char *text, enum err_code want) {
    expect(one, hs256("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"a\"}", text), want);
}

/* ---- the traps */

static void test_a_good_token(void **s) {
    (void)s;
    claims(GOOD, ERR_NONE);
    claims("{" CLAIMS "," TIMES ",\"nbf\":1795195865,\"extra\":{\"a\":[1]}}", ERR_NONE);
}

static void test_empty_and_short_keys_are_refused(void **s) {
    (void)s;
    struct err e;
    keys_remove();
    assert_null(load(NULL, &e)); /* no key at all */
    key_file("a.hs256", "", 0);
    assert_null(load(NULL, &e));
    assert_non_null(strstr(e.detail, "shorter than 32"));
    key_file("a.hs256", SECRET, 31);
    assert_null(load(NULL, &e));
    key_file("a.hs256", rsa_pem, strlen(rsa_pem));
    assert_null(load(NULL, &e));
    key_file("a.hs256", SECRET, 32);
    key_file("b.rs256.pem", "no PEM", 6);
    assert_null(load(NULL, &e));
    key_file("b.rs256.pem", rsa_pem, strlen(rsa_pem));
    key_file("b.es256.pem", rsa_pem, strlen(rsa_pem));
    assert_null(load(NULL, &e)); /* two of one name */
    keys_remove();
    key_file("a.hs256", SECRET, 32);
    key_file("b.es256.pem", rsa_pem, strlen(rsa_pem));
    assert_null(load(NULL, &e)); /* an RSA key under ES256 */
    keys_remove();
    key_file("b.rs256.pem", rsa_pem, strlen(rsa_pem));
    assert_null(load(NULL, &e)); /* nothing to sign with */
    key_file("a.hs256", SECRET, 32);
    assert_null(load("b", &e));
    assert_null(load("z", &e));
}

static void test_token_signed_with_an_empty_key(void **s) {
    (void)s;
    expect(one, hmac_token("{\"alg\":\"HS256\",\"kid\":\"a\"}", GOOD, EVP_sha256(), NULL, 0),
           ERR_TOKEN_INVALID);
}

static void test_alg_none(void **s) {
    (void)s;
    struct str token = STR_INIT;
    begin(&token, "{\"alg\":\"none\",\"kid\":\"a\"}", GOOD);
    expect(one, x_strdup(str_c(&token)), ERR_TOKEN_INVALID);
    str_putc(&token, '.');
    expect(one, x_strdup(str_c(&token)), ERR_TOKEN_INVALID);
    str_puts(&token, "AAAA");
    expect(one, str_steal(&token), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"none\",\"kid\":\"a\"}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"kid\":\"a\"}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"hs256\",\"kid\":\"a\"}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":5,\"kid\":\"a\"}", GOOD), ERR_TOKEN_INVALID);
}

static void test_hs512_under_an_hs256_key(void **s) {
    (void)s;
    expect(one, hmac_token("{\"alg\":\"HS512\",\"kid\":\"a\"}", GOOD, EVP_sha512(), SECRET, 32),
           ERR_TOKEN_INVALID);
    expect(one, hmac_token("{\"alg\":\"HS384\",\"kid\":\"a\"}", GOOD, EVP_sha384(), SECRET, 32),
           ERR_TOKEN_INVALID);
    expect(one, hmac_token("{\"alg\":\"HS256\",\"kid\":\"a\"}", GOOD, EVP_sha512(), SECRET, 32),
           ERR_TOKEN_INVALID);
}

static void test_public_pem_as_an_hmac_secret(void **s) {
    (void)s;
    size_t len = strlen(rsa_pem);
    expect(many, hmac_token("{\"alg\":\"HS256\",\"kid\":\"b\"}", GOOD, EVP_sha256(), rsa_pem, len),
           ERR_TOKEN_INVALID);
    expect(many, hmac_token("{\"alg\":\"RS256\",\"kid\":\"b\"}", GOOD, EVP_sha256(), rsa_pem, len),
           ERR_TOKEN_INVALID);
    expect(many, hmac_token("{\"alg\":\"HS256\",\"kid\":\"a\"}", GOOD, EVP_sha256(), rsa_pem, len),
           ERR_TOKEN_INVALID);
}

static void test_rs256_and_es256(void **s) {
    (void)s;
    expect(many, signed_token("{\"alg\":\"RS256\",\"kid\":\"b\"}", GOOD, rsa), ERR_NONE);
    expect(many, signed_token("{\"alg\":\"ES256\",\"kid\":\"c\"}", GOOD, ec), ERR_NONE);
    expect(many, signed_token("{\"alg\":\"RS256\",\"kid\":\"c\"}", GOOD, rsa), ERR_TOKEN_INVALID);
    expect(many, signed_token("{\"alg\":\"ES256\",\"kid\":\"b\"}", GOOD, ec), ERR_TOKEN_INVALID);
    expect(many, signed_token("{\"alg\":\"RS512\",\"kid\":\"b\"}", GOOD, rsa), ERR_TOKEN_INVALID);
    EVP_PKEY *stranger = EVP_RSA_gen(2048);
    expect(many, signed_token("{\"alg\":\"RS256\",\"kid\":\"b\"}", GOOD, stranger),
           ERR_TOKEN_INVALID);
    EVP_PKEY_free(stranger);
}

static void test_key_ids(void **s) {
    (void)s;
    expect(one, hs256("{\"alg\":\"HS256\"}", GOOD), ERR_NONE); /* one key: no kid needed */
    expect(many, hs256("{\"alg\":\"HS256\"}", GOOD), ERR_TOKEN_INVALID);
    expect(many, hs256("{\"alg\":\"HS256\",\"kid\":\"a\"}", GOOD), ERR_NONE);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":\"z\"}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":\"\"}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":null}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":0}", GOOD), ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":\"../a\"}", GOOD), ERR_TOKEN_INVALID);
}

static void test_critical_extensions(void **s) {
    (void)s;
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":\"a\",\"crit\":[\"exp\"]}", GOOD),
           ERR_TOKEN_INVALID);
    expect(one, hs256("{\"alg\":\"HS256\",\"kid\":\"a\",\"alg\":\"HS256\"}", GOOD),
           ERR_TOKEN_INVALID);
}

static void test_exp(void **s) {
    (void)s;
    claims("{" CLAIMS ",\"iat\":1795195865}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":1795195925.5}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":1.795195925e9}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":\"1795195925\"}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":null}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":true}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":0}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":-1}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195865,\"exp\":99999999999999999999}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS "," TIMES ",\"exp\":1895195925}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195800,\"exp\":1795195864}", ERR_TOKEN_EXPIRED);
    claims("{" CLAIMS ",\"iat\":1795195800,\"exp\":1795195865}", ERR_TOKEN_EXPIRED); /* no leeway */
    claims("{" CLAIMS ",\"iat\":1795195800,\"exp\":1795195866}", ERR_NONE);
}

static void test_nbf_and_iat(void **s) {
    (void)s;
    claims("{" CLAIMS "," TIMES ",\"nbf\":1795195890}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS "," TIMES ",\"nbf\":\"1\"}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS "," TIMES ",\"nbf\":1.5}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"exp\":1795195925}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1795195890,\"exp\":1795195925}", ERR_TOKEN_INVALID);
    claims("{" CLAIMS ",\"iat\":1.5,\"exp\":1795195925}", ERR_TOKEN_INVALID);
}

static char *replaced(const char *text, const char *from, const char *to) {
    struct str out = STR_INIT;
    const char *at = strstr(text, from);
    assert_non_null(at);
    str_put(&out, text, (size_t)(at - text));
    str_puts(&out, to);
    str_puts(&out, at + strlen(from));
    return str_steal(&out);
}

static void with(const char *from, const char *to, enum err_code want) {
    char *text = replaced(GOOD, from, to);
    claims(text, want);
    x_free(text);
}

static void test_issuer_and_audience(void **s) {
    (void)s;
    with("\"iss\":\"maitred\"", "\"iss\":\"other\"", ERR_TOKEN_INVALID);
    with("\"iss\":\"maitred\",", "", ERR_TOKEN_INVALID);
    with("\"iss\":\"maitred\"", "\"iss\":[\"maitred\"]", ERR_TOKEN_INVALID);
    with("\"aud\":\"maitred\"", "\"aud\":\"other\"", ERR_TOKEN_INVALID);
    with("\"aud\":\"maitred\",", "", ERR_TOKEN_INVALID);
    with("\"aud\":\"maitred\"", "\"aud\":[\"other\",\"maitred\"]", ERR_NONE);
    with("\"aud\":\"maitred\"", "\"aud\":[\"other\",null]", ERR_TOKEN_INVALID);
    with("\"aud\":\"maitred\"", "\"aud\":{\"maitred\":1}", ERR_TOKEN_INVALID);
}

static void test_who_it_is(void **s) {
    (void)s;
    with("\"sub\":\"7\"", "\"sub\":7", ERR_TOKEN_INVALID);
    with("\"sub\":\"7\"", "\"sub\":\"0\"", ERR_TOKEN_INVALID);
    with("\"sub\":\"7\"", "\"sub\":\"guest\"", ERR_TOKEN_INVALID);
    with("\"sub\":\"7\"", "\"sub\":\"7\",\"session\":3", ERR_TOKEN_INVALID);
    with("\"role\":\"admin\"", "\"role\":\"root\"", ERR_TOKEN_INVALID);
    with("\"role\":\"admin\"", "\"role\":\"none\"", ERR_TOKEN_INVALID);
    with("\"role\":\"admin\",", "", ERR_TOKEN_INVALID);
    with("\"venue\":1", "\"venue\":\"1\"", ERR_TOKEN_INVALID);
    with("\"venue\":1", "\"venue\":1.0", ERR_TOKEN_INVALID);
    with("\"venue\":1", "\"venue\":0", ERR_TOKEN_INVALID);
    with("\"jti\":\"t1\",", "", ERR_TOKEN_INVALID);
    with("\"jti\":\"t1\"", "\"jti\":\"\"", ERR_TOKEN_INVALID);
    with("\"jti\":\"t1\"", "\"jti\":\"123456789012345678901234567890123456789012345678\"",
         ERR_TOKEN_INVALID);
    with("\"name\":\"anna\"", "\"name\":\"an\\u0000na\"", ERR_TOKEN_INVALID);
}

static void test_no_token_at_all(void **s) {
    (void)s;
    expect(one, NULL, ERR_TOKEN_INVALID);
    static const char *const texts[] = {
        "",           ".",    "..",   "a.b",         "a.b.c.d",         "...",
        "a..c",       ".b.c", "a.b.", "e30.e30.e30", "bnVsbA.e30.AAAA", "{}.{}.{}",
        " e30.e30.AA"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(one, x_strdup(texts[i]), ERR_TOKEN_INVALID);
}

static void test_oversize_token(void **s) {
    (void)s;
    struct str text = STR_INIT;
    str_puts(&text, "{" CLAIMS "," TIMES ",\"pad\":\"");
    while (text.len < 2900)
        str_puts(&text, "0123456789");
    size_t fits = text.len;
    str_puts(&text, "\"}");
    claims(str_c(&text), ERR_NONE);
    text.len = fits;
    while (text.len < 3100)
        str_puts(&text, "0123456789");
    str_puts(&text, "\"}");
    claims(str_c(&text), ERR_TOKEN_INVALID);
    str_free(&text);
}

static void test_respelled_tokens(void **s) {
    (void)s;
    char *good = hs256("{\"alg\":\"HS256\",\"kid\":\"a\"}", GOOD);
    size_t len = strlen(good);
    for (size_t i = 0; i < len; i += 13) { /* any changed character breaks it */
        char *bad = x_strdup(good);
        bad[i] = bad[i] == 'A' ? 'B' : bad[i] == '.' ? 'x' : 'A';
        expect(one, bad, ERR_TOKEN_INVALID);
    }
    struct str padded = STR_INIT;
    str_printf(&padded, "%s=", good);
    expect(one, str_steal(&padded), ERR_TOKEN_INVALID);
    expect(one, good, ERR_NONE);
}

static void test_sign_and_verify(void **s) {
    (void)s;
    struct err e;
    struct principal p = {.role = ROLE_WAITER, .venue = 3, .account = 12}, back;
    snprintf(p.name, sizeof p.name, "%s", "J\xc3\xb6rg \"x\"");
    snprintf(p.slug, sizeof p.slug, "bistro");
    char *token = auth_sign(many, &p, NOW, &e);
    assert_non_null(token);
    assert_int_equal(p.exp, NOW + 60);
    assert_int_equal(strlen(p.jti), 32);
    assert_true(auth_verify(many, token, NOW, &back, &e));
    assert_memory_equal(&p, &back, sizeof p);
    assert_false(auth_verify(many, token, NOW + 60, &back, &e));
    assert_int_equal(e.code, ERR_TOKEN_EXPIRED);
    char first[48];
    snprintf(first, sizeof first, "%s", p.jti);
    x_free(token);
    token = auth_sign(many, &p, NOW, &e);
    assert_string_not_equal(p.jti, first);
    x_free(token);
}

static void test_guest_tokens(void **s) {
    (void)s;
    struct err e;
    struct principal p = {.role = ROLE_GUEST, .venue = 3, .session = 9}, back;
    snprintf(p.name, sizeof p.name, "guest");
    snprintf(p.slug, sizeof p.slug, "bistro");
    char *token = auth_sign(one, &p, NOW, &e);
    assert_true(auth_verify(one, token, NOW, &back, &e));
    assert_memory_equal(&p, &back, sizeof p);
    x_free(token);
    p.session = 0; /* of nothing: refused */
    token = auth_sign(one, &p, NOW, &e);
    assert_false(auth_verify(one, token, NOW, &back, &e));
    x_free(token);
}

static void test_rotation(void **s) {
    (void)s;
    struct err e;
    struct principal p = {.role = ROLE_ADMIN, .venue = 1, .account = 7}, back;
    snprintf(p.name, sizeof p.name, "anna");
    snprintf(p.slug, sizeof p.slug, "bistro");
    char *old_token = auth_sign(one, &p, NOW, &e),
         *old_seal = auth_seal(one, "resume", "x", NOW + 9);
    keys_remove();
    key_file("a.hs256", SECRET, 32);
    key_file("b.hs256", OTHER_SECRET, 32);
    struct auth *both = load(NULL, &e);
    assert_true(auth_verify(both, old_token, NOW, &back, &e));
    char *payload = auth_open(both, "resume", old_seal, NOW);
    assert_string_equal(payload, "x");
    char *new_token = auth_sign(both, &p, NOW, &e);
    assert_false(
        auth_verify(one, new_token, NOW, &back, &e)); /* signed with the name that sorts last */
    struct auth *pinned = load("a", &e);
    x_free(payload);
    char *pinned_token = auth_sign(pinned, &p, NOW, &e);
    assert_true(auth_verify(one, pinned_token, NOW, &back, &e));
    x_free(pinned_token);
    x_free(new_token);
    x_free(old_token);
    x_free(old_seal);
    auth_free(both);
    auth_free(pinned);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_token),
        cmocka_unit_test(test_empty_and_short_keys_are_refused),
        cmocka_unit_test(test_token_signed_with_an_empty_key),
        cmocka_unit_test(test_alg_none),
        cmocka_unit_test(test_hs512_under_an_hs256_key),
        cmocka_unit_test(test_public_pem_as_an_hmac_secret),
        cmocka_unit_test(test_rs256_and_es256),
        cmocka_unit_test(test_key_ids),
        cmocka_unit_test(test_critical_extensions),
        cmocka_unit_test(test_exp),
        cmocka_unit_test(test_nbf_and_iat),
        cmocka_unit_test(test_issuer_and_audience),
        cmocka_unit_test(test_who_it_is),
        cmocka_unit_test(test_no_token_at_all),
        cmocka_unit_test(test_oversize_token),
        cmocka_unit_test(test_respelled_tokens),
        cmocka_unit_test(test_sign_and_verify),
        cmocka_unit_test(test_guest_tokens),
        cmocka_unit_test(test_rotation),
    };
    return cmocka_run_group_tests_name("auth", tests, set_up, tear_down);
}
