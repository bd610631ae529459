/* ops_orders.c - orders of a restaurant: placing, changing, lines, payments, the day's figures.
 *
 * The bounds are those of tables maitred.customer_order, order_item and payment. A price is never
 * an argument: the menu says it. Aliases of the wire (in_progress, delivered, paid, canceled)
 * become the table's own words here.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define ALIASES  "|in_progress=preparing|delivered=served|paid=completed|canceled=cancelled"
#define STATUSES "pending|confirmed|preparing|ready|served|completed|cancelled" ALIASES
#define LINE_STATUSES                                                                              \
    "placed|preparing|ready|served|void|in_progress=preparing|delivered=served|voided=void|"       \
    "cancelled=void|canceled=void"
/* An order's waiter is its session's, and its money is in the venue's currency. */
#define READS (AREA_BIT(AREA_ORDERS) | AREA_BIT(AREA_TABLES) | AREA_BIT(AREA_VENUE))

#define ORDER_ID                                                                                   \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = "the order" }
#define ORDER_VERSION                                                                              \
    {                                                                                              \
        .name = "version", .type = ARG_INT, .place = IN_BODY, .min = 1, .max = LONG_MAX,           \
        .help = "the version that was read: an older one is refused with 409"                      \
    }
#define ITEMS                                                                                      \
    {                                                                                              \
        .name = "items", .type = ARG_ARRAY, .place = IN_BODY, .required = true, .min = 1,          \
        .max = 100, .items = item_args, .help = "what is ordered, at the menu's prices"            \
    }
/* What a new order and a changed one have alike. */
#define GUEST_FIELDS                                                                               \
    {.name = "customer_name",                                                                      \
     .type = ARG_TEXT,                                                                             \
     .place = IN_BODY,                                                                             \
     .max = 100,                                                                                   \
     .help = "whom it is for"},                                                                    \
    {                                                                                              \
        .name = "customer_phone", .type = ARG_TEXT, .place = IN_BODY, .min = 3, .max = 32,         \
        .help = "telephone"                                                                        \
    }
#define STAFF_FIELDS                                                                               \
    {.name = "estimated_time",                                                                     \
     .type = ARG_INT,                                                                              \
     .place = IN_BODY,                                                                             \
     .min = 0,                                                                                     \
     .max = 1440,                                                                                  \
     .help = "minutes until it is ready"},                                                         \
        {.name = "payment_method",                                                                 \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .min = 1,                                                                                 \
         .max = 40,                                                                                \
         .help = "how they mean to pay"},                                                          \
    {                                                                                              \
        .name = "notes", .type = ARG_TEXT, .place = IN_BODY, .max = 1000,                          \
        .help = "for the staff; guests don't see it"                                               \
    }

