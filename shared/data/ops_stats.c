/* ops_stats.c - the figures of the dashboards (SPEC section 3, /api/dashboard/...). All reads.
 *
 * They all move with the venue's business day, hence the clock bucket of a minute beside the areas,
 * which are just those of the tables that the functions read (tests/unit/test_ops_prepare.c).
 */
#include <config.h>

#include "data/ops.h"

#define GUESTS (AREA_BIT(AREA_RESERVATIONS) | AREA_BIT(AREA_BOOKINGS) | AREA_BIT(AREA_VENUE))
#define ORDERS AREA_BIT(AREA_ORDERS)
#define ROOMS  AREA_BIT(AREA_ROOMS)
#define REVENUE                                                                                    \
    (AREA_BIT(AREA_BOOKINGS) | ORDERS | ROOMS | AREA_BIT(AREA_MENU) | AREA_BIT(AREA_VENUE))

static const struct arg no_args[] = {{0}};
static const struct arg period_args[] = {ARG_PERIOD, {0}};

const struct op ops_stats[] = {
    {.name = "dashboard_stats",
     .function = "dashboard_stats",
     .summary = "Today's figures and their trends against the same weekday a week before",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = GUESTS | ORDERS | ROOMS,
     .clock_s = 60,
     .args = no_args,
     .answer = "DashboardStats"},
    {.name = "dashboard_trends",
     .function = "dashboard_trends",
     .summary = "Reservations, revenue and guests day by day",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = GUESTS | ORDERS,
     .clock_s = 60,
     .args = period_args,
     .answer = "DashboardTrends"},
    {.name = "dashboard_today",
     .function = "dashboard_today",
     .summary = "Today's reservations, or arrivals of a hotel, as people read them",
     .cap = CAP_RESERVATIONS_READ,
     .status = 200,
     .areas = GUESTS,
     .varies = BY_ROLE, /* who may not read bookings is refused a hotel's */
     .clock_s = 60,
     .args = no_args,
     .answer = "TodayReservations"},
    {.name = "customers_frequency",
     .function = "customers_frequency",
     .summary = "New and returning customers of a period",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = GUESTS,
     .clock_s = 60,
     .args = period_args,
     .answer = "CustomersFrequency"},
    {.name = "revenue_by_category",
     .function = "revenue_by_category",
     .summary = "Revenue of a period by menu category or room type",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = REVENUE,
     .clock_s = 60,
     .args = period_args,
     .answer = "RevenueByCategory"},
    {.name = "reservation_sources",
     .function = "reservation_sources",
     .summary = "Where the reservations of a period came from, in per cent",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = GUESTS,
     .clock_s = 60,
     .args = period_args,
     .answer = "ReservationSources"},
    {.name = "hotel_revenue_breakdown",
     .function = "hotel_revenue_breakdown",
     .summary = "A hotel's revenue of a period by room type and service",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = REVENUE,
     .clock_s = 60,
     .args = period_args,
     .answer = "HotelRevenueBreakdown"},
    {0},
};
