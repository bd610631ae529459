// The restaurant dashboard: what is special to a restaurant, over ui/dashboard.js.

import { startDashboard } from "../ui/dashboard.js";
import { stateMessage } from "../ui/dom.js";
import { drawServiceNow } from "../ui/service-now.js";

const CHANNELS = [
  "restaurant_stats", "restaurant_reservations", "restaurant_notifications",
  "restaurant_metrics", "restaurant_orders", "restaurant_tables",
];
const CARDS = [
  { key: "reservationsToday", label: "Reservations today", trend: "reservationsTrend" },
  { key: "prepaidReservations", label: "Prepaid", trend: "prepaidTrend" },
  { key: "expectedGuests", label: "Expected guests", trend: "guestsTrend" },
  { key: "pendingPayments", label: "Pending payments", kind: "money", trend: "pendingPaymentsTrend", good: "down" },
];
const WORDS = {
  person: "Customer",
  customers: "customers",
  list: "Reservations today",
  upcoming: "Arriving within 30 minutes",
  noneToday: "No reservations today.",
  noneUpcoming: "Nobody is due within 30 minutes.",
};

function serviceTile() {
  const root = document.getElementById("tile-service");
  const body = root.querySelector(".tile-body");
  body.replaceChildren(stateMessage("The figures of the service come with the live connection."));
  return { root, body };
}

function showMetrics(service, message, formats) {
  service.root.dataset.state = "ready";
  drawServiceNow(message.metrics, service.body, formats);
}

startDashboard({
  kind: "restaurant",
  channels: CHANNELS,
  cards: CARDS,
  words: WORDS,
  tiles: (dashboard) => dashboard.addCategoryTile(),
  handlers: (dashboard) => {
    const service = serviceTile();
    return { metrics_update: (message) => showMetrics(service, message, dashboard.formats) };
  },
});
