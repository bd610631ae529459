/* stmts.c - which statements a connection has prepared, by their SQL text. One owner, one thread:
 * belongs to a struct db or a struct dba. */
#include <config.h>

#include "data/pg.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define NAME_MAX_BYTES 64 /* PostgreSQL cuts identifiers at 63 */

struct entry {
    struct stmt stmt; /* first: a struct stmt * is its entry */
    char *sql;
    char base[NAME_MAX_BYTES - 12], name[NAME_MAX_BYTES];
    int version;
    UT_hash_handle hh;
};

struct stmts {
    struct entry *by_sql;
};

struct stmts *stmts_new(void) {
    return x_new(struct stmts);
}

void stmts_forget(struct stmts *s) {
    struct entry *entry, *next;
    HASH_ITER(hh, s->by_sql, entry, next) {
        HASH_DEL(s->by_sql, entry);
        x_free(entry->sql);
        x_free(entry);
    }
}

void stmts_free(struct stmts *s) {
    stmts_forget(s);
    x_free(s);
}

struct stmt *stmts_get(struct stmts *s, const char *wish, const char *sql) {
    struct entry *entry;
    HASH_FIND_STR(s->by_sql, sql, entry);
    if (entry)
        return &entry->stmt;
    entry = x_new(struct entry);
    entry->sql = x_strdup(sql);
    if (wish)
        snprintf(entry->base, sizeof entry->base, "%s", wish);
    else
        snprintf(entry->base, sizeof entry->base, "query_%u", HASH_COUNT(s->by_sql));
    snprintf(entry->name, sizeof entry->name, "%s", entry->base);
    entry->stmt = (struct stmt){.name = entry->name, .fresh = true};
    HASH_ADD_KEYPTR(hh, s->by_sql, entry->sql, strlen(entry->sql), entry);
    return &entry->stmt;
}

void stmts_renew(struct stmts *s, struct stmt *stmt) {
    struct entry *entry = (struct entry *)stmt;
    (void)s;
    snprintf(entry->name, sizeof entry->name, "%s.%d", entry->base, ++entry->version);
    stmt->fresh = true;
}
