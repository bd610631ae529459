/* pg.h - the tool's own connection: scripts, function calls with parameters, COPY.
 *
 * The programs call api functions by ops (data/db.h); the tool runs migrations, owner functions and
 * COPY, which no op is. One connection, one thread. Errors become sentences: a refusal of class MD
 * or a constraint keeps the database's own words, a script's error names file and line.
 */
#ifndef CLI_PG_H
#define CLI_PG_H

#include "base/err.h"
#include "base/str.h"

struct pg;

struct pg *pg_open(const char *conninfo, struct err *e) must_check;
void pg_close(struct pg *pg); /* NULL is fine */

/* A whole file of statements; `name` is what errors call it. */
bool pg_script(struct pg *pg, const char *name, const char *text, struct err *e) must_check;
/* One utility statement (begin, commit, ...). */
bool pg_do(struct pg *pg, const char *statement, struct err *e) must_check;

/* The rows of one call; pg_rows_free when done. */
struct pg_rows {
    void *result;
    int n;
};
/* `statement` is a select of a function; NULL values are SQL nulls. */
bool pg_call(struct pg *pg, const char *statement, int n, const char *const *values,
             struct pg_rows *out, struct err *e) must_check;
/* The same where no row is wanted. */
bool pg_run(struct pg *pg, const char *statement, int n, const char *const *values,
            struct err *e) must_check;
const char *pg_value(const struct pg_rows *rows, int row, int column); /* NULL: SQL null */
const char *pg_column(const struct pg_rows *rows, int column);
int pg_columns(const struct pg_rows *rows);
void pg_rows_free(struct pg_rows *rows);

bool pg_copy_begin(struct pg *pg, const char *statement, struct err *e) must_check;
bool pg_copy_put(struct pg *pg, const char *bytes, size_t len, struct err *e) must_check;
bool pg_copy_end(struct pg *pg, struct err *e) must_check;

/* An element of an array literal, quoted; str holds "{...," so far. */
void pg_array_put(struct str *out, const char *element);

/* The dbname of a connection text into `name`, and the text again with another dbname into `out`. */
bool pg_retarget(const char *conninfo, const char *dbname, char *name, size_t cap, struct str *out,
                 struct err *e) must_check;
/* `name` as a quoted SQL identifier. */
void pg_identifier(struct str *out, const char *name);

#endif
