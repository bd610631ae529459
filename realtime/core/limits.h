/* limits.h - how many connections an account, a venue, an address and the whole may hold.
 *
 * Taken by the front before the upgrade, so that the sixth of five is a 429 and no open socket;
 * given back when the conn dies (conn.c) or the upgrade did not come about (link/http). An entry
 * exists only while somebody counts in it.
 *
 * The bounds of an account, a venue and an address hold over all sidecars, though no handshake asks
 * the database: the statement that writes what opened in the last 50 ms (leases.c) counts the keys
 * that it touches, over all who live, and says which are full. Of those, what the other sidecars
 * hold counts here for a second, so that most who are too many get a 429. Who slips past, because
 * the place was taken elsewhere in these 50 ms, is refused by that statement's answer and closed
 * with 4008. Without the database each sidecar goes by its own count. What has no row counts here
 * alone: polls, and Socket.IO clients that have not said who they are. The whole is this process's.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include "access/auth.h"
#include "access/settings.h"

struct limits;

/* Numbered as api.lease_write has them. */
enum limit { LIMIT_ACCOUNT = 1, LIMIT_VENUE, LIMIT_ADDRESS };
#define LIMITS_TEXT_MAX 72

struct limits *limits_new(const struct settings *set); /* reads the bounds anew at each take */
void limits_free(struct limits *l);
/* False with TOO_MANY_CONNECTIONS; then nothing was taken. A guest counts for its venue only. */
bool limits_take(struct limits *l, const struct principal *who, const char *address,
                 struct err *e) must_check;
void limits_give(struct limits *l, const struct principal *who, const char *address);
/* The key is full: so many are held by other sidecars, which counts until then (clock_mono_ms). */
void limits_others(struct limits *l, enum limit of, const char *key, unsigned n, uint64_t until);
/* "{200,5000,5000}": the bounds, in the order of their numbers. */
const char *limits_text(const struct limits *l, char buf[LIMITS_TEXT_MAX]);
unsigned limits_total(const struct limits *l);

#endif
