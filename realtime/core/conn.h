/* conn.h - who is connected: identity, subscriptions, queue. The wire is link's, the language proto's.
 *
 * Made by the link after the handshake, dies through loop_dead. An idle conn is small (aim: 2 KiB
 * RSS with everything): queues, subscriptions and codec state are allocated only while used.
 */
#ifndef CORE_CONN_H
#define CORE_CONN_H

#include "access/auth.h"
#include "core/link.h"
#include "core/loop.h"
#include "core/outq.h"
#include "core/proto.h"
#include "core/wheel.h"
#include "data/position.h"

struct server; /* realtime/server.h: loop, config, hub, feed, databases, metrics */
struct subscription; /* hub.c */
struct eio;          /* link/engineio */

enum conn_state { CONN_OPEN, CONN_CLOSING, CONN_DEAD };

struct conn {
    const struct link *link;
    const struct proto *proto;
    struct server *server;
    void *link_data;   /* the link's */
    void *proto_data;  /* the proto's; freed in proto->closed */
    struct eio *eio;   /* the Engine.IO session that it is; NULL: none */
    enum conn_state state;
    bool masked;
    bool dirty;        /* on the dirty list: will be flushed at the end of the turn */
    bool blocked;      /* the link's: the peer's socket takes no more for now */
    bool resting;      /* asks nothing just now and holds no place in limits (conn_rest) */
    bool holding;      /* a snapshot or replay is on its way: live events wait in `held` (hub.c) */
    bool replaying;    /* what is published meanwhile need not be held: the replay comes to it */
    uint8_t holds;     /* how many reasons there are to hold: replays, actions in flight */
    uint8_t actions;   /* in flight (action.c) */
    uint16_t awaiting; /* figures that it has asked for and that are being computed (states.c) */
    uint64_t id;       /* unique in this process; what callbacks carry instead of a pointer */
    struct principal who;
    struct outq out;
    struct subscription *subs;
    unsigned nsubs;
    int64_t seq;       /* everything of the venue up to here was pushed or filtered out */
    struct event **held; /* events that arrived while holding; owned references */
    unsigned nheld, held_cap;
    int64_t opened_s, last_seen_s;
    uint64_t window_start; /* inbound rate: messages in the current second */
    unsigned window_count;
    char address[46];
    struct wheel_item tick; /* the next of: exp of the token, what the link waits for */
    struct conn *next_dirty;
    struct conn *prev, *next; /* of all connections */
    uint16_t close_code;      /* what we said or heard; 0: nothing */
};

/* Wheel, list, slots and the flush hook of a fresh server; conns_free needs all of them dead. */
void conns_init(struct server *s);
void conns_free(struct server *s);
struct conn *conn_new(struct server *s, const struct link *link, const struct proto *proto,
                      const struct principal *who, const char *address);
/* It is somebody now: a conn may begin with an empty principal, and then counts for its address only.
 * Called once, but for another token of the same account and venue. False with TOO_MANY_CONNECTIONS
 * (nothing is changed then), or FORBIDDEN when it is somebody else already. */
bool conn_identify(struct conn *c, const struct principal *who, struct err *e) must_check;
/* Between two questions of a poller: it hears on, but does not count; and counts again. */
void conn_rest(struct conn *c);
bool conn_return(struct conn *c) must_check; /* false: there is no room */
/* The conn with this id if it still lives and is open. */
struct conn *conn_find(struct server *s, uint64_t id);
/* Queues one reference to the frame and marks the conn dirty; key 0: a log message. Past the queue's
 * limit the conn is closed with 1013 and false returned. */
bool conn_push(struct conn *c, struct frame *f, uint64_t key);
bool conn_push_text(struct conn *c, const char *text, size_t len); /* encodes for this one alone */
/* {"type":"error","code","detail"[,"errors"]} in the shape all JSON languages share. */
void conn_push_error(struct conn *c, const struct err *e);
/* Its members, each with a comma before it, for languages that add their own. */
void conn_put_error(struct str *out, const struct err *e);
#define CLOSE_NO_CODE 1005 /* RFC 6455 section 7.1.5: the close frame holds none */
void conn_close(struct conn *c, int code, const char *reason); /* polite; idempotent */
void conn_kill(struct conn *c);                                 /* the peer is gone */
/* The link wants its tick at `due` (clock_mono_ms); the token's end is looked after anyway. */
void conn_wait(struct conn *c, uint64_t due);
/* Flushes at the end of the turn without pushing anything. */
void conn_mark_dirty(struct conn *c);
/* Inbound accounting: false after closing with 1008 when over the rate. */
bool conn_allow_message(struct conn *c);
void conn_flush_dirty(struct server *s); /* the turn hook */

#endif
