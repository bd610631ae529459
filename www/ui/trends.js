// The trends tile: reservations of the period, of the one before, and the prepaid among them.
//
// Draws /api/dashboard/trends as a chart, and as a table for whoever cannot or will not read one.

import { seriesChart } from "./charts.js";
import { el, figure, swatch } from "./dom.js";
import { t } from "./i18n.js";

const SERIES = [
  { key: "value1", colour: "--chart-1" },
  { key: "value2", colour: "--chart-2", dashed: true },
  { key: "value3", colour: "--chart-3" },
];
const COLUMNS = { value1: "number", value2: "number", value3: "number", guests: "number", revenue: "money" };
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export class Trends {
  #formats;
  #chart = seriesChart();
  #legend = el("ul", { class: "legend" });
  #table = el("tbody");
  #nodes;

  constructor({ formats }) {
    this.#formats = formats;
    const head = el("tr", {}, el("th", { scope: "col" }, t("dashboard.day")),
      Object.keys(COLUMNS).map((key) => el("th", { scope: "col", class: "number" }, t(`dashboard.column_${key}`))));
    this.#nodes = [
      this.#legend, this.#chart.node,
      el("details", { class: "disclosure" }, el("summary", {}, t("dashboard.asTable")),
        el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": t("dashboard.asTable") }, el("table", { class: "table" }, el("thead", {}, head), this.#table))),
    ];
  }

  draw({ chartData = [] }, body, period) {
    if (!chartData.length) return false;
    if (this.#legend.parentNode !== body) body.replaceChildren(...this.#nodes);
    const series = SERIES.map((one) => ({ ...one, name: t(`dashboard.${one.key}_${period}`) }));
    this.#legend.replaceChildren(...series.map(({ name, colour }) => el("li", {}, swatch(colour), name)));
    this.#chart.draw({
      labels: chartData.map((point) => this.#day(point)),
      series: series.map((one) => ({ ...one, values: chartData.map((point) => point[one.key]) })),
    });
    this.#table.replaceChildren(...chartData.map((point, index) => this.#row(point, index)));
    return true;
  }

  // The server names a weekday in English; a day of the month is a number.
  #day({ day }) {
    const weekday = WEEKDAYS.indexOf(day);
    return weekday < 0 ? String(day) : this.#formats.weekday(new Date(Date.UTC(2023, 0, 1 + weekday)));
  }

  #row(point, index) {
    return el("tr", {}, el("th", { scope: "row" }, this.#day(point)),
      Object.entries(COLUMNS).map(([key, kind]) => el("td", { class: "number" },
        figure(`trends.${index}.${key}`, point[key], this.#formats.as(kind, point[key])))));
  }
}
