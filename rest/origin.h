/* origin.h - other sites' pages: CORS answers (Fetch standard) and the check against forged writes.
 *
 * A cookie goes along with requests that a foreign page makes, so a write by cookie needs the
 * browser's word that the page is ours. A bearer token needs no such proof. Called by dispatch.c.
 */
#ifndef REST_ORIGIN_H
#define REST_ORIGIN_H

#include "service.h"

/* Access-Control-* for configured origins; nothing for others. */
void origin_headers(struct exchange *x);
void origin_preflight(struct exchange *x, const char *allow);
/* ORIGIN_REFUSED unless Origin or Sec-Fetch-Site says that the page is ours or a configured one's.
 */
bool origin_write(const struct exchange *x, struct err *e) must_check;

#endif
