// The menu to choose from: dishes by category, found by their name, each with how many and a note.
//
//   const picker = makeMenuPicker({ client, formats, onChange({ count, total }) });
//   picker.node      await picker.load()      picker.items() -> [{menu_item_id, quantity, notes?}]      picker.clear()
//   picker.close()
//
// What is out stays in its place and cannot be chosen. What goes out while it is chosen is taken off, and said; the rest
// of what was chosen stays. Used by the waiter's panel and the guest's page.

import { el, setFigure, setText, skeleton, stateMessage } from "./dom.js";
import { searchField } from "./form.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";
import { keyedList } from "./keyed.js";
import { byPlace, menuCategories, menuItems, onMenu } from "./menu-list.js";
import { toast } from "./toast.js";

const MOST = 99;

export function makeMenuPicker({ client, formats, onChange = () => {} }) {
  const chosen = new Map(); // menu item id -> {quantity, notes}
  const dishes = menuItems(client);
  const groups = menuCategories(client);
  const search = searchField({ label: t("menu.find") });
  const input = search.querySelector("input");
  const body = el("div", { class: "menu-categories" }, skeleton(["1.5rem", "4rem", "4rem", "4rem"]));
  const none = el("div", { hidden: true }, stateMessage(t("menu.none")));
  const node = el("div", { class: "menu-picker" }, search, body, none);
  let drawCategories = null;

  function choose(id, change) {
    const now = { quantity: 0, notes: "", ...chosen.get(id), ...change };
    now.quantity = Math.min(MOST, Math.max(0, now.quantity));
    if (now.quantity) chosen.set(id, now);
    else chosen.delete(id);
    draw();
    onChange(sum());
  }

  function sum() {
    let count = 0;
    let cents = 0;
    for (const [id, { quantity }] of chosen) {
      count += quantity;
      cents += quantity * Math.round((dishes.get(id)?.price ?? 0) * 1000);
    }
    return { count, total: cents / 1000 };
  }

  function draw() {
    const words = input.value.trim().toLowerCase();
    const all = onMenu(dishes).sort(byPlace);
    const found = all.filter(({ name, description }) => `${name} ${description ?? ""}`.toLowerCase().includes(words));
    const shown = onMenu(groups).sort(byPlace).map((category) => ({ ...category, items: found.filter(({ categoryId }) => categoryId === category.id) }))
      .filter((category) => category.items.length);
    drawCategories?.(shown);
    none.hidden = shown.length > 0 || !all.length;
  }

  function drop(id) {
    toast(t("menu.wentOut", { name: dishes.get(id)?.name ?? "" }), { tone: "bad" });
    chosen.delete(id);
  }

  function changed() {
    if (!dishes.loaded || !groups.loaded) return;
    for (const id of [...chosen.keys()]) if (!dishes.get(id)?.available || !dishes.get(id).isActive) drop(id);
    if (!drawCategories) body.replaceChildren();
    drawCategories ??= keyedList(body, (category) => makeCategory(category, { formats, chosen, choose }));
    draw();
    onChange(sum());
  }

  for (const list of [dishes, groups]) list.onChange(changed);
  input.addEventListener("input", draw);
  return {
    node, input,
    load: () => Promise.all([dishes.load(), groups.load()]),
    close: () => { dishes.close(); groups.close(); },
    items: () => [...chosen].map(([id, { quantity, notes }]) => ({ menu_item_id: id, quantity, ...(notes.trim() && { notes: notes.trim() }) })),
    clear: () => { chosen.clear(); draw(); onChange(sum()); },
  };
}

function makeCategory(first, kit) {
  const list = el("ul", {});
  const title = el("h3", {});
  const node = el("section", { class: "menu-category" }, title, list);
  const draw = keyedList(list, (item) => makeDish(item, kit));
  return { node, show: ({ name, items }) => { setText(title, name); draw(items); } };
}

function makeDish(first, { formats, chosen, choose }) {
  let item = first;
  const { id } = item;
  const of = () => chosen.get(id)?.quantity ?? 0;
  const name = el("span", { class: "dish-name" });
  const about = el("span", { class: "muted small" });
  const price = el("span", { class: "dish-price figure" });
  const mark = el("span", { class: "badge", hidden: true });
  const count = el("data", { class: "figure count", value: "0", "aria-live": "off" }, "0");
  const less = el("button", { class: "icon-button", type: "button", onclick: () => choose(id, { quantity: of() - 1 }) }, icon("minus"));
  const more = el("button", { class: "icon-button more", type: "button", onclick: () => choose(id, { quantity: of() + 1 }) }, icon("plus"));
  const note = el("input", { class: "input", maxlength: 500, hidden: true, placeholder: t("menu.note"),
    oninput: () => choose(id, { notes: note.value }) });
  const node = el("li", { class: "dish-row", dataset: { dish: id } },
    el("span", { class: "dish-words" }, el("span", { class: "dish-head" }, name, mark), about, price),
    el("span", { class: "stepper" }, less, count, more), note);

  function show(now) {
    item = now;
    const quantity = of();
    node.dataset.available = item.available;
    node.toggleAttribute("data-chosen", quantity > 0);
    name.textContent = item.name;
    about.textContent = item.description ?? "";
    about.hidden = !item.description;
    price.textContent = formats.money(item.price);
    mark.hidden = item.available && !item.popular;
    mark.textContent = item.available ? t("menu.popular") : t("menu.out");
    mark.dataset.tone = item.available ? "accent" : "bad";
    setFigure(count, quantity, String(quantity));
    less.setAttribute("aria-label", t("menu.less", { name: item.name }));
    more.setAttribute("aria-label", t("menu.more", { name: item.name }));
    less.hidden = count.hidden = quantity === 0;
    more.disabled = !item.available;
    note.hidden = quantity === 0;
    note.setAttribute("aria-label", t("menu.noteOf", { name: item.name }));
    if (!quantity) note.value = "";
  }

  return { node, show };
}
