/* main.c - maitred-realtime: reads the settings, wires the parts, minds the signals.
 *
 * SIGTERM and SIGINT drain and end with 0, a second one ends at once; SIGHUP takes over keys, limits and log
 * level; SIGUSR2 starts a successor (takeover.h). Signals
 * come through a descriptor, so that they are handled between two callbacks and never within one.
 */
#include "config.h"

#include "endpoints.h"
#include "status.h"
#include "takeover.h"

#include "base/log.h"
#include "core/conn.h"
#include "core/dbloop.h"
#include "core/due.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/leases.h"
#include "core/maintain.h"
#include "core/metrics.h"
#include "core/sessions.h"
#include "core/states.h"
#include "data/positions.h"
#include "proto/tables.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROGRAM "maitred-realtime"

struct sidecar {
    struct server server;
    struct settings settings;
    const char *file;
    char **argv;
    struct dbloop *actions;
    bool actions_were_up;
    struct watch signals;
    struct takeover takeover;
    struct turn_hook hook;
    bool announced, failed;
};

static void usage(void) {
    printf("usage: " PROGRAM " [--config FILE]\n\n"
           "Pushes every committed change to WebSocket clients.\n\n"
           "  --config FILE  settings; else MAITRED_CONFIG, else " SETTINGS_FILE "\n"
           "  --help         this text and all settings\n"
           "  --version      the version\n\n"
           "SIGTERM drains and stops; SIGHUP reads keys, limits and log level again; SIGUSR2 starts the\n"
           "binary anew, which takes over when it is ready.\n\n");
    config_help(settings_rows, false);
}

/* 0: go on; else the exit status + 1. */
static int options(int argc, char **argv, const char **file) {
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    for (int o; (o = getopt_long(argc, argv, "c:h", longs, NULL)) != -1;) {
        if (o == 'c') {
            *file = optarg;
        } else if (o == 'h') {
            usage();
            return 1;
        } else if (o == 'V') {
            puts(PROGRAM " " PACKAGE_VERSION);
            return 1;
        } else {
            return 3;
        }
    }
    if (optind == argc)
        return 0;
    fprintf(stderr, PROGRAM ": what is \"%s\"?\n", argv[optind]);
    return 3;
}

/* signals */

static void reload(struct sidecar *sc) {
    struct err e;
    err_clear(&e);
    if (!settings_reload(&sc->settings, sc->file, &e)) {
        log_event(LOG_ERROR, "settings not taken over", "reason", e.detail, NULL);
        return;
    }
    log_set_level(settings_log_level(&sc->settings));
    struct auth_options o = settings_auth(&sc->settings);
    struct auth *fresh = auth_load(&o, &e);
    if (!fresh) {
        log_event(LOG_ERROR, "keys not taken over", "reason", e.detail, NULL);
        return;
    }
    auth_free(sc->server.auth);
    sc->server.auth = fresh;
    sessions_keys(sc->server.sessions);
    log_event(LOG_INFO, "settings and keys taken over", NULL);
}

static void on_signal(struct watch *w, uint32_t events) {
    (void)events;
    struct sidecar *sc = container_of(w, struct sidecar, signals);
    struct signalfd_siginfo si;
    while (read(w->fd, &si, sizeof si) == (ssize_t)sizeof si) {
        if (si.ssi_signo == SIGHUP)
            reload(sc);
        else if (si.ssi_signo == SIGUSR2)
            takeover_begin(&sc->takeover);
        else if (si.ssi_signo == SIGCHLD)
            takeover_child(&sc->takeover);
        else
            takeover_term(&sc->takeover, (pid_t)si.ssi_pid);
    }
}

static void signals_open(struct sidecar *sc) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sc->signals.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    sc->signals.ready = on_signal;
    require(sc->signals.fd >= 0);
    loop_watch(sc->server.loop, &sc->signals, EPOLLIN);
}

/* A call made while the database is away is refused by the next dba_tick: in this turn, not when the
 * next attempt to connect is due. */
static void actions_settle(struct server *s) {
    uint64_t due = dba_deadline(s->actions), now = loop_now(s->loop);
    if (due && due <= now)
        dba_tick(s->actions);
    due = dba_deadline(s->actions);
    if (due)
        loop_wait_at_most(s->loop, due > now ? due - now : 0);
}

/* Clients and the programs of the machine turn to us. While a predecessor serves them, clients may
 * come when we are ready, and it puts our page in the place of its own; when it is gone we do, if
 * it did not get that far. */
static bool let_in(struct sidecar *sc, bool ready, struct err *e) {
    bool alone = !takeover_waits(&sc->takeover);
    return (!alone || positions_place(sc->server.page, e)) &&
           (!(alone || ready) || http_listen(sc->server.http, e));
}

