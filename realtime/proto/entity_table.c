/* entity_table.c - what can be opened for one thing (SPEC 5.4): a row a path, with its rooms, what
 * it shows on connect, its actions and its messages. A new socket is a row here and one of
 * endpoints.c. Read by entity.c alone. */
#include "config.h"

#include "proto/entity_inner.h"

/* ------------------------------------------------------------------ actions */

#define CALLS(session)                                                                             \
    {"call_waiter", NULL, "service_request_create", session, "kind", "call_waiter", NULL},         \
        {"ask_for_bill", NULL, "service_request_create", session, "kind", "bill_requested", NULL}, \
    {                                                                                              \
        "place_order", "create_order", "order_create", session, NULL, NULL, NULL                   \
    }

static const struct entity_action order_actions[] = {
    {.name = "get_status"},
    {.name = "update_status", .op = "order_status", .id = "id"},
    CALLS(NULL), /* a guest's token says the session */
    {0},
};
static const struct entity_action items_actions[] = {{.name = "get_items"}, {0}};
static const struct entity_action table_actions[] = {
    {.name = "get_status"},
    {"occupy", "mark_occupied", "table_set_status", "id", "status", "occupied", NULL},
    {"release", "mark_released", "table_set_status", "id", "status", "available", NULL},
    {0},
};
static const struct entity_action session_actions[] = {
    {.name = "get_status"},
    {.name = "update_guests_count", .op = "session_update", .id = "id"},
    {.name = "close_session", .op = "session_close", .id = "id"},
    CALLS("session_id"),
    {0},
};
#define ACKNOWLEDGE                                                                                \
    { .name = "acknowledge", .op = "notification_acknowledge", .named = "notification_id" }
static const struct entity_action waiter_actions[] = {
    {.name = "get_tasks", .alias = "get_pending_tasks"},
    ACKNOWLEDGE,
    {0},
};
static const struct entity_action notifications_actions[] = {ACKNOWLEDGE, {0}};
static const struct entity_action house_actions[] = {{.name = "get_status"}, {0}};

/* ------------------------------------------------------------------ messages */

static bool created(const struct event *e, enum entity_side side) {
    (void)side;
    return event_did(e, "created");
}

/* Lines alone: with a step of the status the whole order is told. */
static bool items_alone(const struct event *e, enum entity_side side) {
    const struct json *old = event_old(e, false);
    (void)side;
    return event_did(e, "updated") && json_get(old, "items") && !json_get(old, "order_status");
}

static bool items_changed(const struct event *e, enum entity_side side) {
    (void)side;
    return !event_did(e, "updated") || json_get(event_old(e, false), "items");
}

static bool became_ready(const struct event *e, enum entity_side side) {
    (void)side;
    return event_did(e, "updated") && json_get(event_old(e, false), "order_status") &&
           str_eq(json_string(json_get(event_new(e, false), "order_status"), NULL), "ready");
}

static bool here(const struct event *e, enum entity_side side) {
    (void)e;
    return side == SIDE_HERE;
}

static bool ended(const struct event *e, enum entity_side side) {
    (void)e;
    return side == SIDE_ENDED;
}

static bool new_kind(const struct event *e, const char *kind) {
    return event_did(e, "created") &&
           str_eq(json_string(json_get(event_new(e, false), "kind"), NULL), kind);
}

static bool of_order(const struct event *e, enum entity_side side) {
    (void)side;
    return new_kind(e, "new_order") || new_kind(e, "order_ready");
}

static bool of_payment(const struct event *e, enum entity_side side) {
    (void)side;
    return new_kind(e, "payment_completed");
}

static bool of_guest(const struct event *e, enum entity_side side) {
    (void)side;
    return new_kind(e, "call_waiter") || new_kind(e, "bill_requested");
}

static bool of_all(const struct event *e, enum entity_side side) {
    (void)side;
    return new_kind(e, "broadcast");
}

