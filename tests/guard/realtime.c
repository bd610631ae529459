/* realtime.c - the sidecar's hot paths, counted: opening, a broadcast in each language and over
 * each link, coming back, a row of the feed, deflate. Run by run.sh; see sidecar.h for what they
 * run on.
 */
#include "config.h"

#include "guard.h"
#include "sidecar.h"

#include "core/conn.h"
#include "core/feed_inner.h"
#include "link/deflate.h"
#include "proto/channels.h"

#include <stdio.h>
#include <string.h>

#define TURNS   20 /* more than anything here takes; an idle one costs next to nothing */
#define MISSED  10 /* events, by one who comes back */
#define CHANNEL "restaurant_tables"

static char cursor[64], session[512];

/* ------------------------------------------------------------------ what clients say */

static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Version: 13\r\n";
static const char deflated[] = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
static const char subscribe[] = "{\"action\":\"subscribe\",\"channels\":[\"" CHANNEL "\"]}";

static void ask(const char *target, const char *headers, const char *more, const char *token) {
    char text[4096];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n%s%s\r\n",
                     target, token, headers, more);
    require(n > 0 && (size_t)n < sizeof text);
    lot_say(text, (size_t)n);
}

static void open_lot(const char *target, const char *headers, const char *more) {
    lot_connect(LOT);
    ask(target, headers, more, sidecar_token());
    sidecar_turns(TURNS);
    lot_hear();
}

/* What stands behind `name` in the last answer, up to the next quotation mark. */
static void note(const char *from, const char *name, char *out, size_t cap) {
    char mark[32];
    snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(from, mark);
    require(at);
    at += strlen(mark);
    snprintf(out, cap, "%.*s", (int)strcspn(at, "\""), at);
}

/* ------------------------------------------------------------------ opening */

static void handshake_with(const char *token) {
    lot_connect(10);
    ask("/ws", upgrade, "", token);
    COUNTED(sidecar_turns(TURNS));
    lot_hear();
    lot_close();
}

static void handshake(void) {
    handshake_with(sidecar_token());
}

static void handshake_new_token(void) {
    handshake_with(sidecar_new_token());
}

static void handshake_subscribe(void) {
    lot_connect(10);
    ask("/ws", upgrade, "", sidecar_token());
    sidecar_turns(TURNS);
    lot_hear();
    lot_say_frame(subscribe);
    COUNTED(sidecar_turns(TURNS));
    lot_hear();
    lot_close();
}

static void stream_opening(void) {
    lot_connect(10);
    ask("/events?channels=" CHANNEL, "", "", sidecar_token());
    COUNTED(sidecar_turns(TURNS));
    lot_hear();
    lot_close();
}

static const char socketio_target[] = "/socket.io/?EIO=4&transport=websocket";

static void socketio_say_connect(void) {
    char text[1100];
    snprintf(text, sizeof text, "40{\"token\":\"%s\"}", sidecar_token());
    lot_say_frame(text);
}

static void socketio_opening(void) {
    lot_connect(10);
    ask(socketio_target, upgrade, "", "-");
    COUNTED(sidecar_turns(TURNS));
    lot_hear();
    socketio_say_connect();
    COUNTED(sidecar_turns(TURNS));
    lot_hear();
    lot_close();
}

/* ------------------------------------------------------------------ broadcasts */

static void broadcast(enum sidecar_row kind) {
    struct event *e = sidecar_event(sidecar_rows(kind));
    COUNTED(sidecar_publish(e); sidecar_turns(TURNS));
    lot_hear();
}

static void tell_table(void) {
    broadcast(ROW_TABLE);
}

static void tell_order(void) {
    broadcast(ROW_ORDER);
}

/* 16 events of one moment. */
#define BURST 16
static void tell_burst(void) {
    struct event *e[BURST];
    for (int i = 0; i < BURST; i++)
        e[i] = sidecar_event(sidecar_rows(ROW_TABLE));
    COUNTED(for (int i = 0; i < BURST; i++) sidecar_publish(e[i]); sidecar_turns(TURNS));
    lot_hear();
}

static void channels_with(const char *more) {
    open_lot("/ws", upgrade, more);
    lot_say_frame(subscribe);
    sidecar_turns(TURNS);
    lot_hear();
}

static void channels_lot(void) {
    channels_with("");
}

static void deflated_lot(void) {
    channels_with(deflated);
}

static void stream_lot(void) {
    open_lot("/events?channels=" CHANNEL, "", "");
}

static void admin_lot(void) {
    lot_connect(LOT);
    ask("/admin/ws/dashboard", upgrade, "", sidecar_token());
    sidecar_turns(TURNS);
    lot_hear();
    lot_subscribe((struct topic){TOPIC_RESTAURANT_TABLES, 0});
}

static void orders_lot(void) {
    open_lot("/api/v1/ws/orders/live", upgrade, "");
}

