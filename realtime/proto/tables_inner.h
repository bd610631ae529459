/* tables_inner.h - what the files of the floor plan's language (tables*.c) share. */
#ifndef PROTO_TABLES_INNER_H
#define PROTO_TABLES_INNER_H

#include "proto/tables.h"

#include "base/mem.h"
#include "core/bearer.h"
#include "core/snapshot.h"

#define TABLES_NAMESPACE "/"
#define TABLES_LANGUAGE  4
#define TABLES_BATCH_MAX 100 /* entries of one tables:batch_update */

struct venue_clock; /* tables_batch.c */

/* An event on its way to one client, and which of its wordings that client gets. */
struct saying {
    struct event *event; /* a reference */
    unsigned variant;
};

struct sayings {
    struct saying *list;
    unsigned n, cap;
};

/* One client of the namespace; sio_socket.data. */
struct tables_client {
    struct sio_socket *socket;
    struct bearer bearer; /* while it is asked who comes */
    char *pid, *offset;   /* what it wants to come back to, until that is decided; owned */
    int64_t told;         /* the position of the last packet that it was sent one with */
    bool roomed;          /* it has, or may have, a row of rooms */
    struct sayings pending;
    struct venue_clock *clock;         /* that will say what is pending; NULL: none has to */
    struct tables_client *prev, *next; /* of those that it has */
    /* tables_sync.c */
    bool replaying;   /* a feed_resume is under way: one at a time */
    bool syncing;     /* what was missed is collected for a tables:sync_response */
    int64_t sync_ack; /* the answer that the client wants; -1: none */
    struct sayings missed;
    struct snapshot tables; /* where it can't be told one by one */
};

struct tables_client *tables_client_of(const struct conn *c); /* NULL: not in the namespace */

/* tables.c */
/* {"ok":false,"status","code","detail"[,"errors"][,"retry_after"]}: what every refusal says. */
void tables_put_refusal(struct str *out, const struct err *e);
/* ... as the answer, or as the event `error` when none is wanted. */
void tables_refuse(struct sio_socket *s, int64_t ack, const struct err *e);
/* {"ok":true,...}: `members` begin with a comma. */
void tables_answer(struct sio_socket *s, int64_t ack, const char *members);

/* tables_connect.c */
/* It is sent a packet with this position. */
void tables_told(struct tables_client *t, const char *position);
void tables_connect(struct sio_socket *s, const struct json *auth);
void tables_gone(struct sio_socket *s);

/* tables_sync.c */
void tables_sync_init(struct tables_client *t);
void tables_sync_end(struct tables_client *t);
/* Everything after `from` in its rooms, as if it had never been away. */
void tables_replay(struct tables_client *t, const struct position *from);
void tables_resync(struct conn *c); /* as proto->resync */
/* The event tables:sync {lastEventId}. */
bool tables_sync(struct tables_client *t, const struct json *message, int64_t ack, struct err *e);

/* tables_batch.c */
void tables_gather(struct conn *c, struct event *e); /* as proto->gather */
/* Says what is pending for this one, so that what is pushed next comes behind it. */
void tables_flush(struct tables_client *t);
/* Drops what is pending of events after this seq. */
void tables_forget(struct tables_client *t, int64_t after);
void sayings_add(struct sayings *s, struct event *e, unsigned variant);
void sayings_cut(struct sayings *s, unsigned n); /* keeps the first n */

/* tables_encode.c */
/* Is it told of the tables of this floor? */
bool tables_hears(const struct conn *c, int64_t floor);
/* Which of an event's wordings this client gets. */
unsigned tables_variant(const struct conn *c, const struct event *e, unsigned masked);
/* Does it say anything in this wording? Makes and keeps the texts: asked first, while the event's
 * documents are parsed anyway. */
bool tables_says(struct event *e, unsigned variant);
/* What these become, in order: each its packets, runs of status steps one tables:batch_update.
 * `out` has room for 2 n; each with a reference. */
unsigned tables_frames(const struct saying *list, unsigned n, struct frame **out);
/* {"event","data","eventId"} of each: for tables:sync_response. */
void tables_put_events(struct str *out, const struct saying *list, unsigned n);

#endif
