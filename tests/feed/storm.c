/* storm.c - parallel sessions against the feed: 16 writers over six venues (some touching two in
 * opposite order, some rolling back, one of them psql's kind of autocommit), an import of 85,000
 * rows in one of the venues meanwhile, and readers that follow by position. Run by run.sh on a
 * private cluster; prints TAP. The last word on order is said by run.sh in SQL.
 */
#define _GNU_SOURCE
#include "storm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct ledger ledger;
long venue_id[VENUES + 1];
static int tap_count, tap_failed;

PGconn *db_open(const char *role)
{
    char info[200];
    snprintf(info, sizeof info, "dbname=%s user=%s", getenv("PGDATABASE"), role);
    PGconn *c = PQconnectdb(info);
    if (PQstatus(c) != CONNECTION_OK) {
        fprintf(stderr, "# %s", PQerrorMessage(c));
        exit(2);
    }
    return c;
}

static __thread char state[6];

bool db_run(PGconn *c, const char *expected, const char *format, ...)
{
    char sql[4096];
    va_list ap;
    va_start(ap, format);
    vsnprintf(sql, sizeof sql, format, ap);
    va_end(ap);
    PGresult *r = PQexec(c, sql);
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    snprintf(state, sizeof state, "%s", code ? code : "");
    bool good = !*state;
    if (!good && !(expected && strstr(expected, state))) {
        fprintf(stderr, "# %s# in: %s\n", PQerrorMessage(c), sql);
        ledger.errors++;
    }
    PQclear(r);
    return good;
}

const char *db_state(PGconn *c)
{
    (void)c;
    return state;
}

long db_number(PGconn *c, const char *format, ...)
{
    char sql[2048];
    va_list ap;
    va_start(ap, format);
    vsnprintf(sql, sizeof sql, format, ap);
    va_end(ap);
    PGresult *r = PQexec(c, sql);
    if (PQntuples(r) != 1)
        fprintf(stderr, "# %s# in: %s\n", PQerrorMessage(c), sql);
    long n = PQntuples(r) == 1 ? atol(PQgetvalue(r, 0, 0)) : -1;
    PQclear(r);
    return n;
}

void ok(bool good, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    vprintf(format, ap);
    printf("\n");
    fflush(stdout);
    va_end(ap);
    tap_failed += !good;
}

long now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

/* ---- the writers */

struct writer {
    int no, n;
    PGconn *c;
};

/* A marker is a notification in some venue; a writer has tables of its own, so that writers meet
 * at the counters and nowhere else. */
static bool put_marker(struct writer *w, char kind, int n, int venue)
{
    return db_run(w->c, NULL,
                  "insert into maitred.notification (venue, kind, text) values (%ld, 'alert', '%c%d-%d')",
                  venue_id[venue], kind, w->no, n) &&
           db_run(w->c, NULL, "update maitred.dining_table set section = '%d' where venue = %ld and number = %d",
                  n, venue_id[venue], w->no + 1);
}

static void count_commit(struct writer *w, int n, int times, int venue, long began)
{
    long took = now_us() - began;
    ledger.committed[w->no][n] += times;
    ledger.commits++;
    if (venue == 1 && ledger.importing) {
        ledger.during_import++;
        for (long old = ledger.slowest_us; took > old && !atomic_compare_exchange_weak(&ledger.slowest_us, &old, took);)
            ;
    }
}

static void write_one(struct writer *w, int n, int venue)
{
    long began = now_us();
    db_run(w->c, NULL, "begin");
    put_marker(w, 'm', n, venue);
    if (db_run(w->c, NULL, "commit"))
        count_commit(w, n, 1, venue, began);
}

static void write_autocommit(struct writer *w, int n, int venue)
{
    long began = now_us();
    if (db_run(w->c, NULL, "insert into maitred.notification (venue, kind, text) values (%ld, 'alert', 'm%d-%d')",
               venue_id[venue], w->no, n))
        count_commit(w, n, 1, venue, began);
}

/* Even writers touch the lower venue first, odd ones the higher. */
static void write_two(struct writer *w, int n, int venue)
{
    int other = venue % VENUES + 1;
    bool swap = (w->no % 2 == 0) == (venue > other);
    long began = now_us();
    db_run(w->c, NULL, "begin");
    put_marker(w, 'm', n, swap ? other : venue);
    put_marker(w, 'm', n, swap ? venue : other);
    if (db_run(w->c, NULL, "commit"))
        count_commit(w, n, 2, venue, began);
}

static void write_rolled_back(struct writer *w, int n, int venue)
{
    db_run(w->c, NULL, "begin");
    put_marker(w, 'm', n, venue);
    db_run(w->c, NULL, "rollback");
}

static void write_savepoint(struct writer *w, int n, int venue)
{
    long began = now_us();
    db_run(w->c, NULL, "begin");
    db_run(w->c, NULL, "savepoint s");
    put_marker(w, 'm', n + 1, venue);
    db_run(w->c, NULL, "rollback to s");
    put_marker(w, 'm', n, venue);
    if (db_run(w->c, NULL, "commit"))
        count_commit(w, n, 1, venue, began);
}

