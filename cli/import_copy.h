/* import_copy.h - one CSV file into its staging table, by COPY. */
#ifndef CLI_IMPORT_COPY_H
#define CLI_IMPORT_COPY_H

#include "pg.h"
#include "progress.h"

struct import_file {
    const char *option;         /* --orders; NULL: the operand */
    const char *table;          /* in pg_temp, made by import.begin: line, problem, columns... */
    const char *const *columns; /* the header's names that are needed, NULL-terminated */
};

struct import_counts {
    long rows, guessed;
};

/* Names are matched without regard to case, in any order; other columns are left out. Records
 * whose number of fields differs from the header's are staged with the problem named. */
bool import_copy(struct pg *pg, const struct import_file *file, const char *path,
                 const char *encoding, struct progress *progress, struct import_counts *counts,
                 struct err *e) must_check;

#endif
