/* frame.c - makes and forgets frames. Called by every proto, the links and conn.c; owns nothing else. */
#include "config.h"

#include "core/frame.h"

#include "base/mem.h"

#include <string.h>

struct frame *frame_new(const char *text, size_t len, bool binary) {
    struct frame *f = x_alloc(sizeof *f + len + 1);
    f->refs = 1;
    f->binary = binary;
    f->len = len;
    if (len)
        memcpy(f->text, text, len);
    return f;
}

struct frame *frame_raw(const void *wire, size_t len) {
    struct frame *f = frame_new("", 0, true);
    struct bytes *b = x_alloc(sizeof *b + len);
    b->len = len;
    memcpy(b->b, wire, len);
    for (int i = 0; i < FORM_COUNT; i++)
        f->form[i] = b;
    f->len = len;
    return f;
}

struct frame *frame_ref(struct frame *f) {
    f->refs++;
    return f;
}

static void forms_free(struct frame *f) {
    for (int i = 0; i < FORM_COUNT; i++) {
        struct bytes *b = f->form[i];
        for (int j = i; j < FORM_COUNT; j++)
            if (f->form[j] == b)
                f->form[j] = NULL;
        x_free(b);
    }
}

void frame_unref(struct frame *f) {
    if (!f || --f->refs)
        return;
    forms_free(f);
    x_free(f);
}
