/* test_session.c - is this token still good? With a fresh page no query is made: shown by giving
 * it a database that is not there. */
#include <config.h>

#include "unit.h"

#include "base/clock.h"
#include "data/session.h"
#include "forge.h"
#include "keydir.h"
#include "pgtest.h"

#include <pthread.h>
#include <unistd.h>

static char path[96];
static EVP_PKEY *provider;
static struct auth *auth;
static struct db *db, *dead;
static struct positions *page;
static struct arena *arena;
static struct principal anna, who;
static struct err e;
static bool beating; /* a heartbeat before every question, however busy the machine is */

static int set_up(void **s) {
    struct auth_options o = {
        .key_dir = key_dir, .issuer = "maitred", .audience = "maitred", .lifetime_s = 600};
    key_dir_make();
    key_file("k.hs256", SECRET, 32);
    provider = EVP_EC_gen("P-256");
    char *pem = public_pem(provider);
    key_file("p.es256.pem", pem, strlen(pem));
    free(pem);
    auth = auth_load(&o, &e);
    assert_non_null(auth);
    snprintf(path, sizeof path, "%s/positions", key_dir);
    arena = arena_new(4096);
    return meddler_open(s);
}

static int tear_down(void **s) {
    auth_free(auth);
    EVP_PKEY_free(provider);
    arena_free(arena);
    key_dir_remove();
    return meddler_close(s);
}

static int each_set_up(void **s) {
    (void)s;
    db = db_open("");
    dead = db_open("host=/nonexistent");
    page = positions_prepare(path, &e);
    assert_true(page && positions_place(page, &e));
    positions_set_epoch(page, "0000000a");
    sql("delete from maitred.revoked_token");
    sql("delete from maitred.api_key");
    sql("update maitred.venue set active = true");
    sql("update maitred.account set active = true, role = 'admin', not_before = '-infinity'");
    memset(&anna, 0, sizeof anna);
    anna.role = ROLE_ADMIN;
    anna.venue = sql("select id from maitred.venue where slug = 'unit'");
    anna.account = sql("select a.id from maitred.account a join maitred.venue v on v.id = a.venue"
                       " where v.slug = 'unit' and username = 'anna'");
    snprintf(anna.name, sizeof anna.name, "anna");
    snprintf(anna.slug, sizeof anna.slug, "unit");
    return 0;
}

static int each_tear_down(void **s) {
    (void)s;
    db_close(db);
    db_close(dead);
    positions_close(page);
    beating = false;
    unlink(path);
    arena_reset(arena);
    return 0;
}

static void beat(void) {
    beating = true;
    positions_set_live(page, true);
}

static bool ask(struct db *with, const char *bearer) {
    if (beating)
        positions_beat(page, clock_mono_ms());
    return session_principal(auth, page, with, bearer, clock_wall_s(), arena, &who, &e);
}

/* A token made a minute ago. */
static char *token_of(struct principal *p) {
    p->exp = clock_wall_s() + 600;
    char *token = auth_sign(auth, p, clock_wall_s() - 60, &e);
    assert_non_null(token);
    return token;
}

static void publish_accounts(int64_t seq) {
    int64_t areas[AREA_COUNT] = {0};
    areas[AREA_ACCOUNTS] = seq;
    positions_publish(page, "0000000a", anna.venue, seq, areas);
}

static void test_no_bearer(void **s) {
    (void)s;
    assert_false(ask(db, NULL));
    assert_int_equal(e.code, ERR_UNAUTHENTICATED);
    assert_false(ask(db, ""));
    assert_int_equal(e.code, ERR_UNAUTHENTICATED);
    assert_false(ask(db, "rubbish"));
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
}

static void test_fresh_page_makes_no_query(void **s) {
    (void)s;
    char *token = token_of(&anna);
    assert_false(ask(dead, token)); /* no heartbeat yet: it must ask, and can't */
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    beat();
    assert_true(ask(dead, token));
    assert_int_equal(who.account, anna.account);
    positions_set_live(page, false);
    assert_false(ask(dead, token));
    assert_true(ask(db, token));
    x_free(token);
}

static void test_revoked(void **s) {
    (void)s;
    char *token = token_of(&anna), revoke[200];
    beat();
    positions_revoke(page, anna.jti, anna.exp);
    assert_false(ask(dead, token));
    assert_int_equal(e.code, ERR_TOKEN_REVOKED);
    positions_set_live(page, false);
    assert_true(ask(db, token)); /* the database does not know of it */
    snprintf(revoke, sizeof revoke,
             "insert into maitred.revoked_token (jti, venue, account_id, expires_at)"
             " values ('%s', %lld, %lld, now() + interval '1 hour')",
             anna.jti, (long long)anna.venue, (long long)anna.account);
    sql(revoke);
    assert_false(ask(db, token));
    assert_int_equal(e.code, ERR_TOKEN_REVOKED);
    x_free(token);
}

