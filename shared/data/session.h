/* session.h - is this token still good? The one place where revocation is decided.
 *
 * With a fresh positions page: no query. Else one call of api.session_check. API keys are looked
 * up by hash, the accounts of an outside provider's tokens by number, and both kept in a small
 * per-process cache for as long as the venue's accounts area did not move.
 */
#ifndef DATA_SESSION_H
#define DATA_SESSION_H

#include "access/auth.h"
#include "data/db.h"
#include "data/positions.h"

/* Whom api_key_session, session_account or ticket_redeem say that it is; what they don't say is 0.
 */
bool session_person(const struct answer *answer, struct principal *out, struct err *e) must_check;
/* The same of an outside provider's token: `p` keeps the token's own id and times. */
bool session_adopt(const struct answer *answer, struct principal *p, struct err *e) must_check;
/* From a bearer text (JWT or API key) to a principal that may act now. */
bool session_principal(const struct auth *auth, struct positions *page, struct db *db,
                       const char *bearer, int64_t now, struct arena *a, struct principal *out,
                       struct err *e) must_check;

#endif
