/* topic.c - the table of channels: name, capability, kind of venue, log or state. */
#include <config.h>

#include "access/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct row {
    const char *name; /* ends with a colon when an id follows */
    enum capability cap;
    bool hotel, state;
} rows[TOPIC_KINDS] = {
    [TOPIC_NONE] = {"none", CAP_ANYONE, false, false},
    [TOPIC_HOTEL_STATS] = {"hotel_stats", CAP_FIGURES_READ, true, true},
    [TOPIC_HOTEL_RESERVATIONS] = {"hotel_reservations", CAP_BOOKINGS_READ, true, false},
    [TOPIC_HOTEL_NOTIFICATIONS] = {"hotel_notifications", CAP_NOTIFICATIONS_READ, true, false},
    [TOPIC_HOTEL_ROOMS] = {"hotel_rooms", CAP_BOOKINGS_READ, true, true},
    [TOPIC_HOTEL_ORDERS] = {"hotel_orders", CAP_ORDERS_READ, true, false},
    [TOPIC_HOTEL_METRICS] = {"hotel_metrics", CAP_FIGURES_READ, true, true},
    [TOPIC_HOTEL_MENU] = {"hotel_menu", CAP_MENU_READ, true, false},
    [TOPIC_RESTAURANT_STATS] = {"restaurant_stats", CAP_FIGURES_READ, false, true},
    [TOPIC_RESTAURANT_RESERVATIONS] = {"restaurant_reservations", CAP_RESERVATIONS_READ, false,
                                       false},
    [TOPIC_RESTAURANT_NOTIFICATIONS] = {"restaurant_notifications", CAP_NOTIFICATIONS_READ, false,
                                        false},
    [TOPIC_RESTAURANT_TABLES] = {"restaurant_tables", CAP_TABLES_READ, false, false},
    [TOPIC_RESTAURANT_ORDERS] = {"restaurant_orders", CAP_ORDERS_READ, false, false},
    [TOPIC_RESTAURANT_METRICS] = {"restaurant_metrics", CAP_FIGURES_READ, false, true},
    [TOPIC_RESTAURANT_MENU] = {"restaurant_menu", CAP_MENU_READ, false, false},
    [TOPIC_FLOOR] = {"floor:", CAP_TABLES_READ, false, false},
    [TOPIC_TABLE] = {"table:", CAP_TABLES_READ, false, false},
    [TOPIC_ORDER] = {"order:", CAP_ORDERS_READ, false, false},
    [TOPIC_SESSION] = {"session:", CAP_SESSIONS_READ, false, false},
    [TOPIC_WAITER] = {"waiter:", CAP_NOTIFICATIONS_READ, false, false},
    [TOPIC_WAITERS] = {"waiters", CAP_NOTIFICATIONS_READ, false, false},
    [TOPIC_MANAGERS] = {"managers", CAP_NOTIFICATIONS_READ, false, false},
    [TOPIC_RESTAURANT] = {"restaurant", CAP_NOTIFICATIONS_READ, false, false},
    [TOPIC_HOTEL] = {"hotel", CAP_BOOKINGS_READ, true, false},
};

static bool takes_id(const struct row *row) {
    return row->name[strlen(row->name) - 1] == ':';
}

/* A positive decimal without leading zeros: one room, one name. */
static bool parse_id(const char *s, size_t len, int64_t *out) {
    int64_t id = 0;
    if (len == 0 || s[0] == '0')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || id > (INT64_MAX - (s[i] - '0')) / 10)
            return false;
        id = id * 10 + (s[i] - '0');
    }
    *out = id;
    return true;
}

bool topic_parse(const char *name, size_t len, struct topic *out) {
    for (int kind = TOPIC_NONE + 1; kind < TOPIC_CHANNELS; kind++) {
        const struct row *row = &rows[kind];
        size_t n = strlen(row->name);
        if (len < n || memcmp(name, row->name, n) != 0)
            continue;
        int64_t id = 0;
        if (takes_id(row) ? !parse_id(name + n, len - n, &id) : len != n)
            continue;
        *out = (struct topic){.kind = (enum topic_kind)kind, .id = id};
        return true;
    }
    return false;
}

static const struct row *row_of(enum topic_kind kind) {
    return &rows[(unsigned)kind < TOPIC_KINDS ? kind : TOPIC_NONE];
}

const char *topic_name(struct topic t, char buf[TOPIC_NAME_MAX]) {
    const struct row *row = row_of(t.kind);
    if (takes_id(row))
        snprintf(buf, TOPIC_NAME_MAX, "%s%" PRId64, row->name, t.id);
    else
        snprintf(buf, TOPIC_NAME_MAX, "%s", row->name);
    return buf;
}

enum capability topic_capability(enum topic_kind kind) {
    return row_of(kind)->cap;
}

bool topic_is_hotel(enum topic_kind kind) {
    return row_of(kind)->hotel;
}

bool topic_is_restaurant(enum topic_kind kind) {
    return kind > TOPIC_NONE && kind < TOPIC_KINDS && !row_of(kind)->hotel;
}

bool topic_is_state(enum topic_kind kind) {
    return row_of(kind)->state;
}
