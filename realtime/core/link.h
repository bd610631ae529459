/* link.h - a wire mechanism (WebSocket, event stream, long poll): how frames get to a peer. */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include "core/frame.h"

struct conn;

struct link {
    const char *name; /* metric label: "websocket" */
    /* Writes what conn's queue holds, as few system calls as possible (one writev); called once a
     * turn for a dirty connection, and again when the socket is writable. */
    void (*flush)(struct conn *c);
    /* Starts the closing handshake with code and reason after what is queued; the conn dies later. */
    void (*close)(struct conn *c, int code, const char *reason);
    /* Something may be due: ping, lost peer, end of the closing handshake. Returns when to be asked
     * again (clock_mono_ms). May kill the conn. */
    uint64_t (*tick)(struct conn *c, uint64_t now);
    /* Frees the mechanism's own state and the fd; called by conn when it dies. */
    void (*destroy)(struct conn *c);
    bool brief; /* one message long: its opening and closing are no news for the log, nor is it counted */
};

#endif
