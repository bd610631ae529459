/* ops_sockets.c - the rooms of a Socket.IO session (SPEC 5.5): join, leave, which there are, the
 * end.
 *
 * Called by the sidecar alone. It gives `session` itself (action_place.given): a client can't name
 * it.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define SOCKET_SESSION                                                                             \
    {                                                                                              \
        .name = "session", .type = ARG_TEXT, .place = IN_BODY, .required = true, .min = 1,         \
        .max = 64, .help = "the session's id on Socket.IO"                                         \
    }

static const struct arg room_args[] = {
    SOCKET_SESSION,
    {.name = "floor",
     .type = ARG_INT,
     .place = IN_BODY,
     .required = true,
     .nullable = true,
     .min = 1,
     .max = INT_MAX,
     .help = "a floor's number, or null: all tables"},
    {0},
};
static const struct arg end_args[] = {SOCKET_SESSION, {0}};
static const struct arg rooms_args[] = {
    SOCKET_SESSION,
    {.name = "begun",
     .type = ARG_INT,
     .place = IN_BODY,
     .required = true,
     .max = LONG_MAX,
     .help = "the seq at which the session began"},
    {0},
};

const struct op ops_sockets[] = {
    {.name = "socket_join",
     .function = "socket_join",
     .summary = "Hear of a floor's tables, or of all",
     .cap = CAP_TABLES_READ,
     .write = true,
     .status = 200,
     .args = room_args},
    {.name = "socket_leave",
     .function = "socket_leave",
     .summary = "Hear of them no more",
     .cap = CAP_TABLES_READ,
     .write = true,
     .status = 200,
     .args = room_args},
    {.name = "socket_end",
     .function = "socket_end",
     .summary = "Leave all of them for good",
     .cap = CAP_TABLES_READ,
     .write = true,
     .status = 200,
     .args = end_args},
    {.name = "socket_rooms",
     .function = "socket_rooms",
     .summary = "What a session that comes back had joined",
     .cap = CAP_TABLES_READ,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .varies = BY_ACCOUNT,
     .args = rooms_args},
    {0},
};
