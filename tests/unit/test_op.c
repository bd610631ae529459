/* test_op.c - the binding of arguments and the statements: every type, every bad field at once. */
#include <config.h>

#include "unit.h"

#include "base/mem.h"
#include "data/op.h"

#include <limits.h>
#include <stdio.h>
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

static const struct arg item_args[] = {
    {.name = "menu_item_id", .type = ARG_ID, .required = true, .choices = "itm"},
    {.name = "quantity", .type = ARG_INT, .min = 1, .max = 99, .fallback = "1"},
    {.name = "notes", .type = ARG_TEXT, .max = 5},
    {.name = "kind", .type = ARG_ENUM, .choices = "hot|cold|warm=hot"},
    {.name = "price", .type = ARG_MONEY, .max = 100},
    {0},
};
static const struct arg args[] = {
    {.name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .choices = "res"},
    {.name = "page", .type = ARG_INT, .place = IN_QUERY, .min = 1, .max = 100, .fallback = "1"},
    {.name = "big", .type = ARG_INT, .place = IN_BODY, .min = 0, .max = LONG_MAX},
    {.name = "name", .alias = "label", .type = ARG_TEXT, .place = IN_BODY, .min = 1, .max = 5},
    {.name = "yes", .type = ARG_BOOL, .place = IN_BODY},
    {.name = "day", .type = ARG_DATE, .place = IN_BODY},
    {.name = "at", .type = ARG_INSTANT, .place = IN_BODY},
    {.name = "price", .type = ARG_MONEY, .place = IN_BODY, .max = 1000},
    {.name = "kind", .type = ARG_ENUM, .place = IN_BODY, .choices = "a|walk_in|walkIn=walk_in"},
    {.name = "status", .type = ARG_ENUMS, .place = IN_QUERY, .choices = "a|b|bee=b"},
    {.name = "data", .type = ARG_OBJECT, .place = IN_BODY, .max = 20},
    {.name = "items", .type = ARG_ARRAY, .place = IN_BODY, .min = 1, .max = 3, .items = item_args},
    {.name = "ids", .type = ARG_IDS, .place = IN_BODY, .min = 1, .max = 3, .choices = "tbl"},
    {.name = "form", .type = ARG_OBJECT, .place = IN_BODY, .max = 60, .items = item_args},
    {.name = "texts", .type = ARG_TEXTS, .place = IN_BODY, .max = 3},
    {0},
};
static const struct op op = {.name = "sample", .function = "sample", .write = true, .args = args};
static const struct op reading = {.name = "sample_read", .function = "sample_read", .args = args};
enum { ID, PAGE, BIG, NAME, YES, DAY, AT, PRICE, KIND, STATUS, DATA, ITEMS, IDS, FORM, TEXTS, NARGS };

/* Path and query as "name=value" lists. */
static const char *path_text, *query_text;

static const char *look(const char *list, const char *name) {
    static char values[4][64];
    static int slot;
    size_t n = strlen(name);
    for (const char *s = list; s && *s;) {
        size_t len = strcspn(s, "&");
        if (strncmp(s, name, n) == 0 && s[n] == '=') {
            char *value = values[slot++ % 4];
            snprintf(value, 64, "%.*s", (int)(len - n - 1), s + n + 1);
            return value;
        }
        s += len + (s[len] == '&');
    }
    return NULL;
}

static const char *path(void *ctx, const char *name) {
    (void)ctx;
    return look(path_text, name);
}

static const char *query(void *ctx, const char *name) {
    (void)ctx;
    return look(query_text, name);
}

static bool bind_op(const struct op *row, const char *p, const char *q, const char *body,
                    bool socket) {
    struct err bad;
    path_text = p;
    query_text = q;
    struct json *v = body ? json_parse(body, strlen(body), &bad) : NULL;
    if (body && !v)
        fail_msg("%s: %s", body, bad.detail);
    struct op_source src = {.path = path, .query = query, .body = v};
    bool ok = op_bind(row, &src, socket, arena, &out, &e);
    json_free(v);
    return ok;
}

