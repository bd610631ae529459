/* ops_rooms.c - a hotel: room types, rooms with their housekeeping, availability, bookings and the
 * steps of a stay (SPEC section 3, /api/hotel).
 *
 * All of it is read by bookings.read and written by bookings.write: the desk that sells rooms also
 * sets them up. The bounds are those of the tables.
 */
#include <config.h>

#include "data/ops.h"

#include <limits.h>

#define ROOMS    AREA_BIT(AREA_ROOMS)
#define PRICED   (ROOMS | AREA_BIT(AREA_VENUE)) /* money leaves in the venue's currency */
#define BOOKINGS (AREA_BIT(AREA_BOOKINGS) | PRICED)

#define HOUSEKEEPING "dirty|clean|inspected"
#define STATUSES                                                                                   \
    "pending|confirmed|checked_in|checked_out|cancelled|no_show|"                                  \
    "checkedIn=checked_in|checkedOut=checked_out|canceled=cancelled|noShow=no_show"
#define SOURCES "website|mobile|phone|walk_in|partner|walkIn=walk_in|walk-in=walk_in"

#define ID(...)                                                                                    \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, __VA_ARGS__ }
#define BOOKING_ID ID(.choices = "bkg", .help = "the booking, bkg12 or 12")
#define QUERY(field, field_type, ...)                                                              \
    { .name = field, .type = field_type, .place = IN_QUERY, __VA_ARGS__ }
#define FIELD(field, field_type, ...)                                                              \
    { .name = field, .type = field_type, .place = IN_BODY, __VA_ARGS__ }
#define READ_VERSION                                                                               \
    FIELD("version", ARG_INT, .min = 1, .max = LONG_MAX,                                           \
          .help = "the version that was read: an older one is refused with 409")
#define ALLOW_DIRTY FIELD("allowDirty", ARG_BOOL, .help = "true: a dirty room will do")

/* --- the house ------------------------------------------------------------------------------ */

static const struct arg availability_args[] = {
    QUERY("startDate", ARG_DATE, .help = "first night; else tonight"),
    QUERY("endDate", ARG_DATE, .help = "day of departure; else the day after the first night"),
    {0},
};

static const struct arg calendar_args[] = {
    QUERY("startDate", ARG_DATE, .help = "first night; else tonight"),
    QUERY("endDate", ARG_DATE, .help = "the day after the last night; else thirty nights"),
    {0},
};

#define TYPE_FIELDS(must)                                                                          \
    FIELD("name", ARG_TEXT, .required = must, .min = 1, .max = 100, .help = "what guests read"),   \
        FIELD("description", ARG_TEXT, .max = 2000, .help = "what it is like"),                    \
        FIELD("basePrice", ARG_MONEY, .required = must, .max = 1000000,                            \
              .help = "of a night, in major units"),                                               \
        FIELD("capacity", ARG_INT, .min = 1, .max = 20, .help = "guests it is meant for; 2"),      \
        FIELD("amenities", ARG_TEXTS, .max = 50, .help = "what is in it: wifi, balcony")
static const struct arg type_list_args[] = {ARG_PAGE, ARG_LIMIT_MOST, {0}};
static const struct arg type_id_args[] = {ID(.help = "the room type"), {0}};
static const struct arg type_create_args[] = {TYPE_FIELDS(true), {0}};
static const struct arg type_update_args[] = {ID(.help = "the room type"), TYPE_FIELDS(false), {0}};

#define ROOM_STATE                                                                                 \
    FIELD("housekeeping", ARG_ENUM, .choices = HOUSEKEEPING, .help = "how clean it is"),           \
        FIELD("outOfOrder", ARG_BOOL, .help = "true: it can't be sold or given"),                  \
        FIELD("notes", ARG_TEXT, .max = 500, .help = "for the staff; empty takes them away")
#define ROOM_NUMBER(must)                                                                          \
    FIELD("number", ARG_TEXT, .required = must, .min = 1, .max = 20,                               \
          .help = "letters, digits and hyphens")
#define ROOM_TYPE(must) FIELD("roomTypeId", ARG_ID, .required = must, .help = "its room type")
#define ROOM_FLOOR      FIELD("floor", ARG_INT, .min = -5, .max = 200, .help = "where it is; 1")
static const struct arg room_list_args[] = {
    QUERY("housekeeping", ARG_ENUMS, .choices = HOUSEKEEPING, .help = "only these, by commas"),
    QUERY("roomTypeId", ARG_ID, .help = "only of this type"),
    QUERY("floor", ARG_INT, .min = -5, .max = 200, .help = "only on this floor"),
    QUERY("outOfOrder", ARG_BOOL, .help = "only those, or only the others"),
    ARG_PAGE,
    ARG_LIMIT_MOST,
    {0},
};
static const struct arg room_id_args[] = {ID(.help = "the room"), {0}};
static const struct arg room_create_args[] = {
    ROOM_NUMBER(true), ROOM_TYPE(true), ROOM_FLOOR, ROOM_STATE, {0}};
