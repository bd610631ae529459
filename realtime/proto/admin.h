/* admin.h - the language of /admin/ws/dashboard (SPEC 5.2): the tables of one restaurant, and the
 * steps that an admin takes with them. */
#ifndef PROTO_ADMIN_H
#define PROTO_ADMIN_H

#include "core/proto.h"

extern const struct proto admin_proto;

#endif
