// One table beside the list (on a phone: above it): its orders with their lines and next steps, and what can be done
// there: take an order, the bill, the guests' code. Stays current while it is open; closes when the guests leave.

import { makeDrawer } from "../ui/drawer.js";
import { el, figure, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keyedList } from "../ui/keyed.js";
import { openBill } from "./bill.js";
import { openGuestCode } from "./guest-code.js";
import { dueOf } from "./house.js";
import { openOrder } from "./order-dialog.js";
import { NEXT } from "./steps.js";

const TONES = { pending: "warn", ready: "good", preparing: "accent", served: "" };

export function makeTablePanel(kit) {
  const { house, formats, steps } = kit;
  let id = null;
  let session = null;
  const drawer = makeDrawer({ id: "table-panel", onClose: () => { id = null; } });
  const facts = el("p", { class: "muted" });
  const orders = el("ul", { class: "panel-orders" });
  const takeOver = el("button", { class: "button", type: "button", dataset: { do: "take-over" }, onclick: () => steps.takeOver(session) },
    icon("user-check"), t("waiter.takeOver"));
  const none = el("p", { class: "muted" }, t("waiter.noOrders"));
  const due = figure("panel.due", "", "");
  const total = el("p", { class: "panel-due" }, t("waiter.due"), due);
  const drawOrders = keyedList(orders, (order) => orderCard(order, kit));

  const button = (name, sign, text, run, tone = "") => el("button", { class: `button large ${tone}`, type: "button", dataset: { do: name },
    onclick: () => run({ ...kit, session, table: house.table(id) }) }, icon(sign), text);
  const actions = [button("order", "plus", t("waiter.order"), openOrder, "primary"), button("bill", "receipt", t("waiter.bill"), openBill),
    button("code", "users", t("waiter.guestCode"), openGuestCode)];

  function show() {
    if (id === null) return;
    const table = house.table(id);
    if (table?.session?.id !== session) return void drawer.close();
    setText(facts, [table.name, table.section, t("waiter.guests", { n: table.session.guests_count }), t("waiter.since", { time: formats.time(table.session.started_at) }),
      table.session.session_code].filter(Boolean).join(" \u00b7 "));
    takeOver.hidden = table.session.waiter === house.profile.id;
    const all = house.ordersOf(session);
    drawOrders(all);
    none.hidden = all.length > 0;
    const amount = house.dueOfSession(session);
    setFigure(due, amount, formats.money(amount));
  }

  function open(table) {
    session = house.table(table)?.session?.id ?? null;
    if (session === null) return;
    id = table;
    drawer.open({ title: t("waiter.table", { n: house.table(id).number }), content: [facts, takeOver, orders, none, total], actions });
    show();
  }

  return { open, show };
}

function orderCard(first, { house, steps, formats }) {
  let order = first;
  const state = el("span", { class: "badge" });
  const price = el("span", { class: "figure" });
  const lines = el("ul", { class: "panel-lines" });
  const next = el("button", { class: "button", type: "button", onclick: () => steps.move(order, NEXT[order.order_status]) });
  const node = el("li", { class: "card", dataset: { order: order.id } },
    el("div", { class: "card-head" }, el("h3", {}, order.order_number), state), lines,
    el("div", { class: "card-head" }, price, next));
  const drawLines = keyedList(lines, () => {
    const line = el("li", {});
    return { node: line, show: (one) => {
      setText(line, [`${one.quantity}\u00d7 ${one.name}`, one.notes].filter(Boolean).join(" \u2013 "));
      line.dataset.status = one.status;
    } };
  });

  function show(now) {
    order = now;
    const to = NEXT[order.order_status];
    node.dataset.status = order.order_status;
    setText(state, t(`waiter.order_${order.order_status}`));
    state.dataset.tone = TONES[order.order_status] ?? "";
    drawLines(order.items.filter(({ status }) => status !== "void"));
    const owed = dueOf(order);
    setText(price, owed ? formats.money(order.total_price) : `${formats.money(order.total_price)} \u00b7 ${t("waiter.paid")}`);
    next.hidden = !to || (to === "completed" && owed > 0);
    if (to) setText(next, t(`waiter.step_${to}`));
  }

  return { node, show };
}
