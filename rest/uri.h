/* uri.h - the request target, taken apart once: path, query parameters.
 *
 * The one place that decodes percent signs, so that nothing is decoded twice. Web servers disagree
 * about SCRIPT_NAME, PATH_INFO and QUERY_STRING; REQUEST_URI is raw in all of them.
 * Called by request.c; everything lives in the request's arena.
 */
#ifndef REST_URI_H
#define REST_URI_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define URI_MAX        4096
#define URI_PARAMS_MAX 48

struct uri_param {
    const char *name, *value;
    int times; /* how often it was given */
};

struct uri {
    const char *path;  /* decoded, without prefix and trailing slash: "/api/x" */
    const char *query; /* as it came, without '?'; "" when there is none */
    int nparams;
    struct uri_param params[URI_PARAMS_MAX];
};

/* INVALID_REQUEST for anything that two programs might read differently: dot segments, empty
 * segments, encoded slashes, backslashes, control characters, bad escapes, bad UTF-8. */
bool uri_parse(const char *target, const char *prefix, struct arena *a, struct uri *out,
               struct err *e) must_check;
const struct uri_param *uri_param(const struct uri *u, const char *name); /* NULL: absent */
/* Appends a parameter's value as a query holds it: all but RFC 3986's unreserved and , : escaped.
 */
void uri_escape(struct str *out, const char *value);

#endif
