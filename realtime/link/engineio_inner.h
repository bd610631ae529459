/* engineio_inner.h - what engineio*.c and http_engineio.c share: the session.
 *
 * engineio.c has its life, engineio_poll.c and engineio_ws.c the two ways that its packets go,
 * http_engineio.c the requests.
 */
#ifndef LINK_ENGINEIO_INNER_H
#define LINK_ENGINEIO_INNER_H

#include "link/engineio.h"
#include "link/engineio_payload.h"
#include "link/ws.h"

#include <uthash.h>

struct eio {
    struct conn *conn;
    char sid[EIO_SID_MAX];
    struct login login;            /* of the handshake, owned; no text: none, or forgotten */
    const struct request *request; /* whose body is being read */
    struct request *poll;          /* parked */
    struct timer beat;             /* next ping, or the end of waiting for its answer */
    uint64_t pinged_ms;            /* 0: no ping is out */
    uint64_t heard_ms;             /* last packet that came by POST */
    struct conn *probe;            /* a WebSocket that wants to take over; NULL: none */
    bool probed;                   /* it has been answered: polls are let go */
    struct timer upgrade;          /* looks after both */
    uint64_t upgrade_end;
    UT_hash_handle hh;
};

/* engineio.c */
/* A fresh session with its conn; the link is yet to be started. */
struct conn *eio_new(struct server *s, const struct link *link, const struct proto *proto,
                     const struct request *r, struct login login);
void eio_free(struct conn *c); /* by its link, when the conn is freed */
/* The open packet, then the language's open. */
void eio_open(struct conn *c, const struct request *r);
/* Bytes of a request's body, and of a WebSocket's message. */
size_t eio_payload_max(const struct settings *set);
/* The session that the request's URL names; NULL: it wants one of its own. */
const char *eio_asked(const struct request *r);
/* The session with this id that is not over; NULL: none. */
struct eio *eio_find(struct server *s, const char *sid);
void eio_push(struct conn *c, const char *packet); /* a packet of ours: the queue has room for it */
bool eio_take(struct conn *c, const struct eio_packet *k); /* false: it was wrong, and is over */
void eio_failed(struct conn *c);                           /* the client broke the rules */
bool eio_expired(struct eio *e); /* its time was up before its timer came: it is over now */
bool eio_polling(const struct eio *e);

/* engineio_poll.c */
extern const struct link eio_poll_link;
/* What is queued, as much as one answer may hold; of a closing one that is through, the end. */
void eio_poll_put(struct conn *c, struct str *out);
/* Answers the poll that is parked, if any, with this packet alone. */
void eio_poll_let_go(struct eio *e, const char *packet);

/* engineio_ws.c */
/* As ws_open, of a session of its own or, when the query names one, of a probe. */
uint64_t eio_ws_open(struct server *s, const struct ws_opening *o, struct login login);
void eio_probe_drop(struct eio *e);

/* http_engineio.c */
void eio_poll_answer(struct request *poll, struct str *body); /* of a parked one; takes the bytes */

#endif
