/* openapi_inner.h - what the makers of the OpenAPI document share; included by openapi*.c only. */
#ifndef REST_OPENAPI_INNER_H
#define REST_OPENAPI_INNER_H

#include "data/arg_schema.h"
#include "data/schemas.h"
#include "programs.h"

/* One route as the document sees it. */
struct operation {
    const struct program *program;
    const struct route *route;
    const struct op *op;   /* who may */
    const struct op *form; /* what is sent and comes back: a handler's own, or the op */
    const char *id;        /* unique in the document */
};

/* --- one operation (openapi_operation.c) and what all share (openapi_components.c) ----------- */

/* As a member `key`: its method. */
void operation_put(struct str *o, const char *key, const struct operation *x,
                   const struct schemas *s);
bool operation_keyed(const struct operation *x);     /* takes Idempotency-Key */
bool operation_versioned(const struct operation *x); /* takes If-Match */

/* The refusals that this operation can meet, as members of `responses`. */
void refusals_put(struct str *o, const struct operation *x);
void components_put(struct str *o, const struct schemas *s);

#endif
