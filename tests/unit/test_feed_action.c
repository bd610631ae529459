/* test_feed_action.c - one operation of one client: who may, what is held meanwhile, who answers.
 */
#include <config.h>

#include "unit.h"

#include "core/action.h"
#include "test_feed.h"

static const struct arg args[] = {
    {.name = "tableId", .type = ARG_ID, .place = IN_BODY, .required = true},
    {0},
};
static const struct op write_op = {.name = "test_write",
                                   .function = "test_write",
                                   .cap = CAP_TABLES_OPERATE,
                                   .write = true,
                                   .args = args};

static struct {
    int calls;
    char code[64], request_id[160];
    int64_t tag;
} last;

static void on_reply(struct conn *c, const struct action_reply *r) {
    last.calls++;
    last.tag = r->tag;
    snprintf(last.code, sizeof last.code, "%s", r->error ? r->error->slug : "");
    snprintf(last.request_id, sizeof last.request_id, "%s", r->request_id ? r->request_id : "-");
    assert_ptr_equal(r->op, &write_op);
    conn_push_text(c, "reply", 5);
}

/* The database is away: calls end in UNAVAILABLE at the connection's next tick. */
static int away_up(void **s) {
    static const struct dba_hooks none;
    if (server_up(s))
        return -1;
    memset(&last, 0, sizeof last);
    server.actions = dba_open("host=/nonexistent", NULL, &none);
    return 0;
}

static int away_down(void **s) {
    dba_close(server.actions);
    server.actions = NULL;
    return server_down(s);
}

static void run(struct conn *c, const char *text) {
    struct err e;
    struct json *message = json_parse(text, strlen(text), &e);
    assert_non_null(message);
    action_run(c, &write_op, message, NULL, 42, on_reply);
    json_free(message);
}

static void test_refused_at_once(void **s) {
    (void)s;
    struct conn *waiter = conn_make(1, ROLE_WAITER), *viewer = conn_make(1, ROLE_VIEWER);
    run(waiter, "{\"action\":\"x\"}");
    assert_string_equal(last.code, "invalid_field");
    run(waiter, "{\"action\":\"x\",\"tableId\":1,\"other\":2,\"requestId\":\"r7\"}");
    assert_string_equal(last.code, "invalid_field");
    assert_string_equal(last.request_id, "r7");
    run(waiter, "{\"action\":\"x\",\"tableId\":1,\"requestId\":\"\"}");
    assert_string_equal(last.code, "invalid_field");
    run(viewer, "{\"action\":\"x\",\"tableId\":1}");
    assert_string_equal(last.code, "forbidden");
    assert_int_equal(last.calls, 4);
    assert_false(waiter->holding);
}

/* SPEC 5.5: an actor's reply precedes its event on that connection. */
static void test_the_reply_precedes_the_event(void **s) {
    (void)s;
    struct conn *actor = conn_make(1, ROLE_WAITER), *other = conn_make(1, ROLE_WAITER);
    hub_subscribe(server.hub, actor, (struct topic){TOPIC_RESTAURANT_TABLES, 0});
    hub_subscribe(server.hub, other, (struct topic){TOPIC_RESTAURANT_TABLES, 0});
    run(actor, "{\"action\":\"x\",\"tableId\":1,\"requestId\":\"r1\"}");
    run(actor, "{\"action\":\"x\",\"tableId\":2}");
    assert_int_equal(last.calls, 0);
    assert_int_equal(actor->actions, 2);
    publish(table_event(1, 1));
    assert_string_equal(taken(other), "a1 ");
    assert_string_equal(taken(actor), "");
    dba_tick(server.actions);
    assert_int_equal(last.calls, 2);
    assert_string_equal(last.code, "unavailable");
    assert_int_equal(last.tag, 42);
    assert_string_equal(taken(actor), "reply reply a1 ");
    assert_int_equal(actor->actions, 0);
    assert_false(actor->holding);
}

static void test_who_left_is_not_answered(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_WAITER);
    run(c, "{\"action\":\"x\",\"tableId\":1}");
    conn_kill(c);
    dba_tick(server.actions);
    assert_int_equal(last.calls, 0);
}

static void test_a_flood_is_refused(void **s) {
    (void)s;
    struct conn *c = conn_make(1, ROLE_WAITER);
    for (int i = 0; i < 65; i++)
        run(c, "{\"action\":\"x\",\"tableId\":1}");
    assert_int_equal(last.calls, 1);
    assert_string_equal(last.code, "rate_limited");
    dba_tick(server.actions);
    assert_int_equal(last.calls, 65);
}

static void test_request_ids(void **s) {
    static const struct {
        const char *text, *want; /* NULL: refused */
    } cases[] = {
        {"{}", ""},
        {"{\"requestId\":\"a-1\"}", "a-1"},
        {"{\"requestId\":7}", NULL},
        {"{\"requestId\":\"\"}", NULL},
        {"{\"requestId\":\"a b\"}", NULL},
        {"{\"requestId\":\"\\u00e9\"}", NULL},
        {"{\"requestId\":null}", NULL},
    };
    (void)s;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e;
        const char *id;
        err_clear(&e);
        struct json *m = json_parse(cases[i].text, strlen(cases[i].text), &e);
        bool ok = action_request_id(m, &id, &e);
        assert_int_equal(ok, cases[i].want != NULL);
        if (ok)
            assert_string_equal(id ? id : "", cases[i].want);
        json_free(m);
    }
}

#define AWAY(t) cmocka_unit_test_setup_teardown(t, away_up, away_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        AWAY(test_refused_at_once),          AWAY(test_the_reply_precedes_the_event),
        AWAY(test_who_left_is_not_answered), AWAY(test_a_flood_is_refused),
        cmocka_unit_test(test_request_ids),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
