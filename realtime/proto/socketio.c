/* socketio.c - Socket.IO v5 over an Engine.IO session: namespaces, events, acknowledgements,
 * attachments.
 *
 * Called by the link through the application's struct proto, by applications through socketio.h,
 * and by one timer of the loop a session: who has joined no namespace in time is closed. Owns
 * conn.proto_data. What is malformed or comes out of turn closes the session, as the reference does
 * it: a CONNECT_ERROR from a client, a second CONNECT, anything for a namespace that is not joined,
 * text between attachments.
 */
#include "config.h"

#include "proto/socketio.h"

#include "access/auth.h"
#include "base/mem.h"
#include "link/engineio.h"
#include "proto/socketio_packet.h"
#include "server.h"

#include <string.h>

#define ID_DIGITS 24
#define ASKED_MAX 64 /* answers that a socket waits for: bits of `asked` */

/* A packet whose attachments are still to come. */
struct inbox {
    struct sio_packet packet;
    struct sio_bytes binary[SIO_ATTACHMENTS_MAX];
    unsigned nbinary;
    char text[];
};

struct session {
    struct conn *conn;
    struct timer patience;
    struct sio_socket *sockets;
    struct inbox *inbox; /* NULL: none is open */
};

static struct session *session_of(const struct conn *c) {
    return c->proto_data;
}

/* Without a code, as the reference does it. */
static void session_close(struct conn *c) {
    conn_close(c, CLOSE_NO_CODE, "");
}

/* ------------------------------------------------------------------ sockets */

static struct sio_socket *socket_find(const struct conn *c, const char *ns, size_t len) {
    for (struct sio_socket *s = session_of(c)->sockets; s; s = s->next)
        if (strlen(s->ns->name) == len && memcmp(s->ns->name, ns, len) == 0)
            return s;
    return NULL;
}

struct sio_socket *sio_find(const struct conn *c, const char *ns) {
    return socket_find(c, ns, strlen(ns));
}

static struct sio_socket *socket_new(struct conn *c, const struct sio_namespace *ns) {
    struct session *session = session_of(c);
    struct sio_socket *s = x_new(struct sio_socket);
    s->conn = c;
    s->ns = ns;
    s->next = session->sockets;
    session->sockets = s;
    return s;
}

static void socket_end(struct sio_socket *s) {
    struct sio_socket **at = &session_of(s->conn)->sockets;
    while (*at && *at != s)
        at = &(*at)->next;
    require(*at);
    *at = s->next;
    s->connected = false;
    if (s->ns->gone)
        s->ns->gone(s);
    loop_dead(s->conn->server->loop, s, x_free);
}

/* ------------------------------------------------------------------ out */

static void put_head(struct str *out, enum sio_type type, unsigned attachments, const char *ns,
                     int64_t id) {
    str_putc(out, EIO_MESSAGE);
    sio_packet_head(out, type, attachments, ns, id);
}

static void push(struct conn *c, struct str *out) {
    conn_push_text(c, out->p, out->len);
    str_free(out);
}

static void push_binary(struct conn *c, const struct sio_bytes *binary, unsigned nbinary) {
    for (unsigned i = 0; i < nbinary; i++) {
        struct frame *f = frame_new(binary[i].bytes, binary[i].len, true);
        conn_push(c, f, 0);
        frame_unref(f);
    }
}

static void push_list(struct sio_socket *s, enum sio_type type, int64_t id, const char *members,
                      const struct sio_bytes *binary, unsigned nbinary) {
    struct str out = STR_INIT;
    if (!s->connected)
        return;
    put_head(&out, type, nbinary, s->ns->name, id);
    str_putc(&out, '[');
    str_puts(&out, members);
    str_putc(&out, ']');
    push(s->conn, &out);
    push_binary(s->conn, binary, nbinary);
}

void sio_begin(struct str *out, const char *ns) {
    put_head(out, SIO_EVENT, 0, ns, -1);
    str_putc(out, '[');
}

struct frame *sio_end(struct str *out) {
    str_putc(out, ']');
    struct frame *f = frame_new(out->p, out->len, false);
    str_free(out);
    return f;
}

