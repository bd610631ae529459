/* orders.c - maitred-orders: orders, payments, notifications, service requests and history (/api/v1). */
#include "config.h"

#include "programs.h"

const struct route orders_routes[] = {
    {NULL, NULL, NULL, NULL},
};
