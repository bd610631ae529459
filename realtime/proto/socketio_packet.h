/* socketio_packet.h - one packet of Socket.IO v5 (socket.io-protocol, revision 5), taken apart and
 * put together.
 *
 * Pure: no connection, no state, no I/O. Called by socketio.c; fuzzed by tests/fuzz. On the wire:
 * type [attachments "-"] [namespace ","] [ack id] [JSON], and the attachments behind it, a binary
 * message each.
 */
#ifndef PROTO_SOCKETIO_PACKET_H
#define PROTO_SOCKETIO_PACKET_H

#include "base/json.h"

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK
};

#define SIO_ATTACHMENTS_MAX 16

struct sio_packet {
    enum sio_type type;
    unsigned attachments; /* that follow */
    const char *ns;       /* "/" when it names none; ns and payload point into the text */
    size_t ns_len;
    int64_t id; /* -1: none */
    const char *payload;
    size_t payload_len;
    struct json *json; /* the payload; NULL: none */
    bool beyond;       /* an event's or answer's is JSON, but beyond our limits: json is NULL */
};

/* What a client may send, checked whole: payload by type, ids, and placeholders that name an
 * attachment. False: malformed, and nothing to be freed. `text` is NUL-terminated behind len and
 * outlives the packet. */
bool sio_packet_parse(const char *text, size_t len, struct sio_packet *out) must_check;
void sio_packet_free(struct sio_packet *p);

/* Which attachment stands here; -1: this is no placeholder. */
int64_t sio_placeholder(const struct json *v);

/* Everything up to the JSON. */
void sio_packet_head(struct str *out, enum sio_type type, unsigned attachments, const char *ns,
                     int64_t id);

#endif
