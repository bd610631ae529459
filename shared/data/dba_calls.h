/* dba_calls.h - inside of data: the calls in flight of a struct dba, in order.
 *
 * dba.c owns the connection and says when to read; this half sends, collects what comes back up to
 * each PIPELINE_SYNC and tells the caller. Nobody outside data includes it.
 */
#ifndef DATA_DBA_CALLS_H
#define DATA_DBA_CALLS_H

#include "data/dba.h"
#include "data/pg.h"

/* What dba.c itself waits for while it sets up a connection; NULL error: it worked. */
typedef void calls_setup_done(void *ctx, const PGresult *res, bool ok);

struct call; /* one op, reader query or step of the set-up */

struct call_list {
    struct call *first, *last;
};

struct calls {
    struct call_list sent;   /* in the order of the pipeline */
    struct call_list doomed; /* to be told that it did not work, at the next turn */
    int in_flight;
    struct stmts *stmts;
    struct arena *arena; /* of one delivery */
};

void calls_init(struct calls *c);
void calls_free(struct calls *c);

struct call *call_op(const struct op *op, const struct principal *p, const struct op_values *values,
                     const struct db_key *key, dba_done *done, void *ctx);
struct call *call_rows(const char *sql, int n, const char *const *values, dba_rows_done *done,
                       void *ctx);
struct call *call_setup(const char *sql, calls_setup_done *done, void *ctx);

/* Appends to the pipeline with a sync of its own; false: the connection is broken. */
bool calls_send(struct calls *c, PGconn *conn, struct call *call) must_check;
/* It can't be sent: told at the next calls_deliver_doomed. */
void calls_doom(struct calls *c, struct call *call, enum err_code code);
void calls_doom_all(struct calls *c); /* the connection is gone */
bool calls_any_doomed(const struct calls *c);
void calls_deliver_doomed(struct calls *c);
/* Takes every result that is there and delivers every call whose sync has come. False: a call that
 * has to be sent again could not be. */
bool calls_read(struct calls *c, PGconn *conn) must_check;
void calls_forget(struct calls *c, const void *ctx);

#endif
