/* entity.h - the language of the sockets that are opened for one thing (SPEC 5.4): an order, its
 * lines, a table, a session, a waiter, a restaurant, a hotel. What each says is a row of
 * entity_table.c. */
#ifndef PROTO_ENTITY_H
#define PROTO_ENTITY_H

#include "core/proto.h"

extern const struct proto entity_proto;

#endif
