// A table of the design page that sorts, with the pages of a longer list below it.

import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { makePager } from "../ui/pager.js";
import { sortableHead } from "../ui/sortable.js";

const ROWS = [[4, 2, "good", "free"], [7, 4, "accent", "occupied"], [12, 6, "warn", "seated"], [15, 3, "bad", "late"]];

function sample() {
  const body = el("tbody");
  const draw = (key, descending) => {
    const at = key === "guests" ? 1 : 0;
    const rows = [...ROWS].sort((a, b) => (a[at] - b[at]) * (descending ? -1 : 1));
    body.replaceChildren(...rows.map(([table, guests, tone, state]) => el("tr", {}, el("th", { scope: "row" }, String(table)),
      el("td", { class: "number" }, String(guests)), el("td", {}, el("span", { class: "badge", dataset: { tone } }, t(`design.${state}`))))));
  };
  const head = sortableHead([{ key: "table", label: t("design.table") }, { key: "guests", label: t("design.guests"), number: true },
    { label: t("design.state") }], { sort: "table", onSort: draw });
  draw("table", false);
  const pager = makePager({ onPage: (page) => pager.show({ page, pageSize: 4, total: 37 }) });
  pager.show({ page: 1, pageSize: 4, total: 37 });
  return [el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": t("design.tables") }, el("table", { class: "table rows" }, el("thead", {}, head.node), body)), pager.node];
}

export const tables = (card) => [card(t("design.tables"), sample())];
