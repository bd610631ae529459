/* ops_notifications.c - messages to waiters, guests' calls, waiters' tasks, and histories.
 *
 * Routed by the orders program (rest/orders.c) and called by the sockets of waiters and guests.
 * The bounds are those of tables maitred.notification and service_request.
 */
#include <config.h>

#include "data/ops.h"

#define ONE        AREA_BIT(AREA_NOTIFICATIONS)
#define READS      (ONE | AREA_BIT(AREA_VENUE)) /* lists ask whether the venue is there */
#define PRIORITIES "low|normal|high|urgent"
#define KINDS                                                                                      \
    "call_waiter|bill_requested|order_ready|new_order|payment_completed|alert|"                    \
    "ask_for_bill=bill_requested"
#define PRIORITY                                                                                   \
    {                                                                                              \
        .name = "priority", .type = ARG_ENUM, .place = IN_BODY, .choices = PRIORITIES,             \
        .fallback = "normal", .help = "how pressing"                                               \
    }
/* What people read, and whatever a program wants to send along. */
#define WORDS                                                                                      \
    {.name = "text",                                                                               \
     .alias = "message",                                                                           \
     .type = ARG_TEXT,                                                                             \
     .place = IN_BODY,                                                                             \
     .required = true,                                                                             \
     .min = 1,                                                                                     \
     .max = 500,                                                                                   \
     .help = "what people read"},                                                                  \
    {                                                                                              \
        .name = "data", .type = ARG_OBJECT, .place = IN_BODY, .max = 2048,                         \
        .help = "any object, delivered as it is"                                                   \
    }

#define PATH_ID(text)                                                                              \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = text }
#define PREFIXED_ID(text, prefix)                                                                  \
    {                                                                                              \
        .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .choices = prefix,       \
        .help = text                                                                               \
    }

