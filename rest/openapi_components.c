/* openapi_components.c - what the operations of the OpenAPI document share: refusals, headers,
 * parameters, ways to say who one is, and the schemas of docs/schemas.
 *
 * The refusals are one table, so that a status is described just where it can occur. Their
 * examples are printed by err_problem, as every problem document is.
 */
#include "config.h"

#include "openapi_inner.h"

#include <stdio.h>

/* --- refusals --------------------------------------------------------------------------------- */

static bool always(const struct operation *x) {
    (void)x;
    return true;
}

static bool asks_who(const struct operation *x) {
    return x->op->cap != CAP_PUBLIC || x->form->write; /* a login finds no account */
}

/* The right may be lacking; a write by cookie may come from another site's page. */
static bool may_forbid(const struct operation *x) {
    return x->op->cap > CAP_ANYONE || (x->op->cap == CAP_ANYONE && x->form->write);
}

static bool names_things(const struct operation *x) {
    return arg_any(x->form->args, IN_PATH) || arg_any_id(x->form->args);
}

static bool may_conflict(const struct operation *x) {
    return x->form->write && x->op->cap > CAP_ANYONE;
}

static bool writes(const struct operation *x) {
    return x->form->write;
}

static bool has_fields(const struct operation *x) {
    return x->form->write || (x->form->args && x->form->args->name);
}

static bool asks_database(const struct operation *x) {
    return x->route->op != NULL;
}

static const struct refusal {
    int status;
    const char *name, *when, *header, *header_name;
    bool (*occurs)(const struct operation *x);
    enum err_code example;
    const char *detail;
} refusals[] = {
    {400, "BadRequest", "The request or its JSON is malformed.", NULL, NULL, always,
     ERR_INVALID_JSON, "Unexpected character at byte 12."},
    {401, "Unauthorized",
     "There is no token, or not a good one; or what should open an account does not.",
     "WWW-Authenticate", "Challenge", asks_who, ERR_TOKEN_EXPIRED, "Log in again."},
    {403, "Forbidden",
     "The role lacks the right, or a write by cookie came from another site's page.", NULL, NULL,
     may_forbid, ERR_FORBIDDEN, "The role kitchen lacks the right menu.write."},
    {404, "NotFound", "There is no such thing in this venue.", NULL, NULL, names_things,
     ERR_NOT_FOUND, "There is no such thing here."},
    {408, "BodyTimeout", "The body took too long to arrive.", NULL, NULL, writes, ERR_BODY_TIMEOUT,
     "The body took too long to arrive."},
    {409, "Conflict",
     "The state forbids it, or has changed since it was read; `current` is the state as it is now.",
     NULL, NULL, may_conflict, ERR_VERSION_CONFLICT, "It was changed by somebody else meanwhile."},
    {413, "TooLarge", "The body is too large.", NULL, NULL, writes, ERR_TOO_LARGE,
     "A body may have 262144 bytes."},
    {415, "UnsupportedMediaType", "The body is not `application/json`.", NULL, NULL, writes,
     ERR_UNSUPPORTED_MEDIA, "Send the body as application/json."},
    {422, "Unprocessable",
     "Fields are missing, unknown or out of bounds (`errors` names each), or the idempotency key "
     "was"
     " used with another request.",
     NULL, NULL, has_fields, ERR_INVALID_FIELD, NULL},
    {429, "TooManyRequests", "Too many requests; wait for `Retry-After` seconds.", "Retry-After",
     "RetryAfter", always, ERR_RATE_LIMITED, "Too many requests. Please slow down."},
    {500, "InternalError", "Something went wrong on our side; the log names the request's id.",
     NULL, NULL, always, ERR_INTERNAL, "The log has more."},
    {503, "Unavailable",
     "The database is away or took too long; try again after `Retry-After` seconds.", "Retry-After",
     "RetryAfter", asks_database, ERR_UNAVAILABLE, "The database is away."},
};
#define REFUSALS (sizeof refusals / sizeof *refusals)

void refusals_put(struct str *o, const struct operation *x) {
    char status[8];
    for (size_t i = 0; i < REFUSALS; i++) {
        snprintf(status, sizeof status, "%d", refusals[i].status);
        if (refusals[i].occurs(x))
            put_ref(o, status, "responses", refusals[i].name);
    }
}

static void put_example(struct str *o, const struct refusal *r) {
    struct str text = STR_INIT;
    struct err e;
    err_clear(&e);
    if (r->detail)
        err_set(&e, r->example, "%s", r->detail);
    else
        err_field(&e, "partySize", "range", "must be 1 to 100");
    err_problem(&e, "5f0c2ad91b7e0000001a", &text);
    put_json(o, "example", str_c(&text));
    str_free(&text);
}

