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

#define LINK_MAX      2000
#define LIMIT_SAID_MS 1000

/* --- too many? ---------------------------------------------------------------------------- */

/* A flood must not become one of the log: it is told of once a second, and whose it is. */
static void limited_say(struct exchange *x, const char *whose, const char *name) {
    unsigned long long last = atomic_load(&x->service->limit_said), now = clock_mono_ms();
    if (now - last >= LIMIT_SAID_MS &&
        atomic_compare_exchange_strong(&x->service->limit_said, &last, now))
        log_event(LOG_WARN, "too many requests", whose, name, "venue", x->who.slug, NULL);
}

static bool limit_pass(struct exchange *x, uint64_t subject, long per_second, struct err *e) {
    int wait = limit_take(x->service->limit, subject, per_second, clock_mono_us());
    if (!wait)
        return true;
    x->limited = true;
    err_set(e, ERR_RATE_LIMITED, "%s", err_title(ERR_RATE_LIMITED));
    e->retry_after = wait;
    return false;
}

static bool address_may(struct exchange *x, struct err *e) {
    long n = atomic_load_explicit(&x->service->per_address, memory_order_relaxed);
    if (n <= 0 || limit_pass(x, limit_address(x->rq.address), n, e))
        return true;
    limited_say(x, "address", x->rq.address);
    return false;
}

static bool principal_may(struct exchange *x, struct err *e) {
    long n = atomic_load_explicit(&x->service->per_account, memory_order_relaxed);
    if (n <= 0 || limit_pass(x, limit_principal(&x->who), n, e))
        return true;
    limited_say(x, "account", x->who.name);
    return false;
}

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
    return ok && principal_may(x, e) && (!x->by_cookie || !x->rq.write || origin_write(x, e));
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

static void answer_kept(struct exchange *x, const struct cache_state *s, const char *tag) {
    response_json(&x->rs, x->kept->status, x->kept->body, x->kept->body_len);
    cache_headers(x, s, tag);
    response_fixed(&x->rs, x->kept->head, x->kept->head_len);
    if (*x->kept->links)
        response_link(&x->rs, x->kept->links);
}

/* The answer that costs no query. "*" has to wait until the thing is known to exist, which only
 * the query or what it gave before can tell. */
static bool known_already(struct exchange *x) {
    const char *have = x->rq.if_none_match;
    struct cache_state s;
    struct answers_key key;
    char tag[CACHE_TAG_MAX];
    if (!x->rq.get || x->rq.body_over || (!have && !cache_keeps(x)) || !cache_page(x, &s))
        return false;
    cache_key(x, &s, &key);
    cache_tag(&key, tag);
    bool unchanged = have && cache_matches(have, tag);
    if (!unchanged && cache_keeps(x))
        x->kept = answers_take(x->service->answers, &key);
    if (unchanged || (x->kept && have && cache_any(have)))
        answer_unchanged(x, &s, tag);
    else if (x->kept)
        answer_kept(x, &s, tag);
    return unchanged || x->kept;
}

/* One RFC 8288 link; the query is written anew from the arguments that the op knows. */
static void link_put(struct exchange *x, struct str *out, const char *rel, int64_t page,
                     const char *limit) {
    str_puts(out, out->len ? ", <" : "<");
    str_puts(out, x->service->settings->uri_prefix);
    str_puts(out, x->rq.uri.path);
    str_putc(out, '?');
    for (const struct arg *a = x->op->args; a->name; a++) {
        const struct uri_param *p = a->place == IN_QUERY ? uri_param(&x->rq.uri, a->name) : NULL;
        if (!p || str_eq(a->name, "page") || str_eq(a->name, "limit"))
            continue;
        str_puts(out, a->name);
        str_putc(out, '=');
        uri_escape(out, p->value);
        str_putc(out, '&');
    }
    str_puts(out, "page=");
    str_put_int(out, page);
    str_puts(out, "&limit=");
    str_puts(out, limit);
    str_puts(out, ">; rel=\"");
    str_puts(out, rel);
    str_putc(out, '"');
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

/* Under the position of its own snapshot, whatever the page said before. */
static void keep_answer(struct exchange *x, const struct answers_key *key,
                        struct response_mark own) {
    if (!cache_keeps(x) || x->rs.status != 200 || !x->rs.body)
        return;
    const char *links = str_c(&x->rs.links) + own.links;
    const struct kept answer = {
        .status = x->rs.status,
        .head = str_c(&x->rs.headers) + own.headers,
        .head_len = x->rs.headers.len - own.headers,
        .body = x->rs.body,
        .body_len = x->rs.body_len,
        .links = links + strspn(links, ", "), /* behind the route's, if it has some */
    };
    answers_keep(x->service->answers, key, &answer);
}

static void answer_read(struct exchange *x, const struct op_values *values, const struct answer *a,
                        const struct cache_state *s) {
    struct answers_key key;
    char tag[CACHE_TAG_MAX];
    cache_key(x, s, &key);
    cache_tag(&key, tag);
    response_json(&x->rs, a->status ? a->status : x->op->status, a->body, a->body_len);
    cache_headers(x, s, tag);
    struct response_mark own = response_mark(&x->rs);
    if (x->op->paged && a->total >= 0)
        answer_pages(x, values, a->total);
    keep_answer(x, &key, own);
    const char *have = x->rq.if_none_match;
    if (have && (cache_any(have) || cache_matches(have, tag))) {
        response_json(&x->rs, 304, NULL, 0);
        response_cut(&x->rs, own);
    }
}

static void answer(struct exchange *x, const struct op_values *values, const struct answer *a) {
    struct cache_state s;
    bool placed = cache_answer(a, &s);
    if (x->op->write)
        dispatch_publish(x, a);
    if (placed && x->rq.get) {
        answer_read(x, values, a, &s);
        return;
    }
    response_json(&x->rs, a->status ? a->status : x->op->status, a->body, a->body_len);
    if (placed)
        cache_headers(x, &s, NULL);
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

void dispatch_answer(struct exchange *x, const struct op_values *values, const struct answer *a) {
    answer(x, values, a);
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
    if (known_already(x))
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
    if (x->limited)
        return LOG_DEBUG;
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
    str_clear(&x->subject);
    x->by_cookie = x->masked = x->limited = false;
    memset(&x->who, 0, sizeof x->who);
    memset(&x->match, 0, sizeof x->match);
    response_start(&x->rs);
    bool ok = request_read(&x->rq, env, reader, ctx, x->service->settings, x->arena, &e);
    x->now = clock_wall_s(); /* a body may have been long on its way */
    headers_common(x);
    if (!ok || !address_may(x, &e) || !walk(x, &e)) {
        drop_cookie(x, &e);
        response_problem(&x->rs, &e, x->rq.id);
    }
    json_free(x->body);
    log_request(x, &e, started_us);
}

void dispatch_done(struct exchange *x) {
    answers_drop(x->kept);
    x->kept = NULL;
    arena_reset(x->arena);
}
