/* maintain.h - keeps the event table's partitions: attach ahead, detach and drop what is old.
 *
 * Asks api.feed_maintenance_plan for its statements once at start and then daily, and runs them one by
 * one on a connection of its own that is open only meanwhile. A failure is logged and tried again
 * later; whichever sidecar gets to it first does the work.
 */
#ifndef CORE_MAINTAIN_H
#define CORE_MAINTAIN_H

#include "server.h"

struct maintain;

struct maintain *maintain_start(struct server *s);
void maintain_stop(struct maintain *m);

#endif
