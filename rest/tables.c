/* tables.c - maitred-tables: tables, floors, and the deprecated operations of /admin/api/tables. */
#include "config.h"

#include "programs.h"

const struct route tables_routes[] = {
    {NULL, NULL, NULL, NULL},
};
