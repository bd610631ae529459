/* ws_codec.h - frames in, messages out (RFC 6455 section 5), on wslay as a codec in memory.
 *
 * An idle connection holds no codec: one is taken from the pool when bytes arrive and given back as
 * soon as no frame and no fragmented message is open. wslay makes the close frames, to be sent as they
 * are; pongs are the sink's, so that they keep their place among its answers. Bytes are fed as they come, so
 * that bad UTF-8 is refused within a frame. The only user of wslay.
 */
#ifndef LINK_WS_CODEC_H
#define LINK_WS_CODEC_H

#include "base/str.h"

#include <stdint.h>

struct codec_pool;
struct codec;

struct codec_message {
    char *text; /* NUL behind len; valid during the callback */
    size_t len;
    bool binary;
    bool deflated; /* RSV1: the payload is still deflated and its UTF-8 not checked */
};

/* What the codec tells its user; `owner` is the one of codec_take. */
struct codec_sink {
    void (*message)(void *owner, const struct codec_message *m);
    void (*ping)(void *owner, const uint8_t *payload, size_t len); /* at most 125 bytes */
};

struct codec_pool *codec_pool_new(const struct codec_sink *sink);
void codec_pool_free(struct codec_pool *p);

struct codec *codec_take(struct codec_pool *p, void *owner, size_t message_max, bool deflate);
/* Back to the pool; one that failed or is in the middle of something is freed. */
void codec_give(struct codec *c);

enum codec_state {
    CODEC_IDLE,   /* between messages: may be given back */
    CODEC_INSIDE, /* a frame or a fragmented message is open */
    CODEC_CLOSED, /* the peer's close frame came; our answer is in `reply` */
    CODEC_FAILED  /* the peer broke the protocol; our close frame is in `reply` */
};
/* Calls the sink for each message that these bytes complete. When CLOSED or FAILED, `*reply` is the close
 * frame to be sent (borrowed until the next call) and `*code` what was received or is sent (1005: none). */
enum codec_state codec_feed(struct codec *c, const void *bytes, size_t len,
                            const struct str **reply, int *code);
/* From within the sink: the message is bad; the rest is not read. `code` goes into our close frame. */
void codec_refuse(struct codec *c, int code);

/* Frame headers of an unmasked server frame: returns its length, at most 10. */
size_t codec_header(uint8_t out[10], bool binary, bool deflated, size_t len);
/* A close frame; returns its length. The reason is cut to 123 bytes; code 1005: an empty frame. */
size_t codec_close_frame(uint8_t out[128], int code, const char *reason);
size_t codec_pong_frame(uint8_t out[128], const uint8_t *payload, size_t len);
extern const uint8_t codec_ping_frame[2];

#endif
