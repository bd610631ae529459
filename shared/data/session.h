/* session.h - is this token still good? The one place where revocation is decided.
 *
 * With a fresh positions page: no query. Else one call of api.session_check. API keys are looked
 * up by hash and kept in a small per-process cache for as long as the venue's accounts area did not move.
 */
#ifndef DATA_SESSION_H
#define DATA_SESSION_H

#include "access/auth.h"
#include "data/db.h"
#include "data/positions.h"

/* From a bearer text (JWT or API key) to a principal that may act now. */
bool session_principal(const struct auth *auth, struct positions *page, struct db *db,
                       const char *bearer, int64_t now, struct arena *a, struct principal *out,
                       struct err *e) must_check;

#endif
