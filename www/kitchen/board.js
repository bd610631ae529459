// The board: a ticket an order, oldest first; the first nine have a number that stays theirs until they are gone, so
// that a quick hand at the bump bar never hits another one. Owns the tickets and their numbers.

import { el, flash, skeleton, stateMessage } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keepingFocus, place } from "../ui/keyed.js";
import { makeTicket } from "./ticket.js";

const NUMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const WAITING_LAST = { pending: 1 };

// What nobody has confirmed yet stands behind what is to be cooked.
const byAge = (a, b) => (WAITING_LAST[a.order_status] ?? 0) - (WAITING_LAST[b.order_status] ?? 0)
  || Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id;

export function makeBoard({ root, ...kit }) {
  const tickets = new Map(); // order id -> ticket
  const firstLines = new Map(); // order id -> the lines that it had when it was first shown
  let shown = [];
  const empty = el("li", { class: "board-empty" }, stateMessage(t("kitchen.allDone"), null, icon("chef-hat")));

  root.append(...Array.from({ length: 4 }, () => el("li", { class: "ticket" }, skeleton(["2rem", "1.5rem", "1.5rem", "3rem"]))));

  function freeNumber() {
    const taken = new Set([...tickets.values()].map(({ slot }) => slot));
    return NUMBERS.find((number) => !taken.has(number)) ?? null;
  }

  function ticketOf(order) {
    const before = tickets.get(order.id);
    if (before && (before.slot || !freeNumber())) return before;
    if (!firstLines.has(order.id)) firstLines.set(order.id, new Set(order.items.map(({ id }) => id)));
    const ticket = makeTicket({ ...kit, order, slot: freeNumber(), seen: firstLines.get(order.id) });
    tickets.set(order.id, ticket);
    return ticket;
  }

  function show(orders, recalled) {
    const sorted = [...orders.filter(({ id }) => recalled.has(id)), ...orders.filter(({ id }) => !recalled.has(id)).sort(byAge)];
    const focused = shown.findIndex((ticket) => ticket.node.contains(document.activeElement));
    const wanted = new Set(sorted.map(({ id }) => id));
    for (const id of [...tickets.keys()]) if (!wanted.has(id)) tickets.delete(id);
    shown = sorted.map(ticketOf);
    for (const [i, order] of sorted.entries()) shown[i].show(order, { recalled: recalled.has(order.id) });
    keepingFocus(() => place(root, shown.length ? shown.map(({ node }) => node) : [empty]));
    root.removeAttribute("aria-busy");
    if (focused >= 0 && !root.contains(document.activeElement)) (shown[Math.min(focused, shown.length - 1)] ?? root).focus();
  }

  // The buttons of the tickets, or of one ticket's lines, as places that the arrows walk.
  function move(nodes, step) {
    if (!nodes.length) return;
    const at = nodes.indexOf(document.activeElement);
    nodes[at < 0 ? (step > 0 ? 0 : nodes.length - 1) : (at + step + nodes.length) % nodes.length].focus();
  }

  function walk(step) {
    const at = shown.findIndex(({ node }) => node.contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length;
    shown[next]?.focus();
  }

  return {
    show, walk,
    walkLines: (step) => move((shown.find(({ node }) => node.contains(document.activeElement)) ?? shown[0])?.buttons() ?? [], step),
    press: (number) => shown.find(({ slot }) => slot === number)?.press(),
    focus: (id) => tickets.get(id)?.focus(),
    markNew: (ids) => { for (const id of ids) if (tickets.has(id)) flash(tickets.get(id).node); },
    refuse: (text) => { root.removeAttribute("aria-busy"); place(root, [el("li", { class: "board-empty" }, stateMessage(text))]); },
  };
}
