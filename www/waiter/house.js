// What a waiter's panel knows, live: tasks, open calls, tables with their sessions, orders with what is still due.
//
// makeHouse({client, profile}) -> {tasks, calls, tables, orders, load(), onChange(f), todo(), onTheWay(), seated(mine), ...}.
// Owns the lists; knows nothing of the DOM.

import { LiveList } from "../lib/live-list.js";

const PRIORITIES = ["urgent", "high", "normal", "low"];
const OVER = ["completed", "cancelled"];
const ORDERS = "/api/v1/orders?status=pending,confirmed,preparing,ready,served&limit=200";

const cents = (amount) => Math.round(amount * 1000);
const sum = (amounts) => amounts.reduce((all, one) => all + cents(one), 0) / 1000;

export const paidOf = (order) => sum(order.payments.filter(({ status }) => status === "completed").map(({ amount }) => amount));
export const dueOf = (order) => (order.order_status === "cancelled" ? 0 : Math.max(0, cents(order.total_price) - cents(paidOf(order))) / 1000);
export const dueOfAll = (orders) => sum(orders.map(dueOf));

export function makeHouse({ client, profile }) {
  const boss = ["admin", "manager"].includes(profile.role);
  const isMine = ({ waiter_id: waiter, audience }) => waiter === profile.id || (waiter === null && (audience === null || boss));
  const order = (message) => message.order;
  // A guest's call and the message of it come on one channel; their ids are not each other's.
  const message = ({ notification }) => (!notification.service_request && isMine(notification) ? notification : null);
  const call = ({ notification }) => (notification.service_request ? notification : null);

  const tasks = new LiveList({ client, path: `/api/v1/waiters/${profile.id}/tasks`, hears: { notification: message } });
  const calls = new LiveList({ client, path: "/api/v1/service-requests?limit=200", hears: { notification: call } });
  const tables = new LiveList({ client, path: "/api/tables?limit=200", read: ({ items }) => items, hears: { table_update: ({ table }) => table } });
  const orders = new LiveList({ client, path: ORDERS, hears: { order_created: order, order_status_changed: order, order_update: order } });
  const lists = [tasks, calls, tables, orders];

  const ordersOf = (session) => orders.values().filter((one) => one.session_id === session && one.order_status !== "cancelled")
    .sort((a, b) => a.id - b.id);

  return {
    profile, tasks, calls, tables, orders, boss,
    load: () => Promise.all(lists.map((list) => list.load())),
    onChange: (listener) => { for (const list of lists) list.onChange(listener); },
    get loaded() { return lists.every(({ loaded }) => loaded); },

    todo: () => tasks.values().filter((task) => !task.acknowledged_at && !task.resolved_at)
      .sort((a, b) => PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || a.id - b.id),
    // Calls that somebody said to come for, and nobody has said to be done.
    onTheWay: () => calls.values().filter((one) => one.acknowledged_at && !one.resolved_at && (isMine({ ...one, audience: null })
      || one.acknowledged_by === profile.username)).sort((a, b) => a.id - b.id),
    callOf: (task) => (task.request_id === null ? null : calls.get(task.request_id)),

    seated: (mine) => tables.values().filter((table) => table.session && (!mine || table.session.waiter === profile.id))
      .sort((a, b) => a.number - b.number),
    table: (id) => tables.get(id),
    tableOf: (session) => tables.values().find((table) => table.session?.id === session),
    ordersOf,
    isOver: (one) => OVER.includes(one.order_status),
    dueOfSession: (session) => dueOfAll(ordersOf(session)),
  };
}
