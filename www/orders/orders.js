// The orders of a venue (seed 001): a live list with filters and pages, one order in full beside it, new orders that
// wait, the figures of the day, and many orders at once. Puts the parts together; each owns its piece of the page.
//
// A hotel has orders too (room service, its restaurant), by channels of its own.

import { el, setText, skeleton, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/i18n.js";
import { makePager } from "../ui/pager.js";
import { leave, startShell } from "../ui/shell.js";
import { startAlerts } from "./alerts.js";
import { makeBell } from "./bell.js";
import { Bulk } from "./bulk.js";
import { cancelDialog, confirmPayment, confirmVoid, editDialog, payDialog } from "./dialogs.js";
import { makeFilters } from "./filters.js";
import { listenToKeys } from "./keys.js";
import { addLinesDialog, newOrderDialog } from "./menu-dialog.js";
import { startMetrics } from "./metrics.js";
import { OrderPage } from "./order-page.js";
import { linesText, makeTable, tableText } from "./order-table.js";
import { makePanel } from "./panel.js";
import { PAGE_SIZE, Query } from "./query.js";
import { Rights } from "./steps.js";
import { Writes } from "./writes.js";

const CHANNELS = ["orders", "metrics", "notifications", "menu"]; // of its kind of house
const TICK = 15000;
const SAY_AFTER = 800;

const at = (id) => document.getElementById(id);
at("rows").append(...Array.from({ length: 6 }, () => el("tr", { class: "loading" }, el("td", { colspan: 8 }, skeleton(["1.5rem"])))));

const shell = await startShell({ strings: ["orders"] });
const { profile, formats, client } = shell;
const rights = new Rights(profile.role);
const query = new Query();
const bell = makeBell();
let tables = [];

// --- the parts -----------------------------------------------------------------------------

const page = new OrderPage({ client, formats, query: query.now,
  on: { changed: () => drawList(), state: () => drawState(), signedOut: () => leave(client) } });

const known = (id) => page.get(id) ?? bulk.picked.get(id) ?? null;
const panel = makePanel({ root: at("panel"), client, formats, rights, known, on: {
  close: closePanel,
  step: (order, status) => writes.step(order, status),
  cancel: (order) => cancelDialog({ order, writes }),
  add: (order) => addLinesDialog({ order, client, formats, writes }),
  edit: (order) => editDialog({ order, writes }),
  pay: (order) => payDialog({ order, writes, formats }),
  print: () => print(),
  line: (order, line, status) => writes.lineStep(order, line, status),
  void: async (order, line) => { if (await confirmVoid(line)) writes.lineStep(order, line, "void"); },
  payment: async (order, payment, status) => { if (await confirmPayment(payment, status, formats)) writes.paymentStep(order, payment, status); },
} });
const writes = new Writes({ client, targets: [page, panel] });
const bulk = new Bulk({ root: at("bulk"), rights, writes, onChange: (selected) => { query.set({ selected }); drawList(); } });
const table = makeTable({ body: at("rows"), formats, rights, on: {
  open: (id) => openOrder(id), step: (order) => writes.step(order, rights.nextOf(order)),
  pick: (id, picked) => bulk.pick(page.get(id), picked), waits: (id) => page.waits(id), belongs: (order) => page.matches(order),
} });
const filters = makeFilters({ root: at("filters"), query, counts: rights.figures, formats,
  on: { openNumber: (id) => openOrder(id), toList: () => table.move(0) } });
const metrics = rights.figures && startMetrics({ root: at("metrics"), client, formats, onStatus: filters.showCounts });
const alerts = startAlerts({ root: at("alerts"), client, profile, bell,
  on: { open: (id) => openOrder(id), words: (id) => inWords(page.get(id)), fresh: (some) => say(t("orders.saidNew", { n: some.length, text: some[0].text })) } });
const pager = makePager({ onPage: (to) => { query.set({ page: to, selected: [] }); at("list").focus(); } });

// --- drawing -------------------------------------------------------------------------------

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (order) => plain([order.order_number, order.customer_name, order.customer_phone, order.table_number, linesText(order)].join(" "));

function shownOrders() {
  const words = plain(query.now.find).split(/\s+/).filter(Boolean);
  return page.orders.filter((order) => words.every((word) => wordsOf(order).includes(word)));
}

function drawList() {
  if (!page.loaded) return drawState();
  const orders = shownOrders();
  bulk.saw(page.orders);
  table.show(orders, { open: query.now.order, picked: bulk.picked });
  at("pick-all").checked = orders.length > 0 && orders.every(({ id }) => bulk.picked.has(id));
  at("pick-all").indeterminate = !at("pick-all").checked && orders.some(({ id }) => bulk.picked.has(id));
  pager.show({ page: query.now.page, pageSize: PAGE_SIZE, total: page.total });
  alerts.tick();
  if (panel.id) panel.draw();
  return drawState();
}

function drawState() {
  if (page.busy || !page.loaded) at("orders").setAttribute("aria-busy", "true");
  else at("orders").removeAttribute("aria-busy");
  at("orders").toggleAttribute("data-stale", Boolean(page.error));
  drawNews();
  if (page.error && !page.loaded) at("rows").replaceChildren();
  const shown = at("rows").childElementCount;
  const text = page.error ? explain(page.error) : !page.loaded || shown ? "" : query.now.find && page.orders.length ? t("orders.noneFound") : t("orders.none");
  const again = page.error && el("button", { class: "button compact", type: "button", onclick: () => page.refresh() }, t("common.tryAgain"));
  if (at("list-state").dataset.text === text) return;
  at("list-state").dataset.text = text;
  at("list-state").replaceChildren(...(text ? [stateMessage(text, again, icon(page.error ? "cloud-off" : "receipt"))] : []));
}

// What came while a later page is shown waits behind a button: nothing moves under the hand.
function drawNews() {
  const { size } = page.news;
  if (!at("news").firstChild) {
    at("news").append(el("button", { class: "button compact", type: "button", onclick: () => {
      query.set({ page: 1, selected: [] });
      at("list").focus();
    } }, icon("arrow-up"), el("span", {})));
  }
  at("news").hidden = !size;
  setText(at("news").querySelector("span"), t("orders.news", { n: size }));
}

const inWords = (order) => order && `${tableText(order)}, ${order.order_number}`;

let unsaid = null;
function say(text) {
  clearTimeout(unsaid);
  unsaid = setTimeout(() => setText(at("said"), text), SAY_AFTER);
}

// --- opening and closing -------------------------------------------------------------------

function openOrder(id) {
  query.set({ order: id });
  at("panel").focus();
}

function closePanel() {
  const { order } = query.now;
  query.set({ order: null });
  table.focus(order);
}

function followPanel(id) {
  if (id) panel.open(id);
  else panel.close();
  at("workspace").toggleAttribute("data-open", Boolean(id));
  coverRest();
}

// On a phone the panel is all there is: nothing behind it can be reached.
const phone = matchMedia("(max-width: 47rem)");
phone.addEventListener("change", coverRest);
function coverRest() {
  const behind = document.querySelectorAll(".rail, #topbar, #list, #main > :not(#workspace, #notices, #said)");
  for (const node of behind) node.inert = Boolean(panel.id) && phone.matches;
}

query.onChange((now, before) => {
  if (now.order !== before.order) followPanel(now.order);
  const same = ["table", "date", "page"].every((name) => now[name] === before[name]) && String(now.status) === String(before.status);
  if (!same) page.show(now);
  if (!now.selected.length && bulk.picked.size) bulk.clear();
  drawList();
});

function newOrder() {
  newOrderDialog({ client, formats, writes, tables, done: (order) => openOrder(order.id) });
}

// The selection of an address that was reloaded: of the orders that are on the page.
function takeSelection() {
  const picked = query.now.selected.map((id) => page.get(id)).filter(Boolean);
  if (picked.length) bulk.setAll(picked);
}

// --- keys ----------------------------------------------------------------------------------

// A step is taken of the order that has the focus: its row, or the panel.
const withOrder = (may, run) => ({ target }) => {
  const order = target.closest("#panel") ? panel.order : table.active;
  return order && may(order) ? void run(order) : false;
};
const walk = (by) => ({ key, target }) => (key.startsWith("Arrow") && !target.closest("#list") ? false : table.move(by));
const FOCUSED = "tr.order, #panel";

const keys = listenToKeys([
  { keys: ["j", "ArrowDown"], label: "orders.key_down", run: walk(1) },
  { keys: ["k", "ArrowUp"], label: "orders.key_up", run: walk(-1) },
  { keys: ["Enter"], label: "orders.key_open", within: "tr.order", run: (event) => (event.target.matches("tr") ? openOrder(table.active.id) : false) },
  { keys: ["x", " "], label: "orders.key_pick", within: "tr.order", run: (event) => (event.target.matches("tr")
    ? bulk.pick(table.active, !bulk.picked.has(table.active.id)) : false) },
  { keys: ["s"], label: "orders.key_step", within: FOCUSED, run: withOrder((order) => rights.nextOf(order), (order) => writes.step(order, rights.nextOf(order))) },
  { keys: ["c"], label: "orders.key_cancel", within: FOCUSED, run: withOrder((order) => rights.mayCancel(order), (order) => cancelDialog({ order, writes })) },
  { keys: ["a"], label: "orders.key_add", within: FOCUSED, run: withOrder((order) => rights.mayAdd(order), (order) => addLinesDialog({ order, client, formats, writes })) },
  { keys: ["p"], label: "orders.key_pay", within: FOCUSED, run: withOrder((order) => rights.mayPay(order), (order) => payDialog({ order, writes, formats })) },
  { keys: ["n"], label: "orders.key_new", run: () => (rights.write ? newOrder() : false) },
  { keys: ["/"], label: "orders.key_find", run: () => filters.focus() },
  { keys: ["m"], label: "orders.key_sound", run: () => bell.toggle() },
  { keys: ["Escape"], label: "orders.key_close", run: () => (panel.id ? closePanel() : false) },
]);

// --- start ---------------------------------------------------------------------------------

at("pager").append(pager.node);
at("pick-all").addEventListener("change", ({ target }) => bulk.setAll(target.checked ? shownOrders() : []));
at("tools").append(bell.button,
  el("button", { class: "button compact", type: "button", id: "keys", onclick: () => keys.help() }, icon("circle-help"), t("orders.keys")),
  ...(rights.write ? [el("button", { class: "button primary", type: "button", id: "new-order", onclick: newOrder }, icon("plus"), t("orders.newOrder"))] : []));

client.on("offline", () => bulk.draw());

followPanel(query.now.order);
client.subscribe(CHANNELS.map((name) => `${profile.venue.kind}_${name}`));
await page.refresh();
takeSelection();
client.connect();
setInterval(() => { table.tick(); alerts.tick(); if (panel.id) panel.draw(); if (metrics) metrics.tick(); }, TICK);

if (profile.venue.kind === "restaurant") {
  try {
    const { data } = await client.rest.get("/api/tables?limit=200");
    tables = data.items.map((one) => ({ value: one.id, label: `${one.tableNumber ?? one.number}${one.name ? ` \u00b7 ${one.name}` : ""}` }));
    filters.setTables(tables);
  } catch (error) {
    if (!error.signedOut) console.warn(explain(error)); // the list works without this filter
  }
}
