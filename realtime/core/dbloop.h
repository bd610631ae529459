/* dbloop.h - a database connection (data/dba) on our loop: its socket watched, its deadline a timer.
 *
 * Used by whoever in the sidecar owns a connection: feed, states, action pool, maintenance. The
 * hooks are the owner's; `watch` is ours.
 */
#ifndef CORE_DBLOOP_H
#define CORE_DBLOOP_H

#include "core/loop.h"
#include "data/dba.h"

struct settings;
struct dbloop;

struct dbloop_hooks {
    void *ctx;
    void (*connected)(void *ctx); /* each may be NULL */
    void (*lost)(void *ctx);
    void (*notified)(void *ctx, const char *payload);
};

/* Connects as the sidecar's role; `program` becomes application_name ("maitred-feed"). */
struct dbloop *dbloop_open(struct loop *l, const struct settings *set, const char *program,
                           const char *listen_channel, const struct dbloop_hooks *h);
void dbloop_close(struct dbloop *d);
/* It stands but does not answer: give it up and connect anew. */
void dbloop_abandon(struct dbloop *d);
bool dbloop_up(const struct dbloop *d);
struct dba *dbloop_dba(struct dbloop *d);
/* For a connection whose dba others call directly: looks after its deadline at the end of every
 * turn. It must then live as long as the loop runs. */
void dbloop_every_turn(struct dbloop *d);
/* After every dba_call or dba_query from outside a hook or callback: the deadline may have moved. */
void dbloop_call(struct dbloop *d, const struct op *op, const struct principal *p,
                 const struct op_values *values, const struct db_key *key, dba_done *done, void *ctx);
void dbloop_query(struct dbloop *d, const char *sql, int n, const char *const *values,
                  dba_rows_done *done, void *ctx);

#endif
