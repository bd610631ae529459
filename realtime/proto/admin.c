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
#include "core/snapshot.h"
#include "core/words.h"
#include "data/position.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

#define LEASE "admin"

struct admin {
    struct server *server;
    uint64_t conn;
    bool granted; /* the lease is had: actions may come */
    struct snapshot tables;
    struct timer idle;
};

static const struct topic tables_topic = {TOPIC_RESTAURANT_TABLES, 0};

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

static void show(struct conn *c, const struct json *docs, const char *position) {
    struct str out = STR_INIT;
    (void)position;
    admin_snapshot(docs, &out);
    conn_push_text(c, out.p, out.len);
    str_free(&out);
}

static void on_resync(struct conn *c) {
    struct admin *a = c->proto_data;
    snapshot_resync(&a->tables, c);
}

/* ------------------------------------------------------------------ opening and going */

static void on_lease(struct conn *c, bool granted) {
    struct admin *a = c->proto_data;
    struct err e;
    if (granted) {
        a->granted = true;
        snapshot_ask(&a->tables, c);
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
    a->idle.fire = on_idle;
    snapshot_init(&a->tables, c, "restaurant_tables", 0, show);
    c->proto_data = a;
    hub_subscribe(c->server->hub, c, tables_topic);
    hub_hold(c);
    idle_later(a);
    leases_take(c->server->leases, c, LEASE, c->server->settings->admin_connections, on_lease);
}

static void on_closed(struct conn *c) {
    struct admin *a = c->proto_data;
    if (!a)
        return;
    snapshot_end(&a->tables);
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

static void on_done(struct conn *c, const struct action_reply *r) {
    if (!r->error)
        return;
    struct err e = *r->error;
    message_reword(&e, steps[r->tag].id);
    message_error(c, &e, r->request_id);
}

static bool act(struct conn *c, const char *name, const struct json *message, struct err *e) {
    const struct admin *a = c->proto_data;
    for (size_t i = 0; i < STEPS; i++) {
        if (!str_eq(steps[i].name, name))
            continue;
        if (!a->granted)
            return err_set(e, ERR_UNAVAILABLE, "The connection is not ready yet; try again.");
        idle_later(c->proto_data);
        action_run(c, op_find(steps[i].op), message, NULL, (int64_t)i, on_done);
        return true;
    }
    return err_set(e, ERR_UNKNOWN_ACTION, "Actions are close_table, disable_table, enable_table, "
                                          "restore_table, move_table and ping.");
}

static void on_message(struct conn *c, const char *text, size_t len, bool binary) {
    message_take(c, text, len, binary, act);
}

static void words(const char *path, struct words *w) {
    (void)path;
    admin_words(w);
    message_take_words(w);
    for (size_t i = 0; i < STEPS; i++)
        w->take(w, &(struct taken){.name = steps[i].name, .op = steps[i].op, .named = steps[i].id});
}

const struct proto admin_proto = {
    .name = "admin",
    .language = 1,
    .open = on_open,
    .message = on_message,
    .encode = admin_encode,
    .resync = on_resync,
    .words = words,
    .closed = on_closed,
};
