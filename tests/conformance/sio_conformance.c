/* sio_conformance.c - what the public suites of Engine.IO and Socket.IO expect of a server, on the
 * product's own modules: only the tables of namespaces and replies are of this program.
 *
 * usage: sio-conformance --profile A|B|C [--port N] [--ping-interval-ms N] [--ping-timeout-ms N]
 *                        [--max-payload N] [--connect-timeout-ms N] [--messages-per-second N]
 * A is for the suites of the two protocols, B for socket.io-client's own, C for engine.io-client's.
 * /engine.io/ gives every message back; /ws-echo is the plain WebSocket echo.
 */
#include "config.h"

#include "serve.h"
#include "sio_namespaces.h"

#include "base/json.h"
#include "core/conn.h"
#include "link/engineio.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ /engine.io/ */

static void send_text(struct conn *c, const char *text, size_t len) {
    struct str packet = STR_INIT;
    str_putc(&packet, EIO_MESSAGE);
    str_put(&packet, text, len);
    conn_push_text(c, packet.p, packet.len);
    str_free(&packet);
}

static void eio_echo(struct conn *c, const char *text, size_t len, bool binary) {
    if (binary)
        echo(c, text, len, true);
    else
        send_text(c, text, len);
}

static const struct proto echo_proto = {.name = "echo", .message = echo};
static const struct proto eio_echo_proto = {
    .name = "engine.io echo", .language = 1, .message = eio_echo};

/* ------------------------------------------------------------------ engine.io-client's */

static void put_headers(const struct request *r, struct str *out) {
    static const char *const names[] = {"accept", "content-type", "cookie", "host", "user-agent"};
    for (size_t i = 0; r && i < sizeof names / sizeof *names; i++) {
        const char *value = request_header(r, names[i]);
        if (!value)
            continue;
        str_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", names[i]);
        json_put_string(out, value);
    }
}

static void send_headers(struct conn *c) {
    struct str text = STR_INIT;
    str_putc(&text, '{');
    put_headers(eio_request(c), &text);
    str_putc(&text, '}');
    send_text(c, text.p, text.len);
    str_free(&text);
}

static void client_open(struct conn *c, const struct request *r) {
    (void)r;
    send_text(c, "hi", 2);
}

static void client_message(struct conn *c, const char *text, size_t len, bool binary) {
    static const char goodnight[] = "пойду спать всем спокойной ночи";
    if (!binary && str_eq(text, "give binary"))
        echo(c, "\0\1\2\3\4", 5, true);
    else if (!binary && str_eq(text, "give utf8"))
        send_text(c, goodnight, sizeof goodnight - 1);
    else if (!binary && str_eq(text, "sendHeaders"))
        send_headers(c);
    else
        eio_echo(c, text, len, binary);
}

static bool client_admit(struct server *s, const struct request *r, const struct principal *who,
                         struct err *e) {
    (void)s, (void)who;
    return !request_query(r, "deny") || err_set(e, ERR_FORBIDDEN, "Denied");
}

static const struct proto client_proto = {.name = "engine.io client",
                                          .language = 2,
                                          .admit = client_admit,
                                          .open = client_open,
                                          .message = client_message};

static const char *const client_cookies[] = {
    "1=1; Max-Age=86400",
    "2=2; Path=/; HttpOnly; Secure; SameSite=Strict",
    "3=3; Max-Age=0",
    "4=4; Expires=Thu, 01 Jan 2015 00:00:00 GMT",
    NULL,
};

/* ------------------------------------------------------------------ profiles */

static const struct endpoint table_a[] = {
    {"*", "/socket.io/", CAP_PUBLIC, &sio_profile_a.proto, &way_engineio, NULL, NULL},
    {"*", "/engine.io/", CAP_PUBLIC, &eio_echo_proto, &way_engineio, NULL, NULL},
    {"GET", "/ws-echo", CAP_PUBLIC, &echo_proto, &way_websocket, NULL, NULL},
    {NULL, NULL, CAP_PUBLIC, NULL, NULL, NULL, NULL},
};
static const struct endpoint table_b[] = {
    {"*", "/socket.io/", CAP_PUBLIC, &sio_profile_b.proto, &way_engineio, NULL, NULL},
    {NULL, NULL, CAP_PUBLIC, NULL, NULL, NULL, NULL},
};
static const struct endpoint table_c[] = {
    {"*", "/engine.io/", CAP_PUBLIC, &client_proto, &way_engineio, NULL, NULL},
    {NULL, NULL, CAP_PUBLIC, NULL, NULL, NULL, NULL},
};

static const struct profile {
    const char *name;
    const struct endpoint *table;
    long ping_interval_ms, ping_timeout_ms, payload_max, connect_timeout_ms, handshake_delay_ms;
    const char *const *cookies;
} profiles[] = {
    {"A", table_a, 300, 200, 1000000, 1000, 0, NULL},
    {"B", table_b, 300, 200, 1000000, 10000, 10, NULL},
    {"C", table_c, 500, 20000, 100, 10000, 0, client_cookies},
};

static const struct profile *profile; /* the one that runs */

static bool profile_take(const char *name, struct settings *set) {
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        const struct profile *p = &profiles[i];
        if (!str_eq(p->name, name))
            continue;
        profile = p;
        set->engineio_ping_interval_ms = p->ping_interval_ms;
        set->engineio_ping_timeout_ms = p->ping_timeout_ms;
        set->engineio_payload_max = p->payload_max;
        set->handshake_timeout_ms = p->connect_timeout_ms;
        return true;
    }
    return false;
}

#define PROFILE 6

static const struct option longs[] = {
    {"port", required_argument, NULL, 0},
    {"ping-interval-ms", required_argument, NULL, 1},
    {"ping-timeout-ms", required_argument, NULL, 2},
    {"max-payload", required_argument, NULL, 3},
    {"connect-timeout-ms", required_argument, NULL, 4},
    {"messages-per-second", required_argument, NULL, 5},
    {"profile", required_argument, NULL, PROFILE},
    {NULL, 0, NULL, 0},
};

/* The profile first, wherever it stands: the others change it. */
static bool options(int argc, char **argv, struct settings *set) {
    long *const targets[] = {&set->rt_port, &set->engineio_ping_interval_ms,
                             &set->engineio_ping_timeout_ms, &set->engineio_payload_max,
                             &set->handshake_timeout_ms, &set->messages_per_second};
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;)
        if (o < 0 || o > PROFILE || (o == PROFILE && !profile_take(optarg, set)))
            return false;
    bool all = optind == argc && profile;
    optind = 1;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;)
        if (o != PROFILE)
            *targets[o] = atol(optarg);
    return all;
}

static void prepare(struct server *s) {
    s->eio->cookies = profile->cookies;
    s->eio->handshake_delay_ms = profile->handshake_delay_ms;
}

int main(int argc, char **argv) {
    struct settings set;
    setenv("MAITRED_ALLOWED_ORIGINS", "*", 0);
    if (!serve_settings("sio-conformance", &set))
        return 2;
    if (!options(argc, argv, &set)) {
        fprintf(stderr, "sio-conformance: --profile A|B|C and known options only\n");
        return 2;
    }
    return serve("sio-conformance", &set, profile->table, prepare);
}