static const struct arg no_args[] = {{0}};
static const struct arg item_args[] = {
    {.name = "menu_item_id", .type = ARG_ID, .required = true, .help = "of the menu"},
    {.name = "quantity",
     .type = ARG_INT,
     .min = 1,
     .max = 999,
     .fallback = "1",
     .help = "how many"},
    {.name = "notes", .type = ARG_TEXT, .max = 500, .help = "no onions"},
    {0},
};
static const struct arg list_args[] = {
    {.name = "status",
     .type = ARG_ENUMS,
     .place = IN_QUERY,
     .choices = STATUSES,
     .help = "only these states, separated by commas"},
    {.name = "date", .type = ARG_DATE, .place = IN_QUERY, .help = "only this business day"},
    {.name = "table",
     .alias = "table_id",
     .type = ARG_ID,
     .place = IN_QUERY,
     .help = "only of this table"},
    {.name = "session",
     .alias = "session_id",
     .type = ARG_ID,
     .place = IN_QUERY,
     .help = "only of this table session"},
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};
static const struct arg id_args[] = {ORDER_ID, {0}};
static const struct arg create_args[] = {
    {.name = "table_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "where; its open session is the order's"},
    {.name = "session_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "the table session; a guest's is the token's"},
    GUEST_FIELDS,
    ITEMS,
    {.name = "status",
     .alias = "order_status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .choices = "pending|confirmed",
     .help = "pending when not said; guests' always are"},
    STAFF_FIELDS,
    {0},
};
static const struct arg update_args[] = {
    ORDER_ID,
    GUEST_FIELDS,
    STAFF_FIELDS,
    {.name = "table_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .help = "another table, for an order without a session"},
    ORDER_VERSION,
    {0},
};
static const struct arg status_args[] = {
    ORDER_ID,
    {.name = "status",
     .alias = "order_status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .required = true,
     .choices = STATUSES,
     .help = "the step; a refusal names those that are allowed"},
    {.name = "note",
     .alias = "reason",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .max = 500,
     .help = "why; kept in the history"},
    ORDER_VERSION,
    {.name = "emergency",
     .type = ARG_BOOL,
     .place = IN_BODY,
     .help = "passes the rate limit, for admin and manager"},
    {0},
};
static const struct arg append_args[] = {ORDER_ID, ITEMS, {0}};
static const struct arg line_args[] = {
    ORDER_ID,
    {.name = "itemId", .type = ARG_ID, .place = IN_PATH, .required = true, .help = "the line's id"},
    {.name = "status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .choices = LINE_STATUSES,
     .help = "the step; void is the last of all"},
    {.name = "void", .type = ARG_BOOL, .place = IN_BODY, .help = "true: the same as status void"},
    {0},
};
static const struct arg pay_args[] = {
    ORDER_ID,
    {.name = "amount",
     .type = ARG_MONEY,
     .place = IN_BODY,
     .max = 1000000,
     .help = "what is still due when not said"},
    {.name = "method",
     .alias = "payment_method",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 40,
     .help = "a word: cash, card, mobile"},
    {.name = "status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .choices = "pending|completed|paid=completed",
     .fallback = "completed",
     .help = "pending while a terminal is still at it"},
    {0},
};
static const struct arg payment_args[] = {
    ORDER_ID,
    {.name = "paymentId",
     .type = ARG_ID,
     .place = IN_PATH,
     .required = true,
     .help = "the payment's id"},
    {.name = "status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .required = true,
     .choices = "pending|completed|failed|refunded|paid=completed",
     .help = "the step; a refusal names those that are allowed"},
    {0},
};

const struct op ops_orders[] = {
    {.name = "order_stats",
     .function = "order_stats",
     .summary = "Revenue, orders and customers of the business day",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = AREA_BIT(AREA_ORDERS) | AREA_BIT(AREA_VENUE),
     .clock_s = 60,
     .args = no_args,
     .answer = "OrderStats"},
    {.name = "order_list",
     .function = "order_list",
     .summary = "Orders, newest first, by state, business day, table or session",
     .cap = CAP_ORDERS_READ,
     .paged = true,
     .status = 200,
     .areas = READS,
     .varies = BY_ROLE,
     .args = list_args,
     .answer = "OrderList"},
    {.name = "order_get",
     .function = "order_get",
     .summary = "One order",
     .cap = CAP_ORDERS_READ,
     .status = 200,
     .areas = READS,
     .varies = BY_ROLE,
     .args = id_args,
     .answer = "Order"},
    {.name = "order_create",
     .function = "order_create",
     .summary = "Place an order",
     .cap = CAP_ORDERS_WRITE,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = create_args,
     .answer = "Order"},
    {.name = "order_update",
     .function = "order_update",
     .summary = "Change what an order says; what is not named stays",
     .cap = CAP_ORDERS_WRITE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = update_args,
     .answer = "Order"},
    {.name = "order_status",
     .function = "order_status",
     .summary = "One step of an order's status",
     .cap = CAP_ORDERS_COOK,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = status_args,
     .answer = "Order"},
    {.name = "order_append",
     .function = "order_append",
     .summary = "Append lines to an order",
     .cap = CAP_ORDERS_WRITE,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = append_args,
     .answer = "Order"},
    {.name = "order_line",
     .function = "order_line",
     .summary = "One step of a line's status, or void it",
     .cap = CAP_ORDERS_COOK,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = line_args,
     .answer = "Order"},
    {.name = "order_pay",
     .function = "order_pay",
     .summary = "Record a payment of an order",
     .cap = CAP_PAYMENTS_WRITE,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = pay_args,
     .answer = "Order"},
    {.name = "order_payment",
     .function = "order_payment",
     .summary = "A payment's later step: completed, failed, tried again, refunded",
     .cap = CAP_PAYMENTS_WRITE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = payment_args,
     .answer = "Order"},
    {0},
};
