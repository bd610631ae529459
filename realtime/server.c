/* server.c - the parts that every server of ours has, and how it goes away without a stampede.
 *
 * Called by main.c and by the conformance servers. Owns what server_init made.
 */
#include "config.h"

#include "server.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/conn.h"
#include "core/limits.h"
#include "core/metrics.h"
#include "link/engineio.h"
#include "link/http.h"
#include "link/ws.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#define DRAIN_STEP_MS  50
#define FILES_SPARE    512
#define DRAIN_GRACE_MS 2000 /* for the closing handshakes of the last ones */
#define REPLY_GRACE_MS 1000 /* of it: for the replies that somebody still waits for */

/* A connection has two descriptors for a moment: MHD's and, after the hand-over, ours. */
static void files_raise(const struct settings *set) {
    struct rlimit rl;
    if (getrlimit(RLIMIT_NOFILE, &rl) != 0)
        return;
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    if (rl.rlim_cur < (rlim_t)set->max_connections + FILES_SPARE)
        log_fmt(LOG_WARN, "fewer files may be open than max_connections needs", "limit", "%llu",
                (unsigned long long)rl.rlim_cur);
}

void server_init(struct server *s, const struct settings *set) {
    signal(SIGPIPE, SIG_IGN);
    files_raise(set);
    s->settings = set;
    s->loop = loop_new();
    s->metrics = metrics_new();
    s->limits = limits_new(set);
    s->ws = ws_shared_new();
    s->eio = eio_shared_new();
}

void server_free(struct server *s) {
    while (s->conns)
        conn_kill(s->conns);
    conns_free(s);
    loop_free(s->loop); /* frees the dead, who still need the link's shared state */
    ws_shared_free(s->ws);
    eio_shared_free(s->eio);
    limits_free(s->limits);
    metrics_free(s->metrics);
}

/* Clients are told to come back at different times, so that the next process is not overrun. */
static void send_away(struct conn *c) {
    char reason[48];
    snprintf(reason, sizeof reason, "restart; retry in %d s", 1 + (int)(c->id % 3));
    conn_close(c, err_close(ERR_RESTART), reason);
}

static uint64_t drain_end(const struct server *s) {
    return s->drain_begun + (uint64_t)s->settings->drain_seconds * 1000;
}

static unsigned share_of(const struct server *s, unsigned open, uint64_t now) {
    uint64_t end = drain_end(s);
    if (now + DRAIN_STEP_MS >= end)
        return open;
    uint64_t steps = (end - now) / DRAIN_STEP_MS;
    return (unsigned)((open + steps - 1) / steps);
}

/* What has been asked for is done and answered before the goodbye. */
static bool may_go(const struct conn *c, uint64_t now) {
    return c->state == CONN_OPEN && (!c->actions || now >= drain_end(c->server) + REPLY_GRACE_MS);
}

static unsigned open_count(const struct server *s, uint64_t now) {
    unsigned n = 0;
    for (const struct conn *c = s->conns; c; c = c->next)
        n += may_go(c, now);
    return n;
}

static void drain_step(struct timer *t) {
    struct server *s = container_of(t, struct server, drain);
    uint64_t now = loop_now(s->loop);
    unsigned share = share_of(s, open_count(s, now), now);
    for (struct conn *c = s->conns; c && share; c = c->next)
        if (may_go(c, now)) {
            send_away(c);
            share--;
        }
    if ((!s->nconns && (!s->succeeded || http_idle(s->http))) ||
        now >= drain_end(s) + DRAIN_GRACE_MS)
        loop_stop(s->loop);
    else
        loop_timer(s->loop, t, now + DRAIN_STEP_MS);
}

void server_drain(struct server *s, bool succeeded) {
    if (s->draining) {
        loop_stop(s->loop);
        return;
    }
    s->draining = true;
    s->succeeded = succeeded;
    http_quiesce(s->http);
    log_fmt(LOG_INFO, "draining", "connections", "%u", s->nconns);
    s->drain.fire = drain_step;
    s->drain_begun = loop_now(s->loop);
    loop_timer(s->loop, &s->drain, s->drain_begun);
}
