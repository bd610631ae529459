/* channels_inner.h - what the files of the channels protocol share; nobody else includes it.
 *
 * channels.c actions and answers; channels_stream.c those who only listen; channels_session.c who may hear what, and the signed session;
 * channels_sync.c resume and resync; channels_snapshot.c snapshots; channels_encode.c events as messages.
 */
#ifndef PROTO_CHANNELS_INNER_H
#define PROTO_CHANNELS_INNER_H

#include "core/conn.h"
#include "core/hub.h"
#include "core/words.h"
#include "proto/channels.h"
#include "server.h"

#define CHANNELS_LANGUAGE 0

/* Channels of one request, sorted into those that are had and those that are not. */
struct channel_lists {
    struct str granted, refused, beyond; /* "a","b" without brackets */
    struct topic *figures;               /* the granted ones that are figures */
    unsigned nfigures;
    struct conn *conn;
};
void lists_free(struct channel_lists *l);

extern const struct said said_subscribed; /* the acknowledgement, also of a resume */
/* What this conn may acknowledge now. */
const char *channels_cursor(const struct conn *c, char buf[POSITION_MAX]);
/* {"status":...,"channels":[...],"session","cursor"[,"requestId"]} */
void channels_acknowledge(struct conn *c, const char *status, const struct str *channels,
                          const char *cursor, const char *request_id);
/* The shape of an error on this socket; `channels` may be NULL. */
void channels_error(struct conn *c, const struct err *e, const struct str *channels,
                    const char *request_id);

/* channels_session.c */
bool channel_allowed(const struct server *s, const struct principal *who, const char *name,
                     size_t len, struct topic *out); /* known, and granted to this one */
/* Subscribes, or files the name under the reason why not. */
bool channel_grant(struct channel_lists *l, const char *name, size_t len);
char *session_seal(const struct conn *c); /* x_free */
/* The channels of a statement that is ours, of this account and venue: "a,b,c" (x_free); else NULL. */
char *session_open(const struct conn *c, const char *sealed);

/* channels_sync.c */
/* What came after the position, which `cursor` spells; then live events. */
void channels_replay(struct conn *c, const char *cursor, const struct position *from);
bool channels_resume(struct conn *c, const char *session, const char *cursor,
                     const char *request_id, struct err *e) must_check;
void channels_resync(struct conn *c);
void channels_more(struct conn *c); /* it has just subscribed to something */
void channels_closed(struct conn *c);
const char *sync_cursor(const struct conn *c); /* NULL: nothing under way */

/* channels_snapshot.c: false when it has no channel that has one; else channels_snapshots is called
 * later, unless the conn dies. */
struct snapshots;
bool snapshots_read(struct conn *c);
/* One message a channel; all but the last carry `cursor`, the last one the snapshot's position. False
 * when the answer makes no sense. Valid within channels_snapshots. */
bool snapshots_push(struct snapshots *s, struct conn *c, const char *cursor,
                    struct position *until) must_check;
void channels_snapshots(struct conn *c, struct snapshots *s, const struct err *e); /* in _sync.c */

/* channels_encode.c */
unsigned channels_variant(const struct conn *c, const struct event *e, unsigned masked);
struct frame *channels_encode(const struct event *e, unsigned variant);
extern const struct said said_resync, said_snapshot; /* what is no event */
void channels_words(struct words *w); /* what a channel says, on whatever transport */

#endif
