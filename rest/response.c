/* response.c - status line, headers and problem documents. See response.h. */
#include "config.h"

#include "response.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdarg.h>
#include <string.h>

static const struct reason {
    int status;
    const char *text;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char *response_reason(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return status < 400 ? "OK" : status < 500 ? "Refused" : "Failed";
}

void response_start(struct response *rs) {
    rs->status = 204;
    rs->type = rs->body = NULL;
    rs->body_len = 0;
    str_clear(&rs->headers);
    str_clear(&rs->links);
    str_clear(&rs->text);
}

void response_free(struct response *rs) {
    str_free(&rs->headers);
    str_free(&rs->links);
    str_free(&rs->text);
}

static bool header_safe(const char *value) {
    for (; *value; value++)
        if ((unsigned char)*value < 0x20 || *value == 0x7f)
            return false;
    return true;
}

static void cut(struct str *s, size_t len) {
    require(len <= s->len);
    s->len = len;
    if (s->p)
        s->p[len] = '\0';
}

/* A header that was put and then found unfit: back to where the block ended before. */
static bool header_undo(struct response *rs, size_t len, const char *name) {
    cut(&rs->headers, len);
    log_event(LOG_WARN, "header left out", "name", name, NULL);
    return false;
}

/* The value stands in the block from `value` on; it stays there only when it is fit. */
static bool header_end(struct response *rs, size_t start, size_t value, const char *name) {
    if (rs->headers.len + rs->links.len > RESPONSE_HEAD_MAX || !header_safe(rs->headers.p + value))
        return header_undo(rs, start, name);
    str_put(&rs->headers, "\r\n", 2);
    return true;
}

static size_t header_begin(struct response *rs, const char *name) {
    str_puts(&rs->headers, name);
    str_put(&rs->headers, ": ", 2);
    return rs->headers.len;
}

bool response_header(struct response *rs, const char *name, const char *value) {
    size_t start = rs->headers.len, at = header_begin(rs, name);
    str_puts(&rs->headers, value);
    return header_end(rs, start, at, name);
}

bool response_headerf(struct response *rs, const char *name, const char *fmt, ...) {
    size_t start = rs->headers.len, at = header_begin(rs, name);
    va_list ap;
    va_start(ap, fmt);
    str_vprintf(&rs->headers, fmt, ap);
    va_end(ap);
    return header_end(rs, start, at, name);
}

bool response_link(struct response *rs, const char *links) {
    if (rs->headers.len + rs->links.len + strlen(links) > RESPONSE_HEAD_MAX ||
        !header_safe(links)) {
        log_event(LOG_WARN, "header left out", "name", "Link", NULL);
        return false;
    }
    str_puts(&rs->links, rs->links.len ? ", " : "");
    str_puts(&rs->links, links);
    return true;
}

void response_fixed(struct response *rs, const char *lines, size_t len) {
    str_put(&rs->headers, lines, len);
}

struct response_mark response_mark(const struct response *rs) {
    return (struct response_mark){rs->headers.len, rs->links.len};
}

void response_cut(struct response *rs, struct response_mark to) {
    cut(&rs->headers, to.headers);
    cut(&rs->links, to.links);
}

void response_json(struct response *rs, int status, const char *body, size_t len) {
    rs->status = status;
    rs->body = status == 204 || status == 304 ? NULL : body;
    rs->body_len = rs->body ? len : 0;
    rs->type = rs->body ? "application/json" : NULL;
}

/* RFC 6750 section 3: what is wrong with the token, unless none was sent. */
static void challenge(struct response *rs, const struct err *e) {
    if (e->code == ERR_UNAUTHENTICATED)
        response_header(rs, "WWW-Authenticate", "Bearer realm=\"maitred\"");
    else if (e->code != ERR_BAD_CREDENTIALS)
        response_header(rs, "WWW-Authenticate",
                        "Bearer realm=\"maitred\", error=\"invalid_token\"");
}

void response_problem(struct response *rs, const struct err *e, const char *request_id) {
    int status = e->http ? e->http : err_http(e->code);
    int retry = e->retry_after ? e->retry_after : status == 503 || status == 429 ? 1 : 0;
    if (status == 401)
        challenge(rs, e);
    if (retry)
        response_headerf(rs, "Retry-After", "%d", retry);
    str_clear(&rs->text);
    err_problem(e, request_id, &rs->text);
    response_json(rs, status, str_c(&rs->text), rs->text.len);
    rs->type = "application/problem+json";
}

void response_head(const struct response *rs, struct str *out) {
    str_puts(out, "Status: ");
    str_put_int(out, rs->status);
    str_putc(out, ' ');
    str_puts(out, response_reason(rs->status));
    if (rs->type) {
        str_puts(out, "\r\nContent-Type: ");
        str_puts(out, rs->type);
        str_puts(out, "\r\nContent-Length: ");
        str_put_int(out, (long long)rs->body_len);
    }
    str_puts(out, "\r\n");
    str_put(out, str_c(&rs->headers), rs->headers.len);
    if (rs->links.len) {
        str_puts(out, "Link: ");
        str_put(out, rs->links.p, rs->links.len);
        str_puts(out, "\r\n");
    }
    str_puts(out, "\r\n");
}
