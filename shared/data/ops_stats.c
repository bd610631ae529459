/* ops_stats.c - the figures of the dashboards (SPEC section 3, /api/dashboard/...). All reads.
 *
 * They all move with the venue's business day, hence the clock bucket of a minute beside the areas.
 */
#include <config.h>

#include "data/ops.h"

#define FIGURES                                                                                    \
    (AREA_BIT(AREA_RESERVATIONS) | AREA_BIT(AREA_BOOKINGS) | AREA_BIT(AREA_ROOMS) |                \
     AREA_BIT(AREA_ORDERS) | AREA_BIT(AREA_VENUE))

static const struct arg no_args[] = {{0}};
static const struct arg period_args[] = {ARG_PERIOD, {0}};

const struct op ops_stats[] = {
    {.name = "dashboard_stats",
     .function = "dashboard_stats",
     .summary = "Today's figures and their trends against the same weekday a week before",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES,
     .clock_s = 60,
     .args = no_args,
     .answer = "DashboardStats"},
    {.name = "dashboard_trends",
     .function = "dashboard_trends",
     .summary = "Reservations, revenue and guests day by day",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES,
     .clock_s = 60,
     .args = period_args,
     .answer = "DashboardTrends"},
    {.name = "dashboard_today",
     .function = "dashboard_today",
     .summary = "Today's reservations, or arrivals of a hotel, as people read them",
     .cap = CAP_RESERVATIONS_READ,
     .status = 200,
     .areas = AREA_BIT(AREA_RESERVATIONS) | AREA_BIT(AREA_BOOKINGS) | AREA_BIT(AREA_ROOMS) |
              AREA_BIT(AREA_CUSTOMERS) | AREA_BIT(AREA_VENUE),
     .clock_s = 60,
     .args = no_args,
     .answer = "TodayReservations"},
    {.name = "customers_frequency",
     .function = "customers_frequency",
     .summary = "New and returning customers of a period",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES | AREA_BIT(AREA_CUSTOMERS),
     .clock_s = 60,
     .args = period_args,
     .answer = "CustomersFrequency"},
    {.name = "revenue_by_category",
     .function = "revenue_by_category",
     .summary = "Revenue of a period by menu category or room type",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES | AREA_BIT(AREA_MENU),
     .clock_s = 60,
     .args = period_args,
     .answer = "RevenueByCategory"},
    {.name = "reservation_sources",
     .function = "reservation_sources",
     .summary = "Where the reservations of a period came from, in per cent",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES,
     .clock_s = 60,
     .args = period_args,
     .answer = "ReservationSources"},
    {.name = "hotel_revenue_breakdown",
     .function = "hotel_revenue_breakdown",
     .summary = "A hotel's revenue of a period by room type and service",
     .cap = CAP_FIGURES_READ,
     .status = 200,
     .areas = FIGURES,
     .clock_s = 60,
     .args = period_args,
     .answer = "HotelRevenueBreakdown"},
    {0},
};