static void test_changed_account(void **s) {
    (void)s;
    char *token = token_of(&anna);
    beat();
    positions_account(page, anna.account, anna.iat + 1, false);
    assert_false(ask(dead, token));
    assert_int_equal(e.code, ERR_ROLE_CHANGED);
    positions_set_live(page, false);
    assert_true(ask(db, token));
    sql("update maitred.account set role = 'viewer' where username = 'anna'");
    assert_false(ask(db, token));
    assert_int_equal(e.code, ERR_ROLE_CHANGED);
    x_free(token);
}

static void test_inactive_account(void **s) {
    (void)s;
    char *token = token_of(&anna);
    beat();
    positions_account(page, anna.account, 0, true);
    assert_false(ask(dead, token));
    assert_int_equal(e.code, ERR_ROLE_CHANGED);
    positions_set_live(page, false);
    sql("update maitred.account set active = false where username = 'anna'");
    assert_false(ask(db, token));
    x_free(token);
}

/* Everybody is out while the venue is closed, guests too, and back in when it opens again. */
static void test_closed_venue(void **s) {
    (void)s;
    struct principal guest = anna;
    guest.role = ROLE_GUEST;
    guest.account = 0;
    guest.session = 3;
    char *tokens[] = {token_of(&anna), token_of(&guest)};
    beat();
    for (int i = 0; i < 2; i++) {
        positions_venue(page, anna.venue, true);
        assert_true(ask(dead, tokens[i]));
        positions_venue(page, anna.venue, false);
        assert_false(ask(dead, tokens[i]));
        assert_int_equal(e.code, ERR_ROLE_CHANGED);
    }
    positions_set_live(page, false);
    sql("update maitred.venue set active = false");
    for (int i = 0; i < 2; i++) {
        assert_false(ask(db, tokens[i]));
        assert_int_equal(e.code, ERR_ROLE_CHANGED);
        x_free(tokens[i]);
    }
}

static void test_expired(void **s) {
    (void)s;
    anna.exp = clock_wall_s() - 1;
    char *token = auth_sign(auth, &anna, clock_wall_s() - 60, &e);
    beat();
    assert_false(ask(db, token));
    assert_int_equal(e.code, ERR_TOKEN_EXPIRED);
    x_free(token);
}

/* Puts a new key of anna's into the database. */
static void key_new(char key[48]) {
    char hash[65], insert[300];
    api_key_make(key);
    api_key_hash(key, hash);
    snprintf(insert, sizeof insert,
             "insert into maitred.api_key (venue, account_id, hash) values (%lld, %lld, '%s')",
             (long long)anna.venue, (long long)anna.account, hash);
    sql(insert);
}

static void test_api_key(void **s) {
    (void)s;
    char key[48], unknown[48];
    key_new(key);
    api_key_make(unknown);
    assert_true(ask(db, key));
    assert_int_equal(who.account, anna.account);
    assert_int_equal(who.venue, anna.venue);
    assert_int_equal(who.role, ROLE_ADMIN);
    assert_int_equal(who.exp, 0);
    assert_string_equal(who.name, "anna");
    assert_string_equal(who.slug, "unit");
    assert_false(ask(db, unknown));
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
}

static void test_api_key_without_a_page_asks_always(void **s) {
    (void)s;
    char key[48];
    key_new(key);
    assert_true(ask(db, key) && ask(db, key) && ask(db, key));
    assert_false(ask(dead, key));
    sql("update maitred.api_key set revoked_at = now()");
    assert_false(ask(db, key));
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
}

static void test_api_key_is_kept_while_accounts_stand_still(void **s) {
    (void)s;
    char key[48];
    key_new(key);
    beat();
    publish_accounts(5);
    assert_true(ask(db, key));    /* learns the venue */
    assert_false(ask(dead, key)); /* the first answer was not tied to a position */
    assert_true(ask(db, key) && ask(db, key));
    assert_true(ask(dead, key)); /* now it is */
    assert_int_equal(who.account, anna.account);
    int64_t areas[AREA_COUNT] = {0};
    areas[AREA_TABLES] = 6;
    positions_publish(page, "0000000a", anna.venue, 6, areas); /* another area: nothing to ask */
    assert_true(ask(dead, key));
    positions_venue(page, anna.venue, false);
    assert_false(ask(dead, key));
    positions_venue(page, anna.venue, true);
    assert_true(ask(dead, key));
    publish_accounts(7);
    assert_false(ask(dead, key));
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    sql("update maitred.api_key set revoked_at = now()");
    assert_false(ask(db, key));
    assert_int_equal(e.code, ERR_TOKEN_INVALID);
}

static void test_api_key_and_a_stale_page(void **s) {
    (void)s;
    char key[48];
    key_new(key);
    beat();
    publish_accounts(5);
    assert_true(ask(db, key) && ask(db, key));
    assert_true(ask(dead, key));
    beating = false;
    positions_beat(page, clock_mono_ms() - 4000);
    assert_false(ask(dead, key));
    beat();
    positions_set_epoch(page, "0000000b"); /* a restored backup: the key may be gone */
    publish_accounts(5);
    assert_false(ask(dead, key));
}

