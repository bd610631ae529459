/* asyncapi.h - the AsyncAPI 3 document of the sidecar, made from the very tables that it serves by.
 *
 * Walks endpoints[] and asks each proto for its words; the schemas are those of docs/schemas.
 * Served at /asyncapi.json, to anybody (link/http_document.c).
 */
#ifndef REALTIME_ASYNCAPI_H
#define REALTIME_ASYNCAPI_H

#include "link/http.h"

/* Makes it, for the table of endpoints. */
void asyncapi_get(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type);

#endif
