/* op_value.h - inside of data: one argument's raw value to its checked text. Used by op_bind.c. */
#ifndef DATA_OP_VALUE_H
#define DATA_OP_VALUE_H

#include "data/op.h"

/* As a client sent it: text from path, query or default; JSON from a body. One of the two is set.
 */
struct raw {
    const char *text;
    const struct json *json;
};

struct binding {
    struct arena *arena;
    struct err *e;
    const struct arg *arg;
    const char *label; /* the field's name in errors: items[0].quantity */
};

/* The text for libpq, in the arena; NULL when a field error was added. */
const char *op_value(const struct binding *b, struct raw raw);
/* The same as a JSON value, for the members of an object; false when an error was added. */
bool op_value_json(const struct binding *b, struct raw raw, struct str *out);
/* ARG_ARRAY's elements and an ARG_OBJECT's members, in op_bind.c, which knows members and unknown
 * keys. */
const char *op_value_array(const struct binding *b, const struct json *array);
bool op_value_members(const struct binding *b, const struct json *object, struct str *out);

#endif
