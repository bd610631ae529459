// The room plan (tape chart): rooms by type against the next fourteen days, every stay a bar from the middle of the
// day of arrival to the middle of the day of departure. Stays without a room stand above the rooms of their type.
//
// makeChart(desk) -> {node, draw(words)}. A bar opens its booking; dragged to another room of its type it gets that
// room. A press on free nights begins a booking there. Arrow keys go from bar to bar.

import { el, figure, setFigure } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keepingFocus, place } from "../ui/keyed.js";
import { toast } from "../ui/toast.js";
import { openBookingForm } from "./booking-form.js";
import { openMove } from "./give-room.js";
import { addDays, byNumber, daysBetween, isIn, isLive, lanesOf, matches, stateOfRoom } from "./stay.js";
import { roomStateText, statusText, stayText } from "./words.js";
import { write } from "./write.js";

const DAYS = 14;
const STEP = 7;

export function makeChart(desk) {
  const { house, formats } = desk;
  const bars = new Map(); // booking -> bar
  const rows = new Map(); // "room/3", "type/1", "open/1/0" -> row
  let start = house.today;
  let dragged = null;
  const title = el("h2", { class: "plan-title", role: "status" });
  const head = el("div", { class: "plan-row plan-head" });
  const body = el("div", { class: "plan-body" });
  const button = (label, to, text) => el("button", { class: "button compact", type: "button", "aria-label": label, onclick: () => go(to()) }, text);
  const node = el("div", { class: "plan-view" }, el("div", { class: "plan-tools" },
    button(t("desk.earlier"), () => addDays(start, -STEP), icon("chevron-left")), button(t("desk.today"), () => house.today, t("desk.today")),
    button(t("desk.laterDays"), () => addDays(start, STEP), icon("chevron-right")), title), el("div", { class: "plan card" }, head, body));
  node.style.setProperty("--days", DAYS);

  function go(day) {
    start = day < house.today ? house.today : day;
    house.reach(addDays(start, DAYS)).catch((error) => toast(explain(error), { tone: "bad" }));
    draw("");
  }

  // Who should have left is still here.
  const endOf = (stay) => (isIn(stay) && stay.checkOut < house.today ? house.today : stay.checkOut);
  const days = () => Array.from({ length: DAYS }, (_, i) => addDays(start, i));

  // --- one bar ------------------------------------------------------------------------------------

  function makeBar(id) {
    const bar = el("button", { class: "plan-bar", type: "button", dataset: { booking: id }, draggable: desk.may.write ? "true" : null,
      onclick: (event) => { event.stopPropagation(); desk.open(id); } });
    return bar;
  }

  function showBar(stay, words) {
    if (!bars.has(stay.id)) bars.set(stay.id, makeBar(stay.id));
    const bar = bars.get(stay.id);
    const from = Math.max(daysBetween(start, stay.checkIn) + 0.5, 0);
    const to = Math.min(daysBetween(start, endOf(stay)) + 0.5, DAYS);
    bar.style.insetInlineStart = `${(from / DAYS) * 100}%`;
    bar.style.width = `${((to - from) / DAYS) * 100}%`;
    bar.dataset.state = stay.status;
    bar.toggleAttribute("data-before", stay.checkIn < start);
    bar.toggleAttribute("data-after", daysBetween(start, stay.checkOut) >= DAYS);
    bar.toggleAttribute("data-dim", Boolean(words) && !matches(stay, words));
    bar.toggleAttribute("data-open", desk.opened === stay.id);
    if (bar.textContent !== stay.guestName) bar.textContent = stay.guestName;
    bar.setAttribute("aria-label", [stay.guestName, stay.room ?? t("desk.noRoom"), stayText(formats, stay), statusText(stay)].join(", "));
    bar.title = `${stay.guestName} \u00b7 ${stayText(formats, stay)} \u00b7 ${statusText(stay)}`;
    return bar;
  }

  // --- rows ---------------------------------------------------------------------------------------

  function rowOf(key, { label, note = "", kind, room = null, type = null }) {
    if (!rows.has(key)) {
      const name = el("div", { class: "plan-name" });
      const track = el("div", { class: "plan-track", onclick: (event) => pressed(event, track) });
      rows.set(key, { name, track, node: el("div", { class: "plan-row", dataset: { row: key, kind } }, name, track) });
    }
    const row = rows.get(key);
    row.room = room;
    row.type = type;
    row.track.toggleAttribute("data-out", Boolean(room?.outOfOrder));
    const text = `${label}|${note}`;
    if (row.name.dataset.text !== text) {
      row.name.dataset.text = text;
      row.name.replaceChildren(el(kind === "type" ? "h3" : "strong", {}, label), note && el("span", { class: "dot", dataset: { room: note }, title: roomStateText(note) }));
    }
    return row;
  }

  function filled(row, stays, words) {
    place(row.track, stays.map((stay) => showBar(stay, words)));
    return row.node;
  }

  function rowsOfType(type, stays, words) {
    const own = stays.filter((stay) => stay.roomTypeId === type.id);
    const nodes = [filled(rowOf(`type/${type.id}`, { label: type.name, kind: "type", type }), [], words)];
    lanesOf(own.filter((stay) => !stay.roomId)).forEach((lane, i) => {
      nodes.push(filled(rowOf(`open/${type.id}/${i}`, { label: t("desk.noRoom"), kind: "open", type }), lane, words));
    });
    for (const room of house.rooms.filter((one) => one.roomTypeId === type.id).sort(byNumber)) {
      nodes.push(filled(rowOf(`room/${room.id}`, { label: room.number, note: stateOfRoom(room), kind: "room", room, type }),
        stays.filter((stay) => stay.roomId === room.id), words));
    }
    return nodes;
  }

  // --- the head: nights sold ----------------------------------------------------------------------

  const nights = new Map();
  function drawHead(stays) {
    const total = house.rooms.filter((room) => !room.outOfOrder).length;
    const cells = days().map((day) => {
      if (!nights.has(day)) {
        const date = new Date(`${day}T12:00:00Z`);
        nights.set(day, { sold: figure(`plan.sold.${day}`, "", ""), node: el("div", { class: "plan-day", dataset: { day } }) });
        nights.get(day).node.append(el("span", { class: "muted small" }, formats.weekday(date)), el("strong", {}, formats.day(day)), nights.get(day).sold);
        nights.get(day).node.toggleAttribute("data-weekend", [0, 6].includes(date.getUTCDay()));
      }
      const sold = stays.filter((stay) => stay.checkIn <= day && stay.checkOut > day).length;
      setFigure(nights.get(day).sold, sold, `${formats.number(sold)}/${formats.number(total)}`);
      nights.get(day).node.toggleAttribute("data-today", day === house.today);
      return nights.get(day).node;
    });
    if (!head.firstChild) head.append(el("div", { class: "plan-name muted small" }, t("desk.sold")), el("div", { class: "plan-days" }));
    place(head.lastChild, cells);
    title.textContent = `${formats.day(start)} \u2013 ${formats.day(addDays(start, DAYS - 1))}`;
  }

  function draw(words) {
    if (start < house.today) start = house.today;
    const end = addDays(start, DAYS);
    const stays = house.bookings().filter((one) => isLive(one) && one.checkIn < end && endOf(one) >= start);
    drawHead(stays);
    keepingFocus(() => place(body, house.types.flatMap((type) => rowsOfType(type, stays, words))));
    for (const id of [...bars.keys()]) if (!bars.get(id).isConnected) bars.delete(id);
  }

  // --- pressing, dragging, keys -------------------------------------------------------------------

  const rowAt = (event) => [...rows.values()].find(({ track, node: row }) => row.isConnected && (track.contains(event.target) || row.contains(event.target)));

  function pressed(event, track) {
    const row = [...rows.values()].find((one) => one.track === track);
    if (event.target !== track || !row.type || !desk.may.write || desk.client.offline || row.room?.outOfOrder) return;
    const { left, width } = track.getBoundingClientRect();
    const day = addDays(start, Math.max(0, Math.min(DAYS - 1, Math.floor(((event.clientX - left) / width) * DAYS))));
    openBookingForm(desk, { given: { roomTypeId: row.type.id, roomId: row.room?.id ?? null, checkIn: day, checkOut: addDays(day, 1) } });
  }

  const mayTake = (row, stay) => row?.room && stay && row.room.roomTypeId === stay.roomTypeId && row.room.id !== stay.roomId;
  body.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-booking]")?.dataset.booking ?? null;
    event.dataTransfer.setData("text/plain", dragged ?? "");
  });
  body.addEventListener("dragover", (event) => {
    const row = rowAt(event);
    const right = dragged && mayTake(row, house.booking(dragged));
    for (const one of rows.values()) one.node.toggleAttribute("data-over", Boolean(right) && one === row);
    if (right) event.preventDefault();
  });
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    const stay = house.booking(dragged);
    const row = rowAt(event);
    if (!mayTake(row, stay)) return;
    if (isIn(stay)) openMove(desk, stay, { roomId: row.room.id });
    else write(desk, stay, { body: { roomId: row.room.id }, said: (now) => t("desk.moved", { guest: now.guestName, room: now.room }) });
  });
  body.addEventListener("dragend", () => {
    dragged = null;
    for (const { node: row } of rows.values()) row.removeAttribute("data-over");
  });
  body.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".plan-bar")) return;
    event.preventDefault();
    const all = [...body.querySelectorAll(".plan-bar")];
    all[all.indexOf(event.target) + step]?.focus();
  });

  return { node, draw };
}
