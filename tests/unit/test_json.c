/* test_json.c - strict JSON: each laxity of json-c in LIBRARIES.md section 8 is one test, and
 * what is valid comes through unharmed. */
#include <config.h>

#include "unit.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static struct json *parse_n(const char *text, size_t len, struct err *e) {
    /* A copy without a NUL behind it, so that a sanitizer sees a read beyond the length. */
    char *copy = x_alloc(len);
    memcpy(copy, text, len);
    struct json *v = json_parse(copy, len, e);
    x_free(copy);
    return v;
}

static void refused_n(const char *text, size_t len, const char *reason) {
    struct err e;
    struct json *v = parse_n(text, len, &e);
    if (v)
        fail_msg("accepted: %.*s", (int)len, text);
    assert_int_equal(e.code, ERR_INVALID_JSON);
    if (!strstr(e.detail, reason))
        fail_msg("%.*s: refused with \"%s\", not with \"%s\"", (int)len, text, e.detail, reason);
}

static void refused(const char *text, const char *reason) {
    refused_n(text, strlen(text), reason);
}

/* Parses and writes again. */
static void comes_back(const char *text, const char *want) {
    struct err e;
    struct str out = STR_INIT;
    struct json *v = parse_n(text, strlen(text), &e);
    if (!v)
        fail_msg("%s: %s", text, e.detail);
    json_write(v, &out);
    assert_string_equal(str_c(&out), want);
    str_free(&out);
    json_free(v);
}

static void test_single_quoted_keys(void **s) {
    (void)s;
    refused("{'a':1}", "double quotes");
    refused("{\"b\":2,'a':1}", "double quotes");
    refused("['a']", "value is expected");
    refused("{a:1}", "double quotes");
}

static void test_duplicate_keys(void **s) {
    (void)s;
    refused("{\"a\":1,\"a\":1}", "same key twice");
    refused("{\"a\":1,\"\\u0061\":2}", "same key twice");
    refused("{\"x\":[{\"a\":{\"b\":1},\"a\":{\"b\":1,\"c\":2}}]}", "same key twice");
    comes_back("{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}");
}

static void test_raw_control_characters(void **s) {
    (void)s;
    for (char c = 1; c < 0x20; c++) {
        char text[] = "[\"a b\"]";
        text[3] = c;
        refused(text, "control character");
    }
    refused("{\"a\nb\":1}", "control character");
    refused_n("[\"a\0b\"]", 7, "control character");
    refused_n("[1\0]", 4, "comma");
    refused_n("1\0", 2, "text follows");
    comes_back("[\"a\x7f\"]", "[\"a\\u007f\"]");
}

