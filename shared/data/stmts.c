/* stmts.c - which statements a connection has prepared. One owner, one thread: belongs to a struct
 * db or a struct dba. An op's SQL text is put together once a connection, not once a call. */
#include <config.h>

#include "data/pg.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define NAME_MAX_BYTES 64 /* PostgreSQL cuts identifiers at 63 */

struct op_key {
    const struct op *op;
    size_t keyed; /* as wide as the pointer: no padding is compared */
};

struct entry {
    struct stmt stmt; /* first: a struct stmt * is its entry */
    struct op_key op; /* its key, or the SQL text is */
    char *sql;
    char base[NAME_MAX_BYTES - 12], name[NAME_MAX_BYTES];
    int version;
    UT_hash_handle hh;
};

struct stmts {
    struct entry *entries;
};

struct stmts *stmts_new(void) {
    return x_new(struct stmts);
}

void stmts_forget(struct stmts *s) {
    struct entry *entry, *next;
    HASH_ITER(hh, s->entries, entry, next) {
        HASH_DEL(s->entries, entry);
        x_free(entry->sql);
        x_free(entry);
    }
}

void stmts_free(struct stmts *s) {
    stmts_forget(s);
    x_free(s);
}

/* Takes over `sql`; `base` has its name. */
static void entry_fill(struct entry *entry, char *sql) {
    entry->sql = sql;
    memcpy(entry->name, entry->base, sizeof entry->base);
    entry->stmt = (struct stmt){.name = entry->name, .sql = sql, .fresh = true};
}

struct stmt *stmts_op(struct stmts *s, const struct op *op, bool keyed) {
    struct op_key key = {op, keyed};
    struct entry *entry;
    HASH_FIND(hh, s->entries, &key, sizeof key, entry);
    if (entry)
        return &entry->stmt;
    struct str sql = STR_INIT;
    op_sql(op, keyed, &sql);
    entry = x_new(struct entry);
    entry->op = key;
    snprintf(entry->base, sizeof entry->base, "%s%s", op->name, keyed ? "_keyed" : "");
    entry_fill(entry, str_steal(&sql));
    HASH_ADD(hh, s->entries, op, sizeof entry->op, entry);
    return &entry->stmt;
}

struct stmt *stmts_query(struct stmts *s, const char *sql) {
    struct entry *entry;
    HASH_FIND_STR(s->entries, sql, entry);
    if (entry)
        return &entry->stmt;
    entry = x_new(struct entry);
    snprintf(entry->base, sizeof entry->base, "query_%u", HASH_COUNT(s->entries));
    entry_fill(entry, x_strdup(sql));
    HASH_ADD_KEYPTR(hh, s->entries, entry->sql, strlen(entry->sql), entry);
    return &entry->stmt;
}

void stmts_renew(struct stmts *s, struct stmt *stmt) {
    struct entry *entry = (struct entry *)stmt;
    (void)s;
    snprintf(entry->name, sizeof entry->name, "%s.%d", entry->base, ++entry->version);
    stmt->fresh = true;
}
