/* http.h - the MHD front: accepts, parses the request, refuses or hands the socket over.
 *
 * The only user of libmicrohttpd. Its epoll nests in ours; upgraded sockets are duplicated and
 * released (LIBRARIES section 1), so MHD forgets them. Plain HTTP answers (/metrics, /healthz,
 * /readyz, refusals) are whole responses.
 */
#ifndef LINK_HTTP_H
#define LINK_HTTP_H

#include "server.h"

struct request; /* one HTTP request; valid until its handler returned */

const char *request_path(const struct request *r);
const char *request_query(const struct request *r, const char *name);  /* decoded; NULL: absent */
const char *request_header(const struct request *r, const char *name);
const char *request_address(const struct request *r); /* the client's, X-Forwarded-For only from trusted proxies */
const char *request_id(const struct request *r);

struct http *http_start(struct server *s, struct err *e);
void http_quiesce(struct http *h); /* no new connections */
void http_stop(struct http *h);

#endif
