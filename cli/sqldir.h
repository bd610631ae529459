/* sqldir.h - the files of the sql directory, in the order in which they are applied.
 *
 * Owned by sqldir_read's caller until sqldir_free. Names are "folder/file.sql".
 */
#ifndef CLI_SQLDIR_H
#define CLI_SQLDIR_H

#include "base/err.h"

#include <stddef.h>

struct sqlfile {
    char *name;
    char *text;
};

struct sqldir {
    struct sqlfile *migrations; /* migrations, in order of their names */
    size_t nmigrations;
    struct sqlfile *code; /* rules, feed, api, import, admin; in each in order of names */
    size_t ncode;
    struct sqlfile *ledger; /* the one of code that comes before all others */
};

bool sqldir_read(struct sqldir *d, const char *path, struct err *e) must_check;
void sqldir_free(struct sqldir *d);

#endif
