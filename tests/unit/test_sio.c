/* test_sio.c - Socket.IO on a link that is none: joining, refusals, events, acks both ways,
 * attachments, what closes the session, and that every socket ends once. */
#include "config.h"

#include "unit.h"

#include "base/log.h"
#include "base/str.h"
#include "core/limits.h"
#include "proto/socketio.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

static struct settings set;
static struct server server;
static struct str
    wire; /* everything pushed: texts as they are, binary in angle brackets, a blank behind */
static struct str told; /* what the application was told */
static int closed_code;
static struct sio_socket *waiting; /* of the namespace that answers later */

/* ------------------------------------------------------------------ the link */

static void fake_flush(struct conn *c) {
    while (c->out.count) {
        const struct frame *f = outq_at(&c->out, 0);
        str_puts(&wire, f->binary ? "<" : "");
        str_put(&wire, f->text, f->len);
        str_puts(&wire, f->binary ? "> " : " ");
        outq_pop(&c->out);
    }
}

static void fake_close(struct conn *c, int code, const char *reason) {
    (void)c;
    assert_string_equal(reason, "");
    closed_code = code;
    loop_stop(server.loop);
}

static uint64_t fake_tick(struct conn *c, uint64_t now) {
    (void)c;
    return now + 100000;
}

static void fake_destroy(struct conn *c) {
    (void)c;
}

static const struct link fake_link = {"fake", fake_flush, fake_close, fake_tick, fake_destroy};

/* ------------------------------------------------------------------ an application */

static void app_connect(struct sio_socket *s, const struct json *auth) {
    struct str text = STR_INIT;
    if (auth)
        json_write(auth, &text);
    str_printf(&told, "connect %s %s;", s->ns->name, str_c(&text));
    str_free(&text);
    sio_accept(s, "ID", NULL);
}

static void later_connect(struct sio_socket *s, const struct json *auth) {
    (void)auth;
    waiting = s;
}

static void never_connect(struct sio_socket *s, const struct json *auth) {
    (void)auth;
    sio_refuse(s, "no \"way\"", "{\"code\":1}");
}

static void app_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    str_printf(&told, "%s %.*s", name, (int)ev->len, ev->text);
    for (unsigned i = 0; i < ev->nbinary; i++)
        str_printf(&told, " <%.*s>", (int)ev->binary[i].len, (const char *)ev->binary[i].bytes);
    str_puts(&told, ";");
    if (strcmp(name, "leave") == 0)
        sio_disconnect(s);
    else if (strcmp(name, "ask") == 0)
        sio_emit_more(s, "\"q\"", NULL, 0, true);
    else
        sio_ack(s, ev->ack, "true", ev->binary, ev->nbinary);
}

static void app_answered(struct sio_socket *s, const struct sio_event *ev) {
    (void)s;
    str_printf(&told, "answer %d %.*s;", (int)ev->ack, (int)ev->len, ev->text);
}

static void app_gone(struct sio_socket *s) {
    assert_false(s->connected);
    str_printf(&told, "gone %s%s;", s->ns->name, s->lost ? " lost" : "");
    sio_emit(s, "\"too late\"");
}

