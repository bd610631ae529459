// The rows of the list: one an order, drawn in place, walked through by keys.
//
// makeTable({...}) -> {show(orders), rowOf(id), focus(id), move(by), active}. One row is in the tab order (the active
// one); the page's keys act on it. Owns the body of the table.

import { el, figure, flash, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { Keyed } from "./keyed.js";
import { TONES, PAYMENT_TONES, isClosed, paymentWord, statusWord, stepWord } from "./steps.js";

const LATE_AFTER = 20; // minutes, where no time was promised

export function ageText(minutes) {
  if (minutes < 1) return t("orders.ageNow");
  if (minutes < 60) return t("orders.ageMinutes", { n: minutes });
  if (minutes < 1440) return t("orders.ageHours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  return t("orders.ageDays", { n: Math.floor(minutes / 1440) });
}

export const minutesSince = (iso) => Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / 60000));

export const tableText = (order) => (order.table_number ? t("orders.table", { n: order.table_number }) : t("orders.noTable"));

export function linesText(order) {
  return order.items.filter(({ status }) => status !== "void").map(({ quantity, name }) => `${quantity} × ${name}`).join(", ");
}

function makeRow(order, { formats, rights, on }) {
  const { id } = order;
  const cell = (props, ...children) => el("td", { role: "gridcell", ...props }, ...children);
  const pick = el("input", { type: "checkbox", class: "checkbox", "aria-label": t("orders.pickOne", { order: order.order_number }),
    tabindex: "-1", onchange: () => on.pick(id, pick.checked) });
  const age = el("span", { class: "muted small age" });
  const table = el("span", {});
  const customer = el("span", { dataset: { field: "customer" } });
  const lines = el("span", { class: "lines", dataset: { field: "items" } });
  const total = figure(`order.${id}.total`, "", "", { class: "total" });
  const paid = el("span", { class: "badge paid" });
  const badge = el("span", { class: "badge status", dataset: { field: "status" } });
  const step = el("button", { class: "button compact", type: "button", tabindex: "-1", onclick: () => on.step(current) });
  const node = el("tr", { role: "row", class: "order", tabindex: "-1", dataset: { order: id } },
    cell({ class: "pick" }, pick),
    cell({ class: "name" }, el("strong", { dataset: { field: "number" } }, order.order_number), age),
    cell({ class: "where" }, table), cell({ class: "who" }, customer), cell({ class: "what" }, lines),
    cell({ class: "number money" }, total, paid), cell({ class: "state" }, badge), cell({ class: "do" }, step));
  let current = order;

  node.addEventListener("click", ({ target }) => { if (!target.closest("input, button, .pick")) on.open(id); });
  node.addEventListener("focusin", () => on.active(id));

  function tick() {
    const minutes = minutesSince(current.created_at);
    setText(age, isClosed(current) ? formats.time(current.created_at) : ageText(minutes));
    age.title = `${formats.day(current.created_at)} ${formats.time(current.created_at)}`;
    node.toggleAttribute("data-late", ["pending", "confirmed", "preparing"].includes(current.order_status)
      && minutes >= (current.estimated_time || LATE_AFTER) && minutes < 1440);
  }

  function show(next) {
    const before = node.dataset.status;
    current = next;
    tick();
    setText(table, tableText(next));
    setText(customer, next.customer_name ?? "");
    setText(lines, linesText(next));
    lines.title = lines.textContent;
    setFigure(total, next.total_price, formats.money(next.total_price));
    setText(paid, paymentWord(next.payment_status));
    paid.dataset.tone = PAYMENT_TONES[next.payment_status] ?? "";
    paid.hidden = next.payment_status === "pending";
    const nextStep = rights.nextOf(next);
    step.hidden = !nextStep;
    if (nextStep) {
      setText(step, stepWord(nextStep));
      step.setAttribute("aria-label", t("orders.stepOf", { step: stepWord(nextStep), order: next.order_number }));
    }
    node.toggleAttribute("data-waits", on.waits(id));
    node.toggleAttribute("data-left", !on.belongs(next));
    if (before === next.order_status) return;
    node.dataset.status = next.order_status;
    setText(badge, statusWord(next.order_status));
    badge.dataset.tone = TONES[next.order_status] ?? "";
    if (before) flash(node);
  }

  return { node, show, tick, pick, get order() { return current; } };
}

// on: {open(id), step(order), pick(id, picked), active(id), waits(id), belongs(order)}
export function makeTable({ body, formats, rights, on }) {
  let active = null;
  const rows = new Keyed(body, { make: (order) => makeRow(order, { formats, rights,
    on: { ...on, active: (id) => { setActive(id); on.active?.(id); } } }) });

  function setActive(id) {
    const { node } = rows.get(active) ?? {};
    if (node) node.tabIndex = -1;
    active = id;
    const row = rows.get(active);
    if (row) row.node.tabIndex = 0;
  }

  function show(orders, { open, picked }) {
    rows.show(orders);
    for (const { node, pick, order } of rows.parts) {
      pick.checked = picked.has(order.id);
      node.setAttribute("aria-selected", String(pick.checked));
      node.toggleAttribute("data-open", order.id === open);
    }
    if (!rows.get(active)) setActive(orders[0]?.id ?? null);
  }

  function focus(id) {
    const row = rows.get(id);
    row?.node.focus();
    row?.node.scrollIntoView({ block: "nearest" });
  }

  // From the active row by so many; the first one where no row has the focus yet.
  function move(by) {
    const nodes = [...body.children];
    const at = nodes.findIndex((node) => node.contains(document.activeElement));
    const to = nodes[at < 0 ? nodes.indexOf(rows.get(active)?.node) : Math.min(nodes.length - 1, Math.max(0, at + by))];
    if (to) focus(Number(to.dataset.order));
  }

  return { show, focus, move, get active() { return rows.get(active)?.order ?? null; },
    tick() { for (const row of rows.parts) row.tick(); } };
}
