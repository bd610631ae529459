/* ops_rooms.c - rooms of a hotel: how many are free on every night of a range. */
#include <config.h>

#include "data/ops.h"

static const struct arg availability_args[] = {
    {.name = "startDate", .type = ARG_DATE, .place = IN_QUERY, .help = "first night; else tonight"},
    {.name = "endDate",
     .type = ARG_DATE,
     .place = IN_QUERY,
     .help = "day of departure; else the day after the first night"},
    {0},
};

const struct op ops_rooms[] = {
    {.name = "room_availability",
     .function = "room_availability",
     .summary = "Rooms free on every night of the range, in all and by type",
     .cap = CAP_BOOKINGS_READ,
     .status = 200,
     .areas = AREA_BIT(AREA_ROOMS) | AREA_BIT(AREA_BOOKINGS) | AREA_BIT(AREA_VENUE),
     .clock_s = 60,
     .args = availability_args,
     .answer = "RoomAvailability"},
    {0},
};
