// One table as a tile: number, state in words and colour, how long its session has been open, and
// the steps that its state allows.
//
// makeTile(info, run) -> {node, show(info), tick(now)}; run(step, info, button) is the page's. Which
// steps there are, and when, is the table below.

import { el, flash } from "../ui/dom.js";
import { spanText } from "../ui/format.js";
import { locale, t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";

const TONES = { free: "good", reserved: "warn", occupied: "accent", disabled: "bad" };

export const STEPS = [
  { name: "close_table", icon: "check", when: ["occupied"] },
  { name: "move_table", icon: "move", when: ["occupied"] },
  { name: "restore_table", icon: "undo-2", when: ["free", "reserved"] },
  { name: "disable_table", icon: "ban", when: ["free", "reserved"] },
  { name: "enable_table", icon: "circle-check", when: ["disabled"] },
];

export const stateOf = (info) => (info.status === "free" && info.reserved ? "reserved" : info.status);

// How long ago a session's last activity was.
export function ageText(since, now) {
  const age = now - Date.parse(since);
  return age < 60000 ? t("admin.activeNow") : t("admin.activeFor", { span: spanText(age, locale()) });
}

export function makeTile(first, run) {
  let info = first;
  const badge = el("span", { class: "badge" });
  const age = el("p", { class: "muted small age" }, icon("clock"), el("span"));
  const steps = el("div", { class: "steps" });
  const node = el("li", { class: "card table-tile", dataset: { table: info.id } },
    el("div", { class: "card-head" }, el("h2", {}, el("span", { class: "visually-hidden" }, `${t("admin.tableWord")} `), String(info.number)), badge),
    age, steps);

  function drawSteps(state) {
    const button = (step) => el("button", { class: "button compact", type: "button", dataset: { step: step.name },
      "aria-label": t(`admin.${step.name}Of`, info),
      onclick: (event) => run(step.name, info, event.currentTarget) }, icon(step.icon), t(`admin.${step.name}`));
    steps.replaceChildren(...STEPS.filter((step) => step.when.includes(state)).map(button));
  }

  function tick(now) {
    age.lastElementChild.textContent = info.session ? ageText(info.session.last_active, now) : t("admin.noGuests");
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
    badge.textContent = t(`admin.state_${state}`);
    badge.dataset.tone = TONES[state];
    drawSteps(state);
    if (focused) steps.querySelector("button")?.focus();
    if (before) flash(node);
  }

  return { node, show, tick, get info() { return info; } };
}
