/* test_sio_packet.c - packets of Socket.IO: what is taken apart how, what is refused, what is
 * written. */
#include "config.h"

#include "unit.h"

#include "proto/socketio_packet.h"

#include <stdio.h>
#include <string.h>

/* The packet as one text: type attachments namespace id payload. */
static const char *spelled(const char *text) {
    static char out[256];
    struct sio_packet p;
    if (!sio_packet_parse(text, strlen(text), &p))
        return "malformed";
    snprintf(out, sizeof out, "%d %u %.*s %lld %.*s", (int)p.type, p.attachments, (int)p.ns_len,
             p.ns, (long long)p.id, (int)p.payload_len, p.payload);
    assert_int_equal(p.json != NULL, p.payload_len > 0);
    sio_packet_free(&p);
    return out;
}

static void well_formed_packets(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"0", "0 0 / -1 "},
        {"0{\"token\":\"x\"}", "0 0 / -1 {\"token\":\"x\"}"},
        {"0/admin,{\"a\":1}", "0 0 /admin -1 {\"a\":1}"},
        {"0/admin,", "0 0 /admin -1 "},
        {"0/admin", "0 0 /admin -1 "},
        {"0/a?b=c,{}", "0 0 /a?b=c -1 {}"},
        {"1", "1 0 / -1 "},
        {"1/admin,", "1 0 /admin -1 "},
        {"2[\"hi\",1]", "2 0 / -1 [\"hi\",1]"},
        {"2/x,7[\"hi\"]", "2 0 /x 7 [\"hi\"]"},
        {"212[\"hi\"]", "2 0 / 12 [\"hi\"]"},
        {"20[1]", "2 0 / 0 [1]"},
        {"2[\"connected\"]", "2 0 / -1 [\"connected\"]"},
        {"30[]", "3 0 / 0 []"},
        {"3/x,999999999999999[\"a\"]", "3 0 /x 999999999999999 [\"a\"]"},
        {"51-[\"b\",{\"_placeholder\":true,\"num\":0}]",
         "5 1 / -1 [\"b\",{\"_placeholder\":true,\"num\":0}]"},
        {"516-/x,3[\"b\"]", "5 16 /x 3 [\"b\"]"},
        {"62-5[{\"a\":[{\"_placeholder\":true,\"num\":1}]}]",
         "6 2 / 5 [{\"a\":[{\"_placeholder\":true,\"num\":1}]}]"},
        {"2[\"b\",{\"_placeholder\":true,\"num\":9}]", /* nothing is attached: an object like others
                                                        */
         "2 0 / -1 [\"b\",{\"_placeholder\":true,\"num\":9}]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(spelled(table[i][0]), table[i][1]);
}

static void malformed_packets(void **state) {
    (void)state;
    static const char *const table[] = {
        "",
        "7",
        "9[]",
        "abc",
        "-1",
        " 2[\"a\"]",
        "/x", /* the type */
        "0[]",
        "0null",
        "0\"a\"",
        "0{",
        "0{}x",
        "0 ",
        "05{}", /* CONNECT */
        "1{}",
        "1null",
        "15",
        "1/x,[]", /* DISCONNECT */
        "2",
        "2/x,",
        "25",
        "2{}",
        "2[]",
        "2[null]",
        "2[{}]",
        "2[\"a\"", /* EVENT */
        "2[\"connect\"]",
        "2[\"disconnecting\"]",
        "2[\"newListener\"]", /* reserved names */
        "2-1[\"a\"]",
        "2abc[\"a\"]",
        "21234567890123456[\"a\"]", /* ids */
        "3[]",
        "3",
        "35",
        "35{}",
        "3/x,[]", /* ACK */
        "4",
        "45",
        "4[]",
        "41{}", /* CONNECT_ERROR */
        "5[\"a\"]",
        "50-[\"a\"]",
        "517-[\"a\"]",
        "5-[\"a\"]",
        "51[\"a\"]",
        "51",
        "51-",
        "5a-[\"a\"]",
        "6",
        "61-[]",
        "61-5{}",                                       /* attachments */
        "51-[\"a\",{\"_placeholder\":true,\"num\":1}]", /* placeholders */
        "51-[\"a\",{\"_placeholder\":true,\"num\":-1}]",
        "51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
        "51-[\"a\",{\"_placeholder\":true}]",
        "51-[\"a\",{\"b\":[{\"_placeholder\":true,\"num\":4}]}]",
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(spelled(table[i]), "malformed") != 0)
            fail_msg("taken: %s", table[i]);
}

/* Of an event or an answer that is a list: taken without its arguments. */
static void json_beyond_our_limits(void **state) {
    (void)state;
    static const char *const table[] = {"2[\"a\",{\"b\":1,\"b\":2}]", "2/x,7[\"\\ud800\"]",
                                        "30[\"\\u0000\"]", "51-[\"a\",99999999999999999999]"};
    struct sio_packet p;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_true(sio_packet_parse(table[i], strlen(table[i]), &p));
        assert_true(p.beyond && !p.json);
    }
    assert_false(sio_packet_parse("0{\"b\":1,\"b\":2}", 15, &p));
    assert_false(sio_packet_parse("2{\"b\":1,\"b\":2}", 15, &p));
    assert_false(sio_packet_parse("2[\"b\":1]", 8, &p));
}

static void a_nul_byte_ends_nothing(void **state) {
    (void)state;
    struct sio_packet p;
    assert_false(sio_packet_parse("2[\"a\"]\0", 7, &p));
    assert_false(sio_packet_parse("2\0[\"a\"]", 7, &p));
    assert_false(sio_packet_parse("0\0", 2, &p));
    assert_true(sio_packet_parse("0/a\0b,", 6, &p));
    assert_int_equal(p.ns_len, 4);
    sio_packet_free(&p);
}

static void placeholders_are_found(void **state) {
    (void)state;
    struct sio_packet p;
    const char *text =
        "52-[\"a\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":false,\"num\":0},5]";
    assert_true(sio_packet_parse(text, strlen(text), &p));
    assert_int_equal(sio_placeholder(json_at(p.json, 0)), -1);
    assert_int_equal(sio_placeholder(json_at(p.json, 1)), 1);
    assert_int_equal(sio_placeholder(json_at(p.json, 2)), -1);
    assert_int_equal(sio_placeholder(json_at(p.json, 3)), -1);
    sio_packet_free(&p);
}

static void heads_are_written(void **state) {
    (void)state;
    static const struct {
        enum sio_type type;
        unsigned attachments;
        const char *ns;
        int64_t id;
        const char *text;
    } table[] = {
        {SIO_CONNECT, 0, "/", -1, "0"},      {SIO_CONNECT, 0, "/x", -1, "0/x,"},
        {SIO_EVENT, 0, "/", 0, "20"},        {SIO_BINARY_EVENT, 2, "/x", 12, "52-/x,12"},
        {SIO_BINARY_ACK, 1, "/", 7, "61-7"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct str out = STR_INIT;
        sio_packet_head(&out, table[i].type, table[i].attachments, table[i].ns, table[i].id);
        assert_string_equal(out.p, table[i].text);
        str_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_packets),    cmocka_unit_test(malformed_packets),
        cmocka_unit_test(json_beyond_our_limits), cmocka_unit_test(a_nul_byte_ends_nothing),
        cmocka_unit_test(placeholders_are_found), cmocka_unit_test(heads_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
