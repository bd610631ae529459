/* dispatch.h - the walk of every request: from the variables to the answer (DESIGN "Three walks").
 *
 * route -> principal -> capability -> conditional GET or kept answer -> bind -> call -> answer.
 * Each step either goes on or names an error; every error becomes a problem document in one place.
 * Called by server.c, once a request; handlers of programs use the steps that they need.
 */
#ifndef REST_DISPATCH_H
#define REST_DISPATCH_H

#include "service.h"

/* Answers the request whose variables and body `env` and `reader` give; fills x->rs. */
void dispatch(struct exchange *x, char *const *env, request_reader *reader, void *ctx);

/* After the answer was written out: lets go of what it borrowed. */
void dispatch_done(struct exchange *x);

/* One blocking call of another op than the route's, in the name of `who` (NULL: nobody). */
bool dispatch_call(struct exchange *x, const char *op, const struct principal *who,
                   const struct op_values *values, struct answer *out, struct err *e) must_check;

/* What `op` of the route has answered becomes the answer: status, position, Location, pages. */
void dispatch_answer(struct exchange *x, const struct op_values *values, const struct answer *a);

/* After a write: its position on the page, before it is answered. */
void dispatch_publish(struct exchange *x, const struct answer *a);

#endif
