/* programs.c - the table of programs. See programs.h. */
#include "config.h"

#include "programs.h"

#include "base/str.h"

const struct program programs[] = {
    {"stats", "Figures and charts of the dashboards", stats_routes},
    {"reservations", "Reservations of a restaurant", reservations_routes},
    {"rooms", "Rooms and bookings of a hotel", rooms_routes},
    {"menu", "The menu: categories and items", menu_routes},
    {"tables", "Tables and floors, and the deprecated table operations", tables_routes},
    {"orders", "Orders, payments, notifications, service requests, history", orders_routes},
    {"accounts", "Logging in, tokens, API keys, who one is", accounts_routes},
    {NULL, NULL, NULL},
};

const struct program *program_find(const char *name) {
    for (const struct program *p = programs; p->name; p++)
        if (str_eq(p->name, name))
            return p;
    return NULL;
}