static bool bind(const char *body) {
    return bind_op(&op, "id=1", NULL, body, false);
}

static void good(const char *body, int arg, const char *want) {
    if (!bind(body))
        fail_msg("%s: %s %s", body, e.fields[0].field, e.fields[0].detail);
    assert_string_equal(out.v[arg], want);
}

static void bad(const char *body, const char *field, const char *code) {
    if (bind(body))
        fail_msg("accepted: %s", body);
    assert_int_equal(e.code, ERR_INVALID_FIELD);
    assert_int_equal(e.http, 422);
    if (strcmp(e.fields[0].field, field) || strcmp(e.fields[0].code, code))
        fail_msg("%s: %s %s, not %s %s", body, e.fields[0].field, e.fields[0].code, field, code);
}

static void test_places_and_defaults(void **s) {
    (void)s;
    assert_true(bind_op(&op, "id=res12", "page=7&status=b,a", "{\"name\":\"x\"}", false));
    assert_int_equal(out.n, NARGS);
    assert_string_equal(out.v[ID], "12");
    assert_string_equal(out.v[PAGE], "7");
    assert_string_equal(out.v[STATUS], "{\"b\",\"a\"}");
    assert_string_equal(out.v[NAME], "x");
    assert_null(out.v[DAY]);
    assert_true(bind_op(&op, "id=12", "page=&status=", NULL, false));
    assert_string_equal(out.v[PAGE], "1");
    assert_null(out.v[STATUS]);
    assert_true(bind_op(&op, "id=12", NULL, "{\"name\":null}", false));
    assert_null(out.v[NAME]);
    assert_false(bind_op(&op, NULL, NULL, NULL, false));
    assert_string_equal(e.fields[0].field, "id");
    assert_string_equal(e.fields[0].code, "required");
}

static void test_every_bad_field_at_once(void **s) {
    (void)s;
    assert_false(
        bind_op(&op, "id=x", "page=0", "{\"big\":-1,\"name\":\"\",\"yes\":1,\"nobody\":2}", false));
    assert_int_equal(e.nfields, 6);
    static const char *const fields[] = {"id", "page", "big", "name", "yes", "nobody"};
    static const char *const codes[] = {"type", "range", "range", "length", "type", "unknown"};
    for (int i = 0; i < 6; i++) {
        assert_string_equal(e.fields[i].field, fields[i]);
        assert_string_equal(e.fields[i].code, codes[i]);
    }
}

static void test_unknown_keys(void **s) {
    (void)s;
    bad("{\"nobody\":1}", "nobody", "unknown");
    bad("{\"page\":1}", "page", "unknown"); /* of the query, not of the body */
    bad("{\"requestId\":\"x\"}", "requestId", "unknown");
    assert_true(bind_op(&reading, "id=1", NULL, "{\"nobody\":1}", false));
    assert_true(bind_op(&op, NULL, NULL,
                        "{\"id\":5,\"page\":3,\"action\":\"x\",\"requestId\":\"r\"}", true));
    assert_string_equal(out.v[ID], "5");
    assert_string_equal(out.v[PAGE], "3");
    assert_false(bind_op(&op, NULL, NULL, "{\"id\":5,\"nobody\":1}", true));
    assert_true(op_knows(&op, IN_QUERY, "page") && !op_knows(&op, IN_BODY, "page"));
    assert_true(op_knows(&op, IN_BODY, "label") && !op_knows(&op, IN_QUERY, "pages"));
}

static void test_aliases(void **s) {
    (void)s;
    good("{\"label\":\"x\"}", NAME, "x");
    good("{\"label\":\"x\",\"name\":null}", NAME, "x");
    bad("{\"label\":\"x\",\"name\":\"x\"}", "label", "duplicate");
}

