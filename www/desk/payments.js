// What a guest pays of the stay: the dialog that takes it, and what becomes of a payment later. A payment is never
// changed: it is refunded, or fails.
//
// openPayment(desk, booking) follows the booking while it is open: what is due is what is due now, also when another
// desk has just taken a part of it.

import { confirmDialog, openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { checkForm, field, values } from "../ui/form.js";
import { t, tOr } from "../ui/i18n.js";
import { balanceOf, paidOf } from "./stay.js";
import { write } from "./write.js";

const METHODS = ["card", "cash", "transfer", "online"];
const LATER = { pending: ["completed", "failed"], failed: ["pending"], completed: ["refunded"] };

const methodWord = (method) => tOr(`desk.method_${method}`, method);

export const isPayable = (booking) => booking.status !== "cancelled" && balanceOf(booking) > 0;

export function openPayment(desk, booking) {
  const { house, formats } = desk;
  const state = el("p");
  const amount = field({ name: "amount", label: t("desk.amount"), type: "number", min: "0.01", step: "0.01", max: 100000000, required: true,
    inputmode: "decimal" });
  const input = amount.querySelector("input");
  let typed = false;
  input.addEventListener("input", () => { typed = true; });

  function draw() {
    const now = house.booking(booking.id) ?? booking;
    const due = balanceOf(now);
    state.textContent = t("desk.payText", { total: formats.money(now.totalAmount), paid: formats.money(paidOf(now)), due: formats.money(due) });
    if (!typed) input.value = due;
  }

  function take(dialog) {
    if (!checkForm(dialog.form)) return false;
    const { amount: sum, method } = values(dialog.form);
    return write(desk, booking, { step: "payments", body: { amount: Number(sum), method }, dialog,
      said: ({ guestName }) => t("desk.payDone", { amount: formats.money(Number(sum)), guest: guestName }) });
  }

  draw();
  const off = house.onChange(draw);
  return openDialog({ title: t("desk.payTitle", { guest: booking.guestName }), onClose: off, content: [state, amount,
    field({ name: "method", label: t("desk.method"), value: METHODS[0], options: METHODS.map((value) => ({ value, label: methodWord(value) })) }),
  ], actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("desk.step_pay"), value: "pay", tone: "primary", run: take },
  ] });
}

async function laterStep(desk, booking, { id, amount, method }, status) {
  const sum = desk.formats.money(amount);
  const sure = status !== "refunded" || await confirmDialog({ title: t("desk.refundTitle"),
    text: t("desk.refundText", { amount: sum, method: methodWord(method) }), yes: t("desk.paymentStep_refunded"), tone: "bad" });
  if (sure) await write(desk, booking, { method: "PATCH", step: `payments/${id}`, body: { status }, said: () => t(`desk.paymentDone_${status}`, { amount: sum }) });
}

// One line of what was paid, with the steps that there are for those who may.
export function paymentNode(desk, booking, payment) {
  const { amount, method, status, created_at: at } = payment;
  const { formats } = desk;
  const steps = desk.may.write ? LATER[status] ?? [] : [];
  return el("li", { dataset: { payment: payment.id } },
    el("span", {}, `${formats.day(at)} \u00b7 ${methodWord(method ?? "")}`),
    el("span", {}, formats.money(amount), status === "completed" ? "" : ` (${tOr(`desk.payment_${status}`, status)})`),
    el("span", { class: "row" }, steps.map((step) => el("button", { class: "button compact", type: "button", dataset: { paymentStep: step, online: "" },
      "aria-label": t("desk.paymentStepOf", { step: t(`desk.paymentStep_${step}`), amount: formats.money(amount) }),
      onclick: () => laterStep(desk, booking, payment, step) }, t(`desk.paymentStep_${step}`)))));
}
