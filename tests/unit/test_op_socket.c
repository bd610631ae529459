/* test_op_socket.c - the rooms of a Socket.IO session, bound from a message alone: what the sidecar
 * says, the null that must be said, and a table's status by the names of that dialect. */
#include <config.h>

#include "unit.h"

#include "base/mem.h"
#include "data/op.h"

#include <string.h>

static struct arena *arena;
static struct op_values out;
static struct err e;

static int set_up(void **s) {
    (void)s;
    arena = arena_new(4096);
    return 0;
}

static int tear_down(void **s) {
    (void)s;
    arena_free(arena);
    return 0;
}

typedef const char *given(void *ctx, const char *name);

static bool bind(const struct op *row, given *place, const char *message) {
    struct err bad;
    struct json *v = json_parse(message, strlen(message), &bad);
    if (!v)
        fail_msg("%s: %s", message, bad.detail);
    struct op_source src = {.given = place, .body = v};
    bool ok = op_bind(row, &src, true, arena, &out, &e);
    json_free(v);
    return ok;
}

static void bad(const struct op *row, given *place, const char *message, const char *field,
                const char *code) {
    if (bind(row, place, message))
        fail_msg("accepted: %s", message);
    assert_string_equal(e.fields[0].field, field);
    assert_string_equal(e.fields[0].code, code);
}

static const char *place(void *ctx, const char *name) {
    (void)ctx;
    return str_eq(name, "session") ? "s7" : NULL;
}

/* The session is what the sidecar says; a message may not name one. */
static void test_the_session_is_given(void **s) {
    (void)s;
    const struct op *join = op_find("socket_join");
    assert_true(bind(join, place, "{\"action\":\"x\",\"floor\":2}"));
    assert_int_equal(out.n, 2);
    assert_string_equal(out.v[0], "s7");
    assert_string_equal(out.v[1], "2");
    bad(join, place, "{\"floor\":2,\"session\":\"s8\"}", "session", "unknown");
    bad(join, NULL, "{\"floor\":2}", "session", "required");
    assert_true(bind(op_find("socket_rooms"), place, "{\"begun\":7}"));
    assert_string_equal(out.v[0], "s7");
    assert_true(bind(op_find("socket_end"), place, "{}"));
    assert_string_equal(out.v[0], "s7");
}

/* Where null is an answer, silence is none. */
static void test_what_must_be_said_though_it_is_null(void **s) {
    (void)s;
    static const char *const names[] = {"socket_join", "socket_leave"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct op *row = op_find(names[i]);
        assert_true(bind(row, place, "{\"floor\":null}"));
        assert_null(out.v[1]);
        bad(row, place, "{}", "floor", "required");
        bad(row, place, "{\"floor\":0}", "floor", "range");
        bad(row, place, "{\"floor\":\"2\"}", "floor", "type");
        bad(row, place, "{\"floor\":2,\"section\":1}", "section", "unknown");
    }
}

/* tableId is the table's id, and whatever REST takes is taken. */
static void test_a_status_from_a_socket(void **s) {
    (void)s;
    static const char *const want[] = {"7", "occupied", "late", "3", "true"};
    const struct op *step = op_find("table_set_status");
    assert_true(bind(step, NULL,
                     "{\"tableId\":7,\"status\":\"occupied\",\"notes\":\"late\",\"version\":3,"
                     "\"emergency\":true}"));
    for (int i = 0; i < 5; i++)
        assert_string_equal(out.v[i], want[i]);
    assert_true(bind(step, NULL, "{\"id\":\"7\",\"status\":\"free\"}"));
    assert_string_equal(out.v[1], "available");
    assert_true(bind(step, NULL,
                     "{\"tableId\":7,\"status\":\"available\",\"notes\":null,\"version\":null,"
                     "\"emergency\":null,\"requestId\":\"r\"}"));
    assert_null(out.v[3]);
    bad(step, NULL, "{\"id\":7,\"tableId\":8,\"status\":\"free\"}", "tableId", "duplicate");
    bad(step, NULL, "{\"status\":\"free\"}", "id", "required");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_session_is_given),
        cmocka_unit_test(test_what_must_be_said_though_it_is_null),
        cmocka_unit_test(test_a_status_from_a_socket),
    };
    return cmocka_run_group_tests_name("op from a socket", tests, set_up, tear_down);
}