static void test_integers(void **s) {
    (void)s;
    good("{\"big\":9223372036854775807}", BIG, "9223372036854775807");
    bad("{\"big\":1.0}", "big", "type");
    bad("{\"big\":\"1\"}", "big", "type");
    bad("{\"big\":true}", "big", "type");
    bad("{\"big\":[]}", "big", "type");
    assert_false(bind_op(&op, "id=1", "page=1x", NULL, false));
    assert_false(bind_op(&op, "id=1", "page= 1", NULL, false));
    assert_false(bind_op(&op, "id=1", "page=101", NULL, false));
    assert_string_equal(e.fields[0].detail, "must be 1 to 100");
}

static void test_ids(void **s) {
    (void)s;
    static const char *const refused[] = {"id=0",       "id=-1",   "id=res",
                                          "id=resres1", "id=tbl1", "id=9223372036854775808",
                                          "id=1.5",     "id=res-1"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(bind_op(&op, refused[i], NULL, NULL, false));
    assert_true(bind_op(&op, NULL, NULL, "{\"id\":\"res7\"}", true));
    assert_string_equal(out.v[ID], "7");
    assert_true(bind_op(&op, NULL, NULL, "{\"id\":\"7\"}", true));
    assert_false(bind_op(&op, NULL, NULL, "{\"id\":7.0}", true));
    assert_false(bind_op(&op, NULL, NULL, "{\"id\":true}", true));
}

static void test_texts(void **s) {
    (void)s;
    good("{\"name\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"}", NAME,
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"); /* five characters, ten bytes */
    good("{\"name\":\"a\\n\\tb\"}", NAME, "a\n\tb");
    bad("{\"name\":\"abcdef\"}", "name", "length");
    bad("{\"name\":\"   \"}", "name", "length");
    bad("{\"name\":\"a\\u0007\"}", "name", "format");
    bad("{\"name\":\"a\\u007f\"}", "name", "format");
    bad("{\"name\":5}", "name", "type");
    static const struct arg q[] = {
        {.name = "search", .type = ARG_TEXT, .place = IN_QUERY, .max = 9}, {0}};
    const struct op search = {.name = "s", .function = "s", .args = q};
    assert_true(bind_op(&search, NULL, "search=ok", NULL, false));
    assert_false(bind_op(&search, NULL, "search=a\xff", NULL, false));
    assert_string_equal(e.fields[0].code, "format");
}

static void test_booleans_dates_instants(void **s) {
    (void)s;
    good("{\"yes\":true}", YES, "true");
    good("{\"yes\":false}", YES, "false");
    bad("{\"yes\":\"true\"}", "yes", "type");
    good("{\"day\":\"2026-11-20\"}", DAY, "2026-11-20");
    bad("{\"day\":\"2026-02-30\"}", "day", "format");
    bad("{\"day\":20261120}", "day", "type");
    good("{\"at\":\"2026-11-20T19:00:00+01:00\"}", AT, "2026-11-20T19:00:00+01:00");
    bad("{\"at\":\"2026-11-20T19:00:00\"}", "at", "format");
    bad("{\"at\":\"infinity\"}", "at", "format");
}

static void test_money(void **s) {
    (void)s;
    good("{\"price\":24.99}", PRICE, "24.990");
    good("{\"price\":0}", PRICE, "0.000");
    good("{\"price\":1e2}", PRICE, "100.000");
    good("{\"price\":999.999}", PRICE, "999.999");
    bad("{\"price\":1000.01}", "price", "range");
    bad("{\"price\":-0.01}", "price", "range");
    bad("{\"price\":0.0001}", "price", "format");
    bad("{\"price\":\"24.99\"}", "price", "type");
}

static void test_choices(void **s) {
    (void)s;
    good("{\"kind\":\"walkIn\"}", KIND, "walk_in");
    good("{\"kind\":\"a\"}", KIND, "a");
    bad("{\"kind\":\"walk\"}", "kind", "enum");
    assert_string_equal(e.fields[0].detail, "must be one of a, walk_in");
    bad("{\"kind\":\"\"}", "kind", "enum");
    bad("{\"kind\":\"a|walk_in\"}", "kind", "enum");
    bad("{\"kind\":\"walkIn=walk_in\"}", "kind", "enum");
    assert_true(bind_op(&op, "id=1", "status=bee,a", NULL, false));
    assert_string_equal(out.v[STATUS], "{\"b\",\"a\"}");
    assert_false(bind_op(&op, "id=1", "status=a,", NULL, false));
    assert_false(bind_op(&op, "id=1", "status=a,c", NULL, false));
    assert_true(bind_op(&op, NULL, NULL, "{\"id\":1,\"status\":[\"a\",\"bee\"]}", true));
    assert_string_equal(out.v[STATUS], "{\"a\",\"b\"}");
    assert_false(bind_op(&op, NULL, NULL, "{\"id\":1,\"status\":[]}", true));
    assert_false(bind_op(&op, NULL, NULL, "{\"id\":1,\"status\":[1]}", true));
}

static void test_objects(void **s) {
    (void)s;
    good("{\"data\":{\"a\":[1,\"/\"]}}", DATA, "{\"a\":[1,\"/\"]}");
    bad("{\"data\":[]}", "data", "type");
    bad("{\"data\":{\"a\":\"0123456789abcdef\"}}", "data", "length");
}

static void test_objects_of_known_members(void **s) {
    (void)s;
    good("{\"form\":{\"menu_item_id\":\"itm4\",\"kind\":\"warm\"}}", FORM,
         "{\"menu_item_id\":4,\"quantity\":1,\"kind\":\"hot\"}");
    bad("{\"form\":[]}", "form", "type");
    bad("{\"form\":{}}", "form.menu_item_id", "required");
    bad("{\"form\":{\"menu_item_id\":1,\"x\":1}}", "form.x", "unknown");
    bad("{\"form\":{\"menu_item_id\":1,\"quantity\":0}}", "form.quantity", "range");
    bad("{\"form\":{\"menu_item_id\":9000000000000000000,\"notes\":\"\\\"\\\"\\\"\\\"\"}}", "form",
        "length");
}

static void test_arrays_of_objects(void **s) {
    (void)s;
    good("{\"items\":[{\"menu_item_id\":\"itm4\",\"notes\":\"a\\\"b\",\"kind\":\"warm\",\"price\":"
         "1.5},"
         "{\"quantity\":2,\"menu_item_id\":5}]}",
         ITEMS,
         "[{\"menu_item_id\":4,\"quantity\":1,\"notes\":\"a\\\"b\",\"kind\":\"hot\",\"price\":1."
         "500},"
         "{\"menu_item_id\":5,\"quantity\":2}]");
    bad("{\"items\":[]}", "items", "length");
    bad("{\"items\":{}}", "items", "type");
    bad("{\"items\":[5]}", "items[0]", "type");
    bad("{\"items\":[{\"menu_item_id\":1},{\"menu_item_id\":1,\"quantity\":0}]}",
        "items[1].quantity", "range");
    bad("{\"items\":[{\"menu_item_id\":1,\"x\":1}]}", "items[0].x", "unknown");
    bad("{\"items\":[{}]}", "items[0].menu_item_id", "required");
    bad("{\"items\":[{},{},{},{}]}", "items", "length");
}

static void test_id_lists(void **s) {
    (void)s;
    good("{\"ids\":[1,\"tbl2\",\"3\"]}", IDS, "{1,2,3}");
    bad("{\"ids\":[]}", "ids", "length");
    bad("{\"ids\":[1,2,3,4]}", "ids", "length");
    bad("{\"ids\":[1,\"x\"]}", "ids", "type");
    bad("{\"ids\":5}", "ids", "type");
    good("{\"texts\":[]}", TEXTS, "{}");
    good("{\"texts\":[\"wifi\",\"a, b\",\"NULL\"]}", TEXTS, "{\"wifi\",\"a, b\",\"NULL\"}");
    good("{\"texts\":[\"say \\\"x\\\"\",\"\\\\}\"]}", TEXTS, "{\"say \\\"x\\\"\",\"\\\\}\"}");
    bad("{\"texts\":[\"a\",\"b\",\"c\",\"d\"]}", "texts", "length");
    bad("{\"texts\":[\"a\",\"\"]}", "texts[1]", "length");
    bad("{\"texts\":[5]}", "texts[0]", "type");
    bad("{\"texts\":\"a\"}", "texts", "type");
}

static const char *place(void *ctx, const char *name) {
    (void)ctx;
    return str_eq(name, "id") ? "res7" : str_eq(name, "kind") ? "a" : NULL;
}

/* What a socket's path says of an operation its messages may not say too. */
static void test_what_the_place_says(void **s) {
    (void)s;
    static const char *const refused[] = {"{\"id\":8}", "{\"kind\":\"cold\"}"};
    struct err bad;
    struct json *v = json_parse("{\"action\":\"x\",\"name\":\"Ann\"}", 27, &bad);
    struct op_source src = {.given = place, .body = v};
    assert_true(op_bind(&op, &src, true, arena, &out, &e));
    assert_string_equal(out.v[ID], "7");
    assert_string_equal(out.v[KIND], "a");
    assert_string_equal(out.v[NAME], "Ann");
    json_free(v);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        src.body = v = json_parse(refused[i], strlen(refused[i]), &bad);
        assert_false(op_bind(&op, &src, true, arena, &out, &e));
        assert_string_equal(e.fields[0].code, "unknown");
        json_free(v);
    }
}

