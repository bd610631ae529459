/* rooms.c - maitred-rooms: a hotel's rooms (SPEC section 3, /api/hotel). */
#include "config.h"

#include "server.h"

static const struct route routes[] = {
    {"GET", "/api/hotel/rooms/availability", "room_availability", NULL},
    {NULL, NULL, NULL, NULL},
};

int main(int argc, char **argv) {
    return server_main(argc, argv, "maitred-rooms", routes);
}
