/* ops_orders.c - orders of a restaurant: the figures of the business day. */
#include <config.h>

#include "data/ops.h"

static const struct arg no_args[] = {{0}};

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
    {0},
};
