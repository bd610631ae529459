/* op_value.c - checks and converts one value, by a table of types.
 *
 * A JSON value must have the argument's own JSON type (no "12" for 12); text from a path or a
 * query is read strictly. What comes out is canonical: no alias, no prefix, no second spelling.
 */
#include <config.h>

#include "data/op_value.h"

#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT_MAX 32

static const char *refuse(const struct binding *b, const char *code, const char *detail) {
    err_field(b->e, b->label, code, "%s", detail);
    return NULL;
}

static const char *refuse_range(const struct binding *b, const char *code, const char *what) {
    err_field(b->e, b->label, code, "must be %ld to %ld%s", b->arg->min, b->arg->max, what);
    return NULL;
}

/* The text of a JSON string or of a path or query value; NULL when it is of another type. */
static const char *text_of(struct raw raw) {
    return raw.json ? json_string(raw.json, NULL) : raw.text;
}

static const char *number_text(const struct binding *b, int64_t n) {
    return arena_printf(b->arena, "%" PRId64, n);
}

static bool whole_number(struct raw raw, int64_t *out) {
    long long n;
    if (raw.json)
        return json_int(raw.json, out);
    if (!str_to_int64(raw.text, &n))
        return false;
    *out = n;
    return true;
}

static const char *value_int(const struct binding *b, struct raw raw) {
    int64_t n;
    if (!whole_number(raw, &n))
        return refuse(b, "type", "must be a whole number");
    if (n < b->arg->min || n > b->arg->max)
        return refuse_range(b, "range", "");
    return number_text(b, n);
}

static const char *value_id(const struct binding *b, struct raw raw) {
    int64_t n;
    long long with_prefix;
    const char *text = text_of(raw), *prefix = b->arg->choices ? b->arg->choices : "";
    if (text && *prefix && str_starts(text, prefix))
        text += strlen(prefix);
    bool ok = text ? str_to_int64(text, &with_prefix) : whole_number(raw, &n);
    if (ok && text)
        n = with_prefix;
    if (!ok || n < 1)
        return refuse(b, "type",
                      *prefix ? "must be an id, with or without its prefix" : "must be an id");
    return number_text(b, n);
}

/* Characters, or -1 when there is a control character or what is not UTF-8 (a query can hold it).
 */