void sio_emit(struct sio_socket *s, const char *members) {
    push_list(s, SIO_EVENT, -1, members, NULL, 0);
}

/* The bit may still stand for the id ASKED_MAX before, which nobody has answered: forgotten now. */
static int64_t ask(struct sio_socket *s) {
    uint64_t id = s->next_ack++;
    s->asked |= UINT64_C(1) << id % ASKED_MAX;
    return (int64_t)id;
}

int64_t sio_emit_more(struct sio_socket *s, const char *members, const struct sio_bytes *binary,
                      unsigned nbinary, bool acked) {
    int64_t id = acked && s->connected ? ask(s) : -1;
    push_list(s, nbinary ? SIO_BINARY_EVENT : SIO_EVENT, id, members, binary, nbinary);
    return id;
}

void sio_ack(struct sio_socket *s, int64_t ack, const char *members, const struct sio_bytes *binary,
             unsigned nbinary) {
    if (ack >= 0)
        push_list(s, nbinary ? SIO_BINARY_ACK : SIO_ACK, ack, members, binary, nbinary);
}

/* ------------------------------------------------------------------ joining and leaving */

static void set_id(struct sio_socket *s, const char *id) {
    if (!id) {
        random_hex(s->id, ID_DIGITS);
        return;
    }
    require(strlen(id) < SIO_ID_MAX);
    strcpy(s->id, id);
}

void sio_accept(struct sio_socket *s, const char *id, const char *pid) {
    struct str out = STR_INIT;
    set_id(s, id);
    s->connected = true;
    loop_timer_off(s->conn->server->loop, &session_of(s->conn)->patience);
    put_head(&out, SIO_CONNECT, 0, s->ns->name, -1);
    str_puts(&out, "{\"sid\":");
    json_put_string(&out, s->id);
    if (pid) {
        str_puts(&out, ",\"pid\":");
        json_put_string(&out, pid);
    }
    str_putc(&out, '}');
    push(s->conn, &out);
}

static void push_refusal(struct conn *c, const char *ns, const char *message, const char *data) {
    struct str out = STR_INIT;
    put_head(&out, SIO_CONNECT_ERROR, 0, ns, -1);
    str_puts(&out, "{\"message\":");
    json_put_string(&out, message);
    if (data) {
        str_puts(&out, ",\"data\":");
        str_puts(&out, data);
    }
    str_putc(&out, '}');
    push(c, &out);
}

void sio_refuse(struct sio_socket *s, const char *message, const char *data) {
    push_refusal(s->conn, s->ns->name, message, data);
    socket_end(s);
}

void sio_disconnect(struct sio_socket *s) {
    struct str out = STR_INIT;
    put_head(&out, SIO_DISCONNECT, 0, s->ns->name, -1);
    push(s->conn, &out);
    socket_end(s);
}

static const struct sio_namespace *namespace_find(const struct conn *c, const char *name) {
    const struct sio_proto *app = container_of(c->proto, const struct sio_proto, proto);
    for (const struct sio_namespace *ns = app->namespaces; ns->name; ns++)
        if (strcmp(ns->name, name) == 0)
            return ns;
    return NULL;
}

static void join(struct conn *c, const struct sio_packet *p) {
    struct str name = STR_INIT;
    str_put(&name, p->ns, p->ns_len);
    const struct sio_namespace *ns = namespace_find(c, name.p);
    if (ns)
        ns->connect(socket_new(c, ns), p->json);
    else
        push_refusal(c, name.p, "Invalid namespace", NULL);
    str_free(&name);
}

/* ------------------------------------------------------------------ in */

static void do_disconnect(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    socket_end(s);
}

static void do_event(struct sio_socket *s, const struct sio_event *ev) {
    if (!ev->args) {
        s->ns->event(s, NULL, ev);
        return;
    }
    const struct json *first = json_at(ev->args, 0);
    const char *name = json_string(first, NULL);
    struct str number = STR_INIT;
    if (!name) {
        json_write(first, &number);
        name = str_c(&number);
    }
    s->ns->event(s, name, ev);
    str_free(&number);
}

