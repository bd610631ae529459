/* test_base.c - memory, strings, errors, log and clock. */
#include <config.h>

#include "unit.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_arena_is_aligned_and_zeroed(void **s) {
    (void)s;
    struct arena *a = arena_new(256);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 600; size += 7) {
            unsigned char *p = arena_alloc(a, size);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xee, size);
        }
        arena_reset(a);
    }
    arena_free(a);
}

static void test_arena_reset_keeps_the_first_block(void **s) {
    (void)s;
    struct arena *a = arena_new(256);
    void *first = arena_alloc(a, 16);
    arena_alloc(a, 4096);
    arena_reset(a);
    assert_ptr_equal(arena_alloc(a, 16), first);
    arena_free(a);
}

static void test_arena_texts(void **s) {
    (void)s;
    struct arena *a = arena_new(16);
    assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
    assert_string_equal(arena_printf(a, "%s-%d", "some longer text than a block", 42),
                        "some longer text than a block-42");
    arena_free(a);
}

static void test_str_grows(void **s) {
    (void)s;
    struct str text = STR_INIT;
    assert_string_equal(str_c(&text), "");
    for (int i = 0; i < 1000; i++)
        str_printf(&text, "%d,", i);
    assert_int_equal(text.len, strlen(text.p));
    str_put(&text, "a\0b", 3);
    assert_int_equal(text.p[text.len - 2], 0);
    str_clear(&text);
    assert_string_equal(str_c(&text), "");
    str_puts(&text, "kept");
    char *stolen = str_steal(&text);
    assert_string_equal(stolen, "kept");
    assert_null(text.p);
    x_free(stolen);
    str_free(&text);
}

static void int64(const char *text, bool ok, long long want) {
    long long got = 7;
    assert_int_equal(str_to_int64(text, &got), ok);
    if (ok)
        assert_true(got == want);
}

static void test_str_to_int64(void **s) {
    (void)s;
    int64("0", true, 0);
    int64("-9223372036854775808", true, INT64_MIN);
    int64("9223372036854775807", true, INT64_MAX);
    int64("9223372036854775808", false, 0);
    int64("-9223372036854775809", false, 0);
    int64("99999999999999999999999", false, 0);
    int64("", false, 0);
    int64("-", false, 0);
    int64(" 1", false, 0);
    int64("1 ", false, 0);
    int64("+1", false, 0);
    int64("0x1", false, 0);
    int64(NULL, false, 0);
    int64("007", true, 7);
}

static void test_int_text(void **s) {
    (void)s;
    static const long long numbers[] = {0, 7, -7, 10, 200, -1000, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char want[32], got[INT_TEXT_MAX];
        struct str text = STR_INIT;
        snprintf(want, sizeof want, "%lld", numbers[i]);
        assert_int_equal(int_text(numbers[i], got), strlen(want));
        assert_string_equal(got, want);
        str_put_int(&text, numbers[i]);
        assert_string_equal(str_c(&text), want);
        str_free(&text);
    }
}

static void test_percent_decoding(void **s) {
    (void)s;
    char text[] = "a%20b%2Fc+%zz%4%00%41%c3%a9";
    str_percent_decode(text);
    assert_string_equal(text, "a b/c+%zz%4%00A\xc3\xa9");
    char once[] = "%2541";
    str_percent_decode(once);
    assert_string_equal(once, "%41");
}

static void test_str_comparisons(void **s) {
    (void)s;
    assert_true(str_eq("a", "a") && str_eq(NULL, NULL) && !str_eq("a", NULL) && !str_eq(NULL, "a"));
    assert_true(str_starts("res12", "res") && !str_starts("re", "res"));
    assert_true(bytes_equal_ct("abc", "abc", 3) && !bytes_equal_ct("abc", "abd", 3) &&
                !bytes_equal_ct("xbc", "abc", 3) && bytes_equal_ct("", "", 0));
    char one[40], other[40];
    memset(one, 'a', sizeof one);
    for (size_t i = 0; i < sizeof one; i++) { /* each byte counts, in whole words and in the rest */
        memcpy(other, one, sizeof one);
        other[i] ^= 1;
        assert_true(!bytes_equal_ct(one, other, 40) && !bytes_equal_ct(one, other, i + 1) &&
                    bytes_equal_ct(one, other, i));
    }
}

static void test_err_table(void **s) {
    (void)s;
    struct err e;
    assert_false(err_set(&e, ERR_NOT_FOUND, "no %s", "table"));
    assert_int_equal(e.http, 404);
    assert_string_equal(e.slug, "not_found");
    assert_string_equal(e.detail, "no table");
    assert_int_equal(err_close(ERR_ROLE_CHANGED), 4004);
    for (int i = 1; i < ERR_COUNT; i++) {
        assert_in_range(err_http((enum err_code)i), 400, 599);
        assert_true(strlen(err_slug((enum err_code)i)) > 2 &&
                    strlen(err_title((enum err_code)i)) > 5);
        for (int k = 1; k < i; k++)
            assert_string_not_equal(err_slug((enum err_code)i), err_slug((enum err_code)k));
    }
}

static void test_err_set_may_quote_itself(void **s) {
    (void)s;
    struct err e;
    err_set(&e, ERR_CONFLICT, "inner");
    err_set(&e, ERR_INTERNAL, "outer: %s", e.detail);
    assert_string_equal(e.detail, "outer: inner");
}

