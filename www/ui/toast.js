// Short messages in the corner: said once, politely, to screen readers, and gone after a while.
//
// toast(text, {tone, for, action: {label, run}}) from anywhere; tone is good, warn, bad, info or none. Owns one list
// at the end of the body. One that the pointer or the focus is on stays until it leaves.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

const MOST = 4;
const ICONS = { good: "circle-check", warn: "triangle-alert", bad: "circle-alert", info: "info" };
let list = null;

function toastList() {
  list ??= document.body.appendChild(el("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  return list;
}

export function toast(text, { tone = "", for: duration = 6000, action = null } = {}) {
  const remove = () => item.remove();
  const run = () => { remove(); action.run(); };
  const item = el("div", { class: "toast", dataset: { tone } }, icon(ICONS[tone] ?? "bell"), el("span", { class: "toast-text" }, text),
    action && el("button", { class: "button compact", type: "button", onclick: run }, action.label),
    el("button", { class: "icon-button", type: "button", "aria-label": t("common.dismiss"), onclick: remove }, icon("x")));
  toastList().append(item);
  const leave = () => { if (item.matches(":hover, :focus-within")) setTimeout(leave, duration); else remove(); };
  setTimeout(leave, duration);
  while (list.children.length > MOST) list.firstElementChild.remove();
}
