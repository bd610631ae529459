// The room board: every room in the column of its state, by floor, with who is in it until when.
//
// makeBoard(desk) -> {node, draw(words)}. A room is moved by drag, by a key (d, c, i, o) or by its menu; arrow keys go
// from room to room. It shows the new state at once, as a wish, and what it is when the server says otherwise.

import { el, figure, flash, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { keepingFocus, place } from "../ui/keyed.js";
import { menuButton } from "../ui/menu.js";
import { toast } from "../ui/toast.js";
import { STATES, byDay, isExpected, isIn, stateOfRoom } from "./stay.js";
import { ROOM_TONES, badge, reason, roomStateText } from "./words.js";

const KEYS = { d: "dirty", c: "clean", i: "inspected", o: "out" };

export function makeBoard(desk) {
  const { house, formats } = desk;
  const cards = new Map(); // id -> card
  const heads = new Map(); // "dirty/3" -> heading of a floor
  const columns = new Map(STATES.map((state) => [state, makeColumn(state)]));
  const hint = el("p", { class: "muted small board-hint" }, desk.may.write ? t("desk.boardHint") : "");
  const grid = el("div", { class: "board" }, [...columns.values()].map(({ node }) => node));
  const node = el("div", { class: "board-view" }, hint, grid);
  let dragged = null;

  function makeColumn(state) {
    const count = figure(`rooms.${state}`, "", "");
    const list = el("ul", { class: "room-cards", "aria-label": roomStateText(state) });
    return { list, count, node: el("section", { class: "board-column", dataset: { column: state } },
      el("h2", {}, badge(roomStateText(state), ROOM_TONES[state]), " ", count), list) };
  }

  function headOf(state, floor) {
    const key = `${state}/${floor}`;
    if (!heads.has(key)) heads.set(key, el("li", { class: "floor-head" }, t("desk.floor", { floor })));
    return heads.get(key);
  }

  // --- one room ---------------------------------------------------------------------------------

  function makeCard({ id }) {
    const number = el("strong", { class: "room-number" });
    const who = el("span", { class: "room-who" });
    const type = el("span", { class: "muted small" });
    const note = el("span", { class: "note small" });
    const inWords = el("span", { class: "visually-hidden" }); // what the column says to the eye
    const waits = el("span", { class: "badge", dataset: { tone: "warn" }, hidden: true }, t("desk.waits"));
    const main = el("div", { class: "room-main", role: "button", tabindex: "0",
      onkeydown: (event) => pressed(event, id) },
    el("span", { class: "room-line" }, number, type), inWords, who, note, waits);
    const li = el("li", { class: "room-card", dataset: { room: id }, draggable: desk.may.write ? "true" : null }, main);
    menuButton(main, () => menuOf(id));

    function show(room, guest, next) {
      const state = stateOfRoom(room);
      const known = li.dataset.state;
      li.dataset.state = state;
      li.toggleAttribute("data-waits", house.waits(id));
      waits.hidden = !house.waits(id);
      setText(number, room.number);
      setText(type, room.roomType);
      setText(note, room.notes ?? "");
      setText(who, whoText(guest, next));
      who.classList.toggle("muted", !guest);
      li.toggleAttribute("data-taken", Boolean(guest));
      setText(inWords, roomStateText(state));
      if (known && known !== state) flash(li);
    }

    return { node: li, main, show };
  }

  function whoText(guest, next) {
    if (guest) return t("desk.until", { guest: guest.guestName, day: formats.day(guest.checkOut) });
    if (next?.checkIn <= house.today) return t("desk.arrives", { guest: next.guestName });
    return next ? t("desk.freeUntil", { day: formats.day(next.checkIn) }) : t("desk.free");
  }

  // --- changing ---------------------------------------------------------------------------------

  async function move(id, state) {
    const room = house.room(id);
    if (!room || !desk.may.write || stateOfRoom(room) === state) return;
    const label = t("desk.roomIs", { room: room.number, state: roomStateText(state) });
    try {
      const how = await house.setRoom(room, state, label);
      if (how === "queued") toast(t("desk.roomQueued", { label }));
    } catch (error) {
      toast(t("desk.roomRefused", { room: room.number, reason: reason(error) }), { tone: "bad" });
    }
  }

  function menuOf(id) {
    const room = house.room(id);
    const guest = house.bookings().find((b) => isIn(b) && b.roomId === id)
      ?? house.bookings().find((b) => isExpected(b) && b.roomId === id && b.checkIn <= house.today);
    const states = desk.may.write ? STATES.map((state) => ({ label: roomStateText(state), icon: stateOfRoom(room) === state ? "circle-check" : "circle",
      checked: stateOfRoom(room) === state, run: () => move(id, state) })) : [];
    const stay = guest ? { label: t("desk.showBooking", { guest: guest.guestName }), icon: "bed-double", run: () => desk.open(guest.id) }
      : { label: t("desk.free"), icon: "bed-double", disabled: true };
    return states.length ? [...states, null, stay] : [stay];
  }

  function pressed(event, id) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = { ArrowDown: 1, ArrowUp: -1, ArrowRight: "right", ArrowLeft: "left" }[event.key];
    if (event.key === "Enter" || event.key === " ") cards.get(id).main.click();
    else if (KEYS[event.key]) move(id, KEYS[event.key]);
    else if (arrow) go(id, arrow);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // an arrow would open the menu
  }

  function go(id, where) {
    const column = columns.get(cards.get(id).node.dataset.state);
    const own = [...column.list.querySelectorAll(".room-main")];
    const at = own.indexOf(cards.get(id).main);
    if (typeof where === "number") return own[at + where]?.focus();
    const filled = STATES.filter((state) => columns.get(state).list.querySelector(".room-main"));
    const next = filled[filled.indexOf(cards.get(id).node.dataset.state) + (where === "right" ? 1 : -1)];
    const there = next ? [...columns.get(next).list.querySelectorAll(".room-main")] : [];
    return there[Math.min(at, there.length - 1)]?.focus();
  }

  // --- dragging ---------------------------------------------------------------------------------

  const columnAt = (event) => event.target.closest?.("[data-column]");
  grid.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-room]");
    if (!card) return;
    dragged = Number(card.dataset.room);
    event.dataTransfer.setData("text/plain", house.room(dragged).number);
    event.dataTransfer.effectAllowed = "move";
  });
  grid.addEventListener("dragover", (event) => {
    const column = dragged !== null && columnAt(event);
    for (const one of columns.values()) one.node.toggleAttribute("data-over", one.node === column);
    if (column) event.preventDefault();
  });
  grid.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged !== null && columnAt(event)) move(dragged, columnAt(event).dataset.column);
  });
  grid.addEventListener("dragend", () => {
    dragged = null;
    for (const { node: one } of columns.values()) one.removeAttribute("data-over");
  });

  // --- drawing ----------------------------------------------------------------------------------

  function draw(words) {
    const { rooms } = house;
    const live = house.bookings().filter((b) => b.roomId && (isIn(b) || (isExpected(b) && b.checkOut > house.today)));
    const guests = new Map(live.filter(isIn).map((b) => [b.roomId, b]));
    const next = new Map(live.filter(isExpected).sort((a, b) => byDay(b.checkIn, a.checkIn)).map((b) => [b.roomId, b]));
    const floors = new Set(rooms.map(({ floor }) => floor)).size;
    for (const id of [...cards.keys()]) if (!house.room(id)) cards.delete(id);
    keepingFocus(() => {
      for (const [state, column] of columns) {
        const own = rooms.filter((room) => stateOfRoom(room) === state);
        setFigure(column.count, own.length, formats.number(own.length));
        const nodes = [];
        let floor = null;
        for (const room of own.filter((one) => fits(one, guests.get(one.id), words))) {
          if (floors > 1 && room.floor !== floor) nodes.push(headOf(state, room.floor));
          floor = room.floor;
          if (!cards.has(room.id)) cards.set(room.id, makeCard(room));
          cards.get(room.id).show(room, guests.get(room.id), next.get(room.id));
          nodes.push(cards.get(room.id).node);
        }
        place(column.list, nodes);
      }
    });
  }

  function fits(room, guest, words) {
    if (!words) return true;
    return [room.number, room.roomType, guest?.guestName, room.notes].filter(Boolean).join(" ").toLowerCase().includes(words.toLowerCase());
  }

  return { node, draw };
}
