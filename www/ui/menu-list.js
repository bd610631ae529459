// The dishes of the house, live: what is out, what is new and what is gone stands there as soon as it was said.
//
//   const dishes = menuItems(client);      dishes.onChange(draw);      await dishes.load();      onMenu(dishes)
//
// LiveLists of REST's answers; close() those that end before the page does. A guest's session is told of items alone.

import { LiveList } from "../lib/live-list.js";

export const menuItems = (client) => new LiveList({ client, path: "/api/restaurant/menu/items?limit=200",
  hears: { menu_item_update: ({ item }) => item } });

export const menuCategories = (client) => new LiveList({ client, path: "/api/restaurant/menu/categories?limit=200",
  hears: { menu_category_update: ({ category }) => category } });

// Deleted ones are told as such, once; then REST has them no more.
export const onMenu = (list) => list.values().filter(({ isActive }) => isActive);
