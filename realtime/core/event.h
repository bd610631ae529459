/* event.h - one row of the feed in memory, immutable and refcounted; and where events go.
 *
 * The only place that decides which topics an event reaches (event_topics). Every dialect is made
 * from the event alone; encodings are kept per language and variant, so each is made once.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "access/topic.h"
#include "base/err.h"
#include "base/json.h"
#include "core/frame.h"
#include "data/area.h"

#define EVENT_TOPICS_MAX 12

/* An event in one language, as one kind of its clients gets it. */
struct encoding {
    unsigned char language, variant;
    struct frame *frame; /* NULL: it has nothing to say of this */
};

struct event {
    unsigned refs;
    int64_t venue, seq, entity;
    int64_t at_ms;             /* Unix milliseconds */
    enum area area;
    char type[40];             /* "reservation.created" */
    char position[64];         /* the cursor that acknowledges this event */
    char timestamp[32];        /* ISO 8601 */
    bool resync;               /* a bulk change: nothing but "read everything again" */
    bool has_masked;           /* the masked document differs from the full one */
    struct event_docs *docs;   /* the documents, see event_doc */
    char *actor;
    unsigned char ntopics;
    struct topic topics[EVENT_TOPICS_MAX];
    struct encoding *encoded; /* those that somebody has asked for */
    unsigned nencoded;
};

enum event_doc { EVENT_REFS, EVENT_FULL, EVENT_MASKED, EVENT_DOCS };

/* One row of the feed's reader, all text as the database gave it; NULL: SQL null. */
struct event_row {
    const char *venue, *seq, *at, *area, *type, *entity, *refs, *actor, *data, *masked;
};
/* False when venue, seq or at are not what the feed promises. An event whose documents are not
 * strict JSON (a number that no client could read) becomes a `resync`: never a stop, never a gap. */
bool event_parse(const struct event_row *row, const char *epoch, struct event **out,
                 struct err *e) must_check;
struct event *event_ref(struct event *e);
void event_unref(struct event *e);
/* Fills the topics that the event reaches (kept in `topics` by event_parse); returns how many. */
int event_topics(const struct event *e, struct topic out[EVENT_TOPICS_MAX]);
/* "table.updated" is about the kind "table" and did "updated". */
bool event_is(const struct event *e, const char *kind);
bool event_did(const struct event *e, const char *verb);
/* Does it reach that channel, for any id? For the AsyncAPI document. */
bool event_reaches(const char *kind, enum topic_kind topic);
/* NULL: it was not made yet. Valid until the next event_keep. */
const struct encoding *event_encoding(const struct event *e, int language, unsigned variant);
const struct encoding *event_keep(struct event *e, int language, unsigned variant,
                                  struct frame *f); /* takes the reference */
/* refs: the ids for routing; full and masked: data {"new","old"}. Kept as text, which is a tenth of
 * a tree's size; parsed when asked for and until event_trim. */
const struct json *event_doc(const struct event *e, enum event_doc which);
void event_trim(struct event *e); /* whoever published it: the trees may go */
/* The whole aggregate after the change; NULL when it is gone. */
const struct json *event_new(const struct event *e, bool masked);
/* The old values of what changed (the whole aggregate when it is gone); NULL when it is new. */
const struct json *event_old(const struct event *e, bool masked);
/* An instant in UTC as the database writes it, ISO 8601 with T or blank, to Unix milliseconds. */
bool instant_ms(const char *text, int64_t *ms) must_check;

#endif
