/* dispatch.c - the walk of every request. See dispatch.h. */
#include "config.h"

#include "dispatch.h"

#include "base/clock.h"
#include "bind.h"
#include "cache.h"
#include "data/position.h"
#include "data/session.h"
#include "origin.h"

#include <stdio.h>
#include <string.h>

#define LINK_MAX 2000

/* --- who asks, and may they --------------------------------------------------------------- */

static const char *bearer_find(struct exchange *x) {
    const char *bearer = x->rq.authorization ? auth_bearer(x->rq.authorization) : NULL;
    if (bearer)
        return bearer;
    size_t cap = x->rq.cookie ? strlen(x->rq.cookie) + 1 : 0;
    char *cookie = cap ? arena_alloc(x->arena, cap) : NULL;
    if (!cookie || !auth_cookie(x->rq.cookie, AUTH_COOKIE, cookie, cap))
        return NULL;
    x->by_cookie = true;
    return cookie;
}

static bool authenticate(struct exchange *x, struct err *e) {
    if (x->op->cap == CAP_PUBLIC)
        return true;
    const char *bearer = bearer_find(x);
    if (!bearer)
        return err_set(e, ERR_UNAUTHENTICATED, "Send a token as Authorization: Bearer, or log in.");
    pthread_rwlock_rdlock(&x->service->keys);
    bool ok = session_principal(x->service->auth, service_page(x->service), x->db, bearer, x->now,
                                x->arena, &x->who, e);
    pthread_rwlock_unlock(&x->service->keys);
    return ok && (!x->by_cookie || !x->rq.write || origin_write(x, e));
}

static bool authorize(struct exchange *x, struct err *e) {
    enum grant grant = permission_grants(x->who.role, x->op->cap);
    if (x->op->cap != CAP_PUBLIC && grant == GRANT_NO)
        return err_set(e, ERR_FORBIDDEN, "The role %s lacks the right %s.", role_name(x->who.role),
                       capability_name(x->op->cap));
    x->masked = grant == GRANT_MASKED || role_masked(x->who.role);
    return true;
}

/* --- answers ------------------------------------------------------------------------------ */

static void answer_unchanged(struct exchange *x, const struct cache_state *s, const char *tag) {
    response_json(&x->rs, 304, NULL, 0);
    cache_headers(x, s, tag);
}

/* The 304 that costs no query. "*" has to wait: whether the thing exists only the query knows. */
static bool unchanged(struct exchange *x) {
    struct cache_state s;
    char tag[CACHE_TAG_MAX];
    if (!x->rq.get || !x->rq.if_none_match || !cache_page(x, &s))
        return false;
    cache_tag(x, &s, tag);
    if (!cache_matches(x->rq.if_none_match, tag))
        return false;
    answer_unchanged(x, &s, tag);
    return true;
}

/* One RFC 8288 link; the query is written anew from the arguments that the op knows. */
static void link_put(struct exchange *x, struct str *out, const char *rel, int64_t page,
                     const char *limit) {
    str_printf(out, "%s<%s%s?", out->len ? ", " : "", x->service->settings->uri_prefix,
               x->rq.uri.path);
    for (const struct arg *a = x->op->args; a->name; a++) {
        const struct uri_param *p = a->place == IN_QUERY ? uri_param(&x->rq.uri, a->name) : NULL;
        if (!p || str_eq(a->name, "page") || str_eq(a->name, "limit"))
            continue;
        str_printf(out, "%s=", a->name);
        uri_escape(out, p->value);
        str_putc(out, '&');
    }
    str_printf(out, "page=%lld&limit=%s>; rel=\"%s\"", (long long)page, limit, rel);
}

static void answer_pages(struct exchange *x, const struct op_values *v, int64_t total) {
    long long page, limit;
    response_headerf(&x->rs, "X-Total-Count", "%lld", (long long)total);
    if (v->n < 2 || !v->v[v->n - 2] || !str_to_int64(v->v[v->n - 2], &page) || !v->v[v->n - 1] ||
        !str_to_int64(v->v[v->n - 1], &limit) || limit < 1)
        return;
    int64_t last = total > 0 ? (total + limit - 1) / limit : 1;
    struct str link = STR_INIT;
    link_put(x, &link, "first", 1, v->v[v->n - 1]);
    if (page > 1)
        link_put(x, &link, "prev", page - 1 > last ? last : page - 1, v->v[v->n - 1]);
    if (page < last)
        link_put(x, &link, "next", page + 1, v->v[v->n - 1]);
    link_put(x, &link, "last", last, v->v[v->n - 1]);
    if (link.len <= LINK_MAX)
        response_link(&x->rs, str_c(&link));
    str_free(&link);
}

/* On every answer of the route, refusals too: who calls it must hear of it. */
static void answer_deprecated(struct exchange *x) {
    const struct deprecation *d = x->match.route->deprecated;
    struct str link = STR_INIT;
    response_header(&x->rs, "Deprecation", d->since);
    response_header(&x->rs, "Sunset", d->sunset);
    str_printf(&link, "<%s", x->service->settings->uri_prefix);
    router_path(&x->match, d->successor, &link);
    str_puts(&link, ">; rel=\"successor-version\"");
    response_link(&x->rs, str_c(&link));
    str_free(&link);
}

/* Read your own writes: the next GET, on any thread or program here, must not be a 304. */
void dispatch_publish(struct exchange *x, const struct answer *a) {
    struct positions *page = service_page(x->service);
    struct cache_state s;
    if (page && cache_answer(a, &s))
        positions_publish(page, s.epoch, s.venue, s.seq, s.areas);
}

