/* dba.c - one pipelined libpq connection in somebody's event loop; see dba.h.
 *
 * States: away (waiting for the next attempt) -> connecting (PQconnectPoll) -> setup (LISTEN and
 * the constraint table, each its own sync) -> up. A loss from any state goes back to away. What
 * breaks inside dba_call is only noted and dealt with in the next dba_tick, so that no callback
 * runs inside dba_call.
 */
#include <config.h>

#include "data/dba_calls.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <poll.h>
#include <string.h>

#define BACKOFF_MIN_MS     100
#define BACKOFF_MAX_MS     5000
#define CONNECT_TIMEOUT_MS 5000
#define IN_FLIGHT_MAX      4096

enum dba_state { DBA_AWAY, DBA_CONNECTING, DBA_SETUP, DBA_UP };

struct dba {
    char *conninfo, *channel;
    struct dba_hooks hooks;
    PGconn *conn;
    enum dba_state state;
    struct calls calls;
    int setup_left;
    bool broken;          /* to be given up at the next turn */
    uint64_t deadline_ms; /* of the state, but for DBA_UP */
    unsigned backoff_ms;
    int watched_fd;
    bool watched_read, watched_write;
};

static void watch(struct dba *d, int fd, bool want_read, bool want_write) {
    if (fd == d->watched_fd &&
        (fd < 0 || (want_read == d->watched_read && want_write == d->watched_write)))
        return;
    d->watched_fd = fd;
    d->watched_read = want_read;
    d->watched_write = want_write;
    if (d->hooks.watch)
        d->hooks.watch(d->hooks.ctx, fd, want_read, want_write);
}

struct dba *dba_open(const char *conninfo, const char *listen_channel, const struct dba_hooks *h) {
    struct dba *d = x_new(struct dba);
    d->conninfo = x_strdup(conninfo);
    d->channel = listen_channel ? x_strdup(listen_channel) : NULL;
    d->hooks = *h;
    d->backoff_ms = BACKOFF_MIN_MS;
    d->watched_fd = -1;
    d->deadline_ms = clock_mono_ms(); /* the first attempt is the owner's first dba_tick */
    calls_init(&d->calls);
    return d;
}

static void disconnect(struct dba *d) {
    watch(d, -1, false, false); /* before the fd is closed and its number used again */
    PQfinish(d->conn);
    d->conn = NULL;
    d->state = DBA_AWAY;
    d->broken = false;
    calls_doom_all(&d->calls);
}

/* Not in step with the other sidecars: half of the pause is drawn by lot. */
static unsigned pause_ms(struct dba *d) {
    unsigned lot, ms = d->backoff_ms;
    random_bytes(&lot, sizeof lot);
    d->backoff_ms = ms * 2 < BACKOFF_MAX_MS ? ms * 2 : BACKOFF_MAX_MS;
    return ms / 2 + lot % (ms / 2 + 1);
}

static void lose(struct dba *d) {
    bool was_up = d->state == DBA_UP;
    disconnect(d);
    d->deadline_ms = clock_mono_ms() + pause_ms(d);
    log_event(was_up ? LOG_WARN : LOG_DEBUG, "database connection lost", NULL);
    if (was_up && d->hooks.lost)
        d->hooks.lost(d->hooks.ctx);
    calls_deliver_doomed(&d->calls);
}

void dba_close(struct dba *d) {
    if (!d)
        return;
    disconnect(d);
    calls_deliver_doomed(&d->calls); /* what is called from in there is dropped */
    calls_free(&d->calls);
    x_free(d->conninfo);
    x_free(d->channel);
    x_free(d);
}

void dba_abandon(struct dba *d) {
    d->broken = d->state != DBA_AWAY;
}

bool dba_up(const struct dba *d) {
    return d->state == DBA_UP && !d->broken;
}

/* ---- in and out */

static void flush(struct dba *d) {
    int left = PQflush(d->conn);
    if (left < 0)
        d->broken = true;
    else
        watch(d, PQsocket(d->conn), true, left == 1);
}

static void take_notifications(struct dba *d) {
    PGnotify *n;
    while (d->conn && (n = PQnotifies(d->conn)) != NULL) {
        if (d->hooks.notified)
            d->hooks.notified(d->hooks.ctx, n->extra);
        PQfreemem(n);
    }
}

/* What was read before the end of the connection still counts: a commit may be among it. */
static void take_input(struct dba *d) {
    bool there = PQconsumeInput(d->conn) == 1;
    take_notifications(d);
    if (!calls_read(&d->calls, d->conn))
        d->broken = true;
    take_notifications(d); /* results can carry them */
    if (!there || PQstatus(d->conn) != CONNECTION_OK)
        d->broken = true;
}

void dba_finish(struct dba *d, int ms) {
    uint64_t end = clock_mono_ms() + (uint64_t)ms;
    d->hooks.notified = NULL;
    d->hooks.lost = NULL;
    while (dba_up(d) && d->calls.in_flight > 0) {
        uint64_t now = clock_mono_ms();
        struct pollfd p = {PQsocket(d->conn), POLLIN | (d->watched_write ? POLLOUT : 0), 0};
        if (now >= end || poll(&p, 1, (int)(end - now)) <= 0)
            return;
        take_input(d);
        if (!d->broken)
            flush(d);
    }
}

