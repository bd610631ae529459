/* ops_realtime.c - what only the sidecar calls: the full state of a log channel, and who is connected.
 * Their rights are those of the endpoints (realtime/endpoints.c). */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

static const struct arg snapshot_args[] = {
    {.name = "kind",
     .type = ARG_TEXT,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 48,
     .help = "the channel's kind, e.g. restaurant_tables, floor, order"},
    {.name = "id",
     .type = ARG_INT,
     .place = IN_BODY,
     .max = LONG_MAX,
     .help = "floor number, table or order, where the kind has one"},
    {0},
};
static const struct arg no_args[] = {{0}};

const struct op ops_realtime[] = {
    {.name = "channel_snapshot",
     .function = "channel_snapshot",
     .summary = "The current aggregates of a channel",
     .cap = CAP_ANYONE,
     .status = 200,
     .areas = 0,
     .args = snapshot_args},
    {.name = "live_status",
     .function = "live_status",
     .summary = "How many connections are open over all sidecars",
     .cap = CAP_ANYONE,
     .status = 200,
     .args = no_args,
     .answer = "LiveStatus"},
    {.name = "live_connections",
     .function = "live_connections",
     .summary = "The venue's open connections over all sidecars",
     .cap = CAP_ANYONE,
     .status = 200,
     .args = no_args,
     .answer = "LiveConnections"},
    {0},
};
