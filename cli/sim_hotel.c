/* sim_hotel.c - a hotel in `maitred simulate`: bookings are taken, guests arrive and leave, rooms
 * are cleaned and inspected.
 *
 * Days pass as they do outside, whatever the speed: so that rooms go round, some guests leave
 * before their last day. Today's arrivals and departures that are there already happen too.
 */
#include "config.h"

#include "pg.h"
#include "sim.h"

#include <stdio.h>
#include <string.h>

#define TYPES_MAX 64
#define ROOMS_MAX 200

static struct {
    int64_t type[TYPES_MAX];
    int n;
    int64_t rooms;
} hotel;

struct stay {
    char id[32], name[64];
    int64_t room;
    int tries;
};

static sim_step stay_arrives, stay_leaves, room_is_clean, room_is_inspected;

static bool today(struct sim *s, int days, char day[16]) {
    char venue[24], ahead[16];
    const char *values[] = {venue, ahead};
    struct pg_rows rows;
    snprintf(venue, sizeof venue, "%lld", (long long)s->venue);
    snprintf(ahead, sizeof ahead, "%d", days);
    if (!pg_call(s->cli->pg, "select import.simulation_day($1, $2)", 2, values, &rows, s->e)) {
        s->failed = true;
        return false;
    }
    snprintf(day, 16, "%s", pg_value(&rows, 0, 0));
    pg_rows_free(&rows);
    return true;
}

static struct stay *stay_new(const struct json *booking) {
    struct stay *stay = x_alloc(sizeof *stay);
    *stay = (struct stay){.room = sim_int(booking, "roomId")};
    snprintf(stay->id, sizeof stay->id, "%s", sim_text(booking, "id"));
    snprintf(stay->name, sizeof stay->name, "%s", sim_text(booking, "guestName"));
    return stay;
}

/* ---------------------------------------------------------------- guests */

static void somebody_books(struct sim *s, void *what) {
    static const char *const sources[] = {"website", "website", "mobile", "phone", "partner"};
    char name[64], from[16], to[16];
    sim_in(s, sim_gap(s, HOURS(8) / hotel.rooms), somebody_books, what);
    int ahead = sim_chance(s, 70) ? 0 : sim_between(s, 1, 14), nights = sim_between(s, 1, 4);
    const char *source = sources[sim_below(s, 5)];
    int64_t type = hotel.type[sim_below(s, hotel.n)];
    int adults = sim_between(s, 1, 2);
    sim_guest_name(s, name, sizeof name);
    if (!today(s, ahead, from) || !today(s, ahead + nights, to))
        return;
    const struct json *made = sim_do(
        s, sim_staff(s, POST_DESK), "booking_create",
        "{\"guestName\": \"%s\", \"roomTypeId\": %ld, \"checkIn\": \"%s\", "
        "\"checkOut\": \"%s\", \"adults\": %d, \"source\": \"%s\", \"status\": \"confirmed\"}",
        name, (long)type, from, to, adults, source);
    if (!made)
        return;
    sim_say(s, "%s books %d nights", name, nights);
    if (ahead == 0)
        sim_in(s, sim_between(s, MINUTES(10), MINUTES(90)), stay_arrives, stay_new(made));
}

/* Whoever finds no room that is ready waits in the lobby, then goes elsewhere. */
static void stay_arrives(struct sim *s, void *what) {
    struct stay *stay = what;
    const struct json *booking =
        sim_do(s, sim_staff(s, POST_DESK), "booking_check_in", "{\"id\": \"%s\"}", stay->id);
    if (booking) {
        stay->room = sim_int(booking, "roomId");
        sim_say(s, "%s checks in, room %s", stay->name, sim_text(booking, "room"));
        sim_in(s, sim_between(s, HOURS(3), HOURS(10)), stay_leaves, stay);
    } else if (++stay->tries < 6) {
        sim_in(s, MINUTES(20), stay_arrives, stay);
    } else {
        sim_do(s, sim_staff(s, POST_DESK), "booking_cancel",
               "{\"id\": \"%s\", \"reason\": \"no room was ready\"}", stay->id);
        x_free(stay);
    }
}

