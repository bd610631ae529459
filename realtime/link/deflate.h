/* deflate.h - permessage-deflate payloads (RFC 7692), always without context takeover.
 *
 * So a handful of zlib streams, reset for every message, serves all connections: no client holds one,
 * and a broadcast is deflated once. The only user of zlib.
 */
#ifndef LINK_DEFLATE_H
#define LINK_DEFLATE_H

#include "core/frame.h"

#include "base/str.h"

#include <stdint.h>

struct deflate;

struct deflate *deflate_new(void);
void deflate_free(struct deflate *d);

/* Which form suits a peer that inflates with a window of `bits` (8..15). Up to 512 bytes no distance
 * leaves a 9-bit window whatever we deflated with, so one form serves them all. */
enum frame_form deflate_form(int bits, size_t len);
/* Appends the deflated payload, without the 00 00 FF FF that the RFC takes off. */
void deflate_payload(struct deflate *d, enum frame_form form, const void *in, size_t len,
                     struct str *out);

enum inflate_result { INFLATE_OK, INFLATE_BAD, INFLATE_TOO_LARGE };
/* Appends the inflated payload, never more than `limit` bytes. */
enum inflate_result deflate_inflate(struct deflate *d, const void *in, size_t len, size_t limit,
                                    struct str *out);

#endif
