/* openapi_serve.c - GET /api/openapi.json. See openapi.h.
 *
 * Owns the document of this process: made at the first request, never changed afterwards. It is
 * the same for everybody, so unlike all other answers it may be kept by caches.
 */
#include "config.h"

#include "cache.h"
#include "openapi.h"
#include "origin.h"

#include <pthread.h>
#include <stdio.h>

static const struct arg no_args[] = {{.name = NULL}};
const struct op openapi_form = {.name = "openapi",
                                .summary = "This document",
                                .cap = CAP_PUBLIC,
                                .status = 200,
                                .args = no_args,
                                .answer = "OpenApi"};

static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
static struct str document;
static char tag[CACHE_TAG_MAX];

static void make(const char *server) {
    char hex[65];
    pthread_mutex_lock(&making);
    if (!document.len) {
        openapi_document(server, &document);
        sha256_hex(document.p, document.len, hex);
        snprintf(tag, sizeof tag, "\"%.16s\"", hex);
    }
    pthread_mutex_unlock(&making);
}

static void headers(struct exchange *x) {
    static const char fixed[] = "Cache-Control: public, max-age=300\r\n"
                                "Vary: Origin\r\n"
                                "X-Content-Type-Options: nosniff\r\n";
    str_clear(&x->rs.headers); /* those of a private answer */
    response_fixed(&x->rs, fixed, sizeof fixed - 1);
    response_header(&x->rs, "X-Request-Id", x->rq.id);
    response_header(&x->rs, "ETag", tag);
    origin_headers(x);
}

bool openapi_get(struct exchange *x, struct err *e) {
    (void)e;
    make(x->service->settings->uri_prefix);
    headers(x);
    const char *known = x->rq.if_none_match;
    if (known && (cache_any(known) || cache_matches(known, tag)))
        response_json(&x->rs, 304, NULL, 0);
    else
        response_json(&x->rs, 200, document.p, document.len);
    return true;
}
