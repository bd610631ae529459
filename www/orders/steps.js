// The states of an order, its lines and payments as the page needs them: order, colour, next step, and what a
// role may do. The database decides (sql/rules/transitions.sql); this only keeps the page from offering what
// would be refused. Used by every part of the orders page.

import { t, tOr } from "../ui/i18n.js";

export const STATUSES = ["pending", "confirmed", "preparing", "ready", "served", "completed", "cancelled"];
export const TONES = { pending: "warn", confirmed: "info", preparing: "accent", ready: "good", cancelled: "bad" };
export const PAYMENT_TONES = { pending: "warn", partial: "warn", completed: "good", paid: "good", failed: "bad", refunded: "" };

const NEXT_OF_ORDER = { pending: "confirmed", confirmed: "preparing", preparing: "ready", ready: "served", served: "completed" };
const NEXT_OF_LINE = { placed: "preparing", preparing: "ready", ready: "served" };
const STEPS_OF_PAYMENT = { pending: ["completed", "failed"], failed: ["pending"], completed: ["refunded"] };
const COOKED = ["preparing", "ready"];
const STAFF = ["admin", "manager", "waiter", "frontdesk"];
const CHIEFS = ["admin", "manager"];

export const isClosed = ({ order_status: status }) => status === "completed" || status === "cancelled";
export const isCancellable = ({ order_status: status }) => ["pending", "confirmed", "preparing", "ready"].includes(status);
export const statusWord = (status) => tOr(`orders.status_${status}`, status);
export const lineWord = (status) => tOr(`orders.line_${status}`, status);
export const paymentWord = (status) => tOr(`orders.payment_${status}`, status);
export const methodWord = (method) => tOr(`orders.method_${method}`, method);
export const stepWord = (status) => t(`orders.step_${status}`);

const paidOf = (order) => order.payments.filter(({ status }) => status === "completed").reduce((sum, { amount }) => sum + amount, 0);
export const moneyOf = (order) => {
  const paid = paidOf(order);
  return { total: order.total_price, paid, due: Math.max(0, Math.round((order.total_price - paid) * 100) / 100) };
};

// What the role of the signed-in account may do here (docs/permissions.md).
export class Rights {
  constructor(role) {
    this.kitchen = role === "kitchen";
    this.write = STAFF.includes(role);
    this.history = CHIEFS.includes(role);
    this.figures = CHIEFS.includes(role) || role === "frontdesk";
  }

  maySet(status) {
    return this.write || (this.kitchen && COOKED.includes(status));
  }

  // The next step of an order that this role may take, or null.
  nextOf(order) {
    const next = NEXT_OF_ORDER[order.order_status];
    return next && this.maySet(next) ? next : null;
  }

  nextOfLine(order, line) {
    const next = NEXT_OF_LINE[line.status];
    return next && !isClosed(order) && this.maySet(next) ? next : null;
  }

  mayVoid(order, line) {
    return this.write && !isClosed(order) && line.status in NEXT_OF_LINE;
  }

  mayCancel(order) { return this.write && isCancellable(order); }
  mayAdd(order) { return this.write && !isClosed(order); }
  mayPay(order) { return this.write && order.order_status !== "cancelled" && moneyOf(order).due > 0; }
  paymentSteps(payment) { return this.write ? STEPS_OF_PAYMENT[payment.status] ?? [] : []; }
}
