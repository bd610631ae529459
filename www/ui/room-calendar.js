// The room availability calendar: thirty nights by room type, how many rooms are free, and how full the house is.
//
// Draws /api/hotel/rooms/calendar as a table, because it is one: a row a type, a column a night. A cell says its number
// and is coloured by what is left; the row at the bottom is the house. Steps of a week; used by the hotel page.

import { el, figure } from "./dom.js";
import { t } from "./i18n.js";

const NIGHTS = 30;
const STEP = 7;
const DAY = 24 * 3600 * 1000;

const later = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
const isWeekend = (day) => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

// none, few (a quarter or less), some, all.
export function level(available, total) {
  if (!total) return "";
  if (!available) return "none";
  return available * 4 <= total ? "few" : available === total ? "all" : "some";
}

export class RoomCalendar {
  #formats;
  #onRange;
  #from;
  #title;
  #table = el("table", { class: "calendar" });
  #scroller;
  #back;

  // onRange(path) is called with the path of the nights chosen.
  constructor({ formats, controls, onRange }) {
    this.#formats = formats;
    this.#onRange = onRange;
    this.#from = this.#today;
    [this.#back] = controls.querySelectorAll("button");
    this.#title = controls.querySelector(".calendar-range");
    controls.addEventListener("click", (event) => {
      const by = event.target.closest("button")?.dataset.by;
      if (by) this.#go(by === "today" ? this.#today : later(this.#from, Number(by) * STEP));
    });
    this.#scroller = el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": t("dashboard.calendar") }, this.#table);
    this.#showRange();
  }

  get #today() { return this.#formats.isoDay(new Date()); }
  get path() { return `/api/hotel/rooms/calendar?startDate=${this.#from}&endDate=${later(this.#from, NIGHTS)}`; }

  draw({ nights }, body) {
    const types = nights[0]?.roomTypes ?? [];
    if (!types.length) return false;
    if (this.#scroller.parentNode !== body) body.replaceChildren(this.#scroller, legend());
    this.#table.replaceChildren(this.#months(nights), this.#head(nights), el("tbody", {}, types.map(({ type, total }, i) => this.#row(type, total, nights.map((night) => night.roomTypes[i])
      .map((one, n) => this.#cell(`calendar.${nights[n].date}.${type}`, one, nights[n], type))))),
    el("tfoot", {}, this.#house(nights), this.#occupancy(nights)));
    return true;
  }

  #go(day) {
    this.#from = day < this.#today ? this.#today : day;
    this.#showRange();
    this.#onRange(this.path);
  }

  #showRange() {
    this.#back.disabled = this.#from <= this.#today;
    this.#title.textContent = `${this.#formats.day(this.#from)} \u2013 ${this.#formats.day(later(this.#from, NIGHTS - 1))}`;
  }

  #months(nights) {
    const months = new Map();
    for (const { date } of nights) months.set(date.slice(0, 7), (months.get(date.slice(0, 7)) ?? 0) + 1);
    return el("thead", { "aria-hidden": "true" }, el("tr", {}, el("td"), [...months].map(([month, count]) =>
      el("td", { class: "month", colspan: String(count) }, el("span", {}, this.#formats.month(`${month}-01`))))));
  }

  #head(nights) {
    return el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("dashboard.roomType")), nights.map(({ date }) =>
      el("th", { scope: "col", dataset: { night: date, weekend: isWeekend(date) ? "yes" : "", today: date === this.#today ? "yes" : "" } },
        el("span", { class: "visually-hidden" }, this.#formats.day(date)),
        el("span", { "aria-hidden": "true" }, this.#formats.weekday(new Date(`${date}T00:00:00Z`)).slice(0, 2)),
        el("strong", { "aria-hidden": "true" }, String(Number(date.slice(8))))))));
  }

  #row(name, total, cells) {
    return el("tr", {}, el("th", { scope: "row" }, name, el("span", { class: "muted" }, ` ${this.#formats.number(total)}`)), cells);
  }

  #cell(key, { available, total }, { date }, name) {
    return el("td", { dataset: { level: level(available, total) }, title: t("dashboard.freeOf", { name, day: this.#formats.day(date), free: available, total }) },
      figure(key, available, this.#formats.number(available)));
  }

  #house(nights) {
    const name = t("dashboard.house");
    return this.#row(name, nights[0].totalRooms, nights.map((night) => this.#cell(`calendar.${night.date}`,
      { available: night.availableRooms, total: night.totalRooms }, night, name)));
  }

  #occupancy(nights) {
    return el("tr", { class: "occupancy" }, el("th", { scope: "row" }, t("dashboard.occupancy")), nights.map(({ date, occupancyRate }) =>
      el("td", {}, figure(`calendar.${date}.occupancyRate`, occupancyRate, this.#formats.percent(occupancyRate)), this.#bar(occupancyRate))));
  }

  #bar(share) {
    const bar = el("span", { class: "column", "aria-hidden": "true" });
    bar.style.setProperty("--share", `${Math.max(0, Math.min(100, share))}%`);
    return bar;
  }
}

function legend() {
  return el("ul", { class: "legend calendar-legend" }, ["all", "some", "few", "none"].map((name) =>
    el("li", {}, el("span", { class: "swatch", "aria-hidden": "true", dataset: { level: name } }), t(`dashboard.level_${name}`))));
}
