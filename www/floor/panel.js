// What can be done with one table: its state in words, the steps that there are, and what an admin may do.
//
// tablePanel({id, list, may, changes, edit, offline}): live while it is open.

import { confirmDialog, openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { field } from "../ui/form.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { TONES, ageText, guestsOf, statusWord, stepsFrom } from "./words.js";

const STEP_WORDS = { available: () => t("floor.toAvailable"), occupied: () => t("floor.toOccupied"), reserved: () => t("floor.toReserved"), maintenance: () => t("floor.toMaintenance") };

export function tablePanel({ id, list, may, changes, edit, offline, formats }) {
  const facts = el("dl", { class: "facts" });
  const steps = el("div", { class: "panel-steps" });
  const admin = el("div", { class: "panel-admin" });
  const note = may.operate ? field({ name: "notes", label: t("floor.note"), hint: t("floor.noteHint"), maxlength: 500, autocomplete: "off" }) : null;
  const dialog = openDialog({ title: t("floor.tableName", { label: list.get(id).tableNumber }), content: [facts, note, steps, admin] });
  dialog.node.classList.add("panel");

  function fact(name, value) {
    return [el("dt", {}, name), el("dd", {}, value)];
  }

  function take(status) {
    const notes = note?.querySelector("input").value.trim();
    dialog.close(status);
    changes.setStatus(list.get(id), status, notes ? { notes } : {});
  }

  async function remove() {
    const table = list.get(id);
    if (!(await confirmDialog({ title: t("floor.deleteTitle", { label: table.tableNumber }), text: t("floor.deleteText"), yes: t("floor.delete"), tone: "danger" }))) return;
    try {
      await changes.remove(table);
      toast(t("floor.deleted", { label: table.tableNumber }), { tone: "good" });
      dialog.close("deleted");
    } catch (error) {
      toast(t("floor.notDeleted", { label: table.tableNumber, reason: explain(error) }), { tone: "bad" });
    }
  }

  function draw() {
    const table = list.get(id);
    if (!table) return dialog.close(null);
    facts.replaceChildren(...[
      fact(t("floor.status"), el("span", { class: "badge", dataset: { tone: TONES[table.status] } }, statusWord(table.status))),
      fact(t("floor.capacity"), table.session ? t("floor.guestsOf", { n: guestsOf(table), of: table.capacity }) : t("floor.seats", { n: table.capacity })),
      table.session && fact(t("floor.since"), `${formats.time(table.session.started_at)} (${ageText(table.session.started_at)})`),
      table.section && fact(t("floor.section"), table.section),
      table.notes && fact(t("floor.note"), table.notes),
      fact(t("floor.changed"), t("floor.changedBy", { name: table.updatedBy, time: formats.time(table.updatedAt) })),
    ].filter(Boolean).flat());
    if (steps.dataset.from !== table.status) {
      steps.dataset.from = table.status;
      steps.replaceChildren(...(may.operate ? stepsFrom(table.status) : []).map((status) => el("button", { class: "button large", type: "button", dataset: { step: status },
        onclick: () => take(status) }, el("span", { class: "swatch-status", "aria-hidden": "true", dataset: { status } }), STEP_WORDS[status]())));
    }
    const away = offline();
    admin.replaceChildren(...(may.admin ? [
      el("button", { class: "button", type: "button", dataset: { act: "edit" }, disabled: away, onclick: () => { dialog.close("edit"); edit(list.get(id)); } }, t("floor.edit")),
      el("button", { class: "button danger", type: "button", dataset: { act: "delete" }, disabled: away, onclick: remove }, t("floor.delete")),
      away && el("p", { class: "muted small" }, t("floor.notOffline")),
    ] : []).filter(Boolean));
    return undefined;
  }

  const off = list.onChange(({ reset, changed, removed }) => { if (reset || [...changed, ...removed].includes(id)) draw(); });
  dialog.closed.then(off);
  draw();
  steps.querySelector("button")?.focus();
  return dialog;
}
