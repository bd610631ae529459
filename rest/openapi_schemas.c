/* openapi_schemas.c - the files of docs/schemas, which Makefile.am builds into the program.
 *
 * Each is {"schemas": {"Name": {...}}, "requests": {"op_name": {...}}}. They are ours: one that
 * does not parse is a bug. Called while the document is made; nothing is kept afterwards.
 */
#include "config.h"

#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "openapi_inner.h"

#define FILES_MAX 16

struct schemas {
    int n;
    struct json *files[FILES_MAX];
};

struct schemas *schemas_open(void) {
    struct schemas *s = x_new(struct schemas);
    s->n = 0;
    for (const struct schema_file *f = schema_files; f->name; f++) {
        struct err e;
        require(s->n < FILES_MAX);
        s->files[s->n] = json_parse(f->text, f->len, &e);
        if (!s->files[s->n])
            log_event(LOG_ERROR, "schema file", "name", f->name, "reason", e.detail, NULL);
        require(s->files[s->n]);
        s->n++;
    }
    return s;
}

void schemas_close(struct schemas *s) {
    for (int i = 0; i < s->n; i++)
        json_free(s->files[i]);
    x_free(s);
}

static void put_value(struct str *o, const char *key, const struct json *v) {
    struct str text = STR_INIT;
    json_write(v, &text);
    put_json(o, key, str_c(&text));
    str_free(&text);
}

static bool put_member(const char *key, const struct json *v, void *ctx) {
    put_value(ctx, key, v);
    return true;
}

void schemas_put(const struct schemas *s, struct str *o) {
    for (int i = 0; i < s->n; i++)
        json_each(json_get(s->files[i], "schemas"), put_member, o);
}

bool schemas_have(const struct schemas *s, const char *name) {
    for (int i = 0; i < s->n; i++)
        if (json_get(json_get(s->files[i], "schemas"), name))
            return true;
    return false;
}

void schemas_put_request(const struct schemas *s, struct str *o, const char *key, const char *op) {
    for (int i = 0; i < s->n; i++) {
        const struct json *example = json_get(json_get(s->files[i], "requests"), op);
        if (example) {
            put_value(o, key, example);
            return;
        }
    }
}
