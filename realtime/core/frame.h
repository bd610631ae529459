/* frame.h - encoded bytes, immutable and refcounted: a broadcast is one frame and many pointers.
 *
 * `text` is the message as the proto made it; the wire forms (WebSocket header + payload, the same
 * deflated) are made on first use by the link and kept in the frame, so each is made once a broadcast.
 */
#ifndef CORE_FRAME_H
#define CORE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes { /* one wire form */
    size_t len;
    uint8_t b[];
};

/* Window sizes: link/deflate.h; EVENT: a block of an event stream. */
enum frame_form { FORM_PLAIN, FORM_DEFLATE_15, FORM_DEFLATE_9, FORM_EVENT, FORM_COUNT };

struct frame {
    unsigned refs;
    bool binary;
    struct bytes *form[FORM_COUNT]; /* link's; NULL until first used; two may be the same bytes */
    size_t len;
    char text[];
};

struct frame *frame_new(const char *text, size_t len, bool binary); /* refs 1 */
/* Bytes that go out as they are, whatever the form (control frames); `len` counts against the queue. */
struct frame *frame_raw(const void *wire, size_t len);
struct frame *frame_ref(struct frame *f);
void frame_unref(struct frame *f);

#endif
