/* test_rt_conn.c - connections on a link that is none: ids, flushing, limits, closing, expiry,
 * metrics. */
#include "config.h"

#include "unit.h"

#include "base/clock.h"
#include "core/conn.h"
#include "core/limits.h"
#include "core/metrics.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

static struct settings set;
static struct server server;
static char flushed[512];
static int closed_code, destroyed, gone;

static void fake_flush(struct conn *c) {
    while (c->out.count) {
        snprintf(flushed + strlen(flushed), sizeof flushed - strlen(flushed), "%d:%s ",
                 (int)(intptr_t)c->link_data, outq_at(&c->out, 0)->text);
        outq_pop(&c->out);
    }
}

static void fake_close(struct conn *c, int code, const char *reason) {
    (void)c, (void)reason;
    closed_code = code;
    loop_stop(server.loop);
}

static uint64_t fake_tick(struct conn *c, uint64_t now) {
    (void)c;
    return now + 1000;
}

static void fake_destroy(struct conn *c) {
    (void)c;
    destroyed++;
}

static void on_gone(struct conn *c) {
    (void)c;
    gone++;
}

static const struct link fake_link = {"fake", fake_flush, fake_close, fake_tick, fake_destroy};
static const struct proto fake_proto = {.name = "fake", .closed = on_gone};

static int setup(void **state) {
    (void)state;
    struct err e;
    assert_true(config_load(settings_rows, &set, NULL, &e));
    memset(&server, 0, sizeof server);
    server_init(&server, &set);
    conns_init(&server);
    *flushed = '\0';
    closed_code = destroyed = gone = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    server_free(&server);
    config_free(settings_rows, &set);
    return 0;
}

static struct conn *conn_make(int number, const struct principal *who) {
    static const struct principal nobody;
    struct err e;
    who = who ? who : &nobody;
    assert_true(limits_take(server.limits, who, "192.0.2.1", &e));
    struct conn *c = conn_new(&server, &fake_link, &fake_proto, who, "192.0.2.1");
    c->link_data = (void *)(intptr_t)number;
    return c;
}

static void ids_find_only_the_living(void **state) {
    (void)state;
    uint64_t ids[300];
    for (int i = 0; i < 300; i++)
        ids[i] = conn_make(i, NULL)->id;
    for (int i = 0; i < 300; i += 2)
        conn_kill(conn_find(&server, ids[i]));
    for (int i = 0; i < 300; i++)
        assert_int_equal(conn_find(&server, ids[i]) != NULL, i % 2);
    uint64_t again = conn_make(7, NULL)->id; /* in a slot that was used before */
    for (int i = 0; i < 300; i += 2)
        assert_null(conn_find(&server, ids[i]));
    assert_non_null(conn_find(&server, again));
    assert_null(conn_find(&server, 0));
    assert_null(conn_find(&server, UINT64_MAX));
    assert_int_equal(server.nconns, 151);
    assert_int_equal(limits_total(server.limits), 151);
    assert_int_equal(gone, 150);
}

static void flushes_once_in_the_order_of_pushing(void **state) {
    (void)state;
    struct conn *a = conn_make(1, NULL), *b = conn_make(2, NULL), *c = conn_make(3, NULL);
    assert_true(conn_push_text(b, "x", 1));
    assert_true(conn_push_text(a, "y", 1));
    assert_true(conn_push_text(b, "z", 1));
    assert_true(conn_push_text(c, "never", 5));
    conn_kill(c);
    assert_false(conn_push_text(c, "late", 4));
    assert_string_equal(flushed, "");
    conn_flush_dirty(&server);
    assert_string_equal(flushed, "2:x 2:z 1:y ");
    assert_null(server.dirty);
}

static void a_blocked_reader_is_closed_as_resumable(void **state) {
    (void)state;
    struct conn *c = conn_make(1, NULL);
    char text[4096];
    memset(text, 'x', sizeof text);
    int untried = 0;
    set.queue_bytes = 16384;
    for (; untried < 8; untried++) /* within one turn nobody knows yet whether it reads */
        assert_true(conn_push_text(c, text, sizeof text));
    conn_flush_dirty(&server);
    c->blocked = true;
    assert_true(conn_push_text(c, text, sizeof text));
    int more = 0;
    while (more < 10 && conn_push_text(c, text, sizeof text))
        more++;
    assert_in_range(more, 2, 4);
    assert_int_equal(closed_code, 1013);
    assert_int_equal(c->state, CONN_CLOSING);
    assert_null(conn_find(&server, c->id));
    assert_int_equal(metric_value(server.metrics, METRIC_QUEUE_DROPS), 1);
}

static void messages_a_second_are_bounded(void **state) {
    (void)state;
    struct conn *c = conn_make(1, NULL);
    set.messages_per_second = 3;
    assert_true(conn_allow_message(c) && conn_allow_message(c) && conn_allow_message(c));
    assert_false(conn_allow_message(c));
    assert_int_equal(closed_code, 1008);
}

static void a_token_that_ends_closes_with_4003(void **state) {
    (void)state;
    struct principal who = {.account = 5, .venue = 1, .role = ROLE_ADMIN};
    who.exp = clock_wall_s() + 1;
    conn_make(1, &who);
    uint64_t began = clock_mono_ms();
    loop_run(server.loop); /* until fake_close stops it */
    assert_int_equal(closed_code, 4003);
    assert_true(clock_mono_ms() - began <= 1000 + 2 * WHEEL_STEP_MS + 50);
    assert_true(clock_wall_s() >= who.exp);
}

