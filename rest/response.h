/* response.h - one answer: status, headers, body, in the form that a CGI program hands over.
 *
 * Filled by dispatch.c and the programs' handlers, written out by server.c. The body is borrowed
 * (arena memory); the header block is bounded, because nginx refuses one over a page.
 */
#ifndef REST_RESPONSE_H
#define REST_RESPONSE_H

#include "base/err.h"
#include "base/str.h"

#define RESPONSE_HEAD_MAX 3900

struct response {
    int status;
    struct str headers; /* "Name: value\r\n"... without Status, Content-* and Link */
    struct str links;   /* of RFC 8288, separated by commas: one header, whoever adds to it */
    const char *type;   /* Content-Type, NULL without a body */
    const char *body;
    size_t body_len;
    struct str text; /* where a problem document is built */
};

void response_start(struct response *rs); /* forgets all, keeps the memory */
void response_free(struct response *rs);
/* False when the header would not fit or holds a control character: it is left out. */
bool response_header(struct response *rs, const char *name, const char *value);
bool response_headerf(struct response *rs, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* One link or several, `<url>; rel="next", ...`; false when they would not fit. */
bool response_link(struct response *rs, const char *links);
/* Lines that are known to be fit, each with its CRLF: what every answer carries. */
void response_fixed(struct response *rs, const char *lines, size_t len);
/* Where the headers end now, and taking back what was put after that. */
struct response_mark {
    size_t headers, links;
};
struct response_mark response_mark(const struct response *rs);
void response_cut(struct response *rs, struct response_mark to);
void response_json(struct response *rs, int status, const char *body, size_t len);
/* The problem document of `e`, Retry-After and WWW-Authenticate with it. */
void response_problem(struct response *rs, const struct err *e, const char *request_id);
/* The CGI header block, blank line included. */
void response_head(const struct response *rs, struct str *out);
const char *response_reason(int status);

#endif
