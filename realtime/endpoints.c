/* endpoints.c - the table of what the sidecar serves. A new client protocol is one row here and one
 * file in proto/. What a channel needs beyond a valid token is asked when it is subscribed to. */
#include "config.h"

#include "endpoints.h"

#include "asyncapi.h"
#include "link/engineio.h"
#include "proto/admin.h"
#include "proto/channels.h"
#include "proto/entity.h"
#include "proto/orders.h"
#include "proto/tables.h"
#include "status.h"

const struct endpoint endpoints[] = {
    {"GET", "/ws", CAP_ANYONE, &channels_proto, &way_websocket, NULL, NULL},
    {"GET", "/events", CAP_ANYONE, &channels_stream_proto, &way_stream, NULL, NULL},
    {"GET", "/poll", CAP_ANYONE, &channels_poll_proto, &way_poll, NULL, NULL},
    {"GET", "/admin/ws/dashboard", CAP_TABLES_ADMIN, &admin_proto, &way_websocket, NULL, NULL},
    {"GET", "/api/v1/ws/orders/live", CAP_ORDERS_READ, &orders_proto, &way_websocket, NULL, NULL},
    {"GET", "/api/v1/ws/orders/live/status", CAP_ORDERS_READ, NULL, &way_database, NULL,
     "live_status"},
    {"GET", "/api/v1/ws/orders/live/connections", CAP_HISTORY_READ, NULL, &way_census, NULL,
     "live_connections"},
    {"GET", "/ws/orders/{id}", CAP_ORDERS_READ, &entity_proto, &way_websocket, NULL, NULL},
    {"GET", "/ws/orders/{id}/items", CAP_ORDERS_READ, &entity_proto, &way_websocket, NULL, NULL},
    {"GET", "/ws/tables/{id}", CAP_TABLES_READ, &entity_proto, &way_websocket, NULL, NULL},
    {"GET", "/ws/tables/sessions/{id}", CAP_SESSIONS_READ, &entity_proto, &way_websocket, NULL,
     NULL},
    {"GET", "/ws/waiters/{id}", CAP_NOTIFICATIONS_READ, &entity_proto, &way_websocket, NULL, NULL},
    {"GET", "/ws/restaurants/{id}/notifications", CAP_NOTIFICATIONS_READ, &entity_proto,
     &way_websocket, NULL, NULL},
    {"GET", "/ws/restaurants/{id}", CAP_NOTIFICATIONS_READ, &entity_proto, &way_websocket, NULL,
     NULL},
    {"GET", "/ws/hotels/{id}", CAP_BOOKINGS_READ, &entity_proto, &way_websocket, NULL, NULL},
    {"*", "/socket.io", CAP_PUBLIC, &tables_proto.proto, &way_engineio, NULL,
     NULL}, /* a token: CONNECT */
    {"GET", "/asyncapi.json", CAP_PUBLIC, NULL, &way_document, asyncapi_get, NULL},
    {"GET", "/healthz", CAP_PUBLIC, NULL, NULL, status_health, NULL},
    {"GET", "/readyz", CAP_PUBLIC, NULL, NULL, status_ready, NULL},
    {"GET", "/metrics", CAP_PUBLIC, NULL, NULL, status_metrics, NULL},
    {NULL, NULL, CAP_PUBLIC, NULL, NULL, NULL, NULL},
};