static void stay_leaves(struct sim *s, void *what) {
    struct stay *stay = what;
    const struct json *booking =
        sim_do(s, sim_staff(s, POST_DESK), "booking_check_out", "{\"id\": \"%s\"}", stay->id);
    if (!booking) {
        x_free(stay);
        return;
    }
    stay->room = sim_int(booking, "roomId");
    sim_say(s, "%s checks out, room %s", stay->name, sim_text(booking, "room"));
    sim_in(s, sim_between(s, MINUTES(15), MINUTES(60)), room_is_clean, stay);
}

/* ---------------------------------------------------------------- rooms */

static const struct json *room_set(struct sim *s, const struct stay *stay, const char *state) {
    const struct json *room =
        sim_do(s, sim_staff(s, POST_DESK), "room_update", "{\"id\": %ld, \"housekeeping\": \"%s\"}",
               (long)stay->room, state);
    if (room)
        sim_say(s, "room %s is %s", sim_text(room, "number"), state);
    return room;
}

static void room_is_clean(struct sim *s, void *what) {
    struct stay *stay = what;
    if (room_set(s, stay, "clean"))
        sim_in(s, sim_between(s, MINUTES(5), MINUTES(30)), room_is_inspected, stay);
    else
        x_free(stay);
}

static void room_is_inspected(struct sim *s, void *what) {
    room_set(s, what, "inspected");
    x_free(what);
}

/* ---------------------------------------------------------------- what is there already */

static void bookings_adopt(struct sim *s, const char *arguments, const char *leaving,
                           sim_step *step) {
    const struct json *list = sim_do(s, sim_staff(s, POST_DESK), "booking_list", "%s", arguments);
    for (size_t i = 0; i < json_length(list); i++) {
        const struct json *booking = json_at(list, i);
        if (!leaving || str_eq(sim_text(booking, "checkOut"), leaving))
            sim_in(s, sim_between(s, MINUTES(5), HOURS(5)), step, stay_new(booking));
    }
}

static void dirty_adopt(struct sim *s) {
    const struct json *list = sim_do(s, sim_staff(s, POST_DESK), "room_list",
                                     "{\"housekeeping\": \"dirty\", \"limit\": %d}", ROOMS_MAX);
    for (size_t i = 0; i < json_length(list); i++) {
        struct stay *stay = stay_new(NULL);
        stay->room = sim_int(json_at(list, i), "id");
        sim_in(s, sim_between(s, MINUTES(5), HOURS(3)), room_is_clean, stay);
    }
}

static void types_read(struct sim *s) {
    const struct json *list =
        sim_do(s, sim_staff(s, POST_DESK), "room_type_list", "{\"limit\": %d}", TYPES_MAX);
    for (size_t i = 0; i < json_length(list); i++)
        hotel.type[hotel.n++] = sim_int(json_at(list, i), "id");
    list = sim_do(s, sim_staff(s, POST_DESK), "room_list", "{\"limit\": %d}", ROOMS_MAX);
    hotel.rooms = (int64_t)json_length(list);
}

bool sim_hotel_begin(struct sim *s) {
    char day[16], arguments[160];
    types_read(s);
    if (hotel.n == 0 || hotel.rooms == 0 || !today(s, 0, day))
        return false;
    snprintf(arguments, sizeof arguments,
             "{\"status\": \"confirmed\", \"arrivalFrom\": \"%s\", \"arrivalTo\": \"%s\", "
             "\"limit\": 200}",
             day, day);
    bookings_adopt(s, arguments, NULL, stay_arrives);
    snprintf(arguments, sizeof arguments,
             "{\"status\": \"checked_in\", \"date\": \"%s\", \"limit\": 200}", day);
    bookings_adopt(s, arguments, day, stay_leaves);
    dirty_adopt(s);
    sim_in(s, 0, somebody_books, NULL);
    return true;
}
