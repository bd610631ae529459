/* put.c - JSON text with its commas. See put.h. */
#include "config.h"

#include "base/put.h"

#include <string.h>

static void begin(struct str *o, const char *key) {
    if (o->len && !strchr("{[:", o->p[o->len - 1]))
        str_putc(o, ',');
    if (key) {
        json_put_string(o, key);
        str_putc(o, ':');
    }
}

void put_open(struct str *o, const char *key, char bracket) {
    begin(o, key);
    str_putc(o, bracket);
}

void put_close(struct str *o, char bracket) {
    str_putc(o, bracket);
}

void put_text(struct str *o, const char *key, const char *value) {
    begin(o, key);
    json_put_string(o, value);
}

void put_textf(struct str *o, const char *key, const char *fmt, ...) {
    struct str text = STR_INIT;
    va_list ap;
    va_start(ap, fmt);
    str_vprintf(&text, fmt, ap);
    va_end(ap);
    put_text(o, key, str_c(&text));
    str_free(&text);
}

void put_long(struct str *o, const char *key, long value) {
    begin(o, key);
    str_printf(o, "%ld", value);
}

void put_bool(struct str *o, const char *key, bool value) {
    put_json(o, key, value ? "true" : "false");
}

void put_json(struct str *o, const char *key, const char *json) {
    begin(o, key);
    str_puts(o, json);
}

void put_value(struct str *o, const char *key, const struct json *value) {
    begin(o, key);
    json_write(value, o);
}

void put_ref(struct str *o, const char *key, const char *section, const char *name) {
    put_open(o, key, '{');
    put_textf(o, "$ref", "#/components/%s/%s", section, name);
    put_close(o, '}');
}
