/* dbloop.c - glue between data/dba and the loop. See dbloop.h. */
#include "config.h"

#include "core/dbloop.h"

#include "access/settings.h"
#include "base/mem.h"

#include <string.h>
#include <sys/epoll.h>

struct dbloop {
    struct loop *loop;
    struct dba *dba;
    struct dbloop_hooks hooks;
    struct watch watch;
    struct timer timer;
    struct turn_hook hook;
};

static void rearm(struct dbloop *d) {
    uint64_t due = d->dba ? dba_deadline(d->dba) : 0;
    if (due)
        loop_timer(d->loop, &d->timer, due);
    else
        loop_timer_off(d->loop, &d->timer);
}

static void on_ready(struct watch *w, uint32_t events) {
    struct dbloop *d = container_of(w, struct dbloop, watch);
    bool gone = events & (EPOLLERR | EPOLLHUP);
    dba_ready(d->dba, gone || (events & EPOLLIN), gone || (events & EPOLLOUT));
    rearm(d);
}

static void on_timer(struct timer *t) {
    struct dbloop *d = container_of(t, struct dbloop, timer);
    dba_tick(d->dba);
    rearm(d);
}

static void on_watch(void *ctx, int fd, bool want_read, bool want_write) {
    struct dbloop *d = ctx;
    if (d->watch.events && d->watch.fd != fd)
        loop_watch(d->loop, &d->watch, 0);
    d->watch.fd = fd;
    if (fd >= 0)
        loop_watch(d->loop, &d->watch, (want_read ? EPOLLIN : 0) | (want_write ? EPOLLOUT : 0));
}

static void on_connected(void *ctx) {
    struct dbloop *d = ctx;
    if (d->hooks.connected)
        d->hooks.connected(d->hooks.ctx);
}

static void on_lost(void *ctx) {
    struct dbloop *d = ctx;
    if (d->hooks.lost)
        d->hooks.lost(d->hooks.ctx);
}

static void on_notified(void *ctx, const char *payload) {
    struct dbloop *d = ctx;
    if (d->hooks.notified)
        d->hooks.notified(d->hooks.ctx, payload);
}

struct dbloop *dbloop_open(struct loop *l, const struct settings *set, const char *program,
                           const char *listen_channel, const struct dbloop_hooks *h) {
    struct dbloop *d = x_new(struct dbloop);
    d->loop = l;
    d->hooks = *h;
    d->watch.fd = -1;
    d->watch.ready = on_ready;
    d->timer.fire = on_timer;
    struct str conninfo = STR_INIT;
    settings_conninfo(set, set->realtime_role, program, &conninfo);
    struct dba_hooks hooks = {d, on_watch, on_connected, on_lost,
                              listen_channel ? on_notified : NULL};
    d->dba = dba_open(str_c(&conninfo), listen_channel, &hooks);
    str_free(&conninfo);
    rearm(d);
    return d;
}

void dbloop_close(struct dbloop *d) {
    if (!d)
        return;
    dba_close(d->dba);
    d->dba = NULL;
    if (d->watch.events)
        loop_watch(d->loop, &d->watch, 0);
    loop_timer_off(d->loop, &d->timer);
    x_free(d);
}

void dbloop_abandon(struct dbloop *d) {
    dba_abandon(d->dba);
    rearm(d);
}

bool dbloop_up(const struct dbloop *d) {
    return dba_up(d->dba);
}

static void on_turn(struct turn_hook *h) {
    rearm(container_of(h, struct dbloop, hook));
}

void dbloop_every_turn(struct dbloop *d) {
    d->hook.run = on_turn;
    loop_hook(d->loop, &d->hook);
}

struct dba *dbloop_dba(struct dbloop *d) {
    return d->dba;
}

void dbloop_call(struct dbloop *d, const struct op *op, const struct principal *p,
                 const struct op_values *values, const struct db_key *key, dba_done *done,
                 void *ctx) {
    dba_call(d->dba, op, p, values, key, done, ctx);
    rearm(d);
}

void dbloop_query(struct dbloop *d, const char *sql, int n, const char *const *values,
                  dba_rows_done *done, void *ctx) {
    dba_query(d->dba, sql, n, values, done, ctx);
    rearm(d);
}
