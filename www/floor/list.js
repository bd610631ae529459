// The tables as a list: filters and search, columns to sort by, rows to select for bulk actions.
//
// makeList({table, filters, state, changed, selected, press, formats, may}) -> {show(tables, floors, {waits}), tick()}. Rows keep
// their nodes, so that focus and selection stay while updates stream.

import { el, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { t } from "../ui/i18n.js";
import { keepingFocus, place } from "../ui/keyed.js";
import { sortableHead } from "../ui/sortable.js";
import { rowsOf } from "./rows.js";
import { STATUSES, TONES, ageText, guestsOf, statusWord } from "./words.js";

const COLUMNS = [
  { key: "tableNumber", label: () => t("floor.label") },
  { key: "name", label: () => t("floor.name") },
  { key: "floor", label: () => t("floor.floor") },
  { key: "section", label: () => t("floor.section") },
  { key: "capacity", label: () => t("floor.capacity"), number: true },
  { key: "status", label: () => t("floor.status") },
  { key: "guests", label: () => t("floor.guests"), number: true },
  { key: "since", label: () => t("floor.since") },
  { key: "updatedAt", label: () => t("floor.changed") },
];

export function makeList({ table: root, filters, state, changed, selected, press, formats, may }) {
  const rows = new Map(); // id -> {row, cells, box, table}
  const body = el("tbody");
  const none = el("tr", { class: "none" }, el("td", { colspan: COLUMNS.length + 1 }, t("floor.noneMatches")));
  const all = el("input", { class: "checkbox", type: "checkbox", "aria-label": t("floor.selectAll"), onchange: () => selectAll() });
  let shown = [];

  const head = sortableHead(COLUMNS.map((column) => ({ ...column, label: column.label() })), { onSort(key, descending) {
    Object.assign(state, { sort: key, order: descending ? "desc" : "asc" });
    changed();
  } });
  if (may.admin) head.node.prepend(el("th", { class: "tick", scope: "col" }, all));
  root.append(el("caption", { class: "visually-hidden" }, t("floor.title")), el("thead", {}, head.node), body);

  // --- filters ------------------------------------------------------------------------------

  function choice(name, label) {
    const select = el("select", { class: "input", name, "aria-label": label, onchange: ({ target }) => { state[name] = target.value; changed(); } });
    return { select, label, fill(options) {
      const wanted = [{ value: "", label }, ...options];
      const key = JSON.stringify(wanted);
      if (select.dataset.options !== key) {
        select.dataset.options = key;
        select.replaceChildren(...wanted.map((one) => el("option", { value: one.value }, one.label)));
      }
      select.value = state[name];
    } };
  }

  const search = el("input", { class: "input", type: "search", name: "search", value: state.search, placeholder: t("floor.search"), "aria-label": t("floor.search"),
    oninput: ({ target }) => { state.search = target.value.trim(); changed(); } });
  const status = choice("status", t("floor.anyStatus"));
  const floor = choice("floor", t("floor.anyFloor"));
  const section = choice("section", t("floor.anySection"));
  const count = el("span", { class: "muted small", id: "shown" });
  filters.append(el("div", { class: "search" }, icon("search"), search), status.select, floor.select, section.select, count);
  filters.addEventListener("submit", (event) => event.preventDefault());

  // --- rows ---------------------------------------------------------------------------------

  function select(id, wanted) {
    if (wanted) selected.add(id);
    else selected.delete(id);
    changed();
  }

  function selectAll() {
    for (const { id } of shown) if (all.checked) selected.add(id); else selected.delete(id);
    changed();
  }

  function make(table) {
    const box = el("input", { class: "checkbox", type: "checkbox", "aria-label": t("floor.select", { label: table.tableNumber }), onchange: () => select(table.id, box.checked) });
    const label = el("button", { class: "link", type: "button", onclick: () => press(rows.get(table.id).table) });
    const badge = el("span", { class: "badge" });
    const cells = Object.fromEntries(COLUMNS.map(({ key, number }) => [key, el("td", { class: number ? "number" : "", dataset: { field: key } })]));
    cells.status.append(badge);
    const first = el("th", { scope: "row", dataset: { field: "tableNumber" } }, label);
    const row = el("tr", { dataset: { table: table.id } }, may.admin && el("td", { class: "tick" }, box), first, Object.entries(cells).filter(([name]) => name !== "tableNumber").map(([, cell]) => cell));
    return { row, cells, label, badge, box, table };
  }


  function draw(entry, floors, waits) {
    const { row, cells, label, badge, box, table } = entry;
    setText(label, table.tableNumber);
    setText(cells.name, table.name ?? "");
    setText(cells.floor, floors.find(({ number }) => number === table.floor)?.name ?? String(table.floor));
    setText(cells.section, table.section ?? "");
    setText(cells.capacity, formats.number(table.capacity));
    setText(badge, waits ? `${statusWord(table.status)} \u00b7 ${t("floor.waits")}` : statusWord(table.status));
    Object.assign(badge.dataset, { tone: TONES[table.status], status: table.status });
    setText(cells.guests, table.session ? formats.number(guestsOf(table)) : "");
    setText(cells.updatedAt, t("floor.changedBy", { name: table.updatedBy, time: formats.time(table.updatedAt) }));
    box.checked = selected.has(table.id);
    row.toggleAttribute("data-selected", box.checked);
    tickOne(entry);
  }

  function tickOne({ cells, table }) {
    setText(cells.since, table.session ? ageText(table.session.started_at) : "");
  }

  function show(tables, floors, { waits }) {
    shown = rowsOf(tables, state);
    status.fill(STATUSES.map((value) => ({ value, label: statusWord(value) })));
    floor.fill(floors.map(({ number, name }) => ({ value: String(number), label: name })));
    section.fill([...new Set(tables.map((one) => one.section).filter(Boolean))].sort().map((value) => ({ value, label: value })));
    head.show(state.sort, state.order === "desc");
    const there = new Set(tables.map(({ id }) => id));
    for (const id of [...rows.keys()]) if (!there.has(id)) { rows.get(id).row.remove(); rows.delete(id); selected.delete(id); }
    for (const table of shown) {
      if (!rows.has(table.id)) rows.set(table.id, make(table));
      const entry = rows.get(table.id);
      entry.table = table;
      draw(entry, floors, waits(table.id));
    }
    keepingFocus(() => place(body, shown.length ? shown.map(({ id }) => rows.get(id).row) : [none]));
    setText(count, t("floor.shown", { n: shown.length, of: tables.length }));
    const chosen = shown.filter(({ id }) => selected.has(id)).length;
    all.checked = chosen > 0 && chosen === shown.length;
    all.indeterminate = chosen > 0 && chosen < shown.length;
  }

  return { show, tick: () => rows.forEach(tickOne), get shown() { return shown; } };
}