/* ---- connecting */

static void setup_step_done(struct dba *d) {
    if (--d->setup_left > 0)
        return;
    d->state = DBA_UP;
    d->backoff_ms = BACKOFF_MIN_MS;
    if (d->hooks.connected)
        d->hooks.connected(d->hooks.ctx);
}

static void on_listening(void *ctx, const PGresult *res, bool ok) {
    struct dba *d = ctx;
    (void)res;
    if (!ok) {
        log_event(LOG_ERROR, "LISTEN failed", "channel", d->channel, NULL);
        d->broken = true;
        return;
    }
    setup_step_done(d);
}

static void on_constraints(void *ctx, const PGresult *res, bool ok) {
    struct dba *d = ctx;
    if (ok)
        constraints_load(res);
    else
        log_event(LOG_WARN, "the table of constraints can't be read", NULL);
    setup_step_done(d);
}

static void setup_send(struct dba *d, const char *sql, calls_setup_done *done) {
    d->setup_left++;
    if (!calls_send(&d->calls, d->conn, call_setup(sql, done, d)))
        d->broken = true;
}

static void setup(struct dba *d) {
    d->state = DBA_SETUP;
    d->setup_left = 0;
    pg_quiet(d->conn);
    if (PQsetnonblocking(d->conn, 1) != 0 || !PQenterPipelineMode(d->conn)) {
        d->broken = true;
        return;
    }
    setup_send(d, CONSTRAINTS_SQL, on_constraints);
    if (d->channel) {
        struct str sql = STR_INIT;
        char *quoted = PQescapeIdentifier(d->conn, d->channel, strlen(d->channel));
        require(quoted != NULL);
        str_printf(&sql, "listen %s", quoted);
        setup_send(d, str_c(&sql), on_listening);
        PQfreemem(quoted);
        str_free(&sql);
    }
    flush(d);
}

static void connect_step(struct dba *d) {
    /* libpq may close the socket and open another one with the same number. */
    watch(d, -1, false, false);
    switch (PQconnectPoll(d->conn)) {
    case PGRES_POLLING_READING:
        watch(d, PQsocket(d->conn), true, false);
        break;
    case PGRES_POLLING_WRITING:
        watch(d, PQsocket(d->conn), false, true);
        break;
    case PGRES_POLLING_OK:
        setup(d);
        break;
    default:
        d->broken = true;
    }
}

static void connect_start(struct dba *d) {
    const char *keys[PG_PARAMS_MAX], *values[PG_PARAMS_MAX];
    pg_params(d->conninfo, keys, values);
    d->conn = PQconnectStartParams(keys, values, 1);
    require(d->conn != NULL);
    d->state = DBA_CONNECTING;
    d->deadline_ms = clock_mono_ms() + CONNECT_TIMEOUT_MS;
    if (PQstatus(d->conn) == CONNECTION_BAD)
        d->broken = true;
    else /* as after a poll that wants to write (libpq, "PQconnectPoll") */
        watch(d, PQsocket(d->conn), false, true);
}

/* ---- the owner's loop */

void dba_ready(struct dba *d, bool readable, bool writable) {
    if (d->state == DBA_AWAY)
        return;
    if (d->state == DBA_CONNECTING) {
        connect_step(d);
    } else {
        if (readable)
            take_input(d);
        if (!d->broken && (writable || d->watched_write || readable))
            flush(d);
    }
    if (d->broken)
        lose(d);
}

uint64_t dba_deadline(const struct dba *d) {
    if (d->broken || calls_any_doomed(&d->calls))
        return clock_mono_ms();
    return d->state == DBA_UP ? 0 : d->deadline_ms;
}

void dba_tick(struct dba *d) {
    calls_deliver_doomed(&d->calls);
    bool due = d->state != DBA_UP && clock_mono_ms() >= d->deadline_ms;
    if (d->broken || (due && d->state != DBA_AWAY))
        lose(d);
    else if (due)
        connect_start(d);
    if (d->broken)
        lose(d);
}

/* ---- calls */

static void submit(struct dba *d, struct call *call) {
    if (!dba_up(d))
        calls_doom(&d->calls, call, ERR_UNAVAILABLE);
    else if (d->calls.in_flight >= IN_FLIGHT_MAX)
        calls_doom(&d->calls, call, ERR_OVERLOADED);
    else if (!calls_send(&d->calls, d->conn, call))
        d->broken = true;
    else
        flush(d);
}

void dba_call(struct dba *d, const struct op *op, const struct principal *p,
              const struct op_values *values, const struct db_key *key, dba_done *done, void *ctx) {
    submit(d, call_op(op, p, values, key, done, ctx));
}

void dba_query(struct dba *d, const char *sql, int n, const char *const *values,
               dba_rows_done *done, void *ctx) {
    submit(d, call_rows(sql, n, values, done, ctx));
}

void dba_forget(struct dba *d, void *ctx) {
    calls_forget(&d->calls, ctx);
}

const char *dba_value(const struct dba_rows *r, int row, int col) {
    return PQgetisnull(r->res, row, col) ? NULL : PQgetvalue(r->res, row, col);
}