static const struct arg list_args[] = {
    {.name = "waiter",
     .alias = "waiter_id",
     .type = ARG_ID,
     .place = IN_QUERY,
     .help = "only those for this account or for all"},
    {.name = "kind",
     .type = ARG_ENUMS,
     .place = IN_QUERY,
     .choices = KINDS,
     .help = "only these kinds, separated by commas"},
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};
static const struct arg id_args[] = {PATH_ID("the notification"), {0}};
static const struct arg create_args[] = {
    {.name = "waiter_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "the account it is for; null: everybody"},
    {.name = "kind",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .choices = KINDS,
     .fallback = "alert",
     .help = "what it is about"},
    PRIORITY,
    WORDS,
    {0},
};
static const struct arg broadcast_args[] = {PRIORITY, WORDS, {0}};
static const struct arg acknowledge_args[] = {
    {.name = "id",
     .alias = "notification_id",
     .type = ARG_ID,
     .place = IN_PATH,
     .required = true,
     .help = "the notification"},
    {0},
};
static const struct arg tasks_args[] = {PATH_ID("the waiter's account"), {0}};
static const struct arg request_args[] = {
    {.name = "kind",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .required = true,
     .choices = "call_waiter|bill_requested|ask_for_bill=bill_requested",
     .help = "what the guest wants"},
    {.name = "table_id", .type = ARG_ID, .place = IN_BODY, .help = "where; a guest need not say"},
    {.name = "session_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "the table session; a guest's is the token's"},
    PRIORITY,
    {.name = "text", .type = ARG_TEXT, .place = IN_BODY, .max = 500, .help = "more water"},
    {0},
};
static const struct arg page_args[] = {ARG_PAGE, ARG_LIMIT, {0}};
static const struct arg request_id_args[] = {PATH_ID("the service request"), {0}};
static const struct arg table_history_args[] = {PATH_ID("the table"), ARG_PAGE, ARG_LIMIT, {0}};
static const struct arg order_history_args[] = {PATH_ID("the order"), ARG_PAGE, ARG_LIMIT, {0}};
static const struct arg reservation_history_args[] = {
    PREFIXED_ID("the reservation, res12 or 12", "res"), ARG_PAGE, ARG_LIMIT, {0}};
static const struct arg booking_history_args[] = {
    PREFIXED_ID("the booking, bkg12 or 12", "bkg"), ARG_PAGE, ARG_LIMIT, {0}};

const struct op ops_notifications[] = {
    {.name = "notification_list",
     .function = "notification_list",
     .summary = "Open notifications, newest first",
     .cap = CAP_NOTIFICATIONS_READ,
     .paged = true,
     .status = 200,
     .areas = READS | AREA_BIT(AREA_ACCOUNTS), /* who is in charge */
     .args = list_args,
     .answer = "NotificationList"},
    {.name = "notification_get",
     .function = "notification_get",
     .summary = "One notification",
     .cap = CAP_NOTIFICATIONS_READ,
     .status = 200,
     .areas = ONE,
     .args = id_args,
     .answer = "Notification"},
    {.name = "notification_create",
     .function = "notification_create",
     .summary = "Send a notification to a waiter or to all",
     .cap = CAP_NOTIFICATIONS_SEND,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = create_args,
     .answer = "Notification"},
    {.name = "notification_acknowledge",
     .function = "notification_acknowledge",
     .summary = "Say that one is at it; who came first stays",
     .cap = CAP_NOTIFICATIONS_ACKNOWLEDGE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = acknowledge_args,
     .answer = "Notification"},
    {.name = "broadcast_create",
     .function = "broadcast_create",
     .summary = "Tell everybody in the venue something that asks for nothing",
     .cap = CAP_BROADCAST,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = broadcast_args,
     .answer = "Notification"},
    {.name = "waiter_tasks",
     .function = "waiter_tasks",
     .summary = "What a waiter has still to see to, the most pressing first",
     .cap = CAP_NOTIFICATIONS_READ,
     .status = 200,
     .areas = READS | AREA_BIT(AREA_ACCOUNTS),
     .args = tasks_args,
     .answer = "NotificationList"},
    {.name = "service_request_list",
     .function = "service_request_list",
     .summary = "Open service requests, newest first; a guest's own",
     .cap = CAP_GUEST_CALL,
     .paged = true,
     .status = 200,
     .areas = READS | AREA_BIT(AREA_ORDERS),
     .varies = BY_ROLE,
     .args = page_args,
     .answer = "ServiceRequestList"},
    {.name = "service_request_get",
     .function = "service_request_get",
     .summary = "One service request",
     .cap = CAP_GUEST_CALL,
     .status = 200,
     .areas = ONE | AREA_BIT(AREA_ORDERS),
     .varies = BY_ROLE,
     .args = request_id_args,
     .answer = "ServiceRequest"},
    {.name = "service_request_create",
     .function = "service_request_create",
     .summary = "Call a waiter or ask for the bill; what is open already is answered as it is",
     .cap = CAP_GUEST_CALL,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = request_args,
     .answer = "ServiceRequest"},
    {.name = "service_request_resolve",
     .function = "service_request_resolve",
     .summary = "The guest has what was asked for",
     .cap = CAP_NOTIFICATIONS_ACKNOWLEDGE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = request_id_args,
     .answer = "ServiceRequest"},
    {.name = "table_history",
     .function = "table_history",
     .summary = "A table's changes of status, newest first",
     .cap = CAP_HISTORY_READ,
     .paged = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .args = table_history_args,
     .answer = "HistoryList"},
    {.name = "order_history",
     .function = "order_history",
     .summary = "An order's changes of status, newest first",
     .cap = CAP_HISTORY_READ,
     .paged = true,
     .status = 200,
     .areas = AREA_BIT(AREA_ORDERS),
     .args = order_history_args,
     .answer = "HistoryList"},
    {.name = "reservation_history",
     .function = "reservation_history",
     .summary = "A reservation's changes of status, newest first",
     .cap = CAP_HISTORY_READ,
     .paged = true,
     .status = 200,
     .areas = AREA_BIT(AREA_RESERVATIONS),
     .args = reservation_history_args,
     .answer = "HistoryList"},
    {.name = "booking_history",
     .function = "booking_history",
     .summary = "A booking's changes of status, newest first",
     .cap = CAP_HISTORY_READ,
     .paged = true,
     .status = 200,
     .areas = AREA_BIT(AREA_BOOKINGS),
     .args = booking_history_args,
     .answer = "HistoryList"},
    {0},
};
