// The floor plan and the list of tables (seed 004): every status as it is, changed by whoever is on the floor.
//
// One LiveList of all tables feeds both views; changes.js does what people do, layout.js the editing of the plan.
// What is shown is in the address (url.js).

import { LiveList } from "../lib/live-list.js";
import { el, figure, setFigure, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startShell } from "../ui/shell.js";
import { toast } from "../ui/toast.js";
import { makeBulk } from "./bulk.js";
import { makeChanges } from "./changes.js";
import { conflict } from "./conflict.js";
import { makeLayout } from "./layout.js";
import { makeList } from "./list.js";
import { tablePanel } from "./panel.js";
import { makePlan } from "./plan.js";
import { tableDialog } from "./table-dialog.js";
import { readUrl, writeUrl } from "./url.js";
import { STATUSES, guestsOf, statusWord } from "./words.js";

const TICK = 30000;
const OPERATE = new Set(["admin", "manager", "waiter", "frontdesk"]);
const ADMIN = new Set(["admin", "manager"]);

const at = (id) => document.getElementById(id);
const { client, profile, formats } = await startShell({ strings: ["floor"], synced: (n) => t("floor.synced", { n }) });
const may = { operate: OPERATE.has(profile.role), admin: ADMIN.has(profile.role) };
const state = readUrl();
const selected = new Set();
const offline = () => client.offline;
let floors = [];
let view = null;

const list = new LiveList({ client, path: "/api/tables?limit=200", read: ({ items }) => items, hears: { table_update: ({ table }) => table } });
const changes = makeChanges({ client, list, conflict });
const plan = makePlan({ root: at("plan"), press: (table) => (layout.editing ? layout.press(table) : open(table)) });
const layout = makeLayout({ plan, root: at("plan"), bar: at("layout-bar"), inspector: at("inspector"), tables: () => onFloor(), save: saveLayout, redraw: () => draw() });
const rows = makeList({ table: at("list"), filters: at("filters"), state, changed: () => draw(), selected, press: (table) => open(table), formats, may });
const bulk = makeBulk({ root: at("bulk"), selected, list, changes, offline, changed: () => draw() });

// --- what people do ------------------------------------------------------------------------

const edit = (table) => tableDialog({ table, floors: namedFloors(), list, changes, conflict });
const open = (table) => tablePanel({ id: table.id, list, may, changes, edit, offline, formats });

// Of tables that others have changed meanwhile the place counts, not their status; -> is all saved?
async function saveLayout(floor, moved) {
  const wanted = moved.map(({ id, place, table }) => ({ id, position: { ...table.position, ...place }, version: list.get(id).version }));
  try {
    const { moved: n } = await changes.saveLayout(floor, wanted);
    toast(t("floor.layoutSaved", { n }), { tone: "good" });
    return true;
  } catch (error) {
    if (error.code !== "version_conflict") {
      toast(t("floor.layoutFailed", { reason: explain(error) }), { tone: "bad" });
      return false;
    }
    return meetLayout(floor, moved, [error.current].flat());
  }
}

async function meetLayout(floor, moved, now) {
  const there = ({ x, y } = {}) => `${x ?? "\u2013"}, ${y ?? "\u2013"}`;
  const others = now.filter((table) => there(table.position) !== there(moved.find(({ id }) => id === table.id)?.table.position));
  for (const table of now) list.put(table, null);
  if (others.length) {
    const names = others.map(({ tableNumber }) => tableNumber).join(", ");
    const mine = others.map((table) => [table.tableNumber, there(moved.find(({ id }) => id === table.id).place)]);
    const theirs = others.map((table) => [table.tableNumber, there(table.position)]);
    if (!(await conflict({ table: { ...others[0], tableNumber: names }, yours: mine, theirs }))) {
      layout.giveWay(others.map(({ id }) => id));
      return false;
    }
  }
  return saveLayout(floor, moved);
}

// --- drawing -------------------------------------------------------------------------------

const floorNumbers = () => [...new Set([...floors.map(({ number }) => number), ...list.values().map(({ floor }) => floor)])].sort((a, b) => a - b);
const nameOf = (number) => floors.find((floor) => floor.number === number)?.name ?? t("floor.floorNumber", { n: number });
const namedFloors = () => floorNumbers().map((number) => ({ number, name: nameOf(number) }));
const current = () => Number(state.floor) || floorNumbers()[0] || 1;
const onFloor = () => list.values().filter(({ floor }) => floor === current());

function radios(place, name, options, value, choose) {
  const key = JSON.stringify(options);
  const box = at(place);
  if (box.dataset.options !== key) {
    box.dataset.options = key;
    box.replaceChildren(box.firstElementChild, ...options.flatMap((one) => {
      const id = `${name}-${one.value}`;
      return [el("input", { type: "radio", name, id, value: one.value, onchange: () => choose(one.value) }),
        el("label", { for: id }, one.label, one.count !== undefined && el("span", { class: "count", dataset: { count: one.value } }))];
    }));
  }
  box.querySelector(`input[value="${value}"]`)?.toggleAttribute("checked", true);
  const input = box.querySelector(`input[value="${value}"]`);
  if (input) input.checked = true;
}

