/* ops_menu.c - the menu of a restaurant or a hotel: categories and items (SPEC section 3).
 *
 * Whether there is any of an item today is an op of its own, because it is a right of its own: the
 * kitchen has menu.availability and not menu.write. The bounds are those of the tables.
 */
#include <config.h>

#include "data/ops.h"

#define MENU     AREA_BIT(AREA_MENU)
#define PRICED   (MENU | AREA_BIT(AREA_VENUE)) /* money leaves in the venue's currency */
#define SORT_MAX 100000

#define ID(what)                                                                                   \
    { .name = "id", .type = ARG_ID, .place = IN_PATH, .required = true, .help = what }
#define FIELD(field, field_type, ...)                                                              \
    { .name = field, .type = field_type, .place = IN_BODY, __VA_ARGS__ }
#define CATEGORY_FIELDS(must)                                                                      \
    FIELD("name", ARG_TEXT, .required = must, .min = 1, .max = 100, .help = "what guests read"),   \
        FIELD("description", ARG_TEXT, .max = 2000, .help = "a sentence under the name"),          \
        FIELD("sort", ARG_INT, .max = SORT_MAX, .help = "its place; equals go by name"),           \
        FIELD("color", ARG_TEXT, .max = 7, .help = "of its charts: #1a2b3c; empty for none")
#define ITEM_FIELDS(must)                                                                          \
    FIELD("name", ARG_TEXT, .required = must, .min = 1, .max = 150, .help = "what guests read"),   \
        FIELD("description", ARG_TEXT, .max = 2000, .help = "what is in it"),                      \
        FIELD("price", ARG_MONEY, .required = must, .max = 1000000, .help = "in major units"),     \
        FIELD("categoryId", ARG_ID, .required = must, .help = "the category it stands in"),        \
        FIELD("popular", ARG_BOOL, .help = "marked as popular"),                                   \
        FIELD("image", ARG_TEXT, .max = 500,                                                       \
              .help = "http(s) address, or a path from /; empty for none"),                        \
        FIELD("available", ARG_BOOL, .help = "false: there is none today"),                        \
        FIELD("sort", ARG_INT, .max = SORT_MAX, .help = "its place; equals go by name")

static const struct arg category_list_args[] = {ARG_PAGE, ARG_LIMIT_MOST, {0}};
static const struct arg category_id_args[] = {ID("the category"), {0}};
static const struct arg category_create_args[] = {CATEGORY_FIELDS(true), {0}};
static const struct arg category_update_args[] = {ID("the category"), CATEGORY_FIELDS(false), {0}};
static const struct arg item_list_args[] = {
    {.name = "categoryId", .type = ARG_ID, .place = IN_QUERY, .help = "only of this category"},
    {.name = "available",
     .type = ARG_BOOL,
     .place = IN_QUERY,
     .help = "only what there is, or only what there is none of"},
    {.name = "popular",
     .type = ARG_BOOL,
     .place = IN_QUERY,
     .help = "only popular ones, or others"},
    ARG_PAGE,
    ARG_LIMIT_MOST,
    {0},
};
static const struct arg item_id_args[] = {ID("the item"), {0}};
static const struct arg item_create_args[] = {ITEM_FIELDS(true), {0}};
static const struct arg item_update_args[] = {ID("the item"), ITEM_FIELDS(false), {0}};
static const struct arg item_availability_args[] = {
    ID("the item"),
    FIELD("available", ARG_BOOL, .required = true, .help = "false: 86'd; true: back on the menu"),
    {0},
};

const struct op ops_menu[] = {
    {.name = "menu_category_list",
     .function = "menu_category_list",
     .summary = "Categories of the menu, in their order",
     .cap = CAP_MENU_READ,
     .paged = true,
     .status = 200,
     .areas = MENU,
     .args = category_list_args,
     .answer = "MenuCategoryList"},
    {.name = "menu_category_get",
     .function = "menu_category_get",
     .summary = "One category",
     .cap = CAP_MENU_READ,
     .status = 200,
     .areas = MENU,
     .args = category_id_args,
     .answer = "MenuCategory"},
    {.name = "menu_category_create",
     .function = "menu_category_create",
     .summary = "Add a category",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 201,
     .areas = MENU,
     .args = category_create_args,
     .answer = "MenuCategory"},
    {.name = "menu_category_update",
     .function = "menu_category_update",
     .summary = "Change a category; what is not named stays",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 200,
     .areas = MENU,
     .args = category_update_args,
     .answer = "MenuCategory"},
    {.name = "menu_category_delete",
     .function = "menu_category_delete",
     .summary = "Delete a category that has no items",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 204,
     .areas = MENU,
     .args = category_id_args},
    {.name = "menu_item_list",
     .function = "menu_item_list",
     .summary = "Items of the menu, in its order",
     .cap = CAP_MENU_READ,
     .paged = true,
     .status = 200,
     .areas = PRICED,
     .args = item_list_args,
     .answer = "MenuItemList"},
    {.name = "menu_item_get",
     .function = "menu_item_get",
     .summary = "One item",
     .cap = CAP_MENU_READ,
     .status = 200,
     .areas = PRICED,
     .args = item_id_args,
     .answer = "MenuItem"},
    {.name = "menu_item_create",
     .function = "menu_item_create",
     .summary = "Put an item on the menu",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 201,
     .areas = PRICED,
     .args = item_create_args,
     .answer = "MenuItem"},
    {.name = "menu_item_update",
     .function = "menu_item_update",
     .summary = "Change an item; what is not named stays",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 200,
     .areas = PRICED,
     .args = item_update_args,
     .answer = "MenuItem"},
    {.name = "menu_item_availability",
     .function = "menu_item_availability",
     .summary = "Say that there is none of an item today, or that there is again",
     .cap = CAP_MENU_AVAILABILITY,
     .write = true,
     .status = 200,
     .areas = PRICED,
     .args = item_availability_args,
     .answer = "MenuItem"},
    {.name = "menu_item_delete",
     .function = "menu_item_delete",
     .summary = "Take an item off the menu for good",
     .cap = CAP_MENU_WRITE,
     .write = true,
     .status = 204,
     .areas = PRICED,
     .args = item_id_args},
    {0},
};
