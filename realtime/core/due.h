/* due.h - upcoming reservations: a timer that the database drives.
 *
 * Asks api.reservations_due at start, after events of reservations and bookings, and at the moment it
 * named; the database marks each reservation once, whatever the number of sidecars. An idle
 * system asks nothing and writes nothing.
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
