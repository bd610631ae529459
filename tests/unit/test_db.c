/* test_db.c - blocking calls: answers, refusals in all their kinds, retries, losses. */
#include <config.h>

#include "unit.h"

#include "data/db.h"
#include "pgtest.h"

static struct db *db;
static struct arena *arena;
static struct answer answer;
static struct err e;

static int open_db(void **s) {
    (void)s;
    db = db_open("");
    arena = arena_new(4096);
    sql("alter sequence unit_tries restart");
    sql("truncate unit_row");
    sql("delete from maitred.idempotency");
    sql("update feed.counter set seq = 0, area_seq = array_fill(0::bigint, array[10])");
    return 0;
}

static int close_db(void **s) {
    (void)s;
    db_close(db);
    arena_free(arena);
    return 0;
}

static bool call(const struct op *op, const struct principal *p, const char *a, const char *b,
                 const struct db_key *key) {
    struct op_values values = {.n = b ? 2 : a ? 1 : 0, .v = {a, b}};
    memset(&answer, 0xee, sizeof answer);
    memset(&e, 0xee, sizeof e);
    return db_call(db, op, p, &values, key, arena, &answer, &e);
}

static void refused(const char *how, enum err_code code, const char *slug) {
    assert_false(call(&unit_fail, NULL, how, NULL, NULL));
    assert_int_equal(e.code, code);
    assert_string_equal(e.slug, slug);
    assert_null(strstr(e.detail, "secret"));
}

static struct principal anna(void) {
    struct principal p = {.role = ROLE_ADMIN, .account = 7};
    p.venue = sql("select id from maitred.venue where slug = 'unit'");
    snprintf(p.name, sizeof p.name, "anna");
    return p;
}

static void test_an_answer(void **s) {
    (void)s;
    struct principal p = anna();
    assert_true(call(&unit_echo, &p, "J\xc3\xb6rg", NULL, NULL));
    assert_int_equal(answer.status, 201);
    assert_int_equal(answer.total, 42);
    assert_string_equal(answer.location, "/x");
    assert_int_equal(answer.body_len, strlen(answer.body));
    assert_non_null(strstr(answer.body, "J\xc3\xb6rg"));
    assert_non_null(strstr(answer.position, "v"));
    assert_int_equal(answer.areas[AREA_ORDERS], 0);
    struct op_values none = {.n = 1, .v = {NULL}};
    assert_true(db_call(db, &unit_echo, NULL, &none, NULL, arena, &answer, &e));
    assert_non_null(strstr(answer.body, "\"text\" : null"));
    assert_null(answer.position); /* no venue, no position */
}

static void test_areas_of_an_answer(void **s) {
    (void)s;
    struct principal p = anna();
    char text[160];
    snprintf(
        text, sizeof text,
        "update feed.counter set seq = 9, area_seq = '{1,2,3,4,5,6,7,8,9,0}' where venue = %lld",
        (long long)p.venue);
    sql(text);
    assert_true(call(&unit_echo, &p, "x", NULL, NULL));
    for (int i = 1; i < AREA_COUNT - 1; i++)
        assert_int_equal(answer.areas[i], i);
    assert_int_equal(answer.areas[AREA_VENUE], 0);
    assert_string_equal(strrchr(answer.position, '-'), "-9");
}

