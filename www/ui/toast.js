// Short messages in the corner: said once, politely, to screen readers, and gone after a while.
//
// toast(text, {tone, for, action: {label, run}}) from anywhere; owns one list at the end of the body.

import { el } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 4;
let list = null;

function toastList() {
  list ??= document.body.appendChild(el("div", { class: "toasts", role: "status", "aria-live": "polite" }));
  return list;
}

export function toast(text, { tone = "", for: duration = 6000, action = null } = {}) {
  const remove = () => item.remove();
  const run = () => { remove(); action.run(); };
  const item = el("div", { class: "toast", dataset: { tone } }, el("span", { class: "toast-text" }, text),
    action && el("button", { class: "button compact", type: "button", onclick: run }, action.label),
    el("button", { class: "icon-button", type: "button", "aria-label": t("common.dismiss"), onclick: remove }, "\u00d7"));
  toastList().append(item);
  setTimeout(remove, duration);
  while (list.children.length > MOST) list.firstElementChild.remove();
}
