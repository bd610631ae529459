/* arg_schema.h - what an op takes as JSON Schema, for the OpenAPI and the AsyncAPI document. */
#ifndef DATA_ARG_SCHEMA_H
#define DATA_ARG_SCHEMA_H

#include "base/put.h"
#include "data/op.h"

/* The schema of one argument as a member `key`; in a body null says as much as absence. */
void arg_put_schema(struct str *o, const char *key, const struct arg *arg);
/* The object that holds the arguments of a body, or all of them: the members of an array's element,
 * or of a socket's message (`all`). */
void arg_put_body(struct str *o, const char *key, const struct arg *args, bool all);
bool arg_any(const struct arg *args, enum arg_place place);
bool arg_any_required(const struct arg *args, enum arg_place place);
/* Is there an id among the arguments, in the elements of arrays too? */
bool arg_any_id(const struct arg *args);

#endif
