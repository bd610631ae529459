// Lists of reservations: today's as a table, the upcoming ones as a short list and a banner.
//
// A row is found again by its id (data-reservation), so that a reservation_update changes the row
// at once, before the list itself is fetched again.

import { el, flash } from "./dom.js";
import { reservationTime } from "./format.js";
import { t, tOr } from "./i18n.js";
import { icon } from "./icon.js";

const TONES = {
  confirmed: "good", upcoming: "accent", seated: "accent", "checked in": "accent",
  pending: "warn", cancelled: "bad", "no show": "bad", "no-show": "bad",
};

const OVER = /^(completed|checked.out)$/i;

// "checked_in" and "Checked in" are the same to a reader.
function statusBadge({ status, statusText }) {
  const words = String(statusText ?? status).replaceAll("_", " ");
  const tone = TONES[words.toLowerCase()] ?? "";
  const own = words.charAt(0).toUpperCase() + words.slice(1);
  return el("span", { class: "badge", dataset: { tone, field: "status" } }, tOr(`dashboard.status_${words.toLowerCase().replace(/[ -]/g, "_")}`, own));
}

// A list that scrolls by itself must be reachable by keyboard (WCAG 2.1.1).
function scroller(height, label, content) {
  return el("div", { class: `scroll-${height} table-scroll`, tabindex: "0", role: "group", "aria-label": label }, content);
}

function avatar(reservation) {
  return el("span", { class: "avatar", "aria-hidden": "true" }, reservation.customerInitials ?? "");
}

function when(formats, reservation) {
  return el("time", { datetime: reservation.date, dataset: { field: "time" } }, reservationTime(formats, reservation));
}

function looksTheSame(a, b) {
  return Boolean(a) && ["customerName", "date", "guests", "status"].every((field) => a[field] === b[field]);
}

export class TodayTable {
  #formats;
  #words;
  #rows = new Map();
  #body = el("tbody");
  #table;

  constructor({ formats, words }) {
    this.#formats = formats;
    this.#words = words;
    const head = [t("dashboard.time"), words("person"), t("dashboard.guests"), t("dashboard.status")];
    this.#table = scroller("tall", words("list"), el("table", { class: "table" },
      el("thead", {}, el("tr", {}, head.map((name, i) =>
        el("th", { scope: "col", class: i === 2 ? "number" : "" }, name)))), this.#body));
  }

  draw(reservations, body) {
    const known = this.#rows;
    this.#rows = new Map(reservations.map((one) => [one.id, { data: one, node: this.#row(one) }]));
    if (!reservations.length) return false;
    this.#body.replaceChildren(...[...this.#rows.values()].map(({ node }) => node));
    if (this.#table.parentNode !== body) {
      body.replaceChildren(this.#table);
      this.#scrollToOpen();
    }
    for (const [id, { data, node }] of this.#rows) {
      if (known.size && !looksTheSame(known.get(id)?.data, data)) flash(node);
    }
    return true;
  }

  // What is over does not hide what is still to come.
  #scrollToOpen() {
    const open = [...this.#rows.values()].find(({ data }) => !OVER.test(data.status));
    if (open) this.#table.scrollTop = open.node.offsetTop - this.#table.querySelector("thead").offsetHeight;
  }

  patch(reservation) {
    const row = this.#rows.get(reservation.id);
    if (!row) return;
    const data = { ...row.data, ...reservation };
    const node = this.#row(data);
    row.node.replaceWith(node);
    flash(node);
    this.#rows.set(reservation.id, { data, node });
  }

  #row(one) {
    return el("tr", { dataset: { reservation: one.id } },
      el("td", {}, when(this.#formats, one)),
      el("td", {}, el("span", { class: "person" }, avatar(one), el("span", { dataset: { field: "customerName" } }, one.customerName))),
      el("td", { class: "number", dataset: { field: "guests" } }, this.#formats.number(one.guests)),
      el("td", {}, statusBadge(one)));
  }
}

export class UpcomingList {
  #formats;
  #list = el("ul", { class: "people" });
  #scroller;
  #notices;
  #banner = null;
  #words;

  constructor({ formats, words, notices }) {
    this.#formats = formats;
    this.#words = words;
    this.#notices = notices;
    this.#scroller = scroller("short", words("upcoming"), this.#list);
  }

  draw(reservations, body) {
    this.#showBanner(reservations);
    if (!reservations.length) return false;
    this.#list.replaceChildren(...reservations.map((one) => this.#row(one)));
    if (this.#scroller.parentNode !== body) body.replaceChildren(this.#scroller);
    return true;
  }

  #row(one) {
    return el("li", { dataset: { reservation: one.id } }, avatar(one),
      el("div", {}, el("div", { class: "name", dataset: { field: "customerName" } }, one.customerName),
        el("div", { class: "muted" }, el("span", { dataset: { field: "guests" } }, this.#formats.number(one.guests)),
          ` ${t("dashboard.guestsWord", { n: one.guests })}`)),
      el("div", { class: "when" }, when(this.#formats, one), el("div", {}, statusBadge(one))));
  }

  #showBanner(reservations) {
    this.#banner?.remove();
    this.#banner = null;
    if (!reservations.length) return;
    const names = reservations.slice(0, 3).map((one) => `${reservationTime(this.#formats, one)} ${one.customerName} (${one.guests})`);
    const more = reservations.length > 3 ? ` ${t("dashboard.andMore", { n: reservations.length - 3 })}` : "";
    this.#banner = el("div", { class: "banner", dataset: { banner: "upcoming" } }, icon("bell-ring"),
      el("span", {}, `${this.#words("upcoming")}: ${names.join(", ")}${more}`));
    this.#notices.prepend(this.#banner);
  }
}