static const struct arg room_update_args[] = {
    ID(.help = "the room"), ROOM_STATE, ROOM_NUMBER(false), ROOM_FLOOR, ROOM_TYPE(false),
    READ_VERSION,           {0},
};
static const struct arg room_delete_args[] = {ID(.help = "the room"), READ_VERSION, {0}};

/* --- bookings ------------------------------------------------------------------------------- */

static const struct arg booking_list_args[] = {
    QUERY("status", ARG_ENUMS, .choices = STATUSES, .help = "only these states, by commas"),
    QUERY("date", ARG_DATE, .help = "only who arrives, stays or leaves on this day"),
    QUERY("arrivalFrom", ARG_DATE, .help = "only who arrives on this day or later"),
    QUERY("arrivalTo", ARG_DATE, .help = "only who arrives on this day or before"),
    ARG_PAGE,
    ARG_LIMIT,
    {0},
};

#define BOOKING_NAME(must)                                                                         \
    FIELD("guestName", ARG_TEXT, .alias = "customerName", .required = must, .min = 1, .max = 100,  \
          .help = "who comes")
#define BOOKING_TYPE(must) FIELD("roomTypeId", ARG_ID, .required = must, .help = "what is sold")
#define BOOKING_ROOM       FIELD("roomId", ARG_ID, .help = "the room, if it is settled already")
#define BOOKING_NIGHTS(must)                                                                       \
    FIELD("checkIn", ARG_DATE, .required = must, .help = "day of arrival"),                        \
        FIELD("checkOut", ARG_DATE, .required = must, .help = "day of departure; no night")
#define BOOKING_REST(source_default, statuses)                                                     \
    FIELD("guests", ARG_INT, .min = 1, .max = 120, .help = "how many; or adults and children"),    \
        FIELD("adults", ARG_INT, .max = 60, .help = "of them grown up"),                           \
        FIELD("children", ARG_INT, .max = 60, .help = "of them children"),                         \
        FIELD("nightlyRate", ARG_MONEY, .max = 1000000, .help = "else the type's base price"),     \
        FIELD("totalAmount", ARG_MONEY, .max = 100000000, .help = "else the rate of all nights"),  \
        FIELD("source", ARG_ENUM, .choices = SOURCES, .fallback = source_default,                  \
              .help = "how it reached the house"),                                                 \
        FIELD("contactNumber", ARG_TEXT, .min = 3, .max = 32,                                      \
              .help = "phone number: digits, blanks and + ( ) . / -"),                             \
        FIELD("email", ARG_TEXT, .min = 3, .max = 254, .help = "e-mail address"),                  \
        FIELD("specialRequests", ARG_TEXT, .max = 1000, .help = "what they asked for"),            \
        FIELD("status", ARG_ENUM, .choices = statuses, .help = "its state")

static const struct arg booking_id_args[] = {BOOKING_ID, {0}};
static const struct arg booking_create_args[] = {
    BOOKING_NAME(true),
    BOOKING_TYPE(true),
    BOOKING_ROOM,
    BOOKING_NIGHTS(true),
    BOOKING_REST("website", "pending|confirmed"),
    {0},
};
static const struct arg booking_update_args[] = {
    BOOKING_ID,
    BOOKING_NAME(false),
    BOOKING_TYPE(false),
    BOOKING_ROOM,
    FIELD("releaseRoom", ARG_BOOL, .help = "true: the room is open again"),
    BOOKING_NIGHTS(false),
    BOOKING_REST(NULL, STATUSES),
    ALLOW_DIRTY,
    READ_VERSION,
    {0},
};
static const struct arg check_in_args[] = {
    BOOKING_ID,
    FIELD("roomId", ARG_ID, .help = "which; else the booking's, else one that is ready"),
    ALLOW_DIRTY,
    READ_VERSION,
    {0},
};
static const struct arg step_args[] = {BOOKING_ID, READ_VERSION, {0}};
static const struct arg cancel_args[] = {
    BOOKING_ID,
    FIELD("reason", ARG_TEXT, .max = 500, .help = "why"),
    READ_VERSION,
    {0},
};

/* Whoever writes bookings may take payments (both are the desk's and those in charge's); whoever
 * only takes payments, a restaurant's waiter, is not shown a hotel's guests. */
