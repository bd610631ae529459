/* tables_connect.c - CONNECT: who comes, and whether they come back (SPEC 5.5).
 *
 * The token or ticket is in the payload's `auth`, else it is what the handshake carried. `pid` is a
 * signed statement of account, first position and socket id, so that connecting writes nothing; the
 * rooms are a row from the first join to the client's own leaving (api.socket_*). With `offset`, a
 * position, that is all that recovery needs: any sidecar can do it, any number of times. What can't
 * be continued exactly begins anew, with `recovered` false on the client, and so does what its
 * client had ended.
 */
#include "config.h"

#include "proto/tables_inner.h"

#include "base/clock.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/message.h"
#include "core/sessions.h"
#include "data/op.h"
#include "link/engineio.h"
#include "server.h"

#include <stdio.h>
#include <string.h>

#define PURPOSE "socket.io"
#define PID_MAX 512 /* a sealed statement */
#define PID_S                                                                                      \
    (400 * 86400) /* as long as a connection may stand; what bounds recovery is the feed */
#define SESSION_DIGITS 20

/* ------------------------------------------------------------------ the statement */

static void owner_put(const struct conn *c, struct str *out) {
    str_put_int(out, c->who.venue);
    str_putc(out, ' ');
    str_put_int(out, c->who.account);
    str_putc(out, ' ');
}

static char *pid_seal(const struct conn *c, int64_t begun, const char *id) {
    struct str text = STR_INIT;
    owner_put(c, &text);
    str_put_int(&text, begun);
    str_putc(&text, ' ');
    str_puts(&text, id);
    char *sealed = auth_seal(c->server->auth, PURPOSE, text.p, clock_wall_s() + PID_S);
    str_free(&text);
    return sealed;
}

struct past { /* what a client comes back to */
    char id[SIO_ID_MAX], begun[24];
};

/* When the statement is ours and this account's. */
static bool pid_open(const struct conn *c, const char *pid, struct past *out) {
    char *text = auth_open(c->server->auth, PURPOSE, pid, clock_wall_s());
    struct str owner = STR_INIT;
    owner_put(c, &owner);
    bool ok = text && str_starts(text, owner.p) &&
              sscanf(text + owner.len, "%23[0-9] %31[0-9a-f]", out->begun, out->id) == 2;
    x_free(text);
    str_free(&owner);
    return ok;
}

/* ------------------------------------------------------------------ refusing */

/* What passes by itself must not stop the client from trying: it does not after a CONNECT_ERROR. */
static void refuse(struct tables_client *t, const struct err *e) {
    struct str data = STR_INIT;
    if (e->http == 503) {
        conn_close(t->socket->conn, err_close(ERR_OVERLOADED), e->slug);
        return;
    }
    tables_put_refusal(&data, e);
    sio_refuse(t->socket, *e->detail ? e->detail : err_title(e->code), data.p);
    str_free(&data);
}

/* ------------------------------------------------------------------ connected */

void tables_told(struct tables_client *t, const char *position) {
    struct position at;
    if (position_parse(position, &at))
        t->told = at.seq;
}

static void greet(struct tables_client *t, const char *position) {
    struct str members = STR_INIT;
    tables_told(t, position);
    str_printf(&members, "\"tables:connected\",{\"socketId\":\"%s\",\"eventId\":\"%s\"},\"%s\"",
               t->socket->id, position, position);
    sio_emit(t->socket, members.p);
    str_free(&members);
}

static void wishes_drop(struct tables_client *t) {
    x_free(t->pid);
    x_free(t->offset);
    t->pid = t->offset = NULL;
}

static void begin(struct tables_client *t) {
    struct conn *c = t->socket->conn;
    char id[SESSION_DIGITS + 1], position[POSITION_MAX];
    random_hex(id, SESSION_DIGITS);
    char *pid = pid_seal(c, hub_seq(c), id);
    wishes_drop(t);
    sio_accept(t->socket, id, pid);
    x_free(pid);
    greet(t, message_cursor(c, position));
}

/* ------------------------------------------------------------------ coming back */

static void room_enter(struct conn *c, enum topic_kind kind, int64_t id) {
    hub_subscribe(c->server->hub, c, (struct topic){kind, id});
}

static void rooms_enter(struct conn *c, const struct json *kept) {
    const struct json *floors = json_get(kept, "floors");
    bool all = false;
    int64_t floor;
    if (json_bool(json_get(kept, "all"), &all) && all)
        room_enter(c, TOPIC_RESTAURANT_TABLES, 0);
    for (size_t i = 0; i < json_length(floors); i++)
        if (json_int(json_at(floors, i), &floor))
            room_enter(c, TOPIC_FLOOR, floor);
}

static bool position_of(const struct json *kept, const char *name, struct position *out) {
    const char *text = json_string(json_get(kept, name), NULL);
    return text && position_parse(text, out);
}

/* From where it goes on. A client that has got all that it was told by then has missed nothing up
 * to where the sidecar had seen that nothing else concerns it. */
static bool past_end(const struct tables_client *t, const struct json *kept,
                     struct position *from) {
    const struct conn *c = t->socket->conn;
    struct position told, heard;
    if (!position_parse(t->offset, from) || from->venue != c->who.venue)
        return false;
    if (position_of(kept, "told", &told) && position_of(kept, "heard", &heard) &&
        str_eq(heard.epoch, from->epoch) && from->seq >= told.seq && from->seq < heard.seq)
        *from = heard;
    return feed_reaches(c->server->feed, from);
}

