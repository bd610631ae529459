/* http_op.c - what the database answers: the row names the op, the request is parked meanwhile.
 *
 * Called by http.c once it is known who asks. A list of connections says how each does, so this
 * sidecar's are written down first (the pool keeps the order), and the others are asked to.
 */
#include "config.h"

#include "link/http_inner.h"

#include "core/leases.h"

static void on_left(struct parked *p) {
    struct request *r = container_of(p, struct request, asking);
    struct err e;
    dba_forget(r->http->server->actions, r);
    err_set(&e, ERR_UNAVAILABLE, "The client left");
    auth_refuse(r, &e);
    unpark(p);
}

static void answered(void *ctx, const struct answer *answer, const struct err *e) {
    struct request *r = ctx;
    if (e)
        auth_refuse(r, e);
    else
        str_put(&r->ready, answer->body, answer->body_len);
    unpark(&r->asking);
}

static enum MHD_Result op_answer(struct request *r) {
    struct server *s = r->http->server;
    static const struct op_values none;
    park(r->http, r->mhd, &r->asking, on_left);
    dba_call(s->actions, op_find(r->ep->op), &r->who, &none, NULL, answered, r);
    return MHD_YES;
}

static enum MHD_Result census_answer(struct request *r) {
    leases_ask(r->http->server->leases, r->who.venue);
    return op_answer(r);
}

const struct way way_database = {.answer = op_answer};
const struct way way_census = {.answer = census_answer};
