// The floor plan: every table of one floor as a button where it stands, in the colour of its status.
//
// makePlan({root, press}) -> {show(tables, {drafts, waits, selected}), tick(), leave(id), nodeOf(id), scale()}. A node
// stays its table's as long as that is there; a new one fades in, one that goes fades out.

import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { arrange, chairs } from "./geometry.js";
import { ageText, guestsOf, spoken, statusWord } from "./words.js";

const SIGNS = { available: "", reserved: "\u25c6", occupied: "\u25cf", maintenance: "\u2715" };

export function makePlan({ root, press }) {
  const nodes = new Map(); // id -> {node, parts, table, drawn}
  let size = { width: 1, height: 1 };
  let first = true;

  function make(table) {
    const parts = { seats: el("span", { class: "chairs", "aria-hidden": "true" }), label: el("b", { class: "plan-label" }),
      line: el("span", { class: "plan-line" }), more: el("span", { class: "plan-more" }) };
    const top = el("span", { class: "plan-top" }, parts.label, parts.line, parts.more);
    const node = el("button", { class: "plan-table", type: "button", dataset: { table: table.id },
      onclick: () => press(nodes.get(table.id).table, node) }, parts.seats, top);
    if (!first) node.classList.add("arrives");
    root.append(node);
    return { node, parts, table, drawn: "" };
  }

  function draw(entry, place, { waits, selected }) {
    const { node, parts, table } = entry;
    for (const [name, value, whole] of [["left", place.x, size.width], ["top", place.y, size.height], ["width", place.width, size.width], ["height", place.height, size.height]]) {
      node.style[name] = `${(100 * value) / whole}%`;
    }
    node.style.rotate = `${place.rotation}deg`;
    Object.assign(node.dataset, { status: table.status, shape: place.shape, waits: waits ? "yes" : "", selected: selected ? "yes" : "" });
    parts.label.textContent = table.tableNumber;
    parts.line.textContent = table.session ? `${guestsOf(table)}/${table.capacity}` : `${SIGNS[table.status]} ${table.capacity}`.trim();
    const key = `${table.capacity} ${place.shape} ${place.width > place.height}`;
    if (entry.drawn !== key) {
      entry.drawn = key;
      parts.seats.replaceChildren(...chairs(table.capacity, place).map(({ x, y }) => {
        const chair = el("span", { class: "chair" });
        chair.style.left = `${x}%`;
        chair.style.top = `${y}%`;
        return chair;
      }));
    }
    [...parts.seats.children].forEach((chair, i) => chair.classList.toggle("taken", i < guestsOf(table)));
    node.title = [table.name, statusWord(table.status), table.notes].filter(Boolean).join(" \u00b7 ");
    say(entry, waits);
  }

  function say({ node, parts, table }, waits = node.dataset.waits === "yes") {
    parts.more.textContent = waits ? t("floor.waits") : table.session ? ageText(table.session.started_at) : "";
    const words = waits ? `${spoken(table)}, ${t("floor.waits")}` : spoken(table);
    if (node.getAttribute("aria-label") !== words) node.setAttribute("aria-label", words);
  }

  function leave(id) {
    const entry = nodes.get(id);
    if (!entry) return;
    nodes.delete(id);
    const { node } = entry;
    node.disabled = true;
    node.classList.add("leaves");
    node.addEventListener("animationend", () => node.remove(), { once: true });
    if (!node.getAnimations().length) node.remove();
  }

  function show(tables, { drafts = new Map(), waits = () => false, selected = null } = {}) {
    const plan = arrange(tables, drafts);
    size = plan;
    root.style.aspectRatio = `${plan.width} / ${plan.height}`;
    root.style.setProperty("--ratio", plan.width / plan.height);
    root.style.setProperty("--unit", `${100 / plan.width}cqw`);
    const there = new Set(tables.map(({ id }) => id));
    for (const id of [...nodes.keys()]) if (!there.has(id)) leave(id);
    for (const table of [...tables].sort((a, b) => a.number - b.number)) {
      if (!nodes.has(table.id)) nodes.set(table.id, make(table));
      const entry = nodes.get(table.id);
      entry.table = table;
      draw(entry, plan.places.get(table.id), { waits: waits(table.id), selected: selected === table.id });
    }
    first = false;
    root.removeAttribute("aria-busy");
  }

  return {
    show,
    // Another floor: nothing fades, all is new.
    clear() {
      for (const { node } of nodes.values()) node.remove();
      nodes.clear();
      first = true;
    },
    tick: () => { for (const entry of nodes.values()) say(entry); },
    nodeOf: (id) => nodes.get(id)?.node,
    placeOf: (id, tables, drafts) => arrange(tables, drafts).places.get(id),
    scale: () => root.getBoundingClientRect().width / size.width, // pixels a unit
  };
}