function drawCounts() {
  const tables = list.values();
  const of = (status) => tables.filter((table) => table.status === status).length;
  const figures = [...STATUSES.map((status) => ({ key: status, label: statusWord(status), value: of(status), status })),
    { key: "guests", label: t("floor.guests"), value: tables.reduce((sum, table) => sum + guestsOf(table), 0) },
    { key: "seats", label: t("floor.seatsAll"), value: tables.reduce((sum, table) => sum + table.capacity, 0) }];
  const place = at("counts");
  if (!place.firstChild) {
    place.append(...figures.map(({ key, label, status }) => el("div", { class: "count-card", dataset: status ? { status } : {} },
      el("dt", {}, status && el("span", { class: "swatch-status", "aria-hidden": "true", dataset: { status } }), label), el("dd", {}, figure(key, null, "")))));
  }
  for (const { key, value } of figures) setFigure(place.querySelector(`[data-figure="${key}"]`), value, formats.number(value));
}

function drawFloors() {
  radios("floors", "floor", namedFloors().map(({ number, name }) => ({ value: String(number), label: name, count: true })), String(current()), async (value) => {
    if (layout.editing && !(await layout.stop())) return draw();
    state.floor = value;
    plan.clear();
    return draw();
  });
  for (const node of at("floors").querySelectorAll("[data-count]")) {
    const free = list.values().filter(({ floor, status }) => String(floor) === node.dataset.count && status === "available").length;
    node.textContent = String(free);
    node.title = t("floor.freeHere", { n: free });
  }
}

function drawAdmin() {
  const place = at("admin-actions");
  if (!may.admin) return;
  if (!place.firstChild) {
    place.append(
      el("button", { class: "button", type: "button", id: "edit-layout", onclick: () => layout.start(current()) }, icon("pencil"), t("floor.editLayout")),
      el("button", { class: "button primary", type: "button", id: "new-table", onclick: () => tableDialog({ floors: namedFloors(), list, changes, conflict }) }, icon("plus"), t("floor.newTable")));
  }
  for (const button of place.children) {
    button.disabled = offline();
    button.title = offline() ? t("floor.notOffline") : "";
  }
  at("edit-layout").hidden = state.view !== "plan" || layout.editing;
}

function draw() {
  if (!list.loaded) return;
  writeUrl(state);
  radios("view", "view", [{ value: "plan", label: t("floor.viewPlan") }, { value: "list", label: t("floor.viewList") }], state.view, async (value) => {
    if (layout.editing && !(await layout.stop())) return draw();
    state.view = value;
    return draw();
  });
  const other = view !== state.view;
  view = state.view;
  at("plan-view").hidden = view !== "plan";
  at("list-view").hidden = view !== "list";
  drawCounts();
  drawAdmin();
  if (view === "plan") {
    if (other) plan.clear();
    drawFloors();
    plan.show(onFloor(), { drafts: layout.drafts, waits: changes.waits, selected: layout.selected });
    at("plan").dataset.editing = layout.editing ? "yes" : "";
  } else {
    rows.show(list.values(), namedFloors(), { waits: changes.waits });
    if (may.admin) bulk.draw(namedFloors());
  }
}

// --- saying it -----------------------------------------------------------------------------

// What others change is said in one line at most every two seconds: the last one, or how many.
const news = new Map();
let saying = null;
function sayChange(table) {
  news.set(table.id, table);
  saying ??= setTimeout(() => {
    const all = [...news.values()];
    at("said").textContent = all.length === 1 ? t("floor.saidOne", { label: all[0].tableNumber, status: statusWord(all[0].status) }) : t("floor.saidMany", { n: all.length });
    news.clear();
    saying = null;
  }, 2000);
}

// --- start ---------------------------------------------------------------------------------

let drawing = false;
function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; draw(); });
}

list.onChange(({ removed }) => {
  for (const id of removed) {
    layout.forget(id);
    selected.delete(id);
  }
  drawSoon();
});
client.on("table_update", ({ table }) => { if (table.oldStatus) sayChange(table); });
client.on("offline", drawSoon);
client.on("queue", drawSoon);
client.on("refresh", (reason) => { if (reason !== "resumed") loadFloors(); });

async function loadFloors() {
  try {
    ({ data: floors } = await client.rest.get("/api/floors"));
    drawSoon();
  } catch (error) {
    if (!list.loaded) throw error;
  }
}

async function load() {
  try {
    await Promise.all([list.load(), loadFloors()]);
    at("plan").querySelector(".state-message")?.remove();
    changes.follow(client.queue.list());
    draw();
  } catch (error) {
    const again = el("button", { class: "button", type: "button", onclick: load }, t("common.tryAgain"));
    at("plan").replaceChildren(stateMessage(explain(error), again));
    at("plan-view").hidden = false;
  }
}

client.subscribe(["restaurant_tables"]);
client.connect();
await load();
setInterval(() => { plan.tick(); rows.tick(); }, TICK);
