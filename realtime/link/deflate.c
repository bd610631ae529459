/* deflate.c - two deflating streams (15 and 9 window bits) and one that inflates. Called by ws.c. */
#include "config.h"

#include "link/deflate.h"

#include "base/mem.h"

#include <zlib.h>

/* zlib with 9 window bits reaches back 250 bytes at most, so a peer with an 8-bit window, for which
 * zlib itself has no stream, inflates it too (pinned by tests/unit/test_rt_deflate.c). */
#define SMALL_BITS  9
#define ONE_FOR_ALL 512
#define CHUNK       16384
#define WINDOW      32768
#define TAIL_LEN    4
#define AT_BLOCK_END 128 /* of z_stream.data_type, see inflate() in zlib.h */

struct deflate {
    z_stream out15, out9, in;
};

static const Bytef tail[TAIL_LEN] = {0x00, 0x00, 0xFF, 0xFF};

struct deflate *deflate_new(void) {
    struct deflate *d = x_new(struct deflate);
    /* Memory level 6: the hash table that each reset clears is 16 KiB instead of 64. */
    require(deflateInit2(&d->out15, 6, Z_DEFLATED, -15, 6, Z_DEFAULT_STRATEGY) == Z_OK);
    require(deflateInit2(&d->out9, 6, Z_DEFLATED, -SMALL_BITS, 5, Z_DEFAULT_STRATEGY) == Z_OK);
    require(inflateInit2(&d->in, -15) == Z_OK);
    return d;
}

void deflate_free(struct deflate *d) {
    if (!d)
        return;
    deflateEnd(&d->out15);
    deflateEnd(&d->out9);
    inflateEnd(&d->in);
    x_free(d);
}

enum frame_form deflate_form(int bits, size_t len) {
    if (bits >= 15 || (bits >= SMALL_BITS && len <= ONE_FOR_ALL))
        return FORM_DEFLATE_15;
    return FORM_DEFLATE_9;
}

void deflate_payload(struct deflate *d, enum frame_form form, const void *in, size_t len,
                     struct str *out) {
    if (!len) { /* RFC 7692 section 7.2.3.6 */
        str_putc(out, '\0');
        return;
    }
    z_stream *z = form == FORM_DEFLATE_15 ? &d->out15 : &d->out9;
    require(deflateReset(z) == Z_OK);
    unsigned char chunk[CHUNK];
    size_t start = out->len;
    z->next_in = (Bytef *)(uintptr_t)in;
    z->avail_in = (uInt)len;
    do {
        z->next_out = chunk;
        z->avail_out = sizeof chunk;
        int r = deflate(z, Z_SYNC_FLUSH);
        require(r == Z_OK || r == Z_BUF_ERROR);
        str_put(out, chunk, sizeof chunk - z->avail_out);
    } while (!z->avail_out);
    require(out->len - start >= TAIL_LEN);
    out->len -= TAIL_LEN;
    out->p[out->len] = '\0';
}

/* A block may have been marked as the last (section 7.2.3.4); what follows goes on with the window. */
static bool restart(z_stream *z, const struct str *out, size_t start) {
    size_t have = out->len - start;
    size_t window = have < WINDOW ? have : WINDOW;
    if (inflateReset(z) != Z_OK)
        return false;
    return !window || inflateSetDictionary(z, (const Bytef *)out->p + out->len - window,
                                           (uInt)window) == Z_OK;
}

/* The window sits in `out` itself: zlib copies, so growing it meanwhile is harmless. */
static enum inflate_result inflate_some(struct deflate *d, size_t limit, struct str *out,
                                        size_t start) {
    z_stream *z = &d->in;
    unsigned char chunk[CHUNK];
    do {
        z->next_out = chunk;
        z->avail_out = sizeof chunk;
        int r = inflate(z, Z_SYNC_FLUSH);
        size_t got = sizeof chunk - z->avail_out;
        if (out->len - start + got > limit)
            return INFLATE_TOO_LARGE;
        str_put(out, chunk, got);
        if (r == Z_STREAM_END) {
            if (z->avail_in && !restart(z, out, start))
                return INFLATE_BAD;
        } else if (r == Z_BUF_ERROR) {
            return INFLATE_OK; /* nothing more to take or to give */
        } else if (r != Z_OK) {
            return INFLATE_BAD;
        }
    } while (z->avail_in || !z->avail_out);
    return INFLATE_OK;
}

enum inflate_result deflate_inflate(struct deflate *d, const void *in, size_t len, size_t limit,
                                    struct str *out) {
    require(inflateReset(&d->in) == Z_OK);
    size_t start = out->len;
    str_put(out, "", 0);
    d->in.next_in = (Bytef *)(uintptr_t)in;
    d->in.avail_in = (uInt)len;
    enum inflate_result r = inflate_some(d, limit, out, start);
    if (r != INFLATE_OK)
        return r;
    d->in.next_in = (Bytef *)(uintptr_t)tail;
    d->in.avail_in = sizeof tail;
    r = inflate_some(d, limit, out, start);
    if (r == INFLATE_OK && !(d->in.data_type & AT_BLOCK_END))
        return INFLATE_BAD; /* cut off in the middle of a block */
    return r;
}