static const struct entity_message order_messages[] = {
    {"order", items_alone, "order_items_update", put_order_items, "OrderItemsMessage"},
    {"order", NULL, "order_update", put_order, "OrderMessage"},
    {0},
};
static const struct entity_message items_messages[] = {
    {"order", items_changed, "items_updated", put_items, "ItemsMessage"},
    {0},
};
static const struct entity_message table_messages[] = {
    {"table", NULL, "table_update", put_table, "TableShown"},
    {0},
};
static const struct entity_message session_messages[] = {
    {"table", ended, "table_closed", put_closed, "SessionClosed"},
    {"table", here, "session_update", put_session, "SessionShown"},
    {"service_request", NULL, "call_update", put_call, "SessionCall"},
    {"menu_item", NULL, "menu_item_update", put_menu_item, "SessionMenuItem"},
    {"menu_category", NULL, "menu_category_update", put_menu_category, "SessionMenuCategory"},
    {0},
};
/* That one was acknowledged or resolved has a type of its own: no panel shall ring twice. */
static const struct entity_message waiter_messages[] = {
    {"notification", of_order, "order_notification", put_notification, "WaiterMessage"},
    {"notification", of_payment, "payment_notification", put_notification, "WaiterMessage"},
    {"notification", of_guest, "task_notification", put_notification, "WaiterMessage"},
    {"notification", created, "alert", put_notification, "WaiterMessage"},
    {"notification", NULL, "notification_update", put_notification, "WaiterMessage"},
    {0},
};
static const struct entity_message restaurant_messages[] = {
    {"order", created, "new_order", put_order, "OrderMessage"},
    {"order", became_ready, "order_ready", put_order, "OrderMessage"},
    {"notification", of_payment, "payment_completed", put_payment, "PaymentMessage"},
    {"notification", of_all, "broadcast", put_broadcast, "BroadcastMessage"},
    {0},
};
static const struct entity_message hotel_messages[] = {
    {"booking", NULL, "booking_update", put_booking, "BookingMessage"},
    {"room", NULL, "room_update", put_room, "RoomMessage"},
    {"notification", of_all, "broadcast", put_broadcast, "BroadcastMessage"},
    {0},
};

/* ------------------------------------------------------------------ paths */

/* A token of a session may open the session's orders, and which those are the database knows. */
static int64_t own_order(const struct principal *guest) {
    return guest->order;
}

static int64_t own_session(const struct principal *guest) {
    return guest->session ? guest->session : -1;
}

static enum entity_side session_side(const struct event *e, int64_t id) {
    int64_t over = 0, open = 0;
    const struct json *old = event_old(e, false);
    if (json_int(json_get(event_doc(e, EVENT_REFS), "ended_session"), &over) && over == id)
        return SIDE_ENDED;
    bool changed = !old || json_get(old, "session");
    return changed && json_int(json_get(json_get(event_new(e, false), "session"), "id"), &open) &&
                   open == id
               ? SIDE_HERE
               : SIDE_NONE;
}

const struct entity_row entity_rows[] = {
    {.path = "/ws/orders/{id}",
     .topics = {{TOPIC_ORDER, ROOM_OF_ID}},
     .own = own_order,
     .snapshot = "order",
     .status = "order_status",
     .shows = "OrderMessage",
     .put = put_order_status,
     .actions = order_actions,
     .messages = order_messages},
    {.path = "/ws/orders/{id}/items",
     .topics = {{TOPIC_ORDER, ROOM_OF_ID}},
     .own = own_order,
     .snapshot = "order",
     .status = "items_list",
     .shows = "ItemsMessage",
     .put = put_items_list,
     .actions = items_actions,
     .messages = items_messages},
    {.path = "/ws/tables/{id}",
     .topics = {{TOPIC_TABLE, ROOM_OF_ID}},
     .snapshot = "table",
     .status = "table_status",
     .shows = "TableShown",
     .put = put_table_status,
     .actions = table_actions,
     .messages = table_messages},
    {.path = "/ws/tables/sessions/{id}",
     .topics = {{TOPIC_SESSION, ROOM_OF_ID}, {TOPIC_RESTAURANT_MENU, ROOM_PLAIN}},
     .own = own_session,
     .snapshot = "session",
     .status = "session_status",
     .shows = "SessionShown",
     .put = put_session_status,
     .side = session_side,
     .actions = session_actions,
     .messages = session_messages},
    {.path = "/ws/waiters/{id}",
     .topics = {{TOPIC_WAITER, ROOM_OF_ID},
                {TOPIC_WAITERS, ROOM_PLAIN},
                {TOPIC_MANAGERS, ROOM_IN_CHARGE}},
     .greeting = "waiter_id",
     .snapshot = "waiter",
     .status = "tasks_list",
     .shows = "WaiterTasks",
     .put = put_tasks_list,
     .actions = waiter_actions,
     .messages = waiter_messages},
    {.path = "/ws/restaurants/{id}/notifications",
     .topics = {{TOPIC_RESTAURANT_NOTIFICATIONS, ROOM_PLAIN}},
     .venue = VENUE_RESTAURANT,
     .greeting = "restaurant_id",
     .actions = notifications_actions,
     .messages = waiter_messages},
    {.path = "/ws/restaurants/{id}",
     .topics = {{TOPIC_RESTAURANT, ROOM_PLAIN}},
     .venue = VENUE_RESTAURANT,
     .snapshot = "restaurant",
     .status = "restaurant_status",
     .shows = "RestaurantShown",
     .put = put_restaurant_status,
     .actions = house_actions,
     .messages = restaurant_messages},
    {.path = "/ws/hotels/{id}",
     .topics = {{TOPIC_HOTEL, ROOM_PLAIN}},
     .venue = VENUE_HOTEL,
     .snapshot = "hotel",
     .status = "hotel_status",
     .shows = "HotelShown",
     .put = put_hotel_status,
     .actions = house_actions,
     .messages = hotel_messages},
    {0},
};
