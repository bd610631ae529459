/* err.h - what can go wrong and what a client is told of it.
 *
 * A function that can fail is `bool f(..., struct err *e)` and must be checked; on false `e` says
 * what happened. Our own bugs do not come here: they abort (require() in mem.h).
 * A struct err owns nothing and may live on the stack; err_field collects every bad field of a
 * request, so that all are named at once. Details never hold SQL text, paths or secrets.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define must_check __attribute__((warn_unused_result))

enum err_code {
    ERR_NONE = 0,
#define ERR(name, slug, http, close, title) ERR_##name,
#include "base/err.def"
#undef ERR
    ERR_COUNT
};

#define ERR_FIELDS_MAX 24

struct err_field {
    char field[64];   /* JSON key, query parameter or path parameter */
    char code[32];    /* required, type, range, length, format, unknown, duplicate, enum */
    char detail[128]; /* one sentence with the bound or the allowed values */
};

struct err {
    enum err_code code;
    int http;             /* status; from the table unless the database said otherwise */
    char slug[64];        /* stable code; from the table unless the database named its own */
    char detail[256];     /* one sentence for people */
    int retry_after;      /* seconds, 0: none */
    int nfields;          /* may exceed ERR_FIELDS_MAX; only the first ones are kept */
    struct err_field fields[ERR_FIELDS_MAX];
    char *state;          /* JSON text of the current state on a conflict, or NULL; arena memory
                             of the request, never freed here */
};

/* Each clears `e`, sets it and returns false, so that `return err_set(e, ...)` reads well. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The database's own refusal: HTTP status and stable slug come from the SQLSTATE class MD. */
bool err_db(struct err *e, int http, const char *slug, const char *detail);
/* Adds a bad field; the first one turns `e` into INVALID_FIELD. Returns false. */
bool err_field(struct err *e, const char *field, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void err_clear(struct err *e);

const char *err_slug(enum err_code code);
const char *err_title(enum err_code code);
int err_http(enum err_code code);
int err_close(enum err_code code); /* WebSocket close code, 0: the connection stays */

struct str;
/* application/problem+json (RFC 9457): type, title, status, code, detail, instance, errors[], current. */
void err_problem(const struct err *e, const char *request_id, struct str *out);

#endif
