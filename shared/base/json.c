/* json.c - parsed JSON; the only user of json-c.
 *
 * json_scan has read the text strictly before json-c builds the tree; what only the tree can show
 * (duplicate keys, numbers beyond a double) is checked on it. A JSON null is no pointer in json-c:
 * here it is the address of `null_value`, so that "null" and "absent" stay two things.
 */
#include <config.h>

/* First, because base/json.h gives some of its names another meaning. */
#include <json-c/json.h>

#include "base/json.h"

#include "base/json_scan.h"
#include "base/mem.h"

#include <math.h>

struct json {
    char unused;
};

static const struct json null_value;

static json_object *unwrap(const struct json *v) {
    return v == &null_value ? NULL : (json_object *)v;
}

static const struct json *wrap(json_object *o) {
    return o ? (const struct json *)o : &null_value;
}

/* Counts members over the whole tree; false when a number is not finite (1e400). Depth is bounded
 * by the scan. */
static bool tree_check(json_object *o, size_t *members) {
    if (json_object_is_type(o, json_type_double))
        return isfinite(json_object_get_double(o));
    if (json_object_is_type(o, json_type_object)) {
        json_object_object_foreach(o, key, member) {
            (void)key;
            ++*members;
            if (!tree_check(member, members))
                return false;
        }
    }
    if (json_object_is_type(o, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(o); i++) {
            if (!tree_check(json_object_array_get_idx(o, i), members))
                return false;
        }
    }
    return true;
}

static json_object *tree_build(const char *text, size_t len, bool *ok) {
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX + 8);
    require(t != NULL);
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json_object *root = json_tokener_parse_ex(t, text, (int)len);
    /* A bare scalar is complete only when the NUL has been seen. */
    if (json_tokener_get_error(t) == json_tokener_continue)
        root = json_tokener_parse_ex(t, "", 1);
    *ok = json_tokener_get_error(t) == json_tokener_success;
    json_tokener_free(t);
    return root;
}

struct json *json_parse(const char *text, size_t len, struct err *e) {
    bool beyond;
    return json_parse_or(text, len, &beyond, e);
}

struct json *json_parse_or(const char *text, size_t len, bool *beyond, struct err *e) {
    struct json_scan scan;
    *beyond = false;
    if (len > INT32_MAX / 2) {
        err_set(e, ERR_INVALID_JSON, "The text is too long.");
        return NULL;
    }
    if (!json_scan(text, len, &scan)) {
        *beyond = scan.beyond;
        err_set(e, ERR_INVALID_JSON, "At byte %zu: %s.", scan.at, scan.reason);
        return NULL;
    }
    bool ok;
    size_t members = 0;
    json_object *root = tree_build(text, len, &ok);
    const char *reason = !ok                           ? "it can't be read"
                         : !tree_check(root, &members) ? "a number is out of range"
                         : members != scan.members     ? "an object has the same key twice"
                                                       : NULL;
    if (reason) {
        *beyond = ok;
        err_set(e, ERR_INVALID_JSON, "The JSON text is refused: %s.", reason);
        json_object_put(root);
        return NULL;
    }
    return (struct json *)wrap(root);
}

void json_free(struct json *root) {
    if (root)
        json_object_put(unwrap(root));
}

enum json_type json_type_of(const struct json *v) {
    if (!v)
        return JSON_NULL;
    switch (json_object_get_type(unwrap(v))) {
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_int:
        return JSON_INT;
    case json_type_double:
        return JSON_DOUBLE;
    case json_type_string:
        return JSON_STRING;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    default:
        return JSON_NULL;
    }
}

const struct json *json_get(const struct json *object, const char *key) {
    json_object *member;
    if (json_type_of(object) != JSON_OBJECT ||
        !json_object_object_get_ex(unwrap(object), key, &member))
        return NULL;
    return wrap(member);
}

bool json_int(const struct json *v, int64_t *out) {
    if (json_type_of(v) != JSON_INT)
        return false;
    *out = json_object_get_int64(unwrap(v));
    return true;
}

bool json_double(const struct json *v, double *out) {
    enum json_type type = json_type_of(v);
    if (type != JSON_INT && type != JSON_DOUBLE)
        return false;
    *out = json_object_get_double(unwrap(v));
    return true;
}

bool json_bool(const struct json *v, bool *out) {
    if (json_type_of(v) != JSON_BOOL)
        return false;
    *out = json_object_get_boolean(unwrap(v));
    return true;
}

const char *json_string(const struct json *v, size_t *len) {
    if (json_type_of(v) != JSON_STRING)
        return NULL;
    if (len)
        *len = (size_t)json_object_get_string_len(unwrap(v));
    return json_object_get_string(unwrap(v));
}

size_t json_length(const struct json *array) {
    return json_type_of(array) == JSON_ARRAY ? json_object_array_length(unwrap(array)) : 0;
}

const struct json *json_at(const struct json *array, size_t i) {
    return i < json_length(array) ? wrap(json_object_array_get_idx(unwrap(array), i)) : NULL;
}

void json_each(const struct json *object,
               bool (*f)(const char *key, const struct json *v, void *ctx), void *ctx) {
    if (json_type_of(object) != JSON_OBJECT)
        return;
    json_object_object_foreach(unwrap(object), key, member) {
        if (!f(key, wrap(member), ctx))
            return;
    }
}

struct writing {
    struct str *out;
    bool more;
};

static bool write_member(const char *key, const struct json *v, void *ctx) {
    struct writing *w = ctx;
    if (w->more)
        str_putc(w->out, ',');
    w->more = true;
    json_put_string(w->out, key);
    str_putc(w->out, ':');
    json_write(v, w->out);
    return true;
}

static void write_array(const struct json *v, struct str *out) {
    str_putc(out, '[');
    for (size_t i = 0; i < json_length(v); i++) {
        if (i)
            str_putc(out, ',');
        json_write(json_at(v, i), out);
    }
    str_putc(out, ']');
}

void json_write(const struct json *v, struct str *out) {
    size_t len = 0;
    const char *text;
    switch (json_type_of(v)) {
    case JSON_STRING:
        text = json_string(v, &len);
        json_put_string_n(out, text, len);
        break;
    case JSON_ARRAY:
        write_array(v, out);
        break;
    case JSON_OBJECT:
        str_putc(out, '{');
        json_each(v, write_member, &(struct writing){.out = out});
        str_putc(out, '}');
        break;
    default: /* json-c keeps a double's own digits and needs no buffer of ours for the rest */
        str_puts(out,
                 v ? json_object_to_json_string_ext(unwrap(v), JSON_C_TO_STRING_PLAIN) : "null");
    }
}
