/* op.h - an operation is a row of data: one call of one api function, with typed, bounded arguments.
 *
 * REST routes and socket actions meet at the row, not at a handler. SQL text, validation,
 * permission, OpenAPI and the docs are made from it. Rows live in ops_<area>.c; they are const.
 * The first argument of every api function is the caller (type api.caller); `args` come after it
 * in order. Every function gives one row of type api.answer (status, body, total, location, position).
 */
#ifndef DATA_OP_H
#define DATA_OP_H

#include "access/auth.h"
#include "base/json.h"
#include "data/area.h"

enum arg_type {
    ARG_INT,     /* min..max; SQL type int when max fits into 32 bits, else bigint */
    ARG_ID,      /* bigint > 0; `choices` may name a prefix ("res"): accepted with and without */
    ARG_TEXT,    /* text; min..max are lengths in characters; no control characters but \n \t */
    ARG_BOOL,
    ARG_DATE,    /* YYYY-MM-DD */
    ARG_INSTANT, /* RFC 3339 with zone */
    ARG_MONEY,   /* JSON number in major units; passed on as numeric text; min..max in major units */
    ARG_ENUM,    /* one of `choices`, "a|b|c"; an alias is written "alias=value" */
    ARG_ENUMS,   /* comma list of `choices`; passed as text[] */
    ARG_OBJECT,  /* JSON object, at most max bytes; with `items`: of these members; jsonb */
    ARG_ARRAY,   /* JSON array of objects whose members are `items` (rows of struct arg); jsonb */
    ARG_IDS,     /* JSON array of ids, min..max of them; passed as bigint[] */
    ARG_TEXTS    /* JSON array of texts of 1..OP_TEXTS_LENGTH characters, min..max of them; text[] */
};

#define OP_TEXTS_LENGTH 100 /* characters of an element of ARG_TEXTS */

enum arg_place { IN_PATH, IN_QUERY, IN_BODY };

struct arg {
    const char *name;        /* as clients write it */
    enum arg_type type;
    enum arg_place place;    /* for REST; a socket action takes all from its one object */
    bool required;
    bool nullable;           /* beside required: null is an answer too, but it must be said */
    long min, max;
    const char *choices;     /* ENUM, ENUMS: values; ID: prefix */
    const char *fallback;    /* text used when absent; NULL: SQL null */
    const struct arg *items; /* ARRAY: members of each element, OBJECT: its own; ended like args */
    const char *alias;       /* another accepted name (tableNumber for label), or NULL */
    const char *help;        /* one line for OpenAPI and the docs */
};

/* Whose answer it is. A guest's is always their own, and so is one to CAP_ANYONE. */
enum varies { SAME_FOR_ALL, BY_ROLE, BY_ACCOUNT };

struct op {
    const char *name;         /* operationId and metric label: "reservation_create" */
    const char *function;     /* in schema api: "reservation_create" */
    const char *summary;      /* one line for OpenAPI and the docs */
    enum capability cap;
    bool write;               /* false: stable function, answered 304 and cached by position */
    bool paged;               /* takes page and limit (last two args); total goes to X-Total-Count */
    int status;               /* of success: 200, 201, 204 */
    unsigned areas;           /* AREA_BIT()s that the answer depends on; ETag */
    enum varies varies;       /* of a read: for whom answers differ, beside venue and mask class */
    int clock_s;              /* the answer also moves with time: seconds of its clock bucket; 0: no */
    bool rate_limited;        /* counts against 5 updates in 1,000 ms (SPEC 5.5) */
    bool keyed;               /* of a form: its handler keeps Idempotency-Keys, as one without does */
    const char *const *masks; /* unused by C: documentation of masked members, or NULL */
    const struct arg *args;   /* ended by a row without name */
    const char *answer;       /* name of the answer's schema in docs/schemas (OpenAPI), or NULL */
};

/* Bound arguments: text forms for libpq, NULL is SQL null. All in the arena. */
#define OP_ARGS_MAX 24
struct op_values {
    int n;
    const char *v[OP_ARGS_MAX];
};

/* Where the raw values come from: the dispatcher gives path and query getters and the body's
 * object; a socket gives only the object. Getters return NULL when absent. */
struct op_source {
    const char *(*path)(void *ctx, const char *name);
    const char *(*query)(void *ctx, const char *name);
    void *ctx;
    const struct json *body; /* object or NULL */
    /* On a socket: what the place says that the message came to, so that the message may not. */
    const char *(*given)(void *ctx, const char *name);
};

/* Checks and converts every argument, collecting every bad field in `e`. Unknown body keys are
 * refused for writes (`requestId`, `action` excepted when `socket`). */
bool op_bind(const struct op *op, const struct op_source *src, bool socket, struct arena *a,
             struct op_values *out, struct err *e) must_check;

/* "(1,7,anna,admin,,,f)": the text form of api.caller, quoted as composite literals need. */
const char *op_caller(const struct principal *p, struct arena *a);

/* The statement: plain, or wrapped for an idempotency key (then $2..$4 are key, op name, body hash
 * and the arguments follow). Columns: status, body, total, location, position, areas ("{1,2,..}"). */
void op_sql(const struct op *op, bool keyed, struct str *out);
/* Number of parameters of that statement, and their SQL type names for PREPARE. */
int op_params(const struct op *op, bool keyed, const char *types[OP_ARGS_MAX + 4]);

/* What came back. Memory: the arena of the request or turn. */
struct answer {
    int status;
    const char *body;        /* JSON text, or NULL */
    size_t body_len;
    int64_t total;           /* -1: not paged */
    const char *location;    /* or NULL */
    const char *position;    /* "EPOCHvVENUE-SEQ" */
    int64_t areas[AREA_COUNT]; /* last seq of each area in the answer's snapshot; 0 unknown */
};

/* Every op there is, for tests, OpenAPI and the dispatcher; NULL-terminated. */
const struct op *const *op_all(void);
const struct op *op_find(const char *name);
/* Is `name` (or an alias of it) an argument of this place? For refusing unknown query parameters. */
bool op_knows(const struct op *op, enum arg_place place, const char *name);

#endif
