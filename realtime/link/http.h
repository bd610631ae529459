/* http.h - the MHD front: accepts, parses the request, refuses or hands the socket over.
 *
 * The only user of libmicrohttpd (http.c, http_request.c). Its epoll nests in ours; upgraded sockets
 * are duplicated and released (LIBRARIES section 1), so MHD forgets them. Plain HTTP answers
 * (/metrics, /healthz, /readyz, refusals) are whole responses.
 */
#ifndef LINK_HTTP_H
#define LINK_HTTP_H

#include "server.h"
#include "core/proto.h"

struct request; /* one HTTP request; valid until its handler returned */

const char *request_path(const struct request *r);
const char *request_pattern(const struct request *r); /* the endpoint's path, with {id} */
const char *request_segment(const struct request *r); /* what stood for {id}; "" when there is none */
const char *request_query(const struct request *r, const char *name);  /* decoded; NULL: absent */
/* All of it in order, decoded; "" where there is no value. */
void request_query_each(const struct request *r,
                        void (*f)(void *ctx, const char *name, const char *value), void *ctx);
const char *request_header(const struct request *r, const char *name);
const char *request_address(const struct request *r); /* the client's, X-Forwarded-For only from trusted proxies */
const char *request_id(const struct request *r);

/* How a row with a proto reaches its client: http_upgrade.c, http_stream.c, http_poll.c,
 * http_engineio.c. */
struct way;
extern const struct way way_websocket, way_stream, way_poll;
extern const struct way way_engineio;                 /* engineio.h; its rows have method "*" */
extern const struct way way_database, way_census; /* without a proto: the row's op answers (http_op.c) */
extern const struct way way_document; /* what `plain` makes, once (http_document.c) */
#define POLL_WAIT_S     "25" /* what a poll waits, in seconds, when its URL does not say */
#define POLL_WAIT_MAX_S 60

/* What is served: exact paths, or with one {id} segment; a slash at the end does not count. */
struct endpoint {
    const char *method; /* "*": any, the way looks itself */
    const char *path;
    enum capability cap;       /* CAP_PUBLIC: no token */
    const struct proto *proto; /* NULL for plain ones */
    const struct way *way;     /* the proto's */
    void (*plain)(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type); /* plain ones */
    const char *op;                           /* of those */
};

/* `table` ends with a row without path. Takes s->listener, or opens it; nobody is let in before
 * http_listen. */
struct http *http_start(struct server *s, const struct endpoint *table, struct err *e) must_check;
bool http_listen(struct http *h, struct err *e) must_check; /* once more does nothing */
unsigned http_port(const struct http *h); /* the one it got when the setting was 0 */
void http_quiesce(struct http *h); /* no new connections */
bool http_idle(const struct http *h); /* nobody is connected to MHD */
void http_stop(struct http *h);

#endif
