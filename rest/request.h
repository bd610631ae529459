/* request.h - one request as the CGI variables and the body give it (RFC 3875, FastCGI 1.0).
 *
 * Knows no web server library: the variables are an array of NAME=value, the body comes from a
 * reader function. So FastCGI and plain CGI share it, and it can be tested without either.
 * Called by server.c; everything lives in the request's arena until the next request.
 */
#ifndef REST_REQUEST_H
#define REST_REQUEST_H

#include "access/settings.h"
#include "uri.h"

#define REQUEST_ID_MAX 64

struct request {
    /* CGI variables and headers; NULL when absent or empty */
    const char *method, *target, *content_type, *content_length, *transfer_encoding, *remote_addr,
        *server_port, *https;
    const char *authorization, *cookie, *host, *origin, *sec_fetch_site;
    const char *if_none_match, *if_match, *idempotency_key;
    const char *forwarded_for, *forwarded_proto, *given_id, *preflight_method;
    /* made from them */
    char id[REQUEST_ID_MAX + 1];
    const char *address; /* of the client; X-Forwarded-For only from a trusted proxy */
    bool secure;         /* the client came by https */
    bool get, head, write;
    struct uri uri;
    const char *body; /* "" when there is none */
    size_t body_len;
    bool body_over; /* longer than body_max: not kept */
};

#define READ_GONE (-1L) /* the client went away */
#define READ_LATE (-2L) /* it takes too long */
/* Bytes read, 0 at the end, or one of these. */
typedef long request_reader(void *ctx, char *buf, size_t cap);

/* Fills `rq` as far as it can even when it returns false, so that the refusal can be answered. */
bool request_read(struct request *rq, char *const *env, request_reader *reader, void *ctx,
                  const struct settings *s, struct arena *a, struct err *e) must_check;

#endif
