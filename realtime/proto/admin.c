/* admin.c - /admin/ws/dashboard: one restaurant a connection, from the token (SPEC 5.2, seed 000).
 *
 * Opening: a lease first (five connections a restaurant over all sidecars), then the snapshot, then
 * live updates; events are held from the start, so nothing falls between. A bulk change or a new epoch
 * is a snapshot again. An action answers only when it is refused: its effect comes by the feed, to
 * everybody alike. Called by the WebSocket link; owns a struct admin a connection.
 */
#include "config.h"

#include "proto/admin_inner.h"

#include "base/mem.h"
#include "core/action.h"
#include "core/hub.h"
#include "core/leases.h"
#include "core/message.h"
#include "data/position.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

#define RETRY_MS 1000
#define LEASE    "admin"

struct admin {
    struct server *server;
    uint64_t conn;
    bool granted;    /* the lease is had: actions may come */
    bool out, again; /* a snapshot is asked for; it will be too old */
    struct timer retry, idle;
};

static const struct topic tables = {TOPIC_RESTAURANT_TABLES, 0};

/* ------------------------------------------------------------------ idle */

static void idle_later(struct admin *a) {
    loop_timer(a->server->loop, &a->idle,
               loop_now(a->server->loop) + (uint64_t)a->server->settings->admin_idle_s * 1000);
}

static void on_idle(struct timer *t) {
    struct admin *a = container_of(t, struct admin, idle);
    struct conn *c = conn_find(a->server, a->conn);
    if (c)
        conn_close(c, err_close(ERR_IDLE), "idle");
}

/* ------------------------------------------------------------------ snapshots */

static void snapshot_ask(struct admin *a, struct conn *c);

static bool snapshot_push(struct conn *c, const struct answer *answer, int64_t *seq) {
    struct err e;
    struct position at;
    struct json *docs = json_parse(answer->body ? answer->body : "", answer->body_len, &e);
    bool ok = docs && answer->position && position_parse(answer->position, &at);
    if (ok) {
        struct str out = STR_INIT;
        admin_snapshot(docs, &out);
        conn_push_text(c, out.p, out.len);
        str_free(&out);
        *seq = at.seq;
    }
    if (docs)
        json_free(docs);
    return ok;
}

static void on_snapshot(void *ctx, const struct answer *answer, const struct err *e) {
    struct admin *a = ctx;
    struct conn *c = conn_find(a->server, a->conn);
    int64_t seq = 0;
    a->out = false;
    if (!c)
        return;
    if (a->again)
        snapshot_ask(a, c);
    else if (e && (e->code == ERR_UNAVAILABLE || e->code == ERR_TIMEOUT))
        loop_timer(a->server->loop, &a->retry, loop_now(a->server->loop) + RETRY_MS);
    else if (e || !snapshot_push(c, answer, &seq))
        conn_close(c, err_close(ERR_INTERNAL), "no snapshot");
    else
        hub_release(c, seq);
}

/* The conn holds until the snapshot has been queued. */
static void snapshot_ask(struct admin *a, struct conn *c) {
    struct op_values values = {.n = 2, .v = {"restaurant_tables", NULL}};
    a->out = true;
    a->again = false;
    dba_call(a->server->actions, op_find("channel_snapshot"), &c->who, &values, NULL, on_snapshot,
             a);
}

static void on_retry(struct timer *t) {
    struct admin *a = container_of(t, struct admin, retry);
    struct conn *c = conn_find(a->server, a->conn);
    if (c)
        snapshot_ask(a, c);
}

static bool snapshot_under_way(const struct admin *a) {
    return !a->granted || a->out || a->retry.slot;
}

static void on_resync(struct conn *c) {
    struct admin *a = c->proto_data;
    if (!snapshot_under_way(a)) {
        hub_hold(c);
        snapshot_ask(a, c);
    } else {
        a->again = a->out;
    }
}

/* ------------------------------------------------------------------ opening and going */

static void on_lease(struct conn *c, bool granted) {
    struct admin *a = c->proto_data;
    struct err e;
    if (granted) {
        a->granted = true;
        snapshot_ask(a, c);
        return;
    }
    err_set(&e, ERR_TOO_MANY_CONNECTIONS, "A restaurant may have %ld of these connections.",
            c->server->settings->admin_connections);
    conn_push_error(c, &e);
    conn_close(c, err_close(ERR_TOO_MANY_CONNECTIONS), "too many connections");
}