static void entity_lot(void) {
    open_lot("/ws/tables/5", upgrade, "");
    lot_subscribe((struct topic){TOPIC_TABLE, 5});
}

static void socketio_lot(void) {
    open_lot(socketio_target, upgrade, "");
    socketio_say_connect();
    sidecar_turns(TURNS);
    lot_hear();
    lot_subscribe((struct topic){TOPIC_RESTAURANT_TABLES, 0});
}

/* A poll is answered, and asks again from there: both belong to one delivered message. */
static void poll_ask(void) {
    char target[160];
    snprintf(target, sizeof target, "/poll?channels=" CHANNEL "&timeout=25&since=%s", cursor);
    ask(target, "", "", sidecar_token());
}

static void poll_lot(void) {
    open_lot("/poll?channels=" CHANNEL, "", "");
    snprintf(cursor, sizeof cursor, "%s", sidecar_cursor());
    poll_ask();
    sidecar_turns(TURNS);
}

static void poll_round(void) {
    struct event *e = sidecar_event(sidecar_rows(ROW_TABLE));
    COUNTED(sidecar_publish(e); sidecar_turns(TURNS));
    note(lot_hear(), "cursor", cursor, sizeof cursor);
    poll_ask();
    COUNTED(sidecar_turns(TURNS));
}

/* ------------------------------------------------------------------ coming back */

static void resume_prepare(void) {
    channels_lot();
    lot_close();
    lot_connect(1);
    ask("/ws", upgrade, "", sidecar_token());
    sidecar_turns(TURNS);
    lot_hear();
    lot_say_frame(subscribe);
    sidecar_turns(TURNS);
    const char *answer = lot_hear();
    note(answer, "session", session, sizeof session);
    note(answer, "cursor", cursor, sizeof cursor);
    lot_close();
    for (int i = 0; i < MISSED; i++)
        sidecar_publish(sidecar_event(sidecar_rows(ROW_TABLE)));
}

static void resume(void) {
    char target[800];
    snprintf(target, sizeof target, "/ws?session=%s&cursor=%s", session, cursor);
    lot_connect(10);
    ask(target, upgrade, "", sidecar_token());
    COUNTED(sidecar_turns(TURNS));
    require(strstr(lot_hear(), "table_update"));
    lot_close();
}

/* ------------------------------------------------------------------ parts */

static void row_to_frame(void) {
    const struct dba_rows *rows = sidecar_rows(ROW_TABLE);
    struct event *e;
    struct frame *f;
    COUNTED(e = sidecar_event(rows); f = channels_proto.encode(e, 0));
    require(f);
    frame_unref(f);
    event_unref(e);
}

static void deflate_once(void) {
    struct deflate *d = deflate_new();
    struct event *e = sidecar_event(sidecar_rows(ROW_TABLE));
    struct frame *f = channels_proto.encode(e, 0);
    struct str out = STR_INIT;
    deflate_payload(d, FORM_DEFLATE_9, f->text, f->len, &out); /* the first sets it up */
    str_clear(&out);
    COUNTED(deflate_payload(d, FORM_DEFLATE_9, f->text, f->len, &out));
    str_free(&out);
    frame_unref(f);
    event_unref(e);
    deflate_free(d);
}

static const struct path paths[] = {
    {"handshake, token known", 10, NULL, handshake, NULL},
    {"handshake, new token", 10, NULL, handshake_new_token, NULL},
    {"subscribing", 10, NULL, handshake_subscribe, NULL},
    {"opening an event stream", 10, NULL, stream_opening, NULL},
    {"opening Socket.IO", 10, NULL, socketio_opening, NULL},
    {"broadcast, channels", LOT, channels_lot, tell_table, lot_close},
    {"broadcast, channels deflated", LOT, deflated_lot, tell_table, lot_close},
    {"broadcast, admin", LOT, admin_lot, tell_table, lot_close},
    {"broadcast, orders", LOT, orders_lot, tell_order, lot_close},
    {"broadcast, entity", LOT, entity_lot, tell_table, lot_close},
    {"broadcast, Socket.IO", LOT, socketio_lot, tell_table, lot_close},
    {"broadcast, event streams", LOT, stream_lot, tell_table, lot_close},
    {"broadcast, polls", LOT, poll_lot, poll_round, lot_close},
    {"burst of 16, channels", LOT *BURST, channels_lot, tell_burst, lot_close},
    {"burst of 16, Socket.IO", LOT *BURST, socketio_lot, tell_burst, lot_close},
    {"resume with 10 missed", 10, resume_prepare, resume, NULL},
    {"row to frame", 1, NULL, row_to_frame, NULL},
    {"deflate once", 1, NULL, deflate_once, NULL},
    {0},
};

int main(void) {
    sidecar_up();
    guard_paths(paths);
    sidecar_down();
    guard_folder_remove();
    return 0;
}
