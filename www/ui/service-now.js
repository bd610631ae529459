// The "service today" tile of a restaurant: the figures of metrics_update, and orders by status.
//
// The channel restaurant_metrics sends them on subscribing and after every change.

import { el, figure } from "./dom.js";
import { t, tOr } from "./i18n.js";

const FIGURES = { revenue: "money", orders: "number", averageOrderValue: "money", customers: "number" };

export function drawServiceNow(metrics, body, formats) {
  const pair = (key, label, kind, value) => [
    el("dt", {}, label), el("dd", {}, figure(`metrics.${key}`, value, formats.as(kind, value)))];
  const statuses = Object.entries(metrics.byStatus ?? {});
  body.replaceChildren(
    el("dl", { class: "pairs" }, Object.entries(FIGURES).map(([key, kind]) => pair(key, t(`dashboard.metric_${key}`), kind, metrics[key]))),
    el("h3", { class: "muted small" }, t("dashboard.ordersByStatus")),
    el("dl", { class: "pairs" }, statuses.map(([status, count]) =>
      pair(`byStatus.${status}`, tOr(`dashboard.order_${status}`, status), "number", count))));
  return true;
}
