// The steps of a reservation: when each may be taken, by whom, and the dialog in which it is taken. None of them waits
// for a connection: only the house knows whether a table is free.

import { el } from "../ui/dom.js";
import { confirmDialog, openDialog } from "../ui/dialog.js";
import { field, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { openReservationForm } from "./form.js";
import { isExpected, isLive, isSeated } from "./party.js";
import { makeTablePicker } from "./table-picker.js";
import { partyText } from "./words.js";
import { write } from "./write.js";

export const STEPS = [
  { name: "seat", primary: true, may: "seat", when: (one, today) => today && (isExpected(one) || one.status === "no_show"), run: openSeat },
  { name: "confirm", may: "write", when: (one) => one.status === "pending", run: confirmIt },
  { name: "complete", may: "write", when: isSeated, run: complete },
  { name: "edit", may: "write", when: isLive, run: (page, one) => openReservationForm(page, { reservation: one }) },
  { name: "noShow", may: "write", when: isExpected, run: noShow },
  { name: "cancel", may: "write", when: isExpected, run: openCancel },
];

// today: whether it is of the day that it is now.
export const stepsOf = (one, { may, today }) => STEPS.filter((step) => may[step.may] && step.when(one, today));

export function takeStep(page, name, id) {
  const one = page.book.reservation(id);
  return one && STEPS.find((step) => step.name === name).run(page, one);
}

// The table is theirs from now on: one that has guests is no choice.
function openSeat(page, one) {
  const { book, formats } = page;
  const picker = makeTablePicker(page, { given: one.tableId, except: one.id, now: true });
  const guests = field({ name: "guestCount", label: t("reservations.came"), type: "number", min: 1, max: 100, value: one.partySize });
  const show = () => picker.show({ reservations: book.all(), from: Date.now(), until: Date.now() + one.durationMinutes * 60_000,
    partySize: Number(guests.querySelector("input").value) || one.partySize });
  guests.addEventListener("input", show);
  show();
  openDialog({ title: t("reservations.seatTitle", { guest: one.customerName }), onClose: () => picker.end(), content: [
    el("p", {}, `${formats.time(one.date)} \u00b7 ${partyText(one.partySize)}`),
    one.specialRequests && el("p", { class: "banner" }, one.specialRequests), guests, picker.node,
  ], actions: [
    { label: t("common.cancel"), value: "no" },
    { label: t("reservations.step_seat"), value: "seat", tone: "primary", run: async (dialog) => {
      const count = Number(values(dialog.form).guestCount);
      return Boolean(await write(page, one.id, { step: "seat", dialog, places: { tableId: (text) => picker.say(text) },
        body: { ...(picker.value && { tableId: picker.value }), ...(count && { guestCount: count }) },
        said: (now) => t("reservations.seated", { guest: now.customerName, table: book.tableName(now.tableId) ?? "" }) }));
    } },
  ] });
}

function confirmIt(page, one) {
  return write(page, one.id, { body: { status: "confirmed", version: one.version }, said: (now) => t("reservations.confirmed", { guest: now.customerName }) });
}

function complete(page, one) {
  return write(page, one.id, { body: { status: "completed", version: one.version }, said: (now) => t("reservations.completed", { guest: now.customerName }) });
}

async function noShow(page, one) {
  const sure = await confirmDialog({ title: t("reservations.noShowTitle", { guest: one.customerName }), text: t("reservations.noShowText"), yes: t("reservations.step_noShow") });
  if (sure) await write(page, one.id, { step: "no-show", said: (now) => t("reservations.noShowDone", { guest: now.customerName }) });
}

function openCancel(page, one) {
  openDialog({ title: t("reservations.cancelTitle", { guest: one.customerName }), content: [
    el("p", {}, `${page.formats.day(one.date)}, ${page.formats.time(one.date)} \u00b7 ${partyText(one.partySize)}`),
    field({ name: "reason", label: t("reservations.reason"), hint: t("reservations.reasonHint"), rows: 3, maxlength: 500 }),
  ], actions: [
    { label: t("reservations.keep"), value: "keep" },
    { label: t("reservations.step_cancel"), value: "cancel", tone: "primary", run: async (dialog) => {
      const { reason } = values(dialog.form);
      return Boolean(await write(page, one.id, { step: "cancel", body: reason ? { reason } : {}, dialog,
        said: (now) => t("reservations.cancelled", { guest: now.customerName }) }));
    } },
  ] });
}
