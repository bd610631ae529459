/* ws_echo.c - a WebSocket echo on the product's own link and core, for public conformance suites.
 *
 * Text and binary come back unchanged on every path of the table; no database, no tokens, no rate.
 * usage: ws-echo [--port N] [--ping-interval-ms N] [--ping-timeout-ms N] [--max-payload N]
 *                [--queue-bytes N] [--messages-per-second N] [--handshake-timeout-ms N]
 *                [--drain-seconds N]
 * Prints "listening on PORT" when it may be used; SIGTERM drains and ends with 0.
 */
#include "config.h"

#include "access/settings.h"
#include "base/log.h"
#include "core/conn.h"
#include "link/http.h"
#include "server.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void echo(struct conn *c, const char *text, size_t len, bool binary) {
    struct frame *f = frame_new(text, len, binary);
    conn_push(c, f, 0);
    frame_unref(f);
}

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
    set->message_max = 16 << 20;
    set->queue_bytes = 128 << 20;
    set->messages_per_second = LONG_MAX;
    for (int o; (o = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (o < 0 || o > 7)
            return false;
        *targets[o] = atol(optarg);
    }
    return optind == argc;
}

struct echo_server {
    struct server server;
    struct watch signals;
};

static void on_signal(struct watch *w, uint32_t events) {
    (void)events;
    server_drain(&container_of(w, struct echo_server, signals)->server);
    loop_watch(container_of(w, struct echo_server, signals)->server.loop, w, 0);
}

static void signals_open(struct echo_server *es) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    es->signals = (struct watch){.fd = signalfd(-1, &set, SFD_CLOEXEC), .ready = on_signal};
    loop_watch(es->server.loop, &es->signals, EPOLLIN);
}

int main(int argc, char **argv) {
    struct settings set;
    struct err e;
    err_clear(&e);
    memset(&set, 0, sizeof set);
    log_init("ws-echo", LOG_ERROR);
    if (!config_load(settings_rows, &set, NULL, &e) || !options(argc, argv, &set)) {
        fprintf(stderr, "ws-echo: %s\n", *e.detail ? e.detail : "unknown option");
        return 2;
    }
    struct echo_server es;
    memset(&es, 0, sizeof es);
    server_init(&es.server, &set);
    signals_open(&es);
    es.server.http = http_start(&es.server, table, &e);
    if (!es.server.http) {
        fprintf(stderr, "ws-echo: %s\n", e.detail);
        return 1;
    }
    conns_init(&es.server);
    printf("listening on %u\n", http_port(es.server.http));
    fflush(stdout);
    loop_run(es.server.loop);
    http_stop(es.server.http);
    close(es.signals.fd);
    server_free(&es.server);
    config_free(settings_rows, &set);
    return 0;
}
