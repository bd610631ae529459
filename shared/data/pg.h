/* pg.h - inside of data: what db.c (blocking) and dba.c (pipelined) have in common over libpq.
 * Nobody outside data includes it. */
#ifndef DATA_PG_H
#define DATA_PG_H

#include "data/op.h"

#include <libpq-fe.h>

/* Prepared statements of one connection; forgotten with it. */
struct stmts;
struct stmt {
    const char *name; /* on the server */
    const char *sql;
    bool fresh; /* not prepared yet on this connection: prepare it, then clear this */
};
struct stmts *stmts_new(void);
void stmts_free(struct stmts *s);
void stmts_forget(struct stmts *s); /* a new connection knows none */
struct stmt *stmts_op(struct stmts *s, const struct op *op, bool keyed); /* op_sql */
struct stmt *stmts_query(struct stmts *s, const char *sql);
void stmts_renew(struct stmts *s, struct stmt *stmt); /* the server's plan is stale: another name */

/* Keywords and values for PQconnect*Params; `conninfo` overrides our defaults. */
#define PG_PARAMS_MAX 12
void pg_params(const char *conninfo, const char *keys[PG_PARAMS_MAX],
               const char *values[PG_PARAMS_MAX]);
void pg_quiet(PGconn *conn); /* notices to the log, at debug */

/* The op's parameters in order; returns their number. */
int pg_values(const struct op *op, const struct principal *p, const struct op_values *values,
              const char *key, const char *hash, struct arena *a, const char *out[OP_ARGS_MAX + 4]);
/* One row of the six columns, copied into the arena. */
bool pg_answer(const struct op *op, const PGresult *res, struct arena *a, struct answer *out,
               struct err *e) must_check;

enum pg_verdict {
    PG_FINE,
    PG_SERIALIZATION, /* 40001, 40P01: try again */
    PG_STALE_PLAN,    /* the prepared statement is unknown or its result type changed */
    PG_LOST,          /* the connection is gone */
    PG_REFUSED        /* anything else: db_error says what */
};
enum pg_verdict pg_verdict(const PGresult *res, const PGconn *conn);

/* maitred.constraint_error, one copy a process, replaced at each connect. */
#define CONSTRAINTS_SQL                                                                            \
    "select constraint_name, status, code, detail, field from api.constraint_errors()"
void constraints_load(const PGresult *res);
/* Copies what a constraint means into `e`; false when it is not in the table. */
bool constraint_explain(const char *name, struct err *e) must_check;

#endif
