// The trends tile: reservations of the period, of the one before, and the prepaid among them.
//
// Draws /api/dashboard/trends as a chart, and as a table for whoever cannot or will not read one.

import { seriesChart } from "./charts.js";
import { el, figure, swatch } from "./dom.js";

const SERIES = [
  { key: "value1", name: { weekly: "These seven days", monthly: "These thirty days" }, colour: "--chart-1" },
  { key: "value2", name: { weekly: "The seven before", monthly: "The thirty before" }, colour: "--chart-2", dashed: true },
  { key: "value3", name: { weekly: "Prepaid", monthly: "Prepaid" }, colour: "--chart-3" },
];
const COLUMNS = [
  { key: "value1", label: "Reservations", kind: "number" },
  { key: "value2", label: "Before", kind: "number" },
  { key: "value3", label: "Prepaid", kind: "number" },
  { key: "guests", label: "Guests", kind: "number" },
  { key: "revenue", label: "Revenue", kind: "money" },
];

export class Trends {
  #formats;
  #chart = seriesChart();
  #legend = el("ul", { class: "legend" });
  #table = el("tbody");
  #nodes;

  constructor({ formats }) {
    this.#formats = formats;
    const head = el("tr", {}, el("th", { scope: "col" }, "Day"),
      COLUMNS.map(({ label }) => el("th", { scope: "col", class: "number" }, label)));
    this.#nodes = [
      this.#legend, this.#chart.node,
      el("details", { class: "disclosure" }, el("summary", {}, "The figures as a table"),
        el("div", { class: "table-scroll" }, el("table", { class: "table" }, el("thead", {}, head), this.#table))),
    ];
  }

  draw({ chartData = [] }, body, period) {
    if (!chartData.length) return false;
    if (this.#legend.parentNode !== body) body.replaceChildren(...this.#nodes);
    this.#legend.replaceChildren(...SERIES.map(({ name, colour }) =>
      el("li", {}, swatch(colour), name[period])));
    this.#chart.draw({
      labels: chartData.map((point) => String(point.day)),
      series: SERIES.map((one) => ({ ...one, name: one.name[period], values: chartData.map((point) => point[one.key]) })),
    });
    this.#table.replaceChildren(...chartData.map((point, index) => this.#row(point, index)));
    return true;
  }

  #row(point, index) {
    return el("tr", {}, el("th", { scope: "row" }, String(point.day)),
      COLUMNS.map(({ key, kind }) => el("td", { class: "number" },
        figure(`trends.${index}.${key}`, point[key], this.#formats.as(kind, point[key])))));
  }
}
