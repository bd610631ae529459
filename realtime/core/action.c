/* action.c - one operation of one client in flight. See action.h. */
#include "config.h"

#include "core/action.h"

#include "base/mem.h"
#include "core/hub.h"
#include "core/metrics.h"
#include "server.h"

#include <string.h>

#define REQUEST_ID_MAX 128
#define IN_FLIGHT_MAX  64 /* of one client: more is a flood, not a user */

struct action {
    struct server *server;
    uint64_t conn;
    const struct op *op;
    int64_t tag;
    action_done *done;
    bool has_id;
    char request_id[REQUEST_ID_MAX + 1];
};

bool action_request_id(const struct json *message, const char **id, struct err *e) {
    const struct json *v = json_get(message, "requestId");
    *id = NULL;
    if (!v)
        return true;
    size_t len = 0;
    const char *s = json_string(v, &len);
    if (!s || len == 0 || len > REQUEST_ID_MAX)
        return err_field(e, "requestId", "length", "a text of 1 to %d characters", REQUEST_ID_MAX);
    for (size_t i = 0; i < len; i++)
        if (s[i] < '!' || s[i] > '~')
            return err_field(e, "requestId", "format", "visible ASCII only");
    *id = s;
    return true;
}

static void refuse(struct conn *c, const struct op *op, int64_t tag, const char *request_id,
                   const struct err *e, action_done *done) {
    metric_add(c->server->metrics, METRIC_ACTION_ERRORS, 1);
    struct action_reply r = {op, NULL, e, request_id, tag};
    done(c, &r);
}

static bool admit(const struct conn *c, const struct op *op, struct err *e) {
    if (permission_grants(c->who.role, op->cap) == GRANT_NO)
        return err_set(e, ERR_FORBIDDEN, "The role %s may not do this.", role_name(c->who.role));
    if (c->actions >= IN_FLIGHT_MAX)
        return err_set(e, ERR_RATE_LIMITED, "Too many requests. Please slow down.");
    return true;
}

static void on_answer(void *ctx, const struct answer *answer, const struct err *e) {
    struct action *a = ctx;
    struct conn *c = conn_find(a->server, a->conn);
    if (c) {
        struct action_reply r = {a->op, e ? NULL : answer, e, a->has_id ? a->request_id : NULL,
                                 a->tag};
        metric_add(a->server->metrics, METRIC_ACTION_ERRORS, e ? 1 : 0);
        c->actions--;
        a->done(c, &r);
        hub_release(c, 0);
    }
    x_free(a);
}

static struct action *action_new(struct conn *c, const struct op *op, int64_t tag,
                                 const char *request_id, action_done *done) {
    struct action *a = x_new(struct action);
    a->server = c->server;
    a->conn = c->id;
    a->op = op;
    a->tag = tag;
    a->done = done;
    a->has_id = request_id != NULL;
    if (request_id)
        memcpy(a->request_id, request_id, strlen(request_id) + 1);
    return a;
}

/* The body behind an idempotency key: the operation, the place where it is asked for, and every
 * member as the client wrote them. */
static void message_hash(const struct op *op, const struct action_place *at,
                         const struct json *message, char hex[65]) {
    struct str text = STR_INIT;
    str_printf(&text, "%s\n", op->name);
    if (at)
        str_printf(&text, "%s\n", at->name);
    json_write(message, &text);
    api_key_hash(str_c(&text), hex);
    str_free(&text);
}

void action_run(struct conn *c, const struct op *op, const struct json *message,
                const struct action_place *at, int64_t tag, action_done *done) {
    struct err e;
    const char *id = NULL;
    struct op_source src = {
        .body = message, .given = at ? at->given : NULL, .ctx = at ? at->ctx : NULL};
    struct op_values values;
    err_clear(&e);
    metric_add(c->server->metrics, METRIC_ACTIONS, 1);
    struct arena *mem = arena_new(2048);
    if (!action_request_id(message, &id, &e) || !admit(c, op, &e) ||
        !op_bind(op, &src, true, mem, &values, &e)) {
        refuse(c, op, tag, id, &e, done);
    } else {
        char hash[65];
        struct db_key key = {id, hash};
        bool keyed = id && op->write;
        if (keyed)
            message_hash(op, at, message, hash);
        hub_hold(c);
        c->actions++;
        dba_call(c->server->actions, op, &c->who, &values, keyed ? &key : NULL, on_answer,
                 action_new(c, op, tag, id, done));
    }
    arena_free(mem);
}