static void put_refusal(struct str *o, const struct refusal *r) {
    put_open(o, r->name, '{');
    put_text(o, "description", r->when);
    put_open(o, "headers", '{');
    put_ref(o, "X-Request-Id", "headers", "RequestId");
    if (r->header)
        put_ref(o, r->header, "headers", r->header_name);
    put_close(o, '}');
    put_open(o, "content", '{');
    put_open(o, "application/problem+json", '{');
    put_ref(o, "schema", "schemas", "Problem");
    put_example(o, r);
    put_close(o, '}');
    put_close(o, '}');
    put_close(o, '}');
}

static void put_shared_responses(struct str *o) {
    put_open(o, "responses", '{');
    put_open(o, "NotModified", '{');
    put_text(o, "description", "Nothing has changed since the state that `If-None-Match` names.");
    put_open(o, "headers", '{');
    put_ref(o, "ETag", "headers", "ETag");
    put_close(o, '}');
    put_close(o, '}');
    for (size_t i = 0; i < REFUSALS; i++)
        put_refusal(o, &refusals[i]);
    put_close(o, '}');
}

/* --- headers and parameters ------------------------------------------------------------------- */

struct text_row {
    const char *name, *header, *type, *pattern, *help;
};

static const struct text_row headers[] = {
    {"Challenge", NULL, "string", NULL, "The scheme, and what is wrong with the token (RFC 6750)."},
    {"Deprecation", NULL, "string", "^@[0-9]+$", "Since when it is deprecated (RFC 9745)."},
    {"ETag", NULL, "string", "^W?/?\"",
     "The answer's entity tag: send it back as `If-None-Match`."},
    {"FeedPosition", NULL, "string", NULL,
     "The position of the snapshot that the body was read in: every event behind it is news."},
    {"Link", NULL, "string", NULL,
     "The first, previous, next and last page (RFC 8288); or, of a deprecated operation, its "
     "successor."},
    {"Location", NULL, "string", NULL, "Where the new thing is."},
    {"RequestId", NULL, "string", NULL, "The request's id, as the logs have it."},
    {"RetryAfter", NULL, "integer", NULL, "Seconds to wait."},
    {"Sunset", NULL, "string", NULL, "From then on it may be gone (RFC 8594)."},
    {"TotalCount", NULL, "integer", NULL, "How many there are on all pages."},
};
static const struct text_row parameters[] = {
    {"IdempotencyKey", "Idempotency-Key", "string", "^[!-~]{1,128}$",
     "The same key with the same request gives the stored answer for 24 hours."},
    {"IfMatch", "If-Match", "string", NULL,
     "The version that was read, `\"7\"`: stands for `version` in the body."},
    {"IfNoneMatch", "If-None-Match", "string", NULL,
     "The `ETag` of an earlier answer: 304 when nothing has changed since."},
};

static void put_row(struct str *o, const struct text_row *row) {
    put_open(o, row->name, '{');
    if (row->header) {
        put_text(o, "name", row->header);
        put_text(o, "in", "header");
    }
    put_text(o, "description", row->help);
    put_open(o, "schema", '{');
    put_text(o, "type", row->type);
    if (row->pattern)
        put_text(o, "pattern", row->pattern);
    put_close(o, '}');
    put_close(o, '}');
}

static void put_rows(struct str *o, const char *key, const struct text_row *rows, size_t n) {
    put_open(o, key, '{');
    for (size_t i = 0; i < n; i++)
        put_row(o, &rows[i]);
    put_close(o, '}');
}

/* --- who one is ------------------------------------------------------------------------------- */

static void put_security(struct str *o) {
    put_open(o, "securitySchemes", '{');
    put_open(o, "bearer", '{');
    put_text(o, "type", "http");
    put_text(o, "scheme", "bearer");
    put_text(o, "bearerFormat", "JWT");
    put_text(o, "description",
             "A token of /api/auth/login, a guest token, or an API key (mk_...) in its place.");
    put_close(o, '}');
    put_open(o, "cookie", '{');
    put_text(o, "type", "apiKey");
    put_text(o, "in", "cookie");
    put_text(o, "name", AUTH_COOKIE);
    put_text(o, "description",
             "The cookie of a login. A write with it must come from the same origin or a "
             "configured one.");
    put_close(o, '}');
    put_close(o, '}');
}

void components_put(struct str *o, const struct schemas *s) {
    put_open(o, "components", '{');
    put_security(o);
    put_rows(o, "parameters", parameters, sizeof parameters / sizeof *parameters);
    put_rows(o, "headers", headers, sizeof headers / sizeof *headers);
    put_shared_responses(o);
    put_open(o, "schemas", '{');
    schemas_put(s, o);
    put_close(o, '}');
    put_close(o, '}');
}
