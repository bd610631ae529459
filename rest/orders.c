/* orders.c - maitred-orders: orders, payments, table sessions, notifications, service requests and
 * history (/api/v1). */
#include "config.h"

#include "programs.h"

#define ORDERS        "/api/v1/orders"
#define ORDER         ORDERS "/{id}"
#define SESSION       "/api/v1/sessions/{id}"
#define NOTIFICATIONS "/api/v1/notifications"
#define REQUESTS      "/api/v1/service-requests"
#define HISTORY       "/api/v1/history"

/* stats before {id}: the first row that fits is taken. */
const struct route orders_routes[] = {
    {"GET", ORDERS, "order_list", NULL},
    {"POST", ORDERS, "order_create", NULL},
    {"GET", ORDERS "/stats", "order_stats", NULL},
    {"GET", ORDER, "order_get", NULL},
    {"PATCH", ORDER, "order_update", NULL},
    {"PATCH", ORDER "/status", "order_status", NULL},
    {"POST", ORDER "/items", "order_append", NULL},
    {"PATCH", ORDER "/items/{itemId}", "order_line", NULL},
    {"POST", ORDER "/payments", "order_pay", NULL},
    {"PATCH", ORDER "/payments/{paymentId}", "order_payment", NULL},
    {"PATCH", SESSION, "session_update", NULL},
    {"POST", SESSION "/close", "session_close", NULL},
    {"GET", "/api/v1/waiters/{id}/tasks", "waiter_tasks", NULL},
    {"GET", NOTIFICATIONS, "notification_list", NULL},
    {"POST", NOTIFICATIONS, "notification_create", NULL},
    {"GET", NOTIFICATIONS "/{id}", "notification_get", NULL},
    {"POST", NOTIFICATIONS "/{id}/acknowledge", "notification_acknowledge", NULL},
    {"POST", "/api/v1/broadcasts", "broadcast_create", NULL},
    {"GET", REQUESTS, "service_request_list", NULL},
    {"POST", REQUESTS, "service_request_create", NULL},
    {"GET", REQUESTS "/{id}", "service_request_get", NULL},
    {"POST", REQUESTS "/{id}/resolve", "service_request_resolve", NULL},
    {"PATCH", REQUESTS "/{id}/resolve", "service_request_resolve", NULL},
    {"GET", HISTORY "/tables/{id}", "table_history", NULL},
    {"GET", HISTORY "/orders/{id}", "order_history", NULL},
    {"GET", HISTORY "/reservations/{id}", "reservation_history", NULL},
    {"GET", HISTORY "/bookings/{id}", "booking_history", NULL},
    {NULL, NULL, NULL, NULL},
};
