// The hotel dashboard: what is special to a hotel, over ui/dashboard.js.

import { Availability } from "../ui/availability.js";
import { Breakdown, roomRevenueRows } from "../ui/breakdown.js";
import { startDashboard } from "../ui/dashboard.js";
import { t } from "../ui/i18n.js";
import { RoomCalendar } from "../ui/room-calendar.js";

const CHANNELS = ["hotel_stats", "hotel_reservations", "hotel_notifications", "hotel_rooms"];
const CARDS = [
  { key: "reservationsToday", label: "dashboard.hotel_reservationsToday", icon: "log-in", trend: "reservationsTrend" },
  { key: "prepaidReservations", label: "dashboard.prepaid", icon: "credit-card", trend: "prepaidTrend" },
  { key: "expectedGuests", label: "dashboard.expectedGuests", icon: "users", trend: "guestsTrend" },
  { key: "pendingPayments", label: "dashboard.pendingPayments", icon: "wallet", kind: "money", trend: "pendingPaymentsTrend", good: "down" },
  { key: "occupancyRate", label: "dashboard.occupancy", icon: "bed-double", kind: "percent", note: "dashboard.occupancyNote" },
  { key: "adr", label: "dashboard.adr", icon: "tag", kind: "money", note: "dashboard.adrNote" },
  { key: "revpar", label: "dashboard.revpar", icon: "chart-column", kind: "money", note: "dashboard.revparNote" },
];

function addRevenueTile(dashboard) {
  const revenue = new Breakdown({ formats: dashboard.formats, prefix: "revenue" });
  dashboard.addTile("revenue", {
    period: "/api/dashboard/hotel/revenue-breakdown", empty: t("dashboard.noRevenue"),
    draw: (data, body) => revenue.draw(roomRevenueRows(data), body,
      { key: "totalRevenue", amount: data.totalRevenue, kind: "money", label: t("dashboard.inAll") }),
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

function addCalendarTile(dashboard) {
  const calendar = new RoomCalendar({
    formats: dashboard.formats, controls: document.getElementById("calendar-steps"),
    onRange: (path) => dashboard.tiles.calendar.setPath(path),
  });
  dashboard.addTile("calendar", { path: calendar.path, empty: t("dashboard.noRooms"), draw: (data, body) => calendar.draw(data, body) });
}

let rooms;
startDashboard({
  kind: "hotel",
  channels: CHANNELS,
  cards: CARDS,
  tiles: (dashboard) => {
    addRevenueTile(dashboard);
    rooms = addRoomsTile(dashboard);
    addCalendarTile(dashboard);
  },
  handlers: () => ({
    room_availability_update: ({ availability }) => { if (rooms.showsTonight) rooms.showSummary(availability); },
  }),
});
