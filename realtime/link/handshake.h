/* handshake.h - the opening handshake's header fields (RFC 6455 section 4, RFC 7692 section 7).
 *
 * Plain functions over text: no socket, no MHD. Called by http_upgrade.c and unit tests.
 */
#ifndef LINK_HANDSHAKE_H
#define LINK_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>

#define HANDSHAKE_ACCEPT_MAX 32
#define HANDSHAKE_ANSWER_MAX 128

/* Sec-WebSocket-Accept for this key; false when it is not the base64 of 16 bytes. */
bool handshake_accept(const char *key, char out[HANDSHAKE_ACCEPT_MAX]);
/* Whether a comma-separated header value has this token (case does not count). NULL value: no. */
bool handshake_has(const char *value, const char *token);
/* Takes the first acceptable offer of permessage-deflate; fills our answer and returns the window
 * bits (8..15) that bind us, or 0 when nothing acceptable was offered. NULL offers: 0. */
int handshake_deflate(const char *offers, char answer[HANDSHAKE_ANSWER_MAX]);
/* The token after `bearer` in Sec-WebSocket-Protocol; false when there is none. */
bool handshake_bearer(const char *protocols, char *out, size_t cap);
/* Whether the origin is the host's own: compares host and port, whatever the scheme. */
bool handshake_same_origin(const char *origin, const char *host);

#endif
