/* ops.h - inside of data: where ops.c finds the rows of each area. Others use op_all and op_find.
 */
#ifndef DATA_OPS_H
#define DATA_OPS_H

#include "data/op.h"

/* Each ends with a row without a name. */
extern const struct op ops_stats[];
extern const struct op ops_reservations[];
extern const struct op ops_rooms[];
extern const struct op ops_menu[];
extern const struct op ops_tables[];
extern const struct op ops_table_steps[];
extern const struct op ops_orders[];
extern const struct op ops_notifications[];
extern const struct op ops_accounts[];
extern const struct op ops_realtime[];
extern const struct op ops_sockets[];

/* Period of the figures, of all stats ops alike. */
#define ARG_PERIOD                                                                                 \
    {                                                                                              \
        .name = "period", .type = ARG_ENUM, .place = IN_QUERY, .choices = "weekly|monthly",        \
        .fallback = "weekly",                                                                      \
        .help = "the last seven or the last thirty business days, today included"                  \
    }
/* The last two arguments of every paged op. */
#define ARG_PAGE                                                                                   \
    {                                                                                              \
        .name = "page", .type = ARG_INT, .place = IN_QUERY, .min = 1, .max = 1000000,              \
        .fallback = "1", .help = "number of the page, from 1"                                      \
    }
#define ARG_LIMIT                                                                                  \
    {                                                                                              \
        .name = "limit", .type = ARG_INT, .place = IN_QUERY, .min = 1, .max = 200,                 \
        .fallback = "50", .help = "how many a page"                                                \
    }

/* The same where a list is short and clients that know nothing of pages want it whole. */
#define ARG_LIMIT_MOST                                                                             \
    {                                                                                              \
        .name = "limit", .type = ARG_INT, .place = IN_QUERY, .min = 1, .max = 200,                 \
        .fallback = "200", .help = "how many a page"                                               \
    }

#endif
