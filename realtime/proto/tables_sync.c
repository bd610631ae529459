/* tables_sync.c - catching up: connection state recovery, tables:sync, and what follows a bulk
 * change.
 *
 * A recovered client gets what it missed as if it had never been away. tables:sync collects the
 * same events into one tables:sync_response. Where they can't be told one by one (trimmed, another
 * epoch, a bulk change, too many) the response carries the tables of the client's rooms instead,
 * read with their position in one statement; events are held meanwhile.
 */
#include "config.h"

#include "proto/tables_inner.h"

#include "base/put.h"
#include "core/feed.h"
#include "core/hub.h"
#include "core/message.h"
#include "server.h"

#include <stdio.h>

#define SYNC_EVENTS_MAX 1000
#define RESPONSE        "tables:sync_response"

/* ------------------------------------------------------------------ the response */

static void push(struct tables_client *t, struct str *out, const char *position) {
    char members[POSITION_MAX + 32];
    put_text(out, NULL, position);
    tables_told(t, position);
    struct frame *f = sio_end(out);
    conn_push(t->socket->conn, f, 0);
    frame_unref(f);
    snprintf(members, sizeof members, ",\"eventId\":\"%s\"", position);
    tables_answer(t->socket, t->sync_ack, members);
    t->sync_ack = -1;
}

static void events_push(struct tables_client *t) {
    struct str out = STR_INIT;
    char position[POSITION_MAX];
    sio_begin(&out, TABLES_NAMESPACE);
    put_text(&out, NULL, RESPONSE);
    put_open(&out, NULL, '{');
    put_json(&out, "tables", "[]");
    put_open(&out, "events", '[');
    tables_put_events(&out, t->missed.list, t->missed.n);
    put_close(&out, ']');
    put_close(&out, '}');
    sayings_cut(&t->missed, 0);
    push(t, &out, message_cursor(t->socket->conn, position));
}

static void tables_push(struct conn *c, const struct json *tables, const char *position) {
    struct tables_client *t = tables_client_of(c);
    struct str out = STR_INIT;
    int64_t floor;
    if (!t)
        return;
    tables_flush(t); /* older than what is shown now */
    sio_begin(&out, TABLES_NAMESPACE);
    put_text(&out, NULL, RESPONSE);
    put_open(&out, NULL, '{');
    put_open(&out, "tables", '[');
    for (size_t i = 0; i < json_length(tables); i++) {
        const struct json *table = json_at(tables, i);
        if (json_int(json_get(table, "floor"), &floor) && tables_hears(c, floor))
            put_value(&out, NULL, table);
    }
    put_close(&out, ']');
    put_json(&out, "events", "[]");
    put_close(&out, '}');
    push(t, &out, position);
}

/* ------------------------------------------------------------------ replays */

static void on_replayed(struct conn *c, enum feed_resume how) {
    struct tables_client *t = tables_client_of(c);
    if (!t)
        return;
    bool exact = how == FEED_EXACT && t->missed.n <= SYNC_EVENTS_MAX;
    bool wanted = t->syncing;
    t->replaying = t->syncing = false;
    if (wanted && exact)
        events_push(t);
    sayings_cut(&t->missed, 0);
    if (!exact)
        tables_resync(c);
}

void tables_replay(struct tables_client *t, const struct position *from) {
    struct conn *c = t->socket->conn;
    t->replaying = true;
    feed_resume(c->server->feed, c, from, on_replayed);
}

void tables_resync(struct conn *c) {
    struct tables_client *t = tables_client_of(c);
    if (t && !t->replaying) /* else the replay finds out by itself */
        snapshot_resync(&t->tables, c);
}

/* ------------------------------------------------------------------ tables:sync */

static bool position_wanted(const struct tables_client *t, const struct json *message,
                            struct position *out, bool *given, struct err *e) {
    const struct json *v = json_get(message, "lastEventId");
    const char *text = json_string(v, NULL);
    *given = v && json_type_of(v) != JSON_NULL;
    if (!*given)
        return true;
    if (!text)
        return err_field(e, "lastEventId", "type", "must be text, or null for all tables");
    if (!position_parse(text, out) || out->venue != t->socket->conn->who.venue)
        return err_set(e, ERR_INVALID_CURSOR, "lastEventId is malformed or of another venue.");
    return true;
}

bool tables_sync(struct tables_client *t, const struct json *message, int64_t ack, struct err *e) {
    struct position from;
    bool given;
    if (!position_wanted(t, message, &from, &given, e))
        return false;
    if (t->replaying || t->sync_ack >= 0 || t->tables.out)
        return err_set(e, ERR_CONFLICT, "A sync is under way.");
    t->sync_ack = ack;
    if (!given) {
        snapshot_resync(&t->tables, t->socket->conn);
        return true;
    }
    tables_forget(t, from.seq); /* it comes in the answer */
    tables_flush(t);
    t->syncing = true;
    tables_replay(t, &from);
    return true;
}

void tables_sync_init(struct tables_client *t) {
    t->sync_ack = -1;
    snapshot_init(&t->tables, t->socket->conn, "restaurant_tables", 0, tables_push);
    t->tables.begun =
        true; /* nothing is shown at the beginning: the page reads its tables by REST */
}

void tables_sync_end(struct tables_client *t) {
    snapshot_end(&t->tables);
    sayings_cut(&t->missed, 0);
}
