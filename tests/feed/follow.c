/* follow.c - a reader of the feed as a sidecar is one: it knows a seq for every venue, reads what
 * comes after it when the bell rings, and counts every gap, repeat and step back in time.
 */
#define _GNU_SOURCE
#include "storm.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
    long seq;
    char at[40];
};

/* {"1","2"} for the venues' positions, as feed_read takes them. */
static void positions_text(const struct place *p, char *venues, char *seqs, char *ats)
{
    char *v = venues, *s = seqs, *a = ats;
    for (int i = 1; i <= VENUES; i++) {
        const char *sep = i == 1 ? "{" : ",";
        v += sprintf(v, "%s%ld", sep, venue_id[i]);
        s += sprintf(s, "%s%ld", sep, p[i].seq);
        a += sprintf(a, "%s\"%s\"", sep, p[i].at);
    }
    strcpy(v, "}");
    strcpy(s, "}");
    strcpy(a, "}");
}

static void note_marker(struct follower *f, const char *data)
{
    const char *text = strstr(data, "\"text\": \"m");
    int writer, n;
    if (text && sscanf(text, "\"text\": \"m%d-%d\"", &writer, &n) == 2)
        f->seen[writer][n]++;
}

static void take_row(struct follower *f, struct place *p, PGresult *r, int row)
{
    long venue = atol(PQgetvalue(r, row, 0)), seq = atol(PQgetvalue(r, row, 1));
    const char *at = PQgetvalue(r, row, 2);
    for (int i = 1; i <= VENUES; i++) {
        if (venue_id[i] != venue)
            continue;
        f->gaps += seq != p[i].seq + 1;
        f->unordered += strcmp(at, p[i].at) < 0; /* one zone, fixed digits: text order is time */
        p[i].seq = seq;
        snprintf(p[i].at, sizeof p[i].at, "%s", at);
    }
    f->events++;
    note_marker(f, PQgetvalue(r, row, 3));
}

static int read_on(struct follower *f, PGconn *c, struct place *p)
{
    char venues[200], seqs[200], ats[400], sql[1200];
    positions_text(p, venues, seqs, ats);
    snprintf(sql, sizeof sql,
             "select venue, seq, to_char(at, 'YYYY-MM-DD HH24:MI:SS.USOF'), data"
             " from api.feed_read('%s', '%s', '%s', %d)", venues, seqs, ats, f->max_rows);
    PGresult *r = PQexec(c, sql);
    int n = PQntuples(r);
    if (PQresultStatus(r) != PGRES_TUPLES_OK) {
        fprintf(stderr, "# %s: %s", f->name, PQerrorMessage(c));
        ledger.errors++;
    }
    for (int row = 0; row < n; row++)
        take_row(f, p, r, row);
    PQclear(r);
    return n;
}

/* Sleeps until the bell or 100 ms. */
static void wait_for_bell(PGconn *c)
{
    struct pollfd p = {.fd = PQsocket(c), .events = POLLIN};
    poll(&p, 1, 100);
    PQconsumeInput(c);
    for (PGnotify *n; (n = PQnotifies(c));)
        PQfreemem(n);
}

/* Going to sleep: whoever still saw us awake has ended when the horizon is reached; what they
 * committed is read here. Sleeping and waking all the time, this follower gets little rest. */
static void nap(struct follower *f, PGconn *c, struct place *p)
{
    db_run(c, NULL, "select api.feed_asleep('%s')", f->name);
    long horizon = db_number(c, "select api.feed_horizon_now()");
    while (db_number(c, "select api.feed_horizon()") < horizon)
        usleep(500);
    if (read_on(f, c, p) > 0) {
        f->caught++;
        return;
    }
    wait_for_bell(c);
}

static void wait_awake(struct follower *f, PGconn *c, struct place *p, int turn)
{
    if (turn % 20) {
        usleep(2000);
        return;
    }
    nap(f, c, p);
    db_run(c, NULL, "select api.feed_awake('%s')", f->name);
}

void *follow(void *follower)
{
    struct follower *f = follower;
    PGconn *c = db_open("maitred_realtime");
    struct place p[VENUES + 1];
    for (int i = 1; i <= VENUES; i++)
        p[i] = (struct place){.seq = 0, .at = "0001-01-01 00:00:00.000000+00"};
    db_run(c, NULL, "listen maitred_feed");
    db_run(c, NULL, "select api.feed_follow('%s')", f->name);
    int turn = 0;
    for (bool more = true; more;) {
        bool last = ledger.settled;
        while (read_on(f, c, p) > 0)
            ;
        more = !last;
        if (more && f->naps)
            wait_awake(f, c, p, ++turn);
        else if (more)
            wait_for_bell(c);
    }
    db_run(c, NULL, "select api.feed_unfollow('%s')", f->name);
    PQfinish(c);
    return NULL;
}
