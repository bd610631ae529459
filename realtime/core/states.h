/* states.h - figures that move with events: dashboard stats, order metrics, room availability.
 *
 * Computed only while somebody listens, at most once per stats_interval_ms and venue, on their own
 * database connection; sent only when a figure changed. The last text of each figure is kept, so that
 * a new subscriber gets it at once while it is current. Which events move which figure is a
 * table in states.c; time moves them too (business day, minute).
 */
#ifndef CORE_STATES_H
#define CORE_STATES_H

#include "server.h"
#include "core/event.h"

struct figure {
    const char *op, *type, *member;
    enum topic_kind topics[3]; /* ended by TOPIC_NONE */
};
extern const struct figure states_figures[]; /* ended by a row without op */

struct states *states_start(struct server *s);
void states_stop(struct states *st);
/* The feed published this event. */
void states_event(struct states *st, const struct event *e);
/* Nothing kept is current any more (reconnect, new epoch, resync); venue 0: all. */
void states_stale(struct states *st, int64_t venue);
/* The conn has just subscribed to a state topic (or its newest figures were held back): it gets them
 * at once when they are current, else as soon as they are computed. */
#define STATES_ALL (-1)
/* `after`: only what changed after this seq; STATES_ALL: whenever that was. */
void states_send(struct states *st, struct conn *c, struct topic t, int64_t after);

#endif
