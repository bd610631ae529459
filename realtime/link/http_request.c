/* http_request.c - one HTTP request as the rest of the sidecar sees it: path, query, headers, address, id.
 *
 * Called by http.c (new, free) and through http.h by protos. Owns the request's arena.
 */
#include "config.h"

#include "link/http_inner.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ID_MAX 64

const char *request_path(const struct request *r) {
    return r->path;
}

const char *request_pattern(const struct request *r) {
    return r->ep->path;
}

const char *request_segment(const struct request *r) {
    return r->segment;
}

const char *request_id(const struct request *r) {
    return r->id;
}

const char *request_address(const struct request *r) {
    return r->address;
}

const char *request_query(const struct request *r, const char *name) {
    const char *v = NULL;
    size_t len = 0;
    if (!MHD_lookup_connection_value_n(r->mhd, MHD_GET_ARGUMENT_KIND, name, strlen(name), &v, &len))
        return NULL;
    return v && strlen(v) == len ? v : NULL; /* %00 would cut it short */
}

struct telling {
    void (*f)(void *ctx, const char *name, const char *value);
    void *ctx;
};

static enum MHD_Result tell(void *cls, enum MHD_ValueKind kind, const char *key,
                            const char *value) {
    (void)kind;
    const struct telling *t = cls;
    t->f(t->ctx, key, value ? value : "");
    return MHD_YES;
}

void request_query_each(const struct request *r,
                        void (*f)(void *ctx, const char *name, const char *value), void *ctx) {
    struct telling t = {f, ctx};
    MHD_get_connection_values(r->mhd, MHD_GET_ARGUMENT_KIND, tell, &t);
}

const char *request_header(const struct request *r, const char *name) {
    return MHD_lookup_connection_value(r->mhd, MHD_HEADER_KIND, name);
}

struct joining {
    const char *name;
    struct arena *arena;
    const char *value;
};

static enum MHD_Result join(void *cls, enum MHD_ValueKind kind, const char *key,
                            const char *value) {
    (void)kind;
    struct joining *j = cls;
    if (strcasecmp(key, j->name) != 0 || !value)
        return MHD_YES;
    j->value = j->value ? arena_printf(j->arena, "%s, %s", j->value, value) : value;
    return MHD_YES;
}

const char *request_header_all(const struct request *r, const char *name) {
    struct joining j = {name, r->arena, NULL};
    MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, join, &j);
    return j.value;
}

/* the head as it came */

/* What is as long as it was, without more, is what there was. */
bool request_head(const struct request *r, struct str *out) {
    struct telling t = {http_header_put, out};
    str_puts(out, r->method);
    str_putc(out, ' ');
    str_puts(out, r->target);
    str_putc(out, ' ');
    str_puts(out, r->version);
    str_puts(out, "\r\n");
    MHD_get_connection_values(r->mhd, MHD_HEADER_KIND, tell, &t);
    str_puts(out, "\r\n");
    return r->head_len == out->len;
}

bool request_keeps(const struct request *r) {
    return strcmp(r->version, MHD_HTTP_VERSION_1_1) == 0 &&
           !handshake_has(request_header_all(r, "Connection"), "close");
}

/* the client's address */

static void peer_address(const struct request *r, char out[46]) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *sa = info ? info->client_addr : NULL;
    const void *ip = NULL;
    if (sa && sa->sa_family == AF_INET)
        ip = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
    else if (sa && sa->sa_family == AF_INET6)
        ip = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
    *out = '\0';
    if (!ip)
        return;
    inet_ntop(sa->sa_family, ip, out, 46);
    const char *v4 = strrchr(out, ':'); /* "::ffff:192.0.2.1" on a socket of both families */
    if (v4 && strchr(v4, '.'))
        memmove(out, v4 + 1, strlen(v4));
}

/* `for` of one element: quotes, brackets and a port come off; nothing but an address stays. */
static bool address_clean(const char *text, size_t len, char out[46]) {
    char buf[64];
    while (len && (isblank((unsigned char)*text) || *text == '"'))
        text++, len--;
    while (len && (isblank((unsigned char)text[len - 1]) || text[len - 1] == '"'))
        len--;
    if (!len || len >= sizeof buf)
        return false;
    memcpy(buf, text, len);
    buf[len] = '\0';
    char *ip = buf, *end = NULL;
    if (*ip == '[' && (end = strchr(++ip, ']')))
        *end = '\0';
    else if ((end = strchr(ip, ':')) && !strchr(end + 1, ':'))
        *end = '\0'; /* one colon: a port behind IPv4 */
    struct in6_addr any;
    if (inet_pton(AF_INET, ip, &any) != 1 && inet_pton(AF_INET6, ip, &any) != 1)
        return false;
    snprintf(out, 46, "%.45s", ip);
    return true;
}

/* The `for=` of one element of Forwarded (RFC 7239 section 4). */
static const char *forwarded_for(const char *element, size_t *len) {
    for (const char *p = element, *end = element + *len; p < end;) {
        p += strspn(p, " \t;");
        size_t n = strcspn(p, ";,");
        if (n > 4 && strncasecmp(p, "for=", 4) == 0) {
            *len = n - 4;
            return p + 4;
        }
        p += n ? n : 1;
    }
    return NULL;
}

/* From the right: each proxy of ours appended what it saw; the first that is none of them is the client. */
static void address_behind(struct request *r, const char *list, bool forwarded) {
    const char *proxies = r->http->server->settings->trusted_proxies;
    size_t left = strlen(list);
    while (left) {
        size_t start = left;
        while (start && list[start - 1] != ',')
            start--;
        const char *element = list + start;
        size_t len = left - start;
        left = start ? start - 1 : 0;
        char ip[46];
        if (forwarded)
            element = forwarded_for(element, &len);
        if (!element || !address_clean(element, len, ip))
            return;
        snprintf(r->address, sizeof r->address, "%s", ip);
        if (!settings_listed(proxies, ip))
            return;
    }
}

bool request_from_proxy(const struct request *r) {
    char peer[46];
    peer_address(r, peer);
    return settings_listed(r->http->server->settings->trusted_proxies, peer);
}

static void address_find(struct request *r) {
    peer_address(r, r->address);
    if (!request_from_proxy(r))
        return;
    const char *list = request_header_all(r, "X-Forwarded-For");
    bool forwarded = !list;
    if (forwarded)
        list = request_header_all(r, "Forwarded");
    if (list)
        address_behind(r, list, forwarded);
}

/* id */

static bool id_valid(const char *id) {
    size_t n = id ? strlen(id) : 0;
    if (!n || n > ID_MAX)
        return false;
    for (; *id; id++)
        if (!isalnum((unsigned char)*id) && !strchr("._-", *id))
            return false;
    return true;
}

static void id_find(struct request *r) {
    const char *given = request_header(r, "X-Request-Id");
    if (id_valid(given))
        snprintf(r->id, sizeof r->id, "%s", given);
    else
        random_hex(r->id, 16);
}

struct request *request_new(struct http *h, struct MHD_Connection *mhd, const char *url,
                            const char *method, const char *version) {
    struct request *r = x_new(struct request);
    r->http = h;
    r->mhd = mhd;
    r->arena = arena_new(1024);
    r->path = arena_strdup(r->arena, url);
    r->method = arena_strdup(r->arena, method);
    r->version = arena_strdup(r->arena, version);
    id_find(r);
    address_find(r);
    return r;
}

void request_free(struct request *r) {
    str_free(&r->ready);
    str_free(&r->text);
    arena_free(r->arena);
    x_free(r);
}
