/* db_error.c - from a failed PGresult to what a client is told; shared by db.c and dba.c.
 *
 * The database speaks in three ways: class MD (maitred.fail: status, slug, sentence, field, state),
 * names of constraints, and PostgreSQL's own SQLSTATEs. No text of PostgreSQL's reaches a client.
 */
#include <config.h>

#include "data/db.h"
#include "data/pg.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_SOON_S  1
#define RETRY_LATER_S 2

static const char *field_of(const PGresult *res, int code) {
    const char *text = PQresultErrorField(res, code);
    return text ? text : "";
}

/* One bad field, or several: names with commas between, and a line of the detail for each. */
static void said_of_fields(const char *slug, const char *names, const char *lines, struct err *e) {
    for (; *names; names += names[strcspn(names, ",")] ? strcspn(names, ",") + 1 : strlen(names)) {
        char name[sizeof e->fields->field];
        size_t len = strcspn(lines, "\n");
        snprintf(name, sizeof name, "%.*s", (int)strcspn(names, ","), names);
        err_field(e, name, slug, "%.*s", (int)len, lines);
        if (lines[len])
            lines += len + 1;
    }
}

/* SQLSTATE MD409 and the like: maitred.fail. HINT is the current state, or the seconds of a 429. */
static void said_by_rule(const PGresult *res, const char *state, struct arena *a, struct err *e) {
    int http = atoi(state + 2);
    const char *slug = field_of(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = field_of(res, PG_DIAG_MESSAGE_DETAIL);
    const char *column = field_of(res, PG_DIAG_COLUMN_NAME);
    const char *hint = field_of(res, PG_DIAG_MESSAGE_HINT);
    err_db(e, http, slug, detail);
    for (char *newline = e->detail; (newline = strchr(newline, '\n'));)
        *newline = ' ';
    if (*column)
        said_of_fields(slug, column, detail, e);
    if (http == 429)
        e->retry_after = atoi(hint) > 0 ? atoi(hint) : RETRY_SOON_S;
    else if (*hint && a)
        e->state = arena_strdup(a, hint);
}

static void log_unexpected(const char *op, const char *state, const PGresult *res) {
    log_event(LOG_ERROR, "op failed", "op", op, "sqlstate", state, "constraint",
              field_of(res, PG_DIAG_CONSTRAINT_NAME), NULL);
}

static void said_by_constraint(const char *op, const PGresult *res, const char *state,
                               struct err *e) {
    if (constraint_explain(PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME), e))
        return;
    log_unexpected(op, state, res);
    if (str_eq(state, "23505") || str_eq(state, "23P01"))
        err_set(e, ERR_CONFLICT, "Something else has that place already.");
    else if (str_eq(state, "23502"))
        err_set(e, ERR_INTERNAL, "%s", "");
    else
        err_set(e, ERR_INVALID_FIELD, "A value is refused by a rule of the data.");
}

/* PostgreSQL's own states that a client can do something about; a prefix ends with '*'. */
static const struct meaning {
    const char *state;
    enum err_code code;
    int retry_after;
} meanings[] = {
    {"57014", ERR_TIMEOUT, RETRY_SOON_S},      /* statement_timeout */
    {"55P03", ERR_TIMEOUT, RETRY_SOON_S},      /* lock_timeout */
    {"40*", ERR_TIMEOUT, RETRY_SOON_S},        /* lost against others, more than three times */
    {"08*", ERR_UNAVAILABLE, RETRY_LATER_S},   /* connection exception */
    {"57P*", ERR_UNAVAILABLE, RETRY_LATER_S},  /* shutdown, crash recovery, start-up */
    {"53*", ERR_UNAVAILABLE, RETRY_LATER_S},   /* out of connections, memory, disk */
    {"25006", ERR_UNAVAILABLE, RETRY_LATER_S}, /* a standby, in the middle of a failover */
    {"22003", ERR_INVALID_REQUEST, 0},         /* a number or a time beyond what can be stored */
    {"22008", ERR_INVALID_REQUEST, 0},
};

static const struct meaning *meaning_of(const char *state) {
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        const char *pattern = meanings[i].state;
        size_t n = strcspn(pattern, "*");
        if (pattern[n] ? strncmp(state, pattern, n) == 0 : strcmp(state, pattern) == 0)
            return &meanings[i];
    }
    return NULL;
}

static void said_by_postgres(const char *op, const PGresult *res, const char *state,
                             struct err *e) {
    const struct meaning *m = meaning_of(state);
    if (!m) {
        log_unexpected(op, state, res);
        err_set(e, ERR_INTERNAL, "%s", "");
        return;
    }
    err_set(e, m->code, "%s",
            m->code == ERR_INVALID_REQUEST ? "A value is beyond what can be stored." : "");
    e->retry_after = m->retry_after;
}

bool db_error(const char *op, const void *result, struct arena *a, struct err *e) {
    const PGresult *res = result;
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    if (!state)
        said_by_postgres(op, res, "08006", e);
    else if (strncmp(state, "MD", 2) == 0)
        said_by_rule(res, state, a, e);
    else if (strncmp(state, "23", 2) == 0)
        said_by_constraint(op, res, state, e);
    else
        said_by_postgres(op, res, state, e);
    return false;
}