static const struct sio_namespace namespaces[] = {
    {"/", app_connect, app_event, app_answered, app_gone},
    {"/quiet", app_connect, app_event, NULL, NULL},
    {"/later", later_connect, app_event, NULL, app_gone},
    {"/never", never_connect, app_event, NULL, app_gone},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct sio_proto app = {
    .proto = {.name = "app", .open = sio_open, .message = sio_message, .closed = sio_closed},
    .namespaces = namespaces,
};

/* ------------------------------------------------------------------ the tests */

static struct conn *conn;

static int setup(void **state) {
    static const struct principal nobody;
    struct err e;
    (void)state;
    assert_true(config_load(settings_rows, &set, NULL, &e));
    set.handshake_timeout_ms = 20;
    memset(&server, 0, sizeof server);
    server_init(&server, &set);
    conns_init(&server);
    str_clear(&wire);
    str_clear(&told);
    closed_code = 0;
    waiting = NULL;
    assert_true(limits_take(server.limits, &nobody, "192.0.2.1", &e));
    conn = conn_new(&server, &fake_link, &app.proto, &nobody, "192.0.2.1");
    sio_open(conn, NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    server_free(&server);
    config_free(settings_rows, &set);
    str_free(&wire);
    str_free(&told);
    return 0;
}

static void say(const char *text) {
    sio_message(conn, text, strlen(text), false);
}

static void attach(const char *bytes) {
    sio_message(conn, bytes, strlen(bytes), true);
}

/* What was pushed and told since the last time. */
static void expect(const char *pushed, const char *heard) {
    conn_flush_dirty(&server);
    assert_string_equal(str_c(&wire), pushed);
    assert_string_equal(str_c(&told), heard);
    str_clear(&wire);
    str_clear(&told);
}

static void joins_with_and_without_a_payload(void **state) {
    (void)state;
    say("0{\"token\":\"t\"}");
    expect("40{\"sid\":\"ID\"} ", "connect / {\"token\":\"t\"};");
    say("0/quiet,");
    expect("40/quiet,{\"sid\":\"ID\"} ", "connect /quiet ;");
    assert_ptr_equal(sio_find(conn, "/quiet")->conn, conn);
    assert_null(sio_find(conn, "/q"));
    assert_int_equal(closed_code, 0);
}

static void refuses_and_can_be_asked_again(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        say("0/never");
        expect("44/never,{\"message\":\"no \\\"way\\\"\",\"data\":{\"code\":1}} ", "gone /never;");
        say("0/unknown,{}");
        expect("44/unknown,{\"message\":\"Invalid namespace\"} ", "");
    }
    assert_null(sio_find(conn, "/never"));
    assert_int_equal(closed_code, 0);
}

static void answers_later_with_fresh_ids(void **state) {
    (void)state;
    say("0/later");
    sio_emit(waiting, "\"not yet\"");
    expect("", "");
    sio_accept(waiting, NULL, "PID");
    char text[96];
    assert_int_equal(strlen(waiting->id), 24);
    snprintf(text, sizeof text, "40/later,{\"sid\":\"%s\",\"pid\":\"PID\"} ", waiting->id);
    expect(text, "");
    sio_emit(waiting, "\"now\",{}");
    expect("42/later,[\"now\",{}] ", "");
}

static void events_and_acks(void **state) {
    (void)state;
    say("0");
    expect("40{\"sid\":\"ID\"} ", "connect / ;");
    say("2[\"plain\",1]");
    expect("", "plain [\"plain\",1];");
    say("217[\"asked\"]");
    expect("4317[true] ", "asked [\"asked\"];");
    say("2[5,\"a number for a name\"]");
    expect("", "5 [5,\"a number for a name\"];");
    say("2[\"ask\"]");
    expect("420[\"q\"] ", "ask [\"ask\"];");
    say("31[]");        /* never asked */
    say("30[\"yes\"]"); /* asked */
    say("30[\"yes\"]"); /* already answered */
    expect("", "answer 0 [\"yes\"];");
    assert_int_equal(closed_code, 0);
}

static void only_the_last_answers_are_waited_for(void **state) {
    (void)state;
    say("0");
    for (int i = 0; i < 65; i++)
        say("2[\"ask\"]");
    conn_flush_dirty(&server);
    str_clear(&wire);
    str_clear(&told);
    say("30[]");
    expect("", "");
    say("31[]");
    say("364[]");
    expect("", "answer 1 [];answer 64 [];");
}

static void attachments_come_behind(void **state) {
    (void)state;
    say("0");
    expect("40{\"sid\":\"ID\"} ", "connect / ;");
    say("52-3[\"two\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
    attach("first");
    expect("", "");
    attach("");
    expect("462-3[true] <first> <> ", "two [\"two\",{\"_placeholder\":true,\"num\":0},"
                                      "{\"_placeholder\":true,\"num\":1}] <first> <>;");
    say("2[\"ask\"]");
    expect("420[\"q\"] ", "ask [\"ask\"];");
    say("61-0[{\"_placeholder\":true,\"num\":0}]");
    attach("bytes");
    expect("", "answer 0 [{\"_placeholder\":true,\"num\":0}];");
    assert_int_equal(closed_code, 0);
}

static void leaving_keeps_the_session(void **state) {
    (void)state;
    say("0");
    say("1");
    expect("40{\"sid\":\"ID\"} ", "connect / ;gone /;");
    assert_int_equal(closed_code, 0);
    say("0");
    say("2[\"leave\"]");
    expect("40{\"sid\":\"ID\"} 41 ", "connect / ;leave [\"leave\"];gone /;");
    assert_null(sio_find(conn, "/"));
    assert_int_equal(closed_code, 0);
}

static void what_closes_the_session(void **state) {
    static const struct {
        const char *text, *then; /* `then` "" : an attachment */
    } table[] = {
        {"abc", NULL},
        {"2[\"a\"", NULL},
        {"4{}", NULL},
        {"4/x,{}", NULL},
        {"0", NULL},
        {"2/quiet,[\"a\"]", NULL},
        {"1/quiet,", NULL},
        {"3/quiet,0[]", NULL},
        {"51-[\"a\"]", "2[\"b\"]"},
        {"51-/quiet,[\"a\"]", ""},
        {"2[\"a\"]", ""},
        {"0/later", "0/later"},
        {"0/later", "1/later"},
        {"0/later", "2/later,[\"a\"]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        setup(state);
        say("0");
        say(table[i].text);
        if (table[i].then && *table[i].then)
            say(table[i].then);
        else if (table[i].then)
            attach("");
        if (closed_code != 1005)
            fail_msg("stays open: %s", table[i].text);
        str_clear(&told);
        say("2[\"after the end\"]");
        assert_string_equal(str_c(&told), "");
        conn_kill(conn);
        assert_non_null(strstr(str_c(&told), "gone / lost;"));
        teardown(state);
    }
}

static void who_joins_nothing_is_closed(void **state) {
    (void)state;
    say("0/never");
    say("0/later");
    loop_run(server.loop);
    assert_int_equal(closed_code, 1005);
}

static void stop(struct timer *t) {
    (void)t;
    loop_stop(server.loop);
}

static void who_has_joined_may_leave_and_stay(void **state) {
    struct timer later = {.fire = stop};
    (void)state;
    say("0");
    say("1");
    loop_timer(server.loop, &later, loop_now(server.loop) + 40); /* twice the time to join */
    loop_run(server.loop);
    assert_int_equal(closed_code, 0);
}

static void the_end_is_told_once(void **state) {
    (void)state;
    say("0");
    say("0/later");
    say("51-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    expect("40{\"sid\":\"ID\"} ", "connect / ;");
    conn_kill(conn);
    expect("", "gone /later lost;gone / lost;");
}

static void one_frame_serves_many(void **state) {
    struct str text = STR_INIT;
    (void)state;
    sio_begin(&text, "/quiet");
    str_puts(&text, "\"news\",{}");
    struct frame *f = sio_end(&text);
    assert_null(text.p);
    conn_push(conn, f, 0);
    frame_unref(f);
    expect("42/quiet,[\"news\",{}] ", "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    log_init("test", LOG_ERROR);
    const struct CMUnitTest tests[] = {
        TEST(joins_with_and_without_a_payload),
        TEST(refuses_and_can_be_asked_again),
        TEST(answers_later_with_fresh_ids),
        TEST(events_and_acks),
        TEST(only_the_last_answers_are_waited_for),
        TEST(attachments_come_behind),
        TEST(leaving_keeps_the_session),
        cmocka_unit_test(what_closes_the_session),
        TEST(who_joins_nothing_is_closed),
        TEST(who_has_joined_may_leave_and_stay),
        TEST(the_end_is_told_once),
        TEST(one_frame_serves_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