/* The kinds take a number each; a savepoint's rolled-back marker takes a second one. */
static void (*const kinds[])(struct writer *, int, int) = {
    write_one, write_two, write_autocommit, write_rolled_back, write_one, write_two, write_savepoint,
};

static void *writer_run(void *arg)
{
    struct writer *w = arg;
    w->c = db_open("postgres");
    unsigned seed = (unsigned)w->no + 1;
    while (ledger.writing && w->n < MARKERS - 2) {
        kinds[(unsigned)rand_r(&seed) % (sizeof kinds / sizeof *kinds)](w, w->n, rand_r(&seed) % VENUES + 1);
        w->n += 2;
    }
    PQfinish(w->c);
    return NULL;
}

/* ---- the import: 85,400 rows in one transaction, in venue 1 where others write too */

static void *import_run(void *arg)
{
    PGconn *c = db_open("postgres");
    long v = venue_id[1];
    ledger.importing = true;
    db_run(c, NULL, "begin");
    db_run(c, NULL,
           "insert into maitred.customer_order (venue, order_number, status, payment_status, total_price, external_ref)"
           " select %ld, 'I' || g, 'completed', 'paid', 2000, 'i' || g from generate_series(1, 21350) g", v);
    db_run(c, NULL,
           "insert into maitred.order_item (venue, order_id, name, quantity, unit_price, status, external_ref)"
           " select venue, id, 'Pizza', 1, 1000, 'served', external_ref || '-' || k"
           " from maitred.customer_order, generate_series(1, 2) k where venue = %ld and external_ref like 'i%%'", v);
    db_run(c, NULL,
           "insert into maitred.payment (venue, order_id, amount, method, status, external_ref)"
           " select venue, id, 2000, 'card', 'completed', external_ref"
           " from maitred.customer_order where venue = %ld and external_ref like 'i%%'", v);
    *(bool *)arg = db_run(c, NULL, "commit");
    ledger.importing = false;
    PQfinish(c);
    return NULL;
}

/* ---- what must have come of it */

static void judge(const struct follower *f)
{
    long lost = 0, twice = 0, ghosts = 0;
    for (int w = 0; w < WRITERS; w++)
        for (int n = 0; n < MARKERS; n++) {
            int wanted = ledger.committed[w][n], had = f->seen[w][n];
            lost += had < wanted;
            twice += wanted && had > wanted;
            ghosts += !wanted && had;
        }
    ok(f->gaps == 0, "%s: %ld events, each the seq after the one before (%ld gaps)", f->name, f->events, f->gaps);
    ok(f->unordered == 0, "%s: time never runs backwards", f->name);
    ok(!lost && !twice && !ghosts, "%s: nothing lost (%ld), twice (%ld) or never committed (%ld)", f->name, lost,
       twice, ghosts);
}

void storm_writers(int seconds)
{
    static struct writer writers[WRITERS];
    static struct follower readers[] = {
        {.name = "listener", .max_rows = 500},
        {.name = "napper in small bites", .max_rows = 7, .naps = true},
    };
    pthread_t threads[WRITERS], follow_threads[2], import_thread;
    bool imported = false;
    ledger.writing = true;
    for (int i = 0; i < 2; i++)
        pthread_create(&follow_threads[i], NULL, follow, &readers[i]);
    for (int i = 0; i < WRITERS; i++) {
        writers[i].no = i;
        pthread_create(&threads[i], NULL, writer_run, &writers[i]);
    }
    pthread_create(&import_thread, NULL, import_run, &imported);
    long until = now_us() + seconds * 1000000L;
    pthread_join(import_thread, NULL);
    while (now_us() < until)
        usleep(10000);
    ledger.writing = false;
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    ledger.settled = true;
    for (int i = 0; i < 2; i++)
        pthread_join(follow_threads[i], NULL);
    ok(ledger.errors == 0, "%d commits of %d writers, no deadlock, no error (%d)", ledger.commits, WRITERS, ledger.errors);
    ok(imported, "85,400 rows were imported meanwhile");
    ok(ledger.during_import > 0, "and %d commits in the same venue did not wait for it (slowest %ld ms)",
       ledger.during_import, ledger.slowest_us / 1000);
    for (int i = 0; i < 2; i++)
        judge(&readers[i]);
}

int main(int argc, char **argv)
{
    PGconn *c = db_open("postgres");
    for (int i = 1; i <= VENUES; i++)
        venue_id[i] = db_number(c, "select id from maitred.venue where slug = 'storm-%d'", i);
    PQfinish(c);
    storm_writers(argc > 1 ? atoi(argv[1]) : 5);
    hold_counter();
    leave_out_bell();
    race_rooms();
    race_tables();
    race_types();
    printf("1..%d\n", tap_count);
    return tap_failed > 0;
}
