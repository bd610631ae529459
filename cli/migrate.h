/* migrate.h - bringing a database to the state of the sql directory; for init and migrate. */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "cli.h"

/* The sql directory: `given` (--sql-dir), else MAITRED_SQL, else the settings' sql_dir. */
const char *migrate_sql_dir(const struct cli *c, const char *given);
/* Applies what is pending over c->pg and says what it did. Safe beside another process. */
bool migrate_apply(struct cli *c, const char *sql_dir, struct err *e) must_check;

#endif
