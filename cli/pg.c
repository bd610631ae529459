/* pg.c - the tool's connection: scripts, function calls, COPY, and errors as sentences.
 *
 * Called by the subcommands; the only user of libpq in cli/. Holds no SQL of its own.
 */
#include "config.h"

#include "pg.h"
#include "base/mem.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pg {
    PGconn *conn;
};

static bool said_by(struct err *e, const char *where, const char *text) {
    size_t len = strcspn(text, "\n");
    return err_set(e, ERR_INVALID_REQUEST, "%s%.*s", where, (int)len, text);
}

/* Connection errors name socket and reason; they hold no secret. */
static bool lost(struct pg *pg, struct err *e) {
    return said_by(e, "database: ", PQerrorMessage(pg->conn));
}

static void notice_print(void *unused, const char *message) {
    (void)unused;
    fprintf(stderr, "maitred: %s", message);
}

struct pg *pg_open(const char *conninfo, struct err *e) {
    struct pg *pg = x_new(struct pg);
    /* A default of the session, so that `reset all` in a script comes back to it. */
    setenv("PGOPTIONS", "-c client_min_messages=warning", 0);
    pg->conn = PQconnectdb(conninfo);
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        lost(pg, e);
        pg_close(pg);
        return NULL;
    }
    PQsetNoticeProcessor(pg->conn, notice_print, NULL);
    return pg;
}

void pg_close(struct pg *pg) {
    if (!pg)
        return;
    PQfinish(pg->conn);
    x_free(pg);
}

/* A refusal made by a rule has its sentence in the detail; its message is the slug. */
static const char *sentence_of(const PGresult *res) {
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    if (state && str_starts(state, "MD") && detail && *detail)
        return detail;
    const char *primary = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    return primary ? primary : "the database gave no reason";
}

static bool good(const PGresult *res) {
    ExecStatusType status = PQresultStatus(res);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static bool failed(struct pg *pg, const PGresult *res, const char *where, struct err *e) {
    if (PQstatus(pg->conn) != CONNECTION_OK)
        return lost(pg, e);
    return said_by(e, where, sentence_of(res));
}

/* The server counts characters from 1; lines are what people look for. */
static int line_of(const char *text, int position) {
    int line = 1;
    for (int seen = 1; *text && seen < position; text++) {
        if (((unsigned char)*text & 0xc0) != 0x80)
            seen++;
        line += *text == '\n';
    }
    return line;
}

bool pg_script(struct pg *pg, const char *name, const char *text, struct err *e) {
    PGresult *res = PQexec(pg->conn, text);
    bool done = good(res);
    if (!done) {
        char where[160];
        const char *position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
        if (position)
            snprintf(where, sizeof where, "%s:%d: ", name, line_of(text, atoi(position)));
        else
            snprintf(where, sizeof where, "%s: ", name);
        failed(pg, res, where, e);
    }
    PQclear(res);
    return done;
}

bool pg_do(struct pg *pg, const char *statement, struct err *e) {
    PGresult *res = PQexec(pg->conn, statement);
    bool done = good(res);
    if (!done)
        failed(pg, res, "", e);
    PQclear(res);
    return done;
}

bool pg_call(struct pg *pg, const char *statement, int n, const char *const *values,
             struct pg_rows *out, struct err *e) {
    PGresult *res = PQexecParams(pg->conn, statement, n, NULL, values, NULL, NULL, 0);
    if (!good(res)) {
        failed(pg, res, "", e);
        PQclear(res);
        *out = (struct pg_rows){NULL, 0};
        return false;
    }
    *out = (struct pg_rows){res, PQntuples(res)};
    return true;
}

bool pg_run(struct pg *pg, const char *statement, int n, const char *const *values,
            struct err *e) {
    struct pg_rows rows;
    bool done = pg_call(pg, statement, n, values, &rows, e);
    pg_rows_free(&rows);
    return done;
}

const char *pg_value(const struct pg_rows *rows, int row, int column) {
    return PQgetisnull(rows->result, row, column) ? NULL : PQgetvalue(rows->result, row, column);
}

const char *pg_column(const struct pg_rows *rows, int column) {
    return PQfname(rows->result, column);
}

int pg_columns(const struct pg_rows *rows) {
    return PQnfields(rows->result);
}

void pg_rows_free(struct pg_rows *rows) {
    PQclear(rows->result);
    rows->result = NULL;
}

bool pg_copy_begin(struct pg *pg, const char *statement, struct err *e) {
    PGresult *res = PQexec(pg->conn, statement);
    bool ready = PQresultStatus(res) == PGRES_COPY_IN;
    if (!ready)
        failed(pg, res, "", e);
    PQclear(res);
    return ready;
}

bool pg_copy_put(struct pg *pg, const char *bytes, size_t len, struct err *e) {
    return PQputCopyData(pg->conn, bytes, (int)len) == 1 ? true : lost(pg, e);
}

bool pg_copy_end(struct pg *pg, struct err *e) {
    if (PQputCopyEnd(pg->conn, NULL) != 1)
        return lost(pg, e);
    bool done = true;
    for (PGresult *res; (res = PQgetResult(pg->conn)) != NULL; PQclear(res))
        if (!good(res) && done)
            done = failed(pg, res, "", e);
    return done;
}

void pg_array_put(struct str *out, const char *element) {
    str_puts(out, out->len ? ",\"" : "{\"");
    for (; *element; element++) {
        if (*element == '"' || *element == '\\')
            str_putc(out, '\\');
        str_putc(out, *element);
    }
    str_putc(out, '"');
}

static void conninfo_put(struct str *out, const char *key, const char *value) {
    str_printf(out, "%s%s='", out->len ? " " : "", key);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            str_putc(out, '\\');
        str_putc(out, *value);
    }
    str_putc(out, '\'');
}

bool pg_retarget(const char *conninfo, const char *dbname, char *name, size_t cap, struct str *out,
                 struct err *e) {
    char *reason = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &reason);
    if (!options) {
        said_by(e, "database: ", reason ? reason : "the connection text is malformed");
        PQfreemem(reason);
        return false;
    }
    *name = '\0';
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (str_eq(o->keyword, "dbname") && o->val)
            snprintf(name, cap, "%s", o->val);
        else if (o->val)
            conninfo_put(out, o->keyword, o->val);
    }
    conninfo_put(out, "dbname", dbname);
    PQconninfoFree(options);
    return *name ? true : err_set(e, ERR_INVALID_FIELD, "the connection text names no dbname");
}

void pg_identifier(struct str *out, const char *name) {
    str_putc(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            str_putc(out, '"');
        str_putc(out, *name);
    }
    str_putc(out, '"');
}
