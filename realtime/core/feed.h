/* feed.h - follows the database: commit -> event row -> NOTIFY -> here -> hub. One way only.
 *
 * Owns the LISTEN connection, the known seq of every venue, and a ring of recent events a venue, from
 * which reconnecting clients are served without a query. Reads after every NOTIFY, after every
 * (re)connect, and at the slow safety poll; probes at start that LISTEN works.
 */
#ifndef CORE_FEED_H
#define CORE_FEED_H

#include "server.h"
#include "core/conn.h"
#include "core/event.h"
#include "data/position.h"

struct feed *feed_start(struct server *s, struct err *e);
void feed_stop(struct feed *f);
bool feed_ready(const struct feed *f);                /* caught up at least once and connected */
bool feed_position(const struct feed *f, int64_t venue, struct position *out); /* what was published */
/* Can it be continued exactly from there, as far as is known now? (No bulk change may lie in between.) */
bool feed_reaches(const struct feed *f, const struct position *from);
uint64_t feed_lag_ms(const struct feed *f);           /* for /metrics and /readyz */

/* Resume: replays to the conn what it missed after `from` on the topics that it has subscribed to by
 * now, or says that it can't be had exactly (other epoch, trimmed, resync in between). Holds the conn
 * meanwhile; `done` runs once, just before live events flow again, unless the conn dies first or the
 * proto starts a hold of its own in it. Served from the ring without a query whenever the ring reaches
 * back that far; after a restart one query a venue fills the ring for all who come back. Paced by
 * the client's queue. At most one at a time a conn. */
enum feed_resume { FEED_EXACT, FEED_SNAPSHOT_NEEDED };
typedef void feed_resumed(struct conn *c, enum feed_resume how);
void feed_resume(struct feed *f, struct conn *c, const struct position *from, feed_resumed *done);

#endif
