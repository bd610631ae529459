/* http_document.c - a document about the sidecar itself: the same for everybody as long as it runs,
 * so it is made at the first request and may be kept by caches. The row's `plain` makes it.
 *
 * Called by http.c. The document is owned by struct http: there is one.
 */
#include "config.h"

#include "link/http_inner.h"

#include "access/auth.h"

#include <stdio.h>
#include <string.h>

static void make(struct request *r) {
    struct http *h = r->http;
    char hex[65];
    int status = 200;
    if (h->document.len)
        return;
    r->ep->plain(h->server, r, &h->document, &status, &h->document_type);
    sha256_hex(h->document.p, h->document.len, hex);
    snprintf(h->document_tag, sizeof h->document_tag, "\"%.16s\"", hex);
}

/* Weakly (RFC 9110 section 13.1.2); web servers that compress put a suffix to the tag. */
static bool known(const struct request *r) {
    const char *tags = request_header(r, "If-None-Match");
    char bare[sizeof r->http->document_tag];
    snprintf(bare, sizeof bare, "%.17s", r->http->document_tag); /* without the closing quote */
    return tags && (str_eq(tags, "*") || strstr(tags, bare));
}

static enum MHD_Result document_answer(struct request *r) {
    struct http *h = r->http;
    make(r);
    bool same = known(r);
    struct MHD_Response *res = MHD_create_response_from_buffer(
        same ? 0 : h->document.len, h->document.p, MHD_RESPMEM_PERSISTENT);
    require(res);
    if (!same)
        MHD_add_response_header(res, "Content-Type", h->document_type);
    MHD_add_response_header(res, "ETag", h->document_tag);
    MHD_add_response_header(res, "Cache-Control", "public, max-age=300");
    MHD_add_response_header(res, "X-Content-Type-Options", "nosniff");
    return http_respond(r, same ? 304 : 200, res);
}

const struct way way_document = {.answer = document_answer};
