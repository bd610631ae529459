/* constraints.c - what a broken constraint means to a client, as the database itself says it
 * (maitred.constraint_error), one copy a process. Loaded at each connect by db.c and dba.c, asked
 * by db_error. A reader keeps the table alive by the lock, for no longer than a copy takes.
 */
#include <config.h>

#include "data/pg.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
    char name[64], code[64], detail[200], field[64];
    int status;
};

static struct {
    pthread_rwlock_t lock;
    struct row *rows;
    int n;
} table = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static void fill(struct row *row, const PGresult *res, int i) {
    snprintf(row->name, sizeof row->name, "%s", PQgetvalue(res, i, 0));
    row->status = atoi(PQgetvalue(res, i, 1));
    snprintf(row->code, sizeof row->code, "%s", PQgetvalue(res, i, 2));
    snprintf(row->detail, sizeof row->detail, "%s", PQgetvalue(res, i, 3));
    snprintf(row->field, sizeof row->field, "%s", PQgetvalue(res, i, 4));
}

void constraints_load(const PGresult *res) {
    if (PQresultStatus(res) != PGRES_TUPLES_OK || PQnfields(res) != 5)
        return;
    int n = PQntuples(res);
    struct row *rows = x_alloc(sizeof *rows * (size_t)(n ? n : 1));
    for (int i = 0; i < n; i++)
        fill(&rows[i], res, i);
    pthread_rwlock_wrlock(&table.lock);
    struct row *old = table.rows;
    table.rows = rows;
    table.n = n;
    pthread_rwlock_unlock(&table.lock);
    x_free(old);
}

bool constraint_explain(const char *name, struct err *e) {
    bool found = false;
    pthread_rwlock_rdlock(&table.lock);
    for (int i = 0; name && i < table.n && !found; i++) {
        const struct row *row = &table.rows[i];
        if (!str_eq(row->name, name))
            continue;
        err_db(e, row->status, row->code, row->detail);
        if (row->field[0])
            err_field(e, row->field, row->code, "%s", row->detail);
        found = true;
    }
    pthread_rwlock_unlock(&table.lock);
    return found;
}
