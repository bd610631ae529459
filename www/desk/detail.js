// The panel of one booking: who, when, where, what is paid, the steps there are, and its history.
//
// makeDetail(desk, aside) -> {open(id), close(), draw()}. It stays beside the lists and follows the booking while it
// changes; the history (history.read) is asked for again with every version. Owns the aside.

import { makeChanges } from "../ui/changes.js";
import { el, setFigure } from "../ui/dom.js";
import { t, tOr } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { makeOnce } from "../ui/once.js";
import { paymentNode } from "./payments.js";
import { balanceOf, paidOf } from "./stay.js";
import { stepsOf, takeStep } from "./steps.js";
import { badge, lateText, nightsText, partyText, sourceText, statusBadge, stayText } from "./words.js";

const MONEY = ["nightlyRate", "totalAmount", "paid", "balance"];

export function makeDetail(desk, aside) {
  const { formats, client, house } = desk;
  let id = null;
  let opener = null;
  const once = makeOnce();
  const title = el("h2", { id: "detail-title", tabindex: "-1" });
  const state = el("div", { class: "row" });
  const facts = el("dl", { class: "pairs" });
  const money = Object.fromEntries(MONEY.map((name) => [name, el("data", { class: "figure", value: "", dataset: { figure: `detail.${name}` } })]));
  const labels = { nightlyRate: t("desk.nightlyRate"), totalAmount: t("desk.total"), paid: t("desk.paid"), balance: t("desk.balance") };
  const bill = el("dl", { class: "pairs bill" }, MONEY.flatMap((name) => [el("dt", {}, labels[name]), el("dd", {}, money[name])]));
  const payments = el("ul", { class: "payments small" });
  const steps = el("div", { class: "detail-steps" });
  const changes = makeChanges({ client, formats, title: t("desk.history"), none: t("desk.noHistory"), word: (status) => tOr(`desk.status_${status}`, status) });
  aside.replaceChildren(el("header", { class: "detail-head" }, el("div", {}, title, state),
    el("button", { class: "icon-button", type: "button", "aria-label": t("common.close"), onclick: close }, icon("x"))),
  steps, facts, bill, payments, desk.may.history ? changes.node : "");
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
    desk.closed();
    if (opener?.isConnected) opener.focus();
  }

  function draw() {
    const booking = id && house.booking(id);
    if (!booking) return;
    const late = lateText(booking, house.today, formats);
    aside.dataset.booking = id;
    title.textContent = booking.guestName;
    once("state", [booking.status, late], () => state.replaceChildren(statusBadge(booking), late ? badge(late, "bad") : "",
      el("span", { class: "muted small" }, booking.id)));
    once("facts", booking, () => facts.replaceChildren(...factsOf(booking).flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)])));
    const amounts = { ...booking, paid: paidOf(booking), balance: balanceOf(booking) };
    for (const name of MONEY) setFigure(money[name], amounts[name], formats.money(amounts[name]));
    once("payments", booking.payments, () => drawPayments(booking));
    once("steps", [booking.status, booking.checkIn, booking.checkOut, amounts.balance, house.today], () => drawSteps(booking));
    if (desk.may.history) changes.show(`bookings/${id}`, booking.version);
  }

  function factsOf(booking) {
    return [
      [t("desk.stay"), `${stayText(formats, booking)} \u00b7 ${nightsText(booking.checkIn, booking.checkOut)}`],
      [t("desk.room"), booking.room ?? t("desk.noRoom")], [t("desk.roomType"), booking.roomType],
      [t("desk.party"), partyText(booking)], [t("desk.phone"), booking.contactNumber], [t("desk.email"), booking.email],
      [t("desk.source"), sourceText(booking.source)], [t("desk.requests"), booking.specialRequests],
    ].filter(([, value]) => value);
  }

  function drawPayments(booking) {
    payments.replaceChildren(...booking.payments.map((payment) => paymentNode(desk, booking, payment)));
    desk.showOffline();
  }

  function drawSteps(booking) {
    const focused = steps.contains(document.activeElement) && document.activeElement.dataset.step;
    const list = desk.may.write ? stepsOf(booking, house.today) : [];
    steps.replaceChildren(...list.map(({ name, primary }) => el("button", { class: `button compact${primary ? " primary" : ""}`, type: "button",
      dataset: { step: name, online: "" }, onclick: () => takeStep(desk, name, id) }, t(`desk.step_${name}`))));
    steps.hidden = !list.length;
    if (focused) (steps.querySelector(`[data-step="${focused}"]`) ?? title).focus();
    desk.showOffline();
  }

  // Wherever the focus went: the button of a step that was taken is gone.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.target.closest("input, dialog, [popover]")) close();
  });
  return { open, close, draw };
}
