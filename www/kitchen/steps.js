// The steps of a ticket: which come next for whom, and taking them. Optimistic: shown at once, and taken back when
// refused; while offline they wait. Steps of one order are sent one after the other, each with the version that the
// one before it made, so that nobody bumps a line that he has not seen.

import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { makeWish } from "../ui/wish.js";

export const COOKED = ["confirmed", "preparing"];
export const OPEN = ["pending", ...COOKED];

const NEXT = {
  pending: { to: "confirmed", roles: ["admin", "manager"], label: () => t("kitchen.confirm") },
  confirmed: { to: "preparing", roles: ["admin", "manager", "kitchen"], label: () => t("kitchen.start") },
  preparing: { to: "ready", roles: ["admin", "manager", "kitchen"], label: () => t("kitchen.bump") },
};

const placeOf = (order) => order.order_number;

export function makeSteps({ client, list, role, toast }) {
  const wish = makeWish({ client, list });
  const last = new Map(); // order id -> the write before

  const next = (order) => (NEXT[order.order_status]?.roles.includes(role) ? NEXT[order.order_status] : null);

  function inTurn(id, work) {
    const turn = (last.get(id) ?? Promise.resolve()).then(work);
    last.set(id, turn);
    turn.finally(() => { if (last.get(id) === turn) last.delete(id); });
    return turn;
  }

  const refused = (error) => toast(error.code === "version_conflict" ? t("kitchen.changedMeanwhile") : explain(error), { tone: "bad" });

  function step(order, fields, change) {
    return inTurn(order.id, () => wish(order.id, fields(), { ...change(), queue: true }).catch(refused));
  }

  return {
    next,
    take(order) {
      const { to } = next(order);
      const seen = last.has(order.id) ? null : order.version; // an own write under way moves it on
      return step(order, () => ({ order_status: to }), () => ({
        method: "PATCH", path: `/api/v1/orders/${order.id}/status`, label: `${placeOf(order)}: ${t(`kitchen.status_${to}`)}`,
        body: { status: to, ...(!client.offline && !client.queue.size && { version: seen ?? list.get(order.id).version }) } }));
    },
    lineReady(order, line) {
      const items = () => list.get(order.id).items.map((one) => (one.id === line.id ? { ...one, status: "ready" } : one));
      return step(order, () => ({ items: items() }), () => ({
        method: "PATCH", path: `/api/v1/orders/${order.id}/items/${line.id}`, body: { status: "ready" },
        label: `${placeOf(order)}: ${line.name}` }));
    },
  };
}
