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

/* For languages that lie between the WebSocket and the proto (Engine.IO): what comes in is theirs, and they
 * look after silent peers themselves, so no pings are sent. */
struct ws_rules {
    void (*message)(struct conn *c, char *text, size_t len, bool binary); /* may write to it */
    size_t (*message_max)(const struct settings *set);
    void (*gone)(struct conn *c); /* the conn is being freed; may be NULL */
};

struct ws_shared *ws_shared_new(void);
void ws_shared_free(struct ws_shared *sh);

struct ws_opening {
    int fd;                     /* ours from now on; non-blocking */
    const struct str *head;     /* what leaves first: the handshake's answer */
    int window_bits;            /* permessage-deflate: 8..15; 0: not negotiated */
    const struct proto *proto;
    const struct principal *who;
    const char *address;
    const struct request *request; /* valid during the call */
};
/* Makes the conn and opens the proto. Never fails; returns the conn's id. */
uint64_t ws_open(struct server *s, const struct ws_opening *o);

/* For a conn with ws_link that is there already, before its language's open. */
void ws_start(struct conn *c, const struct ws_opening *o, const struct ws_rules *rules);
/* `to` goes on by the WebSocket of `from`, and what that one has not sent yet goes first; `from` is left
 * without a socket, to be killed. May be called from within a message of `from`. */
void ws_move(struct conn *from, struct conn *to, const struct ws_rules *rules);
/* When the peer last sent something, or a full socket of its took something (clock_mono_ms). */
uint64_t ws_alive_ms(const struct conn *c);

#endif
