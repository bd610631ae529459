// One table as a tile: number, state in words and colour, how long its session has been open, and
// the steps that its state allows.
//
// makeTile(info, run) -> {node, show(info), tick(now)}; run(step, info, button) is the page's. Which
// steps there are, and when, is the table below.

import { el, flash } from "../ui/dom.js";

const STATES = {
  free: { label: "Free", tone: "good" },
  reserved: { label: "Reserved", tone: "warn" },
  occupied: { label: "Occupied", tone: "accent" },
  disabled: { label: "Disabled", tone: "bad" },
};

export const STEPS = [
  { name: "close_table", label: "Close", when: ["occupied"] },
  { name: "move_table", label: "Move", when: ["occupied"] },
  { name: "restore_table", label: "Restore", when: ["free", "reserved"] },
  { name: "disable_table", label: "Disable", when: ["free", "reserved"] },
  { name: "enable_table", label: "Enable", when: ["disabled"] },
];

export const stateOf = (info) => (info.status === "free" && info.reserved ? "reserved" : info.status);

// 125 minutes -> "2 h 5 min": how long ago a session's last activity was.
export function ageText(since, now) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60000));
  if (minutes < 1) return "active just now";
  const hours = Math.floor(minutes / 60);
  return `active ${hours ? `${hours} h ` : ""}${minutes % 60} min ago`;
}

export function makeTile(first, run) {
  let info = first;
  const badge = el("span", { class: "badge" });
  const age = el("p", { class: "muted small age" });
  const steps = el("div", { class: "steps" });
  const node = el("li", { class: "card table-tile", dataset: { table: info.id } },
    el("div", { class: "card-head" }, el("h2", {}, el("span", { class: "visually-hidden" }, "Table "), String(info.number)), badge),
    age, steps);

  function drawSteps(state) {
    const button = (step) => el("button", { class: "button compact", type: "button", dataset: { step: step.name },
      "aria-label": `${step.label} table ${info.number}`,
      onclick: (event) => run(step.name, info, event.currentTarget) }, step.label);
    steps.replaceChildren(...STEPS.filter((step) => step.when.includes(state)).map(button));
  }

  function tick(now) {
    age.textContent = info.session ? ageText(info.session.last_active, now) : "no guests";
  }

  function show(next, now) {
    const before = node.dataset.state;
    info = next;
    const state = stateOf(info);
    tick(now);
    if (before === state) return;
    const focused = node.contains(document.activeElement);
    node.dataset.state = state;
    node.draggable = state === "occupied";
    badge.textContent = STATES[state].label;
    badge.dataset.tone = STATES[state].tone;
    drawSteps(state);
    if (focused) steps.querySelector("button")?.focus();
    if (before) flash(node);
  }

  return { node, show, tick, get info() { return info; } };
}
