/* test_rt_deflate.c - shared deflate streams: every peer's window suffices, and nothing inflates
 * too far. */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "link/deflate.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

static struct deflate *shared;

static int setup(void **state) {
    (void)state;
    shared = deflate_new();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    deflate_free(shared);
    return 0;
}

/* Text with repetitions at every distance, so that a window that is too small would be noticed. */
static char *text_of(size_t len) {
    char *t = x_alloc(len + 1);
    srandom(11);
    for (size_t i = 0; i < len; i++)
        t[i] = i > 20 && random() % 3 ? t[i - 1 - (size_t)random() % (i < 600 ? i : 600)]
                                      : (char)('a' + random() % 26);
    return t;
}

/* A peer's own inflate with no more window than it said. */
static void peer_inflates(int bits, const struct str *z, const char *want, size_t len) {
    z_stream in = {0};
    assert_int_equal(inflateInit2(&in, -bits), Z_OK);
    struct str with_tail = STR_INIT;
    str_put(&with_tail, z->p, z->len);
    str_put(&with_tail, "\x00\x00\xff\xff", 4);
    char *out = x_alloc(len + 1);
    in.next_in = (Bytef *)with_tail.p;
    in.avail_in = (uInt)with_tail.len;
    in.next_out = (Bytef *)out;
    in.avail_out = (uInt)len + 1;
    int r = inflate(&in, Z_SYNC_FLUSH);
    if (r != Z_OK && r != Z_BUF_ERROR)
        fail_msg("%d bits, %zu bytes: %s", bits, len, in.msg);
    assert_int_equal(in.total_out, len);
    assert_memory_equal(out, want, len);
    inflateEnd(&in);
    x_free(out);
    str_free(&with_tail);
}

static void each_window_can_inflate_its_form(void **state) {
    (void)state;
    static const size_t sizes[] = {1,   5,   64,   200,  256,   257,   400,
                                   512, 513, 1000, 5000, 40000, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = text_of(sizes[i]);
        for (int bits = 8; bits <= 15; bits++) {
            struct str z = STR_INIT;
            deflate_payload(shared, deflate_form(bits, sizes[i]), text, sizes[i], &z);
            peer_inflates(bits, &z, text, sizes[i]);
            str_free(&z);
        }
        x_free(text);
    }
}

static void small_payloads_have_one_form_for_all_but_8_bits(void **state) {
    (void)state;
    for (int bits = 9; bits <= 15; bits++)
        assert_int_equal(deflate_form(bits, 512), FORM_DEFLATE_15);
    assert_int_equal(deflate_form(8, 300), FORM_DEFLATE_9);
    assert_int_equal(deflate_form(14, 513), FORM_DEFLATE_9);
    assert_int_equal(deflate_form(15, 100000), FORM_DEFLATE_15);
}

static void comes_back_through_the_shared_stream(void **state) {
    (void)state;
    for (size_t len = 0; len < 100000; len = len * 2 + 1) {
        char *text = text_of(len);
        struct str z = STR_INIT, back = STR_INIT;
        str_puts(&back, "before");
        deflate_payload(shared, FORM_DEFLATE_15, text, len, &z);
        assert_int_equal(deflate_inflate(shared, z.p, z.len, len, &back), INFLATE_OK);
        assert_int_equal(back.len, 6 + len);
        assert_memory_equal(back.p + 6, text, len);
        str_clear(&back);
        if (len)
            assert_int_equal(deflate_inflate(shared, z.p, z.len, len - 1, &back),
                             INFLATE_TOO_LARGE);
        str_free(&z);
        str_free(&back);
        x_free(text);
    }
}

static void a_bomb_stops_at_the_limit(void **state) {
    (void)state;
    size_t len = 32u << 20;
    char *zeros = x_alloc(len);
    struct str z = STR_INIT, out = STR_INIT;
    deflate_payload(shared, FORM_DEFLATE_15, zeros, len, &z);
    assert_true(z.len < 64000);
    assert_int_equal(deflate_inflate(shared, z.p, z.len, 16384, &out), INFLATE_TOO_LARGE);
    assert_true(out.len <= 16384);
    str_free(&z);
    str_free(&out);
    x_free(zeros);
}

static void rubbish_is_bad_and_leaves_the_stream_usable(void **state) {
    (void)state;
    srandom(5);
    for (int i = 0; i < 2000; i++) {
        unsigned char bytes[40];
        size_t len = 1 + (size_t)random() % sizeof bytes;
        for (size_t k = 0; k < len; k++)
            bytes[k] = (unsigned char)random();
        struct str out = STR_INIT;
        (void)deflate_inflate(shared, bytes, len, 100000, &out);
        assert_true(out.len <= 100000);
        str_free(&out);
    }
    struct str z = STR_INIT, back = STR_INIT;
    deflate_payload(shared, FORM_DEFLATE_9, "still good", 10, &z);
    assert_int_equal(deflate_inflate(shared, z.p, z.len, 100, &back), INFLATE_OK);
    assert_string_equal(back.p, "still good");
    assert_int_equal(deflate_inflate(shared, z.p, z.len - 3, 100, &back), INFLATE_BAD);
    str_free(&z);
    str_free(&back);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_window_can_inflate_its_form, setup, teardown),
        cmocka_unit_test(small_payloads_have_one_form_for_all_but_8_bits),
        cmocka_unit_test_setup_teardown(comes_back_through_the_shared_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bomb_stops_at_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(rubbish_is_bad_and_leaves_the_stream_usable, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