static void on_open(struct conn *c, const struct request *r) {
    struct admin *a = x_new(struct admin);
    (void)r;
    a->server = c->server;
    a->conn = c->id;
    a->retry.fire = on_retry;
    a->idle.fire = on_idle;
    c->proto_data = a;
    hub_subscribe(c->server->hub, c, tables);
    hub_hold(c);
    idle_later(a);
    leases_take(c->server->leases, c, LEASE, c->server->settings->admin_connections, on_lease);
}

static void on_closed(struct conn *c) {
    struct admin *a = c->proto_data;
    if (!a)
        return;
    leases_give(c->server->leases, c);
    if (a->server->actions)
        dba_forget(a->server->actions, a);
    loop_timer_off(a->server->loop, &a->retry);
    loop_timer_off(a->server->loop, &a->idle);
    c->proto_data = NULL;
    x_free(a);
}

/* ------------------------------------------------------------------ actions */

static const struct step {
    const char *name, *op;
    const char *id; /* how this socket calls the op's `id`; NULL: it has none */
} steps[] = {
    {"close_table", "table_close", "table_id"},   {"disable_table", "table_disable", "table_id"},
    {"enable_table", "table_enable", "table_id"}, {"restore_table", "table_restore", "table_id"},
    {"move_table", "table_move", NULL},
};
#define STEPS (sizeof steps / sizeof *steps)

static void error_push(struct conn *c, const struct err *e, const char *request_id) {
    struct str out = STR_INIT;
    str_puts(&out, "{\"type\":\"error\"");
    conn_put_error(&out, e);
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

/* In this socket's words: its name of the field, and the first bad field in the error itself. */
static void fields_reword(struct err *e, const struct step *s) {
    for (int i = 0; i < e->nfields && i < ERR_FIELDS_MAX; i++)
        if (s->id && str_eq(e->fields[i].field, "id"))
            snprintf(e->fields[i].field, sizeof e->fields[i].field, "%s", s->id);
    const struct err_field *first = &e->fields[0];
    if (str_eq(first->code, "required"))
        snprintf(e->slug, sizeof e->slug, "%s", err_slug(ERR_MISSING_FIELD));
    snprintf(e->detail, sizeof e->detail, "%s %s", first->field, first->detail);
}

static void on_done(struct conn *c, const struct action_reply *r) {
    if (!r->error)
        return;
    struct err e = *r->error;
    if (e.nfields)
        fields_reword(&e, &steps[r->tag]);
    error_push(c, &e, r->request_id);
}

static bool dispatch(struct conn *c, const struct json *message, const char **id, struct err *e) {
    const struct admin *a = c->proto_data;
    const char *name;
    char cursor[POSITION_MAX];
    if (!action_request_id(message, id, e) || !message_text(message, "action", &name, e))
        return false;
    if (str_eq(name, "ping")) {
        message_pong(c, message_cursor(c, cursor), *id);
        return true;
    }
    for (size_t i = 0; i < STEPS; i++) {
        if (!str_eq(steps[i].name, name))
            continue;
        if (!a->granted)
            return err_set(e, ERR_UNAVAILABLE, "The connection is not ready yet; try again.");
        idle_later(c->proto_data);
        action_run(c, op_find(steps[i].op), message, (int64_t)i, on_done);
        return true;
    }
    return err_set(e, ERR_UNKNOWN_ACTION, "Actions are close_table, disable_table, enable_table, "
                                          "restore_table, move_table and ping.");
}

static void on_message(struct conn *c, const char *text, size_t len, bool binary) {
    struct err e;
    const char *id = NULL;
    err_clear(&e);
    if (message_ping(c, text, len, binary))
        return;
    struct json *message = message_object(text, len, binary, &e);
    if (!message || !dispatch(c, message, &id, &e))
        error_push(c, &e, id);
    if (message)
        json_free(message);
}

const struct proto admin_proto = {
    .name = "admin",
    .language = 1,
    .open = on_open,
    .message = on_message,
    .encode = admin_encode,
    .resync = on_resync,
    .closed = on_closed,
};