static void test_statements(void **s) {
    (void)s;
    static const struct arg two[] = {{.name = "n", .type = ARG_INT, .max = 5},
                                     {.name = "v", .type = ARG_INT, .max = LONG_MAX},
                                     {0}};
    struct op row = {.name = "f", .function = "f", .args = two};
    struct str sql = STR_INIT;
    const char *types[OP_ARGS_MAX + 4];
    op_sql(&row, false, &sql);
    assert_string_equal(
        str_c(&sql),
        "select a.status, a.body, a.total, a.location, p.position, p.areas from "
        "api.f($1::api.caller, $2::int, $3::bigint) a, api.position($1::api.caller) p");
    assert_int_equal(op_params(&row, false, types), 3);
    assert_string_equal(types[1], "int");
    row.write = true;
    str_clear(&sql);
    op_sql(&row, false, &sql);
    assert_non_null(
        strstr(str_c(&sql), " a, lateral api.position_after($1::api.caller, a.position) p"));
    str_clear(&sql);
    op_sql(&row, true, &sql);
    assert_non_null(strstr(str_c(&sql), "api.f($1::api.caller, $5::int, $6::bigint)"));
    assert_int_equal(op_params(&row, true, types), 6);
    assert_string_equal(types[3], "text");
    str_free(&sql);
}

