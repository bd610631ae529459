/* request.c - CGI variables, client address and body of one request. See request.h.
 *
 * Front ends differ (tests/rest pins what is relied on): CONTENT_LENGTH may be absent, empty or 0;
 * variables may come twice; HTTP_PROXY and HTTP_TRANSFER_ENCODING are never looked at.
 */
#include "config.h"

#include "request.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#define ROW(name, member, join)                                                                    \
    { name, sizeof(name) - 1, offsetof(struct request, member), join }

/* A variable given twice: the last counts (a web server's later setting overrides an earlier one).
 * A header given twice: list headers are joined, of the others the first counts. */
static const struct variable {
    const char *name;
    size_t len, offset;
    const char *join;
} variables[] = {
    ROW("REQUEST_METHOD", method, NULL),
    ROW("REQUEST_URI", target, NULL),
    ROW("CONTENT_TYPE", content_type, NULL),
    ROW("CONTENT_LENGTH", content_length, NULL),
    ROW("HTTP_TRANSFER_ENCODING", transfer_encoding, NULL),
    ROW("REMOTE_ADDR", remote_addr, NULL),
    ROW("SERVER_PORT", server_port, NULL),
    ROW("HTTPS", https, NULL),
    ROW("HTTP_AUTHORIZATION", authorization, NULL),
    ROW("HTTP_COOKIE", cookie, "; "),
    ROW("HTTP_HOST", host, NULL),
    ROW("HTTP_ORIGIN", origin, NULL),
    ROW("HTTP_SEC_FETCH_SITE", sec_fetch_site, NULL),
    ROW("HTTP_IF_NONE_MATCH", if_none_match, ", "),
    ROW("HTTP_IF_MATCH", if_match, ", "),
    ROW("HTTP_IDEMPOTENCY_KEY", idempotency_key, NULL),
    ROW("HTTP_X_FORWARDED_FOR", forwarded_for, ", "),
    ROW("HTTP_X_FORWARDED_PROTO", forwarded_proto, NULL),
    ROW("HTTP_X_REQUEST_ID", given_id, NULL),
    ROW("HTTP_ACCESS_CONTROL_REQUEST_METHOD", preflight_method, NULL),
};
#define VARIABLES (sizeof variables / sizeof *variables)

static void variable_take(struct request *rq, const struct variable *v, const char *value,
                          struct arena *a) {
    const char **slot = (const char **)(void *)((char *)rq + v->offset);
    bool header = str_starts(v->name, "HTTP_");
    if (!*value || (*slot && header && !v->join))
        return;
    if (*slot && v->join && !str_eq(*slot, value))
        *slot = arena_printf(a, "%s%s%s", *slot, v->join, value);
    else
        *slot = value;
}

static void variables_read(struct request *rq, char *const *env, struct arena *a) {
    for (; *env; env++) {
        const char *equals = strchr(*env, '=');
        if (!equals)
            continue;
        size_t len = (size_t)(equals - *env);
        for (size_t i = 0; i < VARIABLES; i++)
            if (variables[i].len == len && memcmp(variables[i].name, *env, len) == 0) {
                variable_take(rq, &variables[i], equals + 1, a);
                break;
            }
    }
}

/* Unique without asking the kernel each time: a thread's random beginning and its count. */
static void id_make(char id[REQUEST_ID_MAX + 1]) {
    static _Thread_local char beginning[13];
    static _Thread_local uint32_t count;
    static const char digits[] = "0123456789abcdef";
    if (!*beginning)
        random_hex(beginning, 12);
    uint32_t n = count++;
    memcpy(id, beginning, 12);
    for (int i = 0; i < 8; i++)
        id[12 + i] = digits[(n >> (28 - 4 * i)) & 15];
    id[20] = '\0';
}

/* An id is taken over only when it can't break a log line or a header. */
static void id_choose(struct request *rq) {
    size_t len = rq->given_id ? strlen(rq->given_id) : 0;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)rq->given_id[i]) && !strchr("._-", rq->given_id[i]))
            len = 0;
    if (len > 0 && len <= REQUEST_ID_MAX)
        memcpy(rq->id, rq->given_id, len + 1);
    else
        id_make(rq->id);
}

