/* permissions.c - the one table of role x capability (SPEC section 2) and what is printed from it.
 */
#include <config.h>

#include "access/permissions.h"

#include "base/put.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
    [ROLE_NONE] = "none",     [ROLE_ADMIN] = "admin",     [ROLE_MANAGER] = "manager",
    [ROLE_WAITER] = "waiter", [ROLE_KITCHEN] = "kitchen", [ROLE_FRONTDESK] = "frontdesk",
    [ROLE_VIEWER] = "viewer", [ROLE_GUEST] = "guest",
};

/* clang-format off */
/* One letter a role, in the order of enum role from ROLE_NONE: x yes, m masked, o own, - no. */
static const struct {
    const char *name;
    char grants[ROLE_COUNT + 1];
} table[CAP_COUNT] = {
    /*                                                         n a m w k f v g */
    [CAP_PUBLIC] = {"public",                                 "xxxxxxxx"},
    [CAP_ANYONE] = {"anyone",                                 "-xxxxxxx"},
    [CAP_FIGURES_READ] = {"figures.read",                     "-xx--xx-"},
    [CAP_TABLES_READ] = {"tables.read",                       "-xxxxxx-"},
    [CAP_SESSIONS_READ] = {"sessions.read",                   "-xxxxxxo"},
    [CAP_TABLES_OPERATE] = {"tables.operate",                 "-xxx-x--"},
    [CAP_TABLES_ADMIN] = {"tables.admin",                     "-xx-----"},
    [CAP_ORDERS_READ] = {"orders.read",                       "-xxxxx-o"},
    [CAP_ORDERS_WRITE] = {"orders.write",                     "-xxx-x-o"},
    [CAP_ORDERS_COOK] = {"orders.cook",                       "-xxxxx--"},
    [CAP_PAYMENTS_WRITE] = {"payments.write",                 "-xxx-x--"},
    [CAP_RESERVATIONS_READ] = {"reservations.read",           "-xxx-xm-"},
    [CAP_RESERVATIONS_WRITE] = {"reservations.write",         "-xx--x--"},
    [CAP_RESERVATIONS_SEAT] = {"reservations.seat",           "-xxx-x--"},
    [CAP_BOOKINGS_READ] = {"bookings.read",                   "-xx--xm-"},
    [CAP_BOOKINGS_WRITE] = {"bookings.write",                 "-xx--x--"},
    [CAP_MENU_READ] = {"menu.read",                           "-xxxxxxx"},
    [CAP_MENU_WRITE] = {"menu.write",                         "-xx-----"},
    [CAP_MENU_AVAILABILITY] = {"menu.availability",           "-xx-x---"},
    [CAP_NOTIFICATIONS_READ] = {"notifications.read",         "-xxxxx--"},
    [CAP_NOTIFICATIONS_SEND] = {"notifications.send",         "-xxxxx--"},
    [CAP_NOTIFICATIONS_ACKNOWLEDGE] = {"notifications.acknowledge", "-xxxxx--"},
    [CAP_BROADCAST] = {"notifications.broadcast",             "-xx-----"},
    [CAP_GUEST_CALL] = {"guest.call",                         "-xxxxx-o"},
    [CAP_HISTORY_READ] = {"history.read",                     "-xx-----"},
    [CAP_ACCOUNTS] = {"accounts",                             "-x------"},
    [CAP_API_KEYS] = {"api_keys",                             "-xxxxxx-"},
    [CAP_GUEST_TOKENS] = {"guest_tokens",                     "-xxx-x--"},
    [CAP_EMERGENCY] = {"emergency",                           "-xx-----"},
};
/* clang-format on */

enum grant permission_grants(enum role role, enum capability cap) {
    if ((unsigned)role >= ROLE_COUNT || (unsigned)cap >= CAP_COUNT)
        return GRANT_NO;
    switch (table[cap].grants[role]) {
    case 'x':
        return GRANT_YES;
    case 'm':
        return GRANT_MASKED;
    case 'o':
        return GRANT_OWN;
    default:
        return GRANT_NO;
    }
}

const char *role_name(enum role role) {
    return role_names[(unsigned)role < ROLE_COUNT ? role : ROLE_NONE];
}

enum role role_parse(const char *name) {
    for (int i = ROLE_ADMIN; name && i < ROLE_COUNT; i++) {
        if (strcmp(role_names[i], name) == 0)
            return (enum role)i;
    }
    return ROLE_NONE;
}

bool role_masked(enum role role) {
    return role == ROLE_VIEWER || role == ROLE_KITCHEN;
}

const char *capability_name(enum capability cap) {
    return (unsigned)cap < CAP_COUNT ? table[cap].name : "unknown";
}

void permission_print(struct str *markdown) {
    static const char *const words[] = {
        [GRANT_NO] = "", [GRANT_YES] = "x", [GRANT_MASKED] = "masked", [GRANT_OWN] = "own"};
    str_puts(markdown, "| capability |");
    for (int role = ROLE_ADMIN; role < ROLE_COUNT; role++)
        str_printf(markdown, " %s |", role_names[role]);
    str_puts(markdown, "\n|---|");
    for (int role = ROLE_ADMIN; role < ROLE_COUNT; role++)
        str_puts(markdown, "---|");
    str_putc(markdown, '\n');
    for (int cap = CAP_ANYONE + 1; cap < CAP_COUNT; cap++) {
        str_printf(markdown, "| %s |", table[cap].name);
        for (int role = ROLE_ADMIN; role < ROLE_COUNT; role++) {
            const char *word = words[permission_grants((enum role)role, (enum capability)cap)];
            str_printf(markdown, *word ? " %s |" : " %s|", word);
        }
        str_putc(markdown, '\n');
    }
}

void permission_put(struct str *o, enum capability cap) {
    put_text(o, "x-capability", capability_name(cap));
    put_open(o, "x-roles", '[');
    for (int role = ROLE_ADMIN; role < ROLE_COUNT && cap != CAP_PUBLIC; role++)
        if (permission_grants((enum role)role, cap) != GRANT_NO)
            put_text(o, NULL, role_names[role]);
    put_close(o, ']');
}
