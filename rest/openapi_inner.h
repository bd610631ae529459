/* openapi_inner.h - what the makers of the OpenAPI document share; included by openapi*.c only. */
#ifndef REST_OPENAPI_INNER_H
#define REST_OPENAPI_INNER_H

#include "openapi_put.h"
#include "programs.h"

/* One route as the document sees it. */
struct operation {
    const struct program *program;
    const struct route *route;
    const struct op *op;   /* who may */
    const struct op *form; /* what is sent and comes back: a handler's own, or the op */
    const char *id;        /* unique in the document */
};

/* --- docs/schemas, built into the program (openapi_schemas.c) ------------------------------ */

struct schemas; /* all files, parsed */
struct schemas *schemas_open(void);
void schemas_close(struct schemas *s);
/* Every schema as a member of components.schemas. */
void schemas_put(const struct schemas *s, struct str *o);
bool schemas_have(const struct schemas *s, const char *name);
/* The example of a write's body as a member `key`; nothing where there is none. */
void schemas_put_request(const struct schemas *s, struct str *o, const char *key, const char *op);

/* One file of docs/schemas; the table is made by Makefile.am. */
struct schema_file {
    const char *name;
    const char *text;
    unsigned long len;
};
extern const struct schema_file schema_files[]; /* ended by a row without a name */

/* --- arguments (openapi_args.c) -------------------------------------------------------------- */

/* The schema of one argument as a member `key`; in a body null says as much as absence. */
void arg_put_schema(struct str *o, const char *key, const struct arg *arg);
/* The object that holds the arguments of a body, or the members of an array's element (`items`). */
void arg_put_body(struct str *o, const char *key, const struct arg *args, bool items);
bool arg_any(const struct arg *args, enum arg_place place);
bool arg_any_required(const struct arg *args, enum arg_place place);
/* Is there an id among the arguments, in the elements of arrays too? */
bool arg_any_id(const struct arg *args);

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
