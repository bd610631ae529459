// What the two dashboards share: the tiles, the period switch, and who is touched by which message.
//
// A page calls startDashboard(plan); the plan names its kind, cards, channels and own tiles. Every
// tile draws itself from REST; a message changes at once what it carries and touches the tiles whose
// answers it may have changed (TOUCHES). Once a minute all tiles are revalidated, because
// "upcoming" and "today" move with the clock as well; unchanged ones are a 304.

import { Activity, isNews, notificationText } from "./activity.js";
import { Breakdown, categoryRows, frequencyRows, sourceRows } from "./breakdown.js";
import { TodayTable, UpcomingList } from "./reservations.js";
import { explain } from "./explain.js";
import { t } from "./i18n.js";
import { leave, startShell } from "./shell.js";
import { StatCards } from "./stat-cards.js";
import { Tile } from "./tile.js";
import { toast } from "./toast.js";
import { Trends } from "./trends.js";

const REVALIDATE_EVERY = 60000;
const RESERVATION_TILES = ["today", "upcoming", "trends", "frequency", "sources", "revenue", "rooms", "calendar"];
const TOUCHES = {
  new_reservation: RESERVATION_TILES,
  reservation_update: RESERVATION_TILES,
  upcoming_reservation: ["upcoming"],
  order_created: ["revenue", "trends"],
  order_status_changed: ["revenue", "trends"],
  order_update: ["revenue", "trends"],
  metrics_update: ["revenue", "trends"],
  room_availability_update: ["rooms", "calendar"],
  room_update: ["rooms", "calendar"],
};

// plan: {kind, channels, cards, tiles(dashboard), handlers(dashboard)}; the words of a kind are dashboard.KIND_...
export async function startDashboard(plan) {
  const shell = await startShell({ kind: plan.kind, strings: ["dashboard"] });
  const dashboard = new Dashboard(shell, plan);
  dashboard.start();
  return dashboard;
}

class Dashboard {
  tiles = {};
  #shell;
  #plan;
  #cards;
  #today;
  #activity;
  #period;

  constructor(shell, plan) {
    this.#shell = shell;
    this.#plan = plan;
    this.#period = startPeriod((period) => this.#setPeriod(period));
    this.#drawDate();
    this.#makeTiles();
    this.#activity = new Activity({ root: document.getElementById("tile-activity"), formats: shell.formats });
  }

  // What this kind of venue calls it.
  words = (key) => t(`dashboard.${this.#plan.kind}_${key}`);

