/* err.c - the error table of err.def and the RFC 9457 body made from a struct err.
 *
 * Called wherever something can fail; owns nothing. The texts of err.def are the only titles there
 * are.
 */
#include <config.h>

#include "base/err.h"

#include "base/json.h"
#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct row {
    const char *slug, *title;
    int http, close;
} rows[ERR_COUNT] = {
    [ERR_NONE] = {"none", "No error", 200, 0},
#define ERR(name, slug, http, close, title) [ERR_##name] = {slug, title, http, close},
#include "base/err.def"
#undef ERR
};

static const struct row *row_of(enum err_code code) {
    return &rows[(unsigned)code < ERR_COUNT ? code : ERR_INTERNAL];
}

const char *err_slug(enum err_code code) {
    return row_of(code)->slug;
}

const char *err_title(enum err_code code) {
    return row_of(code)->title;
}

int err_http(enum err_code code) {
    return row_of(code)->http;
}

int err_close(enum err_code code) {
    return row_of(code)->close;
}

void err_clear(struct err *e) {
    /* The fields are 5 kB and only valid up to nfields: clearing the head is enough. */
    memset(e, 0, offsetof(struct err, fields));
    e->state = NULL;
}

static void err_head(struct err *e, enum err_code code) {
    err_clear(e);
    e->code = code;
    e->http = err_http(code);
    snprintf(e->slug, sizeof e->slug, "%s", err_slug(code));
}

bool err_set(struct err *e, enum err_code code, const char *fmt, ...) {
    /* The arguments may point into `e` itself (a detail wrapped in another): format first. */
    char detail[sizeof e->detail];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    err_head(e, code);
    memcpy(e->detail, detail, sizeof detail);
    return false;
}

static enum err_code code_of_http(int http) {
    static const struct {
        int http;
        enum err_code code;
    } nearest[] = {
        {400, ERR_INVALID_REQUEST}, {401, ERR_TOKEN_INVALID}, {403, ERR_FORBIDDEN},
        {404, ERR_NOT_FOUND},       {409, ERR_CONFLICT},      {422, ERR_INVALID_FIELD},
        {429, ERR_RATE_LIMITED},    {503, ERR_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof nearest / sizeof *nearest; i++) {
        if (nearest[i].http == http)
            return nearest[i].code;
    }
    return ERR_INTERNAL;
}

bool err_db(struct err *e, int http, const char *slug, const char *detail) {
    enum err_code code = code_of_http(http);
    for (int i = 1; i < ERR_COUNT; i++) {
        if (rows[i].http == http && str_eq(rows[i].slug, slug))
            code = (enum err_code)i;
    }
    err_head(e, code);
    if (code == ERR_INTERNAL)
        return false;
    e->http = http;
    if (slug && *slug)
        snprintf(e->slug, sizeof e->slug, "%s", slug);
    snprintf(e->detail, sizeof e->detail, "%s", detail ? detail : "");
    return false;
}

bool err_field(struct err *e, const char *field, const char *code, const char *fmt, ...) {
    if (e->code == ERR_NONE) {
        err_head(e, ERR_INVALID_FIELD);
        snprintf(e->detail, sizeof e->detail, "One or more fields are invalid; see errors.");
    }
    if (e->nfields < ERR_FIELDS_MAX) {
        struct err_field *f = &e->fields[e->nfields];
        va_list ap;
        va_start(ap, fmt);
        snprintf(f->field, sizeof f->field, "%s", field);
        snprintf(f->code, sizeof f->code, "%s", code);
        vsnprintf(f->detail, sizeof f->detail, fmt, ap);
        va_end(ap);
    }
    e->nfields++;
    return false;
}

static void put_member(struct str *out, const char *key, const char *value) {
    str_printf(out, ",\"%s\":", key);
    json_put_string(out, value);
}

static void put_fields(const struct err *e, struct str *out) {
    int n = e->nfields < ERR_FIELDS_MAX ? e->nfields : ERR_FIELDS_MAX;
    str_puts(out, ",\"errors\":[");
    for (int i = 0; i < n; i++) {
        const struct err_field *f = &e->fields[i];
        str_puts(out, i ? ",{\"field\":" : "{\"field\":");
        json_put_string(out, f->field);
        put_member(out, "code", f->code);
        put_member(out, "detail", f->detail);
        str_putc(out, '}');
    }
    str_putc(out, ']');
}

void err_problem(const struct err *e, const char *request_id, struct str *out) {
    /* RFC 9457 section 3.1.1 allows a relative reference as the type. */
    str_printf(out, "{\"type\":\"/docs/errors#%s\"", e->slug);
    put_member(out, "title", err_title(e->code));
    str_printf(out, ",\"status\":%d", e->http);
    put_member(out, "code", e->slug);
    if (e->detail[0])
        put_member(out, "detail", e->detail);
    if (request_id && *request_id) {
        str_puts(out, ",\"instance\":");
        char reference[160];
        snprintf(reference, sizeof reference, "/requests/%s", request_id);
        json_put_string(out, reference);
    }
    if (e->nfields)
        put_fields(e, out);
    if (e->state)
        str_printf(out, ",\"current\":%s", e->state);
    str_putc(out, '}');
}
