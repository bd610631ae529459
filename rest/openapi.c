/* openapi.c - the document's frame: info, servers, tags, paths. See openapi.h. */
#include "config.h"

#include "openapi.h"

#include "access/permissions.h"
#include "openapi_inner.h"

#include <ctype.h>
#include <stdio.h>

#define ID_MAX     80
#define METHOD_MAX 16

/* --- info ------------------------------------------------------------------------------------- */

static const char about[] =
    "The back of house of restaurants and hotels. JSON in, JSON out.\n\n"
    "**Who one is**: `Authorization: Bearer` with a token of `/api/auth/login` or an API key, or "
    "the"
    " cookie of a login. Every answer is about the token's venue; an id of another venue is "
    "404.\n\n"
    "**Polling**: every GET has an `ETag`; `If-None-Match` is answered 304 without a query, from "
    "the"
    " last change of what the answer reads. `X-Feed-Position` is where to go on at `/ws`.\n\n"
    "**Live**: `/ws`, `/events` and `/poll` carry every change; socket.io-client 4 connects as it "
    "is and"
    " hears of tables, with types in [/lib/socketio-events.d.ts](/lib/socketio-events.d.ts).\n\n"
    "**Writes**: unknown members and parameters are refused. `Idempotency-Key` makes any write safe"
    " to repeat. A write by an older version is 409 with the present state. A member that is null"
    " was not given.\n\n"
    "**Ids** are taken with and without their prefix and leave with it. Money is a number in major"
    " units of the venue's currency, times are ISO 8601 in UTC. \"Today\" is the venue's business"
    " day.\n\n"
    "**Errors** are `application/problem+json` (RFC 9457) with a stable `code`; `errors` names "
    "every"
    " bad field at once. A method that a path does not take is 405 with `Allow`.\n\n"
    "## Who may do what\n\n";

static void put_info(struct str *o) {
    struct str text = STR_INIT;
    str_puts(&text, about);
    permission_print(&text);
    put_open(o, "info", '{');
    put_text(o, "title", "maitred");
    put_text(o, "version", PACKAGE_VERSION);
    put_text(o, "summary", "Tables, orders, reservations, rooms and their figures");
    put_text(o, "description", str_c(&text));
    put_open(o, "contact", '{');
    put_text(o, "name", "Whoever runs this server");
    put_close(o, '}');
    put_open(o, "license", '{');
    put_text(o, "name", "MIT");
    put_text(o, "identifier", "MIT");
    put_close(o, '}');
    put_close(o, '}');
    str_free(&text);
}

static void put_servers(struct str *o, const char *server) {
    put_open(o, "servers", '[');
    put_open(o, NULL, '{');
    put_text(o, "url", *server ? server : "/");
    put_text(o, "description", "this server");
    put_close(o, '}');
    put_close(o, ']');
    put_open(o, "security", '[');
    put_json(o, NULL, "{\"bearer\":[]}");
    put_json(o, NULL, "{\"cookie\":[]}");
    put_close(o, ']');
}

static void put_tags(struct str *o) {
    put_open(o, "tags", '[');
    for (const struct program *p = programs; p->name; p++) {
        if (!p->routes->method)
            continue;
        put_open(o, NULL, '{');
        put_text(o, "name", p->name);
        put_text(o, "description", p->summary);
        put_close(o, '}');
    }
    put_close(o, ']');
}

/* Every code of err.def that a request can be answered with; the database may name finer ones. */
static void put_codes(struct str *o) {
    put_open(o, "x-error-codes", '[');
    for (int code = ERR_NONE + 1; code < ERR_COUNT; code++) {
        put_open(o, NULL, '{');
        put_text(o, "code", err_slug((enum err_code)code));
        put_long(o, "status", err_http((enum err_code)code));
        put_text(o, "title", err_title((enum err_code)code));
        put_close(o, '}');
    }
    put_close(o, ']');
}

/* --- paths ------------------------------------------------------------------------------------ */

static struct operation operation_of(const struct program *p, const struct route *r) {
    struct operation x = {.program = p, .route = r};
    x.op = r->op ? op_find(r->op) : r->form;
    x.form = r->form ? r->form : x.op;
    require(x.op && x.form);
    return x;
}

/* How many routes before this one are of the same op. */
static int same_before(const struct operation *x) {
    int n = 0;
    for (const struct program *p = programs; p->name; p++)
        for (const struct route *r = p->routes; r->method; r++) {
            if (r == x->route)
                return n;
            n += str_eq(operation_of(p, r).form->name, x->form->name);
        }
    return n;
}

static void method_lower(const struct route *r, char method[METHOD_MAX]) {
    snprintf(method, METHOD_MAX, "%s", r->method);
    for (char *c = method; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

/* The op's name; of its other routes with the method, and a number where that is not enough. */
static void id_make(const struct operation *x, char id[ID_MAX]) {
    int n = same_before(x);
    char method[METHOD_MAX], number[16] = "";
    method_lower(x->route, method);
    if (n > 1)
        snprintf(number, sizeof number, "_%d", n);
    snprintf(id, ID_MAX, "%s%s%s%s", x->form->name, n ? "_" : "", n ? method : "", number);
}

static void put_route(struct str *o, const struct program *p, const struct route *r,
                      const struct schemas *s) {
    struct operation x = operation_of(p, r);
    char id[ID_MAX], method[METHOD_MAX];
    id_make(&x, id);
    x.id = id;
    method_lower(r, method);
    operation_put(o, method, &x, s);
}

/* Has a route before this one the same path? Then it has been written with that one. */
static bool path_done(const struct route *route) {
    for (const struct program *p = programs; p->name; p++)
        for (const struct route *r = p->routes; r->method; r++) {
            if (r == route)
                return false;
            if (str_eq(r->path, route->path))
                return true;
        }
    return false;
}

static void put_path(struct str *o, const char *path, const struct schemas *s) {
    put_open(o, path, '{');
    for (const struct program *p = programs; p->name; p++)
        for (const struct route *r = p->routes; r->method; r++)
            if (str_eq(r->path, path))
                put_route(o, p, r, s);
    put_close(o, '}');
}

static void put_paths(struct str *o, const struct schemas *s) {
    put_open(o, "paths", '{');
    for (const struct program *p = programs; p->name; p++)
        for (const struct route *r = p->routes; r->method; r++)
            if (!path_done(r))
                put_path(o, r->path, s);
    put_close(o, '}');
}

void openapi_document(const char *server, struct str *out) {
    struct schemas *s = schemas_open();
    put_open(out, NULL, '{');
    put_text(out, "openapi", "3.1.0");
    put_text(out, "jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema");
    put_info(out);
    put_servers(out, server);
    put_tags(out);
    put_paths(out, s);
    components_put(out, s);
    put_codes(out);
    put_close(out, '}');
    schemas_close(s);
}
