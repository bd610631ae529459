// The activity tile: the last changes in words, newest first, as they come over the socket.
//
// SENTENCES says what each message reads like; a message without one is not an activity.

import { el } from "./dom.js";
import { t, tOr } from "./i18n.js";
import { icon } from "./icon.js";

const MOST = 12;
const SIGNS = { new_reservation: "calendar-plus", reservation_update: "calendar-check", upcoming_reservation: "bell-ring", order_created: "receipt",
  order_status_changed: "utensils", table_update: "armchair", room_update: "bed-double" };

function readable(word) {
  return String(word ?? "").replaceAll("_", " ");
}

const state = (area, word) => tOr(`dashboard.${area}_${word}`, readable(word));
const guests = (n) => t("dashboard.guestsOf", { n });

function orderName(order) {
  const name = order.order_number ?? order.id;
  return order.table_number ? t("dashboard.orderAtTable", { name, table: order.table_number }) : t("dashboard.orderName", { name });
}

const tableName = (table) => t("dashboard.tableName", { name: table.tableNumber ?? table.number ?? table.id });

// Acknowledged, resolved or gone, it is told again but is no news.
export function isNews({ notification, deleted }) {
  return Boolean(notification) && !deleted && !notification.acknowledged_at && !notification.resolved_at;
}

export function notificationText({ notification }) {
  const words = notification.text || readable(notification.kind);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SENTENCES = {
  new_reservation: ({ reservation: r }) => t("dashboard.newsNew", { name: r.customerName, guests: guests(r.guests) }),
  reservation_update: ({ reservation: r }) => `${r.customerName}: ${reservationState(r)}`,
  upcoming_reservation: ({ reservation: r }, formats) =>
    t("dashboard.newsUpcoming", { name: r.customerName, guests: guests(r.guests), time: r.date ? formats.time(r.date) : "" }),
  order_created: ({ order }, formats) => `${orderName(order)}: ${formats.money(order.total_price)}`,
  order_status_changed: ({ order }) => `${orderName(order)}: ${state("order", order.order_status)}`,
  table_update: ({ table }) => table.oldStatus && `${tableName(table)}: ${state("table", table.status)}`,
  room_update: ({ room }) => `${t("dashboard.roomName", { name: room.number })}: ${state("room", room.outOfOrder ? "out_of_order" : room.housekeeping)}`,
  notification: (message) => isNews(message) && notificationText(message),
};

function reservationState({ status, statusText }) {
  const word = String(statusText ?? status);
  return tOr(`dashboard.status_${word.toLowerCase().replace(/[ -]/g, "_")}`, readable(word));
}

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
    this.#list.prepend(el("li", {}, icon(SIGNS[message.type] ?? "bell"), el("time", { datetime: message.timestamp }, this.#formats.seconds(message.timestamp)),
      el("span", {}, text)));
    while (this.#list.children.length > MOST) this.#list.lastElementChild.remove();
  }
}
