/* uri.c - RFC 3986 target -> path and parameters, refusing whatever is ambiguous. See uri.h. */
#include "config.h"

#include "uri.h"

#include <ctype.h>
#include <string.h>

static bool refuse(struct err *e, const char *why) {
    return err_set(e, ERR_INVALID_REQUEST, "The request target %s.", why);
}

/* RFC 3629: shortest form only, no surrogates, nothing past U+10FFFF. */
static bool utf8_valid(const char *text) {
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        int more = *s < 0x80                 ? 0
                   : *s >= 0xc2 && *s < 0xe0 ? 1
                   : (*s & 0xf0) == 0xe0     ? 2
                   : *s >= 0xf0 && *s < 0xf5 ? 3
                                             : -1;
        if (more < 0)
            return false;
        if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
            (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
            return false;
        for (s++; more; more--, s++)
            if ((*s & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static int hex_value(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decodes in place; false for a bad escape or an escaped control character (%00 above all). */
static bool decode(char *s, bool form) {
    char *out = s;
    for (; *s; s++) {
        if (*s == '%') {
            int hi = hex_value(s[1]), lo = hi < 0 ? -1 : hex_value(s[2]);
            if (lo < 0)
                return false;
            unsigned char c = (unsigned char)(hi << 4 | lo);
            if (c == 0 || (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
                return false;
            *out++ = (char)c;
            s += 2;
        } else {
            *out++ = form && *s == '+' ? ' ' : *s;
        }
    }
    *out = '\0';
    return true;
}

static bool escapes_slash(const char *raw) {
    for (; (raw = strchr(raw, '%')); raw++)
        if ((raw[1] == '2' && (raw[2] | 32) == 'f') || (raw[1] == '5' && (raw[2] | 32) == 'c'))
            return true;
    return false;
}

/* Whether a decoded path has a segment that is empty, "." or "..". */
static bool odd_segment(const char *path) {
    for (const char *s = path; *s;) {
        size_t len = strcspn(++s, "/");
        if (len == 0 || (len == 1 && *s == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
            return true;
        s += len;
    }
    return false;
}

static bool path_parse(char *path, const char *prefix, struct uri *out, struct err *e) {
    size_t len = strlen(path), skip = strlen(prefix);
    if (escapes_slash(path))
        return refuse(e, "has an encoded slash");
    if (len > 1 && path[len - 1] == '/')
        path[len - 1] = '\0';
    if (!decode(path, false) || !utf8_valid(path) || strpbrk(path, "\\\n\r\t"))
        return refuse(e, "has a character that is not allowed");
    if (*path != '/' || (path[1] && odd_segment(path)))
        return refuse(e, "has an empty or dot segment");
    if (strncmp(path, prefix, skip) || (path[skip] && path[skip] != '/'))
        return err_set(e, ERR_NOT_FOUND, "There is nothing at this path.");
    out->path = path[skip] ? path + skip : "/";
    return true;
}

static bool param_add(struct uri *u, char *name, char *value, struct err *e) {
    if (!decode(name, true) || !decode(value, true) || !utf8_valid(name) || !utf8_valid(value))
        return refuse(e, "has a query parameter that can't be read");
    for (int i = 0; i < u->nparams; i++)
        if (str_eq(u->params[i].name, name)) {
            u->params[i].times++;
            return true;
        }
    if (u->nparams == URI_PARAMS_MAX)
        return refuse(e, "has too many query parameters");
    u->params[u->nparams++] = (struct uri_param){name, value, 1};
    return true;
}

static bool query_parse(char *query, struct arena *a, struct uri *out, struct err *e) {
    for (char *next = query; (query = next) && *query;) {
        next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        char *value = strchr(query, '=');
        if (value)
            *value++ = '\0';
        if (*query && !param_add(out, query, value ? value : arena_strdup(a, ""), e))
            return false;
    }
    return true;
}

/* Absolute form (RFC 9112 section 3.2.2): the authority is the web server's business. */
static const char *origin_form(const char *target) {
    const char *authority = strstr(target, "://");
    if (*target == '/' || !authority)
        return target;
    const char *path = authority + 3 + strcspn(authority + 3, "/?");
    return *path ? path : "/";
}

bool uri_parse(const char *target, const char *prefix, struct arena *a, struct uri *out,
               struct err *e) {
    out->nparams = 0;
    out->path = out->query = "";
    if (!target || !*target || strlen(target) > URI_MAX)
        return refuse(e, "is missing or too long");
    for (const char *c = target; *c; c++)
        if (iscntrl((unsigned char)*c) || *c == ' ')
            return refuse(e, "has a character that is not allowed");
    char *path = arena_strdup(a, origin_form(target));
    path[strcspn(path, "#")] = '\0';
    char *query = strchr(path, '?');
    if (query) {
        *query++ = '\0';
        out->query = arena_strdup(a, query);
    }
    return path_parse(path, prefix, out, e) && (!query || query_parse(query, a, out, e));
}

const struct uri_param *uri_param(const struct uri *u, const char *name) {
    for (int i = 0; i < u->nparams; i++)
        if (str_eq(u->params[i].name, name))
            return &u->params[i];
    return NULL;
}

void uri_escape(struct str *out, const char *value) {
    for (const char *c = value; *c; c++)
        if (isalnum((unsigned char)*c) || strchr("-._~,:", *c))
            str_putc(out, *c);
        else
            str_printf(out, "%%%02X", (unsigned char)*c);
}
