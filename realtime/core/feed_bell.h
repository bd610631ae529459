/* feed_bell.h - whether this follower needs the bell (NOTIFY) at all; inside of the feed.
 *
 * pg_notify takes a lock of the whole instance through the commit's fsync, so under load half of the
 * write throughput is the bell (LIBRARIES section 6). A sidecar that hears it often says "awake" in the
 * database and reads by the clock instead; it says "asleep" when that pays no more. The rules that keep
 * this sound are in sql/feed/g_followers.sql. An idle system writes nothing.
 */
#ifndef CORE_FEED_BELL_H
#define CORE_FEED_BELL_H

#include "core/feed_inner.h"

struct bell *bell_new(struct feed *f);
void bell_free(struct bell *b);    /* before the connection is closed: says goodbye */
void bell_connected(struct bell *b);
void bell_lost(struct bell *b);
void bell_rang(struct bell *b, bool crowd); /* crowd: others rang at the same time */
void bell_read(struct bell *b, int events); /* a read brought so many */

#endif
