// The admin tables (seed 000): every table of the restaurant as a live tile, and the steps that an
// admin takes with it. Nothing is shown that was not committed: a tile changes when its update comes.

import { AdminClient } from "../lib/admin-client.js";
import { el, skeleton, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { loadStrings, t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startShell } from "../ui/shell.js";
import { toast } from "../ui/toast.js";
import { makeMoving } from "./moving.js";
import { makeTile, stateOf } from "./table-tile.js";

const FILTERS = [
  { name: "all", label: "admin.all", has: () => true },
  { name: "occupied", label: "admin.occupied", has: (state) => state === "occupied" },
  { name: "free", label: "admin.free", has: (state) => state === "free" || state === "reserved" },
  { name: "disabled", label: "admin.disabled", has: (state) => state === "disabled" },
];
const TICK = 30000;
const UNDO_FOR = 10000;

const grid = document.getElementById("tables");
const tiles = new Map(); // id -> tile
const client = new AdminClient();
let filter = FILTERS[0];
const moving = makeMoving({ grid, tiles: () => tiles.values(),
  move: (from, to) => take("move_table", { from: from.id, to: to.id }, t("admin.moved", { from: from.number, to: to.number })) });

// --- steps ---------------------------------------------------------------------------------

async function take(action, fields, said, undo = null) {
  try {
    await client.act(action, fields);
    toast(said, { tone: "good", ...(undo && { for: UNDO_FOR, action: undo }) });
  } catch (error) {
    toast(explain({ status: 400, code: error.code, message: error.message }), { tone: "bad" });
  }
}

const RUN = {
  close_table: (info) => take("close_table", { table_id: info.id }, t("admin.closed", info),
    { label: t("admin.undo"), run: () => RUN.restore_table(info) }),
  restore_table: (info) => take("restore_table", { table_id: info.id }, t("admin.restored", info)),
  disable_table: (info) => take("disable_table", { table_id: info.id }, t("admin.isDisabled", info)),
  enable_table: (info) => take("enable_table", { table_id: info.id }, t("admin.isEnabled", info)),
  move_table: (info, button) => moving.start(info, button),
};

async function run(step, info, button) {
  button.setAttribute("aria-disabled", "true");
  await RUN[step](info, button);
  button.removeAttribute("aria-disabled");
}

// --- drawing -------------------------------------------------------------------------------

// In the order of their numbers, wherever a new one comes in.
function place(tile) {
  const after = [...tiles.values()].filter((other) => other !== tile && other.info.number > tile.info.number)
    .sort((a, b) => a.info.number - b.info.number)[0];
  grid.insertBefore(tile.node, after?.node ?? null);
}

function showTable(info) {
  let tile = tiles.get(info.id);
  if (!tile) {
    tile = makeTile(info, run);
    tiles.set(info.id, tile);
    place(tile);
  }
  tile.show(info, Date.now());
  moving.changed(tile);
}

function dropTable(id) {
  tiles.get(id)?.node.remove();
  tiles.delete(id);
}

function showAll(list) {
  if (!tiles.size) grid.replaceChildren();
  const known = new Set(list.map(({ id }) => id));
  for (const id of [...tiles.keys()]) if (!known.has(id)) dropTable(id);
  for (const info of list) showTable(info);
  grid.removeAttribute("aria-busy");
  showCounts();
}

function showCounts() {
  const states = [...tiles.values()].map((tile) => stateOf(tile.info));
  for (const one of FILTERS) {
    document.getElementById(`count-${one.name}`).textContent = states.filter(one.has).length;
  }
  for (const tile of tiles.values()) tile.node.hidden = !filter.has(stateOf(tile.info));
  grid.querySelector(".state-message")?.parentNode.remove();
  if (tiles.size && !grid.querySelector(".table-tile:not([hidden])")) {
    grid.append(el("li", { class: "none" }, stateMessage(t("admin.noneInState"), null, icon("inbox"))));
  }
  if (!tiles.size) grid.append(el("li", { class: "none" }, stateMessage(t("admin.noTables"), null, icon("armchair"))));
}

function drawFilter() {
  for (const one of FILTERS) {
    const id = `filter-${one.name}`;
    const input = el("input", { type: "radio", name: "filter", id, value: one.name, checked: one === filter,
      onchange: () => { filter = one; showCounts(); } });
    document.getElementById("filter").append(input,
      el("label", { for: id }, `${t(one.label)} `, el("span", { class: "count", id: `count-${one.name}` }, "\u2013")));
  }
}

// --- start ---------------------------------------------------------------------------------

await loadStrings("admin");
drawFilter();
grid.append(...Array.from({ length: 8 }, () => el("li", { class: "card" }, skeleton(["1.5rem", "1rem", "2rem"]))));
client.setEventHandlers({
  tables: showAll,
  table: (info, { deleted }) => {
    if (deleted) dropTable(info.id);
    else showTable(info);
    showCounts();
  },
  error: ({ code, detail }) => toast(explain({ status: 400, code, message: detail }), { tone: "bad" }),
});

const { profile } = await startShell({ client, strings: ["admin"] });
if (["admin", "manager"].includes(profile.role)) {
  client.connect();
  setInterval(() => { for (const tile of tiles.values()) tile.tick(Date.now()); }, TICK);
} else {
  grid.replaceChildren(el("li", { class: "none" }, stateMessage(t("admin.notYours"), null, icon("lock"))));
}
