/* race.c - sixteen sessions that want the same thing at the same moment: a room's night, a table's
 * evening, the last rooms of a type. And a transaction that is held open at its venue's counter,
 * while another venue commits. Part of storm.
 */
#define _GNU_SOURCE
#include "storm.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 8 };

struct racer {
    const char *sql;      /* with %d for the round */
    const char *refusals; /* SQLSTATEs that are a proper refusal */
    pthread_barrier_t *gate;
    int won[ROUNDS];
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void *racer_run(void *arg)
{
    struct racer *r = arg;
    PGconn *c = db_open("postgres");
    char sql[1024];
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(sql, sizeof sql, r->sql, round);
        pthread_barrier_wait(r->gate);
        r->won[round] = db_run(c, r->refusals, "%s", sql);
    }
    PQfinish(c);
    return NULL;
}
#pragma GCC diagnostic pop

static void race(const char *what, const char *sql, const char *refusals, int winners)
{
    pthread_barrier_t gate;
    pthread_t threads[WRITERS];
    static struct racer racers[WRITERS];
    int errors = ledger.errors, wrong = 0;
    pthread_barrier_init(&gate, NULL, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        racers[i] = (struct racer){.sql = sql, .refusals = refusals, .gate = &gate};
        pthread_create(&threads[i], NULL, racer_run, &racers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (int round = 0; round < ROUNDS; round++) {
        int won = 0;
        for (int i = 0; i < WRITERS; i++)
            won += racers[i].won[round];
        wrong += won != winners;
    }
    pthread_barrier_destroy(&gate);
    ok(!wrong && ledger.errors == errors, "%s: %d rounds, %d of %d writers win each (%d rounds wrong, %d errors)",
       what, ROUNDS, winners, WRITERS, wrong, ledger.errors - errors);
}

#define HOTEL "(select id from maitred.venue where slug = 'storm-hotel')"

void race_rooms(void)
{
    race("one room, one night",
         "insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out, status)"
         " select r.venue, 'G', r.room_type_id, r.id, date '2031-01-01' + 2 * %d, date '2031-01-02' + 2 * %1$d, 'confirmed'"
         " from maitred.room r where r.venue = " HOTEL " and r.number = '101'",
         "23P01 MD409", 1);
}

void race_tables(void)
{
    race("one table, one evening",
         "insert into maitred.reservation (venue, customer_name, party_size, starts_at, table_id, status)"
         " select t.venue, 'G', 2, timestamptz '2031-01-01 18:00Z' + %d * interval '1 day', t.id, 'confirmed'"
         " from maitred.dining_table t join maitred.venue v on v.id = t.venue and v.slug = 'storm-1' where t.number = 1",
         "23P01", 1);
}

/* Three rooms of the type, an allowance of one, and stays that overlap in every way. */
void race_types(void)
{
    race("the last rooms of a type",
         "insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)"
         " select t.venue, 'G', t.id, date '2032-01-01' + 9 * %d - (random() * 2)::int,"
         "        date '2032-01-02' + 9 * %1$d + (random() * 3)::int, 'confirmed'"
         " from maitred.room_type t where t.venue = " HOTEL " and t.name = 'Double'",
         "MD409", 4);
}

/* A writer that has made its event and not yet committed holds up its venue, and no other. */
void hold_counter(void)
{
    PGconn *a = db_open("postgres"), *b = db_open("postgres");
    const char *sql = "update maitred.dining_table set section = 'h' || random() where venue = %ld and number = 16";
    char of_a[200], of_b[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(of_a, sizeof of_a, sql, venue_id[1]);
    snprintf(of_b, sizeof of_b, sql, venue_id[2]);
#pragma GCC diagnostic pop
    db_run(a, NULL, "begin");
    db_run(a, NULL, "%s", of_a);
    db_run(a, NULL, "set constraints all immediate");
    db_run(b, NULL, "set lock_timeout = '2s'");
    ok(db_run(b, NULL, "%s", of_b), "venue 2 commits while venue 1's counter is held");
    db_run(b, NULL, "set lock_timeout = '200ms'");
    db_run(b, "55P03", "update maitred.dining_table set section = 'x' where venue = %ld and number = 15", venue_id[1]);
    ok(!strcmp(db_state(b), "55P03"), "venue 1 itself waits, so the counter was held indeed");
    ok(db_run(a, NULL, "commit"), "the held transaction commits");
    db_run(b, NULL, "set lock_timeout = 0");
    ok(db_run(b, NULL, "%s", of_a), "and its venue goes on");
    PQfinish(a);
    PQfinish(b);
}

static char rang_last[64];

/* What rang of the venue until our own probe comes back; NOTIFY keeps the order of commits. Others
 * (psql on a slow machine) may still be writing in theirs. */
static int bells_before_probe(PGconn *c, long venue)
{
    int bells = 0;
    db_run(c, NULL, "select api.feed_probe('here')");
    for (;;) {
        PGnotify *n = PQnotifies(c);
        if (!n) {
            struct pollfd p = {.fd = PQsocket(c), .events = POLLIN};
            poll(&p, 1, 1000);
            PQconsumeInput(c);
            continue;
        }
        bool probe = !strcmp(n->extra, "probe:here"), ours = atol(n->extra) == venue;
        if (ours)
            snprintf(rang_last, sizeof rang_last, "%s", n->extra);
        PQfreemem(n);
        if (probe)
            return bells;
        bells += ours;
    }
}

/* The bell may be left out while every follower is awake, and never after one has gone to sleep. */
void leave_out_bell(void)
{
    PGconn *f = db_open("maitred_realtime"), *w = db_open("postgres"), *x = db_open("postgres");
    const char *update = "update maitred.dining_table set section = 'b' || random()"
                         " where number = 16 and venue = %ld";
    long venue = venue_id[3];
    db_run(f, NULL, "listen maitred_feed");
    db_run(f, NULL, "select api.feed_follow('bell')");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    db_run(w, NULL, update, venue);
    ok(bells_before_probe(f, venue) == 1, "a follower that never said awake gets the bell");
    db_run(f, NULL, "select api.feed_awake('bell')");
    db_run(w, NULL, update, venue);
    ok(bells_before_probe(f, venue) == 0, "while everybody is awake nobody rings");
    db_run(f, NULL, "select api.feed_follow('another')");
    db_run(w, NULL, update, venue);
    ok(bells_before_probe(f, venue) == 1, "one sleeper among them is enough to ring");
    db_run(f, NULL, "select api.feed_unfollow('another')");
    db_run(w, NULL, "begin");
    db_run(w, NULL, update, venue);
    db_run(w, NULL, "set constraints all immediate");
    db_run(f, NULL, "select api.feed_asleep('bell')");
    long horizon = db_number(f, "select api.feed_horizon_now()");
    ok(db_number(f, "select api.feed_horizon()") < horizon, "a writer that saw it awake keeps it up");
    db_run(w, NULL, "commit");
    ok(db_number(f, "select api.feed_horizon()") >= horizon && bells_before_probe(f, venue) == 0,
       "until it has ended, without a bell");
    db_run(w, NULL, update, venue);
    ok(bells_before_probe(f, venue) == 1, "whoever writes then rings");
    db_run(w, NULL, "begin");
    db_run(w, NULL, update, venue);
    db_run(w, NULL, "set constraints all immediate");
    db_run(x, NULL, update, venue_id[4]);
    ok(bells_before_probe(f, venue_id[4]) == 1 && strchr(rang_last, '!'), "and tells when another is ringing");
    db_run(w, NULL, "commit");
#pragma GCC diagnostic pop
    db_run(f, NULL, "select api.feed_unfollow('bell')");
    PQfinish(f);
    PQfinish(w);
    PQfinish(x);
}
