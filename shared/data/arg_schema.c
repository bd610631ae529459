/* arg_schema.c - an op's arguments as JSON Schema (2020-12), by a table of types.
 *
 * What is said here is what op_bind takes: types as strict, bounds, the aliases of names and of
 * values, ids with and without their prefix. Called while the documents about the interfaces are
 * made (rest/openapi*.c, realtime/asyncapi*.c).
 */
#include "config.h"

#include "data/arg_schema.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* --- types ---------------------------------------------------------------------------------- */

/* In a body null is the same as absence, so whatever may be absent may be null. */
static bool nullable(const struct arg *a) {
    return a->place == IN_BODY && (!a->required || a->nullable);
}

static void put_type(struct str *o, const struct arg *a, const char *type, const char *other) {
    if (!nullable(a) && !other) {
        put_text(o, "type", type);
        return;
    }
    put_open(o, "type", '[');
    put_text(o, NULL, type);
    if (other)
        put_text(o, NULL, other);
    if (nullable(a))
        put_text(o, NULL, "null");
    put_close(o, ']');
}

static void put_int(struct str *o, const struct arg *a) {
    put_type(o, a, "integer", NULL);
    put_long(o, "minimum", a->min);
    if (a->max < LONG_MAX)
        put_long(o, "maximum", a->max);
}

static void put_id(struct str *o, const struct arg *a) {
    const char *prefix = a->choices ? a->choices : "";
    if (a->place == IN_BODY) {
        put_type(o, a, "integer", "string");
        put_long(o, "minimum", 1);
    } else {
        put_type(o, a, "string", NULL);
    }
    put_textf(o, "pattern", *prefix ? "^(%s)?[0-9]{1,19}$" : "^%s[0-9]{1,19}$", prefix);
}

static void put_string(struct str *o, const struct arg *a) {
    put_type(o, a, "string", NULL);
    if (a->min)
        put_long(o, "minLength", a->min);
    if (a->max)
        put_long(o, "maxLength", a->max);
}

static void put_boolean(struct str *o, const struct arg *a) {
    put_type(o, a, "boolean", NULL);
}

static void put_date(struct str *o, const struct arg *a) {
    put_type(o, a, "string", NULL);
    put_text(o, "format", "date");
}

static void put_instant(struct str *o, const struct arg *a) {
    put_type(o, a, "string", NULL);
    put_text(o, "format", "date-time");
}

static void put_money(struct str *o, const struct arg *a) {
    put_type(o, a, "number", NULL);
    put_long(o, "minimum", a->min);
    put_long(o, "maximum", a->max);
}

/* "a|b|alias=value": every word that is taken, or (`words` false) "alias is value" of each alias.
 */
static void each_choice(struct str *o, const struct arg *a, bool words) {
    for (const char *c = a->choices; *c;) {
        size_t n = strcspn(c, "|"), name = strcspn(c, "|=");
        if (words)
            put_textf(o, NULL, "%.*s", (int)name, c);
        else if (name < n)
            str_printf(o, "%s`%.*s` is `%.*s`", o->len ? ", " : "", (int)name, c,
                       (int)(n - name - 1), c + name + 1);
        c += n + (c[n] == '|');
    }
}

static void put_choices(struct str *o, const struct arg *a, bool with_null) {
    put_open(o, "enum", '[');
    each_choice(o, a, true);
    if (with_null)
        put_json(o, NULL, "null");
    put_close(o, ']');
}

static void put_enum(struct str *o, const struct arg *a) {
    put_type(o, a, "string", NULL);
    put_choices(o, a, nullable(a));
}

static void put_enums(struct str *o, const struct arg *a) {
    put_type(o, a, "array", a->place == IN_BODY ? "string" : NULL);
    put_long(o, "minItems", 1);
    put_open(o, "items", '{');
    put_text(o, "type", "string");
    put_choices(o, a, false);
    put_close(o, '}');
}

static void put_members(struct str *o, const struct arg *args, bool all);

static void put_object(struct str *o, const struct arg *a) {
    put_type(o, a, "object", NULL);
    if (a->items)
        put_members(o, a->items, true);
}

static void put_count(struct str *o, const struct arg *a) {
    put_type(o, a, "array", NULL);
    put_long(o, "minItems", a->min);
    put_long(o, "maxItems", a->max);
}

static void put_array(struct str *o, const struct arg *a) {
    put_count(o, a);
    arg_put_body(o, "items", a->items, true);
}

static void put_ids(struct str *o, const struct arg *a) {
    struct arg one = {.place = IN_BODY, .required = true, .choices = a->choices};
    put_count(o, a);
    put_open(o, "items", '{');
    put_id(o, &one);
    put_close(o, '}');
}

static void put_texts(struct str *o, const struct arg *a) {
    static const struct arg one = {
        .place = IN_BODY, .required = true, .min = 1, .max = OP_TEXTS_LENGTH};
    put_count(o, a);
    put_open(o, "items", '{');
    put_string(o, &one);
    put_close(o, '}');
}

