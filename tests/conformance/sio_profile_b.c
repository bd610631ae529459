/* sio_profile_b.c - profile B: what socket.io-client's own test suite expects of a server.
 *
 * Linked into sio-conformance. Connection state recovery in memory: events carry their offset as
 * the last argument, and those of a lost session are kept for a client that comes with its pid and
 * the last one it saw.
 */
#include "config.h"

#include "sio_namespaces.h"

#include "access/auth.h"
#include "base/clock.h"
#include "base/mem.h"
#include "link/http.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

#define LOST_MAX   64 /* sessions that a client may come back to */
#define EVENTS_MAX 32 /* of each; older ones can't be had again */
#define PID_DIGITS 24

/* ------------------------------------------------------------------ what a session has had */

struct past_event {
    char *members; /* with the offset */
    char *bytes;   /* NULL: nothing attached */
    size_t len;
};

struct past {
    char sid[SIO_ID_MAX], pid[PID_DIGITS + 1];
    const struct sio_namespace *ns;
    int64_t next; /* offset */
    struct past_event events[EVENTS_MAX];
};

static struct past *lost[LOST_MAX];
static unsigned next_lost;

static void past_event_clear(struct past_event *e) {
    x_free(e->members);
    x_free(e->bytes);
    *e = (struct past_event){0};
}

static void past_free(struct past *p) {
    if (!p)
        return;
    for (unsigned i = 0; i < EVENTS_MAX; i++)
        past_event_clear(&p->events[i]);
    x_free(p);
}

static void past_keep(struct past *p) {
    struct past **place = &lost[next_lost++ % LOST_MAX];
    past_free(*place);
    *place = p;
}

/* The lost session with this pid, if everything behind the offset can be had; it is no longer lost.
 */
static struct past *past_take(const struct sio_namespace *ns, const struct json *auth,
                              long long *offset) {
    const char *pid = json_string(json_get(auth, "pid"), NULL);
    const char *seen = json_string(json_get(auth, "offset"), NULL);
    if (!pid || !seen || !str_to_int64(seen, offset))
        return NULL;
    for (unsigned i = 0; i < LOST_MAX; i++) {
        struct past *p = lost[i];
        if (p && p->ns == ns && strcmp(p->pid, pid) == 0 && *offset >= p->next - EVENTS_MAX - 1 &&
            *offset >= 0 && *offset < p->next) {
            lost[i] = NULL;
            return p;
        }
    }
    return NULL;
}

static struct past *past_new(const struct sio_socket *s) {
    struct past *p = x_new(struct past);
    random_hex(p->pid, PID_DIGITS);
    p->ns = s->ns;
    return p;
}

/* ------------------------------------------------------------------ sockets */

struct guest {
    struct past *past;
    struct str handshake; /* {"query":{...},"auth":{...}} */
    bool first;           /* abuff1 has come, with its bytes */
};

static void send_past(struct sio_socket *s, const struct past_event *e) {
    struct sio_bytes bytes = {e->bytes, e->len};
    sio_emit_more(s, e->members, &bytes, e->bytes ? 1 : 0, false);
}

/* As in the reference, only what asks for no answer can be had again, and so has an offset. */
static void emit(struct sio_socket *s, const char *members, const struct sio_bytes *bytes) {
    struct past *p = ((struct guest *)s->data)->past;
    struct past_event *e = &p->events[p->next % EVENTS_MAX];
    struct str text = STR_INIT;
    past_event_clear(e);
    str_printf(&text, "%s,\"%lld\"", members, (long long)p->next++);
    e->members = str_steal(&text);
    if (bytes) {
        e->bytes = x_alloc(bytes->len + 1);
        e->len = bytes->len;
        memcpy(e->bytes, bytes->bytes, bytes->len);
    }
    send_past(s, e);
}

/* The query of a session's first request, by the conn's id; conn.proto_data is the module's. */
struct query {
    uint64_t conn;
    struct str members; /* "name":"value",... */
    bool fail;
    struct query *next;
};
static struct query *queries;

static struct query *query_of(const struct conn *c) {
    struct query *q = queries;
    while (q->conn != c->id)
        q = q->next;
    return q;
}

