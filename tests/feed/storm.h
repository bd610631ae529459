/* storm.h - what the concurrency tests of the feed share: connections that say what went wrong,
 * threads that start together, and TAP lines. Used by storm.c, race.c and follow.c.
 */
#ifndef STORM_H
#define STORM_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { WRITERS = 16, VENUES = 6, MARKERS = 20000 };

/* What the writers committed, and what they rolled back, by the marker's number. */
struct ledger {
    atomic_char committed[WRITERS][MARKERS]; /* how many events of it there must be */
    atomic_bool writing, settled, importing; /* settled: every writer has gone */
    atomic_int commits, during_import, errors;
    atomic_long slowest_us; /* commit of a writer that shares its venue with the import */
};
extern struct ledger ledger;
extern long venue_id[VENUES + 1]; /* 1..VENUES */

PGconn *db_open(const char *role);
/* Runs it; false and a line on stderr when it fails, unless its SQLSTATE is `expected`. */
bool db_run(PGconn *c, const char *expected, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *db_state(PGconn *c); /* SQLSTATE of the last db_run, "" when it went well */
long db_number(PGconn *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

void ok(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
long now_us(void);

/* follow.c: reads the feed by position until the writers are done and it has caught up. */
struct follower {
    const char *name;
    int max_rows;
    bool naps;           /* reads on a short interval and asks for no bell meanwhile */
    long events, gaps, unordered, caught;
    unsigned char seen[WRITERS][MARKERS];
};
void *follow(void *follower);

void storm_writers(int seconds);
void race_rooms(void);
void race_tables(void);
void race_types(void);
void hold_counter(void);
void leave_out_bell(void);

#endif
