/* limits.h - how many connections an account, a venue, an address and the whole may hold.
 *
 * Taken by the front before the upgrade, so that the sixth of five is a 429 and no open socket;
 * given back when the conn dies (conn.c) or the upgrade did not come about (link/http). An entry
 * exists only while somebody counts in it.
 */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

#include "access/auth.h"
#include "access/settings.h"

struct limits;

struct limits *limits_new(const struct settings *set); /* reads the bounds anew at each take */
void limits_free(struct limits *l);
/* False with TOO_MANY_CONNECTIONS; then nothing was taken. A guest counts for its venue only. */
bool limits_take(struct limits *l, const struct principal *who, const char *address,
                 struct err *e) must_check;
void limits_give(struct limits *l, const struct principal *who, const char *address);
unsigned limits_total(const struct limits *l);

#endif
