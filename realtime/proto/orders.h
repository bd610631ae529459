/* orders.h - the language of /api/v1/ws/orders/live (SPEC 5.3): a restaurant's orders as they come.
 */
#ifndef PROTO_ORDERS_H
#define PROTO_ORDERS_H

#include "core/proto.h"

extern const struct proto orders_proto;

#endif
