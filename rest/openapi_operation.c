/* openapi_operation.c - one route and its op as an Operation Object of OpenAPI 3.1.
 *
 * Nothing is said here by hand that the rows say: parameters and bodies are the op's arguments,
 * rights come from the table of permissions, headers follow from what dispatch.c does for such an
 * op. Called by openapi.c for every route of every program.
 */
#include "config.h"

#include "openapi_inner.h"

#include "access/permissions.h"

#include <stdio.h>

/* --- who may ---------------------------------------------------------------------------------- */

static const char *const grant_words[] = {[GRANT_YES] = "",
                                          [GRANT_MASKED] = " (names, phones and e-mails masked)",
                                          [GRANT_OWN] = " (their own only)"};

static void say_roles(struct str *text, enum capability cap) {
    const char *comma = "";
    for (int role = ROLE_ADMIN; role < ROLE_COUNT; role++) {
        enum grant grant = permission_grants((enum role)role, cap);
        if (grant == GRANT_NO)
            continue;
        if (grant == GRANT_YES && role_masked((enum role)role) && cap != CAP_ANYONE)
            grant = GRANT_MASKED;
        str_printf(text, "%s%s%s", comma, role_name((enum role)role), grant_words[grant]);
        comma = ", ";
    }
}

static void say_right(struct str *text, enum capability cap) {
    if (cap == CAP_PUBLIC)
        str_puts(text, "Needs no token.");
    else if (cap == CAP_ANYONE)
        str_puts(text, "Needs a token of any role.");
    else {
        str_printf(text, "Needs the right `%s`: ", capability_name(cap));
        say_roles(text, cap);
        str_putc(text, '.');
    }
}

static void say_limits(struct str *text, const struct operation *x) {
    if (x->op->rate_limited)
        str_puts(text, "\n\nCounts against five updates a second of the account; the sixth is"
                       " answered 429. The right `emergency` passes.");
    if (!x->form->write && x->form->clock_s)
        str_printf(text, "\n\nMoves with time alone, too: looked at anew every %d s.",
                   x->form->clock_s);
    if (operation_versioned(x))
        str_puts(text, "\n\nWith `If-Match` or `version` of an older state it is answered 409"
                       " with the present one.");
}

static void say_deprecated(struct str *text, const struct deprecation *d) {
    if (d)
        str_printf(text,
                   "**Deprecated**, until %s; use `%s`. Its answers say so in `Deprecation`,"
                   " `Sunset` and `Link`.\n\n",
                   d->sunset, d->successor);
}

static void put_description(struct str *o, const struct operation *x) {
    struct str text = STR_INIT;
    say_deprecated(&text, x->route->deprecated);
    say_right(&text, x->op->cap);
    say_limits(&text, x);
    put_text(o, "description", str_c(&text));
    str_free(&text);
}

static void put_rights(struct str *o, const struct operation *x) {
    if (x->op->cap == CAP_PUBLIC) {
        put_open(o, "security", '[');
        put_close(o, ']');
    }
    permission_put(o, x->op->cap);
}

/* --- parameters ------------------------------------------------------------------------------- */

bool operation_keyed(const struct operation *x) {
    return x->form->write && (!x->route->handler || x->form->keyed || x->form == x->op);
}

bool operation_versioned(const struct operation *x) {
    return x->form->write && op_knows(x->form, IN_BODY, "version");
}

static void put_parameter(struct str *o, const struct arg *a, const char *name, const char *help) {
    put_open(o, NULL, '{');
    put_text(o, "name", name);
    put_text(o, "in", a->place == IN_PATH ? "path" : "query");
    if (a->required)
        put_bool(o, "required", true);
    put_text(o, "description", help);
    if (a->type == ARG_ENUMS)
        put_bool(o, "explode", false);
    arg_put_schema(o, "schema", a);
    put_close(o, '}');
}

/* Another name in a path is only for sockets, where there is no path. */
static void put_argument(struct str *o, const struct arg *a) {
    put_parameter(o, a, a->name, a->help ? a->help : a->name);
    if (!a->alias || a->place == IN_PATH)
        return;
    struct str help = STR_INIT;
    str_printf(&help, "another name of %s; give one of them", a->name);
    struct arg other = *a;
    other.required = false;
    other.fallback = NULL;
    put_parameter(o, &other, a->alias, str_c(&help));
    str_free(&help);
}

