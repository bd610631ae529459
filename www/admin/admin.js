// The admin tables (seed 000): every table of the restaurant as a live tile, and the steps that an
// admin takes with it. Nothing is shown that was not committed: a tile changes when its update comes.

import { AdminClient } from "../lib/admin-client.js";
import { el, skeleton, stateMessage } from "../ui/dom.js";
import { startShell } from "../ui/shell.js";
import { toast } from "../ui/toast.js";
import { makeMoving } from "./moving.js";
import { makeTile, stateOf } from "./table-tile.js";

const FILTERS = [
  { name: "all", label: "All", has: () => true },
  { name: "occupied", label: "Occupied", has: (state) => state === "occupied" },
  { name: "free", label: "Free", has: (state) => state === "free" || state === "reserved" },
  { name: "disabled", label: "Disabled", has: (state) => state === "disabled" },
];
const TICK = 30000;
const UNDO_FOR = 10000;

const grid = document.getElementById("tables");
const tiles = new Map(); // id -> tile
const client = new AdminClient();
let filter = FILTERS[0];
const moving = makeMoving({ grid, tiles: () => tiles.values(),
  move: (from, to) => take("move_table", { from: from.id, to: to.id }, `Table ${from.number} was moved to table ${to.number}.`) });

// --- steps ---------------------------------------------------------------------------------

async function take(action, fields, said, undo = null) {
  try {
    await client.act(action, fields);
    toast(said, { tone: "good", ...(undo && { for: UNDO_FOR, action: undo }) });
  } catch (error) {
    toast(error.message, { tone: "bad" });
  }
}

const RUN = {
  close_table: (info) => take("close_table", { table_id: info.id }, `Table ${info.number} was closed.`,
    { label: "Undo", run: () => RUN.restore_table(info) }),
  restore_table: (info) => take("restore_table", { table_id: info.id }, `The last session of table ${info.number} is open again.`),
  disable_table: (info) => take("disable_table", { table_id: info.id }, `Table ${info.number} is disabled.`),
  enable_table: (info) => take("enable_table", { table_id: info.id }, `Table ${info.number} is free again.`),
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
    grid.append(el("li", { class: "none" }, stateMessage("No table is in this state.")));
  }
  if (!tiles.size) grid.append(el("li", { class: "none" }, stateMessage("This venue has no tables yet.")));
}

function drawFilter() {
  for (const one of FILTERS) {
    const id = `filter-${one.name}`;
    const input = el("input", { type: "radio", name: "filter", id, value: one.name, checked: one === filter,
      onchange: () => { filter = one; showCounts(); } });
    document.getElementById("filter").append(input,
      el("label", { for: id }, `${one.label} `, el("span", { class: "count", id: `count-${one.name}` }, "\u2013")));
  }
}

// --- start ---------------------------------------------------------------------------------

drawFilter();
grid.append(...Array.from({ length: 8 }, () => el("li", { class: "card" }, skeleton(["1.5rem", "1rem", "2rem"]))));
client.setEventHandlers({
  tables: showAll,
  table: (info, { deleted }) => {
    if (deleted) dropTable(info.id);
    else showTable(info);
    showCounts();
  },
  error: ({ detail }) => toast(detail, { tone: "bad" }),
});

const { profile } = await startShell({ client });
if (["admin", "manager"].includes(profile.role)) {
  client.connect();
  setInterval(() => { for (const tile of tiles.values()) tile.tick(Date.now()); }, TICK);
} else {
  grid.replaceChildren(el("li", { class: "none" }, stateMessage("Your role may not administer tables. Ask an admin or a manager.")));
}