static void (*const types[])(struct str *, const struct arg *) = {
    [ARG_INT] = put_int,       [ARG_ID] = put_id,       [ARG_TEXT] = put_string,
    [ARG_BOOL] = put_boolean,  [ARG_DATE] = put_date,   [ARG_INSTANT] = put_instant,
    [ARG_MONEY] = put_money,   [ARG_ENUM] = put_enum,   [ARG_ENUMS] = put_enums,
    [ARG_OBJECT] = put_object, [ARG_ARRAY] = put_array, [ARG_IDS] = put_ids,
    [ARG_TEXTS] = put_texts,
};

/* --- default and description ------------------------------------------------------------------ */

static void put_default_list(struct str *o, const char *text) {
    put_open(o, "default", '[');
    for (;; text++) {
        size_t n = strcspn(text, ",");
        put_textf(o, NULL, "%.*s", (int)n, text);
        text += n;
        if (!*text)
            break;
    }
    put_close(o, ']');
}

static void put_default(struct str *o, const struct arg *a) {
    if (a->type == ARG_ENUMS)
        put_default_list(o, a->fallback);
    else if (a->type == ARG_INT || a->type == ARG_BOOL || a->type == ARG_MONEY)
        put_json(o, "default", a->fallback);
    else
        put_text(o, "default", a->fallback);
}

static void put_description(struct str *o, const struct arg *a) {
    struct str text = STR_INIT, aliases = STR_INIT;
    str_puts(&text, a->help ? a->help : "");
    if (a->type == ARG_ENUM || a->type == ARG_ENUMS)
        each_choice(&aliases, a, false);
    if (aliases.len)
        str_printf(&text, " (%s)", str_c(&aliases));
    if (a->type == ARG_OBJECT && a->max)
        str_printf(&text, " (at most %ld bytes)", a->max);
    if (text.len)
        put_text(o, "description", str_c(&text));
    str_free(&aliases);
    str_free(&text);
}

void arg_put_schema(struct str *o, const char *key, const struct arg *arg) {
    require((size_t)arg->type < sizeof types / sizeof types[0] && types[arg->type]);
    put_open(o, key, '{');
    types[arg->type](o, arg);
    if (arg->fallback)
        put_default(o, arg);
    if (arg->place == IN_BODY)
        put_description(o, arg);
    put_close(o, '}');
}

/* --- bodies ----------------------------------------------------------------------------------- */

static void put_alias(struct str *o, const struct arg *a) {
    struct arg other = *a;
    char help[128];
    snprintf(help, sizeof help, "another name of %s; give one of them", a->name);
    other.help = help;
    other.fallback = NULL;
    arg_put_schema(o, a->alias, &other);
}

/* An array's items and a socket's message take all, wherever REST has it. */
static bool in_body(const struct arg *a, bool all) {
    return all || a->place == IN_BODY;
}

static void put_properties(struct str *o, const struct arg *args, bool all) {
    put_open(o, "properties", '{');
    for (const struct arg *a = args; a && a->name; a++) {
        if (!in_body(a, all))
            continue;
        struct arg one = *a;
        one.place = IN_BODY;
        arg_put_schema(o, one.name, &one);
        if (one.alias)
            put_alias(o, &one);
    }
    put_close(o, '}');
}

static void put_list(struct str *o, const char *key, struct str *elements) {
    if (elements->len) {
        put_open(o, key, '[');
        str_puts(o, str_c(elements));
        put_close(o, ']');
    }
    str_free(elements);
}

static void put_one_of_two(struct str *o, const char *name) {
    put_open(o, NULL, '{');
    put_open(o, "required", '[');
    put_text(o, NULL, name);
    put_close(o, ']');
    put_close(o, '}');
}

static void put_either(struct str *o, const struct arg *a) {
    put_open(o, NULL, '{');
    put_open(o, "anyOf", '[');
    put_one_of_two(o, a->name);
    put_one_of_two(o, a->alias);
    put_close(o, ']');
    put_close(o, '}');
}

/* What is required under either of two names can't stand in the list of required names. */
static void put_required(struct str *o, const struct arg *args, bool all) {
    struct str names = STR_INIT, either = STR_INIT;
    for (const struct arg *a = args; a && a->name; a++) {
        if (!in_body(a, all) || !a->required)
            continue;
        if (a->alias)
            put_either(&either, a);
        else
            put_text(&names, NULL, a->name);
    }
    put_list(o, "required", &names);
    put_list(o, "allOf", &either);
}

static void put_members(struct str *o, const struct arg *args, bool all) {
    put_bool(o, "additionalProperties", false);
    put_properties(o, args, all);
    put_required(o, args, all);
}

void arg_put_body(struct str *o, const char *key, const struct arg *args, bool all) {
    put_open(o, key, '{');
    put_text(o, "type", "object");
    put_members(o, args, all);
    put_close(o, '}');
}

bool arg_any(const struct arg *args, enum arg_place place) {
    for (const struct arg *a = args; a && a->name; a++)
        if (a->place == place)
            return true;
    return false;
}

bool arg_any_required(const struct arg *args, enum arg_place place) {
    for (const struct arg *a = args; a && a->name; a++)
        if (a->place == place && a->required)
            return true;
    return false;
}

bool arg_any_id(const struct arg *args) {
    for (const struct arg *a = args; a && a->name; a++)
        if (a->type == ARG_ID || a->type == ARG_IDS || arg_any_id(a->items))
            return true;
    return false;
}