  get client() { return this.#shell.client; }
  get formats() { return this.#shell.formats; }

  start() {
    const { client } = this.#shell;
    client.setEventHandlers({
      ...this.#messageHandlers(), ...this.#plan.handlers?.(this),
      message: (message) => this.#messageArrived(message),
      refresh: (reason) => this.refreshAll({ onlyStale: reason === "resumed" }),
    });
    client.subscribe(this.#plan.channels);
    this.refreshAll();
    client.connect();
    this.everyMinute(() => this.refreshAll());
  }

  // "Upcoming" and "today" move with the clock; what is checked then is current then.
  everyMinute(run) {
    setInterval(run, REVALIDATE_EVERY);
  }

  refreshAll({ onlyStale = false } = {}) {
    this.#drawDate();
    for (const tile of Object.values(this.tiles)) {
      if (tile.stale || !onlyStale) tile.refresh();
    }
  }

  // options: {path or period (a path that takes ?period=), draw, empty}
  addTile(name, { path, period, draw, empty }) {
    this.tiles[name] = new Tile({
      root: document.getElementById(`tile-${name}`), rest: this.#shell.rest,
      path: path ?? `${period}?period=${this.#period.value}`, draw, empty,
      onSignedOut: () => leave(this.#shell.client),
    });
    if (period) this.tiles[name].period = period;
    return this.tiles[name];
  }

  #makeTiles() {
    const { formats } = this.#shell;
    const { words } = this;
    const { cards } = this.#plan;
    const stats = document.querySelector("#tile-stats .tile-body");
    this.addTile("stats", { path: "/api/dashboard/stats", draw: (data, body) => this.#cards.draw(data, body) });
    this.#cards = new StatCards({ root: stats, formats, cards });
    const trends = new Trends({ formats });
    this.addTile("trends", { period: "/api/dashboard/trends", empty: t("dashboard.noReservations"),
      draw: (data, body) => trends.draw(data, body, this.#period.value) });
    this.#today = new TodayTable({ formats, words });
    this.addTile("today", { path: "/api/dashboard/reservations/today", empty: words("noneToday"),
      draw: (data, body) => this.#today.draw(data, body) });
    const upcoming = new UpcomingList({ formats, words, notices: document.getElementById("upcoming") });
    this.addTile("upcoming", { path: "/api/reservations/upcoming", empty: words("noneUpcoming"),
      draw: (data, body) => upcoming.draw(data, body) });
    this.#makeShareTiles();
    this.#plan.tiles?.(this);
  }

  #makeShareTiles() {
    const { formats } = this.#shell;
    const frequency = new Breakdown({ formats, prefix: "frequency" });
    this.addTile("frequency", { period: "/api/dashboard/customers/frequency", empty: t("dashboard.noCustomers"),
      draw: (data, body) => frequency.draw(frequencyRows(data), body,
        { key: "totalCustomers", amount: data.totalCustomers, kind: "number", label: this.words("customers") }) });
    const sources = new Breakdown({ formats, prefix: "sources", ring: false });
    this.addTile("sources", { period: "/api/dashboard/reservations/sources", empty: t("dashboard.noReservations"),
      draw: (data, body) => sources.draw(sourceRows(data), body) });
  }

  // The restaurant's; a hotel's plan brings its own breakdown.
  addCategoryTile() {
    const revenue = new Breakdown({ formats: this.formats, prefix: "revenue" });
    this.addTile("revenue", { period: "/api/dashboard/revenue/by-category", empty: t("dashboard.noRevenue"),
      draw: (data, body) => revenue.draw(categoryRows(data), body) });
  }

  // --- messages ----------------------------------------------------------------------------

  #messageHandlers() {
    return {
      stats_update: ({ stats, cursor }) => this.tiles.stats.showNewer(stats, cursor),
      reservation_update: ({ reservation }) => this.#today.patch(reservation),
      upcoming_reservation: ({ reservation }) =>
        toast(`${this.words("upcoming")}: ${reservation.customerName}`, { tone: "good" }),
      upcoming_list: ({ reservations, cursor }) => this.tiles.upcoming.showNewer(reservations, cursor),
      notification: (message) => { if (isNews(message)) toast(notificationText(message)); },
      error: (problem) => showProblem(problem),
    };
  }

  #messageArrived(message) {
    for (const name of TOUCHES[message.type] ?? []) this.tiles[name]?.touch(message.cursor);
    this.#activity.add(message);
  }

  // --- period and date ---------------------------------------------------------------------

  #setPeriod(period) {
    for (const tile of Object.values(this.tiles)) {
      if (tile.period) tile.setPath(`${tile.period}?period=${period}`);
    }
  }

  #drawDate() {
    document.getElementById("date").textContent = this.formats.longDay(new Date());
  }
}

// A channel that the role may not have is no news: the tile that needs it says so.
function showProblem({ code, detail }) {
  if (code === "unknown_channel" || code === "forbidden") return;
  toast(explain({ code, status: 400, message: detail ?? code }), { tone: "bad" });
}

// The weekly/monthly switch; the choice stays in the address, so that a reload keeps it.
function startPeriod(onChange) {
  const form = document.getElementById("period");
  const wanted = new URL(location.href).searchParams.get("period");
  const input = form.querySelector(`input[value="${wanted === "monthly" ? "monthly" : "weekly"}"]`);
  input.checked = true;
  form.addEventListener("change", (event) => {
    const url = new URL(location.href);
    url.searchParams.set("period", event.target.value);
    history.replaceState(null, "", url);
    onChange(event.target.value);
  });
  return { get value() { return form.querySelector("input:checked").value; } };
}
