// The money of the open order: total, paid and due, and its payments with what can be done with each. A payment is
// never changed: it is refunded, or fails.

import { el, figure, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { Keyed } from "./keyed.js";
import { PAYMENT_TONES, methodWord, moneyOf, paymentWord } from "./steps.js";

const SUMS = ["total", "paid", "due"];

// on: {pay(order), payment(order, payment, status)}
export function makeMoney({ formats, rights, on }) {
  const sums = Object.fromEntries(SUMS.map((name) => [name, figure(`panel.${name}`, "", "")]));
  const pay = el("button", { class: "button primary", type: "button", dataset: { step: "pay" }, onclick: () => on.pay(order) }, t("orders.pay"));
  const rows = el("ul", { class: "payments" });
  const node = el("section", { class: "panel-part", "aria-label": t("orders.money") }, el("h3", {}, t("orders.money")),
    el("dl", { class: "sums" }, SUMS.map((name) => el("div", { class: name }, el("dt", {}, t(`orders.sum_${name}`)), el("dd", {}, sums[name])))),
    rows, pay);
  const keyed = new Keyed(rows, { idOf: ({ payment }) => payment.id, make: makePayment });
  let order = null;

  function makePayment({ payment: first }) {
    const badge = el("span", { class: "badge" });
    const buttons = el("span", { class: "line-do" });
    let payment = first;
    const steps = new Keyed(buttons, { idOf: (name) => name, make: (name) => ({
      node: el("button", { class: "button compact", type: "button", dataset: { step: name },
        "aria-label": t("orders.paymentStepOf", { step: t(`orders.paymentStep_${name}`), amount: formats.money(first.amount) }),
        onclick: () => on.payment(order, payment, name) }, t(`orders.paymentStep_${name}`)),
      show: () => {},
    }) });
    const row = el("li", { class: "payment", dataset: { payment: first.id } },
      el("span", { class: "payment-what" }, el("strong", {}, formats.money(first.amount)), ` ${methodWord(first.method)}`,
        el("span", { class: "muted small" }, [formats.time(first.created_at), first.created_by].filter(Boolean).join(" · "))),
      badge, buttons);
    return { node: row, show({ payment: now }) {
      payment = now;
      row.dataset.status = now.status;
      setText(badge, paymentWord(now.status));
      badge.dataset.tone = PAYMENT_TONES[now.status] ?? "";
      steps.show(rights.paymentSteps(now));
    } };
  }

  function show(now) {
    order = now;
    const money = moneyOf(now);
    for (const name of SUMS) setFigure(sums[name], money[name], formats.money(money[name]));
    keyed.show(now.payments.map((payment) => ({ payment })));
    pay.hidden = !rights.mayPay(now);
  }

  return { node, show };
}
