// Giving a room: to a guest who arrives, or another one than before.

import { el } from "../ui/dom.js";
import { openDialog } from "../ui/dialog.js";
import { t } from "../ui/i18n.js";
import { makeRoomPicker } from "./room-picker.js";
import { isIn } from "./stay.js";
import { nightsText, partyText, stayText } from "./words.js";
import { write } from "./write.js";

const summary = (desk, booking) => el("p", {}, `${booking.roomType} \u00b7 ${stayText(desk.formats, booking)} (${nightsText(booking.checkIn, booking.checkOut)}) \u00b7 ${partyText(booking)}`);

// "Give it although it is dirty": asked only for a room that is.
function dirtyCheck(id) {
  const input = el("input", { type: "checkbox", id });
  return { input, node: el("label", { class: "check", for: id }, input, el("span", {}, t("desk.allowDirty"))) };
}

// The refusal of a choice that names no room lists those that only lack the cleaning.
function dirtyList(error) {
  const rooms = error.current?.dirty ?? [];
  return rooms.length ? ` ${t("desk.onlyDirty", { rooms: rooms.map(({ number }) => number).join(", ") })}` : "";
}

function openGiving(desk, booking, { wanted = null, title, action, label, arriving, automatic, step, body, said, extra = null }) {
  const dirty = dirtyCheck("allow-dirty");
  const picker = makeRoomPicker(desk, { typeId: booking.roomTypeId, stay: booking, except: booking.id, arriving, wanted,
    given: booking.roomId, without: isIn(booking) ? booking.roomId : null, automatic, onPick: () => { dirty.node.hidden = !(arriving && picker.dirty); } });
  const follow = () => { dirty.node.hidden = !(arriving && picker.dirty); };
  follow();
  const off = desk.house.onChange(follow);

  function give(dialog) {
    return write(desk, booking, { step, body: body(picker.value, arriving && picker.dirty && dirty.input.checked), dialog, said,
      places: { roomId: (text, error) => picker.say(text + dirtyList(error)) } });
  }

  return openDialog({ title, onClose: () => { off(); picker.end(); }, content: [summary(desk, booking), extra, picker.node, dirty.node], actions: [
    { label: t("common.cancel"), value: "no" },
    { label, value: action, tone: "primary", run: give },
  ] });
}

export function openCheckIn(desk, booking) {
  const wish = booking.specialRequests && el("p", { class: "banner" }, booking.specialRequests);
  return openGiving(desk, booking, {
    title: t("desk.checkInTitle", { guest: booking.guestName }), action: "checkIn", label: t("desk.step_checkIn"), arriving: true,
    automatic: t("desk.anyReady"), step: "check-in", extra: wish,
    body: (roomId, allowDirty) => ({ ...(roomId && { roomId }), ...(allowDirty && { allowDirty }) }),
    said: (now) => t("desk.checkedIn", { guest: now.guestName, room: now.room }),
  });
}

// A guest in the house is never without a room; one who comes may be.
export function openMove(desk, booking, { roomId: wanted = null } = {}) {
  const here = isIn(booking);
  return openGiving(desk, booking, {
    wanted, title: t("desk.moveTitle", { guest: booking.guestName }), action: "move", label: t("desk.step_move"), arriving: here,
    automatic: here ? null : t("desk.noRoomYet"),
    body: (roomId, allowDirty) => ({ ...(roomId ? { roomId } : { releaseRoom: true }), ...(allowDirty && { allowDirty }) }),
    said: (now) => (now.room ? t("desk.moved", { guest: now.guestName, room: now.room }) : t("desk.released", { guest: now.guestName })),
  });
}
