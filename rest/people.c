/* people.c - POST /api/accounts and PATCH /api/accounts/{id}. See people.h.
 *
 * Owns nothing between requests. The functions behind both ops are given a hash where clients
 * send a password.
 */
#include "config.h"

#include "people.h"

#include "bind.h"
#include "dispatch.h"

#include <string.h>

/* Where an op has its password. */
#define PASSWORD 4

static bool password_replace(struct exchange *x, const char **value, struct err *e) {
    if (!*value)
        return true;
    char *hash = password_hash(*value, e);
    if (!hash)
        return false;
    *value = arena_strdup(x->arena, hash);
    x_free(hash);
    return true;
}

/* The hash of the request is kept for a day; it covers a password, so it is one that nobody can
 * guess at without our keys. */
static void key_seal(struct exchange *x, struct db_key *key) {
    char hex[65];
    if (!key->key)
        return;
    pthread_rwlock_rdlock(&x->service->keys);
    char *sealed = auth_seal(x->service->auth, "idempotency", key->hash, 0);
    pthread_rwlock_unlock(&x->service->keys);
    sha256_hex(sealed, strlen(sealed), hex);
    key->hash = arena_strdup(x->arena, hex);
    x_free(sealed);
}

bool people_write(struct exchange *x, struct err *e) {
    struct db_key key;
    struct op_values v;
    struct answer a;
    require(str_eq(x->op->args[PASSWORD].name, "password"));
    bool bound = bind_op(x, x->op, &v, e);
    if (!bind_key(x, &key, e) || !bound || !password_replace(x, &v.v[PASSWORD], e))
        return false;
    key_seal(x, &key);
    if (!db_call(x->db, x->op, &x->who, &v, key.key ? &key : NULL, x->arena, &a, e))
        return false;
    dispatch_answer(x, &v, &a);
    return true;
}
