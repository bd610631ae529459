// The filters of the list: states as chips with today's counts, table, day, and a search within the page.
//
// Takes what the address says and changes nothing but the address. An order's number and Enter opens that order,
// whichever page it is on. Owns its part of the page.

import { el, setFigure, figure } from "../ui/dom.js";
import { searchField } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { STATUSES, statusWord } from "./steps.js";

const NUMBER = /(\d+)\s*$/;

export function makeFilters({ root, query, counts, formats, on }) {
  const chips = new Map(STATUSES.map((status) => [status, makeChip(status)]));
  const table = el("select", { class: "input", id: "filter-table", onchange: () => set({ table: Number(table.value) || null }) });
  const day = el("select", { class: "input", id: "filter-day", onchange: chooseDay });
  const date = el("input", { class: "input", type: "date", id: "filter-date", "aria-label": t("orders.date"), onchange: () => set({ date: date.value }) });
  const search = searchField({ name: "find", label: t("orders.find"), id: "find", value: query.now.find });
  const find = search.querySelector("input");
  const tableField = el("label", { class: "filter", hidden: true }, el("span", { class: "visually-hidden" }, t("orders.colTable")), table);
  const reset = el("button", { class: "button compact quiet", type: "button", onclick: () => set({ status: [], table: null, date: "", find: "" }) }, t("orders.resetFilters"));

  root.append(el("div", { class: "chips", role: "group", "aria-label": t("orders.colStatus") }, [...chips.values()].map(({ node }) => node)),
    el("div", { class: "filter-row" }, tableField,
      el("label", { class: "filter" }, el("span", { class: "visually-hidden" }, t("orders.date")), day), date, search, reset));
  day.append(...["", "yesterday", "all", "day"].map((value) => el("option", { value }, t(`orders.day_${value || "today"}`))));

  find.addEventListener("input", () => query.set({ find: find.value }));
  find.addEventListener("keydown", (event) => {
    const number = NUMBER.exec(find.value)?.[1];
    if (event.key === "Enter" && number) on.openNumber(Number(number));
    if (event.key === "Enter" && !number) on.toList();
  });

  const yesterday = () => formats.isoDay(new Date(Date.now() - 86400000));
  const set = (changes) => query.set({ page: 1, selected: [], ...changes });

  function chooseDay() {
    if (day.value !== "day") return set({ date: day.value === "yesterday" ? yesterday() : day.value });
    date.hidden = false;
    date.focus();
    return set({ date: date.value || yesterday() });
  }

  function makeChip(status) {
    const count = counts && figure(`metrics.byStatus.${status}`, "", "", { class: "chip-count" });
    const node = el("button", { class: "chip", type: "button", dataset: { status }, onclick: () => {
      const now = query.now.status;
      set({ status: now.includes(status) ? now.filter((one) => one !== status) : STATUSES.filter((one) => one === status || now.includes(one)) });
    } }, el("span", { class: "chip-dot", "aria-hidden": "true" }), statusWord(status), count);
    return { node, count };
  }

  function draw() {
    const { status, table: of, date: on_, find: text } = query.now;
    for (const [name, { node }] of chips) node.setAttribute("aria-pressed", String(status.includes(name)));
    table.value = of ?? "";
    day.value = on_ === "" || on_ === "all" ? on_ : on_ === yesterday() ? "yesterday" : "day";
    date.hidden = day.value !== "day";
    if (!date.hidden) date.value = on_;
    if (document.activeElement !== find) find.value = text;
    reset.hidden = !(status.length || of || on_ || text);
    root.toggleAttribute("data-other-day", on_ !== "");
  }

  // How many of each state there are today; shown only where the list is today's.
  function showCounts(byStatus) {
    for (const [status, { count }] of chips) setFigure(count, byStatus[status], formats.number(byStatus[status]));
  }

  // [{value, label}]
  function setTables(tables) {
    table.replaceChildren(el("option", { value: "" }, t("orders.allTables")), ...tables.map(({ value, label }) => el("option", { value }, label)));
    tableField.hidden = !tables.length;
    draw();
  }

  query.onChange(draw);
  draw();
  return { showCounts, setTables, focus: () => { find.focus(); find.select(); } };
}
