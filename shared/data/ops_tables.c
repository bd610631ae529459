/* ops_tables.c - tables and floors, and what the staff does with them.
 *
 * The steps of S0 (close, disable, enable, restore, move) are both deprecated REST operations and
 * actions of the admin socket, which says table_id, from_table_id, to_table_id.
 */
#include <config.h>

#include "data/ops.h"

#define READS AREA_BIT(AREA_TABLES)

#define STEP_ID                                                                                    \
    {                                                                                              \
        .name = "id", .alias = "table_id", .type = ARG_ID, .place = IN_PATH, .required = true,     \
        .help = "the table"                                                                        \
    }

static const struct arg no_args[] = {{0}};
static const struct arg step_args[] = {STEP_ID, {0}};
static const struct arg move_args[] = {
    {.name = "from",
     .alias = "from_table_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .required = true,
     .help = "the table that the party leaves"},
    {.name = "to",
     .alias = "to_table_id",
     .type = ARG_ID,
     .place = IN_BODY,
     .required = true,
     .help = "the table that it goes to"},
    {0},
};

const struct op ops_tables[] = {
    {.name = "tables_admin_list",
     .function = "tables_admin_list",
     .summary = "All tables as the admin dashboard shows them",
     .cap = CAP_TABLES_READ,
     .status = 200,
     .areas = READS,
     .args = no_args,
     .answer = "TableInfoList"},
    {.name = "table_close",
     .function = "table_close",
     .summary = "End the open session: the table is free, its orders stay",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_disable",
     .function = "table_disable",
     .summary = "Take a table out of use",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_enable",
     .function = "table_enable",
     .summary = "Put a disabled table to use again",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_restore",
     .function = "table_restore",
     .summary = "Reopen the table's latest session, with its orders",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_move",
     .function = "table_move",
     .summary = "Move a party to another table, with its session and orders",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = move_args,
     .answer = "TableInfoList"},
    {0},
};