static void test_not_a_number(void **s) {
    (void)s;
    static const char *const texts[] = {"NaN",        "Infinity", "-Infinity", "nan", "[-NaN]",
                                        "[Infinity]", "-",        "+1",        ".5",  "[- 1]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i], "value is expected");
    refused("0x10", "text follows");
}

static void test_incomplete_numbers(void **s) {
    (void)s;
    refused("1.", "decimal point");
    refused("[1.e5]", "decimal point");
    refused("1e", "exponent");
    refused("1e+", "exponent");
    refused("01", "leading zeros");
    refused("-01", "leading zeros");
    comes_back("[0,-0.5,1.25e2,10E-1]", "[0,-0.5,1.25e2,10E-1]");
}

static void test_numbers_beyond_a_double(void **s) {
    (void)s;
    refused("1e400", "out of range");
    refused("{\"a\":[-1e309]}", "out of range");
    comes_back("1e-400", "1e-400"); /* zero, and finite */
}

static void test_integers_beyond_64_bits(void **s) {
    (void)s;
    struct err e;
    int64_t n;
    refused("9223372036854775808", "integer is out of range");
    refused("-9223372036854775809", "integer is out of range");
    refused("[18446744073709551615]", "integer is out of range");
    refused("100000000000000000000000", "integer is out of range");
    struct json *v = json_parse("-9223372036854775808", 20, &e);
    assert_true(json_int(v, &n) && n == INT64_MIN);
    json_free(v);
    v = json_parse("9223372036854775807", 19, &e);
    assert_true(json_int(v, &n) && n == INT64_MAX);
    json_free(v);
}

static void test_lone_surrogates(void **s) {
    (void)s;
    refused("\"\\ud800\"", "surrogate");
    refused("\"\\udc00\"", "surrogate");
    refused("\"\\ud800\\ud800\"", "surrogate");
    refused("\"\\ud83dx\"", "surrogate");
    refused("\"\\ud83d\\n\"", "surrogate");
    refused("\"\xed\xa0\x80\"", "UTF-8"); /* the same, encoded */
    comes_back("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"");
}

static void test_escaped_nul(void **s) {
    (void)s;
    refused("\"a\\u0000b\"", "U+0000");
    refused("{\"a\\u0000\":1}", "U+0000");
}

static void test_trailing_text(void **s) {
    (void)s;
    refused("1 2", "text follows");
    refused("{} {}", "text follows");
    refused("[1],", "text follows");
    refused("nulll", "text follows");
    refused("", "value is expected");
    refused("  ", "value is expected");
    refused("\xef\xbb\xbf{}", "value is expected"); /* a byte order mark */
    comes_back(" \t\r\n{ } \n", "{}");
}

static void test_extensions(void **s) {
    (void)s;
    refused("[1,]", "value is expected");
    refused("{\"a\":1,}", "double quotes");
    refused("[,1]", "value is expected");
    refused("[1 2]", "comma");
    refused("{\"a\" 1}", "colon");
    refused("// c\n1", "value is expected");
    refused("/* c */1", "value is expected");
    refused("TRUE", "value is expected");
    refused("True", "value is expected");
    refused("tru", "value is expected");
    refused("\"\\x41\"", "no such escape");
    refused("\"\\u12g4\"", "hexadecimal");
    refused("\"\\u12", "hexadecimal");
    refused("\"abc", "does not end");
    refused("\"abc\\", "no such escape");
    refused("[1", "comma");
    refused("{\"a\":", "value is expected");
    refused("]", "value is expected");
    refused("[}", "value is expected");
    refused("[1}", "comma");
    refused("\v1", "value is expected");
}

static void test_invalid_utf8(void **s) {
    (void)s;
    refused("\"\xff\"", "UTF-8");
    refused("\"\xc0\xaf\"", "UTF-8");         /* overlong */
    refused("\"\xe0\x80\xaf\"", "UTF-8");     /* overlong */
    refused("\"\xf4\x90\x80\x80\"", "UTF-8"); /* beyond U+10FFFF */
    refused("\"\xe2\x82\"", "UTF-8");
    refused_n("\"\xe2\x82", 3, "UTF-8"); /* cut short at the end of the text */
}

static void nested(size_t depth, char *text) {
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
}

static void test_depth(void **s) {
    (void)s;
    char text[200001];
    nested(32, text);
    comes_back(text, text);
    nested(33, text);
    refused(text, "too deeply");
    nested(100000, text);
    refused(text, "too deeply");
}

static void test_getters_never_coerce(void **s) {
    (void)s;
    struct err e;
    int64_t n;
    double d;
    bool b;
    const char *text = "{\"text\":\"12\",\"real\":12.0,\"int\":12,\"yes\":true,\"null\":null}";
    struct json *v = parse_n(text, strlen(text), &e);
    assert_non_null(v);
    assert_false(json_int(json_get(v, "text"), &n));
    assert_false(json_int(json_get(v, "real"), &n));
    assert_false(json_int(json_get(v, "yes"), &n));
    assert_false(json_int(json_get(v, "null"), &n));
    assert_false(json_int(json_get(v, "absent"), &n));
    assert_false(json_double(json_get(v, "text"), &d));
    assert_false(json_bool(json_get(v, "int"), &b));
    assert_null(json_string(json_get(v, "int"), NULL));
    assert_true(json_int(json_get(v, "int"), &n) && n == 12);
    assert_true(json_double(json_get(v, "int"), &d) && d == 12.0);
    assert_int_equal(json_type_of(json_get(v, "real")), JSON_DOUBLE);
    json_free(v);
}

static void test_null_is_not_absent(void **s) {
    (void)s;
    struct err e;
    struct json *v = parse_n("{\"a\":null,\"b\":[null]}", 21, &e);
    assert_non_null(json_get(v, "a"));
    assert_int_equal(json_type_of(json_get(v, "a")), JSON_NULL);
    assert_null(json_get(v, "c"));
    assert_non_null(json_at(json_get(v, "b"), 0));
    assert_null(json_at(json_get(v, "b"), 1));
    json_free(v);
    v = parse_n("null", 4, &e);
    assert_non_null(v);
    assert_int_equal(json_type_of(v), JSON_NULL);
    json_free(v);
    comes_back("[null,{\"a\":null}]", "[null,{\"a\":null}]");
}

static void test_bare_scalars(void **s) {
    (void)s;
    comes_back("12", "12");
    comes_back("-0", "0");
    comes_back("true", "true");
    comes_back("\"a/b\"", "\"a/b\"");
    comes_back("1.50", "1.50");
}

static void put(const char *text, size_t len, const char *want) {
    struct str out = STR_INIT;
    json_put_string_n(&out, text, len);
    assert_string_equal(str_c(&out), want);
    str_free(&out);
}

static void test_writing_escapes(void **s) {
    (void)s;
    put("a\"b\\c/\b\f\n\r\t\x01", 12, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\"");
    put("a\0b", 3, "\"a\\u0000b\"");
    put("\xe2\x80\xa8\xe2\x80\xa9", 6, "\"\\u2028\\u2029\"");
    put("caf\xc3\xa9 \xf0\x9f\x98\x80", 10, "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    put("a\xffz\xe2\x82", 5, "\"a\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\"");
}

static bool stop_at_b(const char *key, const struct json *v, void *ctx) {
    (void)v;
    str_puts(ctx, key);
    return strcmp(key, "b") != 0;
}

static void test_members_in_order(void **s) {
    (void)s;
    struct err e;
    struct str keys = STR_INIT;
    const char *text = "{\"z\":1,\"a\":2,\"b\":3,\"c\":4}";
    struct json *v = parse_n(text, strlen(text), &e);
    json_each(v, stop_at_b, &keys);
    assert_string_equal(str_c(&keys), "zab");
    str_free(&keys);
    json_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_quoted_keys),
        cmocka_unit_test(test_duplicate_keys),
        cmocka_unit_test(test_raw_control_characters),
        cmocka_unit_test(test_not_a_number),
        cmocka_unit_test(test_incomplete_numbers),
        cmocka_unit_test(test_numbers_beyond_a_double),
        cmocka_unit_test(test_integers_beyond_64_bits),
        cmocka_unit_test(test_lone_surrogates),
        cmocka_unit_test(test_escaped_nul),
        cmocka_unit_test(test_trailing_text),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_invalid_utf8),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_getters_never_coerce),
        cmocka_unit_test(test_null_is_not_absent),
        cmocka_unit_test(test_bare_scalars),
        cmocka_unit_test(test_writing_escapes),
        cmocka_unit_test(test_members_in_order),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
