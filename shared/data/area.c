/* area.c - names of the areas; the numbers are those of table feed.area. */
#include <config.h>

#include "data/area.h"

#include <stddef.h>
#include <string.h>

static const char *const names[AREA_COUNT] = {
    [AREA_NONE] = "none",
    [AREA_TABLES] = "tables",
    [AREA_ORDERS] = "orders",
    [AREA_RESERVATIONS] = "reservations",
    [AREA_BOOKINGS] = "bookings",
    [AREA_ROOMS] = "rooms",
    [AREA_MENU] = "menu",
    [AREA_CUSTOMERS] = "customers",
    [AREA_NOTIFICATIONS] = "notifications",
    [AREA_ACCOUNTS] = "accounts",
    [AREA_VENUE] = "venue",
};

const char *area_name(enum area a) {
    return names[(unsigned)a < AREA_COUNT ? a : AREA_NONE];
}

enum area area_parse(const char *name) {
    for (int i = AREA_NONE + 1; name && i < AREA_COUNT; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum area)i;
    }
    return AREA_NONE;
}
