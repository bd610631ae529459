/* test_eio_payload.c - Engine.IO's payloads: packets taken apart in place, base64, what is refused,
 * and what is written. */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "link/engineio_payload.h"

#include <string.h>

/* All packets of a payload as one text: "4:hello b:\1\2 !", `!` for a bad one. The payload stands
 * in memory of just its size, so that the sanitizer sees a step too far. */
static const char *spelled(const char *bytes, size_t len) {
    static struct str out = STR_INIT;
    char *text = x_alloc(len + 1);
    memcpy(text, bytes, len);
    struct eio_payload p;
    struct eio_packet k;
    enum eio_step step;
    str_clear(&out);
    str_puts(&out, "");
    eio_payload_begin(&p, text, len);
    while ((step = eio_payload_next(&p, &k)) == EIO_STEP_PACKET) {
        assert_int_equal(k.text[k.len], '\0');
        str_printf(&out, "%s%c:", out.len ? " " : "", k.binary ? 'b' : '0' + (char)k.type);
        str_put(&out, k.text, k.len);
    }
    if (step == EIO_STEP_BAD)
        str_puts(&out, out.len ? " !" : "!");
    assert_int_equal(eio_payload_next(&p, &k), step);
    x_free(text);
    return str_c(&out);
}

static void packets_are_taken_apart(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"4hello", "4:hello"},
        {"4", "4:"},
        {"3", "3:"},
        {"2probe", "2:probe"},
        {"4a\x1e"
         "4b\x1e"
         "1",
         "4:a 4:b 1:"},
        {"4\xe2\x82\xac", "4:\xe2\x82\xac"},
        {"bAQIDBA==", "b:\1\2\3\4"},
        {"bAQIDBA", "b:\1\2\3\4"}, /* without its padding */
        {"bAQID", "b:\1\2\3"},
        {"bAQI=", "b:\1\2"},
        {"b", "b:"},
        {"4hello\x1e"
         "bAQID\x1e"
         "4x",
         "4:hello b:\1\2\3 4:x"},
        {"", "!"},
        {"abc", "!"},
        {"7", "!"},
        {"4a\x1e", "4:a !"}, /* an empty packet is none */
        {"4a\x1e\x1e"
         "4b",
         "4:a !"},
        {"bA", "!"},
        {"bAQID=", "!"},
        {"bAQ=D", "!"},
        {"bAQI*", "!"},
        {"b====", "!"},
        {"4\xff", "!"}, /* no UTF-8 */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(spelled(table[i][0], strlen(table[i][0])), table[i][1]);
}

static void what_is_put_is_what_is_taken(void **state) {
    (void)state;
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t len = 0; len < sizeof bytes; len++) {
        struct str out = STR_INIT;
        struct eio_payload p;
        struct eio_packet k;
        eio_payload_put(&out, "4text", 5, false);
        eio_payload_put(&out, (const char *)bytes, len, true);
        eio_payload_begin(&p, out.p, out.len);
        assert_int_equal(eio_payload_next(&p, &k), EIO_STEP_PACKET);
        assert_string_equal(k.text, "text");
        assert_int_equal(eio_payload_next(&p, &k), EIO_STEP_PACKET);
        assert_true(k.binary);
        assert_int_equal(k.len, len);
        assert_memory_equal(k.text, bytes, len);
        assert_int_equal(eio_payload_next(&p, &k), EIO_STEP_END);
        str_free(&out);
    }
}

static void base64_is_what_others_make(void **state) {
    (void)state;
    struct str out = STR_INIT;
    eio_payload_put(&out, "\1\2\3\4", 4, true);
    eio_payload_put(&out, "\xfb\xff\xfe", 3, true);
    eio_payload_put(&out, "", 0, true);
    assert_string_equal(out.p, "bAQIDBA==\x1e"
                               "b+//+\x1e"
                               "b");
    str_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_taken_apart),
        cmocka_unit_test(what_is_put_is_what_is_taken),
        cmocka_unit_test(base64_is_what_others_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
