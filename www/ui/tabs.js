// Tabs over panels that are in the page already: arrow keys walk, the chosen one is told.
//
//   const tabs = makeTabs({ label, tabs: [{ name, label, icon, panel }], chosen, onChange(name) });   // tabs.node, tabs.choose(name)

import { el } from "./dom.js";
import { icon } from "./icon.js";

const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

export function makeTabs({ label, tabs, chosen = tabs[0].name, onChange = () => {} }) {
  const buttons = new Map(tabs.map((tab) => [tab.name, button(tab)]));
  const node = el("div", { class: "tabs", role: "tablist", "aria-label": label }, [...buttons.values()]);

  function button({ name, label: text, icon: sign, panel }) {
    panel.id ||= `panel-${name}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    return el("button", { class: "tab", type: "button", role: "tab", id: `tab-${name}`, "aria-controls": panel.id,
      dataset: { tab: name }, onclick: () => choose(name) }, sign && icon(sign), text);
  }

  function show(name) {
    for (const tab of tabs) {
      const on = tab.name === name;
      buttons.get(tab.name).setAttribute("aria-selected", String(on));
      buttons.get(tab.name).tabIndex = on ? 0 : -1;
      tab.panel.hidden = !on;
    }
  }

  function choose(name) {
    if (name === chosen) return;
    chosen = name;
    show(name);
    onChange(name);
  }

  node.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS)) return;
    event.preventDefault();
    const at = tabs.findIndex(({ name }) => name === chosen);
    choose(tabs[(at + STEPS[event.key] + tabs.length) % tabs.length].name);
    buttons.get(chosen).focus();
  });
  show(chosen);
  return { node, choose, get chosen() { return chosen; } };
}