/* ---- an outside provider's tokens */

static char *provider_token(int64_t venue, int64_t account) {
    char claims[400];
    long long now = clock_wall_s();
    snprintf(claims, sizeof claims,
             "{\"iss\":\"maitred\",\"aud\":\"maitred\",\"sub\":\"%lld\",\"venue\":%lld,\"role\":"
             "\"admin\","
             "\"name\":\"root\",\"slug\":\"elsewhere\",\"jti\":\"o1\",\"iat\":%lld,\"exp\":%lld}",
             (long long)account, (long long)venue, now - 60, now + 600);
    return signed_token("{\"alg\":\"ES256\",\"kid\":\"p\"}", claims, provider);
}

static void test_a_providers_token_has_the_role_of_its_account(void **s) {
    (void)s;
    char *token = provider_token(anna.venue, anna.account);
    sql("update maitred.account set role = 'waiter', not_before = '-infinity' where username = "
        "'anna'");
    sql("update maitred.account set not_before = '-infinity'");
    assert_true(ask(db, token));
    assert_int_equal(who.role, ROLE_WAITER);
    assert_string_equal(who.name, "anna");
    assert_string_equal(who.slug, "unit");
    assert_string_equal(who.jti, "o1");
    sql("update maitred.account set active = false where username = 'anna'");
    assert_false(ask(db, token));
    assert_int_equal(e.code, ERR_ROLE_CHANGED);
    x_free(token);
}

static void test_a_providers_token_of_a_foreign_venue_opens_nothing(void **s) {
    (void)s;
    int64_t elsewhere = sql("select max(id) from maitred.venue where slug <> 'unit'");
    char *tokens[] = {provider_token(elsewhere, anna.account), provider_token(anna.venue, 99999999),
                      provider_token(99999999, anna.account)};
    for (int i = 0; i < 3; i++) {
        assert_false(ask(db, tokens[i]));
        assert_int_equal(e.code, ERR_ROLE_CHANGED);
        x_free(tokens[i]);
    }
}

static void test_a_providers_account_is_kept_while_accounts_stand_still(void **s) {
    (void)s;
    char *token = provider_token(anna.venue, anna.account);
    beat();
    publish_accounts(5);
    assert_false(ask(dead, token));
    assert_true(ask(db, token));
    assert_true(ask(dead, token));
    assert_int_equal(who.role, ROLE_ADMIN);
    positions_revoke(page, "o1", who.exp);
    assert_false(ask(dead, token));
    assert_int_equal(e.code, ERR_TOKEN_REVOKED);
    publish_accounts(6);
    assert_false(ask(dead, token));
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    x_free(token);
}

/* ---- several threads, as in a REST program: each its own connection, one page and one cache */

#define THREADS   4
#define QUESTIONS 300

struct asker {
    pthread_t thread;
    const char *bearers[2]; /* a token and an API key */
    int wrong;
};

static void *ask_often(void *arg) {
    struct asker *a = arg;
    struct db *mine = db_open("");
    struct arena *memory = arena_new(4096);
    for (int i = 0; i < QUESTIONS; i++) {
        struct principal p;
        struct err bad;
        positions_beat(page, clock_mono_ms());
        bool ok = session_principal(auth, page, mine, a->bearers[i % 2], clock_wall_s(), memory, &p,
                                    &bad);
        a->wrong += !ok || p.account != anna.account;
        arena_reset(memory);
    }
    arena_free(memory);
    db_close(mine);
    return NULL;
}

static void test_several_threads(void **s) {
    (void)s;
    struct asker askers[THREADS];
    char key[48], *token = token_of(&anna);
    key_new(key);
    beat();
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.bearers = {token, key}};
        pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]);
    }
    for (int64_t seq = 1; seq < 200; seq++) {
        publish_accounts(seq); /* the cache is void again and again */
        positions_set_live(page, seq % 3 > 0);
    }
    positions_set_live(page, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].wrong, 0);
    }
    x_free(token);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_set_up, each_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_no_bearer),
        TEST(test_fresh_page_makes_no_query),
        TEST(test_revoked),
        TEST(test_changed_account),
        TEST(test_inactive_account),
        TEST(test_closed_venue),
        TEST(test_expired),
        TEST(test_api_key),
        TEST(test_api_key_without_a_page_asks_always),
        TEST(test_api_key_is_kept_while_accounts_stand_still),
        TEST(test_api_key_and_a_stale_page),
        TEST(test_a_providers_token_has_the_role_of_its_account),
        TEST(test_a_providers_token_of_a_foreign_venue_opens_nothing),
        TEST(test_a_providers_account_is_kept_while_accounts_stand_still),
        TEST(test_several_threads),
    };
    return cmocka_run_group_tests_name("session", tests, set_up, tear_down);
}
