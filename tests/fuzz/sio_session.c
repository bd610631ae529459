/* sio_session.c - fuzzes a session of Socket.IO: messages in any order against an application that
 * does what clients ask for, on a connection of stubs. Messages are separated by 0x1e; one that
 * begins with `b` is binary.
 *
 * Holds the module to its promises: every socket that was offered ends once, nothing is told after
 * the session was closed, and what is sent is well formed.
 */
#include "config.h"

#include "access/auth.h"
#include "base/mem.h"
#include "link/engineio.h"
#include "proto/socketio.h"
#include "proto/socketio_packet.h"
#include "server.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int offered, ended;
static unsigned announced; /* attachments that must follow */
static struct timer *patience;
static void *dead[8192];
static unsigned ndead;

/* ------------------------------------------------------------------ stubs of the core */

void conn_close(struct conn *c, int code, const char *reason) {
    (void)code, (void)reason;
    c->state = CONN_CLOSING;
}

bool conn_push(struct conn *c, struct frame *f, uint64_t key) {
    (void)key;
    require(c->state != CONN_OPEN || (f->binary && announced));
    if (announced)
        announced--;
    return c->state == CONN_OPEN;
}

/* The client's parser takes what ours takes, but for CONNECT's answer, which is an object too. */
bool conn_push_text(struct conn *c, const char *text, size_t len) {
    struct sio_packet p;
    require(len > 1 && text[0] == EIO_MESSAGE && !announced);
    require(sio_packet_parse(text + 1, len - 1, &p));
    announced = c->state == CONN_OPEN ? p.attachments : 0;
    sio_packet_free(&p);
    return c->state == CONN_OPEN;
}

void loop_timer(struct loop *l, struct timer *t, uint64_t due) {
    (void)l, (void)due;
    patience = t;
}

void loop_timer_off(struct loop *l, struct timer *t) {
    (void)l, (void)t;
    patience = NULL;
}

uint64_t loop_now(const struct loop *l) {
    (void)l;
    return 0;
}

void loop_dead(struct loop *l, void *obj, void (*destroy)(void *obj)) {
    (void)l;
    require(destroy == x_free && ndead < sizeof dead / sizeof *dead);
    dead[ndead++] = obj;
}

void random_hex(char *out, size_t hex_digits) {
    memset(out, '0', hex_digits);
    out[hex_digits] = '\0';
}

/* ------------------------------------------------------------------ an application */

static void app_connect(struct sio_socket *s, const struct json *auth) {
    require(s->conn->state == CONN_OPEN);
    offered++;
    if (json_get(auth, "no"))
        sio_refuse(s, "no", NULL);
    else if (!json_get(auth, "later"))
        sio_accept(s, NULL, json_string(json_get(auth, "pid"), NULL));
}

static void app_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    struct str out = STR_INIT;
    require(s->connected && s->conn->state == CONN_OPEN && !name == !ev->args);
    if (!name) {
        sio_ack(s, ev->ack, "\"beyond\"", NULL, 0);
        return;
    }
    json_put_string(&out, strcmp(name, "e") == 0 ? name : "other");
    for (size_t i = 1; i < json_length(ev->args); i++) {
        str_putc(&out, ',');
        json_write(json_at(ev->args, i), &out);
        const struct sio_bytes *b = sio_attachment(ev, json_at(ev->args, i));
        require(!b || b->len == strlen(b->bytes) || b->len > 0);
    }
    sio_ack(s, ev->ack, out.p, ev->binary, ev->nbinary);
    if (strcmp(name, "ask") == 0)
        sio_emit_more(s, out.p, ev->binary, ev->nbinary, true);
    else if (strcmp(name, "leave") == 0)
        sio_disconnect(s);
    else if (strcmp(name, "close") == 0)
        conn_close(s->conn, 1001, "");
    str_free(&out);
}

static void app_answered(struct sio_socket *s, const struct sio_event *ev) {
    require(s->connected && (uint64_t)ev->ack < s->next_ack);
}

static void app_gone(struct sio_socket *s) {
    require(!s->connected);
    ended++;
}

static const struct sio_namespace namespaces[] = {
    {"/", app_connect, app_event, app_answered, app_gone},
    {"/x", app_connect, app_event, NULL, app_gone},
    {NULL, NULL, NULL, NULL, NULL},
};
static const struct sio_proto app = {.namespaces = namespaces};

/* ------------------------------------------------------------------ a session */

static void say(struct conn *c, const uint8_t *data, size_t len) {
    bool binary = len && *data == 'b';
    size_t n = binary ? len - 1 : len;
    char *text =
        x_alloc(n + 1); /* of its own, so that a step beyond is seen, and one after its end */
    memcpy(text, data + binary, n);
    sio_message(c, text, n, binary);
    x_free(text);
}

static void bury(void) {
    while (ndead)
        x_free(dead[--ndead]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct settings set;
    static struct server server = {.settings = &set};
    struct conn c = {.server = &server, .proto = &app.proto, .state = CONN_OPEN};
    const uint8_t *end = data + size;
    offered = ended = 0;
    announced = 0;
    sio_open(&c, NULL);
    while (data < end) {
        const uint8_t *stop = memchr(data, 0x1e, (size_t)(end - data));
        size_t len = (size_t)((stop ? stop : end) - data);
        say(&c, data, len);
        require(!announced);
        data += len + 1;
        bury();
    }
    if (patience)
        patience->fire(patience);
    sio_closed(&c);
    require(offered == ended && !patience);
    bury();
    return 0;
}
