/* sim_arrivals.c - who comes to the restaurant of `maitred simulate`: with a reservation or
 * without.
 *
 * Which table is free the venue itself is asked each time, so that people may use it meanwhile.
 * What becomes of a party that sits is sim_service.c's.
 */
#include "config.h"

#include "sim_service.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORDS(a) (a)[sim_below(s, sizeof(a) / sizeof *(a))]

/* How long a party has its table, about: what the stream of arrivals is measured by. */
#define STAY MINUTES(50)

static int64_t walk_in_gap, booking_gap;

struct visit { /* a reservation before it is seated */
    char id[32], name[64];
    int guests, tries;
};

/* ---------------------------------------------------------------- coming */

static int party_size(struct sim *s) {
    static const int sizes[] = {1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 5, 6, 8};
    return WORDS(sizes);
}

/* Free tables that they fit at, the smallest first; those before `skip` were refused to them. A
 * table that is free may be promised to others. 0: no more. */
static int64_t table_for(struct sim *s, int guests, int skip, int64_t *number) {
    const struct json *list = sim_do(s, sim_staff(s, POST_DESK), "table_list",
                                     "{\"status\": \"available\", \"sortBy\": \"capacity\", "
                                     "\"limit\": 200}");
    const struct json *items = json_get(list, "items");
    for (size_t i = 0; i < json_length(items); i++) {
        const struct json *t = json_at(items, i);
        if (sim_int(t, "capacity") < guests || skip-- > 0)
            continue;
        *number = sim_int(t, "number");
        return sim_int(t, "id");
    }
    return 0;
}

/* The answer of a table that was set to occupied, or null. */
static bool party_sits(struct sim *s, struct party *p, const struct json *table) {
    p->session = sim_int(json_get(table, "session"), "id");
    if (!p->session) {
        x_free(p);
        return false;
    }
    sim_say(s, "table %ld: %d seated", (long)p->number, p->guests);
    party_begins(s, p);
    return true;
}

#define TABLES_TRIED 5

/* A reservation is seated at a table: it knows the guests and who serves them. */
static bool reservation_sits(struct sim *s, const char *id, int guests) {
    int64_t table, number;
    bool seated = false;
    for (int i = 0; !seated && i < TABLES_TRIED; i++) {
        table = table_for(s, guests, i, &number);
        if (!table)
            return false;
        seated = sim_do(s, sim_staff(s, POST_WAITER), "reservation_seat",
                        "{\"id\": \"%s\", \"tableId\": %ld, \"guestCount\": %d}", id, (long)table,
                        guests) != NULL;
    }
    if (!seated)
        return false;
    struct party *p = party_new(table, number, guests);
    p->reservation = atoll(id + strspn(id, "res"));
    p->session = session_at(s, table);
    if (!p->session) {
        x_free(p);
        return true;
    }
    sim_say(s, "table %ld: %d seated, by reservation", (long)number, guests);
    party_begins(s, p);
    return true;
}

static void walk_in(struct sim *s, int guests) {
    int64_t number, table = table_for(s, guests, 0, &number);
    if (!table) {
        sim_say(s, "%d turned away: no table is free", guests);
        return;
    }
    party_sits(s, party_new(table, number, guests),
               sim_do(s, sim_staff(s, POST_DESK), "table_set_status",
                      "{\"id\": %ld, \"status\": \"occupied\"}", (long)table));
}

/* Half of those without a reservation are written down, so that the figures know them. */
static void walk_in_written(struct sim *s, int guests) {
    char name[64], id[32], now[CLOCK_ISO_MAX];
    sim_guest_name(s, name, sizeof name);
    const struct json *made =
        sim_do(s, sim_staff(s, POST_DESK), "reservation_create",
               "{\"customerName\": \"%s\", \"date\": \"%s\", \"partySize\": %d, "
               "\"source\": \"walk_in\", \"status\": \"confirmed\", \"durationMinutes\": 60}",
               name, clock_iso_ms(clock_wall_ms(), now), guests);
    snprintf(id, sizeof id, "%s", sim_text(made, "id"));
    if (!*id || reservation_sits(s, id, guests))
        return;
    sim_say(s, "%d turned away: no table is free", guests);
    sim_do(s, sim_staff(s, POST_DESK), "reservation_cancel",
           "{\"id\": \"%s\", \"reason\": \"no table was free\"}", id);
}

