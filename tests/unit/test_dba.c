/* test_dba.c - ops in flight: outcomes at the sync, notifications, losses, and a loop made of
 * poll(). The loop is pgloop.h's. */
#include <config.h>

#include "unit.h"

#include "pgloop.h"
#include "pgtest.h"

#include <unistd.h>

static int open_up(void **s) {
    (void)s;
    sql("alter sequence unit_tries restart");
    sql("truncate unit_row");
    open_loop("", "unit channel");
    wait_for(loop.connected == 1);
    return 0;
}

static int close_up(void **s) {
    (void)s;
    dba_close(loop.dba);
    assert_int_equal(loop.fd, -1);
    assert_false(loop.called_back_inside);
    return 0;
}

/* ---- calls and what became of them */

struct outcome {
    int told;
    bool ok;
    enum err_code code;
    char slug[64], body[64], state[64];
    int order; /* which one to be told */
};

static int order;

static void on_done(void *ctx, const struct answer *answer, const struct err *e) {
    struct outcome *o = ctx;
    note_callback();
    o->told++;
    o->order = order++;
    o->ok = answer != NULL;
    assert_true((answer == NULL) != (e == NULL));
    if (answer && answer->body)
        snprintf(o->body, sizeof o->body, "%s", answer->body);
    if (e) {
        o->code = e->code;
        snprintf(o->slug, sizeof o->slug, "%s", e->slug);
        snprintf(o->state, sizeof o->state, "%s", e->state ? e->state : "");
    }
}

static void on_rows(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct outcome *o = ctx;
    note_callback();
    o->told++;
    o->order = order++;
    o->ok = e == NULL;
    if (e)
        o->code = e->code;
    else
        snprintf(o->body, sizeof o->body, "%d rows, first %s", rows->nrows,
                 rows->nrows && dba_value(rows, 0, 0) ? dba_value(rows, 0, 0) : "null");
}

static void call(const struct op *op, const char *a, const char *b, struct outcome *o) {
    struct op_values values = {.n = b ? 2 : 1, .v = {a, b}};
    loop.inside_call = true;
    dba_call(loop.dba, op, NULL, &values, NULL, on_done, o);
    loop.inside_call = false;
}

static void query(const char *text, struct outcome *o) {
    loop.inside_call = true;
    dba_query(loop.dba, text, 0, NULL, on_rows, o);
    loop.inside_call = false;
}

static void test_calls_in_order(void **s) {
    (void)s;
    struct outcome o[50] = {{0}};
    char text[50][12];
    order = 0;
    for (int i = 0; i < 50; i++) {
        snprintf(text[i], sizeof text[i], "%d", i);
        call(i % 2 ? &unit_echo : &unit_write, text[i], NULL, &o[i]);
    }
    wait_for(o[49].told);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(o[i].told, 1);
        assert_int_equal(o[i].order, i);
        assert_int_equal(o[i].ok, i != 13 || i % 2);
    }
}

/* The rows of the second come back, its commit does not; its neighbours are unharmed. */
static void test_outcome_only_at_the_sync(void **s) {
    (void)s;
    struct outcome o[3] = {{0}};
    call(&unit_write, "12", NULL, &o[0]);
    call(&unit_write, "13", NULL, &o[1]);
    call(&unit_write, "14", NULL, &o[2]);
    wait_for(o[2].told);
    assert_true(o[0].ok && !o[1].ok && o[2].ok);
    assert_int_equal(o[1].told, 1);
    assert_string_equal(o[1].slug, "unlucky");
    assert_string_equal(o[1].state, "{\"n\": 12}");
    assert_int_equal(sql("select count(*) from unit_row"), 2);
}