static void query_add(void *ctx, const char *name, const char *value) {
    struct query *q = ctx;
    if (q->members.len)
        str_putc(&q->members, ',');
    json_put_string(&q->members, name);
    str_putc(&q->members, ':');
    json_put_string(&q->members, value);
    q->fail = q->fail || strcmp(name, "fail") == 0;
}

static void open_with_query(struct conn *c, const struct request *r) {
    struct query *q = x_new(struct query);
    q->conn = c->id;
    q->next = queries;
    queries = q;
    request_query_each(r, query_add, q);
    sio_open(c, r);
}

static void closed_with_query(struct conn *c) {
    struct query **at = &queries;
    sio_closed(c);
    while ((*at)->conn != c->id)
        at = &(*at)->next;
    struct query *q = *at;
    *at = q->next;
    str_free(&q->members);
    x_free(q);
}

static void welcome(struct sio_socket *s, const struct json *auth) {
    struct guest *g = x_new(struct guest);
    long long offset = -1;
    struct past *past = past_take(s->ns, auth, &offset);
    s->data = g;
    g->past = past ? past : past_new(s);
    str_printf(&g->handshake, "{\"query\":{%s},\"auth\":", str_c(&query_of(s->conn)->members));
    if (auth)
        json_write(auth, &g->handshake);
    else
        str_puts(&g->handshake, "{}");
    str_putc(&g->handshake, '}');
    sio_accept(s, past ? past->sid : NULL, g->past->pid);
    strcpy(g->past->sid, s->id);
    for (int64_t i = offset + 1; past && i < past->next; i++)
        send_past(s, &past->events[i % EVENTS_MAX]);
}

static void gone(struct sio_socket *s) {
    struct guest *g = s->data;
    if (!g) /* was refused */
        return;
    if (s->lost)
        past_keep(g->past);
    else
        past_free(g->past);
    str_free(&g->handshake);
    x_free(g);
}

static void welcome_unless_fail(struct sio_socket *s, const struct json *auth) {
    if (query_of(s->conn)->fail)
        sio_refuse(s, "Auth failed (main namespace)", NULL);
    else
        welcome(s, auth);
}

static void welcome_with_handshake(struct sio_socket *s, const struct json *auth) {
    struct str out = STR_INIT;
    welcome(s, auth);
    str_printf(&out, "\"handshake\",%s", ((struct guest *)s->data)->handshake.p);
    emit(s, out.p, NULL);
    str_free(&out);
}

static void turn_away(struct sio_socket *s, const struct json *auth) {
    (void)auth;
    sio_refuse(s, "Auth failed (custom namespace)", NULL);
}

/* ------------------------------------------------------------------ events */

#define EMITS(name, members)                                                                       \
    static void name(struct sio_socket *s, const struct sio_event *ev) {                           \
        (void)ev;                                                                                  \
        emit(s, members, NULL);                                                                    \
    }
EMITS(hi, "\"hi\"")
EMITS(no, "\"false\",false")

static void echo(struct sio_socket *s, const struct sio_event *ev) {
    struct str out = STR_INIT;
    if (json_length(ev->args) > 1)
        json_write(json_at(ev->args, 1), &out);
    sio_ack(s, ev->ack, str_c(&out), ev->binary, ev->nbinary);
    str_free(&out);
}

static void ask(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    sio_emit_more(s, "\"ack\"", NULL, 0, true);
}

static void answered(struct sio_socket *s, const struct sio_event *ev) {
    int64_t n = 0;
    bool test = false;
    if (json_int(json_at(ev->args, 0), &n) && n == 5 &&
        json_bool(json_get(json_at(ev->args, 1), "test"), &test) && test)
        emit(s, "\"got it\"", NULL);
}

static const char *now_text(void) {
    static char text[CLOCK_ISO_MAX + 2], now[CLOCK_ISO_MAX];
    snprintf(text, sizeof text, "\"%s\"", clock_iso_ms(clock_wall_ms(), now));
    return text;
}

static void ack_date(struct sio_socket *s, const struct sio_event *ev) {
    sio_ack(s, ev->ack, now_text(), NULL, 0);
}

static void emit_date(struct sio_socket *s, const struct sio_event *ev) {
    char members[64];
    (void)ev;
    snprintf(members, sizeof members, "\"takeDate\",%s", now_text());
    emit(s, members, NULL);
}

