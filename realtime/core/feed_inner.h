/* feed_inner.h - what feed.c (following) and replay.c (coming back) share; nobody else includes it. */
#ifndef CORE_FEED_INNER_H
#define CORE_FEED_INNER_H

#include "core/dbloop.h"
#include "core/feed.h"
#include "core/ring.h"

#include <uthash.h>

#define FEED_BATCH 256 /* rows of one read: some 100 KB to some MB */
#define FEED_READ_SQL                                                                              \
    "select venue, seq, at, area, type, entity, refs, actor, data, masked from "                   \
    "api.feed_read($1::bigint[], $2::bigint[], $3::timestamptz[], $4::int)"

struct feed_venue {
    int64_t id;
    struct ring ring; /* ring.last is what was published */
    int64_t head;     /* what the database is known to have reached; > ring.last: to be read */
    int64_t asked;    /* head at the time of the read in flight; 0: not in it */
    int64_t trimmed_below;
    char at[40];      /* of the last published event, as the database writes it; "": unknown */
    int64_t areas[AREA_COUNT];
    bool filling;     /* replay.c: the ring is being filled backwards */
    bool filled;      /* ... and was, as far as it goes */
    UT_hash_handle hh;
};

struct feed {
    struct server *server;
    struct dbloop *db;
    struct feed_venue *venues;
    char epoch[EPOCH_LEN + 1]; /* "": not known yet */
    bool up, was_up, caught;   /* connected; was before; has caught up since the start */
    bool heads_out, heads_again, read_out, renew_out;
    bool heads_all;   /* the next look is at all venues */
    bool state_due;   /* sessions are read again behind the next answer */
    char since[24];   /* horizon of the last look (a transaction's number) */
    unsigned silent;  /* beats that a question has been open */
    bool heard, deaf; /* LISTEN was proved to work; or not to */
    char probe[17];
    uint64_t behind_since;     /* 0: not behind */
    struct timer poll, beat, probe_timer;
    struct replay *replay;
    struct bell *bell;
};

/* feed.c */
struct feed_venue *feed_venue_find(const struct feed *f, int64_t venue);
struct feed_venue *feed_venue_new(struct feed *f, int64_t id, int64_t last);
/* The database has reached `head` there: to be read. */
void feed_head_seen(struct feed *f, struct feed_venue *v, int64_t head);
/* Clients can't be told exactly what lies between their position and `last`: they read again. */
void feed_venue_restart(struct feed *f, struct feed_venue *v, int64_t last, bool renewed);
void feed_venue_lost(struct feed *f, struct feed_venue *v, int64_t last);
void feed_page_publish(struct feed *f, struct feed_venue *v);
void feed_read_next(struct feed *f); /* unless a read is in flight */
/* One row of FEED_READ_SQL to an event of this epoch; NULL after logging when it makes no sense. */
struct event *feed_row(const struct feed *f, const struct dba_rows *rows, int i);

/* feed_heads.c */
void feed_ask_heads(struct feed *f); /* at most one in flight, and one more behind it */
void feed_look(struct feed *f);      /* only at those that moved since the last answer */
void feed_ask_epoch(struct feed *f);

/* replay.c */
struct replay *replay_start(struct feed *f);
void replay_stop(struct replay *r);
/* The feed has caught up, or the epoch is another: those who wait are looked at again. */
void replay_wake(struct replay *r);

#endif