static void test_refusals(void **s) {
    (void)s;
    struct outcome o[4] = {{0}};
    call(&unit_fail, "rule", NULL, &o[0]);
    call(&unit_fail, "known constraint", NULL, &o[1]);
    call(&unit_fail, "division", NULL, &o[2]);
    call(&unit_echo, "x", NULL, &o[3]);
    wait_for(o[3].told);
    assert_string_equal(o[0].slug, "table_occupied");
    assert_string_equal(o[1].slug, "slug_taken");
    assert_int_equal(o[2].code, ERR_INTERNAL);
    assert_true(o[3].ok);
}

static void test_a_function_that_is_not_there(void **s) {
    (void)s;
    static const struct op missing = {
        .name = "unit_missing", .function = "unit_missing", .status = 200, .args = text_arg};
    struct outcome o[4] = {{0}};
    call(&missing, "x", NULL, &o[0]);
    call(&missing, "x", NULL, &o[1]);
    call(&unit_echo, "x", NULL, &o[2]);
    wait_for(o[0].told && o[1].told && o[2].told); /* the second is sent again, behind the third */
    assert_int_equal(o[0].code, ERR_INTERNAL);
    assert_int_equal(o[1].code, ERR_INTERNAL);
    assert_true(o[2].ok);
    sql("create function api.unit_missing(api.caller, text) returns api.answer language sql as"
        " $$ select (200, '1', null, null, null)::api.answer $$");
    call(&missing, "x", NULL, &o[3]); /* a deploy brings it, and the connection need not know */
    wait_for(o[3].told);
    sql("drop function api.unit_missing(api.caller, text)");
    assert_true(o[3].ok);
}

static void test_retries(void **s) {
    (void)s;
    struct outcome o[2] = {{0}};
    call(&unit_flaky_write, "serialization", "3", &o[0]);
    wait_for(o[0].told);
    assert_true(o[0].ok);
    sql("alter sequence unit_tries restart");
    call(&unit_flaky_write, "deadlock", "9", &o[1]);
    wait_for(o[1].told);
    assert_int_equal(o[1].code, ERR_TIMEOUT);
    assert_int_equal(sql("select last_value from unit_tries"), 4);
}

static void test_forgotten_statements(void **s) {
    (void)s;
    struct outcome o[5] = {{0}};
    call(&unit_echo, "x", NULL, &o[0]);
    call(&unit_flaky_write, "deallocate", "1", &o[1]);
    call(&unit_echo, "x", NULL, &o[2]); /* both sent under a name that is gone by then */
    call(&unit_echo, "x", NULL, &o[3]);
    wait_for(o[2].told && o[3].told);
    call(&unit_echo, "x", NULL, &o[4]);
    wait_for(o[4].told);
    for (int i = 0; i < 5; i++)
        assert_true(o[i].ok);
}

static void test_queries(void **s) {
    (void)s;
    struct outcome o[4] = {{0}};
    query("select n from generate_series(5, 9) n", &o[0]);
    query("select null", &o[1]);
    query("select 1 / (n - 5) from generate_series(1, 9) n", &o[2]);
    query("select n from generate_series(5, 9) n", &o[3]);
    wait_for(o[3].told);
    assert_string_equal(o[0].body, "5 rows, first 5");
    assert_string_equal(o[1].body, "1 rows, first null");
    assert_int_equal(o[2].code, ERR_INTERNAL);
    assert_string_equal(o[3].body, "5 rows, first 5");
}

static void test_query_parameters(void **s) {
    (void)s;
    struct outcome o = {0};
    const char *values[] = {"41", NULL};
    dba_query(loop.dba, "select $1::int + 1, $2::text", 2, values, on_rows, &o);
    wait_for(o.told);
    assert_string_equal(o.body, "1 rows, first 42");
}

/* LIBRARIES section 5: notifications come while a query is in flight, and with its results. */
static void test_notifications_with_queries_in_flight(void **s) {
    (void)s;
    struct outcome o[3] = {{0}};
    call(&unit_sleep, "0.300", NULL, &o[0]);
    sql("select count(pg_notify('unit channel', n::text)) from generate_series(1, 2000) n");
    call(&unit_echo, "x", NULL, &o[1]);
    sql("select count(pg_notify('unit channel', n::text)) from generate_series(2001, 4000) n");
    call(&unit_sleep, "0.100", NULL, &o[2]);
    wait_for(loop.notified == 4000 && o[2].told);
    assert_true(o[0].ok && o[1].ok && o[2].ok);
    assert_string_equal(loop.last_payload, "4000");
}