static const struct arg pay_args[] = {
    BOOKING_ID,
    FIELD("amount", ARG_MONEY, .max = 100000000, .help = "what is still due when not said"),
    FIELD("method", ARG_TEXT, .alias = "payment_method", .required = true, .min = 1, .max = 40,
          .help = "a word: cash, card, transfer"),
    FIELD("status", ARG_ENUM, .choices = "pending|completed|paid=completed",
          .fallback = "completed", .help = "pending while a terminal is still at it"),
    READ_VERSION,
    {0},
};
static const struct arg payment_args[] = {
    BOOKING_ID,
    {.name = "paymentId",
     .type = ARG_ID,
     .place = IN_PATH,
     .required = true,
     .help = "the payment's id"},
    FIELD("status", ARG_ENUM, .required = true,
          .choices = "pending|completed|failed|refunded|paid=completed",
          .help = "the step; a refusal names those that are allowed"),
    READ_VERSION,
    {0},
};

/* --- the rows: the function is called as the op is ------------------------------------------- */

#define READ(op, op_areas, op_args, op_answer, ...)                                                \
    {                                                                                              \
        .name = op, .function = op, .cap = CAP_BOOKINGS_READ, .status = 200, .areas = op_areas,    \
        .args = op_args, .answer = op_answer, __VA_ARGS__                                          \
    }
#define WRITE(op, op_status, op_areas, op_args, op_answer, ...)                                    \
    {                                                                                              \
        .name = op, .function = op, .cap = CAP_BOOKINGS_WRITE, .write = true, .status = op_status, \
        .areas = op_areas, .args = op_args, .answer = op_answer, __VA_ARGS__                       \
    }

const struct op ops_rooms[] = {
    READ("room_availability", BOOKINGS, availability_args, "RoomAvailability", .clock_s = 60,
         .summary = "Rooms free on every night of the range, in all and by type"),
    READ("room_calendar", BOOKINGS, calendar_args, "RoomCalendar", .clock_s = 60,
         .summary = "Rooms free night by night, in all and by type"),
    READ("room_type_list", PRICED, type_list_args, "RoomTypeList", .paged = true,
         .summary = "Room types"),
    READ("room_type_get", PRICED, type_id_args, "RoomType", .summary = "One room type"),
    WRITE("room_type_create", 201, PRICED, type_create_args, "RoomType",
          .summary = "Add a room type"),
    WRITE("room_type_update", 200, PRICED, type_update_args, "RoomType",
          .summary = "Change a room type; what is not named stays"),
    WRITE("room_type_delete", 204, PRICED, type_id_args, NULL,
          .summary = "Delete a room type that has no rooms and no bookings to come"),
    READ("room_list", ROOMS, room_list_args, "RoomList", .paged = true,
         .summary = "Rooms with their housekeeping, by floor and number"),
    READ("room_get", ROOMS, room_id_args, "Room", .summary = "One room"),
    WRITE("room_create", 201, ROOMS, room_create_args, "Room", .summary = "Add a room"),
    WRITE("room_update", 200, ROOMS, room_update_args, "Room",
          .summary = "Change a room, or say how clean it is; what is not named stays"),
    WRITE("room_delete", 204, ROOMS, room_delete_args, NULL,
          .summary = "Delete a room that was never booked"),
    READ("booking_list", BOOKINGS, booking_list_args, "BookingList", .paged = true, .clock_s = 60,
         .summary = "Bookings: who is in the house, who comes, the past"),
    READ("booking_get", BOOKINGS, booking_id_args, "Booking", .summary = "One booking"),
    WRITE("booking_create", 201, BOOKINGS, booking_create_args, "Booking",
          .summary = "Take a booking"),
    WRITE("booking_update", 200, BOOKINGS, booking_update_args, "Booking",
          .summary = "Change a booking; what is not named stays"),
    WRITE("booking_check_in", 200, BOOKINGS, check_in_args, "Booking",
          .summary = "The guest arrives and is given a room"),
    WRITE("booking_check_out", 200, BOOKINGS, step_args, "Booking",
          .summary = "The guest leaves; the room is dirty"),
    WRITE("booking_cancel", 200, BOOKINGS, cancel_args, "Booking", .summary = "Cancel a booking"),
    WRITE("booking_no_show", 200, BOOKINGS, step_args, "Booking", .summary = "They did not come"),
    WRITE("booking_pay", 201, BOOKINGS, pay_args, "Booking",
          .summary = "Record a payment of a booking"),
    WRITE("booking_payment", 200, BOOKINGS, payment_args, "Booking",
          .summary = "A payment's later step: completed, failed, tried again, refunded"),
    {0},
};
