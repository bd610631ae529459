/* engineio.h - Engine.IO v4 (engine.io-protocol, revision 4): one session over long polls, over a
 * WebSocket, or first over the one and then over the other.
 *
 * A session is a conn whose link changes at the upgrade; queue, proto, identity and subscriptions
 * stay. It knows nothing of Socket.IO, of tables or of venues: the language above gets the content
 * of messages (proto->message, the packet's type taken off) and pushes whole packets: a text frame
 * begins with EIO_MESSAGE, a binary frame is a message as it is. So a broadcast is the same bytes
 * for all who hear it, and leaves by the same system call as on any other WebSocket.
 *
 * A session begins without an identity (an empty principal): a language that wants to know who is
 * there asks, and says so with conn_identify. Times are milliseconds of clock_mono_ms; deadlines
 * are exact to the millisecond (timers of the loop) and looked at again when a request arrives. All
 * functions run in the loop's thread.
 */
#ifndef LINK_ENGINEIO_H
#define LINK_ENGINEIO_H

#include "core/bearer.h"
#include "core/conn.h"
#include "link/http.h"

#define EIO_MESSAGE '4' /* the first byte of every text frame that a language pushes */
#define EIO_SID_MAX 64

/* What all sessions of a server share: the table of session ids. Intervals and bounds are settings
 * (engineio_*); the rest is for a server that is not the product, NULL or 0 there. */
struct eio_shared {
    const char *const *cookies; /* Set-Cookie values of the handshake's answer, ended by NULL */
    long handshake_delay_ms;    /* the answer to the handshake waits */
    struct eio *sessions;       /* by id (uthash) */
};
struct eio_shared *eio_shared_new(void);
void eio_shared_free(struct eio_shared *sh);

/* The session's public id: RANDOM, or RANDOM.ROUTE where the setting sidecar_route is given, by
 * which web servers find the sidecar that has it. */
const char *eio_sid(const struct conn *c);
/* What the handshake carried to say who comes: a token (header, query or, from pages of ours, the
 * cookie) or a ticket (query). Forgotten with eio_login_forget, which a language calls as soon as
 * it knows who is there. */
struct login eio_login(const struct conn *c);
void eio_login_forget(struct conn *c);
/* For languages that answer by what came along: the request whose body is being read now (POST);
 * NULL outside of proto->message, and of messages that came by a WebSocket. */
const struct request *eio_request(const struct conn *c);

#endif
