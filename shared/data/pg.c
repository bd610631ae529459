/* pg.c - connection parameters, parameters of a call, its row, and what a failure means for the
 * caller; shared by db.c and dba.c.
 */
#include <config.h>

#include "data/pg.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void pg_params(const char *conninfo, const char *keys[PG_PARAMS_MAX],
               const char *values[PG_PARAMS_MAX]) {
    const char *const pairs[][2] = {
        {"fallback_application_name", program_invocation_short_name},
        {"client_encoding", "UTF8"},
        {"connect_timeout", "5"},
        {"tcp_user_timeout", "10000"},
        {"keepalives_idle", "30"},
        /* Expanded in place: what the operator's conninfo says comes later and wins. */
        {"dbname", conninfo},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        keys[i] = pairs[i][0];
        values[i] = pairs[i][1];
    }
}

static void on_notice(void *ctx, const PGresult *res) {
    (void)ctx;
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    log_event(LOG_DEBUG, "database notice", "sqlstate", state ? state : "", NULL);
}

void pg_quiet(PGconn *conn) {
    PQsetNoticeReceiver(conn, on_notice, NULL);
}

int pg_values(const struct op *op, const struct principal *p, const struct op_values *values,
              const char *key, const char *hash, struct arena *a,
              const char *out[OP_ARGS_MAX + 4]) {
    int n = 0;
    require(values->n <= OP_ARGS_MAX);
    out[n++] = op_caller(p, a);
    if (key) {
        out[n++] = key;
        out[n++] = op->name;
        out[n++] = hash;
    }
    for (int i = 0; i < values->n; i++)
        out[n++] = values->v[i];
    return n;
}

static const char *text_at(const PGresult *res, int column) {
    return PQgetisnull(res, 0, column) ? NULL : PQgetvalue(res, 0, column);
}

/* "{1,2,...}" into areas[1..]; NULL and missing members stay 0. */
static void parse_areas(const char *text, int64_t areas[AREA_COUNT]) {
    int area = AREA_NONE + 1;
    for (const char *s = text; s && *s && area < AREA_COUNT; area++) {
        char *end;
        areas[area] = strtoll(s + 1, &end, 10); /* steps over { or , */
        s = end + strcspn(end, ",}");
        if (*s == '}')
            break;
    }
}

static const char *keep(struct arena *a, const PGresult *res, int column) {
    const char *text = text_at(res, column);
    return text ? arena_strndup(a, text, (size_t)PQgetlength(res, 0, column)) : NULL;
}

bool pg_answer(const struct op *op, const PGresult *res, struct arena *a, struct answer *out,
               struct err *e) {
    enum { STATUS, BODY, TOTAL, LOCATION, POSITION, AREAS, COLUMNS };
    if (PQntuples(res) != 1 || PQnfields(res) != COLUMNS) {
        log_event(LOG_ERROR, "op gave no row", "op", op->name, NULL);
        return err_set(e, ERR_INTERNAL, "The operation gave no answer.");
    }
    const char *status = text_at(res, STATUS), *total = text_at(res, TOTAL);
    *out = (struct answer){
        .status = status ? atoi(status) : op->status,
        .body = keep(a, res, BODY),
        .body_len = (size_t)PQgetlength(res, 0, BODY),
        .total = total ? atoll(total) : -1,
        .location = keep(a, res, LOCATION),
        .position = keep(a, res, POSITION),
    };
    parse_areas(text_at(res, AREAS), out->areas);
    return true;
}

enum pg_verdict pg_verdict(const PGresult *res, const PGconn *conn) {
    ExecStatusType status = PQresultStatus(res);
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return PG_FINE;
    if (PQstatus(conn) == CONNECTION_BAD || !state)
        return PG_LOST;
    if (str_eq(state, "40001") || str_eq(state, "40P01"))
        return PG_SERIALIZATION;
    if (str_eq(state, "26000") || str_eq(state, "0A000"))
        return PG_STALE_PLAN;
    return PG_REFUSED;
}
