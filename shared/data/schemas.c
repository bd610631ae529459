/* schemas.c - docs/schemas, parsed and written out again. See schemas.h. The files are ours: one
 * that does not parse is a bug. */
#include "config.h"

#include "data/schemas.h"

#include "base/log.h"
#include "base/mem.h"

#include <string.h>

#define FILES_MAX 16
#define NAMES_MAX 256

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

const struct json *schemas_sent(const struct schemas *s, const char *section, const char *name) {
    for (int i = 0; i < s->n; i++) {
        const struct json *v = json_get(json_get(s->files[i], section), name);
        if (v)
            return v;
    }
    return NULL;
}

const struct json *schemas_find(const struct schemas *s, const char *name) {
    return schemas_sent(s, "schemas", name);
}

/* --- the ones that are referred to ------------------------------------------------------------ */

struct needed {
    const char *names[NAMES_MAX];
    const struct json *schemas[NAMES_MAX];
    bool put[NAMES_MAX];
    int n;
};

static bool list_schema(const char *key, const struct json *v, void *ctx) {
    struct needed *all = ctx;
    require(all->n < NAMES_MAX);
    all->names[all->n] = key;
    all->schemas[all->n++] = v;
    return true;
}

/* As a whole, or for a part of it. */
static bool refers(const char *text, const char *name) {
    struct str ref = STR_INIT;
    bool found = false;
    str_printf(&ref, "\"#/components/schemas/%s", name);
    for (const char *at = text; !found && (at = strstr(at, ref.p)); at += ref.len)
        found = at[ref.len] == '"' || at[ref.len] == '/';
    str_free(&ref);
    return found;
}

/* Those that are new in the text from `from` on. */
static bool put_needed(struct needed *all, size_t from, struct str *o) {
    struct str text = STR_INIT;
    bool any = false;
    str_puts(&text, o->p + from);
    for (int i = 0; i < all->n; i++) {
        if (all->put[i] || !refers(text.p, all->names[i]))
            continue;
        put_value(o, all->names[i], all->schemas[i]);
        any = all->put[i] = true;
    }
    str_free(&text);
    return any;
}

void schemas_put(const struct schemas *s, struct str *o) {
    struct needed all = {.n = 0};
    size_t from = 0;
    for (int i = 0; i < s->n; i++)
        json_each(json_get(s->files[i], "schemas"), list_schema, &all);
    for (bool more = true; more;) {
        size_t end = o->len;
        more = put_needed(&all, from, o);
        from = end;
    }
}
