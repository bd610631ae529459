// The restaurant dashboard: what is special to a restaurant, over ui/dashboard.js.

import { startDashboard } from "../ui/dashboard.js";
import { stateMessage } from "../ui/dom.js";
import { Freshness } from "../ui/freshness.js";
import { t } from "../ui/i18n.js";
import { drawServiceNow } from "../ui/service-now.js";

const CHANNELS = [
  "restaurant_stats", "restaurant_reservations", "restaurant_notifications",
  "restaurant_metrics", "restaurant_orders", "restaurant_tables",
];
const CARDS = [
  { key: "reservationsToday", label: "dashboard.restaurant_reservationsToday", icon: "calendar-days", trend: "reservationsTrend" },
  { key: "prepaidReservations", label: "dashboard.prepaid", icon: "credit-card", trend: "prepaidTrend" },
  { key: "expectedGuests", label: "dashboard.expectedGuests", icon: "users", trend: "guestsTrend" },
  { key: "pendingPayments", label: "dashboard.pendingPayments", icon: "wallet", kind: "money", trend: "pendingPaymentsTrend", good: "down" },
];

// Its figures are pushed: they are as fresh as the connection that brings them.
function serviceTile(dashboard) {
  const root = document.getElementById("tile-service");
  const body = root.querySelector(".tile-body");
  const fresh = new Freshness(root);
  body.replaceChildren(stateMessage(t("dashboard.serviceComes")));
  dashboard.client.on("state", (state) => (state === "live" ? root.dataset.state && fresh.confirm() : fresh.doubt()));
  dashboard.everyMinute(() => { if (dashboard.client.state === "live" && root.dataset.state) fresh.confirm(); });
  return ({ metrics }) => {
    root.dataset.state = "ready";
    drawServiceNow(metrics, body, dashboard.formats);
    fresh.confirm();
  };
}

startDashboard({
  kind: "restaurant",
  channels: CHANNELS,
  cards: CARDS,
  tiles: (dashboard) => dashboard.addCategoryTile(),
  handlers: (dashboard) => ({ metrics_update: serviceTile(dashboard) }),
});