static void errors_have_the_shape_of_all_languages(void **state) {
    (void)state;
    struct err e;
    err_clear(&e);
    err_field(&e, "guests", "range", "must be at least %d", 1);
    conn_push_error(conn_make(1, NULL), &e);
    conn_flush_dirty(&server);
    assert_non_null(strstr(flushed, "{\"type\":\"error\",\"code\":\"invalid_field\",\"detail\":"));
    assert_non_null(strstr(flushed, "\"errors\":[{\"field\":\"guests\",\"code\":\"range\","
                                    "\"detail\":\"must be at least 1\"}]}"));
}

static void limits_refuse_the_one_too_many(void **state) {
    (void)state;
    struct principal a = {.account = 1, .venue = 1}, b = {.account = 2, .venue = 1},
                     g = {.venue = 1};
    struct err e;
    set.max_per_account = 2;
    set.max_per_venue = 4;
    set.max_per_address = 100;
    assert_true(limits_take(server.limits, &a, "x", &e));
    assert_true(limits_take(server.limits, &a, "x", &e));
    assert_false(limits_take(server.limits, &a, "x", &e));
    assert_int_equal(e.http, 429);
    assert_true(limits_take(server.limits, &b, "x", &e));
    assert_true(limits_take(server.limits, &g, "x", &e)); /* a guest has no account */
    assert_false(limits_take(server.limits, &g, "x", &e));
    limits_give(server.limits, &a, "x");
    assert_true(limits_take(server.limits, &g, "x", &e));
    set.max_per_address = 4;
    limits_give(server.limits, &b, "x");
    struct principal other = {.account = 9, .venue = 2};
    assert_true(limits_take(server.limits, &other, "x", &e));
    assert_false(limits_take(server.limits, &other, "x", &e));
    assert_true(limits_take(server.limits, &other, "y", &e));
    set.max_connections = (long)limits_total(server.limits);
    struct principal third = {.account = 10, .venue = 3};
    assert_false(limits_take(server.limits, &third, "z", &e));
}

static void limits_count_what_other_sidecars_hold(void **state) {
    (void)state;
    struct principal a = {.account = 7, .venue = 70};
    struct err e;
    char text[LIMITS_TEXT_MAX];
    uint64_t later = clock_mono_ms() + 60000;
    set.max_per_account = 3;
    set.max_per_venue = set.max_per_address = 100;
    set.max_connections = 1000;
    assert_string_equal(limits_text(server.limits, text), "{3,100,100}");
    limits_others(server.limits, LIMIT_ACCOUNT, "7", 2, later);
    assert_true(limits_take(server.limits, &a, "192.0.2.7", &e));
    assert_false(limits_take(server.limits, &a, "192.0.2.7", &e));
    limits_others(server.limits, LIMIT_ACCOUNT, "7", 1, later);
    assert_true(limits_take(server.limits, &a, "192.0.2.7", &e));
    limits_others(server.limits, LIMIT_ADDRESS, "192.0.2.8", 100, later);
    assert_false(limits_take(server.limits, &a, "192.0.2.8", &e));
    limits_give(server.limits, &a, "192.0.2.7");
    limits_others(server.limits, LIMIT_VENUE, "70", 99, later);
    assert_false(limits_take(server.limits, &a, "192.0.2.7", &e));
    limits_others(server.limits, LIMIT_ACCOUNT, "7", 1, clock_mono_ms()); /* it is over */
    limits_others(server.limits, LIMIT_VENUE, "70", 99, clock_mono_ms());
    limits_others(server.limits, LIMIT_ADDRESS, "192.0.2.8", 100, clock_mono_ms());
    assert_true(limits_take(server.limits, &a, "192.0.2.7", &e));
    assert_true(limits_take(server.limits, &a, "192.0.2.8", &e));
    for (int i = 0; i < 2; i++)
        limits_give(server.limits, &a, "192.0.2.7");
    limits_give(server.limits, &a, "192.0.2.8");
}

static void metrics_are_prometheus_text(void **state) {
    (void)state;
    struct str out = STR_INIT;
    metric_add(server.metrics, METRIC_EVENTS, 41);
    metric_add(server.metrics, METRIC_EVENTS, 1);
    metrics_published(server.metrics, clock_wall_ms() - 30);
    metrics_flushed(server.metrics);
    metrics_flushed(server.metrics); /* once an event */
    metrics_print(server.metrics, &out);
    assert_non_null(
        strstr(out.p, "# TYPE maitred_events_total counter\nmaitred_events_total 42\n"));
    assert_non_null(strstr(out.p, "maitred_broadcast_latency_seconds_bucket{le=\"0.025\"} 0\n"));
    assert_non_null(strstr(out.p, "maitred_broadcast_latency_seconds_bucket{le=\"+Inf\"} 1\n"));
    assert_non_null(strstr(out.p, "maitred_broadcast_latency_seconds_count 1\n"));
    str_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_find_only_the_living, setup, teardown),
        cmocka_unit_test_setup_teardown(flushes_once_in_the_order_of_pushing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_blocked_reader_is_closed_as_resumable, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_a_second_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_that_ends_closes_with_4003, setup, teardown),
        cmocka_unit_test_setup_teardown(errors_have_the_shape_of_all_languages, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_refuse_the_one_too_many, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_count_what_other_sidecars_hold, setup, teardown),
        cmocka_unit_test_setup_teardown(metrics_are_prometheus_text, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
