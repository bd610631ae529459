// The front desk of a hotel: who comes, who leaves, who is here, the rooms and the days ahead, live.
//
// The entry of the page: who is signed in and what they may, which view is shown (it stands in the URL), keys, and
// what is said while there is no connection. The views draw themselves from the House.

import { el, figure, setFigure, setText, skeleton, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { searchField } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startShell } from "../ui/shell.js";
import { makeBoard } from "./board.js";
import { openBookingForm } from "./booking-form.js";
import { makeChart } from "./chart.js";
import { makeDetail } from "./detail.js";
import { House } from "./house.js";
import { addDays, isIn, listOf, stateOfRoom } from "./stay.js";
import { makeStaysView } from "./stays-view.js";

const VIEWS = ["arrivals", "departures", "inhouse", "coming", "rooms", "plan"];
const WRITERS = ["admin", "manager", "frontdesk"];
const READERS = [...WRITERS, "viewer"];
const LATER = 14;

const main = document.getElementById("view");
const { profile, formats, client } = await startShell({ strings: ["desk"], kind: "hotel" });
const finder = searchField({ id: "search", label: t("desk.search") });
const search = finder.querySelector("input");
document.getElementById("find").replaceWith(finder);
const house = new House({ client, formats });
const address = new URLSearchParams(location.search);
let view = VIEWS.includes(address.get("view")) ? address.get("view") : "arrivals";

const desk = {
  client, formats, house, opened: null,
  may: { write: WRITERS.includes(profile.role), history: ["admin", "manager"].includes(profile.role) },
  open(id) { desk.opened = id; detail.open(id); remember(); draw(); },
  closed() { desk.opened = null; remember(); draw(); },
  later() { house.reach(addDays(house.horizon, LATER)).catch(() => {}); },
  showOffline,
};

const detail = makeDetail(desk, document.getElementById("detail"));
const views = new Map(VIEWS.map((name) => [name,
  name === "rooms" ? makeBoard(desk) : name === "plan" ? makeChart(desk) : makeStaysView(desk, name)]));

// --- the tabs: the figures of the day -----------------------------------------------------------

// [figure, how it reads beside it]
const FIGURES = {
  arrivals: ["desk.tabArrivals", "arrivals.open", ["desk.arrived", "arrivals.done"]],
  departures: ["desk.tabDepartures", "departures.open", ["desk.left_", "departures.done"]],
  inhouse: ["desk.tabInHouse", "inhouse.rooms", ["desk.guestsIn", "inhouse.guests"]],
  coming: ["desk.tabComing", "coming.open", ["desk.untilDay", null]],
  rooms: ["desk.tabRooms", "rooms.free", ["desk.occupied", "rooms.occupancy"]],
  plan: ["desk.tabPlan", "rooms.total", ["desk.planNote", null]],
};
const figures = new Map();
const tabs = new Map(VIEWS.map((name) => [name, makeTab(name)]));

function makeTab(name) {
  const [label, big, [note, small]] = FIGURES[name];
  for (const key of [big, small].filter(Boolean)) figures.set(key, figure(key, "", "\u2013"));
  const noteNode = el("span", { class: "tab-note muted small", dataset: { note } }, small && figures.get(small), el("span", { class: "tab-words" }));
  return el("button", { class: "figure-tab", type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "view", dataset: { view: name },
    onclick: () => choose(name) }, el("span", { class: "tab-label" }, t(label)), figures.get(big), noteNode);
}

function drawTabs() {
  const bookings = house.bookings();
  const at = (name) => listOf(name, bookings, house.today);
  const here = bookings.filter(isIn);
  const { availability: free } = house;
  const values = {
    "arrivals.open": at("arrivals").open.length, "arrivals.done": at("arrivals").done.filter(({ status }) => status.startsWith("checked")).length,
    "departures.open": at("departures").open.length, "departures.done": at("departures").done.length,
    "inhouse.rooms": here.length, "inhouse.guests": here.reduce((sum, { guests }) => sum + guests, 0),
    "coming.open": at("coming").open.length, "rooms.free": free?.availableRooms, "rooms.occupancy": free?.occupancyRate,
    "rooms.total": house.rooms.length,
  };
  for (const [key, node] of figures) {
    setFigure(node, values[key], key === "rooms.occupancy" ? formats.percent(values[key]) : formats.number(values[key]));
  }
  const words = { day: formats.day(house.horizon), n: house.rooms.filter((room) => stateOfRoom(room) === "dirty").length };
  for (const note of document.querySelectorAll(".tab-note")) setText(note.querySelector(".tab-words"), t(note.dataset.note, words));
}

