// The figures of the business day, live, each with how it moved in the last quarter of an hour.
//
// Takes what GET /api/v1/orders/stats and metrics_update say alike. The trend is of the moment: it compares with
// the oldest figures that were heard within the window, so it begins when the page is opened. Owns its cards.

import { el, figure, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { Refresher } from "../ui/refresher.js";

const CARDS = [
  { key: "revenue", label: "orders.metricRevenue", kind: "money" },
  { key: "orders", label: "orders.metricOrders", kind: "number" },
  { key: "averageOrderValue", label: "orders.metricAverage", kind: "money" },
  { key: "customers", label: "orders.metricCustomers", kind: "number" },
];
const WINDOW = 15 * 60000;

export function startMetrics({ root, client, formats, onStatus }) {
  const samples = []; // {at, metrics}, oldest first
  const cards = CARDS.map((card) => makeCard(card, formats));
  root.replaceChildren(...cards.map(({ node }) => node));
  root.hidden = false;
  const refresher = new Refresher({ rest: client.rest, path: "/api/v1/orders/stats", on: {
    busy: () => {},
    answer: (metrics) => show(metrics),
    error: () => root.setAttribute("data-stale", ""),
  } });

  function show(metrics) {
    root.removeAttribute("data-stale");
    samples.push({ at: Date.now(), metrics });
    draw();
    onStatus(metrics.byStatus);
  }

  function draw() {
    if (!samples.length) return;
    while (samples.length > 1 && samples[1].at <= Date.now() - WINDOW) samples.shift();
    const { metrics } = samples.at(-1);
    for (const card of cards) card.show(metrics, samples[0]);
  }

  client.on("metrics_update", ({ metrics, cursor }) => { if (refresher.accept(cursor)) show(metrics); });
  client.on("refresh", () => refresher.refresh());
  refresher.refresh();
  return { tick: draw };
}

function makeCard({ key, label, kind }, formats) {
  const value = figure(`metrics.${key}`, "", "\u2013", { class: "metric-value" });
  const trend = el("span", { class: "metric-trend" });
  const node = el("article", { class: "card metric" }, el("h2", { class: "metric-label" }, t(label)), value, trend);

  function show(metrics, first) {
    setFigure(value, metrics[key], formats.as(kind, metrics[key]));
    const change = Math.round((metrics[key] - first.metrics[key]) * 100) / 100;
    trend.dataset.tone = change > 0 ? "good" : change < 0 ? "bad" : "";
    const since = formats.time(new Date(first.at).toISOString());
    const arrow = change > 0 ? "\u25b2 +" : "\u25bc \u2212";
    setText(trend, change ? t("orders.metricChange", { change: arrow + formats.as(kind, Math.abs(change)), time: since })
      : t("orders.metricSame", { time: since }));
  }

  return { node, show };
}
