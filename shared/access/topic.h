/* topic.h - the grammar of channels: a name that a client says <-> a room that the hub routes by.
 *
 * A topic is venue + kind + id. Which topics an event reaches is decided in realtime/core/event.c
 * and nowhere else; which capability a topic needs is a column of the table in topic.c.
 */
#ifndef ACCESS_TOPIC_H
#define ACCESS_TOPIC_H

#include "access/permissions.h"

#include <stddef.h>
#include <stdint.h>

enum topic_kind {
    TOPIC_NONE,
    TOPIC_HOTEL_STATS,
    TOPIC_HOTEL_RESERVATIONS,
    TOPIC_HOTEL_NOTIFICATIONS,
    TOPIC_HOTEL_ROOMS,
    TOPIC_HOTEL_ORDERS,
    TOPIC_HOTEL_METRICS,
    TOPIC_HOTEL_MENU,
    TOPIC_RESTAURANT_STATS,
    TOPIC_RESTAURANT_RESERVATIONS,
    TOPIC_RESTAURANT_NOTIFICATIONS,
    TOPIC_RESTAURANT_TABLES,
    TOPIC_RESTAURANT_ORDERS,
    TOPIC_RESTAURANT_METRICS,
    TOPIC_RESTAURANT_MENU,
    TOPIC_FLOOR, /* floor:N */
    TOPIC_TABLE, /* table:ID */
    TOPIC_ORDER, /* order:ID */
    TOPIC_CHANNELS,
    /* Rooms of sockets that are opened for one thing (docs/entity-ws.md); no name says them. */
    TOPIC_SESSION = TOPIC_CHANNELS,
    TOPIC_WAITER,
    TOPIC_WAITERS,  /* what is for every waiter */
    TOPIC_MANAGERS, /* ... for those in charge */
    TOPIC_RESTAURANT,
    TOPIC_HOTEL,
    TOPIC_KINDS
};

struct topic {
    enum topic_kind kind;
    int64_t id; /* floor number; table, order, session or account id; else 0 */
};

#define TOPIC_NAME_MAX 48

bool topic_parse(const char *name, size_t len, struct topic *out); /* false: no such channel */
const char *topic_name(struct topic t, char buf[TOPIC_NAME_MAX]);
enum capability topic_capability(enum topic_kind kind);
bool topic_is_hotel(enum topic_kind kind);
bool topic_is_restaurant(enum topic_kind kind);
/* State topics (stats, metrics, room availability) send newest-wins figures; the others are logs. */
bool topic_is_state(enum topic_kind kind);

#endif
