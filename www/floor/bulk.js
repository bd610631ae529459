// What is done with many tables at once, and how each of it went.
//
// makeBulk({root, selected, list, changes, offline, changed}) -> {draw(floors)}.

import { openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { STATUSES, statusWord } from "./words.js";

export function makeBulk({ root, selected, list, changes, offline, changed }) {
  const count = el("strong");
  const status = el("select", { class: "input", "aria-label": t("floor.setStatus") }, el("option", { value: "" }, t("floor.setStatus")),
    STATUSES.map((value) => el("option", { value }, statusWord(value))));
  const floor = el("select", { class: "input", "aria-label": t("floor.setFloor") });
  const section = el("input", { class: "input", maxlength: 50, placeholder: t("floor.setSection"), "aria-label": t("floor.setSection") });
  const apply = el("button", { class: "button primary", type: "submit" }, t("floor.apply"));
  const clear = el("button", { class: "button", type: "button", onclick: () => { selected.clear(); changed(); } }, t("floor.clearSelection"));
  const away = el("span", { class: "muted small" }, t("floor.notOffline"));
  const form = el("form", { class: "bulk-form" }, count, status, floor, section, apply, clear, away);
  root.append(form);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const updates = { ...(status.value && { status: status.value }), ...(floor.value && { floor: Number(floor.value) }), ...(section.value.trim() && { section: section.value.trim() }) };
    if (!Object.keys(updates).length) return toast(t("floor.nothingToDo"), { tone: "warn" });
    apply.disabled = true;
    try {
      report(await changes.bulk([...selected], updates));
      form.reset();
    } catch (error) {
      toast(t("floor.bulkFailed", { reason: explain(error) }), { tone: "bad" });
    }
    apply.disabled = false;
    return undefined;
  });

  function report({ success, failed, errors }) {
    for (const id of [...selected]) if (!errors.some(({ tableId }) => tableId === id)) selected.delete(id);
    changed();
    if (!failed) return void toast(t("floor.bulkDone", { n: success }), { tone: "good" });
    return void openDialog({ title: t("floor.bulkTitle"), content: [
      el("p", {}, t("floor.bulkDone", { n: success }), " ", t("floor.bulkRefused", { n: failed })),
      el("ul", { class: "refusals" }, errors.map(({ tableId, detail }) => el("li", {}, el("strong", {}, list.get(tableId)?.tableNumber ?? String(tableId)), " ", detail))),
    ], actions: [{ label: t("common.close"), value: "close", tone: "primary" }] });
  }

  return {
    draw(floors) {
      root.hidden = !selected.size;
      count.textContent = t("floor.selected", { n: selected.size });
      const key = JSON.stringify(floors.map(({ number, name }) => [number, name]));
      if (floor.dataset.options !== key) {
        floor.dataset.options = key;
        floor.replaceChildren(el("option", { value: "" }, t("floor.setFloor")), ...floors.map(({ number, name }) => el("option", { value: number }, name)));
      }
      apply.disabled = offline();
      away.hidden = !offline();
    },
  };
}
