/* outq.c - the ring of queued frames. Called by conn.c (push) and the links (pop); owns one
 * reference of each frame in it. */
#include "config.h"

#include "core/outq.h"

#include "base/mem.h"

#define FIRST_CAP 4

static struct outq_item *slot(const struct outq *q, unsigned i) {
    return &q->items[(q->head + i) & (q->cap - 1)]; /* a power of two */
}

static void grow(struct outq *q) {
    unsigned cap = q->cap ? 2 * q->cap : FIRST_CAP;
    struct outq_item *items = x_alloc(cap * sizeof *items);
    for (unsigned i = 0; i < q->count; i++)
        items[i] = *slot(q, i);
    x_free(q->items);
    q->items = items;
    q->head = 0;
    q->cap = cap;
}

static size_t cost(const struct frame *f) {
    return f->len + OUTQ_FRAME_COST;
}

static void forget(struct outq *q, const struct outq_item *it) {
    q->bytes -= cost(it->frame);
    q->keyed -= it->key != 0;
    frame_unref(it->frame);
}

static void take_out(struct outq *q, unsigned i) {
    forget(q, slot(q, i));
    for (; i + 1 < q->count; i++)
        *slot(q, i) = *slot(q, i + 1);
    q->count--;
}

/* The head stays when part of it has left already. */
static bool replace(struct outq *q, uint64_t key) {
    if (!key || !q->keyed)
        return false;
    for (unsigned i = q->sent ? 1 : 0; i < q->count; i++)
        if (slot(q, i)->key == key) {
            take_out(q, i);
            return true;
        }
    return false;
}

enum outq_result outq_push(struct outq *q, struct frame *f, uint64_t key, size_t limit) {
    bool replaced = replace(q, key);
    if (q->count && q->bytes - cost(slot(q, 0)->frame) + cost(f) > limit)
        return OUTQ_FULL;
    if (q->count == q->cap)
        grow(q);
    *slot(q, q->count++) = (struct outq_item){frame_ref(f), key};
    q->bytes += cost(f);
    q->keyed += key != 0;
    return replaced ? OUTQ_REPLACED : OUTQ_QUEUED;
}

struct frame *outq_at(const struct outq *q, unsigned i) {
    require(i < q->count);
    return slot(q, i)->frame;
}

void outq_pop(struct outq *q) {
    require(q->count);
    forget(q, slot(q, 0));
    q->head = (q->head + 1) & (q->cap - 1);
    q->count--;
    q->sent = 0;
}

unsigned outq_cut(struct outq *q) {
    unsigned keep = q->sent ? 1 : 0, cut = 0;
    for (; q->count > keep; cut++)
        forget(q, slot(q, --q->count));
    return cut;
}

void outq_join(struct outq *q, struct outq *rest) {
    for (unsigned i = 0; i < rest->count; i++) {
        const struct outq_item *it = slot(rest, i);
        outq_push(q, it->frame, it->key, SIZE_MAX);
    }
    outq_free(rest);
}

void outq_trim(struct outq *q) {
    if (q->count)
        return;
    x_free(q->items);
    q->items = NULL;
    q->head = q->cap = 0;
}

void outq_free(struct outq *q) {
    while (q->count)
        outq_pop(q);
    outq_trim(q);
}
