/* ws.h - the WebSocket link (RFC 6455, RFC 7692) of a connection whose handshake is done.
 *
 * http_upgrade.c hands sockets over; everything else happens through the link vtable. An idle one is a
 * struct conn and a struct ws: codec, zlib streams and buffers are shared by all (struct ws_shared).
 */
#ifndef LINK_WS_H
#define LINK_WS_H

#include "core/conn.h"
#include "server.h"

extern const struct link ws_link;

struct ws_shared *ws_shared_new(void);
void ws_shared_free(struct ws_shared *sh);

struct ws_opening {
    int fd;                     /* ours from now on; non-blocking */
    const void *early;          /* bytes that came right behind the handshake */
    size_t early_len;
    int window_bits;            /* permessage-deflate: 8..15; 0: not negotiated */
    const struct proto *proto;
    const struct principal *who;
    const char *address;
    const struct request *request; /* valid during the call */
};
/* Makes the conn, opens the proto and reads the early bytes. Never fails; returns the conn's id. */
uint64_t ws_open(struct server *s, const struct ws_opening *o);

#endif