static void put_parameters(struct str *o, const struct operation *x) {
    put_open(o, "parameters", '[');
    for (const struct arg *a = x->form->args; a && a->name; a++)
        if (a->place != IN_BODY)
            put_argument(o, a);
    if (!x->form->write)
        put_ref(o, NULL, "parameters", "IfNoneMatch");
    if (operation_versioned(x))
        put_ref(o, NULL, "parameters", "IfMatch");
    if (operation_keyed(x))
        put_ref(o, NULL, "parameters", "IdempotencyKey");
    put_close(o, ']');
}

/* A write that takes nothing takes an empty object, too: many clients can't send nothing. */
static void put_request(struct str *o, const struct operation *x, const struct schemas *s) {
    bool any = x->form->write && !str_eq(x->route->method, "DELETE");
    if (!any && !arg_any(x->form->args, IN_BODY))
        return;
    put_open(o, "requestBody", '{');
    put_bool(o, "required", arg_any_required(x->form->args, IN_BODY));
    put_open(o, "content", '{');
    put_open(o, "application/json", '{');
    arg_put_body(o, "schema", x->form->args, false);
    const struct json *example = schemas_sent(s, "requests", x->form->name);
    if (example)
        put_value(o, "example", example);
    put_close(o, '}');
    put_close(o, '}');
    put_close(o, '}');
}

/* --- the good answers ------------------------------------------------------------------------- */

static const char *outcome(const struct operation *x) {
    if (x->form->status == 201)
        return "Made; `Location` says where it is, the body what it is.";
    if (x->form->status == 204)
        return "Done; there is nothing to say.";
    return x->form->write ? "Done; the body is the state after it."
                          : "The state as of `X-Feed-Position`.";
}

/* What dispatch.c puts into the answers of such an op; a handler's answer carries no position. */
static void put_headers(struct str *o, const struct operation *x) {
    bool placed = !x->route->handler;
    put_open(o, "headers", '{');
    put_ref(o, "X-Request-Id", "headers", "RequestId");
    if (!x->form->write)
        put_ref(o, "ETag", "headers", "ETag");
    if (placed)
        put_ref(o, "X-Feed-Position", "headers", "FeedPosition");
    if (x->form->status == 201)
        put_ref(o, "Location", "headers", "Location");
    if (x->form->paged)
        put_ref(o, "X-Total-Count", "headers", "TotalCount");
    if (x->form->paged || x->route->deprecated)
        put_ref(o, "Link", "headers", "Link");
    if (x->route->deprecated) {
        put_ref(o, "Deprecation", "headers", "Deprecation");
        put_ref(o, "Sunset", "headers", "Sunset");
    }
    put_close(o, '}');
}

/* An answer without a schema is said to be one: tests/openapi finds it, readers can go on. */
static void put_content(struct str *o, const struct operation *x, const struct schemas *s) {
    if (x->form->status == 204)
        return;
    const char *answer = x->form->answer ? x->form->answer : "";
    put_open(o, "content", '{');
    put_open(o, "application/json", '{');
    if (schemas_find(s, answer))
        put_ref(o, "schema", "schemas", answer);
    else
        put_textf(o, "x-schema-missing", "%s", answer);
    put_close(o, '}');
    put_close(o, '}');
}

static void put_responses(struct str *o, const struct operation *x, const struct schemas *s) {
    char status[8];
    snprintf(status, sizeof status, "%d", x->form->status);
    put_open(o, "responses", '{');
    put_open(o, status, '{');
    put_text(o, "description", outcome(x));
    put_headers(o, x);
    put_content(o, x, s);
    put_close(o, '}');
    if (!x->form->write)
        put_ref(o, "304", "responses", "NotModified");
    refusals_put(o, x);
    put_close(o, '}');
}

void operation_put(struct str *o, const char *key, const struct operation *x,
                   const struct schemas *s) {
    put_open(o, key, '{');
    put_text(o, "operationId", x->id);
    put_open(o, "tags", '[');
    put_text(o, NULL, x->program->name);
    put_close(o, ']');
    put_text(o, "summary", x->form->summary);
    put_description(o, x);
    if (x->route->deprecated)
        put_bool(o, "deprecated", true);
    put_rights(o, x);
    put_parameters(o, x);
    put_request(o, x, s);
    put_responses(o, x, s);
    put_close(o, '}');
}
