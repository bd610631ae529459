/* tables.c - maitred-tables: tables, floors, and the deprecated operations of /admin/api/tables. */
#include "config.h"

#include "programs.h"

#define LIST "/api/tables"
#define ONE  LIST "/{id}"

#define ADMIN     "/admin/api/tables"
#define ADMIN_ONE ADMIN "/{id}"

#define SINCE  "@1795564800" /* 2026-11-25 */
#define SUNSET "Wed, 01 Dec 2027 00:00:00 GMT"

/* A status can be set as such; what moves or reopens a session is an action of the socket. */
static const struct deprecation by_status = {SINCE, SUNSET, ONE "/status"};
static const struct deprecation by_socket = {SINCE, SUNSET, "/admin/ws/dashboard"};

const struct route tables_routes[] = {
    {"GET", LIST, "table_list", NULL},
    {"POST", LIST, "table_create", NULL},
    {"GET", LIST "/stats", "table_stats", NULL},
    {"PATCH", LIST "/bulk", "table_bulk", NULL},
    {"GET", ONE, "table_get", NULL},
    {"PATCH", ONE, "table_update", NULL},
    {"PUT", ONE, "table_replace", NULL},
    {"DELETE", ONE, "table_delete", NULL},
    {"PATCH", ONE "/status", "table_set_status", NULL},
    {"GET", "/api/floors", "floor_list", NULL},
    {"PUT", "/api/floors/{floor}/layout", "floor_layout_save", NULL},
    {"GET", ADMIN, "tables_admin_list", NULL},
    {"POST", ADMIN_ONE "/close", "table_close", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/disable", "table_disable", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/enable", "table_enable", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/restore", "table_restore", .deprecated = &by_socket},
    {"POST", ADMIN "/move", "table_move", .deprecated = &by_socket},
    {NULL, NULL, NULL, NULL},
};
