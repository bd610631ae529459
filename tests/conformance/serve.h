/* serve.h - what the conformance servers have in common: one server on the product's link and core.
 *
 * No database, no tokens, no rate. Prints "listening on PORT" when it may be used; SIGTERM drains
 * and ends with 0.
 */
#ifndef CONFORMANCE_SERVE_H
#define CONFORMANCE_SERVE_H

#include "link/http.h"

/* Pushes what came back unchanged. */
void echo(struct conn *c, const char *text, size_t len, bool binary);

/* All settings at their defaults but for what an echo needs: long messages, long queues, no rate.
 */
bool serve_settings(const char *program, struct settings *set);
/* Returns the exit status; frees the settings. `prepare` may be NULL. */
int serve(const char *program, struct settings *set, const struct endpoint *table,
          void (*prepare)(struct server *s));

#endif
