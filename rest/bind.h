/* bind.h - from the request to an op's arguments, with every bad field named at once.
 *
 * Path, query and JSON body become op_values through op_bind; what REST adds is said here: the
 * body's type and size, If-Match as `version`, unknown and repeated query parameters, and the
 * idempotency key. Called by dispatch.c and by handlers that bind a form of their own.
 */
#ifndef REST_BIND_H
#define REST_BIND_H

#include "service.h"

/* Reads the body of a write into x->body (NULL when empty): 413, 415, invalid JSON, no object. */
bool bind_body(struct exchange *x, struct err *e) must_check;
bool bind_op(struct exchange *x, const struct op *op, struct op_values *out,
             struct err *e) must_check;
/* Idempotency-Key and the hash of what it stands for; key->key stays NULL without the header. */
bool bind_key(struct exchange *x, struct db_key *key, struct err *e) must_check;

#endif
