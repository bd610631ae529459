// The panel of one reservation: who, when, where, what was asked for and paid, the steps there are, its history.
//
// makeDetail(page, aside) -> {open(id), close(), draw()}. It stays beside the list and follows the reservation.

import { makeChanges } from "../ui/changes.js";
import { el, figure, setFigure } from "../ui/dom.js";
import { t, tOr } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { makeOnce } from "../ui/once.js";
import { stepsOf, takeStep } from "./steps.js";
import { badge, lateText, partyText, sourceText, statusBadge } from "./words.js";

export function makeDetail(page, aside) {
  const { formats, client, book, may } = page;
  const once = makeOnce();
  let id = null;
  let opener = null;
  const title = el("h2", { id: "detail-title", tabindex: "-1" });
  const state = el("div", { class: "row" });
  const facts = el("dl", { class: "pairs" });
  const due = figure("detail.amountDue", "", "");
  const bill = el("dl", { class: "pairs bill" }, el("dt", {}, t("reservations.amountDue")), el("dd", {}, due));
  const steps = el("div", { class: "detail-steps" });
  const changes = makeChanges({ client, formats, title: t("reservations.history"), none: t("reservations.noHistory"),
    word: (status) => tOr(`reservations.status_${status}`, status) });
  aside.replaceChildren(el("header", { class: "detail-head" }, el("div", {}, title, state),
    el("button", { class: "icon-button", type: "button", "aria-label": t("common.close"), onclick: close }, icon("x"))),
  steps, facts, bill, may.history ? changes.node : "");
  aside.setAttribute("aria-labelledby", title.id);

  function open(wanted) {
    opener = document.activeElement;
    id = wanted;
    once.forget();
    changes.clear();
    draw();
    aside.hidden = false;
    title.focus({ preventScroll: true });
  }

  function close() {
    if (id === null) return;
    id = null;
    aside.hidden = true;
    page.closed();
    if (opener?.isConnected) opener.focus();
  }

  function draw() {
    const one = id && book.reservation(id);
    if (!one) return;
    const late = lateText(one);
    aside.dataset.reservation = id;
    title.textContent = one.customerName;
    once("state", [one.status, late], () => state.replaceChildren(statusBadge(one), late ? badge(late, "bad") : "", el("span", { class: "muted small" }, one.id)));
    once("facts", [one, book.tableName(one.tableId)], () => facts.replaceChildren(...factsOf(one).flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)])));
    setFigure(due, one.amountDue, formats.money(one.amountDue));
    bill.hidden = !one.amountDue;
    once("steps", [one.status, page.today], () => drawSteps(one));
    if (may.history) changes.show(`reservations/${id}`, one.version);
  }

  function factsOf(one) {
    return [
      [t("reservations.time"), `${formats.day(one.date)}, ${formats.time(one.date)} \u00b7 ${t("reservations.minutes", { n: one.durationMinutes })}`],
      [t("reservations.party"), partyText(one.partySize)], [t("reservations.table"), book.tableName(one.tableId) ?? t("reservations.noTableYet")],
      [t("reservations.phone"), one.contactNumber], [t("reservations.email"), one.email], [t("reservations.source"), sourceText(one.source)],
      [t("reservations.requests"), one.specialRequests], [t("reservations.paid"), one.prepaid && t("reservations.prepaid")],
    ].filter(([, value]) => value);
  }

  function drawSteps(one) {
    const focused = steps.contains(document.activeElement) && document.activeElement.dataset.step;
    const list = stepsOf(one, page);
    steps.replaceChildren(...list.map(({ name, primary }) => el("button", { class: `button compact${primary ? " primary" : ""}`, type: "button",
      dataset: { step: name, online: "" }, onclick: () => takeStep(page, name, id) }, t(`reservations.step_${name}`))));
    steps.hidden = !list.length;
    if (focused) (steps.querySelector(`[data-step="${focused}"]`) ?? title).focus();
    page.showOffline();
  }

  // Wherever the focus went: the button of a step that was taken is gone.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest("input, dialog, [popover]")) close();
  });
  return { open, close, draw };
}
