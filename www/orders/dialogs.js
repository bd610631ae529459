// The dialogs of one order: cancelling with a reason, taking a payment, changing what it says, voiding, refunding.
// A refusal is shown where it belongs and the dialog stays; a conflict says how it is now and asks again.

import { confirmDialog, openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { checkForm, field, showProblem, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { methodWord, moneyOf, statusWord } from "./steps.js";
import { refusal } from "./writes.js";

const METHODS = ["card", "cash", "mobile", "room", "voucher"];

const say = (dialog, text) => dialog.notices.replaceChildren(el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, text));

// Runs a write from a dialog. -> false keeps it open.
async function attempt(dialog, write) {
  try {
    await write();
    return true;
  } catch (error) {
    if (error.fields.length && error.code !== "invalid_transition" && error.code !== "version_conflict") showProblem(dialog, error);
    else say(dialog, refusal(error));
    return false;
  }
}

// The order as it was when the dialog opened is what the person decides about: a newer one is a conflict.
function withVersion(first, onNewer) {
  let version = first.version;
  return async (dialog, write) => attempt(dialog, async () => {
    try {
      await write(version);
    } catch (error) {
      if (error.code === "version_conflict" && error.current?.version) {
        version = error.current.version;
        onNewer(error.current);
      }
      throw error;
    }
  });
}

export function cancelDialog({ order, writes }) {
  const now = el("p", {}, t("orders.cancelText", { order: order.order_number, status: statusWord(order.order_status) }));
  const guarded = withVersion(order, (current) => {
    now.textContent = t("orders.cancelText", { order: order.order_number, status: statusWord(current.order_status) });
  });
  return openDialog({ title: t("orders.cancelTitle"), content: [now,
    field({ name: "note", label: t("orders.reason"), required: true, maxlength: 500, autofocus: true })], actions: [
    { label: t("orders.keepIt"), value: "no" },
    { label: t("orders.step_cancelled"), value: "yes", tone: "bad", run: (dialog) => {
      if (!checkForm(dialog.form)) return false;
      return guarded(dialog, (version) => writes.tryStep(order, "cancelled", { note: values(dialog.form).note.trim(), version }));
    } },
  ] });
}

export function payDialog({ order, writes, formats }) {
  const { due, paid, total } = moneyOf(order);
  const amount = field({ name: "amount", label: t("orders.amount"), type: "number", min: "0.01", step: "0.01", max: 1000000, required: true,
    value: due, inputmode: "decimal", autofocus: true });
  const share = (n) => el("button", { class: "button compact", type: "button",
    onclick: () => { amount.querySelector("input").value = (Math.ceil((due / n) * 100) / 100).toFixed(2); } }, n === 1 ? t("orders.payAll") : t("orders.payShare", { n }));
  return openDialog({ title: t("orders.payTitle", { order: order.order_number }), content: [
    el("p", {}, t("orders.payText", { total: formats.money(total), paid: formats.money(paid), due: formats.money(due) })),
    amount, el("div", { class: "shares" }, [1, 2, 3, 4].map(share)),
    field({ name: "method", label: t("orders.method"), value: order.payment_method ?? "card", options: METHODS.map((value) => ({ value, label: methodWord(value) })) }),
    field({ name: "status", label: t("orders.payWhen"), value: "completed", options: [
      { value: "completed", label: t("orders.payNow") }, { value: "pending", label: t("orders.payPending") }] }),
  ], actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("orders.pay"), value: "yes", tone: "primary", run: (dialog) => {
      if (!checkForm(dialog.form)) return false;
      const { amount: sum, ...rest } = values(dialog.form);
      return attempt(dialog, () => writes.write("POST", `/api/v1/orders/${order.id}/payments`, { ...rest, amount: Number(sum) }));
    } },
  ] });
}

export function editDialog({ order, writes }) {
  const guarded = withVersion(order, () => {});
  return openDialog({ title: t("orders.editTitle", { order: order.order_number }), content: [
    field({ name: "customer_name", label: t("orders.fact_customer"), maxlength: 100, value: order.customer_name ?? "", autofocus: true }),
    field({ name: "customer_phone", label: t("orders.phone"), type: "tel", value: order.customer_phone ?? "" }),
    field({ name: "estimated_time", label: t("orders.estimate"), type: "number", min: 0, max: 1440, value: order.estimated_time ?? "" }),
    field({ name: "notes", label: t("orders.fact_notes"), rows: 3, maxlength: 1000, value: order.notes ?? "" }),
  ], actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("orders.save"), value: "yes", tone: "primary", run: (dialog) => {
      if (!checkForm(dialog.form)) return false;
      const changes = changedFields(order, values(dialog.form));
      if (!Object.keys(changes).length) return true;
      return guarded(dialog, (version) => writes.write("PATCH", `/api/v1/orders/${order.id}`, { ...changes, version }));
    } },
  ] });
}

// Only what the person changed goes out: what somebody else changed meanwhile stays.
export function changedFields(order, wanted) {
  const changed = Object.entries(wanted).filter(([name, text]) => text !== String(order[name] ?? ""));
  return Object.fromEntries(changed.map(([name, text]) => [name, name === "estimated_time" ? Number(text) : text]));
}

export const confirmVoid = (line) => confirmDialog({ title: t("orders.voidTitle"),
  text: t("orders.voidText", { n: line.quantity, name: line.name }), yes: t("orders.void"), tone: "bad" });

export const confirmPayment = (payment, status, formats) => status !== "refunded" || confirmDialog({ title: t("orders.refundTitle"),
  text: t("orders.refundText", { amount: formats.money(payment.amount), method: methodWord(payment.method) }), yes: t("orders.paymentStep_refunded"), tone: "bad" });
