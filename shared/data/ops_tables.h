/* ops_tables.h - inside of data: arguments that the rows of ops_tables.c and ops_table_steps.c
 * share. */
#ifndef DATA_OPS_TABLES_H
#define DATA_OPS_TABLES_H

#include "data/ops.h"

#include <limits.h>

/* S0 calls maintenance disabled, and free what is available. */
#define TABLE_STATUSES "available|occupied|reserved|maintenance|free=available|disabled=maintenance"

#define ARG_TABLE_NOTES                                                                            \
    {                                                                                              \
        .name = "notes", .type = ARG_TEXT, .place = IN_BODY, .max = 500,                           \
        .help = "why; an empty one removes it, and a new status comes without the old one's"       \
    }
#define ARG_TABLE_VERSION                                                                          \
    {                                                                                              \
        .name = "version", .type = ARG_INT, .place = IN_BODY, .min = 1, .max = LONG_MAX,           \
        .help = "the version that was read: an older one is refused with 409"                      \
    }
#define ARG_EMERGENCY                                                                              \
    {                                                                                              \
        .name = "emergency", .type = ARG_BOOL, .place = IN_BODY,                                   \
        .help = "passes the limit of updates a second, with the right emergency"                   \
    }

#endif
