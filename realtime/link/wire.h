/* wire.h - the sockets that MHD has left to us: taken over, set up, written.
 *
 * Used by the links that own their descriptor (ws.c, http_stream.c). Knows no wire form itself.
 */
#ifndef LINK_WIRE_H
#define LINK_WIRE_H

#include "core/conn.h"

/* The bytes that this frame is on this conn's wire; the frame owns them. */
typedef const struct bytes *wire_form(const struct conn *c, struct frame *f);

enum wire_state {
    WIRE_EMPTY, /* all has left */
    WIRE_FULL,  /* the socket takes no more just now */
    WIRE_GONE,  /* the peer is not there any more */
};

/* Sends what is queued, up to WIRE_FRAMES frames a system call. */
enum wire_state wire_write(struct conn *c, int fd, wire_form *form);
/* No delay, and little of a slow reader in the kernel: the rest waits in our queue, where it counts. */
void wire_options(int fd);

#endif
