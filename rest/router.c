/* router.c - matching paths against patterns, segment by segment. See router.h. */
#include "config.h"

#include "router.h"

#include "uri.h"

#include <string.h>

static void param_take(struct route_match *m, const char *pattern, size_t pattern_len,
                       const char *segment, size_t len, struct arena *a) {
    require(m->nparams < ROUTE_PARAMS_MAX);
    m->params[m->nparams++] =
        (struct route_param){pattern + 1, pattern_len - 2, arena_strndup(a, segment, len)};
}

static bool path_matches(const char *pattern, const char *path, struct arena *a,
                         struct route_match *m) {
    m->nparams = 0;
    while (*pattern == '/' && *path == '/') {
        size_t want = strcspn(++pattern, "/"), len = strcspn(++path, "/");
        if (*pattern == '{')
            param_take(m, pattern, want, path, len, a);
        else if (want != len || memcmp(pattern, path, len))
            return false;
        pattern += want;
        path += len;
    }
    return !*pattern && !*path;
}

static bool method_matches(const char *have, const char *method) {
    return str_eq(have, method) || (str_eq(method, "HEAD") && str_eq(have, "GET"));
}

/* The path that is meant is the first that fits: what is written out ("/tables/stats") stands
 * before what a parameter takes ("/tables/{id}"). */
static const struct route *first_match(const struct route *routes, const char *path,
                                       struct arena *a, struct route_match *m) {
    for (const struct route *r = routes; r->method; r++)
        if (path_matches(r->path, path, a, m))
            return r;
    return NULL;
}

bool router_match(const struct route *routes, const char *method, const char *path, struct arena *a,
                  struct route_match *out, bool *any_method) {
    const struct route *meant = first_match(routes, path, a, out);
    *any_method = meant != NULL;
    for (out->route = meant; meant && out->route->method; out->route++)
        if (str_eq(out->route->path, meant->path) && method_matches(out->route->method, method))
            return true;
    out->route = NULL;
    return false;
}

const char *router_allow(const struct route *routes, const char *path, struct arena *a) {
    struct route_match m;
    const struct route *meant = first_match(routes, path, a, &m);
    const char *allow = "";
    for (const struct route *r = meant; r && r->method; r++)
        if (str_eq(r->path, meant->path))
            allow = arena_printf(a, "%s%s%s, ", allow, r->method,
                                 str_eq(r->method, "GET") ? ", HEAD" : "");
    return arena_printf(a, "%sOPTIONS", allow);
}

static const char *param_find(const struct route_match *m, const char *name, size_t len) {
    for (int i = 0; i < m->nparams; i++)
        if (m->params[i].name_len == len && memcmp(m->params[i].name, name, len) == 0)
            return m->params[i].value;
    return NULL;
}

const char *router_param(const struct route_match *m, const char *name) {
    return param_find(m, name, strlen(name));
}

void router_path(const struct route_match *m, const char *pattern, struct str *out) {
    while (*pattern) {
        size_t plain = strcspn(pattern, "{");
        str_put(out, pattern, plain);
        pattern += plain;
        if (!*pattern)
            return;
        size_t len = strcspn(pattern, "}");
        require(pattern[len]);
        const char *value = param_find(m, pattern + 1, len - 1);
        if (value)
            uri_escape(out, value);
        pattern += len + 1;
    }
}
