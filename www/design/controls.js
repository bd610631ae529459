// The controls of the design page: buttons, fields, choices.

import { el } from "../ui/dom.js";
import { check, field, searchField, showErrors } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { makeTabs } from "../ui/tabs.js";

const button = (text, more = "", props = {}) => el("button", { class: `button ${more}`, type: "button", ...props }, text);

function buttons() {
  return [
    el("div", { class: "button-row" }, button(t("design.primary"), "primary"), button(t("design.normal")), button(t("design.quiet"), "quiet"),
      button(t("design.danger"), "danger"), button(t("design.disabled"), "", { disabled: true })),
    el("div", { class: "button-row" }, button([icon("plus"), t("design.withIcon")], "primary"), button([icon("undo-2"), t("design.compact")], "compact"),
      button([icon("volume-x"), t("design.pressed")], "", { "aria-pressed": "true" }),
      el("button", { class: "icon-button", type: "button", "aria-label": t("design.normal") }, icon("pencil")),
      button([icon("check"), t("design.large")], "large primary")),
  ];
}

function fields() {
  const form = el("form", { class: "fields" },
    field({ name: "name", label: t("design.name"), hint: t("design.nameHint"), value: "Salon" }),
    field({ name: "seats", label: t("design.wrong"), type: "number", value: "0" }),
    field({ name: "section", label: t("design.section"), options: [{ value: "t", label: t("design.sectionTerrace") }, { value: "h", label: t("design.sectionHall") }] }),
    field({ name: "notes", label: t("design.notes"), rows: 2 }));
  requestAnimationFrame(() => { showErrors(form, [{ field: "seats", detail: t("design.wrongWhy") }], { focus: false }); });
  return [form, searchField({ label: t("design.find") })];
}

function choices() {
  const period = [["weekly", "design.weekly"], ["monthly", "design.monthly"]];
  const panels = ["design.tabListText", "design.tabPlanText"].map((key) => el("p", { tabindex: "0" }, t(key)));
  const tabs = makeTabs({ label: t("design.tabsLabel"), tabs: [
    { name: "list", label: t("design.tabList"), icon: "list", panel: panels[0] }, { name: "plan", label: t("design.tabPlan"), icon: "map", panel: panels[1] }] });
  return [
    el("fieldset", { class: "segmented" }, el("legend", { class: "visually-hidden" }, t("design.period")), period.map(([value, key], i) => [
      el("input", { type: "radio", name: "period", id: `period-${value}`, value, checked: !i }), el("label", { for: `period-${value}` }, t(key))])),
    el("div", { class: "button-row" }, check({ name: "vegan", label: t("design.vegan"), checked: true }),
      check({ name: "sound", label: t("design.sound"), kind: "switch", checked: true })),
    tabs.node, ...panels,
  ];
}

export const controls = (card) => [card(t("design.buttons"), buttons()), card(t("design.fields"), fields()), card(t("design.choices"), choices())];
