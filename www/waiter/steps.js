// What a waiter does, each a change with its answer into the house; shown at once and taken back when refused. What
// may wait while offline (an acknowledgement, a call that is done, a step of an order) waits; money does not.

import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { makeWish } from "../ui/wish.js";

export const NEXT = { pending: "confirmed", confirmed: "preparing", preparing: "ready", ready: "served", served: "completed" };

export function makeSteps({ client, house }) {
  const wishTask = makeWish({ client, list: house.tasks });
  const wishCall = makeWish({ client, list: house.calls });
  const wishOrder = makeWish({ client, list: house.orders });
  const now = () => new Date().toISOString();
  const refused = (error) => { toast(explain(error), { tone: "bad" }); return null; };

  return {
    acknowledge: (task) => wishTask(task.id, { acknowledged_at: now(), acknowledged_by: house.profile.username }, {
      method: "POST", path: `/api/v1/notifications/${task.id}/acknowledge`, label: task.text, queue: true }).catch(refused),
    resolve: (call) => wishCall(call.id, { resolved_at: now() }, {
      method: "POST", path: `/api/v1/service-requests/${call.id}/resolve`, label: t("waiter.callDone"), queue: true }).catch(refused),
    move: (order, status) => wishOrder(order.id, { order_status: status }, {
      method: "PATCH", path: `/api/v1/orders/${order.id}/status`, body: { status }, queue: true,
      label: `${order.order_number}: ${t(`waiter.order_${status}`)}` }).catch(refused),

    // Rejects with ApiError: whoever asks shows it.
    async place(session, items) {
      const { data, position } = await client.change({ method: "POST", path: "/api/v1/orders", label: t("waiter.order"),
        body: { session_id: session, items, status: "confirmed" } });
      house.orders.put(data, position);
      return data;
    },
    async pay(order, method, amount) {
      const { data, position } = await client.change({ method: "POST", path: `/api/v1/orders/${order.id}/payments`,
        body: { method, ...(amount && { amount }) } });
      house.orders.put(data, position);
    },
    takeOver: (session) => client.change({ method: "PATCH", path: `/api/v1/sessions/${session}`, body: { waiter_id: house.profile.id } }).catch(refused),
    guestToken: async (session) => (await client.rest.post("/api/auth/guest", { session_id: session })).data,
  };
}