static bool address_like(const char *s) {
    size_t len = strlen(s);
    return len >= 2 && len <= 45 && strspn(s, "0123456789abcdefABCDEF:.") == len;
}

/* X-Forwarded-For is read from its end: each trusted hop vouches only for the one before it. */
static const char *client_address(const struct request *rq, const struct settings *s,
                                  struct arena *a) {
    const char *address = rq->remote_addr && address_like(rq->remote_addr) ? rq->remote_addr : "";
    char *list = arena_strdup(a, rq->forwarded_for ? rq->forwarded_for : "");
    while (*list && settings_listed(s->trusted_proxies, address)) {
        char *comma = strrchr(list, ',');
        char *hop = comma ? comma + 1 : list;
        hop += strspn(hop, " \t");
        hop[strcspn(hop, " \t")] = '\0';
        if (!address_like(hop))
            break;
        address = hop;
        if (!comma)
            break;
        *comma = '\0';
    }
    return address;
}

static bool came_by_https(const struct request *rq, const struct settings *s) {
    if (rq->https && !str_eq(rq->https, "off"))
        return true;
    return str_eq(rq->forwarded_proto, "https") && rq->remote_addr &&
           settings_listed(s->trusted_proxies, rq->remote_addr);
}

static void method_class(struct request *rq) {
    rq->head = str_eq(rq->method, "HEAD");
    rq->get = rq->head || str_eq(rq->method, "GET");
    rq->write = !rq->get && !str_eq(rq->method, "OPTIONS");
}

/* To the end of the stream, whatever CONTENT_LENGTH said; what is over the limit is read and
 * dropped (up to a bound), so that the web server gets to read the 413. */
static bool body_read(struct request *rq, request_reader *reader, void *ctx, size_t max,
                      struct arena *a, struct err *e) {
    char chunk[4096];
    size_t cap = 0, total = 0;
    char *kept = NULL;
    long n;
    while ((n = reader(ctx, chunk, sizeof chunk)) > 0) {
        total += (size_t)n;
        if (total > max) {
            rq->body_over = true;
            if (total > 16 * max)
                return true;
            continue;
        }
        if (total > cap) {
            cap = 2 * total > sizeof chunk ? 2 * total : sizeof chunk;
            char *larger = arena_alloc(a, cap + 1);
            memcpy(larger, kept ? kept : "", rq->body_len);
            kept = larger;
        }
        memcpy(kept + rq->body_len, chunk, (size_t)n);
        rq->body_len = total;
        kept[total] = '\0';
        rq->body = kept;
    }
    if (n == READ_LATE)
        return err_set(e, ERR_BODY_TIMEOUT, "%s.", err_title(ERR_BODY_TIMEOUT));
    return n == 0 || err_set(e, ERR_INVALID_REQUEST, "The body ended early.");
}

/* A GET that announces no body has none that anybody would look at: not to wait for its end saves a
 * read. (A body of one that does is read, because it may be too large.) */
static bool bodiless(const struct request *rq) {
    return !rq->write && !rq->transfer_encoding &&
           (!rq->content_length || str_eq(rq->content_length, "0"));
}

bool request_read(struct request *rq, char *const *env, request_reader *reader, void *ctx,
                  const struct settings *s, struct arena *a, struct err *e) {
    memset(rq, 0, sizeof *rq);
    rq->body = rq->uri.path = rq->uri.query = "";
    variables_read(rq, env, a);
    id_choose(rq);
    if (!rq->method)
        rq->method = "";
    method_class(rq);
    rq->address = client_address(rq, s, a);
    rq->secure = came_by_https(rq, s);
    return (bodiless(rq) || body_read(rq, reader, ctx, (size_t)s->body_max, a, e)) &&
           uri_parse(rq->target, s->uri_prefix, a, &rq->uri, e);
}
