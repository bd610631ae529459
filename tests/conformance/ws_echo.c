/* ws_echo.c - a WebSocket echo on the product's own link and core, for public conformance suites.
 *
 * Text and binary come back unchanged on every path of the table; no database, no tokens, no rate.
 * usage: ws-echo [--port N] [--ping-interval-ms N] [--ping-timeout-ms N] [--max-payload N]
 *                [--queue-bytes N] [--messages-per-second N] [--handshake-timeout-ms N]
 *                [--drain-seconds N]
 * Prints "listening on PORT" when it may be used; SIGTERM drains and ends with 0.
 */
#include "config.h"

#include "serve.h"

#include "core/conn.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message "burst N SIZE" is answered by N messages of SIZE bytes: for slow readers. */
static void burst(struct conn *c, const char *text, size_t len, bool binary) {
    unsigned n, size;
    if (sscanf(text, "burst %u %u", &n, &size) != 2 || size > 1u << 20) {
        echo(c, text, len, binary);
        return;
    }
    char *bytes = x_alloc(size + 1);
    memset(bytes, 'x', size);
    while (n-- && conn_push_text(c, bytes, size))
        ;
    x_free(bytes);
}

static const struct proto echo_proto = {.name = "echo", .message = echo};
static const struct proto burst_proto = {.name = "burst", .language = 1, .message = burst};

static void hello(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type) {
    (void)s, (void)status;
    *content_type = "text/plain";
    str_printf(body, "%s %s\n", request_address(r), request_segment(r));
}

static const struct endpoint table[] = {
    {"GET", "/", CAP_PUBLIC, &echo_proto, &way_websocket, NULL, NULL},
    {"GET", "/ws-echo", CAP_PUBLIC, &echo_proto, &way_websocket, NULL, NULL},
    {"GET", "/burst", CAP_PUBLIC, &burst_proto, &way_websocket, NULL, NULL},
    {"GET", "/guarded", CAP_ANYONE, &echo_proto, &way_websocket, NULL, NULL},
    {"GET", "/hello/{id}", CAP_PUBLIC, NULL, NULL, hello, NULL},
    {NULL, NULL, CAP_PUBLIC, NULL, NULL, NULL, NULL},
};

static const struct option longs[] = {
    {"port", required_argument, NULL, 0},
    {"ping-interval-ms", required_argument, NULL, 1},
    {"ping-timeout-ms", required_argument, NULL, 2},
    {"max-payload", required_argument, NULL, 3},
    {"queue-bytes", required_argument, NULL, 4},
    {"messages-per-second", required_argument, NULL, 5},
    {"handshake-timeout-ms", required_argument, NULL, 6},
    {"drain-seconds", required_argument, NULL, 7},
    {NULL, 0, NULL, 0},
};

static bool options(int argc, char **argv, struct settings *set) {
    long *const targets[] = {&set->rt_port,           &set->ping_interval_ms,
                             &set->ping_timeout_ms,   &set->message_max,
                             &set->queue_bytes,       &set->messages_per_second,
                             &set->handshake_timeout_ms, &set->drain_seconds};
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o < 0 || o > 7)
            return false;
        *targets[o] = atol(optarg);
    }
    return optind == argc;
}

int main(int argc, char **argv) {
    struct settings set;
    if (!serve_settings("ws-echo", &set))
        return 2;
    if (!options(argc, argv, &set)) {
        fprintf(stderr, "ws-echo: unknown option\n");
        return 2;
    }
    return serve("ws-echo", &set, table, NULL);
}
