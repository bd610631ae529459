/* area.h - the areas of a venue's data, each with its own last position (SPEC section 3, ETags).
 * The numbers are those of table feed.area; a unit test and a pgTAP test hold the two together. */
#ifndef DATA_AREA_H
#define DATA_AREA_H

enum area {
    AREA_NONE,
    AREA_TABLES,
    AREA_ORDERS,
    AREA_RESERVATIONS,
    AREA_BOOKINGS,
    AREA_ROOMS,
    AREA_MENU,
    AREA_CUSTOMERS,
    AREA_NOTIFICATIONS,
    AREA_ACCOUNTS,
    AREA_VENUE,
    AREA_COUNT
};
#define AREA_BIT(a) (1u << (a))

const char *area_name(enum area a);
enum area area_parse(const char *name); /* AREA_NONE when unknown */

#endif
