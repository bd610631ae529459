/* stats.c - maitred-stats: the figures of the dashboards (SPEC section 3, /api/dashboard). */
#include "config.h"

#include "programs.h"

const struct route stats_routes[] = {
    {"GET", "/api/dashboard/stats", "dashboard_stats", NULL},
    {"GET", "/api/dashboard/trends", "dashboard_trends", NULL},
    {"GET", "/api/dashboard/reservations/today", "dashboard_today", NULL},
    {"GET", "/api/dashboard/customers/frequency", "customers_frequency", NULL},
    {"GET", "/api/dashboard/revenue/by-category", "revenue_by_category", NULL},
    {"GET", "/api/dashboard/reservations/sources", "reservation_sources", NULL},
    {"GET", "/api/dashboard/hotel/revenue-breakdown", "hotel_revenue_breakdown", NULL},
    {NULL, NULL, NULL, NULL},
};