/* One that is still here under this id has been lost by its client. */
static void replace(const struct conn *self, const char *id) {
    struct conn *next;
    for (struct conn *c = self->server->conns; c; c = next) {
        next = c->next;
        const struct tables_client *other = tables_client_of(c);
        if (c != self && other && str_eq(other->socket->id, id))
            conn_close(c, err_close(ERR_IDLE), "the client has come back");
    }
}

/* False: it can't be continued. */
static bool resume(struct tables_client *t, const struct json *kept) {
    struct conn *c = t->socket->conn;
    struct position from;
    struct past past;
    char position[POSITION_MAX];
    bool ended = true;
    if (!json_bool(json_get(kept, "ended"), &ended) || ended || !pid_open(c, t->pid, &past) ||
        !past_end(t, kept, &from))
        return false;
    replace(c, past.id);
    rooms_enter(c, kept);
    t->roomed = hub_count(c) > 0;
    sio_accept(t->socket, past.id, t->pid);
    greet(t, position_format(&from, position));
    wishes_drop(t);
    tables_replay(t, &from);
    return true;
}

static void on_rooms(void *ctx, const struct answer *answer, const struct err *e) {
    struct tables_client *t = ctx;
    struct err ignored;
    if (e) {
        refuse(t, e);
        return;
    }
    struct json *kept = json_parse(answer->body, answer->body_len, &ignored);
    if (!resume(t, kept))
        begin(t);
    if (kept)
        json_free(kept);
}

/* ------------------------------------------------------------------ who comes */

static bool admit(struct tables_client *t, struct err *e) {
    struct conn *c = t->socket->conn;
    const struct principal *who = &t->bearer.who;
    if (permission_grants(who->role, CAP_TABLES_READ) == GRANT_NO)
        return err_set(e, ERR_FORBIDDEN, "The role %s lacks %s.", role_name(who->role),
                       capability_name(CAP_TABLES_READ));
    if (sessions_venue_kind(c->server->sessions, who->venue) != VENUE_RESTAURANT)
        return err_set(e, ERR_NOT_FOUND, "This venue has no tables.");
    return conn_identify(c, who, e);
}

static void known(struct tables_client *t) {
    struct conn *c = t->socket->conn;
    struct past past;
    struct err e;
    err_clear(&e);
    if (!admit(t, &e)) {
        refuse(t, &e);
        return;
    }
    eio_login_forget(c);
    if (!t->pid || !t->offset || !pid_open(c, t->pid, &past)) {
        begin(t);
        return;
    }
    struct op_values values = {.n = 2, .v = {past.id, past.begun}};
    dba_call(c->server->actions, op_find("socket_rooms"), &c->who, &values, NULL, on_rooms, t);
}

static void on_known(struct bearer *b, const struct err *e) {
    struct tables_client *t = container_of(b, struct tables_client, bearer);
    if (e)
        refuse(t, e);
    else
        known(t);
}

static char *wish(const struct json *auth, const char *name, size_t max) {
    size_t len;
    const char *text = json_string(json_get(auth, name), &len);
    return text && len < max ? x_strdup(text) : NULL;
}

static struct login login_of(const struct conn *c, const struct json *auth) {
    const char *ticket = json_string(json_get(auth, "ticket"), NULL);
    const char *token = json_string(json_get(auth, "token"), NULL);
    if (!ticket && !token)
        return eio_login(c);
    return (struct login){ticket ? ticket : token, ticket != NULL};
}

void tables_connect(struct sio_socket *s, const struct json *auth) {
    struct tables_client *t = x_new(struct tables_client);
    struct err e;
    err_clear(&e);
    s->data = t;
    t->socket = s;
    t->bearer = (struct bearer){.server = s->conn->server, .done = on_known};
    t->pid = wish(auth, "pid", PID_MAX);
    t->offset = wish(auth, "offset", POSITION_MAX);
    tables_sync_init(t);
    struct login login = login_of(s->conn, auth);
    if (!login.text) {
        err_set(&e, ERR_UNAUTHENTICATED, "Give a token: auth.token, or with the handshake.");
        refuse(t, &e);
        return;
    }
    switch (bearer_check(&t->bearer, login, &e)) {
    case BEARER_KNOWN:
        known(t);
        break;
    case BEARER_REFUSED:
        refuse(t, &e);
        break;
    case BEARER_ASKED:
        break;
    }
}

static void on_ended(void *ctx, const struct answer *answer, const struct err *e) {
    (void)ctx, (void)answer, (void)e; /* what the database was not told, its upkeep finds */
}

/* A connection that breaks may come back; one that was ended does not. */
static void end(const struct tables_client *t) {
    const struct conn *c = t->socket->conn;
    struct op_values values = {.n = 1, .v = {t->socket->id}};
    if (c->server->actions)
        dba_call(c->server->actions, op_find("socket_end"), &c->who, &values, NULL, on_ended, NULL);
}

void tables_gone(struct sio_socket *s) {
    struct tables_client *t = s->data;
    struct conn *c = s->conn;
    if (!t)
        return;
    if (t->roomed && !s->lost)
        end(t);
    s->data = NULL;
    bearer_forget(&t->bearer);
    if (c->server->actions)
        dba_forget(c->server->actions, t);
    tables_forget(t, 0);
    tables_sync_end(t);
    hub_drop(c->server->hub, c);
    wishes_drop(t);
    x_free(t);
}
