/* test_rt_handshake.c - header fields of the opening handshake, and UTF-8. */
#include "config.h"

#include "unit.h"

#include "link/handshake.h"
#include "link/utf8.h"

#include <string.h>

static void the_key_of_the_rfc_gives_its_accept(void **state) {
    (void)state;
    char out[HANDSHAKE_ACCEPT_MAX];
    assert_true(handshake_accept("dGhlIHNhbXBsZSBub25jZQ==", out));
    assert_string_equal(out, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void what_is_no_key_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25j ZQ=",
        "dGhlIHNhbXBsZSBub25jZQ==, x",
        "-GhlIHNhbXBsZSBub25jZQ==",
    };
    char out[HANDSHAKE_ACCEPT_MAX];
    assert_false(handshake_accept(NULL, out));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (handshake_accept(bad[i], out))
            fail_msg("accepted: %s", bad[i]);
}

static void lists_are_read_by_word(void **state) {
    (void)state;
    assert_true(handshake_has("Upgrade", "upgrade"));
    assert_true(handshake_has("keep-alive , UPGRADE", "upgrade"));
    assert_true(handshake_has(" ,, upgrade", "upgrade"));
    assert_false(handshake_has("upgraded", "upgrade"));
    assert_false(handshake_has("not upgrade", "upgrade"));
    assert_false(handshake_has("", "upgrade"));
    assert_false(handshake_has(NULL, "upgrade"));
}

static void offers_of_deflate(void **state) {
    (void)state;
    static const struct {
        const char *offer;
        int bits;
    } table[] = {
        {NULL, 0},
        {"", 0},
        {",", 0},
        {"permessage-deflate", 15},
        {"Permessage-Deflate", 15},
        {"permessage-deflate;server_max_window_bits=8", 8},
        {"permessage-deflate ; server_max_window_bits = \"9\" ;client_max_window_bits", 9},
        {"permessage-deflate;server_max_window_bits=10;server_max_window_bits=10", 0},
        {"permessage-deflate;server_max_window_bits=", 0},
        {"permessage-deflate;server_max_window_bits=\"", 0},
        {"permessage-deflate;server_max_window_bits=008", 0},
        {"permessage-deflate=1", 0},
        {"permessage-deflate;;", 0},
        {"permessage-deflate;@, permessage-deflate", 0},
        {"x;permessage-deflate", 0},
        {"permessage-deflate;client_max_window_bits=99,permessage-deflate;client_max_window_bits",
         15},
    };
    char answer[HANDSHAKE_ANSWER_MAX];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int bits = handshake_deflate(table[i].offer, answer);
        if (bits != table[i].bits)
            fail_msg("%s: %d bits, not %d", table[i].offer, bits, table[i].bits);
    }
    /* Words longer than the scanner keeps must not pass for shorter ones. */
    char large[400];
    memset(large, 'x', sizeof large);
    memcpy(large, "permessage-deflate;", 19);
    large[sizeof large - 1] = '\0';
    assert_int_equal(handshake_deflate(large, answer), 0);
}

static void the_subprotocol_that_carries_a_token(void **state) {
    (void)state;
    char out[8];
    assert_true(handshake_bearer("bearer, abc", out, sizeof out));
    assert_string_equal(out, "abc");
    assert_true(handshake_bearer(" Bearer ,abc , chat", out, sizeof out));
    assert_string_equal(out, "abc");
    assert_false(handshake_bearer("bearer, too-long-for-it", out, sizeof out));
    assert_false(handshake_bearer("bearer", out, sizeof out));
    assert_false(handshake_bearer("bearer,", out, sizeof out));
    assert_false(handshake_bearer("bearers, abc", out, sizeof out));
    assert_false(handshake_bearer("chat, abc", out, sizeof out));
    assert_false(handshake_bearer(NULL, out, sizeof out));
}

static void whose_page_it_is(void **state) {
    (void)state;
    assert_true(handshake_same_origin("http://a.example", "a.example"));
    assert_true(handshake_same_origin("https://A.example", "a.EXAMPLE:443"));
    assert_true(handshake_same_origin("http://a.example:8080", "a.example:8080"));
    assert_false(handshake_same_origin("http://a.example:8080", "a.example"));
    assert_false(handshake_same_origin("http://a.example.evil", "a.example"));
    assert_false(handshake_same_origin("http://evil/a.example", "a.example"));
    assert_false(handshake_same_origin("null", "null"));
    assert_false(handshake_same_origin("http://", ""));
    assert_false(handshake_same_origin(NULL, "a.example"));
    assert_false(handshake_same_origin("http://a.example", NULL));
}

static void utf8(void **state) {
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "0123456\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "12345678\xc3\xa9",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x41",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "12345678\xfe",
        "1234567\xc3",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (utf8_valid(bad[i], strlen(bad[i])))
            fail_msg("bad[%zu] passed", i);
    assert_true(utf8_valid("a\0b", 3)); /* NUL is a character */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_of_the_rfc_gives_its_accept),
        cmocka_unit_test(what_is_no_key_is_refused),
        cmocka_unit_test(lists_are_read_by_word),
        cmocka_unit_test(offers_of_deflate),
        cmocka_unit_test(the_subprotocol_that_carries_a_token),
        cmocka_unit_test(whose_page_it_is),
        cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