/* Only what was asked for, and once. */
static void do_answer(struct sio_socket *s, const struct sio_event *ev) {
    uint64_t id = (uint64_t)ev->ack, bit = UINT64_C(1) << id % ASKED_MAX;
    if (id >= s->next_ack || s->next_ack - id > ASKED_MAX || !(s->asked & bit))
        return;
    s->asked &= ~bit;
    if (s->ns->answered && ev->args)
        s->ns->answered(s, ev);
}

static void (*const handlers[])(struct sio_socket *s, const struct sio_event *ev) = {
    [SIO_CONNECT] = NULL,         [SIO_DISCONNECT] = do_disconnect, [SIO_EVENT] = do_event,
    [SIO_ACK] = do_answer,        [SIO_CONNECT_ERROR] = NULL,       [SIO_BINARY_EVENT] = do_event,
    [SIO_BINARY_ACK] = do_answer,
};

static void dispatch(struct conn *c, const struct sio_packet *p, const struct sio_bytes *binary) {
    struct sio_socket *s = socket_find(c, p->ns, p->ns_len);
    const struct sio_event ev = {.args = p->json,
                                 .text = p->payload,
                                 .len = p->payload_len,
                                 .binary = binary,
                                 .nbinary = p->attachments,
                                 .ack = p->id};
    if (!s && p->type == SIO_CONNECT)
        join(c, p);
    else if (s && s->connected && handlers[p->type])
        handlers[p->type](s, &ev);
    else
        session_close(c);
}

const struct sio_bytes *sio_attachment(const struct sio_event *ev, const struct json *v) {
    int64_t n = ev->nbinary ? sio_placeholder(v) : -1;
    return n < 0 ? NULL : &ev->binary[n];
}

static void inbox_free(struct inbox *box) {
    if (!box)
        return;
    sio_packet_free(&box->packet);
    for (unsigned i = 0; i < box->nbinary; i++)
        x_free((void *)box->binary[i].bytes);
    x_free(box);
}

/* The text lives no longer than its message, so that of a packet with attachments is kept. */
static void inbox_open(struct session *session, const char *text, size_t len) {
    struct inbox *box = x_alloc(sizeof *box + len + 1);
    memcpy(box->text, text, len + 1);
    require(sio_packet_parse(box->text, len, &box->packet));
    session->inbox = box;
}

static void take_text(struct session *session, const char *text, size_t len) {
    struct sio_packet p;
    if (session->inbox || !sio_packet_parse(text, len, &p)) {
        session_close(session->conn);
        return;
    }
    if (p.attachments)
        inbox_open(session, text, len);
    else
        dispatch(session->conn, &p, NULL);
    sio_packet_free(&p);
}

static void take_binary(struct session *session, const void *bytes, size_t len) {
    struct inbox *box = session->inbox;
    if (!box) {
        session_close(session->conn);
        return;
    }
    char *copy = x_alloc(len + 1);
    memcpy(copy, bytes, len);
    box->binary[box->nbinary++] = (struct sio_bytes){copy, len};
    if (box->nbinary < box->packet.attachments)
        return;
    session->inbox = NULL;
    dispatch(session->conn, &box->packet, box->binary);
    inbox_free(box);
}

/* ------------------------------------------------------------------ the proto */

static void out_of_patience(struct timer *t) {
    session_close(container_of(t, struct session, patience)->conn);
}

void sio_open(struct conn *c, const struct request *r) {
    struct server *s = c->server;
    struct session *session = x_new(struct session);
    (void)r;
    session->conn = c;
    session->patience.fire = out_of_patience;
    c->proto_data = session;
    loop_timer(s->loop, &session->patience,
               loop_now(s->loop) + (uint64_t)s->settings->handshake_timeout_ms);
}

/* What still comes of a session that we have closed counts for nothing. */
void sio_message(struct conn *c, const char *text, size_t len, bool binary) {
    if (c->state != CONN_OPEN)
        return;
    if (binary)
        take_binary(session_of(c), text, len);
    else
        take_text(session_of(c), text, len);
}

void sio_closed(struct conn *c) {
    struct session *session = session_of(c);
    loop_timer_off(c->server->loop, &session->patience);
    while (session->sockets) {
        session->sockets->lost = true;
        socket_end(session->sockets);
    }
    inbox_free(session->inbox);
    loop_dead(c->server->loop, session, x_free);
}
