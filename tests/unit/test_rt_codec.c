/* test_rt_codec.c - frames through the codec at every split point; when it may go back to the pool.
 */
#include "config.h"

#include "unit.h"

#include "base/mem.h"
#include "link/ws_codec.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 1000

static struct str heard;
static struct codec_pool *pool;
static struct codec *refuse_in; /* codec that the sink refuses the next message of */

static void on_message(void *owner, const struct codec_message *m) {
    assert_ptr_equal(owner, &heard);
    assert_int_equal(m->text[m->len], '\0');
    str_printf(&heard, "%s%s:%s ", m->binary ? "bin" : "text", m->deflated ? "z" : "", m->text);
    if (refuse_in)
        codec_refuse(refuse_in, 1007);
}

static void on_ping(void *owner, const uint8_t *payload, size_t len) {
    assert_ptr_equal(owner, &heard);
    str_printf(&heard, "ping:%.*s ", (int)len, (const char *)payload);
}

static int setup(void **state) {
    (void)state;
    static const struct codec_sink sink = {.message = on_message, .ping = on_ping};
    pool = codec_pool_new(&sink);
    str_clear(&heard);
    refuse_in = NULL;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    codec_pool_free(pool);
    str_free(&heard);
    return 0;
}

static struct codec *take(bool deflate) {
    return codec_take(pool, &heard, MESSAGE_MAX, deflate);
}

/* A masked client frame. */
static void frame_put(struct str *out, int first, const char *payload, size_t len) {
    static const char key[4] = {0x12, 0x34, 0x56, 0x78};
    str_putc(out, (char)first);
    if (len < 126) {
        str_putc(out, (char)(0x80 | len));
    } else {
        str_putc(out, (char)(0x80 | 126));
        str_putc(out, (char)(len >> 8));
        str_putc(out, (char)len);
    }
    str_put(out, key, 4);
    for (size_t i = 0; i < len; i++)
        str_putc(out, (char)(payload[i] ^ key[i & 3]));
}

static enum codec_state feed(struct codec *c, const void *bytes, size_t len, int *code) {
    const struct str *reply;
    return codec_feed(c, bytes, len, &reply, code);
}

static void conversation(struct str *out) {
    frame_put(out, 0x81, "hi", 2);
    frame_put(out, 0x01, "one ", 4);
    frame_put(out, 0x89, "p", 1);
    frame_put(out, 0x00, "", 0);
    frame_put(out, 0x80, "two", 3);
    frame_put(out, 0x82, "\xff", 1);
    frame_put(out, 0x81, "", 0);
}
static const char conversation_heard[] = "text:hi ping:p text:one two bin:\xff text: ";

static void every_split_point_gives_the_same(void **state) {
    (void)state;
    struct str bytes = STR_INIT;
    conversation(&bytes);
    for (size_t cut = 0; cut <= bytes.len; cut++) {
        int code;
        struct codec *c = take(false);
        str_clear(&heard);
        (void)feed(c, bytes.p, cut, &code);
        assert_int_equal(feed(c, bytes.p + cut, bytes.len - cut, &code), CODEC_IDLE);
        assert_string_equal(heard.p, conversation_heard);
        codec_give(c);
    }
    str_free(&bytes);
}

static void idle_exactly_between_messages(void **state) {
    (void)state;
    struct str bytes = STR_INIT;
    frame_put(&bytes, 0x81, "hi", 2); /* 8 bytes */
    frame_put(&bytes, 0x01, "a", 1);  /* 7 bytes, opens a message */
    frame_put(&bytes, 0x89, "", 0);   /* 6 bytes within it */
    frame_put(&bytes, 0x80, "b", 1);  /* 7 bytes, ends it */
    struct codec *c = take(false);
    for (size_t i = 0; i < bytes.len; i++) {
        int code;
        bool idle = i + 1 == 8 || i + 1 == bytes.len;
        assert_int_equal(feed(c, bytes.p + i, 1, &code), idle ? CODEC_IDLE : CODEC_INSIDE);
    }
    codec_give(c);
    struct codec *again = take(false);
    assert_ptr_equal(again, c); /* it did go back to the pool */
    codec_give(again);
    str_free(&bytes);
}

static void one_in_the_middle_is_not_used_again(void **state) {
    (void)state;
    int code;
    struct codec *c = take(false);
    assert_int_equal(feed(c, "\x81\x85", 2, &code), CODEC_INSIDE);
    codec_give(c);
    c = take(false);
    struct str bytes = STR_INIT;
    frame_put(&bytes, 0x81, "fresh", 5);
    assert_int_equal(feed(c, bytes.p, bytes.len, &code), CODEC_IDLE);
    assert_string_equal(heard.p, "text:fresh ");
    codec_give(c);
    str_free(&bytes);
}

