/* event.h - one row of the feed in memory, immutable and refcounted; and where events go.
 *
 * The only place that decides which topics an event reaches (event_topics). Every dialect is made
 * from the event alone; encodings are kept per language and mask class, so each is made once.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "access/topic.h"
#include "base/json.h"
#include "core/frame.h"
#include "data/area.h"

#define EVENT_TOPICS_MAX 12
#define LANGUAGES_MAX 8 /* protos; a proto's index is its place in the table of endpoints.c */

struct event {
    unsigned refs;
    int64_t venue, seq, entity;
    int64_t at_ms;             /* Unix milliseconds */
    enum area area;
    char type[40];             /* "reservation.created" */
    char position[64];         /* the cursor that acknowledges this event */
    char timestamp[32];        /* ISO 8601 */
    bool has_masked;           /* the masked document differs from the full one */
    struct json *refs_doc;     /* ids for routing */
    struct json *doc[2];       /* data {"new","old"}: [0] full, [1] masked (same as [0] if !has_masked) */
    char *actor;
    struct frame *encoded[LANGUAGES_MAX][2]; /* [language][masked]; NULL: not made yet */
    unsigned char silent[LANGUAGES_MAX];     /* language has nothing to say for this event */
};

struct event *event_ref(struct event *e);
void event_unref(struct event *e);
/* Fills the topics that the event reaches; returns how many. */
int event_topics(const struct event *e, struct topic out[EVENT_TOPICS_MAX]);

#endif
