// The bill of a table: every line of its orders, what was paid, what is due, and taking the payment. Stays current:
// a line that comes while it is open is on it.

import { el, figure, setFigure } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { showProblem } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";
import { dueOf, paidOf } from "./house.js";

const METHODS = [{ name: "cash", sign: "wallet" }, { name: "card", sign: "credit-card" }, { name: "mobile", sign: "phone" }];

export function openBill({ house, formats, steps, session, table }) {
  const lines = el("tbody", {});
  const paid = figure("bill.paid", "", "");
  const due = figure("bill.due", "", "");
  const total = figure("bill.total", "", "");
  const row = (name, node) => el("tr", {}, el("th", { scope: "row", colspan: 2 }, name), el("td", { class: "number" }, node));
  const sheet = el("table", { class: "table bill" }, el("caption", { class: "visually-hidden" }, t("waiter.bill")), lines,
    el("tfoot", {}, row(t("waiter.total"), total), row(t("waiter.paidSoFar"), paid), row(t("waiter.due"), due)));
  const buttons = METHODS.map(({ name, sign }) => el("button", { class: "button large", type: "button", dataset: { pay: name },
    onclick: () => pay(name) }, icon(sign), t(`waiter.pay_${name}`)));
  const dialog = openDialog({ title: t("waiter.billOf", { n: table.number }),
    content: [sheet, el("div", { class: "pay-buttons" }, buttons)], onClose: () => off.forEach((stop) => stop()) });
  const off = [house.orders.onChange(show)];

  function show() {
    const orders = house.ordersOf(session);
    const all = orders.flatMap((order) => order.items.filter(({ status }) => status !== "void"));
    const owed = house.dueOfSession(session);
    lines.replaceChildren(...all.map((line) => el("tr", {}, el("td", { class: "bill-count" }, `${line.quantity}\u00d7`), el("td", {}, line.name),
      el("td", { class: "number" }, formats.money(line.quantity * line.unit_price)))));
    const add = (amounts) => amounts.reduce((sum, one) => sum + Math.round(one * 1000), 0) / 1000;
    const figures = [[total, add(orders.map((order) => order.total_price))], [paid, add(orders.map(paidOf))], [due, owed]];
    for (const [node, amount] of figures) setFigure(node, amount, formats.money(amount));
    for (const button of buttons) button.disabled = owed === 0;
  }

  async function pay(method) {
    dialog.form.setAttribute("aria-busy", "true");
    for (const button of buttons) button.disabled = true;
    try {
      for (const order of house.ordersOf(session)) if (dueOf(order) > 0) await steps.pay(order, method);
      toast(t("waiter.billPaid", { n: table.number }), { tone: "good" });
      dialog.close(method);
    } catch (error) {
      showProblem(dialog, error);
    } finally {
      dialog.form.removeAttribute("aria-busy");
      show();
    }
  }

  show();
}