function choose(name, { focus = false } = {}) {
  view = name;
  for (const [other, tab] of tabs) {
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
  }
  main.setAttribute("aria-labelledby", `tab-${name}`);
  main.dataset.view = name;
  main.replaceChildren(views.get(name).node);
  if (focus) tabs.get(name).focus();
  remember();
  draw();
}

function remember() {
  const now = new URLSearchParams({ view, ...(search.value && { q: search.value }), ...(desk.opened && { booking: desk.opened }) });
  history.replaceState(null, "", `?${now}`);
}

// --- drawing ------------------------------------------------------------------------------------

function draw() {
  setText(document.getElementById("date"), formats.longDay(new Date()));
  drawTabs();
  views.get(view).draw(search.value.trim());
  detail.draw();
  showOffline();
}

// What only the house can decide has to wait for it; housekeeping may be written down meanwhile.
function showOffline() {
  document.getElementById("offline-note").hidden = !client.offline || !desk.may.write;
  for (const button of document.querySelectorAll("[data-online]")) {
    button.disabled = !mayBook();
    button.title = client.offline ? t("desk.needsLine") : "";
  }
}

// --- keys ---------------------------------------------------------------------------------------

const BY_KEY = { "/": () => search.focus(), n: () => newBooking(), w: () => walkIn(), ...Object.fromEntries(VIEWS.map((name, i) =>
  [String(i + 1), () => choose(name, { focus: true })])) };

function typing(target) {
  return target.closest("input, textarea, select, dialog, [role=menu]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !BY_KEY[event.key]) return;
  event.preventDefault();
  BY_KEY[event.key]();
});
document.getElementById("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) choose(VIEWS.at((VIEWS.indexOf(view) + step) % VIEWS.length), { focus: true });
});
search.addEventListener("input", () => { remember(); draw(); });
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { search.value = ""; remember(); draw(); }
});

// The form shows the room types of the house: not before they are there.
const mayBook = () => house.loaded && !client.offline;
const newBooking = () => { if (desk.may.write && mayBook()) openBookingForm(desk); };
const walkIn = () => { if (desk.may.write && mayBook()) openBookingForm(desk, { walkIn: true }); };
document.getElementById("new-booking").addEventListener("click", newBooking);
document.getElementById("walk-in").addEventListener("click", walkIn);

// --- start --------------------------------------------------------------------------------------

async function start() {
  main.replaceChildren(el("div", { class: "card" }, skeleton(["2rem", "2rem", "2rem", "2rem", "2rem"])));
  client.subscribe(["hotel_rooms", "hotel_reservations"]);
  client.connect();
  for (let ready = false; !ready;) {
    try {
      await house.load();
      ready = true;
    } catch (error) {
      await new Promise((again) => {
        main.replaceChildren(stateMessage(explain(error), el("button", { class: "button", type: "button", onclick: again }, t("common.tryAgain"))));
      });
    }
  }
  main.removeAttribute("aria-busy");
  choose(view);
  house.onChange(draw);
  client.on("offline", draw);
  if (house.booking(address.get("booking"))) desk.open(address.get("booking"));
}

document.getElementById("tabs").append(...tabs.values());
search.value = address.get("q") ?? "";
for (const [id, sign] of [["new-booking", "plus"], ["walk-in", "user-plus"]]) {
  const button = document.getElementById(id);
  button.hidden = !desk.may.write;
  button.prepend(icon(sign));
}
if (READERS.includes(profile.role)) await start();
else main.replaceChildren(stateMessage(t("desk.notYours")));
