/* db.h - blocking calls of ops over libpq, one connection a thread (the REST programs, the CLI).
 *
 * Connects when first used and again after a loss; statements are prepared on first use a
 * connection. Retries only 40001 and 40P01 (at most 3 times); a connection lost before the answer
 * is retried once for reads, never for writes without an idempotency key. SQLSTATEs become errors:
 * class MD by its number, constraint names by maitred.constraint_error, 57014/55P03 TIMEOUT, 08xxx and 57P0x
 * UNAVAILABLE with retry_after, all else INTERNAL (logged by name of the op and SQLSTATE only).
 */
#ifndef DATA_DB_H
#define DATA_DB_H

#include "data/op.h"

struct db;

/* `conninfo` as libpq takes it. Never fails: the first call connects. */
struct db *db_open(const char *conninfo);
void db_close(struct db *db);

struct db_key {           /* NULL: no idempotency */
    const char *key;      /* 1-128 visible ASCII */
    const char *hash;     /* hex SHA-256 of method, target and body */
};

bool db_call(struct db *db, const struct op *op, const struct principal *p,
             const struct op_values *values, const struct db_key *key, struct arena *a,
             struct answer *out, struct err *e) must_check;

/* Translation shared with dba.c; `res` is a PGresult * kept opaque here. */
bool db_error(const char *op, const void *res, struct arena *a, struct err *e);

#endif
