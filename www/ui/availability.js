// The room availability tile: tonight live, and any range of dates by REST.
//
// room_availability_update speaks of today only, so it changes the figures just when the range
// shown is tonight; any other range is fetched again. Used by the hotel page.

import { el, figure, setFigure } from "./dom.js";
import { t } from "./i18n.js";

const DAY = 24 * 3600 * 1000;
const SUMMARY = { availableRooms: "number", totalRooms: "number", occupancyRate: "percent" };

export class Availability {
  #formats;
  #from;
  #to;
  #values = new Map();
  #summary = el("dl", { class: "pairs" });
  #types = el("tbody");
  #result;
  #onRange;
  #today;

  // onRange(path) is called with the path to fetch for the range chosen.
  constructor({ formats, form, onRange }) {
    this.#formats = formats;
    this.#onRange = onRange;
    [this.#from, this.#to] = form.querySelectorAll("input[type=date]");
    this.#today = formats.isoDay(new Date());
    this.#from.value = this.#today;
    this.#to.value = dayAfter(this.#today);
    form.addEventListener("change", () => this.#chosen());
    for (const key of Object.keys(SUMMARY)) this.#addPair(key, t(`dashboard.rooms_${key}`));
    this.#result = [this.#summary, el("div", { class: "table-scroll" }, el("table", { class: "table" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("dashboard.roomType")),
        el("th", { scope: "col", class: "number" }, t("dashboard.free")), el("th", { scope: "col", class: "number" }, t("dashboard.rooms")))),
      this.#types))];
  }

  get path() {
    return `/api/hotel/rooms/availability?startDate=${this.#from.value}&endDate=${this.#to.value}`;
  }

  get showsTonight() {
    return this.#from.value === this.#today && this.#to.value === dayAfter(this.#today);
  }

  draw(answer, body) {
    if (this.#summary.parentNode !== body) body.replaceChildren(...this.#result);
    this.showSummary(answer);
    this.#types.replaceChildren(...(answer.roomTypes ?? []).map((one) => this.#row(one)));
    return true;
  }

  showSummary(answer) {
    for (const [key, kind] of Object.entries(SUMMARY)) {
      setFigure(this.#values.get(key), answer[key], this.#formats.as(kind, answer[key]));
    }
  }

  #addPair(key, label) {
    const value = figure(`availability.${key}`, "", "");
    this.#values.set(key, value);
    this.#summary.append(el("dt", {}, label), el("dd", {}, value));
  }

  #row({ type, total, available }) {
    return el("tr", {}, el("th", { scope: "row" }, type),
      el("td", { class: "number" }, figure(`availability.${type}.available`, available, this.#formats.number(available))),
      el("td", { class: "number" }, figure(`availability.${type}.total`, total, this.#formats.number(total))));
  }

  // A night is needed: the end moves along when the start passes it.
  #chosen() {
    if (!this.#from.value) return;
    if (!this.#to.value || this.#to.value <= this.#from.value) this.#to.value = dayAfter(this.#from.value);
    this.#onRange(this.path);
  }
}

export function dayAfter(day) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10);
}
