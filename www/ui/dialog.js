// Dialogs: the browser's own <dialog>, which keeps the focus inside and gives it back where it was.
//
//   const answer = await openDialog({ title, content, actions }).closed;      // an action's value, or null
//   if (await confirmDialog({ title, text, yes, tone: "bad" })) ...
//
// An action is {label, value, tone, run}: run(dialog) may be async and keeps the dialog open by returning false.
// Escape and a press outside answer null. `keep` asks for neither: something would be lost.

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

let count = 0;

export function openDialog({ title, content = null, actions = [], keep = false, wide = false, onClose = () => {} }) {
  count += 1;
  const heading = el("h2", { id: `dialog-title-${count}` }, title);
  const notices = el("div", { class: "notices" });
  const form = el("form", { method: "dialog", class: "dialog-form", novalidate: true },
    el("header", { class: "dialog-head" }, heading,
      el("button", { class: "icon-button", type: "button", "aria-label": t("common.close"), onclick: () => close(null) }, icon("x"))),
    notices, el("div", { class: "dialog-body" }, content));
  const node = el("dialog", { class: `dialog${wide ? " wide" : ""}`, "aria-labelledby": heading.id }, form);
  let answer = null;
  let done;
  const closed = new Promise((resolve) => { done = resolve; });
  const dialog = { node, form, notices, closed, close };

  function close(value) {
    answer = value;
    node.close();
  }

  async function take(action) {
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    try {
      if ((await action.run?.(dialog)) !== false) close(action.value ?? true);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  const buttons = actions.map((action, i) => el("button", { class: `button${action.tone ? ` ${action.tone}` : ""}`,
    type: i === actions.length - 1 ? "submit" : "button", dataset: { action: action.value ?? "ok" },
    onclick: (event) => { event.preventDefault(); take(action); } }, action.label));
  if (buttons.length) form.append(el("footer", { class: "dialog-actions" }, buttons));
  form.addEventListener("submit", (event) => { event.preventDefault(); if (actions.length) take(actions.at(-1)); });
  node.addEventListener("cancel", (event) => { if (keep) event.preventDefault(); });
  node.addEventListener("click", (event) => { if (event.target === node && !keep) close(null); });
  node.addEventListener("close", () => {
    node.remove();
    onClose(answer);
    done(answer);
  });
  document.body.append(node);
  node.showModal();
  (form.querySelector(".dialog-body :is(input, select, textarea)") ?? buttons.at(-1))?.focus();
  return dialog;
}

export async function confirmDialog({ title, text, yes, tone = "primary" }) {
  const dialog = openDialog({ title, content: el("p", {}, text), actions: [
    { label: t("common.cancel"), value: "no" },
    { label: yes, value: "yes", tone },
  ] });
  return (await dialog.closed) === "yes";
}