/* Names come back out of the composite literal as they went in. */
static void test_caller_round_trip(void **s) {
    (void)s;
    static const char *const names[] = {"anna",  "a\"b", "a\\b", "a,b",
                                        "(a)",   "a''b", "\\\"", "a b",
                                        " lead", "NULL", "null", "J\xc3\xb6rg \xf0\x9f\x98\x80",
                                        "{}",    "\\N"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct principal p = {
            .role = ROLE_VIEWER, .venue = 3, .account = 4, .session = 5, .order = 6};
        snprintf(p.name, sizeof p.name, "%s", names[i]);
        assert_true(call(&unit_echo, &p, names[i], NULL, NULL));
        struct json *v = json_parse(answer.body, answer.body_len, &e);
        const struct json *caller = json_get(v, "caller");
        int64_t n;
        bool masked;
        assert_string_equal(json_string(json_get(caller, "actor"), NULL), names[i]);
        assert_string_equal(json_string(json_get(v, "text"), NULL), names[i]);
        assert_string_equal(json_string(json_get(caller, "role"), NULL), "viewer");
        assert_true(json_int(json_get(caller, "order_id"), &n) && n == 6);
        assert_true(json_bool(json_get(caller, "masked"), &masked) && masked);
        json_free(v);
    }
    assert_true(call(&unit_echo, NULL, "x", NULL, NULL));
    assert_non_null(strstr(answer.body, "\"actor\":null"));
}

static void test_prepared_once_a_connection(void **s) {
    (void)s;
    const struct op prepared = {.name = "unit_prepared",
                                .function = "unit_prepared",
                                .status = 200,
                                .args = (const struct arg[]){{0}}};
    for (int i = 0; i < 3; i++)
        assert_true(call(&unit_echo, NULL, "x", NULL, NULL) &&
                    call(&prepared, NULL, NULL, NULL, NULL));
    assert_string_equal(answer.body, "[\"unit_echo\", \"unit_prepared\"]");
}

static void test_rules_of_the_database(void **s) {
    (void)s;
    refused("rule", ERR_CONFLICT, "table_occupied");
    assert_int_equal(e.http, 409);
    assert_string_equal(e.detail, "The table is occupied.");
    assert_string_equal(e.state, "{\"version\": 3}");
    refused("field", ERR_INVALID_FIELD, "unknown_floor");
    assert_int_equal(e.nfields, 1);
    assert_string_equal(e.fields[0].field, "floor");
    assert_string_equal(e.fields[0].code, "unknown_floor");
    refused("slow down", ERR_RATE_LIMITED, "rate_limited");
    assert_int_equal(e.retry_after, 17);
    assert_null(e.state);
}

static void test_constraints(void **s) {
    (void)s;
    refused("known constraint", ERR_CONFLICT, "slug_taken");
    assert_string_equal(e.fields[0].field, "slug");
    refused("unknown constraint", ERR_CONFLICT, "conflict");
    refused("check", ERR_INVALID_FIELD, "invalid_field");
}

static void test_postgres_own_refusals(void **s) {
    (void)s;
    refused("division", ERR_INTERNAL, "internal");
    assert_string_equal(e.detail, "");
    refused("overflow", ERR_INVALID_REQUEST, "invalid_request");
    refused("read only", ERR_UNAVAILABLE, "unavailable");
    assert_true(e.retry_after > 0);
}

static void test_timeout(void **s) {
    (void)s;
    db_close(db);
    db = db_open("options='-c statement_timeout=100'");
    refused("slow", ERR_TIMEOUT, "timeout");
    assert_true(e.retry_after > 0);
}

/* LIBRARIES section 5: the rows are there, the commit is not. */
static void test_commit_that_fails(void **s) {
    (void)s;
    assert_false(call(&unit_write, NULL, "13", NULL, NULL));
    assert_string_equal(e.slug, "unlucky");
    assert_string_equal(e.state, "{\"n\": 12}");
    assert_int_equal(sql("select count(*) from unit_row"), 0);
    assert_true(call(&unit_write, NULL, "12", NULL, NULL));
    assert_int_equal(sql("select count(*) from unit_row"), 1);
}

static void flaky(const char *how, const char *times, bool ok, long tries) {
    sql("alter sequence unit_tries restart");
    assert_int_equal(call(&unit_flaky_write, NULL, how, times, NULL), ok);
    assert_int_equal(sql("select last_value from unit_tries"), tries);
}

static void test_retries(void **s) {
    (void)s;
    flaky("serialization", "3", true, 4);
    flaky("deadlock", "1", true, 2);
    flaky("serialization", "9", false, 4);
    assert_int_equal(e.code, ERR_TIMEOUT);
}

