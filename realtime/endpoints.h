/* endpoints.h - the table of everything the sidecar serves: method, path, access, proto. */
#ifndef REALTIME_ENDPOINTS_H
#define REALTIME_ENDPOINTS_H

#include "link/http.h"

extern const struct endpoint endpoints[]; /* ended by a row without path */

#endif
