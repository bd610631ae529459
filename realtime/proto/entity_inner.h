/* entity_inner.h - what the files of the entity protocol share; nobody else includes it.
 *
 * entity_table.c the table of paths, their actions and messages; entity.c the walk over it: opening,
 * actions, replies; entity_encode.c the documents as the messages show them.
 */
#ifndef PROTO_ENTITY_INNER_H
#define PROTO_ENTITY_INNER_H

#include "base/json.h"
#include "core/conn.h"
#include "core/sessions.h"
#include "proto/entity.h"

/* What a client may ask for on a path. */
struct entity_action {
    const char *name, *alias; /* alias: may be NULL; so may all that follow */
    const char *op;           /* NULL: the state that the path begins with, once more */
    const char *id;           /* the argument of the op that the path's id is */
    const char *fixed, *value; /* an argument that the name of the action says */
    const char *named;         /* how clients call the op's `id`, where it is not the path's */
};

/* What an event is to a session: nothing of it changed; it changed; it is over. */
enum entity_side { SIDE_NONE, SIDE_HERE, SIDE_ENDED };

/* A room without a number, the one with the path's id, or one for who is in charge and opens the
 * socket of the own account. */
enum entity_room { ROOM_PLAIN, ROOM_OF_ID, ROOM_IN_CHARGE };
#define ENTITY_ROOMS 3

/* Which events are told, and how: the first row that fits. */
struct entity_message {
    const char *kind;                                           /* of the aggregate */
    bool (*when)(const struct event *e, enum entity_side side); /* NULL: always */
    const char *type;
    void (*put)(const struct event *e, bool masked, struct str *out);
    const char *schema; /* of what it puts, in docs/schemas */
};

struct entity_row {
    const char *path;
    struct {
        enum topic_kind kind; /* TOPIC_NONE: no more */
        enum entity_room which;
    } topics[ENTITY_ROOMS];
    enum venue_kind venue; /* the id is the venue's, which is of this kind; UNKNOWN: of something in it */
    int64_t (*own)(const struct principal *guest); /* the id that a guest may open, 0: the database
                                                      knows; NULL: what the capability says */
    const char *greeting; /* says `connection` first, with the id under this name; NULL: no */
    const char *snapshot; /* kind of channel_snapshot, or NULL: it begins with nothing */
    const char *status;   /* the message that shows it */
    const char *shows;    /* schema of that */
    void (*put)(const struct json *docs, int64_t venue, int64_t id, struct str *out);
    enum entity_side (*side)(const struct event *e, int64_t id); /* NULL: does not matter */
    const struct entity_action *actions;                         /* ended by a row without name */
    const struct entity_message *messages;                       /* ended by a row without kind */
};

extern const struct entity_row entity_rows[]; /* ended by a row without path; at most 8 */

/* entity_encode.c: all append members, each with its comma before it. */
void put_order_status(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_items_list(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_table_status(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_session_status(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_tasks_list(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_restaurant_status(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_hotel_status(const struct json *docs, int64_t venue, int64_t id, struct str *out);
void put_order(const struct event *e, bool masked, struct str *out);
void put_order_items(const struct event *e, bool masked, struct str *out); /* and the order */
void put_items(const struct event *e, bool masked, struct str *out);
void put_table(const struct event *e, bool masked, struct str *out);
void put_session(const struct event *e, bool masked, struct str *out);
void put_closed(const struct event *e, bool masked, struct str *out);
void put_call(const struct event *e, bool masked, struct str *out);
void put_menu_item(const struct event *e, bool masked, struct str *out);
void put_menu_category(const struct event *e, bool masked, struct str *out);
void put_notification(const struct event *e, bool masked, struct str *out);
void put_payment(const struct event *e, bool masked, struct str *out);
void put_broadcast(const struct event *e, bool masked, struct str *out);
void put_booking(const struct event *e, bool masked, struct str *out);
void put_room(const struct event *e, bool masked, struct str *out);

#endif
