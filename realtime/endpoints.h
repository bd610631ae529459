/* endpoints.h - the table of everything the sidecar serves: method, path, link, proto, access. */
#ifndef REALTIME_ENDPOINTS_H
#define REALTIME_ENDPOINTS_H

#include "core/proto.h"

struct http_answer; /* link/http.c: status, content type, body */

struct endpoint {
    const char *method;
    const char *path;            /* exact, or with one {id} segment */
    enum capability cap;         /* CAP_PUBLIC: no token */
    const struct proto *proto;   /* WebSocket endpoints; NULL for plain ones */
    void (*plain)(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type); /* plain ones */
};

extern const struct endpoint endpoints[]; /* ended by a row without path */

#endif