static long characters(const char *s) {
    long n = 0;
    for (size_t left = strlen(s); left > 0; n++) {
        size_t len = str_utf8_length(s, left);
        unsigned char c = (unsigned char)*s;
        if (len == 0 || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return -1;
        s += len;
        left -= len;
    }
    return n;
}

static const char *value_text(const struct binding *b, struct raw raw) {
    const char *text = text_of(raw);
    if (!text)
        return refuse(b, "type", "must be a text");
    long n = characters(text);
    if (n < 0)
        return refuse(b, "format", "holds a control character or is not UTF-8");
    bool blank = text[strspn(text, " \t\n")] == '\0';
    if (n < b->arg->min || (b->arg->max && n > b->arg->max) || (blank && b->arg->min > 0))
        return refuse_range(b, "length", " characters");
    return arena_strdup(b->arena, text);
}

static const char *value_bool(const struct binding *b, struct raw raw) {
    bool value;
    if (raw.json && json_bool(raw.json, &value))
        return value ? "true" : "false";
    if (raw.text && (str_eq(raw.text, "true") || str_eq(raw.text, "false")))
        return str_eq(raw.text, "true") ? "true" : "false";
    return refuse(b, "type", "must be true or false");
}

static const char *value_date(const struct binding *b, struct raw raw) {
    const char *text = text_of(raw);
    if (!text)
        return refuse(b, "type", "must be a date, YYYY-MM-DD");
    if (!clock_parse_date(text))
        return refuse(b, "format", "must be a day that exists, YYYY-MM-DD");
    return arena_strdup(b->arena, text);
}

static const char *value_instant(const struct binding *b, struct raw raw) {
    const char *text = text_of(raw);
    if (!text)
        return refuse(b, "type", "must be a time with zone");
    if (!clock_parse_instant(text))
        return refuse(b, "format", "must be a time with zone, like 2026-11-20T19:00:00Z");
    return arena_strdup(b->arena, text);
}

/* Digits, at most one point; no sign, no exponent: what a person writes into a form. */
static bool decimal(const char *text, double *out) {
    size_t whole = strspn(text, "0123456789"), fraction = 0;
    if (text[whole] == '.')
        fraction = 1 + strspn(text + whole + 1, "0123456789");
    if (whole == 0 || whole > 15 || fraction == 1 || text[whole + fraction])
        return false;
    *out = strtod(text, NULL);
    return true;
}

static const char *value_money(const struct binding *b, struct raw raw) {
    double amount;
    if (raw.json ? !json_double(raw.json, &amount) : !decimal(raw.text, &amount))
        return refuse(b, "type", "must be a number");
    if (amount < (double)b->arg->min || amount > (double)b->arg->max)
        return refuse_range(b, "range", "");
    /* No currency has more than three places (ISO 4217); the rows know how many theirs has. */
    double mills = amount * 1000;
    if (fabs(mills - round(mills)) > 1e-6 * fmax(1, fabs(mills) * 1e-6))
        return refuse(b, "format", "has too many decimal places");
    return arena_printf(b->arena, "%.3f", amount);
}

/* Looks `text` up in "a|b|alias=value"; the canonical value in the arena, or NULL. */
static const char *choice_find(const struct binding *b, const char *text, size_t len) {
    for (const char *c = b->arg->choices; *c;) {
        size_t n = strcspn(c, "|"), name = strcspn(c, "|=");
        if (name == len && memcmp(c, text, len) == 0)
            return name == n ? arena_strndup(b->arena, c, n)
                             : arena_strndup(b->arena, c + name + 1, n - name - 1);
        c += n + (c[n] == '|');
    }
    return NULL;
}

static const char *refuse_choice(const struct binding *b) {
    struct str list = STR_INIT;
    for (const char *c = b->arg->choices; *c;) {
        size_t n = strcspn(c, "|");
        if (!memchr(c, '=', n)) {
            str_puts(&list, list.len ? ", " : "");
            str_put(&list, c, n);
        }
        c += n + (c[n] == '|');
    }
    err_field(b->e, b->label, "enum", "must be one of %s", str_c(&list));
    str_free(&list);
    return NULL;
}

static const char *value_enum(const struct binding *b, struct raw raw) {
    const char *text = text_of(raw);
    if (!text)
        return refuse(b, "type", "must be a text");
    const char *value = choice_find(b, text, strlen(text));
    return value ? value : refuse_choice(b);
}

static bool enums_add(const struct binding *b, const char *text, size_t len, struct str *out) {
    const char *value = choice_find(b, text, len);
    if (!value)
        return false;
    str_printf(out, "%s\"%s\"", out->len > 1 ? "," : "", value);
    return true;
}

static bool enums_of_text(const struct binding *b, const char *text, struct str *out) {
    for (;;) {
        size_t n = strcspn(text, ",");
        if (!enums_add(b, text, n, out))
            return false;
        if (!text[n])
            return true;
        text += n + 1;
    }
}

static bool enums_of_array(const struct binding *b, const struct json *array, struct str *out) {
    for (size_t i = 0; i < json_length(array); i++) {
        size_t len;
        const char *text = json_string(json_at(array, i), &len);
        if (!text || !enums_add(b, text, len, out))
            return false;
    }
    return json_length(array) > 0;
}

static const char *value_enums(const struct binding *b, struct raw raw) {
    struct str out = STR_INIT;
    const char *text = text_of(raw);
    str_putc(&out, '{');
    bool ok = text ? enums_of_text(b, text, &out) : enums_of_array(b, raw.json, &out);
    str_putc(&out, '}');
    const char *array = ok ? arena_strndup(b->arena, str_c(&out), out.len) : NULL;
    str_free(&out);
    return array ? array : refuse_choice(b);
}

static const char *value_object(const struct binding *b, struct raw raw) {
    if (json_type_of(raw.json) != JSON_OBJECT)
        return refuse(b, "type", "must be an object");
    struct str out = STR_INIT;
    const char *text = NULL;
    bool fine = true;
    if (b->arg->items)
        fine = op_value_members(b, raw.json, &out);
    else
        json_write(raw.json, &out);
    if (b->arg->max && out.len > (size_t)b->arg->max)
        refuse_range(b, "length", " bytes");
    else if (fine)
        text = arena_strndup(b->arena, str_c(&out), out.len);
    str_free(&out);
    return text;
}

static const char *value_array(const struct binding *b, struct raw raw) {
    if (json_type_of(raw.json) != JSON_ARRAY)
        return refuse(b, "type", "must be an array");
    long n = (long)json_length(raw.json);
    if (n < b->arg->min || n > b->arg->max)
        return refuse_range(b, "length", " elements");
    return op_value_array(b, raw.json);
}

static const char *value_ids(const struct binding *b, struct raw raw) {
    if (json_type_of(raw.json) != JSON_ARRAY)
        return refuse(b, "type", "must be an array of ids");
    long n = (long)json_length(raw.json);
    if (n < b->arg->min || n > b->arg->max)
        return refuse_range(b, "length", " ids");
    struct str out = STR_INIT;
    bool ok = true;
    str_putc(&out, '{');
    for (long i = 0; ok && i < n; i++) {
        const char *id = value_id(b, (struct raw){.json = json_at(raw.json, (size_t)i)});
        ok = id != NULL;
        if (ok)
            str_printf(&out, "%s%s", i ? "," : "", id);
    }
    str_putc(&out, '}');
    const char *array = ok ? arena_strndup(b->arena, str_c(&out), out.len) : NULL;
    str_free(&out);
    return array;
}

/* An element of a PostgreSQL array in its text form, always quoted. */
static void array_element(struct str *out, const char *text) {
    str_puts(out, out->len > 1 ? ",\"" : "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_putc(out, '\\');
        str_putc(out, *text);
    }
    str_putc(out, '"');
}

/* Checked like any other text, under its own label: amenities[2]. */
static bool texts_add(const struct binding *b, size_t i, const struct json *v, struct str *out) {
    char label[160];
    struct arg element = {.name = b->arg->name, .min = 1, .max = OP_TEXTS_LENGTH};
    struct binding one = {.arena = b->arena, .e = b->e, .arg = &element, .label = label};
    snprintf(label, sizeof label, "%.100s[%zu]", b->label, i);
    const char *text = value_text(&one, (struct raw){.json = v});
    if (text)
        array_element(out, text);
    return text != NULL;
}

static const char *value_texts(const struct binding *b, struct raw raw) {
    if (json_type_of(raw.json) != JSON_ARRAY)
        return refuse(b, "type", "must be an array of texts");
    long n = (long)json_length(raw.json);
    if (n < b->arg->min || n > b->arg->max)
        return refuse_range(b, "length", " texts");
    struct str out = STR_INIT;
    bool ok = true;
    str_putc(&out, '{');
    for (long i = 0; i < n; i++)
        ok = texts_add(b, (size_t)i, json_at(raw.json, (size_t)i), &out) && ok;
    str_putc(&out, '}');
    const char *array = ok ? arena_strndup(b->arena, str_c(&out), out.len) : NULL;
    str_free(&out);
    return array;
}

static const char *(*const values[])(const struct binding *, struct raw) = {
    [ARG_INT] = value_int,       [ARG_ID] = value_id,       [ARG_TEXT] = value_text,
    [ARG_BOOL] = value_bool,     [ARG_DATE] = value_date,   [ARG_INSTANT] = value_instant,
    [ARG_MONEY] = value_money,   [ARG_ENUM] = value_enum,   [ARG_ENUMS] = value_enums,
    [ARG_OBJECT] = value_object, [ARG_ARRAY] = value_array, [ARG_IDS] = value_ids,
    [ARG_TEXTS] = value_texts,
};

const char *op_value(const struct binding *b, struct raw raw) {
    return values[b->arg->type](b, raw);
}

bool op_value_json(const struct binding *b, struct raw raw, struct str *out) {
    const char *text = op_value(b, raw);
    if (!text)
        return false;
    switch (b->arg->type) {
    case ARG_TEXT:
    case ARG_DATE:
    case ARG_INSTANT:
    case ARG_ENUM:
        json_put_string(out, text);
        break;
    default: /* numbers, booleans, objects and arrays are JSON as they are */
        require(b->arg->type != ARG_ENUMS && b->arg->type != ARG_IDS && b->arg->type != ARG_TEXTS);
        str_puts(out, text);
    }
    return true;
}
