/* reservations.c - maitred-reservations: a restaurant's reservations, and who comes soon. */
#include "config.h"

#include "programs.h"

#define LIST "/api/restaurant/reservations"
#define ONE  LIST "/{id}"

const struct route reservations_routes[] = {
    {"GET", "/api/reservations/upcoming", "reservations_upcoming", NULL},
    {"GET", LIST, "reservation_list", NULL},
    {"POST", LIST, "reservation_create", NULL},
    {"GET", ONE, "reservation_get", NULL},
    {"PATCH", ONE, "reservation_update", NULL},
    {"POST", ONE "/seat", "reservation_seat", NULL},
    {"POST", ONE "/cancel", "reservation_cancel", NULL},
    {"POST", ONE "/no-show", "reservation_no_show", NULL},
    {NULL, NULL, NULL, NULL},
};