static void somebody_comes(struct sim *s, void *what) {
    sim_in(s, sim_gap(s, walk_in_gap), somebody_comes, what);
    int guests = party_size(s);
    if (sim_chance(s, 50))
        walk_in_written(s, guests);
    else
        walk_in(s, guests);
}

/* ---------------------------------------------------------------- reservations */

static void visit_is_off(struct sim *s, void *what) {
    struct visit *v = what;
    if (sim_do(s, sim_staff(s, POST_DESK), "reservation_cancel",
               "{\"id\": \"%s\", \"reason\": \"called to cancel\"}", v->id))
        sim_say(s, "reservation of %s cancelled", v->name);
    x_free(v);
}

static void visit_never_came(struct sim *s, void *what) {
    struct visit *v = what;
    if (sim_do(s, sim_staff(s, POST_DESK), "reservation_no_show", "{\"id\": \"%s\"}", v->id))
        sim_say(s, "reservation of %s: nobody came", v->name);
    x_free(v);
}

static void visit_arrives(struct sim *s, void *what) {
    struct visit *v = what;
    bool seated = reservation_sits(s, v->id, v->guests);
    if (!seated && ++v->tries < 4) {
        sim_in(s, MINUTES(6), visit_arrives, v);
        return;
    }
    if (!seated)
        sim_do(s, sim_staff(s, POST_DESK), "reservation_cancel",
               "{\"id\": \"%s\", \"reason\": \"no table in time\"}", v->id);
    x_free(v);
}

static void visit_expected(struct sim *s, const struct json *reservation, int64_t in) {
    struct visit *v = x_alloc(sizeof *v);
    *v = (struct visit){.guests = (int)sim_int(reservation, "partySize")};
    snprintf(v->id, sizeof v->id, "%s", sim_text(reservation, "id"));
    snprintf(v->name, sizeof v->name, "%s", sim_text(reservation, "customerName"));
    int fate = sim_below(s, 100);
    if (fate < 6)
        sim_in(s, in / 2, visit_is_off, v);
    else if (fate < 12)
        sim_in(s, in + MINUTES(15), visit_never_came, v);
    else
        sim_in(s, in + sim_between(s, 0, MINUTES(8)), visit_arrives, v);
}

/* The venue's clock is the real one: what is an hour ahead here is that much sooner there. */
static void somebody_books(struct sim *s, void *what) {
    static const char *const sources[] = {"website", "website", "mobile", "phone", "partner"};
    char name[64], when[CLOCK_ISO_MAX];
    sim_in(s, sim_gap(s, booking_gap), somebody_books, what);
    int64_t in = sim_between(s, 2, 8) * MINUTES(15);
    int guests = party_size(s);
    const char *source = WORDS(sources);
    sim_guest_name(s, name, sizeof name);
    clock_iso_ms(clock_wall_ms() + (int64_t)((double)in * 1000 / s->speed), when);
    const struct json *made =
        sim_do(s, sim_staff(s, POST_DESK), "reservation_create",
               "{\"customerName\": \"%s\", \"date\": \"%s\", \"partySize\": %d, "
               "\"source\": \"%s\", \"status\": \"confirmed\"}",
               name, when, guests, source);
    if (!made)
        return;
    sim_say(s, "%s reserves for %d", name, guests);
    visit_expected(s, made, in);
}

/* ---------------------------------------------------------------- beginning */

static void reservations_adopt(struct sim *s) {
    const struct json *list = sim_do(s, sim_staff(s, POST_DESK), "reservation_list",
                                     "{\"status\": \"pending,confirmed\", \"limit\": 200}");
    for (size_t i = 0; i < json_length(list); i++) {
        struct tm tm = {0};
        const struct json *r = json_at(list, i);
        if (!strptime(sim_text(r, "date"), "%Y-%m-%dT%H:%M:%S", &tm))
            continue;
        double in = (double)(timegm(&tm) - clock_wall_s()) * s->speed;
        if (in >= 0 && in < (double)HOURS(12))
            visit_expected(s, r, (int64_t)in);
    }
}

void arrivals_begin(struct sim *s, int64_t tables) {
    walk_in_gap = STAY / tables * 2;
    booking_gap = STAY / tables * 4;
    reservations_adopt(s);
    sim_in(s, 0, somebody_comes, NULL);
    sim_in(s, sim_gap(s, booking_gap), somebody_books, NULL);
}
