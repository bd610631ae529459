// The keys of the page, for people who never leave the keyboard; ? shows them. They can be switched off, because
// single letters get in the way of speech input (WCAG 2.1.4). Never while one types, nor while a dialog is open.

import { openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { check } from "../ui/form.js";
import { t } from "../ui/i18n.js";

const CHOICE = "maitred.orders.keys";
const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";

// keys: [{keys: ["j", "ArrowDown"], label, run, within}]: `within` says where it holds besides everywhere.
export function listenToKeys(keys) {
  const isOn = () => localStorage.getItem(CHOICE) !== "off";
  const all = [...keys, { keys: ["?"], label: "orders.key_help", run: help }];

  function help() {
    const on = check({ name: "keys", kind: "switch", label: t("orders.keysOn"), checked: isOn(),
      onchange: ({ target }) => localStorage.setItem(CHOICE, target.checked ? "on" : "off") });
    openDialog({ title: t("orders.keysTitle"), content: [
      el("dl", { class: "keys" }, all.map((one) => el("div", {}, el("dt", {}, one.keys.map((key) => el("kbd", {}, KEY_NAMES[key] ?? key))), el("dd", {}, t(one.label))))),
      on,
    ], actions: [{ label: t("common.close"), value: "yes", tone: "primary" }] });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("dialog") || event.target.closest(TYPING)) return;
    if (/^\S$/.test(event.key) && !isOn()) return;
    const found = all.find((one) => one.keys.includes(event.key) && (!one.within || event.target.closest(one.within)));
    if (!found || found.run(event) === false) return;
    event.preventDefault();
  });
  return { help };
}

const KEY_NAMES = { ArrowDown: "\u2193", ArrowUp: "\u2191", Escape: "Esc", " ": "\u2423" };