static bool bounded(const struct arg *arg) {
    switch (arg->type) {
    case ARG_INT:
    case ARG_MONEY:
    case ARG_ARRAY:
    case ARG_IDS:
    case ARG_TEXTS:
        return arg->max > arg->min;
    case ARG_TEXT:
    case ARG_OBJECT:
        return arg->max > 0 && arg->max >= arg->min;
    case ARG_ENUM:
    case ARG_ENUMS:
        return arg->choices && *arg->choices;
    default:
        return true;
    }
}

/* Every row there is: named once, bounded, explained, and its defaults pass its own checks. */
/* What is ordered around today is another answer when the business day turns over. */
static void test_lists_around_today_move_with_the_clock(void **s) {
    (void)s;
    static const char *const names[] = {"reservation_list", "reservations_upcoming",
                                        "dashboard_today", "dashboard_stats", "room_availability"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_in_range(op_find(names[i])->clock_s, 1, 60);
}

static void test_every_row_is_sound(void **s) {
    (void)s;
    for (const struct op *const *row = op_all(); *row; row++) {
        const struct op *o = *row;
        int n = 0;
        assert_ptr_equal(op_find(o->name), o);
        assert_true(o->function && o->summary && strlen(o->summary) > 5);
        assert_true(o->status == 200 || o->status == 201 || o->status == 204);
        for (const struct arg *arg = o->args; arg && arg->name; arg++, n++) {
            if (!bounded(arg) || !arg->help)
                fail_msg("%s: %s has no bounds or no help", o->name, arg->name);
            if (arg->type == ARG_INT && arg->max > INT_MAX)
                assert_true(arg->max == LONG_MAX);
            assert_true(arg->place != IN_PATH || arg->required);
        }
        assert_true(n <= OP_ARGS_MAX);
        if (o->paged) {
            assert_string_equal(o->args[n - 2].name, "page");
            assert_string_equal(o->args[n - 1].name, "limit");
        }
        if (!o->write && o->cap > CAP_ANYONE)
            assert_true(o->areas != 0);
    }
}

static void test_defaults_of_the_rows(void **s) {
    (void)s;
    assert_true(bind_op(op_find("dashboard_trends"), NULL, NULL, NULL, false));
    assert_string_equal(out.v[0], "weekly");
    assert_true(
        bind_op(op_find("reservation_list"), NULL, "status=confirmed,canceled", NULL, false));
    assert_string_equal(out.v[0], "{\"confirmed\",\"cancelled\"}");
    assert_null(out.v[1]);
    assert_string_equal(out.v[2], "1");
    assert_string_equal(out.v[3], "50");
    assert_true(bind_op(
        op_find("reservation_create"), NULL, NULL,
        "{\"customerName\":\"Zo\xc3\xab\",\"date\":\"2026-11-20T19:00:00Z\",\"partySize\":4,"
        "\"source\":\"walkIn\"}",
        false));
    assert_string_equal(out.v[3], "walk_in");
    assert_int_equal(out.n, 12);
    assert_false(bind_op(op_find("reservation_create"), NULL, NULL, "{\"partySize\":101}", false));
    assert_int_equal(e.nfields, 3);
}

static void test_callers(void **s) {
    (void)s;
    struct principal p = {.role = ROLE_ADMIN, .venue = 1, .account = 7};
    snprintf(p.name, sizeof p.name, "anna");
    assert_string_equal(op_caller(&p, arena), "(1,7,\"anna\",admin,,,f)");
    assert_string_equal(op_caller(NULL, arena), "(,,,,,,)");
    struct principal guest = {.role = ROLE_GUEST, .venue = 1, .session = 5, .order = 6};
    assert_string_equal(op_caller(&guest, arena), "(1,,,guest,5,6,f)");
    p.role = ROLE_VIEWER;
    snprintf(p.name, sizeof p.name, "%s", "a\"b\\c,(d)");
    assert_string_equal(op_caller(&p, arena), "(1,7,\"a\"\"b\\\\c,(d)\",viewer,,,t)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places_and_defaults),
        cmocka_unit_test(test_every_bad_field_at_once),
        cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_booleans_dates_instants),
        cmocka_unit_test(test_money),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_objects_of_known_members),
        cmocka_unit_test(test_arrays_of_objects),
        cmocka_unit_test(test_id_lists),
        cmocka_unit_test(test_what_the_place_says),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_every_row_is_sound),
        cmocka_unit_test(test_lists_around_today_move_with_the_clock),
        cmocka_unit_test(test_defaults_of_the_rows),
        cmocka_unit_test(test_callers),
    };
    return cmocka_run_group_tests_name("op", tests, set_up, tear_down);
}
