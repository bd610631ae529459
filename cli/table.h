/* table.h - the rows of a function as aligned columns on stdout, for the list commands. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "pg.h"

/* Column names are the heads; SQL null is empty. Widths count characters, not bytes. */
bool table_print(struct pg *pg, const char *statement, int n, const char *const *values,
                 struct err *e) must_check;

#endif
