// The activity tile: the last changes in words, newest first, as they come over the socket.
//
// SENTENCES says what each message reads like; a message without one is not an activity.

import { el } from "./dom.js";

const MOST = 12;

function readable(word) {
  return String(word ?? "").replaceAll("_", " ");
}

function guests(count) {
  return count === 1 ? "1 guest" : `${count} guests`;
}

function orderName(order) {
  const table = order.table_number ? `, table ${order.table_number}` : "";
  return `Order ${order.order_number ?? order.id}${table}`;
}

function tableName(table) {
  return `Table ${table.tableNumber ?? table.number ?? table.id}`;
}

// Acknowledged, resolved or gone, it is told again but is no news.
export function isNews({ notification, deleted }) {
  return Boolean(notification) && !deleted && !notification.acknowledged_at && !notification.resolved_at;
}

export function notificationText({ notification }) {
  const words = notification.text || readable(notification.kind);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SENTENCES = {
  new_reservation: ({ reservation: r }) => `New: ${r.customerName}, ${guests(r.guests)}`,
  reservation_update: ({ reservation: r }) => `${r.customerName}: ${r.statusText ?? readable(r.status)}`,
  upcoming_reservation: ({ reservation: r }, formats) =>
    `Within 30 minutes: ${r.customerName}, ${guests(r.guests)}${r.date ? `, ${formats.time(r.date)}` : ""}`,
  order_created: ({ order }, formats) => `${orderName(order)}: ${formats.money(order.total_price)}`,
  order_status_changed: ({ order }) => `${orderName(order)}: ${readable(order.order_status)}`,
  table_update: ({ table }) => table.oldStatus && `${tableName(table)}: ${readable(table.status)}`,
  room_update: ({ room }) => `Room ${room.number}: ${room.outOfOrder ? "out of order" : readable(room.housekeeping)}`,
  notification: (message) => isNews(message) && notificationText(message),
};

export class Activity {
  #formats;
  #root;
  #body;
  #list = el("ol", { class: "activity" });

  constructor({ root, formats }) {
    this.#root = root;
    this.#body = root.querySelector(".tile-body");
    this.#formats = formats;
  }

  add(message) {
    const text = !message.deleted && SENTENCES[message.type]?.(message, this.#formats);
    if (!text) return;
    if (this.#list.parentNode !== this.#body) this.#body.replaceChildren(this.#list);
    this.#root.dataset.state = "ready";
    this.#list.prepend(el("li", {}, el("time", { datetime: message.timestamp }, this.#formats.seconds(message.timestamp)),
      el("span", {}, text)));
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
  }
}
