/* entity.c - the sockets of one thing (SPEC 5.4, seed 002): the walk over the table of
 * entity_table.c.
 *
 * Opening: what can be refused without a query is refused before the upgrade; then the conn holds,
 * reads its state with the position, and hears what comes behind it. A read is answered by the
 * state's own message, a write by `ack`, before the event that it makes. Called by the WebSocket
 * link; owns a struct entity a connection.
 */
#include "config.h"

#include "proto/entity_inner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "core/action.h"
#include "core/hub.h"
#include "core/message.h"
#include "core/snapshot.h"
#include "core/words.h"
#include "link/http.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SNAPSHOT_OP "channel_snapshot"

struct entity {
    const struct entity_row *row;
    int64_t id;
    char id_text[24];
    struct snapshot state; /* of rows that have one */
};

/* ------------------------------------------------------------------ who may open */

static const struct entity_row *row_at(const char *path) {
    const struct entity_row *row = entity_rows;
    while (!str_eq(row->path, path))
        row++;
    return row;
}

static int64_t id_of(const struct request *r) {
    const char *text = request_segment(r);
    long long id;
    return *text >= '1' && *text <= '9' && str_to_int64(text, &id) ? id : 0;
}

static bool may_open(struct server *s, const struct entity_row *row, const struct principal *who,
                     int64_t id) {
    int64_t own = row->own && who->role == ROLE_GUEST ? row->own(who) : 0;
    if (row->venue != VENUE_UNKNOWN)
        return id == who->venue && sessions_venue_kind(s->sessions, who->venue) == row->venue;
    return id && (!own || own == id);
}

static bool on_admit(struct server *s, const struct request *r, const struct principal *who,
                     struct err *e) {
    return may_open(s, row_at(request_pattern(r)), who, id_of(r)) ||
           err_set(e, ERR_NOT_FOUND, "There is no such thing here");
}

/* What is said beside the state and the events, which the row has. */
static const struct said greeting = {.type = "connection", .schema = "Connected"};
static const struct said reread = {.type = "resync"};
static const struct said done = {.type = "ack", .member = "data", .marks = SAID_ANSWERS};

/* ------------------------------------------------------------------ state */

static void push(struct conn *c, struct str *out) {
    conn_push_text(c, out->p, out->len);
    str_free(out);
}

static void state_push(struct conn *c, const struct json *docs, const char *position,
                       const char *request_id) {
    const struct entity *en = c->proto_data;
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX];
    message_begin(&out, en->row->status, clock_iso_ms(clock_wall_ms(), now), position);
    en->row->put(docs, c->who.venue, en->id, &out);
    message_put_id(&out, request_id);
    str_putc(&out, '}');
    push(c, &out);
}

static void show(struct conn *c, const struct json *docs, const char *position) {
    state_push(c, docs, position, NULL);
}

/* A row without a state has nothing to read again: the page behind it has. */
static void on_resync(struct conn *c) {
    struct entity *en = c->proto_data;
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX], cursor[POSITION_MAX];
    if (en->row->snapshot) {
        snapshot_resync(&en->state, c);
        return;
    }
    message_begin(&out, reread.type, clock_iso_ms(clock_wall_ms(), now), message_cursor(c, cursor));
    str_putc(&out, '}');
    push(c, &out);
}

/* ------------------------------------------------------------------ opening and going */

static void greet(struct conn *c, const struct entity *en) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX], cursor[POSITION_MAX];
    message_begin(&out, greeting.type, clock_iso_ms(clock_wall_ms(), now),
                  message_cursor(c, cursor));
    str_printf(&out, ",\"status\":\"connected\",\"%s\":%" PRId64 "}", en->row->greeting, en->id);
    push(c, &out);
}

static bool in_charge(const struct principal *who, int64_t account) {
    return who->account == account && (who->role == ROLE_ADMIN || who->role == ROLE_MANAGER);
}

static void rooms_enter(struct conn *c, const struct entity *en) {
    for (unsigned i = 0; i < ENTITY_ROOMS && en->row->topics[i].kind != TOPIC_NONE; i++) {
        enum entity_room which = en->row->topics[i].which;
        struct topic t = {en->row->topics[i].kind, which == ROOM_OF_ID ? en->id : 0};
        if (which != ROOM_IN_CHARGE || in_charge(&c->who, en->id))
            hub_subscribe(c->server->hub, c, t);
    }
}

static void on_open(struct conn *c, const struct request *r) {
    struct entity *en = x_new(struct entity);
    en->row = row_at(request_pattern(r));
    en->id = id_of(r);
    snprintf(en->id_text, sizeof en->id_text, "%" PRId64, en->id);
    c->proto_data = en;
    rooms_enter(c, en);
    if (en->row->greeting)
        greet(c, en);
    if (!en->row->snapshot)
        return;
    snapshot_init(&en->state, c, en->row->snapshot, en->id, show);
    hub_hold(c);
    snapshot_ask(&en->state, c);
}

static void on_closed(struct conn *c) {
    struct entity *en = c->proto_data;
    if (!en)
        return;
    if (en->row->snapshot)
        snapshot_end(&en->state);
    c->proto_data = NULL;
    x_free(en);
}

/* ------------------------------------------------------------------ actions */

struct asked {
    const struct entity *entity;
    const struct entity_action *action;
};

/* What the path and the action's name say of the op's arguments. */
static const char *given(void *ctx, const char *name) {
    const struct asked *k = ctx;
    if (!k->action->op)
        return str_eq(name, "kind") ? k->entity->row->snapshot
               : str_eq(name, "id") ? k->entity->id_text
                                    : NULL;
    if (k->action->id && str_eq(name, k->action->id))
        return k->entity->id_text;
    return k->action->fixed && str_eq(name, k->action->fixed) ? k->action->value : NULL;
}

