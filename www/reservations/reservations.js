// The reservations of a restaurant: one day, who is expected, who sits, what is over, and the plan of tables, live.
//
// The entry of the page: who is signed in and what they may, which day and view is shown (they stand in the URL),
// keys, and what is said while there is no connection. The views draw themselves from the Book.

import { el, figure, setFigure, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { searchField } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startShell } from "../ui/shell.js";
import { toast } from "../ui/toast.js";
import { Book } from "./book.js";
import { makeDetail } from "./detail.js";
import { openReservationForm } from "./form.js";
import { makeList } from "./list.js";
import { LISTS, guestsOf } from "./party.js";
import { makeTimeline } from "./timeline.js";

const VIEWS = ["expected", "seated", "over", "plan"];
const WRITERS = ["admin", "manager", "frontdesk"];
const SEATERS = [...WRITERS, "waiter"];
const READERS = [...SEATERS, "viewer"];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const main = document.getElementById("view");
const { profile, formats, client } = await startShell({ strings: ["reservations"], kind: "restaurant" });
const address = new URLSearchParams(location.search);
const finder = searchField({ id: "search", label: t("reservations.search") });
const search = finder.querySelector("input");
const dayInput = document.getElementById("day");
const book = new Book({ client, formats });
let view = VIEWS.includes(address.get("view")) ? address.get("view") : "expected";

const page = {
  client, formats, book, opened: null,
  may: { write: WRITERS.includes(profile.role), seat: SEATERS.includes(profile.role), history: ["admin", "manager"].includes(profile.role) },
  get today() { return book.day === book.today; },
  open(id) { page.opened = id; detail.open(id); remember(); draw(); },
  closed() { page.opened = null; remember(); draw(); },
  showOffline,
};

const detail = makeDetail(page, document.getElementById("detail"));
const views = new Map(VIEWS.map((name) => [name, name === "plan" ? makeTimeline(page) : makeList(page, name)]));

// --- the tabs: the figures of the day -----------------------------------------------------------

// [label, figure, words around the small one, small figure]
const FIGURES = {
  expected: ["reservations.tabExpected", "expected.parties", "reservations.guestsWord", "expected.guests"],
  seated: ["reservations.tabSeated", "seated.parties", "reservations.guestsWord", "seated.guests"],
  over: ["reservations.tabOver", "over.parties", "reservations.lostWord", "over.lost"],
  plan: ["reservations.tabPlan", "tables.free", "reservations.tablesWord", "tables.total"],
};
const figures = new Map();
const tabs = new Map(VIEWS.map((name) => [name, makeTab(name)]));

function makeTab(name) {
  const [label, big, note, small] = FIGURES[name];
  for (const key of [big, small]) figures.set(key, figure(key, "", "\u2013"));
  return el("button", { class: "figure-tab", type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "view", dataset: { view: name },
    onclick: () => choose(name) }, el("span", { class: "tab-label" }, t(label)), figures.get(big),
  el("span", { class: "tab-note muted small" }, noteOf(t(note), figures.get(small))));
}

// "of {figure} tables"
function noteOf(text, node) {
  const [before, after] = text.split("{figure}");
  return [before.trim() && el("span", {}, before.trim()), node, after.trim() && el("span", {}, after.trim())];
}

function drawTabs() {
  const all = book.all();
  const of = (name) => all.filter(LISTS[name]);
  const used = book.tables.filter(({ isActive }) => isActive);
  const values = {
    "expected.parties": of("expected").length, "expected.guests": guestsOf(of("expected")),
    "seated.parties": of("seated").length, "seated.guests": guestsOf(of("seated")),
    "over.parties": of("over").length, "over.lost": of("over").filter(({ status }) => status !== "completed").length,
    "tables.free": used.filter(({ status }) => status === "available").length, "tables.total": used.length,
  };
  for (const [key, node] of figures) setFigure(node, book.ready || key.startsWith("tables") ? values[key] : null, book.ready ? formats.number(values[key]) : "\u2013");
}

function choose(name, { focus = false } = {}) {
  view = name;
  for (const [other, tab] of tabs) {
    tab.setAttribute("aria-selected", String(other === name));
    tab.tabIndex = other === name ? 0 : -1;
  }
  main.setAttribute("aria-labelledby", `tab-${name}`);
  main.replaceChildren(views.get(name).node);
  if (focus) tabs.get(name).focus();
  remember();
  draw();
}

function remember() {
  const now = new URLSearchParams({ view, ...(!page.today && { day: book.day }), ...(search.value && { q: search.value }),
    ...(page.opened && { reservation: page.opened }) });
  history.replaceState(null, "", `?${now}`);
}

// --- the day ------------------------------------------------------------------------------------

function go(day) {
  if (!DAY.test(day)) return;
  detail.close();
  book.show(day).catch((error) => toast(explain(error), { tone: "bad" }));
  remember();
  draw();
}

const addDays = (count) => new Date(Date.parse(`${book.day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);

// --- drawing ------------------------------------------------------------------------------------

function draw() {
  if (document.activeElement !== dayInput) dayInput.value = book.day;
  document.getElementById("go-today").disabled = page.today;
  document.getElementById("date").textContent = formats.fullDay(book.day);
  drawTabs();
  views.get(view).draw(search.value.trim());
  detail.draw();
  showOffline();
}

function showOffline() {
  const off = client.offline;
  document.getElementById("offline-note").hidden = !off || !page.may.seat;
  for (const button of document.querySelectorAll("[data-online]")) {
    if (button.disabled === off) continue;
    button.disabled = off;
    button.title = off ? t("reservations.needsLine") : "";
  }
}

// --- keys ---------------------------------------------------------------------------------------

const newOne = () => { if (page.may.write && !client.offline) openReservationForm(page); };
const BY_KEY = { "/": () => search.focus(), n: newOne, t: () => go(book.today), "[": () => go(addDays(-1)), "]": () => go(addDays(1)),
  ...Object.fromEntries(VIEWS.map((name, i) => [String(i + 1), () => choose(name, { focus: true })])) };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !BY_KEY[event.key]) return;
  if (event.target.closest("input, textarea, select, dialog, [role=menu]")) return;
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
dayInput.addEventListener("change", () => go(dayInput.value));
for (const [id, run] of [["new", newOne], ["go-today", () => go(book.today)], ["day-before", () => go(addDays(-1))], ["day-after", () => go(addDays(1))]]) {
  document.getElementById(id).addEventListener("click", run);
}

// --- start --------------------------------------------------------------------------------------

async function start() {
  if (DAY.test(address.get("day") ?? "")) book.day = address.get("day");
  client.subscribe(["restaurant_reservations", "restaurant_tables"]);
  client.connect();
  for (let ready = false; !ready;) {
    try {
      await book.load();
      ready = true;
    } catch (error) {
      await new Promise((again) => {
        main.replaceChildren(stateMessage(explain(error), el("button", { class: "button", type: "button", onclick: again }, t("common.tryAgain"))));
      });
    }
  }
  main.removeAttribute("aria-busy");
  choose(view);
  book.onChange(draw);
  client.on("offline", draw);
  if (book.reservation(address.get("reservation"))) page.open(address.get("reservation"));
}

document.getElementById("find").replaceWith(finder);
document.getElementById("tabs").append(...tabs.values());
document.getElementById("new").hidden = !page.may.write;
document.getElementById("new").prepend(icon("plus"));
document.getElementById("day-before").append(icon("chevron-left"));
document.getElementById("day-after").append(icon("chevron-right"));
search.value = address.get("q") ?? "";
if (READERS.includes(profile.role)) await start();
else main.replaceChildren(stateMessage(t("reservations.notYours")));