static void terminate_ours(void) {
    sql("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
        " where application_name = 'test_dba'");
}

static void test_backend_killed_in_mid_flight(void **s) {
    (void)s;
    struct outcome o[6] = {{0}};
    call(&unit_echo, "x", NULL, &o[0]);
    wait_for(o[0].told);
    call(&unit_sleep, "20.000", NULL, &o[1]);
    call(&unit_write, "1", NULL, &o[2]);
    query("select 1", &o[3]);
    terminate_ours();
    wait_for(loop.lost == 1);
    wait_for(o[3].told);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(o[i].told, 1);
        assert_int_equal(o[i].code, ERR_UNAVAILABLE);
    }
    assert_int_equal(sql("select count(*) from unit_row"), 0);
    wait_for(loop.connected == 2 && dba_up(loop.dba));
    call(&unit_echo, "again", NULL, &o[4]);
    sql("select pg_notify('unit channel', 'back')");
    wait_for(o[4].told && loop.notified == 1); /* it LISTENs again */
    assert_true(o[4].ok);
    assert_string_equal(loop.last_payload, "back");
}

static void test_lost_while_idle(void **s) {
    (void)s;
    terminate_ours();
    wait_for(loop.lost == 1);
    wait_for(loop.connected == 2);
    terminate_ours();
    wait_for(loop.connected == 3);
}

/* What was answered before the connection ended counts, though the end is read with it. */
static void test_answer_just_before_the_end(void **s) {
    (void)s;
    struct outcome o[2] = {{0}};
    call(&unit_write, "1", NULL, &o[0]);
    call(&unit_flaky_write, "terminate", "1", &o[1]);
    /* Let everything, the end too, arrive before the first look. */
    for (int i = 0;
         i < 500 &&
         sql("select count(*) from pg_stat_activity where application_name = 'test_dba'");
         i++)
        usleep(10000);
    wait_for(o[1].told);
    assert_true(o[0].ok);
    assert_int_equal(o[1].code, ERR_UNAVAILABLE);
    assert_int_equal(sql("select count(*) from unit_row"), 1);
}

static void test_more_than_the_socket_takes(void **s) {
    (void)s;
    struct outcome o[8] = {{0}};
    size_t len = 4u << 20;
    char *text = x_alloc(len + 1);
    memset(text, 'x', len);
    call(&unit_sleep, "0.200", NULL, &o[0]); /* the server does not read meanwhile */
    for (int i = 1; i < 8; i++)
        call(&unit_echo, text, NULL, &o[i]);
    assert_true(loop.want_write);
    wait_for(o[7].told);
    for (int i = 0; i < 8; i++)
        assert_true(o[i].ok);
    assert_true(loop.wanted_write_ever);
    assert_false(loop.want_write); /* and not for ever */
    x_free(text);
}

static void test_forget(void **s) {
    (void)s;
    struct outcome gone = {0}, kept = {0};
    call(&unit_sleep, "0.050", NULL, &gone);
    call(&unit_write, "7", NULL, &gone);
    call(&unit_echo, "x", NULL, &kept);
    dba_forget(loop.dba, &gone);
    wait_for(kept.told);
    assert_int_equal(gone.told, 0);
    assert_int_equal(sql("select count(*) from unit_row"), 1); /* it ran to its end */
}

static void test_closed_with_calls_in_flight(void **s) {
    (void)s;
    struct outcome o[2] = {{0}};
    call(&unit_sleep, "20.000", NULL, &o[0]);
    query("select 1", &o[1]);
    dba_close(loop.dba);
    assert_int_equal(o[0].told, 1);
    assert_int_equal(o[1].told, 1);
    assert_int_equal(o[0].code, ERR_UNAVAILABLE);
    open_loop("", NULL); /* for the tear-down */
}

