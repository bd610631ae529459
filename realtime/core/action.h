/* action.h - a client's wish to the database and back: message -> op row -> dba_call -> reply.
 *
 * Carries the conn's id, never a pointer: the client may be gone when the answer comes. While an
 * action of a conn is in flight its live events are held, so that an actor's reply precedes its event
 * on that connection (SPEC 5.5). Used by every proto.
 */
#ifndef CORE_ACTION_H
#define CORE_ACTION_H

#include "core/conn.h"
#include "data/dba.h"

struct action_reply {
    const struct op *op;
    const struct answer *answer; /* NULL: refused, see `error` */
    const struct err *error;
    const char *request_id; /* as the client gave it, or NULL */
    int64_t tag;            /* the caller's own */
};
/* Pushes the reply; live events flow again when it returns. */
typedef void action_done(struct conn *c, const struct action_reply *r);

/* Where the message came to, when that says something of the operation: `given` the arguments, `name`
 * (with them) apart what is asked with one requestId in two places. */
struct action_place {
    const char *name;
    const char *(*given)(void *ctx, const char *arg);
    void *ctx;
};

/* Binds the members of `message` to the op's arguments (`at` may be NULL), checks the capability and calls. `done` is
 * called exactly once unless the conn dies first: at once when the message is refused, else when the
 * database has answered. A `requestId` member (string, 1-128 visible ASCII) makes a write repeatable. */
void action_run(struct conn *c, const struct op *op, const struct json *message,
                const struct action_place *at, int64_t tag, action_done *done);
/* The message's own mark, echoed in every answer to it: 1-128 visible ASCII; NULL: none. False with
 * INVALID_FIELD when it is something else. */
bool action_request_id(const struct json *message, const char **id, struct err *e) must_check;

#endif
