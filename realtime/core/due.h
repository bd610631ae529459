/* due.h - what happens by itself: the one timer, driven by the database.
 *
 * Asks api.due_run at start, after events that may bring something nearer, and when the wait that
 * the database named is over; the database does each thing once (sql/api/61_due.sql), whatever the
 * number of sidecars. An idle system asks nothing and writes nothing.
 */
#ifndef CORE_DUE_H
#define CORE_DUE_H

#include "server.h"
#include "core/event.h"

struct due;

struct due *due_start(struct server *s);
void due_stop(struct due *d);
void due_event(struct due *d, const struct event *e); /* the feed published it */
void due_now(struct due *d);                          /* reconnect, resync */

#endif
