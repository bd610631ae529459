/* status.h - the plain endpoints of the sidecar: is it alive, is it ready, what does it count. */
#ifndef REALTIME_STATUS_H
#define REALTIME_STATUS_H

#include "link/http.h"

/* Handlers of the endpoints table. */
void status_health(struct server *s, const struct request *r, struct str *body, int *status,
                   const char **content_type);
void status_ready(struct server *s, const struct request *r, struct str *body, int *status,
                  const char **content_type);
void status_metrics(struct server *s, const struct request *r, struct str *body, int *status,
                    const char **content_type);
/* Appends why the sidecar is not ready, as JSON strings with commas; true when it is ready. */
bool status_reasons(const struct server *s, struct str *out);

#endif
