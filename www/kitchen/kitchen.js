// The kitchen display: what is to be cooked, oldest first, live; made for a screen on the wall and a bump bar.
//
// Puts the parts together: the board of tickets, the counts of all dishes, what was bumped last, what is out. Keys:
// 1 to 9 take the step of the ticket with that number, the arrows walk, Enter presses. Owns the live list.

import { LiveList } from "../lib/live-list.js";
import { makeChime } from "../ui/chime.js";
import { el, figure, setFigure } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startShell } from "../ui/shell.js";
import { toast } from "../ui/toast.js";
import { makeAllDay } from "./all-day.js";
import { makeBoard } from "./board.js";
import { openRecall } from "./recall.js";
import { Settings, openSettings } from "./settings.js";
import { openSoldOut } from "./sold-out.js";
import { COOKED, OPEN, makeSteps } from "./steps.js";
import { ageText } from "./ticket.js";

const ORDERS = "/api/v1/orders?status=pending,confirmed,preparing,ready&limit=200";
const TICK = 5000;
const READY_AGAIN = 10000;

const shell = await startShell({ strings: ["kitchen"], chrome: "bare" });
const { client, profile, formats } = shell;
const hear = ({ order }) => order;
const list = new LiveList({ client, path: ORDERS, hears: { order_created: hear, order_status_changed: hear, order_update: hear } });
const settings = new Settings();
const chime = makeChime("maitred.kitchen.sound");
const steps = makeSteps({ client, list, role: profile.role, toast });
const recalled = new Set();
const known = new Set(); // orders that were shown or heard of, so that a new one is told once

const board = makeBoard({ root: document.getElementById("board"), steps, settings,
  putBack: (id) => { recalled.delete(id); draw(); } });
const allDay = makeAllDay(document.getElementById("all-day"), formats);
const counts = Object.fromEntries(["open", "waiting", "age"].map((name) => [name, figure(`kitchen.${name}`, "", "\u2013")]));

// --- drawing -------------------------------------------------------------------------------

function draw() {
  const orders = list.values().filter((order) => OPEN.includes(order.order_status) || recalled.has(order.id));
  const open = orders.filter((order) => COOKED.includes(order.order_status));
  board.show(orders, recalled);
  allDay.show(open);
  showCounts(orders, open);
}

function showCounts(orders, open) {
  const waiting = orders.filter((order) => order.order_status === "pending").length;
  const ages = open.map((order) => Date.now() - Date.parse(order.created_at));
  const age = ages.length ? Math.max(0, Math.floor(ages.reduce((sum, one) => sum + one, 0) / ages.length / 60000)) : null;
  setFigure(counts.open, open.length, formats.number(open.length));
  setFigure(counts.waiting, waiting, formats.number(waiting));
  setFigure(counts.age, age, age === null ? "\u2013" : ageText(age));
}

function drawHead() {
  const words = { open: t("kitchen.open"), waiting: t("kitchen.waiting"), age: t("kitchen.averageAge") };
  document.getElementById("figures").append(...Object.entries(counts).map(([name, node]) =>
    el("div", {}, el("dt", {}, words[name]), el("dd", {}, node))));
  const tool = (id, sign, words, key, run) => el("button", { class: "button", type: "button", id, onclick: run,
    "aria-keyshortcuts": key }, icon(sign), words);
  document.getElementById("tools").append(
    tool("recall", "history", t("kitchen.recall"), "r", showRecall),
    tool("sold-out", "ban", t("kitchen.soldOut"), "x", () => openSoldOut({ client })),
    tool("settings", "settings", t("kitchen.settings"), "s", () => openSettings({ settings, chime, onChange: draw })));
  const keys = [["1\u20139", t("kitchen.keyStep")], ["\u2190 \u2192", t("kitchen.keyWalk")], ["Enter", t("kitchen.keyPress")],
    ["r", t("kitchen.recall")], ["x", t("kitchen.soldOut")], ["s", t("kitchen.settings")]];
  document.getElementById("keys").append(...keys.map(([key, what]) => el("span", {}, el("kbd", {}, key), ` ${what}`)));
}

// --- what is new ----------------------------------------------------------------------------

function tellNew({ reset, changed }) {
  const ids = reset ? list.values().map(({ id }) => id) : changed;
  const first = known.size === 0 && reset;
  const fresh = ids.filter((id) => !known.has(id) && OPEN.includes(list.get(id)?.order_status));
  for (const id of ids) known.add(id);
  if (first || !fresh.length) return;
  chime.ring();
  board.markNew(fresh);
  document.getElementById("said").textContent = t("kitchen.newTickets", { n: fresh.length });
}

// --- keys -----------------------------------------------------------------------------------

function showRecall() {
  openRecall({ client, list, formats, showAgain: (order) => {
    if (!list.get(order.id)) list.put(order); // what the list has may still be a wish
    recalled.add(order.id);
    draw();
    board.focus(order.id);
  } });
}

const KEYS = {
  ArrowRight: () => board.walk(1),
  ArrowDown: () => board.walkLines(1),
  ArrowLeft: () => board.walk(-1),
  ArrowUp: () => board.walkLines(-1),
  r: () => document.getElementById("recall").click(),
  x: () => document.getElementById("sold-out").click(),
  s: () => document.getElementById("settings").click(),
};

function keyPressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !event.key.startsWith("Arrow")) return;
  if (document.querySelector("dialog[open], [popover]:popover-open") || event.target.matches("input, select, textarea")) return;
  const run = /^[1-9]$/.test(event.key) ? () => board.press(Number(event.key)) : KEYS[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

// --- start ----------------------------------------------------------------------------------

async function load() {
  try {
    await list.load();
  } catch (error) {
    toast(explain(error), { tone: "bad" });
    setTimeout(() => { if (!list.loaded) load(); }, READY_AGAIN);
  }
}

drawHead();
document.addEventListener("keydown", keyPressed);
list.onChange((change) => {
  for (const id of recalled) if (!list.get(id)) recalled.delete(id);
  draw();
  tellNew(change);
});
if (["kitchen", "admin", "manager"].includes(profile.role)) {
  client.subscribe(["restaurant_orders", "restaurant_menu"]);
  client.connect();
  await load();
  setInterval(draw, TICK);
} else {
  board.refuse(t("kitchen.notYours"));
}
