/* mem.c - arenas and owned memory; see mem.h for who may hold what.
 *
 * An arena is a chain of blocks. The first block survives arena_reset, so that a request of
 * ordinary size costs no malloc at all; blocks beyond it are freed at once.
 */
#include <config.h>

#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    size_t block_size;
    struct block *first; /* kept by arena_reset */
    struct block *current;
};

#define ALIGN_UP(n) (((n) + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1))

void require_failed(const char *cond, const char *file, int line) {
    fprintf(stderr, "level=fatal msg=\"require failed\" where=%s:%d cond=\"%s\"\n", file, line,
            cond);
    abort();
}

void *x_alloc(size_t size) {
    void *p = calloc(1, size ? size : 1);
    require(p != NULL);
    return p;
}

void *x_realloc(void *p, size_t size) {
    void *q = realloc(p, size ? size : 1);
    require(q != NULL);
    return q;
}

char *x_strdup(const char *s) {
    size_t len = strlen(s) + 1;
    return memcpy(x_alloc(len), s, len);
}

void x_free(void *p) {
    free(p);
}

static struct block *block_new(size_t size) {
    require(size <= SIZE_MAX - sizeof(struct block));
    struct block *b = malloc(sizeof *b + size);
    require(b != NULL);
    b->next = NULL;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(size_t block) {
    struct arena *a = x_new(struct arena);
    a->block_size = ALIGN_UP(block ? block : 4096);
    a->first = a->current = block_new(a->block_size);
    return a;
}

void *arena_alloc(struct arena *a, size_t size) {
    require(size <= SIZE_MAX / 2);
    size = ALIGN_UP(size ? size : 1);
    if (size > a->current->size - a->current->used) {
        struct block *b = block_new(size > a->block_size ? size : a->block_size);
        a->current->next = b;
        a->current = b;
    }
    void *p = a->current->bytes + a->current->used;
    a->current->used += size;
    return memset(p, 0, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t len) {
    char *copy = arena_alloc(a, len + 1);
    memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s) {
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    require(len >= 0);
    char *text = arena_alloc(a, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

static void blocks_free(struct block *b) {
    while (b) {
        struct block *next = b->next;
        free(b);
        b = next;
    }
}

void arena_reset(struct arena *a) {
    blocks_free(a->first->next);
    a->first->next = NULL;
    a->first->used = 0;
    a->current = a->first;
}

void arena_free(struct arena *a) {
    if (!a)
        return;
    blocks_free(a->first);
    free(a);
}
