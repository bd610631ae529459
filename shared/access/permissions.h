/* permissions.h - who may do what: role x capability, one table (SPEC section 2), in one place.
 *
 * REST routes, socket actions and channel subscriptions all ask permission_grants. The docs and the
 * OpenAPI document are printed from the same table by permission_print.
 */
#ifndef ACCESS_PERMISSIONS_H
#define ACCESS_PERMISSIONS_H

#include "base/str.h"

#include <stdbool.h>

enum role { ROLE_NONE, ROLE_ADMIN, ROLE_MANAGER, ROLE_WAITER, ROLE_KITCHEN, ROLE_FRONTDESK,
            ROLE_VIEWER, ROLE_GUEST, ROLE_COUNT };

enum capability {
    CAP_PUBLIC, /* no token needed: login, health, the OpenAPI document */
    CAP_ANYONE, /* any valid token */
    CAP_FIGURES_READ,
    CAP_TABLES_READ,
    CAP_SESSIONS_READ, /* a table's session: guests their own */
    CAP_TABLES_OPERATE,
    CAP_TABLES_ADMIN,
    CAP_ORDERS_READ,
    CAP_ORDERS_WRITE,
    CAP_ORDERS_COOK, /* status steps preparing and ready: all that the kitchen may write */
    CAP_PAYMENTS_WRITE,
    CAP_RESERVATIONS_READ,
    CAP_RESERVATIONS_WRITE,
    CAP_RESERVATIONS_SEAT, /* all that a waiter may do to a reservation */
    CAP_BOOKINGS_READ,
    CAP_BOOKINGS_WRITE,
    CAP_MENU_READ,
    CAP_MENU_WRITE,
    CAP_MENU_AVAILABILITY,
    CAP_NOTIFICATIONS_READ,
    CAP_NOTIFICATIONS_SEND,
    CAP_NOTIFICATIONS_ACKNOWLEDGE,
    CAP_BROADCAST, /* a message to all of the venue */
    CAP_GUEST_CALL, /* call_waiter, ask_for_bill */
    CAP_HISTORY_READ,
    CAP_ACCOUNTS,
    CAP_API_KEYS, /* one's own; those of others need CAP_ACCOUNTS */
    CAP_GUEST_TOKENS,
    CAP_EMERGENCY,
    CAP_COUNT
};

enum grant {
    GRANT_NO,
    GRANT_YES,
    GRANT_MASKED, /* yes, with names, phones and e-mails masked */
    GRANT_OWN     /* only what belongs to the guest's own session or order */
};

enum grant permission_grants(enum role role, enum capability cap);
const char *role_name(enum role role);              /* "admin", ... */
enum role role_parse(const char *name);             /* ROLE_NONE when unknown */
bool role_masked(enum role role);                   /* viewer and kitchen see masked personal data */
const char *capability_name(enum capability cap);   /* "figures.read", ... */
void permission_print(struct str *markdown);        /* the table, for docs and OpenAPI */
/* The members x-capability and x-roles, for OpenAPI and AsyncAPI. */
void permission_put(struct str *o, enum capability cap);

#endif
