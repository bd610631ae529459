/* ops_tables.c - tables and floors: reading, making, changing, deleting, many at once, layouts. */
#include <config.h>

#include "data/ops_tables.h"

#define READS AREA_BIT(AREA_TABLES)

#define TABLE_ID                                                                                   \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = "the table" }
/* What a new table needs and a change may name; `must` marks those that a new one can't lack. */
#define TABLE_FIELDS(must)                                                                         \
    {.name = "number",                                                                             \
     .type = ARG_INT,                                                                              \
     .place = IN_BODY,                                                                             \
     .required = must,                                                                             \
     .min = 1,                                                                                     \
     .max = 9999,                                                                                  \
     .help = "unique in the venue"},                                                               \
        {.name = "label",                                                                          \
         .alias = "tableNumber",                                                                   \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .required = must,                                                                         \
         .min = 1,                                                                                 \
         .max = 20,                                                                                \
         .help = "letters, digits and hyphens; unique in the venue"},                              \
        {.name = "name",                                                                           \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .max = 50,                                                                                \
         .help = "a name; an empty one removes it"},                                               \
        {.name = "capacity",                                                                       \
         .type = ARG_INT,                                                                          \
         .place = IN_BODY,                                                                         \
         .required = must,                                                                         \
         .min = 1,                                                                                 \
         .max = 20,                                                                                \
         .help = "seats"},                                                                         \
        {.name = "minCapacity",                                                                    \
         .type = ARG_INT,                                                                          \
         .place = IN_BODY,                                                                         \
         .min = 1,                                                                                 \
         .max = 20,                                                                                \
         .help = "the smallest party; 1 when not said"},                                           \
        {.name = "floor",                                                                          \
         .type = ARG_INT,                                                                          \
         .place = IN_BODY,                                                                         \
         .required = must,                                                                         \
         .min = 1,                                                                                 \
         .max = 10,                                                                                \
         .help = "number of the floor"},                                                           \
        {.name = "section",                                                                        \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .max = 50,                                                                                \
         .help = "part of the floor; an empty one removes it"},                                    \
    {                                                                                              \
        .name = "position", .type = ARG_OBJECT, .place = IN_BODY, .max = 2048,                     \
        .help = "place and shape in the floor plan, as the front end draws it"                     \
    }

