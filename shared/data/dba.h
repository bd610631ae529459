/* dba.h - ops in flight: one libpq connection in pipeline mode, driven by somebody's event loop.
 *
 * Loop-agnostic: the owner watches dba_fd for dba_events and calls dba_ready, and dba_tick when
 * dba_deadline passes. Each call has its own sync, so an error aborts only itself; its outcome is
 * decided at PIPELINE_SYNC and never earlier, because a deferred trigger can fail the commit after
 * the rows came (LIBRARIES section 5). Reconnects with backoff 0.1 .. 5 s by itself; calls in
 * flight at a loss fail with UNAVAILABLE, as do calls while it is away. Not thread-safe.
 * Callbacks run inside dba_ready/dba_tick/dba_call's caller's turn, never inside dba_call itself.
 */
#ifndef DATA_DBA_H
#define DATA_DBA_H

#include "data/db.h"

struct dba;

struct dba_hooks {
    void *ctx;
    /* The fd or the wanted events changed (fd -1: none at the moment): update the watch. */
    void (*watch)(void *ctx, int fd, bool want_read, bool want_write);
    void (*connected)(void *ctx);             /* after each (re)connect, LISTEN already issued */
    void (*lost)(void *ctx);                  /* the connection went away */
    void (*notified)(void *ctx, const char *payload); /* or NULL when it does not LISTEN */
};

/* `listen_channel` may be NULL. */
struct dba *dba_open(const char *conninfo, const char *listen_channel, const struct dba_hooks *h);
void dba_close(struct dba *d);
/* Before the close: waits until all that was asked is answered, at most so long. From now on nobody
 * is told of a notification or a loss. */
void dba_finish(struct dba *d, int ms);
void dba_abandon(struct dba *d); /* it does not answer: lost, as of the next dba_tick */
bool dba_up(const struct dba *d);

void dba_ready(struct dba *d, bool readable, bool writable);
uint64_t dba_deadline(const struct dba *d); /* clock_mono_ms of the next dba_tick, 0: none */
void dba_tick(struct dba *d);

/* `done` is called exactly once; the answer and everything in it die when it returns. */
typedef void dba_done(void *ctx, const struct answer *answer, const struct err *e);
void dba_call(struct dba *d, const struct op *op, const struct principal *p,
              const struct op_values *values, const struct db_key *key, dba_done *done, void *ctx);

/* A set-returning reader function of the feed: `sql` is one constant `select ... from api.f(...)`. */
struct dba_rows {
    int nrows, ncols;
    const void *res; /* PGresult */
};
const char *dba_value(const struct dba_rows *r, int row, int col); /* NULL: SQL null */
typedef void dba_rows_done(void *ctx, const struct dba_rows *rows, const struct err *e);
void dba_query(struct dba *d, const char *sql, int n, const char *const *values, dba_rows_done *done,
               void *ctx);
/* Drops the callbacks of `ctx` (its owner dies); the calls themselves run to their end. */
void dba_forget(struct dba *d, void *ctx);

#endif