static void emit_date_object(struct sio_socket *s, const struct sio_event *ev) {
    char members[80];
    (void)ev;
    snprintf(members, sizeof members, "\"takeDateObj\",{\"date\":%s}", now_text());
    emit(s, members, NULL);
}

static void emit_utf8(struct sio_socket *s, const struct sio_event *ev) {
    static const char *const texts[] = {"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string",
                                        "utf8 — string"};
    (void)ev;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char members[80];
        snprintf(members, sizeof members, "\"takeUtf8\",\"%s\"", texts[i]);
        emit(s, members, NULL);
    }
}

static const struct sio_bytes eight = {"asdfasdf", 8};
#define PLACE "{\"_placeholder\":true,\"num\":0}"

static void emit_doge(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    emit(s, "\"doge\"," PLACE, &eight);
}

static void emit_binary(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    emit(s, "\"takebin\"," PLACE, &eight);
}

static void take_buffer(struct sio_socket *s, const struct sio_event *ev) {
    if (sio_attachment(ev, json_at(ev->args, 1)))
        emit(s, "\"buffack\"", NULL);
}

static bool is_text(const struct json *v, const char *expected) {
    return str_eq(json_string(v, NULL), expected);
}

static void take_mixed(struct sio_socket *s, const struct sio_event *ev) {
    const struct json *a = json_at(ev->args, 1);
    if (is_text(json_get(a, "hello"), "lol") && is_text(json_get(a, "goodbye"), "gotcha") &&
        sio_attachment(ev, json_get(a, "message")))
        emit(s, "\"jsonbuff-ack\"", NULL);
}

static void take_first(struct sio_socket *s, const struct sio_event *ev) {
    ((struct guest *)s->data)->first = sio_attachment(ev, json_at(ev->args, 1)) != NULL;
}

static void take_second(struct sio_socket *s, const struct sio_event *ev) {
    (void)ev;
    if (((struct guest *)s->data)->first)
        emit(s, "\"abuff2-ack\"", NULL);
}

static void ack_handshake(struct sio_socket *s, const struct sio_event *ev) {
    sio_ack(s, ev->ack, ((struct guest *)s->data)->handshake.p, NULL, 0);
}

static void ack_id(struct sio_socket *s, const struct sio_event *ev) {
    char members[SIO_ID_MAX + 2];
    snprintf(members, sizeof members, "\"%s\"", s->id);
    sio_ack(s, ev->ack, members, NULL, 0);
}

static const struct sio_row main_rows[] = {
    {"hi", hi},
    {"echo", echo},
    {"ack", ask},
    {"getAckDate", ack_date},
    {"getDate", emit_date},
    {"getDateObj", emit_date_object},
    {"getUtf8", emit_utf8},
    {"false", no},
    {"doge", emit_doge},
    {"getbin", emit_binary},
    {"buffa", take_buffer},
    {"jsonbuff", take_mixed},
    {"abuff1", take_first},
    {"abuff2", take_second},
    {"getHandshake", ack_handshake},
    {"getId", ack_id},
    {NULL, NULL},
};

static void main_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    sio_rows_run(main_rows, s, name, ev);
}

static const struct sio_row foo_rows[] = {{"getId", ack_id}, {NULL, NULL}};

static void foo_event(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    sio_rows_run(foo_rows, s, name, ev);
}

static void ignore(struct sio_socket *s, const char *name, const struct sio_event *ev) {
    (void)s, (void)name, (void)ev;
}

static const struct sio_namespace namespaces[] = {
    {"/", welcome_unless_fail, main_event, answered, gone},
    {"/foo", welcome, foo_event, NULL, gone},
    {"/timeout_socket", welcome, ignore, NULL, gone},
    {"/valid", welcome, ignore, NULL, gone},
    {"/asd", welcome, ignore, NULL, gone},
    {"/abc", welcome_with_handshake, ignore, NULL, gone},
    {"/no", turn_away, ignore, NULL, gone},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct sio_proto sio_profile_b = {
    .proto = {.name = "socket.io-b",
              .language = 3,
              .open = open_with_query,
              .message = sio_message,
              .closed = closed_with_query},
    .namespaces = namespaces,
};
