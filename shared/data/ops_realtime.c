/* ops_realtime.c - what only the sidecar calls: the full state of a log channel. */
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

const struct op ops_realtime[] = {
    {.name = "channel_snapshot",
     .function = "channel_snapshot",
     .summary = "The current aggregates of a channel",
     .cap = CAP_ANYONE,
     .status = 200,
     .areas = 0,
     .args = snapshot_args},
    {0},
};
