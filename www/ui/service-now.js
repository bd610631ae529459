// The "service today" tile of a restaurant: the figures of metrics_update, and orders by status.
//
// The channel restaurant_metrics sends them on subscribing and after every change.

import { el, figure } from "./dom.js";

const FIGURES = [
  { key: "revenue", label: "Revenue", kind: "money" },
  { key: "orders", label: "Orders", kind: "number" },
  { key: "averageOrderValue", label: "Average order", kind: "money" },
  { key: "customers", label: "Customers", kind: "number" },
];

function readable(status) {
  const words = status.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function drawServiceNow(metrics, body, formats) {
  const pair = (key, label, kind, value) => [
    el("dt", {}, label), el("dd", {}, figure(`metrics.${key}`, value, formats.as(kind, value)))];
  const statuses = Object.entries(metrics.byStatus ?? {});
  body.replaceChildren(
    el("dl", { class: "pairs" }, FIGURES.map(({ key, label, kind }) => pair(key, label, kind, metrics[key]))),
    el("h3", { class: "muted small" }, "Orders by status"),
    el("dl", { class: "pairs" }, statuses.map(([status, count]) =>
      pair(`byStatus.${status}`, readable(status), "number", count))));
  return true;
}
