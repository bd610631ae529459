/* bind.c - request -> arguments. See bind.h. */
#include "config.h"

#include "bind.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

static bool type_is_json(const char *type) {
    static const char json[] = "application/json";
    size_t len = sizeof json - 1;
    return type && strncasecmp(type, json, len) == 0 && strchr("; \t", type[len]);
}

/* A missing type is no other type only for an empty body: RFC 9110 section 8.3. */
bool bind_body(struct exchange *x, struct err *e) {
    if (x->rq.body_over)
        return err_set(e, ERR_TOO_LARGE, "A body may have %ld bytes.",
                       x->service->settings->body_max);
    if (!x->rq.write || x->rq.body_len == 0)
        return true;
    if (!type_is_json(x->rq.content_type))
        return err_set(e, ERR_UNSUPPORTED_MEDIA, "Send the body as application/json.");
    x->body = json_parse(x->rq.body, x->rq.body_len, e);
    if (!x->body)
        return false;
    return json_type_of(x->body) == JSON_OBJECT ||
           err_set(e, ERR_INVALID_REQUEST, "The body must be a JSON object.");
}

static const char *path_value(void *ctx, const char *name) {
    return router_param(&((struct exchange *)ctx)->match, name);
}

static const char *query_value(void *ctx, const char *name) {
    const struct uri_param *p = uri_param(&((struct exchange *)ctx)->rq.uri, name);
    return p ? p->value : NULL;
}

static const struct arg *arg_find(const struct op *op, enum arg_place place, const char *name) {
    for (const struct arg *a = op->args; a->name; a++)
        if (a->place == place && (str_eq(a->name, name) || (a->alias && str_eq(a->alias, name))))
            return a;
    return NULL;
}

/* Reads ignore parameters that they do not know (cache busters); writes refuse them. */
static void check_query(const struct exchange *x, const struct op *op, struct err *e) {
    for (int i = 0; i < x->rq.uri.nparams; i++) {
        const struct uri_param *p = &x->rq.uri.params[i];
        bool known = arg_find(op, IN_QUERY, p->name);
        if (!known && x->rq.write)
            err_field(e, p->name, "unknown", "There is no such query parameter.");
        else if (known && p->times > 1)
            err_field(e, p->name, "duplicate", "Give this parameter once.");
    }
}

/* The version in If-Match: 5, "5" or W/"5"; NULL when it holds something else. */
static const char *if_match_version(struct exchange *x) {
    char *v = arena_strdup(x->arena, x->rq.if_match);
    if (str_starts(v, "W/"))
        v += 2;
    size_t len = strlen(v);
    if (len > 1 && v[0] == '"' && v[len - 1] == '"') {
        v[len - 1] = '\0';
        v++;
    }
    long long n;
    return str_to_int64(v, &n) && n >= 0 ? v : NULL;
}

/* The body once more with `version` in it, which is where the op looks for it. */
static bool body_add_version(struct exchange *x, const char *version, struct err *e) {
    struct str text = STR_INIT;
    if (x->body)
        json_write(x->body, &text);
    if (text.len > 2) {
        text.p[text.len - 1] = ',';
    } else {
        str_clear(&text);
        str_putc(&text, '{');
    }
    str_printf(&text, "\"version\":%s}", version);
    json_free(x->body);
    x->body = json_parse(text.p, text.len, e);
    str_free(&text);
    return x->body != NULL;
}

/* If-Match stands for the body's `version`. What is wrong with it, or NULL. */
static const char *take_if_match(struct exchange *x, const struct op *op, struct err *e) {
    if (!x->rq.if_match || !x->rq.write || *x->rq.if_match == '*')
        return NULL;
    const char *version = if_match_version(x);
    if (!version || !arg_find(op, IN_BODY, "version"))
        return "Only the version of a thing that has one can be matched.";
    const struct json *given = json_get(x->body, "version");
    int64_t n;
    if (given && json_int(given, &n) && str_eq(arena_printf(x->arena, "%" PRId64, n), version))
        return NULL;
    if (given)
        return "The body names another version.";
    return body_add_version(x, version, e) ? NULL : "The version is no number.";
}

bool bind_op(struct exchange *x, const struct op *op, struct op_values *out, struct err *e) {
    err_clear(e);
    const char *complaint = take_if_match(x, op, e);
    struct op_source src = {path_value, query_value, x, x->body};
    err_clear(e);
    if (!op_bind(op, &src, false, x->arena, out, e) && e->nfields == 0)
        return false;
    check_query(x, op, e);
    if (complaint)
        err_field(e, "If-Match", "format", "%s", complaint);
    return e->code == ERR_NONE;
}

/* The hash covers what the client asked for: method, path, query, If-Match, body. A bad key is one
 * more bad field beside those that bind_op found. */
bool bind_key(struct exchange *x, struct db_key *key, struct err *e) {
    const char *given = x->rq.idempotency_key;
    key->key = key->hash = NULL;
    if (!given)
        return true;
    size_t len = strlen(given);
    for (size_t i = 0; i < len; i++)
        if (!isgraph((unsigned char)given[i]))
            len = 0;
    if (len == 0 || len > 128)
        return err_field(e, "Idempotency-Key", "format", "1 to 128 visible ASCII characters.");
    char *hash = arena_alloc(x->arena, 65);
    const char *what =
        arena_printf(x->arena, "%s %s?%s\n%s\n%s", x->rq.method, x->rq.uri.path, x->rq.uri.query,
                     x->rq.if_match ? x->rq.if_match : "", x->rq.body);
    sha256_hex(what, strlen(what), hash);
    key->key = given;
    key->hash = hash;
    return true;
}