static void test_loss_before_the_answer(void **s) {
    (void)s;
    struct op reading = unit_flaky_write;
    reading.name = "unit_flaky_read";
    reading.write = false;
    flaky("terminate", "1", false, 1); /* a write without a key is not repeated */
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    sql("alter sequence unit_tries restart");
    assert_true(call(&reading, NULL, "terminate", "1", NULL));
    sql("alter sequence unit_tries restart");
    assert_false(call(&reading, NULL, "terminate", "2", NULL)); /* once only */
    struct principal p = anna();
    struct db_key key = {"loss-1", "hash"};
    sql("alter sequence unit_tries restart");
    assert_true(call(&unit_flaky_write, &p, "terminate", "1", &key));
    assert_int_equal(sql("select last_value from unit_tries"), 2);
}

static void test_connection_lost_while_idle(void **s) {
    (void)s;
    assert_true(call(&unit_write, NULL, "1", NULL, NULL));
    sql("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
        " where application_name = 'test_db'");
    assert_int_equal(
        sql("select count(*) from pg_stat_activity where application_name = 'test_db'"), 0);
    assert_true(
        call(&unit_write, NULL, "2", NULL, NULL)); /* a write, and yet nothing is doubtful */
}

static void test_forgotten_statements(void **s) {
    (void)s;
    assert_true(call(&unit_echo, NULL, "x", NULL, NULL));
    assert_true(call(&unit_flaky_write, NULL, "deallocate", "1", NULL));
    assert_true(call(&unit_echo, NULL, "x", NULL, NULL));
    assert_true(call(&unit_flaky_write, NULL, "deallocate", "0", NULL));
}

static void test_server_away(void **s) {
    (void)s;
    db_close(db);
    db = db_open("host=/nonexistent");
    assert_false(call(&unit_echo, NULL, "x", NULL, NULL));
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_int_equal(e.http, 503);
    assert_true(e.retry_after > 0);
    assert_string_equal(e.detail, "");
}

static void test_idempotency(void **s) {
    (void)s;
    struct principal p = anna();
    struct db_key key = {"key-1", "aaaa"}, other = {"key-1", "bbbb"};
    sql("alter sequence unit_runs restart");
    assert_true(call(&unit_write, &p, "5", NULL, &key));
    assert_string_equal(answer.body, "{\"n\" : 5}");
    assert_true(call(&unit_write, &p, "5", NULL, &key));
    assert_string_equal(answer.body, "{\"n\" : 5}");
    assert_int_equal(answer.status, 200);
    assert_int_equal(sql("select last_value from unit_runs"), 1); /* run once, answered twice */
    assert_int_equal(sql("select count(*) from unit_row"), 1);
    assert_false(call(&unit_write, &p, "5", NULL, &other));
    assert_int_equal(e.code, ERR_KEY_REUSED);
    struct db_key failing = {"key-2", "cccc"};
    assert_false(call(&unit_write, &p, "13", NULL, &failing));
    assert_string_equal(e.slug, "unlucky");
    assert_int_equal(sql("select count(*) from maitred.idempotency where key = 'key-2'"), 0);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_db, close_db)
    const struct CMUnitTest tests[] = {
        TEST(test_an_answer),
        TEST(test_areas_of_an_answer),
        TEST(test_caller_round_trip),
        TEST(test_prepared_once_a_connection),
        TEST(test_rules_of_the_database),
        TEST(test_constraints),
        TEST(test_postgres_own_refusals),
        TEST(test_timeout),
        TEST(test_commit_that_fails),
        TEST(test_retries),
        TEST(test_loss_before_the_answer),
        TEST(test_connection_lost_while_idle),
        TEST(test_forgotten_statements),
        TEST(test_server_away),
        TEST(test_idempotency),
    };
    return cmocka_run_group_tests_name("db", tests, meddler_open, meddler_close);
}
