/* router.h - which row of a program's route table a request means.
 *
 * A program is a const table of routes (stats.c, reservations.c, ...), ended by a row without a
 * method. A path segment in braces is a parameter: its name is the op's path argument. The rows of
 * a path that is written out stand before those of one with parameters that fits too.
 */
#ifndef REST_ROUTER_H
#define REST_ROUTER_H

#include "data/op.h"

struct exchange;
typedef bool route_handler(struct exchange *x, struct err *e);

/* A route that still works but should not be built upon: what its answers say of it (RFC 9745,
 * RFC 8594, RFC 8288). */
struct deprecation {
    const char *since;     /* "@1795564800": a structured date, seconds of 1970 */
    const char *sunset;    /* an HTTP date: from then on it may be gone */
    const char *successor; /* a path; parameters in braces are taken from the request's */
};

struct route {
    const char *method;     /* GET serves HEAD too */
    const char *path;       /* "/api/restaurant/reservations/{id}/seat" */
    const char *op;         /* its name in the table of ops: permission, arguments, areas */
    route_handler *handler; /* NULL: the walk of dispatch.c; else what stands in for op_bind and
                               db_call, when one call of one function is not enough */
    const struct op *form;  /* a handler's: what clients send and get, where that is not the op's
                               (a login is not login_start); also the op, when there is none */
    const struct deprecation *deprecated; /* or NULL */
};

#define ROUTE_PARAMS_MAX 4

struct route_match {
    const struct route *route;
    int nparams;
    struct route_param {
        const char *name; /* in the pattern, up to its closing brace */
        size_t name_len;
        const char *value;
    } params[ROUTE_PARAMS_MAX];
};

/* False with `any_method` false: no such path; with `any_method` true: the path has other methods.
 */
bool router_match(const struct route *routes, const char *method, const char *path, struct arena *a,
                  struct route_match *out, bool *any_method) must_check;
/* "GET, HEAD, POST, OPTIONS": every method of that path. */
const char *router_allow(const struct route *routes, const char *path, struct arena *a);
const char *router_param(const struct route_match *m, const char *name);
/* Appends `pattern` with its parameters' values, escaped; a parameter without value is left out. */
void router_path(const struct route_match *m, const char *pattern, struct str *out);

#endif
