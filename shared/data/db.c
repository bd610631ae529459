/* db.c - ops over one blocking connection; see db.h. One struct db a thread.
 *
 * Before a statement is sent that may be sent only once, the socket is looked at: a server that was
 * restarted in the meantime has closed it, and then the statement may still be sent on a new
 * connection, because nothing was sent on the old one. Any other is simply sent again.
 */
#include <config.h>

#include "data/db.h"
#include "data/pg.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define SERIAL_RETRIES   3
#define CONNECT_PAUSE_MS 200

struct db {
    char *conninfo;
    PGconn *conn;
    struct stmts *stmts;
    bool said_away;         /* one line in the log when it goes, one when it is back */
    uint64_t connect_after; /* clock_mono_ms; a server that is away is not asked at every call */
};

struct db *db_open(const char *conninfo) {
    struct db *db = x_new(struct db);
    db->conninfo = x_strdup(conninfo);
    db->stmts = stmts_new();
    return db;
}

static void drop(struct db *db) {
    PQfinish(db->conn);
    db->conn = NULL;
    stmts_forget(db->stmts);
}

void db_close(struct db *db) {
    if (!db)
        return;
    drop(db);
    stmts_free(db->stmts);
    x_free(db->conninfo);
    x_free(db);
}

static bool away(struct err *e) {
    err_set(e, ERR_UNAVAILABLE, "%s", "");
    e->retry_after = 2;
    return false;
}

static bool open_connection(struct db *db, struct err *e) {
    const char *keys[PG_PARAMS_MAX], *values[PG_PARAMS_MAX];
    if (clock_mono_ms() < db->connect_after)
        return away(e);
    pg_params(db->conninfo, keys, values);
    db->conn = PQconnectdbParams(keys, values, 1);
    require(db->conn != NULL);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        if (!db->said_away)
            log_event(LOG_WARN, "database is away", NULL);
        db->said_away = true;
        drop(db);
        db->connect_after = clock_mono_ms() + CONNECT_PAUSE_MS;
        return away(e);
    }
    if (db->said_away)
        log_event(LOG_INFO, "database is back", NULL);
    db->said_away = false;
    pg_quiet(db->conn);
    PGresult *res = PQexec(db->conn, CONSTRAINTS_SQL);
    constraints_load(res);
    PQclear(res);
    return true;
}

struct call {
    const struct op *op;
    bool keyed;
    const char *values[OP_ARGS_MAX + 4];
    int n;
    bool repeatable; /* a lost answer may be asked for again */
};

/* An idle connection has nothing to read; if it has, it is a notice or, behind a last message, the
 * end: so it is read until there is nothing left. */
static bool still_there(PGconn *conn) {
    struct pollfd p = {.fd = PQsocket(conn), .events = POLLIN};
    while (PQstatus(conn) == CONNECTION_OK && poll(&p, 1, 0) > 0) {
        if (!PQconsumeInput(conn))
            return false;
    }
    return PQstatus(conn) == CONNECTION_OK;
}

static bool connected(struct db *db, const struct call *c, struct err *e) {
    if (db->conn && (c->repeatable ? PQstatus(db->conn) == CONNECTION_OK : still_there(db->conn)))
        return true;
    drop(db);
    return open_connection(db, e);
}

static PGresult *run(struct db *db, const struct call *c) {
    struct stmt *stmt = stmts_op(db->stmts, c->op, c->keyed);
    if (stmt->fresh) {
        PGresult *res = PQprepare(db->conn, stmt->name, stmt->sql, 0, NULL);
        if (PQresultStatus(res) != PGRES_COMMAND_OK)
            return res;
        PQclear(res);
        stmt->fresh = false;
    }
    PGresult *res = PQexecPrepared(db->conn, stmt->name, c->n, c->values, NULL, NULL, 0);
    if (pg_verdict(res, db->conn) == PG_STALE_PLAN)
        stmts_renew(db->stmts, stmt);
    return res;
}

static void pause_before_retry(int attempt) {
    /* Two that lost against each other must not meet again at the same moment. */
    unsigned short jitter;
    random_bytes(&jitter, sizeof jitter);
    struct timespec t = {.tv_nsec = 1000000L * (attempt * 5 + jitter % 16)};
    nanosleep(&t, NULL);
}

struct retries {
    int serialization, plan, lost;
};

static bool may_retry(enum pg_verdict verdict, const struct call *c, struct retries *done) {
    switch (verdict) {
    case PG_SERIALIZATION:
        if (done->serialization >= SERIAL_RETRIES)
            return false;
        pause_before_retry(++done->serialization);
        return true;
    case PG_STALE_PLAN:
        return done->plan++ < 1;
    case PG_LOST:
        return c->repeatable && done->lost++ < 1;
    default:
        return false;
    }
}

static bool call_run(struct db *db, const struct call *c, struct arena *a, struct answer *out,
                     struct err *e) {
    struct retries done = {0, 0, 0};
    while (connected(db, c, e)) {
        PGresult *res = run(db, c);
        enum pg_verdict verdict = pg_verdict(res, db->conn);
        if (verdict != PG_FINE && may_retry(verdict, c, &done)) {
            PQclear(res);
            continue;
        }
        bool ok = verdict == PG_FINE ? pg_answer(c->op, res, a, out, e)
                                     : db_error(c->op->name, verdict == PG_LOST ? NULL : res, a, e);
        PQclear(res);
        return ok;
    }
    return false;
}

bool db_call(struct db *db, const struct op *op, const struct principal *p,
             const struct op_values *values, const struct db_key *key, struct arena *a,
             struct answer *out, struct err *e) {
    struct call c = {.op = op, .keyed = key, .repeatable = !op->write || key};
    c.n = pg_values(op, p, values, key ? key->key : NULL, key ? key->hash : NULL, a, c.values);
    return call_run(db, &c, a, out, e);
}
