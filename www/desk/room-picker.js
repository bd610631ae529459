// Which room: those of the type that are free for the stay, ready ones first, the first of them suggested.
//
// makeRoomPicker(desk, {typeId, stay, except, arriving, given, without, wanted, automatic}) -> {node, value, dirty,
// say(text), show({typeId, stay}), end()}. It follows the house while it is open: a room that is taken or cleaned
// meanwhile changes here too. `given` is the booking's room, `without` one that is no choice, `wanted` the one to
// begin with, `automatic` the label of the choice that names no room.

import { el } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { keyedList } from "../ui/keyed.js";
import { freeRooms, stateOfRoom } from "./stay.js";
import { ROOM_TONES, badge, roomStateText } from "./words.js";

let count = 0;

export function makeRoomPicker(desk, { typeId, stay, except = null, arriving = false, given = null, without = null, wanted: first = null, automatic = null, onPick = () => {} }) {
  count += 1;
  const name = `room-${count}`;
  const list = el("div", { class: "room-choices" });
  const error = el("p", { class: "field-error", role: "alert", id: `${name}-error` });
  const none = el("p", { class: "muted small" }, t("desk.noRoomFree"));
  const node = el("fieldset", { class: "field room-picker", "aria-describedby": error.id }, el("legend", {}, t("desk.room")), list, none, error);
  let wanted = { typeId, stay };
  let picked = first; // what a person chose, else what is suggested

  const rooms = () => freeRooms({ rooms: desk.house.rooms, bookings: desk.house.bookings(), except, arriving, ...wanted })
    .filter((room) => room.id !== without);
  const choice = () => {
    const free = rooms();
    const known = (id) => id === 0 || free.some((room) => room.id === id);
    if (picked !== null && known(picked)) return picked;
    if (given && known(given)) return given;
    return automatic && (!arriving || free[0]?.housekeeping === "dirty") ? 0 : free[0]?.id ?? 0;
  };

  const drawList = keyedList(list, (item) => {
    const input = el("input", { type: "radio", name, value: item.id, onchange: () => { picked = item.id; say(""); onPick(); } });
    const words = el("span", { class: "pick-words" });
    return { node: el("label", { class: "pick", dataset: { choice: item.id } }, input, words), show(now) {
      input.checked = now.checked;
      words.replaceChildren(...(now.id ? [el("strong", {}, now.room.number), badge(roomStateText(stateOfRoom(now.room)), ROOM_TONES[stateOfRoom(now.room)]),
        now.id === given && given ? el("span", { class: "muted small" }, t("desk.givenRoom")) : ""] : [el("span", {}, automatic)]));
    } };
  });

  function draw() {
    const free = rooms();
    const chosen = choice();
    none.hidden = free.length > 0;
    drawList([...(automatic ? [{ id: 0, checked: chosen === 0 }] : []),
      ...free.map((room) => ({ id: room.id, room, checked: room.id === chosen }))]);
  }

  function say(text) {
    error.textContent = text;
  }

  draw();
  const off = desk.house.onChange(draw);
  return {
    node, say, end: off,
    get value() { return choice() || null; },
    get dirty() { return desk.house.room(choice())?.housekeeping === "dirty"; },
    show(next) { wanted = next; draw(); onPick(); },
  };
}
