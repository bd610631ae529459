// The steps of a booking: when each may be taken, and the dialog in which it is taken.
//
// takeStep(desk, name, id). A step reads the booking as it is when the button is pressed, so that its version is
// the newest; the server decides all the same, and what it refuses is said in the dialog. None of them waits for a
// connection: only the house knows whether a room is free.

import { el } from "../ui/dom.js";
import { field, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { icon } from "../ui/icon.js";
import { openBookingForm } from "./booking-form.js";
import { openCheckIn, openMove } from "./give-room.js";
import { isPayable, openPayment } from "./payments.js";
import { balanceOf, isExpected, isIn, paidOf } from "./stay.js";
import { stayText } from "./words.js";
import { write } from "./write.js";

export const STEPS = [
  { name: "checkIn", primary: true, when: (b, today) => (isExpected(b) || b.status === "no_show") && b.checkIn <= today && b.checkOut > today,
    run: openCheckIn },
  { name: "checkOut", primary: true, when: isIn, run: openCheckOut },
  { name: "pay", when: isPayable, run: openPayment },
  { name: "confirm", when: (b) => b.status === "pending", run: confirmBooking },
  { name: "move", when: (b) => isIn(b) || isExpected(b), run: openMove },
  { name: "edit", when: (b) => isIn(b) || isExpected(b), run: (desk, booking) => openBookingForm(desk, { booking }) },
  { name: "noShow", when: (b, today) => isExpected(b) && b.checkIn <= today, run: noShow },
  { name: "cancel", when: isExpected, run: openCancel },
];

export const stepsOf = (booking, today) => STEPS.filter((step) => step.when(booking, today));

export function takeStep(desk, name, id) {
  const booking = desk.house.booking(id);
  return booking && STEPS.find((step) => step.name === name).run(desk, booking);
}

function confirmBooking(desk, booking) {
  return write(desk, booking, { body: { status: "confirmed" }, said: ({ guestName }) => t("desk.confirmed", { guest: guestName }) });
}

async function noShow(desk, booking) {
  const sure = await confirmDialog({ title: t("desk.noShowTitle", { guest: booking.guestName }), text: t("desk.noShowText"), yes: t("desk.step_noShow") });
  if (sure) await write(desk, booking, { step: "no-show", said: ({ guestName }) => t("desk.noShowDone", { guest: guestName }) });
}

function openCancel(desk, booking) {
  openDialog({ title: t("desk.cancelTitle", { guest: booking.guestName }), content: [
    el("p", {}, `${booking.roomType}, ${stayText(desk.formats, booking)}`),
    field({ name: "reason", label: t("desk.reason"), hint: t("desk.reasonHint"), rows: 3, maxlength: 500 }),
  ], actions: [
    { label: t("desk.keepBooking"), value: "keep" },
    { label: t("desk.step_cancel"), value: "cancel", tone: "primary", run: (dialog) => {
      const { reason } = values(dialog.form);
      return write(desk, booking, { step: "cancel", body: reason ? { reason } : {}, dialog,
        said: ({ guestName }) => t("desk.cancelled", { guest: guestName }) });
    } },
  ] });
}

// --- leaving -----------------------------------------------------------------------------------

function openCheckOut(desk, booking) {
  const { house, formats } = desk;
  const bill = el("dl", { class: "pairs bill" });
  const early = el("p", { class: "banner", dataset: { tone: "warn" } });
  const pay = el("button", { class: "button", type: "button", dataset: { pay: "" }, onclick: () => openPayment(desk, booking) }, icon("wallet"), t("desk.step_pay"));
  const agreed = el("input", { type: "checkbox", name: "agreed", id: "agree-open" });
  const agree = el("label", { class: "check", for: "agree-open" }, agreed, el("span"));

  function draw() {
    const now = house.booking(booking.id) ?? booking;
    const due = balanceOf(now);
    const pairs = [[t("desk.total"), "total", now.totalAmount], [t("desk.paid"), "paid", paidOf(now)], [t("desk.balance"), "balance", due]];
    bill.replaceChildren(...pairs.flatMap(([label, key, amount]) => [el("dt", {}, label),
      el("dd", {}, el("data", { value: amount, dataset: { figure: `bill.${key}` }, class: `figure${key === "balance" && due > 0 ? " due" : ""}` }, formats.money(amount)))]));
    early.hidden = now.checkOut <= house.today;
    early.textContent = t("desk.leavesEarly", { day: formats.day(now.checkOut) });
    agree.hidden = pay.hidden = due <= 0;
    agree.querySelector("span").textContent = t("desk.openBalance", { amount: formats.money(due) });
  }

  function leave(dialog) {
    if (!agree.hidden && !agreed.checked) {
      dialog.notices.replaceChildren(el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, t("desk.agreeFirst")));
      agreed.focus();
      return false;
    }
    return write(desk, booking, { step: "check-out", dialog, said: (left) => t("desk.checkedOut", { guest: left.guestName, room: left.room ?? "" }) });
  }

  draw();
  const off = house.onChange(draw);
  openDialog({ title: t("desk.checkOutTitle", { guest: booking.guestName, room: booking.room ?? "" }), onClose: off, content: [
    el("p", {}, stayText(formats, booking)), early, bill, pay, el("p", { class: "muted small" }, t("desk.roomGetsDirty")), agree,
  ], actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("desk.step_checkOut"), value: "checkOut", tone: "primary", run: leave },
  ] });
}