static void call_again(void *ctx, const struct answer *answer, const struct err *e) {
    int *left = ctx;
    (void)e;
    assert_non_null(answer);
    struct op_values values = {.n = 1, .v = {"x"}};
    if (--*left > 0)
        dba_call(loop.dba, &unit_echo, NULL, &values, NULL, call_again, left);
}

static void test_calls_from_callbacks(void **s) {
    (void)s;
    int left = 200;
    struct op_values values = {.n = 1, .v = {"x"}};
    dba_call(loop.dba, &unit_echo, NULL, &values, NULL, call_again, &left);
    wait_for(left == 0);
}

static void test_away(void **s) {
    (void)s;
    struct outcome o[2] = {{0}};
    open_loop("host=/nonexistent", "unit channel");
    call(&unit_echo, "x", NULL, &o[0]);
    query("select 1", &o[1]);
    assert_int_equal(o[0].told, 0);
    wait_for(o[0].told && o[1].told);
    assert_int_equal(o[0].code, ERR_UNAVAILABLE);
    assert_int_equal(o[1].code, ERR_UNAVAILABLE);
    assert_false(dba_up(loop.dba));
    assert_true(dba_deadline(loop.dba) > 0); /* it goes on trying */
    assert_int_equal(loop.lost, 0);
    dba_close(loop.dba);
    assert_false(loop.called_back_inside);
}

/* No busy loop while the server is away: the pauses double up to five seconds. */
static void test_backoff(void **s) {
    (void)s;
    int attempts = 0;
    uint64_t last = 0;
    open_loop("host=/nonexistent", NULL);
    uint64_t until = clock_mono_ms() + 1500;
    while (clock_mono_ms() < until) {
        uint64_t due = dba_deadline(loop.dba);
        attempts += due != last; /* each attempt sets the time of the next one */
        last = due;
        turn();
    }
    assert_in_range(attempts, 2, 12);
    dba_close(loop.dba);
}

/* Many at once: the caller is told, instead of a queue that grows without bound. */
static void test_too_many_in_flight(void **s) {
    (void)s;
    enum { N = 5000 };
    struct outcome *o = x_alloc(sizeof *o * N);
    int overloaded = 0, fine = 0;
    call(&unit_sleep, "0.100", NULL, &o[0]);
    for (int i = 1; i < N; i++)
        query("select 1", &o[i]);
    wait_for(o[N - 1].told && o[4095].told);
    for (int i = 0; i < N; i++) {
        assert_int_equal(o[i].told, 1);
        fine += o[i].ok;
        overloaded += !o[i].ok && o[i].code == ERR_OVERLOADED;
    }
    assert_int_equal(fine + overloaded, N);
    assert_true(overloaded > 0 && fine >= 4000);
    x_free(o);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_up, close_up)
    const struct CMUnitTest tests[] = {
        TEST(test_calls_in_order),
        TEST(test_outcome_only_at_the_sync),
        TEST(test_refusals),
        TEST(test_a_function_that_is_not_there),
        TEST(test_retries),
        TEST(test_forgotten_statements),
        TEST(test_queries),
        TEST(test_query_parameters),
        TEST(test_notifications_with_queries_in_flight),
        TEST(test_backend_killed_in_mid_flight),
        TEST(test_lost_while_idle),
        TEST(test_answer_just_before_the_end),
        TEST(test_more_than_the_socket_takes),
        TEST(test_forget),
        TEST(test_closed_with_calls_in_flight),
        TEST(test_calls_from_callbacks),
        TEST(test_too_many_in_flight),
        cmocka_unit_test(test_away),
        cmocka_unit_test(test_backoff),
    };
    return cmocka_run_group_tests_name("dba", tests, meddler_open, meddler_close);
}