static void answer(struct exchange *x, const struct op_values *values, const struct answer *a) {
    struct cache_state s;
    char tag[CACHE_TAG_MAX];
    bool placed = cache_answer(a, &s);
    if (x->op->write)
        dispatch_publish(x, a);
    if (placed && x->rq.get) {
        cache_tag(x, &s, tag);
        const char *known = x->rq.if_none_match;
        if (known && (cache_any(known) || cache_matches(known, tag))) {
            answer_unchanged(x, &s, tag);
            return;
        }
    }
    response_json(&x->rs, a->status ? a->status : x->op->status, a->body, a->body_len);
    if (placed)
        cache_headers(x, &s, x->rq.get ? tag : NULL);
    if (a->location)
        response_headerf(&x->rs, "Location", "%s%s",
                         *a->location == '/' ? x->service->settings->uri_prefix : "", a->location);
    if (x->op->paged && a->total >= 0)
        answer_pages(x, values, a->total);
}

/* --- the walk ----------------------------------------------------------------------------- */

bool dispatch_call(struct exchange *x, const char *op, const struct principal *who,
                   const struct op_values *values, struct answer *out, struct err *e) {
    const struct op *row = op_find(op);
    require(row);
    return db_call(x->db, row, who, values, NULL, x->arena, out, e);
}

static bool operate(struct exchange *x, struct err *e) {
    struct op_values values;
    struct db_key key = {NULL, NULL};
    struct answer a;
    bool bound = bind_op(x, x->op, &values, e);
    if (x->op->write)
        bound = bind_key(x, &key, e) && bound;
    if (!bound)
        return false;
    if (!db_call(x->db, x->op, &x->who, &values, key.key ? &key : NULL, x->arena, &a, e))
        return false;
    answer(x, &values, &a);
    return true;
}

static bool find_route(struct exchange *x, struct err *e) {
    bool any_method;
    const struct route *routes = x->service->routes;
    if (router_match(routes, x->rq.method, x->rq.uri.path, x->arena, &x->match, &any_method)) {
        x->op = x->service->ops[x->match.route - routes];
        return true;
    }
    if (!any_method)
        return err_set(e, ERR_NOT_FOUND, "There is nothing at this path.");
    const char *allow = router_allow(routes, x->rq.uri.path, x->arena);
    if (str_eq(x->rq.method, "OPTIONS")) {
        origin_preflight(x, allow);
        return true;
    }
    response_header(&x->rs, "Allow", allow);
    return err_set(e, ERR_METHOD_NOT_ALLOWED, "This path takes %s.", allow);
}

static bool walk(struct exchange *x, struct err *e) {
    if (!find_route(x, e))
        return false;
    if (!x->match.route || !x->op)
        return true;
    if (x->match.route->deprecated)
        answer_deprecated(x);
    if (!authenticate(x, e) || !authorize(x, e))
        return false;
    if (x->match.route->handler)
        return bind_body(x, e) && x->match.route->handler(x, e);
    if (unchanged(x))
        return true;
    return bind_body(x, e) && operate(x, e);
}

/* A cookie that opens nothing any more is taken back: no script could do it. */
static void drop_cookie(struct exchange *x, const struct err *e) {
    if (x->by_cookie && (e->http ? e->http : err_http(e->code)) == 401)
        response_header(&x->rs, "Set-Cookie",
                        AUTH_COOKIE "=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict");
}

static void headers_common(struct exchange *x) {
    static const char fixed[] = "Cache-Control: private, no-cache\r\n"
                                "Vary: Authorization, Cookie, Origin\r\n"
                                "X-Content-Type-Options: nosniff\r\n";
    response_fixed(&x->rs, fixed, sizeof fixed - 1);
    response_header(&x->rs, "X-Request-Id", x->rq.id);
    origin_headers(x);
}

/* What went well and only read is the web server's log's business: it would be said twice. */
static enum log_level request_level(const struct exchange *x) {
    if (x->rs.status >= 500)
        return LOG_ERROR;
    return x->rs.status >= 400 || x->rq.write ? LOG_INFO : LOG_DEBUG;
}

static void log_request(struct exchange *x, const struct err *e, uint64_t started_us) {
    enum log_level level = request_level(x);
    char status[16], ms[24];
    if ((int)level < atomic_load_explicit(&x->service->log_level, memory_order_relaxed))
        return;
    snprintf(status, sizeof status, "%d", x->rs.status);
    snprintf(ms, sizeof ms, "%.1f", (double)(clock_mono_us() - started_us) / 1000);
    log_event(level, "request", "id", x->rq.id, "method", x->rq.method, "path", x->rq.uri.path,
              "status", status, "ms", ms, "op", x->op ? x->op->name : "-", "account", x->who.name,
              "code", e->code ? e->slug : "-", NULL);
}

void dispatch(struct exchange *x, char *const *env, request_reader *reader, void *ctx) {
    struct err e;
    uint64_t started_us = clock_mono_us();
    err_clear(&e);
    x->op = NULL;
    x->body = NULL;
    x->by_cookie = x->masked = false;
    memset(&x->who, 0, sizeof x->who);
    memset(&x->match, 0, sizeof x->match);
    response_start(&x->rs);
    x->now = clock_wall_s();
    bool ok = request_read(&x->rq, env, reader, ctx, x->service->settings, x->arena, &e);
    headers_common(x);
    if (!ok || !walk(x, &e)) {
        drop_cookie(x, &e);
        response_problem(&x->rs, &e, x->rq.id);
    }
    json_free(x->body);
    log_request(x, &e, started_us);
}
