/* simulate.c - maitred simulate VENUE: a venue lives through a service, for demonstrations and
 * load.
 *
 * Everything is done by the operations of REST, in the names of the venue's own accounts and
 * guests, so that rules, events and figures are the real ones. Connects as maitred_job, whose
 * updates are not counted against the rate. This file has the options, the staff, and the clock
 * that paces the queue.
 */
#include "config.h"

#include "pg.h"
#include "sim.h"
#include "base/clock.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SPEED_MAX   100000
#define MINUTES_MAX 1000000

static struct { const char *speed, *minutes, *seed, *role; } o;

static const struct opt opts[] = {
    {"speed", OPT_TEXT, &o.speed, "N", "minutes of service a minute (default: 10; 1: as in life)"},
    {"minutes", OPT_TEXT, &o.minutes, "N", "minutes of service (default: until it is stopped)"},
    {"seed", OPT_TEXT, &o.seed, "N", "what happens is drawn from it (default: another each time)"},
    {"role", OPT_TEXT, &o.role, "ROLE", "database role (default: maitred_job)"},
    {0},
};

static bool number_read(const char *name, const char *text, long long most, long long *out,
                        struct err *e) {
    if (text && (!str_to_int64(text, out) || *out < 1 || *out > most))
        return err_set(e, ERR_INVALID_FIELD, "--%s is a whole number from 1 to %lld", name, most);
    return true;
}

/* ---------------------------------------------------------------- the staff */

static enum post post_of(enum role role) {
    switch (role) {
    case ROLE_WAITER:
        return POST_WAITER;
    case ROLE_KITCHEN:
        return POST_KITCHEN;
    case ROLE_FRONTDESK:
        return POST_DESK;
    default:
        return POST_MANAGER;
    }
}

/* Somebody must be there who may do whatever nobody else is there for. */
static bool staffed(const struct sim *s, struct err *e) {
    if (s->nstaff[POST_MANAGER] == 0 &&
        (s->nstaff[POST_WAITER] == 0 || s->nstaff[POST_DESK] == 0 || s->nstaff[POST_KITCHEN] == 0))
        return err_set(e, ERR_CONFLICT,
                       "%s needs a manager or an admin, or a waiter, a kitchen and a frontdesk: "
                       "maitred user add",
                       s->slug);
    return true;
}

static bool staff_read(struct sim *s, struct err *e) {
    const char *values[] = {s->slug};
    struct pg_rows rows;
    if (!pg_call(s->cli->pg, "select * from import.simulation_staff($1)", 1, values, &rows, e))
        return false;
    for (int r = 0; r < rows.n; r++) {
        struct principal p = {.venue = atoll(pg_value(&rows, r, 0)),
                              .account = atoll(pg_value(&rows, r, 1)),
                              .role = role_parse(pg_value(&rows, r, 3))};
        enum post post = post_of(p.role);
        snprintf(p.name, sizeof p.name, "%s", pg_value(&rows, r, 2));
        snprintf(p.slug, sizeof p.slug, "%s", s->slug);
        s->venue = p.venue;
        if (s->nstaff[post] < SIM_STAFF_MAX)
            s->staff[post][s->nstaff[post]++] = p;
    }
    pg_rows_free(&rows);
    return staffed(s, e);
}

/* ---------------------------------------------------------------- the clock */

/* SIGINT and SIGTERM are blocked and only ever taken here: nothing is cut off half-way. */
static sigset_t ends;
static bool ended;

/* Waits so long, or until it is told to end; true: end. */
static bool told_to_end(int64_t ms) {
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    if (!ended)
        ended = sigtimedwait(&ends, NULL, &wait) > 0;
    return ended;
}

static bool stopped(struct sim *s) {
    (void)s;
    return told_to_end(0);
}

/* A database that can't keep up with the speed is not chased: what is late happens at once. */
static void live(struct sim *s, int64_t until) {
    uint64_t begun = clock_mono_ms();
    for (int64_t at; !s->failed && sim_next(s, until, &at);) {
        int64_t due = (int64_t)((double)at * 1000 / s->speed);
        int64_t left = due - (int64_t)(clock_mono_ms() - begun);
        if (told_to_end(left > 0 ? left : 0))
            break;
        sim_run_next(s);
    }
}

static void report(struct sim *s, uint64_t begun) {
    struct cli *c = s->cli;
    cli_say(c, "%ld minutes of service in %.1f seconds", (long)(s->now / 60),
            (double)(clock_mono_ms() - begun) / 1000);
    for (int i = 0; i < SIM_OPS_MAX && s->calls[i].op; i++)
        cli_say(c, "%-26s %7ld done %5ld refused", s->calls[i].op, s->calls[i].done,
                s->calls[i].refused);
}

/* Whatever ends it, dishes that it took off the menu are put back. */
static bool service(struct sim *s, int64_t until, struct err *e) {
    uint64_t begun = clock_mono_ms();
    bool tables = sim_service_begin(s), rooms = !s->failed && sim_hotel_begin(s);
    if (!s->failed && !tables && !rooms)
        return err_set(e, ERR_CONFLICT, "%s has no tables with a menu, and no rooms", s->slug);
    if (!s->failed)
        live(s, until);
    if (tables && !s->failed)
        sim_service_end(s);
    report(s, begun);
    return !s->failed;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    long long speed = 10, minutes = 0, seed = clock_wall_ms();
    struct str conninfo = STR_INIT;
    struct sim s = {.cli = c, .slug = operands[0], .stopped = stopped, .e = e};
    if (!number_read("speed", o.speed, SPEED_MAX, &speed, e) ||
        !number_read("minutes", o.minutes, MINUTES_MAX, &minutes, e) ||
        !number_read("seed", o.seed, INT64_MAX, &seed, e) ||
        !cli_connect(c, o.role ? o.role : "maitred_job", e) || !staff_read(&s, e))
        return false;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    settings_conninfo(&c->settings, o.role ? o.role : "maitred_job", "maitred-simulate", &conninfo);
    s.db = db_open(str_c(&conninfo));
    s.mem = arena_new(1 << 16);
    s.speed = (double)speed;
    s.random = (uint64_t)seed;
    str_free(&conninfo);
    cli_say(c, "seed %lld", seed);
    bool good = service(&s, minutes ? minutes * 60 : INT64_MAX, e);
    sim_close(&s);
    return good;
}

const struct command command_simulate = {
    "simulate",
    "VENUE",
    1,
    1,
    "Let a venue live: guests, orders, reservations, stays.",
    "Parties come, order, pay and leave; the kitchen cooks, tables and rooms are cleaned, guests "
    "check\n"
    "in and out. It is done by the operations of REST in the names of the venue's accounts, "
    "beside\n"
    "whoever else uses the venue. Ends at --minutes, or cleanly at SIGINT or SIGTERM.",
    opts,
    run};
