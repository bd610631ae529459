/* serve.c - see the header. Called by the mains of ws-echo and sio-conformance. */
#include "config.h"

#include "serve.h"

#include "base/log.h"
#include "core/conn.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct echo_server {
    struct server server;
    struct watch signals;
};

void echo(struct conn *c, const char *text, size_t len, bool binary) {
    struct frame *f = frame_new(text, len, binary);
    conn_push(c, f, 0);
    frame_unref(f);
}

bool serve_settings(const char *program, struct settings *set) {
    struct err e;
    err_clear(&e);
    memset(set, 0, sizeof *set);
    log_init(program, LOG_ERROR);
    if (!config_load(settings_rows, set, NULL, &e)) {
        fprintf(stderr, "%s: %s\n", program, e.detail);
        return false;
    }
    set->message_max = 16 << 20;
    set->queue_bytes = 128 << 20;
    set->messages_per_second = LONG_MAX;
    return true;
}

static void on_signal(struct watch *w, uint32_t events) {
    (void)events;
    server_drain(&container_of(w, struct echo_server, signals)->server, false);
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

int serve(const char *program, struct settings *set, const struct endpoint *table,
          void (*prepare)(struct server *s)) {
    struct echo_server es;
    struct err e;
    err_clear(&e);
    memset(&es, 0, sizeof es);
    server_init(&es.server, set);
    if (prepare)
        prepare(&es.server);
    signals_open(&es);
    es.server.http = http_start(&es.server, table, &e);
    if (!es.server.http || !http_listen(es.server.http, &e)) {
        fprintf(stderr, "%s: %s\n", program, e.detail);
        return 1;
    }
    conns_init(&es.server);
    printf("listening on %u\n", http_port(es.server.http));
    fflush(stdout);
    loop_run(es.server.loop);
    http_stop(es.server.http);
    close(es.signals.fd);
    server_free(&es.server);
    config_free(settings_rows, set);
    return 0;
}
