/* engineio_payload.h - Engine.IO packets as bytes: one of a WebSocket message, or several of a
 * poll's payload, separated by U+001E, binary ones as `b` and base64.
 *
 * No I/O, nothing is allocated while reading, and whatever comes in is bounded by what it was
 * given.
 */
#ifndef LINK_ENGINEIO_PAYLOAD_H
#define LINK_ENGINEIO_PAYLOAD_H

#include "base/str.h"

enum eio_type { /* as the digit in front of a text packet says */
                EIO_TYPE_OPEN,
                EIO_TYPE_CLOSE,
                EIO_TYPE_PING,
                EIO_TYPE_PONG,
                EIO_TYPE_MESSAGE,
                EIO_TYPE_UPGRADE,
                EIO_TYPE_NOOP,
                EIO_TYPE_COUNT
};

struct eio_packet {
    enum eio_type type;
    const char *text; /* without the type; NUL behind len */
    size_t len;
    bool binary;
};

/* One packet, whose text is UTF-8, ends with NUL behind len, and is written to; false: it is none.
 * `binary`: a binary message of a WebSocket, which needs no type (but may come as text and base64). */
bool eio_packet_read(char *text, size_t len, bool binary, struct eio_packet *k);

struct eio_payload {
    char *at, *end; /* at NULL: nothing is left */
    bool bad;
};

enum eio_step { EIO_STEP_END, EIO_STEP_PACKET, EIO_STEP_BAD };

/* `text` ends with NUL behind len and is written to while it is read: packets are taken apart in
 * place. */
void eio_payload_begin(struct eio_payload *p, char *text, size_t len);
enum eio_step eio_payload_next(struct eio_payload *p, struct eio_packet *k);

/* Appends a packet: text as it is, type and all; binary without one. */
void eio_payload_put(struct str *out, const char *bytes, size_t len, bool binary);

#endif
