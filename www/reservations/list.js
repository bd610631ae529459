// One list of the day: who is expected, who sits, what is over, by time.
//
// makeList(page, name) -> {node, draw(words)}; a row opens the reservation, its button seats the party.

import { el, figure, setFigure, stateMessage } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { keyedList } from "../ui/keyed.js";
import { makeOnce } from "../ui/once.js";
import { LISTS, isExpected, matches } from "./party.js";
import { takeStep } from "./steps.js";
import { badge, lateText, sourceText, statusBadge } from "./words.js";

const EMPTY = { expected: "reservations.noneExpected", seated: "reservations.noneSeated", over: "reservations.noneOver" };

export function makeList(page, name) {
  const body = el("tbody");
  const heads = [t("reservations.time"), t("reservations.guest"), t("reservations.party"), t("reservations.table"), t("reservations.state")];
  const table = el("table", { class: "table list-table book-table" }, el("thead", {}, el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)),
    el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, t("reservations.step"))))), body);
  const none = el("div", { class: "none" });
  const node = el("div", { class: "day-list", dataset: { list: name } }, table, none);
  const drawRows = keyedList(body, (one) => makeRow(page, one));

  function draw(words) {
    const { book } = page;
    const all = book.all().filter(LISTS[name]);
    const found = words ? all.filter((one) => matches(one, words, book.table(one.tableId))) : all;
    drawRows(found);
    table.hidden = !found.length;
    none.replaceChildren(...(found.length ? [] : [stateMessage(!book.ready ? t("reservations.loading") : words ? t("reservations.noneFound") : t(EMPTY[name]))]));
  }

  node.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".guest-name")) return;
    event.preventDefault();
    const names = [...node.querySelectorAll(".guest-name")];
    names[names.indexOf(event.target) + step]?.focus();
  });
  return { node, draw };
}

function makeRow(page, { id }) {
  const { formats, book } = page;
  const time = el("td", { class: "row-time", dataset: { field: "time" } });
  const guest = el("button", { class: "link guest-name", type: "button", onclick: () => page.open(id) });
  const under = el("div", { class: "muted small" });
  const party = figure(`party.${id}`, "", "");
  const table = el("td", { dataset: { field: "table" } });
  const state = el("td", { dataset: { field: "state" } });
  const step = el("td", { class: "row-step" });
  const once = makeOnce();
  const node = el("tr", { dataset: { reservation: id }, onclick: (event) => { if (!event.target.closest("button, a")) page.open(id); } },
    time, el("th", { scope: "row" }, guest, under), el("td", { dataset: { field: "party" } }, party), table, state, step);

  function show(one) {
    const name = book.tableName(one.tableId);
    const late = lateText(one);
    node.toggleAttribute("data-open", page.opened === id);
    once("time", one.date, () => { time.textContent = formats.time(one.date); });
    once("guest", one.customerName, () => { guest.textContent = one.customerName; });
    once("under", [one.source, one.specialRequests], () => {
      under.replaceChildren(one.specialRequests ? el("span", { class: "note" }, one.specialRequests) : sourceText(one.source));
    });
    setFigure(party, one.partySize, formats.number(one.partySize));
    once("table", [name, one.tableId], () => table.replaceChildren(el("span", { class: name ? "room-number" : "muted" }, name ?? t("reservations.noTableYet")),
      el("div", { class: "muted small" }, book.table(one.tableId)?.section ?? "")));
    once("state", [one.status, late, one.prepaid], () => state.replaceChildren(statusBadge(one), late ? badge(late, "bad") : "",
      one.prepaid ? badge(t("reservations.prepaid"), "good") : ""));
    once("step", [one.status, page.today], () => {
      const may = page.may.seat && page.today && isExpected(one);
      step.replaceChildren(may ? el("button", { class: "button compact primary", type: "button", dataset: { step: "seat", online: "" },
        "aria-label": `${t("reservations.step_seat")}: ${one.customerName}`, onclick: () => takeStep(page, "seat", id) }, t("reservations.step_seat")) : "");
    });
  }

  return { node, show };
}
