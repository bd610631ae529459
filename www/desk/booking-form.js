// The form of a booking: a new one, a walk-in, or another shape of one that there is.
//
// openBookingForm(desk, {booking, walkIn, given}). Availability and price follow the dates as they are typed, and the
// house while the form is open. A walk-in goes on to the check-in. A booking that changes meanwhile is said so, and
// nothing of it is overwritten unseen.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { checkForm, field, values } from "../ui/form.js";
import { t } from "../ui/i18n.js";
import { FreeNights } from "./availability.js";
import { openCheckIn } from "./give-room.js";
import { makeRoomPicker } from "./room-picker.js";
import { addDays, daysBetween } from "./stay.js";
import { makeTypePicker } from "./type-picker.js";
import { sourceText } from "./words.js";
import { create, write } from "./write.js";

const SOURCES = ["phone", "website", "mobile", "walk_in", "partner"];
const LONGEST = 400;
const NAMES = ["guestName", "contactNumber", "email", "source", "checkIn", "checkOut", "adults", "children", "specialRequests"];
const NUMBERS = new Set(["adults", "children"]);

function fieldsOf(desk, now, isNew) {
  const { today } = desk.house;
  const row = (...parts) => el("div", { class: "fields" }, parts);
  const arrived = now.status === "checked_in";
  return {
    who: row(field({ name: "guestName", label: t("desk.guest"), required: true, maxlength: 100, value: now.guestName, autocomplete: "off" }),
      field({ name: "contactNumber", label: t("desk.phone"), type: "tel", pattern: "[0-9+\\(\\) .\\/\\-]{3,32}", title: t("desk.phoneHint"), value: now.contactNumber })),
    mail: row(field({ name: "email", label: t("desk.email"), type: "email", maxlength: 254, value: now.email }),
      field({ name: "source", label: t("desk.source"), value: now.source, options: SOURCES.map((value) => ({ value, label: sourceText(value) })) })),
    when: el("div", { class: "fields close" }, field({ name: "checkIn", label: t("desk.checkIn"), type: "date", required: true, min: isNew ? today : null, readonly: arrived, value: now.checkIn }),
      field({ name: "checkOut", label: t("desk.checkOut"), type: "date", required: true, value: now.checkOut }),
      field({ name: "adults", label: t("desk.grownUps"), type: "number", min: 1, max: 60, required: true, value: now.adults }),
      field({ name: "children", label: t("desk.kids"), type: "number", min: 0, max: 60, required: true, value: now.children })),
    requests: field({ name: "specialRequests", label: t("desk.requests"), rows: 2, maxlength: 1000, value: now.specialRequests }),
  };
}

