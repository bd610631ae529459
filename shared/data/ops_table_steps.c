/* ops_table_steps.c - what the staff does with a table: its status, close, disable, enable,
 * restore, move.
 *
 * Those of S0 are both deprecated REST operations and actions of the admin socket, which says
 * table_id, from_table_id, to_table_id; the status is an action of Socket.IO too (tableId).
 */
#include <config.h>

#include "data/ops_tables.h"

#define STEP_ID                                                                                    \
    {                                                                                              \
        .name = "id", .alias = "table_id", .type = ARG_ID, .place = IN_PATH, .required = true,     \
        .help = "the table"                                                                        \
    }

static const struct arg step_args[] = {STEP_ID, {0}};
static const struct arg status_args[] = {
    {.name = "id",
     .alias = "tableId",
     .type = ARG_ID,
     .place = IN_PATH,
     .required = true,
     .help = "the table"},
    {.name = "status",
     .type = ARG_ENUM,
     .place = IN_BODY,
     .required = true,
     .choices = TABLE_STATUSES,
     .help = "its new state; occupied opens a session, leaving it closes the session"},
    ARG_TABLE_NOTES,
    ARG_TABLE_VERSION,
    ARG_EMERGENCY,
    {0},
};
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

#define SESSION_ID                                                                                 \
    {                                                                                              \
        .name = "id", .alias = "session_id", .type = ARG_ID, .place = IN_PATH, .required = true,   \
        .help = "the session"                                                                      \
    }
static const struct arg session_args[] = {SESSION_ID, {0}};
static const struct arg session_update_args[] = {
    SESSION_ID,
    {.name = "guests_count",
     .alias = "guest_count",
     .type = ARG_INT,
     .place = IN_BODY,
     .min = 1,
     .max = 100,
     .help = "how many sit there"},
    {.name = "waiter_id", .type = ARG_ID, .place = IN_BODY, .help = "whose table it is now"},
    {0},
};

const struct op ops_table_steps[] = {
    {.name = "table_set_status",
     .function = "table_set_status",
     .summary = "Set a table's status; the status that it has already is no step",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = status_args,
     .answer = "Table"},
    {.name = "table_close",
     .function = "table_close",
     .summary = "End the open session: the table is free, its orders stay",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_disable",
     .function = "table_disable",
     .summary = "Take a table out of use",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_enable",
     .function = "table_enable",
     .summary = "Put a disabled table to use again",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_restore",
     .function = "table_restore",
     .summary = "Reopen the table's latest session, with its orders",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = step_args,
     .answer = "TableInfo"},
    {.name = "table_move",
     .function = "table_move",
     .summary = "Move a party to another table, with its session and orders",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = move_args,
     .answer = "TableInfoList"},
    {.name = "session_update",
     .function = "session_update",
     .summary = "How many guests a session has, and whose it is",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES) | AREA_BIT(AREA_ACCOUNTS),
     .args = session_update_args,
     .answer = "TableSession"},
    {.name = "session_close",
     .function = "session_close",
     .summary = "End a session: its table is free, its orders stay",
     .cap = CAP_TABLES_OPERATE,
     .write = true,
     .status = 200,
     .areas = AREA_BIT(AREA_TABLES),
     .rate_limited = true,
     .args = session_args,
     .answer = "TableSession"},
    {0},
};