static void ack_push(struct conn *c, const struct entity_action *a, const struct action_reply *r) {
    struct str out = STR_INIT;
    char now[CLOCK_ISO_MAX], cursor[POSITION_MAX];
    const char *position = r->answer->position;
    message_begin(&out, done.type, clock_iso_ms(clock_wall_ms(), now),
                  position ? position : message_cursor(c, cursor));
    str_printf(&out, ",\"action\":\"%s\",\"%s\":", a->name, done.member);
    str_puts(&out, r->answer->body ? r->answer->body : "null");
    message_put_id(&out, r->request_id);
    str_putc(&out, '}');
    push(c, &out);
}

static void read_push(struct conn *c, const struct action_reply *r) {
    struct err e;
    struct json *docs = json_parse(r->answer->body, r->answer->body_len, &e);
    if (!docs || !r->answer->position) {
        err_set(&e, ERR_INTERNAL, "%s", "");
        message_error(c, &e, r->request_id);
    } else {
        state_push(c, docs, r->answer->position, r->request_id);
    }
    if (docs)
        json_free(docs);
}

static void on_done(struct conn *c, const struct action_reply *r) {
    const struct entity *en = c->proto_data;
    const struct entity_action *a = &en->row->actions[r->tag];
    if (r->error) {
        struct err e = *r->error;
        message_reword(&e, a->named);
        message_error(c, &e, r->request_id);
    } else if (a->op) {
        ack_push(c, a, r);
    } else {
        read_push(c, r);
    }
}

static void run(struct conn *c, const struct entity_action *a, const struct json *message) {
    const struct entity *en = c->proto_data;
    char place[64];
    struct asked k = {en, a};
    struct action_place at = {place, given, &k};
    snprintf(place, sizeof place, "%s %s %s", en->row->path, en->id_text, a->name);
    action_run(c, op_find(a->op ? a->op : SNAPSHOT_OP), message, &at,
               (int64_t)(a - en->row->actions), on_done);
}

static bool unknown(const struct entity_row *row, struct err *e) {
    struct str names = STR_INIT;
    for (const struct entity_action *a = row->actions; a->name; a++)
        str_printf(&names, "%s, ", a->name);
    err_set(e, ERR_UNKNOWN_ACTION, "Actions are %sping.", str_c(&names));
    str_free(&names);
    return false;
}

static bool act(struct conn *c, const char *name, const struct json *message, struct err *e) {
    const struct entity *en = c->proto_data;
    for (const struct entity_action *a = en->row->actions; a->name; a++)
        if (str_eq(a->name, name) || (a->alias && str_eq(a->alias, name))) {
            run(c, a, message);
            return true;
        }
    return unknown(en->row, e);
}

static void on_message(struct conn *c, const char *text, size_t len, bool binary) {
    message_take(c, text, len, binary, act);
}

/* ------------------------------------------------------------------ events */

/* A variant: masked or not, the row's place, and what the event is to the thing. */
#define ROW_SHIFT  1
#define SIDE_SHIFT 4
#define ROW_MASK   7u

static unsigned variant(const struct conn *c, const struct event *e, unsigned masked) {
    const struct entity *en = c->proto_data;
    unsigned side = en->row->side ? (unsigned)en->row->side(e, en->id) : SIDE_NONE;
    return masked | (unsigned)(en->row - entity_rows) << ROW_SHIFT | side << SIDE_SHIFT;
}

static struct frame *encode(const struct event *e, unsigned v) {
    const struct entity_row *row = &entity_rows[v >> ROW_SHIFT & ROW_MASK];
    enum entity_side side = (enum entity_side)(v >> SIDE_SHIFT);
    const struct entity_message *m = row->messages;
    while (m->kind && !(event_is(e, m->kind) && (!m->when || m->when(e, side))))
        m++;
    if (!m->kind)
        return NULL;
    struct str out = STR_INIT;
    message_begin(&out, m->type, e->timestamp, e->position);
    m->put(e, v & VARIANT_MASKED, &out);
    str_puts(&out, event_did(e, "deleted") ? ",\"deleted\":true}" : "}");
    struct frame *f = frame_new(out.p, out.len, false);
    str_free(&out);
    return f;
}

/* ------------------------------------------------------------------ for the AsyncAPI document */

static void shown_words(const struct entity_row *row, struct words *w) {
    if (row->greeting)
        w->say(w, &greeting);
    if (row->snapshot)
        w->say(w, &(struct said){.type = row->status, .schema = row->shows, .marks = SAID_REPEATS});
    else
        w->say(w, &reread);
}

static void words(const char *path, struct words *w) {
    const struct entity_row *row = row_at(path);
    shown_words(row, w);
    for (const struct entity_message *m = row->messages; m->kind; m++)
        w->say(w,
               &(struct said){
                   .type = m->type, .schema = m->schema, .kind = m->kind, .marks = SAID_DELETED});
    for (const struct entity_action *a = row->actions; a->name; a++) {
        w->take(w, &(struct taken){.name = a->name,
                                   .alias = a->alias,
                                   .op = a->op,
                                   .named = a->named,
                                   .given = {a->id, a->fixed},
                                   .reply = a->op ? done.type : row->status});
        if (!a->op)
            continue;
        struct said ack = done;
        ack.action = a->name;
        ack.schema = op_find(a->op)->answer;
        w->say(w, &ack);
    }
    message_take_words(w);
}

const struct proto entity_proto = {
    .name = "entity",
    .language = 3,
    .admit = on_admit,
    .open = on_open,
    .message = on_message,
    .variant = variant,
    .encode = encode,
    .resync = on_resync,
    .words = words,
    .closed = on_closed,
};
