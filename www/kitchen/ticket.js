// One ticket: table, age, lines with their notes, and the one step that comes next.
//
// makeTicket({order, slot, seen, steps, settings, putBack}) -> {node, slot, show(order, {recalled}), press(),
// focus(), buttons()}. What is late says so in words and by its edge, not by colour alone. The lines keep their nodes.

import { el, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keyedList } from "../ui/keyed.js";

const DONE_LINES = ["ready", "served"];

export const placeOf = (order) => (order.table_number === null ? order.customer_name || t("kitchen.takeAway") : t("kitchen.table", { n: order.table_number }));

// `seen`: the lines of the order that were there at first; what comes later is marked.
// Short enough to stand beside the table on every screen: "95 min", then "1:40 h".
export function ageText(minutes) {
  const whole = Math.max(0, Math.floor(minutes));
  if (whole < 100) return t("kitchen.minutes", { n: whole });
  return t("kitchen.hours", { time: `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}` });
}

export function makeTicket({ slot, seen, steps, settings, putBack, ...rest }) {
  let { order } = rest;
  let isRecalled = false;
  const place = el("h2", { class: "place" });
  const ago = el("span", { class: "ago" });
  const late = el("span", { class: "late badge" });
  const state = el("span", { class: "badge state" });
  const number = el("span", { class: "number" });
  const note = el("p", { class: "order-note", hidden: true });
  const lines = el("ol", { class: "lines" });
  const bump = el("button", { class: "button bump", type: "button", onclick: () => press() });
  const node = el("li", { class: "ticket", dataset: { order: order.id, slot: slot ?? "" } },
    el("header", { class: "ticket-head" },
      slot && el("kbd", { class: "slot", "aria-hidden": "true" }, String(slot)), place, ago),
    el("p", { class: "ticket-sub" }, number, state, late), note, lines, bump);

  const drawLines = keyedList(lines, (line) => makeLine(line, (now) => steps.lineReady(order, now)));

  function press() {
    if (isRecalled) putBack(order.id);
    else if (steps.next(order) && bump.getAttribute("aria-disabled") !== "true") steps.take(order);
  }

  function showAge(now) {
    const ms = now - Date.parse(order.created_at);
    const age = settings.ageOf(ms / 60000);
    node.dataset.age = age;
    setText(ago, ageText(ms / 60000));
    late.hidden = age === "fresh";
    setText(late, age === "late" ? t("kitchen.late") : t("kitchen.slow"));
    late.dataset.tone = age === "late" ? "bad" : "warn";
  }

  function showStep() {
    const next = steps.next(order);
    const text = isRecalled ? t("kitchen.putBack") : next ? next.label() : t("kitchen.notConfirmed");
    if (bump.lastChild?.textContent !== text) bump.replaceChildren(icon(isRecalled ? "undo-2" : next ? "check" : "clock"), el("span", {}, text));
    bump.setAttribute("aria-label", t("kitchen.stepOf", { step: text, place: placeOf(order), number: order.order_number }));
    if (next || isRecalled) bump.removeAttribute("aria-disabled");
    else bump.setAttribute("aria-disabled", "true");
    bump.classList.toggle("primary", order.order_status === "preparing" && !isRecalled);
  }

  function show(now, { recalled = false } = {}) {
    order = now;
    isRecalled = recalled;
    node.dataset.status = recalled ? "recalled" : order.order_status;
    setText(place, placeOf(order));
    setText(number, order.order_number);
    setText(state, recalled ? t("kitchen.recalled") : t(`kitchen.status_${order.order_status}`));
    note.hidden = !order.notes;
    setText(note, order.notes ?? "");
    const shown = order.items.filter((line) => line.status !== "void");
    drawLines(shown.map((line) => ({ ...line, added: !seen.has(line.id), still: recalled || order.order_status === "pending" })));
    node.toggleAttribute("data-all-ready", shown.length > 0 && shown.every((line) => DONE_LINES.includes(line.status)));
    showAge(Date.now());
    showStep();
  }

  return { node, slot, show, press, focus: () => bump.focus(), buttons: () => [...lines.querySelectorAll("button"), bump] };
}

function makeLine(first, ready) {
  let line = first;
  const quantity = el("data", { class: "quantity" });
  const name = el("span", { class: "dish" });
  const added = el("span", { class: "badge", dataset: { tone: "info" }, hidden: true }, t("kitchen.added"));
  const note = el("span", { class: "line-note", hidden: true });
  const button = el("button", { class: "line", type: "button", dataset: { line: line.id },
    onclick: () => { if (button.getAttribute("aria-disabled") !== "true") ready(line); } },
  quantity, el("span", { class: "what" }, name, added, note), icon("check", { class: "tick" }));
  const node = el("li", {}, button);

  function show(now) {
    line = now;
    const done = DONE_LINES.includes(line.status);
    quantity.value = line.quantity;
    setText(quantity, `${line.quantity}\u00d7`);
    setText(name, line.name);
    added.hidden = !line.added;
    note.hidden = !line.notes;
    setText(note, line.notes ?? "");
    button.dataset.status = line.status;
    button.setAttribute("aria-pressed", String(done));
    if (done || line.still) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }

  return { node, show };
}