/* The one line that says that clients may come. */
static void announce(struct sidecar *sc) {
    sc->announced = true;
    log_fmt(LOG_INFO, "ready", "port", "%u", http_port(sc->server.http));
    takeover_ready(&sc->takeover);
}

static bool is_ready(const struct sidecar *sc) {
    struct str reasons = STR_INIT;
    bool ready = status_reasons(&sc->server, &reasons);
    str_free(&reasons);
    return ready;
}

static void serve(struct sidecar *sc) {
    struct err e;
    err_clear(&e);
    bool ready = sc->announced || is_ready(sc);
    if (!let_in(sc, ready, &e)) {
        log_event(LOG_ERROR, "not started", "reason", e.detail, NULL);
        sc->failed = true;
        loop_stop(sc->server.loop);
    } else if (ready && !sc->announced) {
        announce(sc);
    }
}

static void on_turn(struct turn_hook *h) {
    struct sidecar *sc = container_of(h, struct sidecar, hook);
    actions_settle(&sc->server);
    if (!sc->server.draining)
        serve(sc);
}

/* parts */

static void on_actions_connected(void *ctx) {
    struct sidecar *sc = ctx;
    metric_add(sc->server.metrics, METRIC_DB_RECONNECTS, sc->actions_were_up);
    sc->actions_were_up = true;
}

static bool parts_start(struct sidecar *sc, struct err *e) {
    struct server *s = &sc->server;
    struct auth_options o = settings_auth(&sc->settings);
    if (!(s->auth = auth_load(&o, e)))
        return false;
    if (!(s->page = positions_prepare(sc->settings.positions_file, e)))
        return false;
    const struct dbloop_hooks hooks = {.ctx = sc, .connected = on_actions_connected};
    s->hub = hub_new();
    sc->actions = dbloop_open(s->loop, s->settings, "maitred-actions", NULL, &hooks);
    s->actions = dbloop_dba(sc->actions);
    dbloop_every_turn(sc->actions); /* it is called without the loop's knowing */
    s->sessions = sessions_start(s);
    s->states = states_start(s);
    s->due = due_start(s);
    s->leases = leases_start(s);
    s->tables = tables_start(s);
    if (!(s->feed = feed_start(s, e)))
        return false;
    s->maintain = maintain_start(s);
    s->http = http_start(s, endpoints, e);
    return s->http != NULL;
}

static void parts_stop(struct sidecar *sc) {
    struct server *s = &sc->server;
    http_stop(s->http);
    while (s->conns)
        conn_kill(s->conns);
    tables_stop(s->tables);
    maintain_stop(s->maintain);
    feed_stop(s->feed);
    leases_stop(s->leases);
    s->leases = NULL;
    due_stop(s->due);
    states_stop(s->states);
    sessions_stop(s->sessions);
    dbloop_close(sc->actions);
    s->actions = NULL;
    if (s->hub)
        hub_free(s->hub);
    s->hub = NULL;
    positions_close(s->page);
    auth_free(s->auth);
}

static bool run(struct sidecar *sc) {
    struct err e;
    err_clear(&e);
    struct server *s = &sc->server;
    server_init(s, &sc->settings);
    takeover_init(&sc->takeover, s, sc->argv);
    signals_open(sc);
    bool started = parts_start(sc, &e);
    if (started) {
        sc->hook.run = on_turn;
        loop_hook(s->loop, &sc->hook);
        conns_init(s); /* its hook flushes what the hooks before it have pushed */
        loop_wait_at_most(s->loop, 0); /* the first turn lets clients in */
        loop_run(s->loop);
    } else {
        log_event(LOG_ERROR, "not started", "reason", e.detail, NULL);
    }
    parts_stop(sc);
    close(sc->signals.fd);
    server_free(s);
    log_event(LOG_INFO, "stopped", NULL);
    return started && !sc->failed;
}

int main(int argc, char **argv) {
    struct sidecar sc;
    memset(&sc, 0, sizeof sc);
    sc.argv = argv;
    int how = options(argc, argv, &sc.file);
    if (how)
        return how - 1;
    struct err e;
    err_clear(&e);
    log_init(PROGRAM, LOG_INFO);
    if (!settings_load(&sc.settings, sc.file, &e)) {
        log_event(LOG_ERROR, "settings are not usable", "reason", e.detail, NULL);
        return 1;
    }
    log_set_level(settings_log_level(&sc.settings));
    bool ok = run(&sc);
    settings_free(&sc.settings);
    return ok ? 0 : 1;
}
