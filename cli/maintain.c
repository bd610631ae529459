/* maintain.c - maitred maintain: the feed's upkeep and what is due by itself, for cron or a timer
 * when no sidecar runs; and the check and the remaking of the sums that the figures are made of
 * (docs/statistics.md).
 *
 * Asks api.feed_maintenance_plan() and runs its statements one by one, each on its own, because
 * DETACH CONCURRENTLY refuses to run inside a transaction. What fails is left to the next plan:
 * ending the session gives the plan's lock back.
 */
#include "config.h"

#include "cli.h"
#include "pg.h"

/* Columns of the plan. */
enum { COL_STEP, COL_STATEMENT };
/* ... and of the check and the remaking. */
enum { COL_VENUE, COL_WRONG, COL_EXAMPLE };
enum { COL_SUMS = COL_WRONG };
/* ... and of what was due, api.due_run. */
enum { COL_ANNOUNCED, COL_ESCALATED, COL_RELEASED, COL_EXPIRED, COL_WAIT };
static const char *const due_done[COL_WAIT] = {
    [COL_ANNOUNCED] = "reservations announced",
    [COL_ESCALATED] = "messages escalated",
    [COL_RELEASED] = "reserved tables released",
    [COL_EXPIRED] = "sessions expired",
};

static struct { bool verify, rebuild; } o;

static const struct opt opts[] = {
    {"verify-rollups", OPT_FLAG, &o.verify, NULL,
     "compare every sum with the rows; 1 if one is off"},
    {"rebuild-rollups", OPT_FLAG, &o.rebuild, NULL,
     "make the sums anew of venues where one is off"},
    {0},
};

static bool steps_run(struct cli *c, const struct pg_rows *plan, struct err *e) {
    for (int r = 0; r < plan->n; r++) {
        const char *statement = pg_value(plan, r, COL_STATEMENT);
        cli_say(c, "%s", statement);
        if (!pg_do(c->pg, statement, e))
            return false;
    }
    return true;
}

static bool rollups_verify(struct cli *c, struct err *e) {
    struct pg_rows rows;
    if (!pg_call(c->pg, "select * from api.rollup_verify()", 0, NULL, &rows, e))
        return false;
    int off = 0;
    for (int r = 0; r < rows.n; r++) {
        if (str_eq(pg_value(&rows, r, COL_WRONG), "0"))
            continue;
        cli_say(c, "%s: %s sums are off; %s", pg_value(&rows, r, COL_VENUE),
                pg_value(&rows, r, COL_WRONG), pg_value(&rows, r, COL_EXAMPLE));
        off++;
    }
    if (!off)
        cli_say(c, "every sum of %d venues is what its rows say", rows.n);
    pg_rows_free(&rows);
    return off == 0 ||
           err_set(e, ERR_CONFLICT, "sums are off; maintain --rebuild-rollups mends them");
}

static bool rollups_rebuild(struct cli *c, struct err *e) {
    struct pg_rows rows;
    if (!pg_call(c->pg, "select * from api.rollup_rebuild()", 0, NULL, &rows, e))
        return false;
    for (int r = 0; r < rows.n; r++)
        cli_say(c, "%s: %s sums made anew", pg_value(&rows, r, COL_VENUE),
                pg_value(&rows, r, COL_SUMS));
    if (rows.n == 0)
        cli_say(c, "nothing to do: every sum is what its rows say");
    pg_rows_free(&rows);
    return true;
}

static bool feed_maintain(struct cli *c, struct err *e) {
    struct pg_rows plan;
    if (!pg_call(c->pg, "select * from api.feed_maintenance_plan()", 0, NULL, &plan, e))
        return false;
    bool good = steps_run(c, &plan, e);
    if (plan.n == 0)
        cli_say(c, "nothing to do, or another process is at it");
    pg_rows_free(&plan);
    return good;
}

/* A call does a hundred at most, and is out of work when it asks not to be called again at once. */
static bool due_run(struct cli *c, struct err *e) {
    struct pg_rows rows;
    for (bool more = true; more;) {
        if (!pg_call(c->pg, "select * from api.due_run(100)", 0, NULL, &rows, e))
            return false;
        for (int i = 0; i < COL_WAIT; i++)
            if (!str_eq(pg_value(&rows, 0, i), "0"))
                cli_say(c, "%s: %s", due_done[i], pg_value(&rows, 0, i));
        const char *wait = pg_value(&rows, 0, COL_WAIT);
        more = wait && str_eq(wait, "0");
        pg_rows_free(&rows);
    }
    return true;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    if (!cli_connect(c, NULL, e))
        return false;
    if (!o.verify && !o.rebuild)
        return feed_maintain(c, e) && due_run(c, e);
    return (!o.rebuild || rollups_rebuild(c, e)) && (!o.verify || rollups_verify(c, e));
}

const struct command command_maintain = {
    "maintain",
    "",
    0,
    0,
    "Make the event log's days ahead, drop old ones, do what is due.",
    "Sidecars do this by themselves; a timer may do it too. Running it twice at once is safe."
    " With an option it looks after the sums of the figures instead.",
    opts,
    run};
