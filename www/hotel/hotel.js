// The hotel dashboard: what is special to a hotel, over ui/dashboard.js.

import { Availability } from "../ui/availability.js";
import { Breakdown, roomRevenueRows } from "../ui/breakdown.js";
import { startDashboard } from "../ui/dashboard.js";

const CHANNELS = ["hotel_stats", "hotel_reservations", "hotel_notifications", "hotel_rooms"];
const CARDS = [
  { key: "reservationsToday", label: "Arrivals today", trend: "reservationsTrend" },
  { key: "prepaidReservations", label: "Prepaid", trend: "prepaidTrend" },
  { key: "expectedGuests", label: "Expected guests", trend: "guestsTrend" },
  { key: "pendingPayments", label: "Pending payments", kind: "money", trend: "pendingPaymentsTrend", good: "down" },
  { key: "occupancyRate", label: "Occupancy", kind: "percent", note: "of the rooms in order" },
  { key: "adr", label: "ADR", kind: "money", note: "average rate of a sold night" },
  { key: "revpar", label: "RevPAR", kind: "money", note: "revenue per available room" },
];
const WORDS = {
  person: "Guest",
  customers: "guests",
  list: "Arrivals today",
  upcoming: "Arriving within 30 minutes",
  noneToday: "No arrivals today.",
  noneUpcoming: "Nobody is due within 30 minutes.",
};

function addRevenueTile(dashboard) {
  const revenue = new Breakdown({ formats: dashboard.formats, prefix: "revenue" });
  dashboard.addTile("revenue", {
    period: "/api/dashboard/hotel/revenue-breakdown", empty: "No revenue in this period.",
    draw: (data, body) => revenue.draw(roomRevenueRows(data), body,
      { key: "totalRevenue", amount: data.totalRevenue, kind: "money", label: "in all" }),
  });
}

function addRoomsTile(dashboard) {
  const rooms = new Availability({
    formats: dashboard.formats, form: document.getElementById("range"),
    onRange: (path) => dashboard.tiles.rooms.setPath(path),
  });
  dashboard.addTile("rooms", { path: rooms.path, draw: (data, body) => rooms.draw(data, body) });
  return rooms;
}

let rooms;
startDashboard({
  kind: "hotel",
  channels: CHANNELS,
  cards: CARDS,
  words: WORDS,
  tiles: (dashboard) => {
    addRevenueTile(dashboard);
    rooms = addRoomsTile(dashboard);
  },
  handlers: () => ({
    room_availability_update: ({ availability }) => { if (rooms.showsTonight) rooms.showSummary(availability); },
  }),
});