static const struct arg no_args[] = {{0}};
static const struct arg list_args[] = {
    {.name = "status",
     .type = ARG_ENUMS,
     .place = IN_QUERY,
     .choices = TABLE_STATUSES,
     .help = "only these states, separated by commas"},
    {.name = "floor",
     .type = ARG_INT,
     .place = IN_QUERY,
     .min = 1,
     .max = 10,
     .help = "only this floor"},
    {.name = "section",
     .type = ARG_TEXT,
     .place = IN_QUERY,
     .max = 50,
     .help = "only this section"},
    {.name = "search",
     .type = ARG_TEXT,
     .place = IN_QUERY,
     .max = 50,
     .help = "part of a label, number, name or section"},
    {.name = "sortBy",
     .type = ARG_ENUM,
     .place = IN_QUERY,
     .choices = "number|tableNumber|name|capacity|floor|section|status|updatedAt|label=tableNumber",
     .fallback = "number",
     .help = "what the list is sorted by"},
    {.name = "sortOrder",
     .type = ARG_ENUM,
     .place = IN_QUERY,
     .choices = "asc|desc",
     .fallback = "asc",
     .help = "which way"},
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};
static const struct arg id_args[] = {TABLE_ID, {0}};
static const struct arg create_args[] = {TABLE_FIELDS(true), {0}};
static const struct arg update_args[] = {TABLE_ID, TABLE_FIELDS(false), ARG_TABLE_VERSION, {0}};
static const struct arg replace_args[] = {TABLE_ID, TABLE_FIELDS(true), ARG_TABLE_VERSION, {0}};
static const struct arg delete_args[] = {TABLE_ID, ARG_TABLE_VERSION, {0}};
static const struct arg bulk_changes[] = {
    {.name = "status",
     .type = ARG_ENUM,
     .choices = TABLE_STATUSES,
     .help = "the new state of each"},
    {.name = "notes", .type = ARG_TEXT, .max = 500, .help = "why"},
    {.name = "capacity", .type = ARG_INT, .min = 1, .max = 20, .help = "seats"},
    {.name = "minCapacity", .type = ARG_INT, .min = 1, .max = 20, .help = "the smallest party"},
    {.name = "floor", .type = ARG_INT, .min = 1, .max = 10, .help = "number of the floor"},
    {.name = "section",
     .type = ARG_TEXT,
     .max = 50,
     .help = "part of the floor; an empty one removes it"},
    {0},
};
static const struct arg bulk_args[] = {
    {.name = "tableIds",
     .type = ARG_IDS,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 200,
     .help = "the tables"},
    {.name = "updates",
     .type = ARG_OBJECT,
     .place = IN_BODY,
     .required = true,
     .max = 4096,
     .items = bulk_changes,
     .help = "what changes in each of them"},
    ARG_EMERGENCY,
    {0},
};
static const struct arg layout_items[] = {
    {.name = "id",
     .alias = "tableId",
     .type = ARG_ID,
     .required = true,
     .help = "a table of the floor"},
    {.name = "position",
     .type = ARG_OBJECT,
     .required = true,
     .max = 2048,
     .help = "its place and shape"},
    {.name = "version",
     .type = ARG_INT,
     .min = 1,
     .max = LONG_MAX,
     .help = "the version that was read"},
    {0},
};
static const struct arg layout_args[] = {
    {.name = "floor",
     .type = ARG_INT,
     .place = IN_PATH,
     .required = true,
     .min = 1,
     .max = 9999,
     .help = "number of the floor"},
    {.name = "tables",
     .type = ARG_ARRAY,
     .place = IN_BODY,
     .required = true,
     .min = 1,
     .max = 500,
     .items = layout_items,
     .help = "where they stand; the others stay"},
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
    {.name = "table_list",
     .function = "table_list",
     .summary = "Tables, by state, floor, section and text",
     .cap = CAP_TABLES_READ,
     .paged = true,
     .status = 200,
     .areas = READS,
     .args = list_args,
     .answer = "TablePage"},
    {.name = "table_get",
     .function = "table_get",
     .summary = "One table",
     .cap = CAP_TABLES_READ,
     .status = 200,
     .areas = READS,
     .args = id_args,
     .answer = "Table"},
    {.name = "table_stats",
     .function = "table_stats",
     .summary = "How many tables are in which state, in all and by floor",
     .cap = CAP_TABLES_READ,
     .status = 200,
     .areas = READS,
     .args = no_args,
     .answer = "TableStats"},
    {.name = "floor_list",
     .function = "floor_list",
     .summary = "The floors, with their sections and how many tables they have",
     .cap = CAP_TABLES_READ,
     .status = 200,
     .areas = READS,
     .args = no_args,
     .answer = "FloorList"},
    {.name = "table_create",
     .function = "table_create",
     .summary = "Add a table",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = create_args,
     .answer = "Table"},
    {.name = "table_update",
     .function = "table_update",
     .summary = "Change a table; what is not named stays",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = update_args,
     .answer = "Table"},
    {.name = "table_replace",
     .function = "table_replace",
     .summary = "Change a table; what is not named is as in a new one",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = replace_args,
     .answer = "Table"},
    {.name = "table_delete",
     .function = "table_delete",
     .summary = "Delete a table that nothing needs any more",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 204,
     .areas = READS,
     .args = delete_args},
    {.name = "table_bulk",
     .function = "table_bulk",
     .summary = "Change many tables; one that is refused does not undo the others",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .rate_limited = true,
     .args = bulk_args,
     .answer = "TableBulkResult"},
    {.name = "floor_layout_save",
     .function = "floor_layout_save",
     .summary = "Save where a floor's tables stand: all or nothing",
     .cap = CAP_TABLES_ADMIN,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = layout_args,
     .answer = "FloorLayout"},
    {0},
};
