// The dialog that makes a table or changes one, with what is wrong beside each field; and the word that somebody
// else has changed it meanwhile.
//
// tableDialog({table, floors, list, changes, conflict}): without `table` a new one.

import { openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { checkForm, field, showProblem, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";

const NUMBERS = new Set(["number", "capacity", "minCapacity", "floor"]);
const NAMES = { tableNumber: () => t("floor.label"), number: () => t("floor.number"), name: () => t("floor.name"), capacity: () => t("floor.capacity"),
  minCapacity: () => t("floor.minCapacity"), floor: () => t("floor.floor"), section: () => t("floor.section") };

function fields(table, floors, sections) {
  return el("div", { class: "field-grid" },
    field({ name: "tableNumber", label: t("floor.label"), hint: t("floor.labelHint"), value: table.tableNumber ?? "", required: true, maxlength: 20, pattern: "[A-Za-z0-9\\-]+", autocomplete: "off" }),
    field({ name: "number", label: t("floor.number"), type: "number", min: 1, max: 9999, required: true, value: table.number ?? "" }),
    field({ name: "name", label: t("floor.name"), maxlength: 50, value: table.name ?? "", autocomplete: "off" }),
    field({ name: "floor", label: t("floor.floor"), value: table.floor ?? floors[0]?.number ?? 1, options: floors.map(({ number, name }) => ({ value: number, label: name })) }),
    field({ name: "capacity", label: t("floor.capacity"), type: "number", min: 1, max: 20, required: true, value: table.capacity ?? 4 }),
    field({ name: "minCapacity", label: t("floor.minCapacity"), type: "number", min: 1, max: 20, required: true, value: table.minCapacity ?? 1 }),
    field({ name: "section", label: t("floor.section"), maxlength: 50, value: table.section ?? "", list: "sections", autocomplete: "off" }),
    el("datalist", { id: "sections" }, sections.map((value) => el("option", { value }))));
}

function read(form) {
  return Object.fromEntries(Object.entries(values(form)).map(([name, text]) => [name, NUMBERS.has(name) ? Number(text) : text.trim() === "" ? null : text.trim()]));
}

const same = (table, name, value) => (table[name] ?? null) === value;

function checkSeats(form) {
  const least = form.elements.namedItem("minCapacity");
  least.setCustomValidity(Number(least.value) > Number(form.elements.namedItem("capacity").value) ? t("floor.tooFewSeats") : "");
}

export async function tableDialog({ table = null, floors, list, changes, conflict }) {
  let base = table ?? {};
  const sections = [...new Set(list.values().map(({ section }) => section).filter(Boolean))].sort();
  const body = el("div", {}, fields(base, floors, sections));
  const dialog = openDialog({
    title: table ? t("floor.editTitle", { label: table.tableNumber }) : t("floor.createTitle"), content: body,
    actions: [{ label: t("common.cancel"), value: "cancel" }, { label: table ? t("floor.saveTable") : t("floor.create"), value: "save", tone: "primary", run: () => save() }],
  });
  const { form } = dialog;
  form.addEventListener("input", () => checkSeats(form));

  const off = list.onChange(() => {
    const now = table && list.get(table.id);
    if (table && !now && list.loaded) {
      toast(t("floor.goneMeanwhile", { label: table.tableNumber }), { tone: "bad" });
      dialog.close(null);
    } else if (now && now.version > base.version && !form.getAttribute("aria-busy")) announce(now);
  });
  dialog.closed.then(off);

  function announce(now) {
    const refresh = () => {
      base = now;
      body.replaceChildren(fields(now, floors, sections));
      dialog.notices.replaceChildren();
      form.querySelector("input").focus();
    };
    dialog.notices.replaceChildren(el("div", { class: "banner", role: "status", dataset: { tone: "warn", banner: "updated" } },
      el("span", {}, t("floor.updatedBy", { name: now.updatedBy })),
      el("span", { class: "banner-actions" },
        el("button", { class: "button compact", type: "button", onclick: () => dialog.notices.replaceChildren() }, t("common.dismiss")),
        el("button", { class: "button compact", type: "button", onclick: refresh }, t("floor.refresh")))));
  }

  async function save(version = base.version) {
    checkSeats(form);
    if (!checkForm(form)) return false;
    const all = read(form);
    const changed = Object.fromEntries(Object.entries(all).filter(([name, value]) => !table || !same(base, name, value)));
    if (table && !Object.keys(changed).length) return true;
    try {
      if (table) await changes.edit(table.id, { ...changed, version });
      else await changes.create(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)));
      toast(t(table ? "floor.saved" : "floor.created", { label: all.tableNumber }), { tone: "good" });
      return true;
    } catch (error) {
      if (error.code !== "version_conflict") {
        showProblem(dialog, error);
        return false;
      }
      return meet(changed, error.current);
    }
  }

  async function meet(changed, now) {
    const rows = (of) => Object.keys(changed).map((name) => [NAMES[name](), of[name]]);
    if (await conflict({ table: now, yours: rows(changed), theirs: rows(now) })) return save(now.version);
    list.put(now, null);
    return true;
  }

  return dialog.closed;
}
