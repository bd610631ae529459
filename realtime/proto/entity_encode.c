/* entity_encode.c - documents in the words of S2 (SPEC 5.4), of a snapshot and of an event alike.
 *
 * Called through entity_table.c. A table's document, with its session, is the same in both, so one
 * function shows either; what an event does not know (a name of the venue) is not in any message.
 */
#include "config.h"

#include "proto/entity_inner.h"

#include "proto/documents.h"

/* ------------------------------------------------------------------ orders */

void put_order_status(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    (void)venue, (void)id;
    document_order(out, json_at(docs, 0));
}

void put_items_list(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    (void)venue;
    put_long(out, "order_id", id);
    document_items(out, json_at(docs, 0));
}

void put_order(const struct event *e, bool masked, struct str *out) {
    document_order(out, document_of(e, masked));
}

void put_items(const struct event *e, bool masked, struct str *out) {
    const struct json *order = document_of(e, masked);
    put_value(out, "order_id", json_get(order, "id"));
    document_items(out, order);
}

void put_order_items(const struct event *e, bool masked, struct str *out) {
    put_items(e, masked, out);
    document_order(out, document_of(e, masked));
}

/* ------------------------------------------------------------------ tables and sessions */

static void table_put(const struct json *table, int64_t venue, struct str *out) {
    static const char *const session_fields[] = {"id", "session_code", "guests_count", "started_at",
                                                 NULL};
    const struct json *session = json_get(table, "session");
    const char *status = json_string(json_get(table, "status"), NULL);
    put_value(out, "id", json_get(table, "id"));
    put_value(out, "number", json_get(table, "number"));
    put_value(out, "label", json_get(table, "tableNumber"));
    put_value(out, "capacity", json_get(table, "capacity"));
    put_value(out, "status", json_get(table, "status"));
    put_bool(out, "is_occupied", str_eq(status, "occupied"));
    put_value(out, "is_active", json_get(table, "isActive"));
    put_value(out, "floor", json_get(table, "floor"));
    put_value(out, "zone", json_get(table, "section"));
    put_long(out, "restaurant", venue);
    if (json_type_of(session) == JSON_OBJECT)
        document_fields(out, "session", session, session_fields);
    else
        put_json(out, "session", "null");
}

static void session_put(const struct json *table, struct str *out) {
    static const char *const fields[] = {
        "id",          "session_code", "guests_count", "started_at",
        "last_active", "closed_at",    "state",        NULL};
    const struct json *session = json_get(table, "session");
    for (const char *const *f = fields; *f; f++)
        put_value(out, *f, json_get(session, *f));
    put_value(out, "table_id", json_get(table, "id"));
    put_value(out, "table_number", json_get(table, "number"));
}

void put_table_status(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    (void)id;
    table_put(json_at(docs, 0), venue, out);
}

void put_session_status(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    (void)venue, (void)id;
    session_put(json_at(docs, 0), out);
}

void put_table(const struct event *e, bool masked, struct str *out) {
    table_put(document_of(e, masked), e->venue, out);
}

void put_session(const struct event *e, bool masked, struct str *out) {
    session_put(document_of(e, masked), out);
}

/* The session is in what was before. */
void put_closed(const struct event *e, bool masked, struct str *out) {
    const struct json *table = document_of(e, masked);
    const struct json *session = json_get(event_old(e, masked), "session");
    put_value(out, "session_id", json_get(session, "id"));
    put_value(out, "session_code", json_get(session, "session_code"));
    put_value(out, "table_id", json_get(table, "id"));
    put_value(out, "table_number", json_get(table, "number"));
}

/* What the guests who called may know: that somebody comes, not who. */
void put_call(const struct event *e, bool masked, struct str *out) {
    static const char *const fields[] = {
        "id", "kind", "text", "order_id", "created_at", "acknowledged_at", "resolved_at", NULL};
    document_fields(out, "call", document_of(e, masked), fields);
}

void put_menu_item(const struct event *e, bool masked, struct str *out) {
    put_value(out, "item", document_of(e, masked));
}

void put_menu_category(const struct event *e, bool masked, struct str *out) {
    put_value(out, "category", document_of(e, masked));
}

/* ------------------------------------------------------------------ messages */

void put_tasks_list(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    (void)venue;
    put_long(out, "waiter_id", id);
    put_value(out, "tasks", docs);
}

void put_notification(const struct event *e, bool masked, struct str *out) {
    const struct json *doc = document_of(e, masked);
    put_value(out, "message", json_get(doc, "text"));
    put_value(out, "priority", json_get(doc, "priority"));
    put_value(out, "notification", doc);
}

void put_payment(const struct event *e, bool masked, struct str *out) {
    const struct json *doc = document_of(e, masked);
    put_value(out, "order_id", json_get(doc, "order_id"));
    put_value(out, "table_id", json_get(doc, "table_id"));
    put_value(out, "message", json_get(doc, "text"));
    put_value(out, "payment", json_get(doc, "data"));
}

void put_broadcast(const struct event *e, bool masked, struct str *out) {
    const struct json *doc = document_of(e, masked);
    put_value(out, "message", json_get(doc, "text"));
    put_value(out, "priority", json_get(doc, "priority"));
    put_value(out, "data", json_get(doc, "data"));
    put_value(out, "sent_by", json_get(doc, "created_by"));
}

/* ------------------------------------------------------------------ houses */

static void house_put(const struct json *doc, const char *id, const char *const *figures,
                      struct str *out) {
    put_value(out, id, json_get(doc, "id"));
    put_value(out, "name", json_get(doc, "name"));
    for (; *figures; figures++)
        put_value(out, *figures, json_get(doc, *figures));
}

void put_restaurant_status(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    static const char *const figures[] = {"active_orders", "occupied_tables", NULL};
    (void)venue, (void)id;
    house_put(json_at(docs, 0), "restaurant_id", figures, out);
}

void put_hotel_status(const struct json *docs, int64_t venue, int64_t id, struct str *out) {
    static const char *const figures[] = {"rooms",          "out_of_order",     "in_house",
                                          "arrivals_today", "departures_today", NULL};
    (void)venue, (void)id;
    house_put(json_at(docs, 0), "hotel_id", figures, out);
}

void put_booking(const struct event *e, bool masked, struct str *out) {
    put_value(out, "booking", document_of(e, masked));
}

void put_room(const struct event *e, bool masked, struct str *out) {
    put_value(out, "room", document_of(e, masked));
}
