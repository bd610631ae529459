/* menu.c - maitred-menu: the menu of a restaurant or a hotel: categories and items (SPEC section
 * 3). */
#include "config.h"

#include "programs.h"

#define CATEGORIES "/api/restaurant/menu/categories"
#define CATEGORY   CATEGORIES "/{id}"
#define ITEMS      "/api/restaurant/menu/items"
#define ITEM       ITEMS "/{id}"

const struct route menu_routes[] = {
    {"GET", CATEGORIES, "menu_category_list", NULL},
    {"POST", CATEGORIES, "menu_category_create", NULL},
    {"GET", CATEGORY, "menu_category_get", NULL},
    {"PATCH", CATEGORY, "menu_category_update", NULL},
    {"DELETE", CATEGORY, "menu_category_delete", NULL},
    {"GET", ITEMS, "menu_item_list", NULL},
    {"POST", ITEMS, "menu_item_create", NULL},
    {"GET", ITEM, "menu_item_get", NULL},
    {"PATCH", ITEM, "menu_item_update", NULL},
    {"DELETE", ITEM, "menu_item_delete", NULL},
    {"PATCH", ITEM "/availability", "menu_item_availability", NULL},
    {NULL, NULL, NULL, NULL},
};
