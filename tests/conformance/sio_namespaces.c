/* sio_namespaces.c - profile A: what the Socket.IO protocol's own test suite expects of a server.
 *
 * Linked into sio-conformance. Namespace /own is ours: what tests/socketio wants from a server and
 * the public suites don't.
 */
#include "config.h"

#include "sio_namespaces.h"

#include "base/mem.h"
#include "server.h"

#include <string.h>

#define GREETING_MS 10

void sio_rows_run(const struct sio_row *rows, struct sio_socket *s, const char *name,
                  const struct sio_event *ev) {
    for (; rows->name; rows++)
        if (str_eq(rows->name, name)) {
            rows->run(s, ev);
            return;
        }
}

void sio_members(struct str *out, const char *name, const struct json *args, size_t from) {
    if (name)
        json_put_string(out, name);
    for (size_t i = from; i < json_length(args); i++) {
        if (name || i > from)
            str_putc(out, ',');
        json_write(json_at(args, i), out);
    }
}

/* ------------------------------------------------------------------ / and /custom */

/* What is said on connection. */
struct greeting {
    struct timer timer;
    struct sio_socket *socket;
    struct str members;
};

static void greet(struct timer *t) {
    struct greeting *g = container_of(t, struct greeting, timer);
    sio_emit(g->socket, g->members.p);
}

/* A moment behind CONNECT's answer: the suite listens for one message after the other, and is deaf
 * for what comes in the same segment. */
static void welcome(struct sio_socket *s, const struct json *auth) {
    struct loop *l = s->conn->server->loop;
    struct greeting *g = x_new(struct greeting);
    s->data = g;
    g->socket = s;
    g->timer.fire = greet;
    str_puts(&g->members, "\"auth\",");
    if (auth)
        json_write(auth, &g->members);
    else
        str_puts(&g->members, "{}");
    sio_accept(s, NULL, NULL);
    loop_timer(l, &g->timer, loop_now(l) + GREETING_MS);
}

static void gone(struct sio_socket *s) {
    struct greeting *g = s->data;
    loop_timer_off(s->conn->server->loop, &g->timer);
    str_free(&g->members);
    loop_dead(s->conn->server->loop, g, x_free);
}

static void message_back(struct sio_socket *s, const struct sio_event *ev) {
    struct str out = STR_INIT;
    sio_members(&out, "message-back", ev->args, 1);
    sio_emit_more(s, out.p, ev->binary, ev->nbinary, false);
    str_free(&out);
}

static void acknowledge(struct sio_socket *s, const struct sio_event *ev) {
    struct str out = STR_INIT;
    sio_members(&out, NULL, ev->args, 1);
    sio_ack(s, ev->ack, str_c(&out), ev->binary, ev->nbinary);
    str_free(&out);
}

static const struct sio_row main_rows[] = {
    {"message", message_back},
    {"message-with-ack", acknowledge},
    {NULL, NULL},
};

static void main_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    sio_rows_run(main_rows, s, name, ev);
}

static void ignore(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    (void)s, (void)name, (void)ev;
}

/* ------------------------------------------------------------------ /own */

static void own_connect(struct sio_socket *s, const struct json *auth) {
    if (json_get(auth, "unwanted"))
        sio_refuse(s, "Not you", "{\"code\":\"unwanted\",\"again\":false}");
    else
        sio_accept(s, NULL, NULL);
}

static void leave(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    sio_disconnect(s);
}

/* Asks back with the same arguments; the answer is emitted as `answered`. */
static void ask(struct sio_socket *s, const struct sio_event *ev) {
    struct str out = STR_INIT;
    sio_members(&out, "question", ev->args, 1);
    sio_emit_more(s, out.p, ev->binary, ev->nbinary, true);
    str_free(&out);
}

static void own_answered(struct sio_socket *s, const struct sio_event *ev) {
    struct str out = STR_INIT;
    sio_members(&out, "answered", ev->args, 0);
    sio_emit_more(s, out.p, ev->binary, ev->nbinary, false);
    str_free(&out);
}

/* `count` events, each with its number: for order under load. */
static void count(struct sio_socket *s, const struct sio_event *ev) {
    int64_t n = 0;
    if (!json_int(json_at(ev->args, 1), &n))
        return;
    for (int64_t i = 0; i < n && i < 10000; i++) {
        struct str out = STR_INIT;
        str_puts(&out, "\"number\",");
        str_put_int(&out, i);
        sio_emit(s, out.p);
        str_free(&out);
    }
}

static const struct sio_row own_rows[] = {
    {"message", message_back}, {"message-with-ack", acknowledge},
    {"leave", leave},          {"ask", ask},
    {"count", count},          {NULL, NULL},
};

static void own_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    sio_rows_run(own_rows, s, name, ev);
}

static const struct sio_namespace namespaces[] = {
    {"/", welcome, main_event, NULL, gone},
    {"/custom", welcome, ignore, NULL, gone},
    {"/own", own_connect, own_event, own_answered, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct sio_proto sio_profile_a = {
    .proto = {.name = "socket.io-a",
              .language = 2,
              .open = sio_open,
              .message = sio_message,
              .closed = sio_closed},
    .namespaces = namespaces,
};
