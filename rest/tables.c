/* tables.c - maitred-tables: tables, floors, and the deprecated operations of /admin/api/tables. */
#include "config.h"

#include "programs.h"

#define ADMIN     "/admin/api/tables"
#define ADMIN_ONE ADMIN "/{id}"

#define SINCE  "@1795564800" /* 2026-11-25 */
#define SUNSET "Wed, 01 Dec 2027 00:00:00 GMT"

/* A status can be set as such; what moves or reopens a session is an action of the socket. */
static const struct deprecation by_status = {SINCE, SUNSET, "/api/tables/{id}/status"};
static const struct deprecation by_socket = {SINCE, SUNSET, "/admin/ws/dashboard"};

const struct route tables_routes[] = {
    {"GET", ADMIN, "tables_admin_list", NULL},
    {"POST", ADMIN_ONE "/close", "table_close", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/disable", "table_disable", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/enable", "table_enable", .deprecated = &by_status},
    {"POST", ADMIN_ONE "/restore", "table_restore", .deprecated = &by_socket},
    {"POST", ADMIN "/move", "table_move", .deprecated = &by_socket},
    {NULL, NULL, NULL, NULL},
};
