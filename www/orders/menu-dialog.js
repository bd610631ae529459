// Choosing from the menu: lines for an order that is there, or a new order.
//
// The menu is searched as one types; what is not available is shown and can't be chosen. What was chosen stands
// beside it with its quantity and a note. Prices are only shown here: the server takes the menu's. Owns its dialog.

import { openDialog } from "../ui/dialog.js";
import { el, figure, setFigure, setText, stateMessage } from "../ui/dom.js";
import { checkForm, field, searchField, showProblem, values } from "../ui/form.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/i18n.js";
import { menuItems, onMenu } from "../ui/menu-list.js";
import { Keyed } from "./keyed.js";
import { refusal } from "./writes.js";

const MOST = 999;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// What was chosen: menu item id -> {item, quantity, notes}.
class Basket {
  lines = new Map();

  add(item, by) {
    const line = this.lines.get(item.id) ?? { item, quantity: 0, notes: "" };
    line.quantity = Math.min(MOST, line.quantity + by);
    if (line.quantity > 0) this.lines.set(item.id, line);
    else this.lines.delete(item.id);
  }

  get count() { return [...this.lines.values()].reduce((sum, { quantity }) => sum + quantity, 0); }
  get total() { return [...this.lines.values()].reduce((sum, { quantity, item }) => sum + quantity * item.price, 0); }

  get body() {
    return [...this.lines.values()].map(({ item, quantity, notes }) => ({ menu_item_id: item.id, quantity, ...(notes && { notes }) }));
  }
}

function makeChoice(item, { formats, choose }) {
  const button = el("button", { class: "choice", type: "button", onclick: () => choose(item) },
    el("span", { class: "choice-name" }, item.name), el("span", { class: "choice-price" }, formats.money(item.price)),
    !item.available && el("span", { class: "badge", dataset: { tone: "bad" } }, t("orders.notAvailable")));
  button.disabled = !item.available;
  return { node: el("li", { dataset: { item: item.id } }, button), show: () => {} };
}

function makeChosen(first, { formats, basket, changed }) {
  const count = el("span", { class: "chosen-count" });
  const price = el("span", { class: "choice-price" });
  const by = (n, label, sign) => el("button", { class: "icon-button", type: "button", "aria-label": label,
    onclick: () => { basket.add(first.item, n); changed(); } }, sign);
  const notes = el("input", { class: "input chosen-notes", maxlength: 500, "aria-label": t("orders.noteFor", { name: first.item.name }),
    placeholder: t("orders.note"), oninput: () => { basket.lines.get(first.item.id).notes = notes.value.trim(); } });
  const node = el("li", { class: "chosen", dataset: { chosen: first.item.id } },
    by(-1, t("orders.fewer", { name: first.item.name }), icon("minus")), count, by(1, t("orders.another", { name: first.item.name }), icon("plus")),
    el("span", { class: "choice-name" }, first.item.name), price, notes);
  return { node, show({ item, quantity }) {
    setText(count, String(quantity));
    setText(price, formats.money(quantity * item.price));
  } };
}

// send({items, ...fields}): the write; refused by throwing. `fields`: of a new order.
export function menuDialog({ client, formats, title, submit, fields = [], send }) {
  const basket = new Basket();
  const dishes = menuItems(client);
  const search = searchField({ label: t("orders.findItem") });
  const find = search.querySelector("input");
  const choices = el("ul", { class: "choices" });
  const state = el("div", {});
  const chosen = el("ul", { class: "chosen-list" });
  const total = figure("basket.total", "", "");
  const keyedChoices = new Keyed(choices, { make: (item) => makeChoice(item, { formats, choose }) });
  const keyedChosen = new Keyed(chosen, { idOf: ({ item }) => item.id, make: (line) => makeChosen(line, { formats, basket, changed: draw }) });

  function choose(item) {
    basket.add(item, 1);
    draw();
  }

  function draw() {
    keyedChosen.show([...basket.lines.values()]);
    setFigure(total, basket.total, basket.count ? t("orders.basket", { n: basket.count, sum: formats.money(basket.total) }) : t("orders.basketEmpty"));
  }

  function showFound() {
    const words = plain(find.value).split(/\s+/).filter(Boolean);
    const items = onMenu(dishes);
    const found = items.filter((item) => words.every((word) => plain(`${item.name} ${item.categoryName ?? ""}`).includes(word)));
    keyedChoices.show(found);
    state.replaceChildren(...(found.length ? [] : [stateMessage(items.length ? t("orders.noItem") : t("orders.noMenu"))]));
    return found;
  }

  const load = () => dishes.load().catch((error) => state.replaceChildren(stateMessage(refusal(error))));

  dishes.onChange(showFound);
  find.addEventListener("input", showFound);
  find.addEventListener("keydown", (event) => { // Enter takes the first that can be had, and goes on
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = find.value && showFound().find(({ available }) => available);
    if (first) choose(first);
    find.select();
  });

  async function finish(dialog) {
    if (!checkForm(dialog.form)) return false;
    if (!basket.count) {
      find.focus();
      return false;
    }
    try {
      const given = Object.entries(values(dialog.form)).filter(([name, text]) => name !== "search" && text !== "");
      await send({ ...Object.fromEntries(given), items: basket.body });
      return true;
    } catch (error) {
      if (error.code === "item_unavailable") load();
      showProblem(dialog, error.fields.length ? error : Object.assign(error, { message: refusal(error) }));
      return false;
    }
  }

  draw();
  load();
  return openDialog({ title, wide: true, onClose: () => dishes.close(), content: [fields.length ? el("div", { class: "fields" }, fields) : null,
    el("div", { class: "menu-pick" },
      el("section", { "aria-label": t("orders.menu") }, search, choices, state),
      el("section", { class: "basket", "aria-label": t("orders.chosen") }, el("h3", {}, t("orders.chosen")), chosen, el("p", { class: "basket-total" }, total)))],
  actions: [{ label: t("common.cancel"), value: "no" }, { label: submit, value: "yes", tone: "primary", run: finish }] });
}

export const addLinesDialog = ({ order, client, formats, writes }) => menuDialog({ client, formats,
  title: t("orders.addTitle", { order: order.order_number }), submit: t("orders.addLines"),
  send: ({ items }) => writes.write("POST", `/api/v1/orders/${order.id}/items`, { items }) });

// tables: [{value, label}]; none in a venue without tables. done(order)
export function newOrderDialog({ client, formats, writes, tables, done }) {
  return menuDialog({ client, formats, title: t("orders.newTitle"), submit: t("orders.place"), fields: [
    ...(tables.length ? [field({ name: "table_id", label: t("orders.colTable"), options: [{ value: "", label: t("orders.noTable") }, ...tables] })] : []),
    field({ name: "customer_name", label: t("orders.fact_customer"), maxlength: 100 }),
    field({ name: "customer_phone", label: t("orders.phone"), type: "tel" }),
    field({ name: "notes", label: t("orders.fact_notes"), maxlength: 1000 }),
  ], send: async ({ table_id: table, ...rest }) => done(await writes.write("POST", "/api/v1/orders", { ...rest, ...(table && { table_id: Number(table) }) })) });
}
