// Somebody else was faster: what you meant, what is there now, and which of the two it shall be.
//
// conflict({table, yours, theirs}) -> true: overwrite it. yours and theirs are rows of [name, value].

import { openDialog } from "../ui/dialog.js";
import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";

const side = (title, rows) => el("section", { class: "side" }, el("h3", {}, title),
  el("dl", {}, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value === null || value === "" ? "\u2013" : String(value))])));

export async function conflict({ table, yours, theirs }) {
  const dialog = openDialog({
    title: t("floor.conflictTitle", { label: table.tableNumber }),
    content: [el("p", {}, t("floor.conflictText", { name: table.updatedBy })),
      el("div", { class: "sides" }, side(t("floor.yours"), yours), side(t("floor.theirs"), theirs))],
    actions: [
      { label: t("floor.overwrite"), value: "overwrite" },
      { label: t("floor.takeTheirs"), value: "theirs", tone: "primary" },
    ],
  });
  return (await dialog.closed) === "overwrite";
}
