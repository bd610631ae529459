/* menu.c - maitred-menu: a restaurant's menu: categories and items (SPEC section 3, /api/restaurant/menu). */
#include "config.h"

#include "programs.h"

const struct route menu_routes[] = {
    {NULL, NULL, NULL, NULL},
};
