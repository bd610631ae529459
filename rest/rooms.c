/* rooms.c - maitred-rooms: a hotel's rooms (SPEC section 3, /api/hotel). */
#include "config.h"

#include "programs.h"

const struct route rooms_routes[] = {
    {"GET", "/api/hotel/rooms/availability", "room_availability", NULL},
    {NULL, NULL, NULL, NULL},
};
