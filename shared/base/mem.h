/* mem.h - the three kinds of memory: arena, owned, shared.
 *
 * arena   lives as long as one request or one turn of the loop; nothing in it is freed singly.
 * owned   x_new/x_free; one owner; in the sidecar freed only through the loop's dead list.
 * shared  refcounted and immutable (see realtime/core/frame.h); not made here.
 *
 * Out of memory aborts. No function here returns NULL. An arena belongs to one thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

struct arena;

/* A new arena whose blocks are `block` bytes (larger requests get a block of their own). */
struct arena *arena_new(size_t block);
/* Memory aligned for any type, zeroed. Valid until arena_reset or arena_free. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull, malloc));
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Forgets all; keeps the first block, so that a steady state allocates nothing. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

void *x_alloc(size_t size) __attribute__((returns_nonnull, malloc));
void *x_realloc(void *p, size_t size) __attribute__((returns_nonnull));
char *x_strdup(const char *s) __attribute__((returns_nonnull));
void x_free(void *p);
#define x_new(type) ((type *)x_alloc(sizeof(type)))

/* Our own bug: prints the place and aborts, in production too. */
void require_failed(const char *cond, const char *file, int line) __attribute__((noreturn));
#define require(cond) ((cond) ? (void)0 : require_failed(#cond, __FILE__, __LINE__))

#endif
