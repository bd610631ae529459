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
unsigned hub_count(const struct conn *c); /* how many it has */
/* Walks a conn's topics in the order of subscription. */
void hub_each(const struct conn *c, void (*f)(struct topic t, void *ctx), void *ctx);

/* The venue's published seq is now this one (start, new epoch); hub_publish moves it on. */
void hub_set_seq(struct hub *h, int64_t venue, int64_t seq);
/* What a conn may acknowledge: its own seq while it holds, else all that its venue published. */
int64_t hub_seq(const struct conn *c);

/* Live event: to every subscriber of every topic it reaches; conns of the venue move on to its seq. */
void hub_publish(struct hub *h, struct event *e);
/* To one conn, if one of its topics is reached (replay, and release of the held ones). */
void hub_offer(struct conn *c, struct event *e);
/* Starts holding; nests. What is held is bounded: past it the conn is closed with 1013. */
void hub_hold(struct conn *c);
/* Ends one hold; with the last one what was held with seq > from leaves now, in order. */
void hub_release(struct conn *c, int64_t from_seq);
/* Some seqs are lost, or they start anew (`renewed`: another epoch, then a conn's own seq is -1 until
 * it has read again): what is held is dropped, and every conn of the venue that has subscribed to
 * something is told to read everything again. `seq` is what comes to be published. */
void hub_resync(struct hub *h, int64_t venue, int64_t seq, bool renewed);
/* A state message to all subscribers of the topic: in each queue the newest of a key (never 0)
 * replaces the older, so one figure sent to two topics leaves once. A conn that holds does not get
 * it, but asks `missed` for the newest when it is released. */
void hub_publish_state(struct hub *h, int64_t venue, struct topic t, uint64_t key, struct frame *f);
void hub_push_state(struct conn *c, struct topic t, uint64_t key, struct frame *f); /* to one */
typedef void hub_missed(void *ctx, struct conn *c, struct topic t);
void hub_on_missed(struct hub *h, hub_missed *f, void *ctx);
/* Is anybody listening? Statistics are computed only then. */
bool hub_listening(const struct hub *h, int64_t venue, enum topic_kind kind);
/* Every connection of a venue that has subscribed to something, in no order; `f` may close it. */
void hub_each_conn(struct hub *h, int64_t venue, void (*f)(struct conn *c, void *ctx), void *ctx);
unsigned hub_members(const struct hub *h, enum topic_kind kind); /* for /metrics */

#endif
