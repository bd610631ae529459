/* rooms.c - maitred-rooms: a hotel's room types, rooms and bookings (SPEC section 3, /api/hotel).
 */
#include "config.h"

#include "programs.h"

#define TYPES    "/api/hotel/room-types"
#define TYPE     TYPES "/{id}"
#define ROOMS    "/api/hotel/rooms"
#define ROOM     ROOMS "/{id}"
#define BOOKINGS "/api/hotel/bookings"
#define BOOKING  BOOKINGS "/{id}"

const struct route rooms_routes[] = {
    {"GET", ROOMS "/availability", "room_availability", NULL},
    {"GET", ROOMS "/calendar", "room_calendar", NULL},
    {"GET", TYPES, "room_type_list", NULL},
    {"POST", TYPES, "room_type_create", NULL},
    {"GET", TYPE, "room_type_get", NULL},
    {"PATCH", TYPE, "room_type_update", NULL},
    {"DELETE", TYPE, "room_type_delete", NULL},
    {"GET", ROOMS, "room_list", NULL},
    {"POST", ROOMS, "room_create", NULL},
    {"GET", ROOM, "room_get", NULL},
    {"PATCH", ROOM, "room_update", NULL},
    {"DELETE", ROOM, "room_delete", NULL},
    {"GET", BOOKINGS, "booking_list", NULL},
    {"POST", BOOKINGS, "booking_create", NULL},
    {"GET", BOOKING, "booking_get", NULL},
    {"PATCH", BOOKING, "booking_update", NULL},
    {"POST", BOOKING "/check-in", "booking_check_in", NULL},
    {"POST", BOOKING "/check-out", "booking_check_out", NULL},
    {"POST", BOOKING "/cancel", "booking_cancel", NULL},
    {"POST", BOOKING "/no-show", "booking_no_show", NULL},
    {"POST", BOOKING "/payments", "booking_pay", NULL},
    {"PATCH", BOOKING "/payments/{paymentId}", "booking_payment", NULL},
    {NULL, NULL, NULL, NULL},
};
