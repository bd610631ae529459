/* dba_calls.c - the pipeline of a struct dba: send, collect, decide at PIPELINE_SYNC, deliver.
 *
 * A deferred trigger can fail the commit after the rows came (LIBRARIES section 5), so rows are
 * kept and nobody is told of them before their sync. Each call has its own sync: an error ends with
 * it. Parameters are kept until then, because a deadlock or a stale plan is tried again.
 */
#include <config.h>

#include "data/dba_calls.h"

#include "base/mem.h"

#include <string.h>

#define SERIAL_RETRIES 3
#define RETRY_AFTER_S  2

enum call_kind { CALL_OP, CALL_ROWS, CALL_SETUP };

struct call {
    struct call *next;
    enum call_kind kind;
    const struct op *op; /* CALL_OP */
    bool keyed;
    char *sql;         /* of the others */
    struct stmt *stmt; /* of the connection it was sent on */
    union {
        dba_done *op;
        dba_rows_done *rows;
        calls_setup_done *setup;
    } done;
    void *ctx;
    bool forgotten;
    bool preparing;         /* the next results belong to the prepare */
    PGresult *rows, *error; /* collected until the sync */
    enum err_code doom;
    int serial_tries, plan_tries;
    int n;
    const char *values[OP_ARGS_MAX + 4]; /* each x_strdup'ed or NULL */
};

void calls_init(struct calls *c) {
    *c = (struct calls){.stmts = stmts_new(), .arena = arena_new(16384)};
}

static void list_push(struct call_list *list, struct call *call) {
    call->next = NULL;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
}

static struct call *list_pop(struct call_list *list) {
    struct call *call = list->first;
    if (call)
        list->first = call->next;
    if (!list->first)
        list->last = NULL;
    return call;
}

static void call_free(struct call *call) {
    for (int i = 0; i < call->n; i++)
        x_free((char *)call->values[i]);
    PQclear(call->rows);
    PQclear(call->error);
    x_free(call->sql);
    x_free(call);
}

void calls_free(struct calls *c) {
    for (struct call *call; (call = list_pop(&c->doomed)) != NULL;)
        call_free(call);
    require(!c->sent.first);
    stmts_free(c->stmts);
    arena_free(c->arena);
}

/* ---- making one */

static struct call *call_new(enum call_kind kind, int n, const char *const *values, void *ctx) {
    struct call *call = x_new(struct call);
    require(n <= OP_ARGS_MAX + 4);
    call->kind = kind;
    call->ctx = ctx;
    call->n = n;
    for (int i = 0; i < n; i++)
        call->values[i] = values[i] ? x_strdup(values[i]) : NULL;
    return call;
}

struct call *call_op(const struct op *op, const struct principal *p, const struct op_values *values,
                     const struct db_key *key, dba_done *done, void *ctx) {
    const char *params[OP_ARGS_MAX + 4];
    struct arena *scratch = arena_new(512);
    int n =
        pg_values(op, p, values, key ? key->key : NULL, key ? key->hash : NULL, scratch, params);
    struct call *call = call_new(CALL_OP, n, params, ctx);
    arena_free(scratch);
    call->op = op;
    call->keyed = key != NULL;
    call->done.op = done;
    return call;
}

struct call *call_rows(const char *sql, int n, const char *const *values, dba_rows_done *done,
                       void *ctx) {
    struct call *call = call_new(CALL_ROWS, n, values, ctx);
    call->sql = x_strdup(sql);
    call->done.rows = done;
    return call;
}

struct call *call_setup(const char *sql, calls_setup_done *done, void *ctx) {
    struct call *call = call_new(CALL_SETUP, 0, NULL, ctx);
    call->sql = x_strdup(sql);
    call->done.setup = done;
    return call;
}

/* ---- sending */

static bool send_prepared(struct calls *c, PGconn *conn, struct call *call) {
    call->stmt = call->kind == CALL_OP ? stmts_op(c->stmts, call->op, call->keyed)
                                       : stmts_query(c->stmts, call->sql);
    call->preparing = call->stmt->fresh;
    if (call->preparing && !PQsendPrepare(conn, call->stmt->name, call->stmt->sql, 0, NULL))
        return false;
    call->stmt->fresh = false;
    return PQsendQueryPrepared(conn, call->stmt->name, call->n, call->values, NULL, NULL, 0) == 1;
}

bool calls_send(struct calls *c, PGconn *conn, struct call *call) {
    /* In the list first: what could not be sent is doomed with the connection it belonged to. */
    list_push(&c->sent, call);
    c->in_flight++;
    /* LISTEN can't be prepared; a set-up step runs once a connection anyway. */
    bool sent = call->kind == CALL_SETUP
                    ? PQsendQueryParams(conn, call->sql, 0, NULL, NULL, NULL, NULL, 0) == 1
                    : send_prepared(c, conn, call);
    return sent && PQpipelineSync(conn) == 1;
}