static void rsv1_only_where_deflate_was_agreed(void **state) {
    (void)state;
    struct str bytes = STR_INIT;
    int code;
    frame_put(&bytes, 0xC1, "z", 1);
    struct codec *c = take(true);
    assert_int_equal(feed(c, bytes.p, bytes.len, &code), CODEC_IDLE);
    assert_string_equal(heard.p, "textz:z ");
    codec_give(c);
    c = take(false); /* the same context again */
    assert_int_equal(feed(c, bytes.p, bytes.len, &code), CODEC_FAILED);
    assert_int_equal(code, 1002);
    codec_give(c);
    str_free(&bytes);
}

static void replies_with_one_close_frame(void **state) {
    (void)state;
    struct str bytes = STR_INIT;
    const struct str *reply;
    int code;
    frame_put(&bytes, 0x89, "x", 1); /* its pong is the sink's business */
    frame_put(&bytes, 0x88, "\x0f\xa1why", 5);
    struct codec *c = take(false);
    assert_int_equal(codec_feed(c, bytes.p, bytes.len, &reply, &code), CODEC_CLOSED);
    assert_int_equal(code, 4001);
    assert_int_equal(reply->len, 7);
    assert_memory_equal(reply->p, "\x88\x05\x0f\xa1why", 7);
    codec_give(c);
    str_clear(&bytes);
    frame_put(&bytes, 0x81, "bad", 3);
    c = refuse_in = take(false);
    assert_int_equal(codec_feed(c, bytes.p, bytes.len, &reply, &code), CODEC_FAILED);
    assert_int_equal(code, 1007);
    assert_memory_equal(reply->p, "\x88\x02\x03\xef", 4);
    codec_give(c);
    str_free(&bytes);
}

static void fragments_are_bounded_even_when_empty(void **state) {
    (void)state;
    struct str bytes = STR_INIT;
    int code;
    frame_put(&bytes, 0x01, "", 0);
    for (int i = 0; i < MESSAGE_MAX + 1; i++)
        frame_put(&bytes, 0x00, "", 0);
    struct codec *c = take(false);
    assert_int_equal(feed(c, bytes.p, bytes.len, &code), CODEC_FAILED);
    assert_int_equal(code, 1009);
    codec_give(c);
    str_free(&bytes);
}

static void messages_up_to_the_limit(void **state) {
    (void)state;
    static char text[MESSAGE_MAX + 1];
    memset(text, 'x', sizeof text);
    for (size_t len = MESSAGE_MAX; len <= MESSAGE_MAX + 1; len++) {
        struct str bytes = STR_INIT;
        int code;
        frame_put(&bytes, 0x82, text, len);
        struct codec *c = take(false);
        bool fits = len <= MESSAGE_MAX;
        assert_int_equal(feed(c, bytes.p, bytes.len, &code), fits ? CODEC_IDLE : CODEC_FAILED);
        codec_give(c);
        str_free(&bytes);
    }
}

static void headers_are_minimal(void **state) {
    (void)state;
    static const struct {
        size_t len, size;
        const char *bytes;
    } table[] = {
        {0, 2, "\x81\x00"},
        {125, 2, "\x81\x7d"},
        {126, 4, "\x81\x7e\x00\x7e"},
        {65535, 4, "\x81\x7e\xff\xff"},
        {65536, 10, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
    };
    uint8_t out[10];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(codec_header(out, false, false, table[i].len), table[i].size);
        assert_memory_equal(out, table[i].bytes, table[i].size);
    }
    codec_header(out, true, true, 0);
    assert_int_equal(out[0], 0xC2);
    uint8_t close[128];
    char reason[200];
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    assert_int_equal(codec_close_frame(close, 1013, reason), 127);
    assert_int_equal(close[1], 125);
    assert_int_equal(codec_close_frame(close, 1005, "not said"), 2); /* "no code" is never sent */
    assert_int_equal(close[1], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_split_point_gives_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(idle_exactly_between_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(one_in_the_middle_is_not_used_again, setup, teardown),
        cmocka_unit_test_setup_teardown(rsv1_only_where_deflate_was_agreed, setup, teardown),
        cmocka_unit_test_setup_teardown(replies_with_one_close_frame, setup, teardown),
        cmocka_unit_test_setup_teardown(fragments_are_bounded_even_when_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_up_to_the_limit, setup, teardown),
        cmocka_unit_test(headers_are_minimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
