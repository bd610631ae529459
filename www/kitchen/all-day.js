// How many of each dish are open over all tickets: what is left to cook, most first.

import { el, setFigure } from "../ui/dom.js";
import { keyedList } from "../ui/keyed.js";

const TO_COOK = ["placed", "preparing"];

export function countDishes(orders) {
  const dishes = new Map();
  for (const line of orders.flatMap(({ items }) => items)) {
    if (!TO_COOK.includes(line.status)) continue;
    const id = line.menu_item_id ?? line.name;
    const dish = dishes.get(id) ?? { id, name: line.name, count: 0 };
    dish.count += line.quantity;
    dishes.set(id, dish);
  }
  return [...dishes.values()].sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

export function makeAllDay(root, formats) {
  const draw = keyedList(root, ({ id, name }) => {
    const count = el("data", { class: "figure", value: "", dataset: { figure: `allday.${id}` } });
    const node = el("li", {}, count, el("span", {}, name));
    return { node, show: (dish) => setFigure(count, dish.count, formats.number(dish.count)) };
  });
  return {
    show(orders) {
      const dishes = countDishes(orders);
      root.parentElement.hidden = !dishes.length;
      draw(dishes);
    },
  };
}
