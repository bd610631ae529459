/* socketio.h - Socket.IO v5 (socket.io-protocol, revision 5) over an Engine.IO session: packets,
 * namespaces, events, acknowledgements, binary attachments.
 *
 * Knows nothing of tables or venues. An application is a table of namespaces; its struct sio_proto
 * stands in the table of endpoints as `&app.proto`, with sio_open, sio_message and sio_closed as
 * its open, message and closed. A malformed packet closes the session (code 1005: a close frame
 * without one), as does one for a namespace that is not joined or is joined already; an unknown
 * namespace is refused ("Invalid namespace"); who has joined none within handshake_timeout_ms is
 * closed. All functions run in the loop's thread.
 */
#ifndef PROTO_SOCKETIO_H
#define PROTO_SOCKETIO_H

#include "base/json.h"
#include "core/conn.h"

#define SIO_ID_MAX 32

struct sio_namespace;

/* One client in one namespace. Made at CONNECT, freed after `gone`; sio_accept connects it. */
struct sio_socket {
    struct conn *conn;
    const struct sio_namespace *ns;
    char id[SIO_ID_MAX]; /* its public id; "" before sio_accept */
    bool connected;
    void *data;               /* the application's */
    bool lost;                /* in `gone`: the whole session is over; its client may come back */
    uint64_t next_ack, asked; /* the module's: the last 64 acks asked for, a bit each */
    struct sio_socket *next;  /* of this conn */
};

struct sio_bytes {
    const void *bytes;
    size_t len;
};

/* An event or an acknowledgement; valid during the call. */
struct sio_event {
    const struct json *args; /* the array: of an event the name comes first */
    const char *text;        /* the same as it came; attachments are placeholders */
    size_t len;
    const struct sio_bytes *binary; /* attachments, in the placeholders' order */
    unsigned nbinary;
    int64_t ack; /* an event's: what the client wants answered; an answer's: ours; -1: none */
};

struct sio_namespace {
    const char *name; /* "/" */
    /* CONNECT came with this payload (an object, or NULL). The application calls sio_accept or
     * sio_refuse, now or later; it may look at eio_login. */
    void (*connect)(struct sio_socket *s, const struct json *auth);
    /* `name` NULL: its arguments are JSON beyond our limits, ev->args is NULL; to be refused. */
    void (*event)(struct sio_socket *s, const char *name, const struct sio_event *ev);
    /* An answer to what was emitted `acked`, each once; those older than the last 64 are forgotten.
     * May be NULL. */
    void (*answered)(struct sio_socket *s, const struct sio_event *ev);
    /* Disconnected, refused or the session is over. May be NULL. */
    void (*gone)(struct sio_socket *s);
};

struct sio_proto {
    struct proto proto;
    const struct sio_namespace *namespaces; /* ended by one without name */
};

/* The attachment that stands at this place of the event's arguments; NULL: none. */
const struct sio_bytes *sio_attachment(const struct sio_event *ev, const struct json *v);

void sio_open(struct conn *c, const struct request *r);
void sio_message(struct conn *c, const char *text, size_t len, bool binary);
void sio_closed(struct conn *c);

struct sio_socket *sio_find(const struct conn *c, const char *ns); /* NULL: not there */

/* CONNECT's answers. `id` NULL: a fresh one; `pid` NULL: the client can't come back to this
 * session. */
void sio_accept(struct sio_socket *s, const char *id, const char *pid);
/* CONNECT_ERROR {"message"[,"data"]}; `data` is JSON text or NULL. Frees the socket. */
void sio_refuse(struct sio_socket *s, const char *message, const char *data);
/* DISCONNECT from our side. Frees the socket; the session stays. */
void sio_disconnect(struct sio_socket *s);

/* An event's frame: sio_begin writes everything up to the array's `[`, the application the members,
 * sio_end the `]`, makes the frame (refs 1) and frees the text. sio_begin with a namespace's name,
 * so that frames can be made for many sockets of it. */
void sio_begin(struct str *out, const char *ns);
struct frame *sio_end(struct str *out);
/* Emits to one: `members` is JSON text without the brackets: "\"hi\",1". Before sio_accept and
 * after the end nothing is sent. */
void sio_emit(struct sio_socket *s, const char *members);
/* With attachments (members hold their placeholders) and, when `acked`, a wish for an answer, which
 * comes to ns->answered with the id that is returned (else -1). */
int64_t sio_emit_more(struct sio_socket *s, const char *members, const struct sio_bytes *binary,
                      unsigned nbinary, bool acked);
/* Answers an event that asked for it (ev->ack); nothing happens when `ack` is -1. */
void sio_ack(struct sio_socket *s, int64_t ack, const char *members, const struct sio_bytes *binary,
             unsigned nbinary);

#endif
