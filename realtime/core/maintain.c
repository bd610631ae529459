/* maintain.c - runs the plan of the feed's upkeep, statement by statement. See maintain.h.
 *
 * The statements are the database's own words (api.feed_maintenance_plan), each a transaction of
 * its own: a DETACH CONCURRENTLY can't share one. Owns its connection, open only while there is
 * work: the plan's advisory lock and `set role` end with it.
 */
#include "config.h"

#include "core/maintain.h"

#include "base/log.h"
#include "base/mem.h"
#include "core/dbloop.h"

#include <string.h>

#define DAY_MS   86400000u
#define RETRY_MS 600000u
#define PLAN_SQL "select statement from api.feed_maintenance_plan() order by step"

struct maintain {
    struct server *server;
    struct dbloop *db; /* NULL: nothing to do now */
    char **steps;
    int nsteps, done;
    bool failed;
    struct timer timer;
};

static void steps_free(struct maintain *m) {
    for (int i = 0; i < m->nsteps; i++)
        x_free(m->steps[i]);
    x_free(m->steps);
    m->steps = NULL;
    m->nsteps = m->done = 0;
}

static void close_db(void *obj) {
    dbloop_close(obj);
}

/* Inside a callback of the connection, so it goes with the turn. */
static void finish(struct maintain *m) {
    struct loop *l = m->server->loop;
    if (m->nsteps)
        log_fmt(m->failed ? LOG_WARN : LOG_INFO, "feed upkeep", "steps", "%d of %d%s", m->done,
                m->nsteps, m->failed ? ", the rest later" : "");
    loop_timer(l, &m->timer, loop_now(l) + (m->failed ? RETRY_MS : DAY_MS));
    steps_free(m);
    loop_dead(l, m->db, close_db);
    m->db = NULL;
}

static void step_next(struct maintain *m);

static void on_step(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct maintain *m = ctx;
    (void)rows;
    if (e) { /* what follows leans on it: the next plan begins with it */
        log_event(LOG_WARN, "feed upkeep step failed", "statement", m->steps[m->done], "code",
                  e->slug, NULL);
        m->failed = true;
        finish(m);
        return;
    }
    m->done++;
    step_next(m);
}

static void step_next(struct maintain *m) {
    if (m->done == m->nsteps)
        finish(m);
    else
        dbloop_query(m->db, m->steps[m->done], 0, NULL, on_step, m);
}

static void on_plan(void *ctx, const struct dba_rows *rows, const struct err *e) {
    struct maintain *m = ctx;
    if (e) {
        log_event(LOG_WARN, "feed upkeep not planned", "code", e->slug, NULL);
        m->failed = true;
        finish(m);
        return;
    }
    m->steps = x_alloc((size_t)rows->nrows * sizeof *m->steps);
    for (int i = 0; i < rows->nrows; i++)
        m->steps[m->nsteps++] = x_strdup(dba_value(rows, i, 0));
    step_next(m);
}

static void on_connected(void *ctx) {
    struct maintain *m = ctx;
    if (m->db && !m->nsteps)
        dbloop_query(m->db, PLAN_SQL, 0, NULL, on_plan, m);
}

static void on_timer(struct timer *t) {
    struct maintain *m = container_of(t, struct maintain, timer);
    struct dbloop_hooks hooks = {.ctx = m, .connected = on_connected};
    m->failed = false;
    m->db = dbloop_open(m->server->loop, m->server->settings, "maitred-upkeep", NULL, &hooks);
}

struct maintain *maintain_start(struct server *s) {
    struct maintain *m = x_new(struct maintain);
    m->server = s;
    m->timer.fire = on_timer;
    loop_timer(s->loop, &m->timer, loop_now(s->loop));
    return m;
}

void maintain_stop(struct maintain *m) {
    if (!m)
        return;
    loop_timer_off(m->server->loop, &m->timer);
    if (m->db) {
        dba_forget(dbloop_dba(m->db), m);
        dbloop_close(m->db);
    }
    steps_free(m);
    x_free(m);
}
