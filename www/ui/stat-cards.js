// The row of figures on top of a dashboard, each with its trend.
//
// Takes the object of /api/dashboard/stats, by REST and by stats_update alike, and changes the
// numbers in place. Which figures a venue shows is the table that the page gives.

import { el, figure, setFigure } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

const UNKNOWN = "\u2013";

// cards: [{key, label, icon, kind, trend, good: "up" | "down", note}]; label and note are keys of words.
export class StatCards {
  #formats;
  #cards;
  #nodes = new Map();
  #articles;

  constructor({ root, formats, cards }) {
    this.#formats = formats;
    this.#cards = cards;
    this.#articles = cards.map((card) => this.#makeCard(card));
    root.replaceChildren(...this.#articles);
  }

  draw(stats, root) {
    if (this.#articles[0].parentNode !== root) root.replaceChildren(...this.#articles);
    for (const card of this.#cards) {
      const { value, trend } = this.#nodes.get(card.key);
      setFigure(value, stats[card.key], this.#formats.as(card.kind ?? "number", stats[card.key]));
      if (trend) this.#showTrend(card, trend, stats[card.trend]);
    }
  }

  #makeCard(card) {
    const value = figure(card.key, "", UNKNOWN, { class: "stat-value" });
    const trend = card.trend && figure(card.trend, "", UNKNOWN, { class: "trend" });
    const note = trend ? [trend, ` ${t("dashboard.vsWeekAgo")}`] : t(card.note);
    this.#nodes.set(card.key, { value, trend });
    return el("article", { class: "card stat" },
      el("div", { class: "stat-head" }, el("h2", { class: "stat-label" }, t(card.label)), icon(card.icon)), value, el("p", { class: "stat-note" }, note));
  }

  #showTrend(card, node, value) {
    const arrow = value > 0 ? "\u25b2 " : value < 0 ? "\u25bc " : "";
    setFigure(node, value, arrow + this.#formats.trend(value));
    const better = card.good === "down" ? -value : value;
    node.dataset.tone = better > 0 ? "good" : better < 0 ? "bad" : "";
  }
}