export function openBookingForm(desk, { booking = null, walkIn = false, given = {} } = {}) {
  const { house, formats } = desk;
  const fresh = { guestName: "", checkIn: house.today, checkOut: addDays(house.today, 1), adults: 2, children: 0,
    source: walkIn ? "walk_in" : "phone", roomTypeId: house.types[0]?.id, roomId: null };
  let base = booking ?? { ...fresh, ...given };
  const parts = fieldsOf(desk, base, !booking);
  const form = () => dialog.form.elements;
  const stay = () => ({ checkIn: form().checkIn.value, checkOut: form().checkOut.value });
  const rightStay = ({ checkIn, checkOut }) => checkIn && checkOut > checkIn && daysBetween(checkIn, checkOut) <= LONGEST;

  const types = makeTypePicker(desk, { chosen: base.roomTypeId, onPick: follow });
  const rooms = walkIn ? null : makeRoomPicker(desk, { typeId: base.roomTypeId, stay: base, except: booking?.id, given: base.roomId,
    arriving: base.status === "checked_in", automatic: base.status === "checked_in" ? null : t("desk.noRoomYet") });
  const price = el("p", { class: "price", role: "status" });
  const free = new FreeNights({ rest: desk.client.rest, on: { busy: types.busy, answer: types.free, error: () => types.free(null) } });
  const firm = el("input", { type: "checkbox", name: "confirmed", id: "booking-firm", checked: true });
  const dialog = openDialog({ title: title(), wide: true, keep: true, onClose: end, content: [
    parts.when, types.node, rooms?.node, price, parts.who, parts.mail, parts.requests,
    !booking && !walkIn && el("label", { class: "check", for: firm.id }, firm, el("span", {}, t("desk.firm")))],
  actions: [{ label: t("common.cancel"), value: "no" },
    { label: t(booking ? "desk.save" : walkIn ? "desk.goToCheckIn" : "desk.book"), value: "book", tone: "primary", run: send }] });

  function title() {
    if (booking) return t("desk.editTitle", { guest: booking.guestName });
    return t(walkIn ? "desk.walkIn" : "desk.newBooking");
  }

  // What hangs on dates, party and type. The end follows a beginning that passed it.
  function follow() {
    const { checkIn, checkOut } = form();
    if (checkIn.value && checkOut.value && checkOut.value <= checkIn.value && document.activeElement === checkIn) {
      checkOut.value = addDays(checkIn.value, 1);
    }
    const nights = stay();
    const type = house.type(types.value);
    const guests = Number(form().adults.value) + Number(form().children.value);
    types.party(guests);
    if (!rightStay(nights)) return void price.replaceChildren();
    free.ask(nights.checkIn, nights.checkOut);
    house.reach(nights.checkOut).catch(() => {});
    rooms?.show({ typeId: types.value, stay: nights });
    showPrice(type, daysBetween(nights.checkIn, nights.checkOut), nights);
  }

  // As the house reckons: other nights make another total; a rate that was agreed stays.
  function showPrice(type, count, nights) {
    const rate = booking ? base.nightlyRate : type.basePrice;
    const same = booking && nights.checkIn === base.checkIn && nights.checkOut === base.checkOut;
    const total = same ? base.totalAmount : Math.round(rate * count * 1000) / 1000;
    price.replaceChildren(t("desk.priceOf", { n: count, rate: formats.money(rate) }), " ",
      el("data", { class: "figure", value: total, dataset: { figure: "form.total" } }, formats.money(total)));
  }

  function rightForm() {
    const { checkIn, checkOut } = form();
    checkOut.setCustomValidity(checkIn.value && checkOut.value && !rightStay(stay()) ? t("desk.error_nights") : "");
    return checkForm(dialog.form);
  }

  // Of a new booking what is said, of one that there is what is another than it was.
  function bodyOf() {
    const all = values(dialog.form);
    const changed = NAMES.filter((name) => (booking ? String(base[name] ?? "") !== all[name] : all[name] !== ""));
    const body = Object.fromEntries(changed.map((name) => [name, NUMBERS.has(name) ? Number(all[name]) : all[name]]));
    const roomId = rooms?.value ?? null;
    if (types.value !== base.roomTypeId || !booking) body.roomTypeId = types.value;
    if (roomId && (roomId !== base.roomId || body.roomTypeId || !booking)) body.roomId = roomId;
    if (booking && !roomId && base.roomId && !body.roomTypeId) body.releaseRoom = true;
    if (!booking) body.status = walkIn || firm.checked ? "confirmed" : "pending";
    return body;
  }

  async function send() {
    types.say("");
    rooms?.say("");
    if (!rightForm()) return false;
    const places = { roomTypeId: (text) => { types.say(text); again(); }, roomId: (text) => (rooms ?? types).say(text) };
    if (booking) {
      const body = bodyOf();
      if (!Object.keys(body).length) return true;
      return write(desk, booking, { body, version: base.version, dialog, places, said: (now) => t("desk.saved", { guest: now.guestName }) });
    }
    const made = await create(desk, bodyOf(), { dialog, places });
    if (made && walkIn) dialog.closed.then(() => openCheckIn(desk, made));
    return Boolean(made);
  }

  const again = () => { if (rightStay(stay())) free.ask(stay().checkIn, stay().checkOut, { again: true }); };

  // Somebody else changed the booking that is being edited: theirs can be taken over, or overwritten knowingly.
  function changedMeanwhile() {
    const now = booking && house.booking(booking.id);
    if (!now || now.version <= base.version || dialog.form.getAttribute("aria-busy")) return;
    const take = (work) => () => { base = now; work(); dialog.notices.replaceChildren(); follow(); };
    dialog.notices.replaceChildren(el("div", { class: "banner", role: "alert", dataset: { tone: "warn", banner: "changed" } },
      el("span", {}, t("desk.changedMeanwhile")), el("span", { class: "row" },
        el("button", { class: "button compact", type: "button", dataset: { action: "theirs" }, onclick: take(() => fill(now)) }, t("desk.takeTheirs")),
        el("button", { class: "button compact", type: "button", dataset: { action: "mine" }, onclick: take(() => {}) }, t("desk.keepMine")))));
  }

  function fill(now) {
    for (const input of form()) if (input.name && Object.hasOwn(now, input.name)) input.value = now[input.name] ?? "";
    types.choose(now.roomTypeId);
  }

  const off = house.onChange(() => { again(); changedMeanwhile(); });
  function end() {
    off();
    free.end();
    rooms?.end();
  }

  dialog.form.addEventListener("input", follow);
  follow();
  form().guestName.focus();
}
