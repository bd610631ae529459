// Shares of a whole: customer frequency, revenue by category or room type, reservation sources.
//
// A list with name, amount and percentage a row, and a ring or bars to see it by. Each tile turns
// its answer into rows ({name, key, amount, kind, percentage, colour}) and hands them to Breakdown.

import { ringChart } from "./charts.js";
import { el, figure, setSwatch, swatch } from "./dom.js";
import { t, tOr } from "./i18n.js";

const PALETTE = [1, 3, 4, 5, 6, 2, 7, 8, 9, 10].map((n) => `--chart-${n}`);
const NOT_A_SOURCE = new Set(["total", "counts"]);

function paletteColour(index) {
  return PALETTE[index % PALETTE.length];
}

export class Breakdown {
  #formats;
  #ring;
  #list = el("ul", { class: "breakdown" });
  #total = el("p", { class: "big-total" });
  #prefix;

  constructor({ formats, prefix, ring = true }) {
    this.#formats = formats;
    this.#prefix = prefix;
    this.#ring = ring ? ringChart() : null;
  }

  // total: {key, amount, kind, label}, optional.
  draw(rows, body, total = null) {
    if (!rows.length || rows.every((row) => !row.amount && !row.percentage)) return false;
    const parts = [total && this.#total, this.#ring?.node, this.#list].filter(Boolean);
    if (this.#list.parentNode !== body) body.replaceChildren(...parts);
    const painted = rows.map((row, index) => ({ ...row, colour: row.colour || paletteColour(index) }));
    this.#list.replaceChildren(...painted.map((row) => this.#row(row)));
    if (total) this.#showTotal(total);
    this.#ring?.draw({
      labels: painted.map((row) => row.name), values: painted.map((row) => row.amount),
      colours: painted.map((row) => row.colour), format: (value) => this.#formats.as(rows[0].kind, value),
    });
    return true;
  }

  #showTotal({ key, amount, kind, label }) {
    this.#total.replaceChildren(figure(`${this.#prefix}.${key}`, amount, this.#formats.as(kind, amount)),
      el("span", { class: "muted small" }, label));
  }

  #row({ name, key, amountKey = `${key}.amount`, shareKey = `${key}.percentage`, amount, kind, percentage, colour }) {
    const share = setSwatch(el("span"), colour);
    share.style.setProperty("--share", `${Math.max(0, Math.min(100, percentage ?? 0))}%`);
    return el("li", { dataset: { row: key } }, swatch(colour), el("span", { class: "name" }, name),
      figure(`${this.#prefix}.${amountKey}`, amount, this.#formats.as(kind, amount)),
      figure(`${this.#prefix}.${shareKey}`, percentage, this.#formats.percent(percentage), { class: "share" }),
      this.#ring ? null : el("span", { class: "bar", "aria-hidden": "true" }, share));
  }
}

// "online_travel_agent" and "onlineTravelAgent" as a reader would write them.
function readable(key) {
  const words = key.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// --- the answers, as rows ----------------------------------------------------------------------

function shareOf(part, whole) {
  return whole > 0 ? (part / whole) * 100 : 0;
}

export function frequencyRows({ newCustomers, returningCustomers, totalCustomers }) {
  const row = (key, name, amount) => ({
    key, name, amount, amountKey: key, shareKey: `${key}.share`, kind: "number", percentage: shareOf(amount, totalCustomers),
  });
  return [row("newCustomers", t("dashboard.new"), newCustomers), row("returningCustomers", t("dashboard.returning"), returningCustomers)];
}

export function categoryRows({ categories = [] }) {
  return categories.map(({ name, amount, percentage, color }) =>
    ({ key: name, name, amount, percentage, colour: color, kind: "money" }));
}

export function sourceRows(answer) {
  const names = Object.keys(answer).filter((key) => !NOT_A_SOURCE.has(key));
  return names.map((key) => ({
    key, name: tOr(`dashboard.source_${key}`, readable(key)), amount: answer.counts?.[key], percentage: answer[key],
    amountKey: `counts.${key}`, shareKey: key, kind: "number",
  })).sort((a, b) => b.amount - a.amount);
}

export function roomRevenueRows({ roomTypes = [], services = [], totalRevenue }) {
  const rows = [...roomTypes, ...services];
  return rows.map(({ type, name, revenue, amount, percentage }) => ({
    key: type ?? name, name: type ?? name, amount: revenue ?? amount, amountKey: `${type ?? name}.revenue`,
    percentage: percentage ?? shareOf(revenue, totalRevenue), kind: "money",
  }));
}
