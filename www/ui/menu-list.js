// The dishes of the house, live: what is out, what is new and what is gone stands there as soon as it was said.
//
//   const dishes = menuItems(client);      dishes.onChange(draw);      await dishes.load();      onMenu(dishes)
//
// LiveLists of REST's answers; close() those that end before the page does. The staff's channels and a guest's session
// tell of both.

import { LiveList } from "../lib/live-list.js";

export const menuItems = (client) => new LiveList({ client, path: "/api/restaurant/menu/items?limit=200",
  hears: { menu_item_update: ({ item }) => item } });

export const menuCategories = (client) => new LiveList({ client, path: "/api/restaurant/menu/categories?limit=200",
  hears: { menu_category_update: ({ category }) => category } });

// Deleted ones are told as such, once; then REST has them no more.
export const onMenu = (list) => list.values().filter(({ isActive }) => isActive);

const { compare: byWords } = new Intl.Collator();

// Of categories, and of the dishes of one: their places, equals by name.
export const byPlace = (a, b) => a.sort - b.sort || byWords(a.name, b.name);
