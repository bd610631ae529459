/* ops_menu.c - the menu of a restaurant or a hotel: categories and items. */
#include <config.h>

#include "data/ops.h"

const struct op ops_menu[] = {
    {0},
};
