/* hub.h - rooms: which connections hear which topic of which venue. Nothing else routes.
 *
 * Memory only; no sockets, no SQL. An event is offered to each subscriber once, however many of its
 * topics it reaches; order of leaving is seq order. A conn that is `holding` collects references.
 */
#ifndef CORE_HUB_H
#define CORE_HUB_H

#include "core/conn.h"

struct hub;

struct hub *hub_new(void);
void hub_free(struct hub *h);

bool hub_subscribe(struct hub *h, struct conn *c, struct topic t);   /* false: was already */
bool hub_unsubscribe(struct hub *h, struct conn *c, struct topic t); /* false: was not */
void hub_drop(struct hub *h, struct conn *c);                        /* all of them */
bool hub_subscribed(const struct conn *c, struct topic t);
/* Walks a conn's topics in the order of subscription. */
void hub_each(const struct conn *c, void (*f)(struct topic t, void *ctx), void *ctx);

/* Live event: to every subscriber of every topic it reaches; conns of the venue move on to its seq. */
void hub_publish(struct hub *h, struct event *e);
/* To one conn, if one of its topics is reached (replay, and release of the held ones). */
void hub_offer(struct conn *c, struct event *e);
/* Ends holding: what was held with seq > from leaves now, in order. */
void hub_release(struct conn *c, int64_t from_seq);
/* A state message to all subscribers of the topic: newest replaces older in each queue. */
void hub_publish_state(struct hub *h, int64_t venue, struct topic t, struct frame *f);
/* Is anybody listening? Statistics are computed only then. */
bool hub_listening(const struct hub *h, int64_t venue, enum topic_kind kind);
/* Every connection of a venue, in no order (revocation, resync). */
void hub_each_conn(struct hub *h, int64_t venue, void (*f)(struct conn *c, void *ctx), void *ctx);
unsigned hub_members(const struct hub *h, enum topic_kind kind); /* for /metrics */

#endif
