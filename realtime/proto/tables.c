/* tables.c - the floor plan's namespace: what clients ask for, and the answers (SPEC 5.5).
 *
 * tables:join, tables:leave, tables:sync and table:update_status are rows of a table; each runs an
 * op or a sync. Every one answers its acknowledgement when one is asked for; a refusal that nobody
 * asked to be told is the event `error`. The change itself reaches everybody by the feed, the actor
 * too, behind the answer. Called by proto/socketio.
 */
#include "config.h"

#include "proto/tables_inner.h"

#include "base/put.h"
#include "core/action.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/message.h"
#include "data/op.h"
#include "data/position.h"
#include "server.h"

#include <inttypes.h>
#include <stdio.h>

struct tables_client *tables_client_of(const struct conn *c) {
    const struct sio_socket *s =
        c->proto == &tables_proto.proto ? sio_find(c, TABLES_NAMESPACE) : NULL;
    return s ? s->data : NULL;
}

/* ------------------------------------------------------------------ answers */

void tables_put_refusal(struct str *out, const struct err *e) {
    struct err worded = *e;
    message_reword(&worded, "tableId");
    put_open(out, NULL, '{');
    put_bool(out, "ok", false);
    put_long(out, "status", e->http);
    conn_put_error(out, &worded);
    put_close(out, '}');
}

void tables_refuse(struct sio_socket *s, int64_t ack, const struct err *e) {
    struct str out = STR_INIT;
    if (ack < 0)
        put_text(&out, NULL, "error");
    tables_put_refusal(&out, e);
    if (ack < 0)
        sio_emit(s, out.p);
    else
        sio_ack(s, ack, out.p, NULL, 0);
    str_free(&out);
}

void tables_answer(struct sio_socket *s, int64_t ack, const char *members) {
    struct str out = STR_INIT;
    if (ack < 0)
        return;
    str_printf(&out, "{\"ok\":true%s}", members);
    sio_ack(s, ack, out.p, NULL, 0);
    str_free(&out);
}

/* ------------------------------------------------------------------ rooms */

/* What of the message is not the client's to say. */
static const char *given(void *ctx, const char *name) {
    const struct tables_client *t = ctx;
    return str_eq(name, "session") ? t->socket->id : NULL;
}

static void run(struct tables_client *t, const char *op, const struct json *message, int64_t ack,
                action_done *done) {
    struct action_place here = {t->socket->id, given, t}; /* a requestId counts in one session */
    action_run(t->socket->conn, op_find(op), message, &here, ack, done);
}

/* The room that the op's answer names; false after telling why there is none. */
static bool room_of(struct conn *c, const struct action_reply *r, struct topic *out) {
    struct tables_client *t = tables_client_of(c);
    struct err e;
    if (!t)
        return false; /* it has left the namespace meanwhile */
    if (r->error) {
        tables_refuse(t->socket, r->tag, r->error);
        return false;
    }
    struct json *body = json_parse(r->answer->body, r->answer->body_len, &e);
    *out = (struct topic){TOPIC_FLOOR, 0};
    if (!json_int(json_get(body, "floor"), &out->id))
        *out = (struct topic){TOPIC_RESTAURANT_TABLES, 0};
    if (body)
        json_free(body);
    return true;
}

static void room_answer(struct conn *c, const struct action_reply *r, struct topic room,
                        const char *event_id) {
    struct str members = STR_INIT;
    if (room.kind == TOPIC_FLOOR)
        str_printf(&members, ",\"floor\":%" PRId64, room.id);
    else
        str_puts(&members, ",\"floor\":null");
    if (event_id)
        str_printf(&members, ",\"eventId\":\"%s\"", event_id);
    tables_answer(tables_client_of(c)->socket, r->tag, members.p);
    str_free(&members);
}

static void on_joined(struct conn *c, const struct action_reply *r) {
    struct topic room;
    struct position now;
    char at[POSITION_MAX];
    if (!room_of(c, r, &room))
        return;
    hub_subscribe(c->server->hub, c, room);
    bool known = feed_position(c->server->feed, c->who.venue, &now);
    room_answer(c, r, room, known ? position_format(&now, at) : NULL);
}

static void on_left(struct conn *c, const struct action_reply *r) {
    struct topic room;
    if (!room_of(c, r, &room))
        return;
    tables_flush(tables_client_of(c)); /* what it heard there */
    hub_unsubscribe(c->server->hub, c, room);
    room_answer(c, r, room, NULL);
}

/* ------------------------------------------------------------------ events */

static bool do_join(struct tables_client *t, const struct json *message, int64_t ack,
                    struct err *e) {
    long most = t->socket->conn->server->settings->subscriptions_max;
    if ((long)hub_count(t->socket->conn) >= most)
        return err_set(e, ERR_TOO_MANY_SUBSCRIPTIONS, "No more rooms on one connection.");
    t->roomed = true;
    run(t, "socket_join", message, ack, on_joined);
    return true;
}

static bool do_leave(struct tables_client *t, const struct json *message, int64_t ack,
                     struct err *e) {
    (void)e;
    run(t, "socket_leave", message, ack, on_left);
    return true;
}

static void on_stepped(struct conn *c, const struct action_reply *r) {
    struct tables_client *t = tables_client_of(c);
    struct str members = STR_INIT;
    if (t && r->error) {
        tables_refuse(t->socket, r->tag, r->error);
    } else if (t) {
        str_puts(&members, ",\"table\":");
        str_put(&members, r->answer->body, r->answer->body_len);
        str_printf(&members, ",\"eventId\":\"%s\"", r->answer->position);
        tables_answer(t->socket, r->tag, members.p);
    }
    str_free(&members);
}

static bool do_step(struct tables_client *t, const struct json *message, int64_t ack,
                    struct err *e) {
    (void)e;
    action_run(t->socket->conn, op_find("table_set_status"), message, NULL, ack, on_stepped);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct tables_client *t, const struct json *message, int64_t ack, struct err *e);
} events[] = {
    {"tables:join", do_join},
    {"tables:leave", do_leave},
    {"tables:sync", tables_sync},
    {"table:update_status", do_step},
};
#define EVENTS (sizeof events / sizeof *events)

static bool dispatch(struct tables_client *t, const char *name, const struct sio_event *ev,
                     struct err *e) {
    const struct json *message = json_at(ev->args, 1);
    if (!name)
        return err_set(
            e, ERR_INVALID_JSON,
            "Its JSON is not taken: a key twice, half a character or too large a number.");
    for (size_t i = 0; i < EVENTS; i++) {
        if (!str_eq(events[i].name, name))
            continue;
        if (json_type_of(message) != JSON_OBJECT || json_length(ev->args) != 2 || ev->nbinary)
            return err_set(e, ERR_INVALID_REQUEST, "The argument of %s is one object.", name);
        return events[i].run(t, message, ev->ack, e);
    }
    return err_set(e, ERR_UNKNOWN_ACTION,
                   "Events are tables:join, tables:leave, tables:sync and table:update_status.");
}

static void on_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    struct err e;
    err_clear(&e);
    if (!dispatch(s->data, name, ev, &e))
        tables_refuse(s, ev->ack, &e);
}

static const struct sio_namespace namespaces[] = {
    {TABLES_NAMESPACE, tables_connect, on_event, NULL, tables_gone},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct sio_proto tables_proto = {
    .proto = {.name = "socket.io",
              .language = TABLES_LANGUAGE,
              .open = sio_open,
              .message = sio_message,
              .gather = tables_gather,
              .resync = tables_resync,
              .closed = sio_closed},
    .namespaces = namespaces,
};
