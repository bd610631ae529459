/* op_bind.c - from what a client sent to the parameters of an op; every bad field is named at once.
 *
 * Called by the REST dispatcher (path, query, body) and by socket actions (one object). Values are
 * checked in op_value.c; here is where they are found, and what nobody asked for is refused.
 */
#include <config.h>

#include "data/op_value.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define LABEL_MAX 160

struct walk {
    const struct op *op;
    const struct op_source *src;
    bool socket;
};

static bool present(struct raw raw) {
    /* An empty query value is an empty form field, JSON null says the same: nothing was given. */
    return (raw.text && *raw.text) || (raw.json && json_type_of(raw.json) != JSON_NULL);
}

/* What has to be said was not: where null is an answer, it has to be said as well. */
static bool missing(const struct arg *arg, struct raw raw) {
    return arg->required && !(arg->nullable && raw.json);
}

static struct raw look(const struct walk *w, const struct arg *arg, const char *name) {
    struct raw raw = {NULL, NULL};
    if (w->src->given && (raw.text = w->src->given(w->src->ctx, name)))
        return raw;
    if (w->socket || arg->place == IN_BODY)
        raw.json = json_get(w->src->body, name);
    else if (arg->place == IN_PATH && w->src->path)
        raw.text = w->src->path(w->src->ctx, name);
    else if (arg->place == IN_QUERY && w->src->query)
        raw.text = w->src->query(w->src->ctx, name);
    return raw;
}

/* The value under its name or its alias; both at once is one too many. */
static bool find(const struct walk *w, const struct arg *arg, struct raw *out, struct err *e) {
    *out = look(w, arg, arg->name);
    struct raw other = arg->alias ? look(w, arg, arg->alias) : (struct raw){NULL, NULL};
    if (!present(other))
        return true;
    if (present(*out))
        return err_field(e, arg->alias, "duplicate", "is another name of %s; give one", arg->name);
    *out = other;
    return true;
}

static bool bind_one(const struct walk *w, const struct arg *arg, struct arena *a,
                     const char **value, struct err *e) {
    struct raw raw;
    *value = NULL;
    if (!find(w, arg, &raw, e))
        return false;
    if (!present(raw)) {
        if (missing(arg, raw))
            return err_field(e, arg->name, "required", "is required");
        if (!arg->fallback)
            return true;
        raw = (struct raw){.text = arg->fallback};
    }
    struct binding b = {.arena = a, .e = e, .arg = arg, .label = arg->name};
    *value = op_value(&b, raw);
    return *value != NULL;
}

static bool named(const struct arg *args, bool any_place, const char *key) {
    for (; args && args->name; args++) {
        if ((any_place || args->place == IN_BODY) &&
            (str_eq(args->name, key) || (args->alias && str_eq(args->alias, key))))
            return true;
    }
    return false;
}

struct unknown_check {
    const struct arg *args;
    const struct op_source *src; /* NULL: inside of an argument */
    bool socket, any_place;
    const char *prefix;
    struct err *e;
    bool ok;
};

static bool refuse_unknown(const char *key, const struct json *v, void *ctx) {
    struct unknown_check *u = ctx;
    (void)v;
    bool envelope = u->socket && (str_eq(key, "action") || str_eq(key, "requestId"));
    bool given = u->src && u->src->given && u->src->given(u->src->ctx, key);
    if (envelope || (!given && named(u->args, u->any_place, key)))
        return true;
    char label[LABEL_MAX];
    snprintf(label, sizeof label, "%s%.80s", u->prefix, key);
    u->ok = err_field(u->e, label, "unknown", "is not known here");
    return true;
}

bool op_bind(const struct op *op, const struct op_source *src, bool socket, struct arena *a,
             struct op_values *out, struct err *e) {
    struct walk w = {.op = op, .src = src, .socket = socket};
    bool ok = true;
    err_clear(e);
    out->n = 0;
    for (const struct arg *arg = op->args; arg && arg->name; arg++) {
        require(out->n < OP_ARGS_MAX);
        ok = bind_one(&w, arg, a, &out->v[out->n++], e) && ok;
    }
    if (!op->write)
        return ok;
    struct unknown_check u = {
        .args = op->args, .src = src, .socket = socket, .any_place = socket, .prefix = "", .e = e, .ok = true};
    json_each(src->body, refuse_unknown, &u);
    return ok && u.ok;
}

/* One member of an object, appended as "name":value; absent ones are left out. */
static bool element_member(const struct binding *outer, const struct arg *item,
                           const struct json *element, const char *prefix, struct str *out) {
    char label[LABEL_MAX];
    struct raw raw = {.json = json_get(element, item->name)};
    if (!present(raw) && item->alias)
        raw.json = json_get(element, item->alias);
    snprintf(label, sizeof label, "%s%s", prefix, item->name);
    if (!present(raw)) {
        if (missing(item, raw))
            return err_field(outer->e, label, "required", "is required");
        if (!item->fallback)
            return true;
        raw = (struct raw){.text = item->fallback};
    }
    struct binding b = {.arena = outer->arena, .e = outer->e, .arg = item, .label = label};
    if (out->p[out->len - 1] != '{')
        str_putc(out, ',');
    json_put_string(out, item->name);
    str_putc(out, ':');
    return op_value_json(&b, raw, out);
}

/* An object whose members are the argument's `items`, as JSON; `prefix` stands before their names
 * in errors. */
static bool put_members(const struct binding *b, const struct json *v, const char *prefix,
                        struct str *out) {
    struct unknown_check u = {
        .args = b->arg->items, .any_place = true, .prefix = prefix, .e = b->e, .ok = true};
    json_each(v, refuse_unknown, &u);
    str_putc(out, '{');
    bool ok = u.ok;
    for (const struct arg *item = b->arg->items; item && item->name; item++)
        ok = element_member(b, item, v, prefix, out) && ok;
    str_putc(out, '}');
    return ok;
}

static bool element(const struct binding *b, size_t i, const struct json *v, struct str *out) {
    char prefix[LABEL_MAX - 64];
    snprintf(prefix, sizeof prefix, "%.60s[%zu]", b->label, i);
    if (json_type_of(v) != JSON_OBJECT)
        return err_field(b->e, prefix, "type", "must be an object");
    strcat(prefix, ".");
    if (i)
        str_putc(out, ',');
    return put_members(b, v, prefix, out);
}

bool op_value_members(const struct binding *b, const struct json *object, struct str *out) {
    char prefix[LABEL_MAX - 64];
    snprintf(prefix, sizeof prefix, "%.60s.", b->label);
    return put_members(b, object, prefix, out);
}

const char *op_value_array(const struct binding *b, const struct json *array) {
    struct str out = STR_INIT;
    bool ok = true;
    str_putc(&out, '[');
    for (size_t i = 0; i < json_length(array); i++)
        ok = element(b, i, json_at(array, i), &out) && ok;
    str_putc(&out, ']');
    const char *text = ok ? arena_strndup(b->arena, str_c(&out), out.len) : NULL;
    str_free(&out);
    return text;
}