/* ---- delivering */

static void tell_op(struct calls *c, struct call *call) {
    struct answer answer;
    struct err e;
    bool ok = call->rows && !call->error ? pg_answer(call->op, call->rows, c->arena, &answer, &e)
                                         : db_error(call->op->name, call->error, c->arena, &e);
    call->done.op(call->ctx, ok ? &answer : NULL, ok ? NULL : &e);
    arena_reset(c->arena);
}

static void tell_rows(struct calls *c, struct call *call) {
    struct err e;
    struct dba_rows rows = {PQntuples(call->rows), PQnfields(call->rows), call->rows};
    bool ok = (call->rows && !call->error) || db_error("query", call->error, c->arena, &e);
    call->done.rows(call->ctx, ok ? &rows : NULL, ok ? NULL : &e);
    arena_reset(c->arena);
}

static void deliver(struct calls *c, struct call *call) {
    if (call->kind == CALL_SETUP)
        call->done.setup(call->ctx, call->rows, !call->error);
    else if (!call->forgotten && call->kind == CALL_OP)
        tell_op(c, call);
    else if (!call->forgotten)
        tell_rows(c, call);
    call_free(call);
}

static void tell_doomed(struct call *call) {
    struct err e;
    err_set(&e, call->doom, "%s", "");
    e.retry_after = RETRY_AFTER_S;
    if (call->forgotten || call->kind == CALL_SETUP)
        return;
    if (call->kind == CALL_OP)
        call->done.op(call->ctx, NULL, &e);
    else
        call->done.rows(call->ctx, NULL, &e);
}

void calls_doom(struct calls *c, struct call *call, enum err_code code) {
    call->doom = code;
    list_push(&c->doomed, call);
}

void calls_doom_all(struct calls *c) {
    for (struct call *call; (call = list_pop(&c->sent)) != NULL;)
        calls_doom(c, call, ERR_UNAVAILABLE);
    c->in_flight = 0;
    stmts_forget(c->stmts);
}

bool calls_any_doomed(const struct calls *c) {
    return c->doomed.first != NULL;
}

void calls_deliver_doomed(struct calls *c) {
    /* Only those that are there now: a caller that calls again at once waits for the next turn. */
    const struct call *newest = c->doomed.last;
    for (bool more = newest != NULL; more;) {
        struct call *call = list_pop(&c->doomed);
        more = call != newest;
        tell_doomed(call);
        call_free(call);
    }
}

/* ---- collecting */

static void collect(struct calls *c, struct call *call, PGresult *res) {
    ExecStatusType status = PQresultStatus(res);
    bool fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (fine && !call->preparing && !call->rows) {
        call->rows = res;
        return;
    }
    if (!fine && !call->error) {
        call->error = res;
        if (call->preparing) /* the server does not know the name: others must not rely on it */
            stmts_renew(c->stmts, call->stmt);
        return;
    }
    PQclear(res); /* a prepare's success, or PIPELINE_ABORTED after the error */
}

static bool send_again(struct calls *c, PGconn *conn, struct call *call) {
    PQclear(call->rows);
    PQclear(call->error);
    call->rows = call->error = NULL;
    return calls_send(c, conn, call);
}

/* The transaction was undone and may be tried once more. A failing prepare is not a stale plan. */
static bool worth_again(struct calls *c, struct call *call, const PGconn *conn) {
    if (!call->error || call->forgotten || call->kind == CALL_SETUP)
        return false;
    enum pg_verdict verdict = pg_verdict(call->error, conn);
    if (verdict == PG_SERIALIZATION)
        return call->serial_tries++ < SERIAL_RETRIES;
    if (verdict != PG_STALE_PLAN || call->plan_tries++ > 0)
        return false;
    stmts_renew(c->stmts, call->stmt);
    return true;
}

static bool synced(struct calls *c, PGconn *conn) {
    struct call *call = list_pop(&c->sent);
    c->in_flight--;
    if (worth_again(c, call, conn))
        return send_again(c, conn, call);
    deliver(c, call);
    return true;
}

bool calls_read(struct calls *c, PGconn *conn) {
    bool ok = true;
    int nulls = 0; /* one ends a command's results, two in a row are a connection's end */
    while (ok && nulls < 2 && c->sent.first && !PQisBusy(conn)) {
        PGresult *res = PQgetResult(conn);
        nulls = res ? 0 : nulls + 1;
        if (!res) {
            c->sent.first->preparing = false;
        } else if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
            PQclear(res);
            ok = synced(c, conn);
        } else {
            collect(c, c->sent.first, res);
        }
    }
    return ok;
}

static void forget_in(struct call *call, const void *ctx) {
    for (; call; call = call->next)
        call->forgotten = call->forgotten || call->ctx == ctx;
}

void calls_forget(struct calls *c, const void *ctx) {
    forget_in(c->sent.first, ctx);
    forget_in(c->doomed.first, ctx);
}
