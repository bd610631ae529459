/* maintain.c - maitred maintain: the feed's upkeep, for cron or a timer when no sidecar runs.
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

static bool steps_run(struct cli *c, const struct pg_rows *plan, struct err *e) {
    for (int r = 0; r < plan->n; r++) {
        const char *statement = pg_value(plan, r, COL_STATEMENT);
        cli_say(c, "%s", statement);
        if (!pg_do(c->pg, statement, e))
            return false;
    }
    return true;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    struct pg_rows plan;
    if (!cli_connect(c, NULL, e) ||
        !pg_call(c->pg, "select * from api.feed_maintenance_plan()", 0, NULL, &plan, e))
        return false;
    bool good = steps_run(c, &plan, e);
    if (plan.n == 0)
        cli_say(c, "nothing to do, or another process is at it");
    pg_rows_free(&plan);
    return good;
}

const struct command command_maintain = {
    "maintain", "", 0, 0, "Make the event log's days ahead and drop old ones.",
    "Sidecars do this by themselves; a timer may do it too. Running it twice at once is safe.", NULL,
    run};
