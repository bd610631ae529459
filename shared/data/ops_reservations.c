/* ops_reservations.c - reservations of a restaurant (SPEC section 3, /api/restaurant/reservations).
 *
 * The bounds are those of table maitred.reservation: what passes here passes its checks, what the
 * table alone can know (a free table, an allowed step) it says itself.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define STATUSES                                                                                   \
    "pending|confirmed|seated|completed|cancelled|no_show|canceled=cancelled|noShow=no_show"
#define SOURCES "website|mobile|phone|walk_in|partner|walkIn=walk_in|walk-in=walk_in"
#define READS   (AREA_BIT(AREA_RESERVATIONS) | AREA_BIT(AREA_VENUE))

#define RESERVATION_ID                                                                             \
    {                                                                                              \
        .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .choices = "res",        \
        .help = "the reservation, res12 or 12"                                                     \
    }
/* What create needs and update may change; `must` marks those that a new one can't lack. */
#define RESERVATION_FIELDS(must, source_default, status_choices)                                   \
    {.name = "customerName",                                                                       \
     .type = ARG_TEXT,                                                                             \
     .place = IN_BODY,                                                                             \
     .required = must,                                                                             \
     .min = 1,                                                                                     \
     .max = 100,                                                                                   \
     .help = "who comes"},                                                                         \
        {.name = "date",                                                                           \
         .alias = "startsAt",                                                                      \
         .type = ARG_INSTANT,                                                                      \
         .place = IN_BODY,                                                                         \
         .required = must,                                                                         \
         .help = "when, with zone: 2026-11-20T19:00:00+01:00"},                                    \
        {.name = "partySize",                                                                      \
         .alias = "guests",                                                                        \
         .type = ARG_INT,                                                                          \
         .place = IN_BODY,                                                                         \
         .required = must,                                                                         \
         .min = 1,                                                                                 \
         .max = 100,                                                                               \
         .help = "how many"},                                                                      \
        {.name = "source",                                                                         \
         .type = ARG_ENUM,                                                                         \
         .place = IN_BODY,                                                                         \
         .choices = SOURCES,                                                                       \
         .fallback = source_default,                                                               \
         .help = "how it reached the house"},                                                      \
        {.name = "contactNumber",                                                                  \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .min = 3,                                                                                 \
         .max = 32,                                                                                \
         .help = "phone number: digits, blanks and + ( ) . / -"},                                  \
        {.name = "email",                                                                          \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .min = 3,                                                                                 \
         .max = 254,                                                                               \
         .help = "e-mail address"},                                                                \
        {.name = "specialRequests",                                                                \
         .type = ARG_TEXT,                                                                         \
         .place = IN_BODY,                                                                         \
         .max = 1000,                                                                              \
         .help = "what they asked for"},                                                           \
        {.name = "tableId", .type = ARG_ID, .place = IN_BODY, .help = "the table kept for them"},  \
        {.name = "durationMinutes",                                                                \
         .type = ARG_INT,                                                                          \
         .place = IN_BODY,                                                                         \
         .min = 15,                                                                                \
         .max = 1440,                                                                              \
         .help = "how long the table is theirs; 120 when not said"},                               \
        {.name = "prepaid", .type = ARG_BOOL, .place = IN_BODY, .help = "paid in advance"},        \
        {.name = "amountDue",                                                                      \
         .type = ARG_MONEY,                                                                        \
         .place = IN_BODY,                                                                         \
         .max = 1000000,                                                                           \
         .help = "what is still to be paid"},                                                      \
    {                                                                                              \
        .name = "status", .type = ARG_ENUM, .place = IN_BODY, .choices = status_choices,           \
        .help = "its state"                                                                        \
    }

static const struct arg no_args[] = {{0}};
static const struct arg list_args[] = {
    {.name = "status",
     .type = ARG_ENUMS,
     .place = IN_QUERY,
     .choices = STATUSES,
     .help = "only these states, separated by commas"},
    {.name = "date", .type = ARG_DATE, .place = IN_QUERY, .help = "only this business day"},
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};
static const struct arg id_args[] = {RESERVATION_ID, {0}};
static const struct arg create_args[] = {
    RESERVATION_FIELDS(true, "website", "pending|confirmed"),
    {0},
};
static const struct arg update_args[] = {
    RESERVATION_ID,
    RESERVATION_FIELDS(false, NULL, STATUSES),
    {.name = "version",
     .type = ARG_INT,
     .place = IN_BODY,
     .min = 1,
     .max = LONG_MAX,
     .help = "the version that was read: an older one is refused with 409"},
    {0},
};
static const struct arg seat_args[] = {
    RESERVATION_ID,
    {.name = "tableId", .type = ARG_ID, .place = IN_BODY, .help = "where; else the reserved table"},
    {.name = "guestCount",
     .alias = "guests",
     .type = ARG_INT,
     .place = IN_BODY,
     .min = 1,
     .max = 100,
     .help = "how many came; else the party size"},
    {0},
};
static const struct arg cancel_args[] = {
    RESERVATION_ID,
    {.name = "reason", .type = ARG_TEXT, .place = IN_BODY, .max = 500, .help = "why"},
    {0},
};

const struct op ops_reservations[] = {
    {.name = "reservations_upcoming",
     .function = "reservations_upcoming",
     .summary = "Reservations that start within 30 minutes",
     .cap = CAP_RESERVATIONS_READ,
     .status = 200,
     .areas = READS | AREA_BIT(AREA_BOOKINGS),
     .varies = BY_ROLE, /* who may not read bookings is refused a hotel's */
     .clock_s = 15,
     .args = no_args,
     .answer = "TodayReservations"},
    {.name = "reservation_list",
     .function = "reservation_list",
     .summary = "Reservations, by state and business day",
     .cap = CAP_RESERVATIONS_READ,
     .paged = true,
     .status = 200,
     .areas = READS,
     .clock_s = 60, /* without a date the business day's come first */
     .args = list_args,
     .answer = "ReservationList"},
    {.name = "reservation_get",
     .function = "reservation_get",
     .summary = "One reservation",
     .cap = CAP_RESERVATIONS_READ,
     .status = 200,
     .areas = READS,
     .args = id_args,
     .answer = "Reservation"},
    {.name = "reservation_create",
     .function = "reservation_create",
     .summary = "Take a reservation",
     .cap = CAP_RESERVATIONS_WRITE,
     .write = true,
     .status = 201,
     .areas = READS,
     .args = create_args,
     .answer = "Reservation"},
    {.name = "reservation_update",
     .function = "reservation_update",
     .summary = "Change a reservation; what is not named stays",
     .cap = CAP_RESERVATIONS_WRITE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = update_args,
     .answer = "Reservation"},
    {.name = "reservation_seat",
     .function = "reservation_seat",
     .summary = "Seat the party: the table becomes occupied",
     .cap = CAP_RESERVATIONS_SEAT,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = seat_args,
     .answer = "Reservation"},
    {.name = "reservation_cancel",
     .function = "reservation_cancel",
     .summary = "Cancel a reservation",
     .cap = CAP_RESERVATIONS_WRITE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = cancel_args,
     .answer = "Reservation"},
    {.name = "reservation_no_show",
     .function = "reservation_no_show",
     .summary = "They did not come",
     .cap = CAP_RESERVATIONS_WRITE,
     .write = true,
     .status = 200,
     .areas = READS,
     .args = id_args,
     .answer = "Reservation"},
    {0},
};
