// The waiter's panel, made for a phone in one hand: tasks that want somebody, and the tables where guests sit.
//
// Puts the parts together: the house (what is known, live), tasks, tables, the panel of one table; the signal for
// what is new. Nothing is pulled: everything comes over the channels.

import { makeChime } from "../ui/chime.js";
import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { check } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { startShell } from "../ui/shell.js";
import { makeTabs } from "../ui/tabs.js";
import { toast } from "../ui/toast.js";
import { makeHouse } from "./house.js";
import { makeSteps } from "./steps.js";
import { makeTablePanel } from "./table-panel.js";
import { makeTables } from "./tables.js";
import { makeTasks } from "./tasks.js";

const TICK = 10000;
const AGAIN = 10000;
const BUZZ = [120, 60, 120];

const { client, profile, formats } = await startShell({ strings: ["waiter", "menu"], kind: "restaurant" });
const house = makeHouse({ client, profile });
const steps = makeSteps({ client, house });
const chime = makeChime("maitred.waiter.signal");
const panel = makeTablePanel({ client, house, steps, formats });
const tasks = makeTasks({ house, steps, formats, openTable: panel.open });
const tables = makeTables({ house, formats, openTable: panel.open });
const VIEWS = ["tasks", "tables"];
const wanted = new URLSearchParams(location.search).get("view");
const tabs = makeTabs({ label: t("waiter.views"), chosen: VIEWS.includes(wanted) ? wanted : VIEWS[0],
  onChange: (view) => history.replaceState(null, "", view === VIEWS[0] ? location.pathname : `?view=${view}`), tabs: [
  { name: "tasks", label: t("waiter.tasks"), icon: "bell", panel: document.getElementById("tasks") },
  { name: "tables", label: t("waiter.tables"), icon: "utensils", panel: document.getElementById("tables") },
] });
const counter = el("data", { class: "badge count", value: "", dataset: { figure: "waiter.tasks", tone: "bad" }, hidden: true });
let told = null; // tasks that were shown, so that a new one is told once

function draw() {
  if (!house.loaded) return;
  const count = tasks.show();
  tables.show();
  panel.show();
  counter.hidden = count === 0;
  counter.value = count;
  counter.textContent = formats.number(count);
  tellNew();
}

function tellNew() {
  const todo = house.todo();
  const fresh = told ? todo.filter(({ id }) => !told.has(id)) : [];
  told = new Set([...told ?? [], ...todo.map(({ id }) => id)]);
  if (!fresh.length) return;
  chime.ring();
  if (chime.on) navigator.vibrate?.(BUZZ);
  document.getElementById("said").textContent = t("waiter.newTasks", { n: fresh.length });
}

async function load() {
  try {
    await house.load();
  } catch (error) {
    toast(explain(error), { tone: "bad" });
    setTimeout(() => { if (!house.loaded) load(); }, AGAIN);
  }
  draw();
}

tabs.node.querySelector('[data-tab="tasks"]').append(counter);
document.getElementById("views").append(tabs.node);
document.getElementById("signal").append(check({ name: "signal", label: t("waiter.signal"), kind: "switch", checked: chime.on,
  onchange: (event) => chime.set(event.target.checked) }));
house.onChange(draw);
client.subscribe(["restaurant_notifications", "restaurant_tables", "restaurant_orders", "restaurant_menu"]);
client.connect();
await load();
setInterval(draw, TICK);
