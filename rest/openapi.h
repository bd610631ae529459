/* openapi.h - the OpenAPI 3.1 document, made from the very tables that are served.
 *
 * Walks programs[], each route and its op; the schemas of the answers are those of docs/schemas.
 * Served by maitred-accounts at /api/openapi.json, to anybody; made once a process.
 */
#ifndef REST_OPENAPI_H
#define REST_OPENAPI_H

#include "service.h"

/* The whole document; `server` is where the paths begin ("" at the root). */
void openapi_document(const char *server, struct str *out);

extern const struct op openapi_form;
/* GET /api/openapi.json: 200 or 304, public and cached. */
bool openapi_get(struct exchange *x, struct err *e);

#endif