static void test_err_from_the_database(void **s) {
    (void)s;
    struct err e;
    err_db(&e, 409, "table_occupied", "The table is occupied.");
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_string_equal(e.slug, "table_occupied");
    err_db(&e, 409, "version_conflict", "");
    assert_int_equal(e.code, ERR_VERSION_CONFLICT);
    err_db(&e, 401, "role_changed", "");
    assert_int_equal(e.code, ERR_ROLE_CHANGED);
    err_db(&e, 500, "whatever", "secret");
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_int_equal(e.http, 500);
    assert_string_equal(e.slug, "internal");
    assert_string_equal(e.detail, "");
    err_db(&e, 200, "odd", "secret");
    assert_int_equal(e.http, 500);
}

static void test_err_problem_is_json(void **s) {
    (void)s;
    struct err e;
    struct str out = STR_INIT;
    err_clear(&e);
    for (int i = 0; i < ERR_FIELDS_MAX + 3; i++)
        assert_false(
            err_field(&e, i ? "items[0].quantity" : "na\"me", "range", "must be %d to %d", 1, 9));
    char state[] = "{\"version\":3}";
    e.state = state;
    err_problem(&e, "req-1", &out);
    struct err bad;
    struct json *v = json_parse(str_c(&out), out.len, &bad);
    assert_non_null(v);
    int64_t status;
    assert_true(json_int(json_get(v, "status"), &status) && status == 422);
    assert_string_equal(json_string(json_get(v, "code"), NULL), "invalid_field");
    assert_string_equal(json_string(json_get(v, "instance"), NULL), "/requests/req-1");
    assert_int_equal(json_length(json_get(v, "errors")), ERR_FIELDS_MAX);
    assert_string_equal(json_string(json_get(json_at(json_get(v, "errors"), 0), "field"), NULL),
                        "na\"me");
    assert_non_null(json_get(json_get(v, "current"), "version"));
    json_free(v);
    str_free(&out);
}

/* Runs `f` with stderr going to a file and gives back what was written. */
static char *stderr_of(void (*f)(void)) {
    static char text[4096];
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    f();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void log_forgery(void) {
    log_init("unit", LOG_INFO);
    log_event(LOG_DEBUG, "not shown", NULL);
    log_event(LOG_INFO, "ready", "port", "8081", "name", "a\nlevel=error msg=\"forged\"", "none",
              "", NULL);
    log_fmt(LOG_WARN, "figures", "ratio", "%d of %d", 1, 2);
}

static void test_log_lines_can_not_be_forged(void **s) {
    (void)s;
    char *text = stderr_of(log_forgery);
    assert_null(strstr(text, "not shown"));
    char *first_end = strchr(text, '\n');
    assert_non_null(strstr(text, "level=info program=unit"));
    assert_non_null(
        strstr(text, "port=8081 name=\"a\\x0alevel=error msg=\\\"forged\\\"\" none=\"\"\n"));
    assert_non_null(strstr(first_end, "msg=figures ratio=\"1 of 2\"\n"));
    assert_int_equal(strlen(first_end + 1),
                     strcspn(first_end + 1, "\n") + 1); /* two lines in all */
}

static void test_clock_texts(void **s) {
    (void)s;
    char buf[64];
    assert_string_equal(clock_iso_ms(1795195865123, buf), "2026-11-20T17:31:05.123Z");
    assert_string_equal(clock_iso_ms(-1, buf), "1969-12-31T23:59:59.999Z");
    assert_string_equal(clock_http(1795195865, buf, sizeof buf), "Fri, 20 Nov 2026 17:31:05 GMT");
    uint64_t a = clock_mono_us(), b = clock_mono_us();
    assert_true(b >= a);
    assert_true(clock_wall_s() > 1700000000);
}

static void test_clock_dates(void **s) {
    (void)s;
    static const char *const good[] = {"2026-11-20", "2024-02-29", "2000-02-29", "0001-01-01"};
    static const char *const bad[] = {"2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10",
                                      "2026-11-31", "26-11-20",   "2026-1-2",   "2026-11-20 ",
                                      "2026/11/20", "",           "0000-01-01", "+026-01-01"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clock_parse_date(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_parse_date(bad[i]));
    assert_false(clock_parse_date(NULL));
}

static void test_clock_instants(void **s) {
    (void)s;
    static const char *const good[] = {"2026-11-20T19:00:00Z", "2026-11-20T19:00:00.123456+01:00",
                                       "2026-11-20t19:00:00z", "2026-11-20T19:00-05:30"};
    static const char *const bad[] = {"2026-11-20T19:00:00",       "2026-11-20 19:00:00Z",
                                      "2026-02-30T19:00:00Z",      "2026-11-20T24:00:00Z",
                                      "2026-11-20T19:60:00Z",      "2026-11-20T19:00:00.Z",
                                      "2026-11-20T19:00:00+25:00", "2026-11-20T19:00:00+0100",
                                      "2026-11-20T19:00:00Z ",     "2026-11-20",
                                      "2026-11-20T19:00:61Z"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clock_parse_instant(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_parse_instant(bad[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_is_aligned_and_zeroed),
        cmocka_unit_test(test_arena_reset_keeps_the_first_block),
        cmocka_unit_test(test_arena_texts),
        cmocka_unit_test(test_str_grows),
        cmocka_unit_test(test_str_to_int64),
        cmocka_unit_test(test_int_text),
        cmocka_unit_test(test_percent_decoding),
        cmocka_unit_test(test_str_comparisons),
        cmocka_unit_test(test_err_table),
        cmocka_unit_test(test_err_set_may_quote_itself),
        cmocka_unit_test(test_err_from_the_database),
        cmocka_unit_test(test_err_problem_is_json),
        cmocka_unit_test(test_log_lines_can_not_be_forged),
        cmocka_unit_test(test_clock_texts),
        cmocka_unit_test(test_clock_dates),
        cmocka_unit_test(test_clock_instants),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
