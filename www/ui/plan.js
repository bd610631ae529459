// A plan of time: rows of rooms against days, of tables against hours, and what stands there as bars.
//
//   const plan = makePlan({ corner, writes, open(id), press(row, fraction), mayDrop(id, row), drop(id, row) });
//   plan.draw({ columns: [nodes], rows: [{ key, kind, label, dot, out, item, bars: [bar] }], now });
//
// A bar is {id, from, to, text, label, title, state, flags: {before, after, dim, open}}; from, to and now are parts of the
// whole width (0..1). Rows and bars are kept by their keys. Arrow keys go from bar to bar; a bar is dragged to a row
// that may take it. Owns its nodes, knows nothing of what they mean. Styles: plan.css.

import { el, setText } from "./dom.js";
import { keepingFocus, place } from "./keyed.js";
import { makeOnce } from "./once.js";

const ARROWS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const percent = (part) => `${part * 100}%`;

export function makePlan({ corner, writes, open, press, mayDrop, drop }) {
  const bars = new Map(); // id -> node
  const rows = new Map(); // key -> {node, name, track, once, item}
  const days = el("div", { class: "plan-days" });
  const body = el("div", { class: "plan-body" });
  const now = el("div", { class: "plan-now", hidden: true });
  const node = el("div", { class: "plan card" }, el("div", { class: "plan-row plan-head" },
    el("div", { class: "plan-name muted small" }, corner), days), body);
  let dragged = null;
  let scrolled = false;

  function barNode(id) {
    return el("button", { class: "plan-bar", type: "button", dataset: { bar: id }, draggable: writes ? "true" : null, onclick: () => open(id) });
  }

  function showBar({ id, from, to, text, label, title, state, flags = {} }) {
    if (!bars.has(id)) bars.set(id, barNode(id));
    const bar = bars.get(id);
    bar.style.insetInlineStart = percent(from);
    bar.style.width = percent(to - from);
    bar.dataset.state = state;
    for (const name of ["before", "after", "dim", "open"]) bar.toggleAttribute(`data-${name}`, Boolean(flags[name]));
    setText(bar, text);
    bar.setAttribute("aria-label", label);
    bar.title = title ?? label;
    return bar;
  }

  function rowNode(key, kind) {
    const name = el("div", { class: "plan-name" });
    const track = el("div", { class: "plan-track", onclick: (event) => pressed(event, key) });
    return { name, track, once: makeOnce(), node: el("div", { class: "plan-row", dataset: { row: key, kind } }, name, track) };
  }

  function showRow({ key, kind, label, note = "", dot = "", out = false, item = null, bars: own }) {
    if (!rows.has(key)) rows.set(key, rowNode(key, kind));
    const row = rows.get(key);
    row.item = item;
    row.track.toggleAttribute("data-out", out);
    row.once("name", [label, note, dot], () => row.name.replaceChildren(el(kind === "group" ? "h2" : "strong", {}, label),
      note && el("span", { class: "muted small" }, note), dot && el("span", { class: "dot", dataset: { state: dot } })));
    place(row.track, own.map(showBar));
    return row.node;
  }

  function draw({ columns, rows: wanted, now: at = null }) {
    node.style.setProperty("--days", columns.length);
    place(days, columns);
    keepingFocus(() => place(body, wanted.map(showRow)));
    now.hidden = at === null;
    if (at !== null) now.style.setProperty("--at", at);
    body.append(now);
    for (const [id, bar] of bars) if (!bar.isConnected) bars.delete(id);
    for (const [key, row] of rows) if (!row.node.isConnected) rows.delete(key);
    if (at !== null && !scrolled) toNow(at);
  }

  // A narrow screen begins a little before now.
  function toNow(at) {
    scrolled = true;
    node.scrollLeft = at * days.scrollWidth - node.clientWidth / 3;
  }

  // --- pressing, dragging, keys -------------------------------------------------------------------

  function pressed(event, key) {
    const { track, item } = rows.get(key);
    if (event.target !== track || !item) return;
    const { left, width } = track.getBoundingClientRect();
    press(item, Math.max(0, Math.min(0.999, (event.clientX - left) / width)));
  }

  const rowAt = (event) => rows.get(event.target.closest?.("[data-row]")?.dataset.row);
  const over = (row) => { for (const one of rows.values()) one.node.toggleAttribute("data-over", one === row); };

  body.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-bar]")?.dataset.bar ?? null;
    event.dataTransfer.setData("text/plain", dragged ?? "");
    event.dataTransfer.effectAllowed = "move";
  });
  body.addEventListener("dragover", (event) => {
    const row = dragged !== null && rowAt(event);
    const right = row?.item && mayDrop(dragged, row.item) ? row : null;
    over(right);
    if (right) event.preventDefault();
  });
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    const row = rowAt(event);
    if (dragged !== null && row?.item && mayDrop(dragged, row.item)) drop(dragged, row.item);
  });
  body.addEventListener("dragend", () => { dragged = null; over(null); });
  body.addEventListener("keydown", (event) => {
    if (!(event.key in ARROWS) || !event.target.matches(".plan-bar")) return;
    event.preventDefault();
    const all = [...body.querySelectorAll(".plan-bar")];
    all[all.indexOf(event.target) + ARROWS[event.key]]?.focus();
  });

  return { node, draw };
}
