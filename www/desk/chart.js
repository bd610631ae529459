// The room plan (tape chart): rooms by type against the next fourteen days, every stay a bar from the middle of the
// day of arrival to the middle of the day of departure. Stays without a room stand above the rooms of their type.
//
// makeChart(desk) -> {node, draw(words)}. A bar opens its booking; dragged to another room of its type it gets that
// room. A press on free nights begins a booking there. The plan itself is ui/plan.js.

import { el, figure, setFigure } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { makePlan } from "../ui/plan.js";
import { toast } from "../ui/toast.js";
import { openBookingForm } from "./booking-form.js";
import { openMove } from "./give-room.js";
import { addDays, daysBetween, isIn, isLive, lanesOf, matches, stateOfRoom } from "./stay.js";
import { statusText, stayText } from "./words.js";
import { write } from "./write.js";

const DAYS = 14;
const STEP = 7;

export function makeChart(desk) {
  const { house, formats } = desk;
  const heads = new Map(); // day -> {node, sold}
  let start = house.today;
  const title = el("p", { class: "plan-title", role: "status" });
  const button = (label, to, content) => el("button", { class: "button compact", type: "button", "aria-label": label, onclick: () => go(to()) }, content);
  const plan = makePlan({ corner: t("desk.sold"), writes: desk.may.write, open: (id) => desk.open(id), press, mayDrop, drop });
  const node = el("div", { class: "plan-view" }, el("div", { class: "plan-tools" },
    button(t("desk.earlier"), () => addDays(start, -STEP), icon("chevron-left")), button(t("desk.today"), () => house.today, t("desk.today")),
    button(t("desk.laterDays"), () => addDays(start, STEP), icon("chevron-right")), title), plan.node);

  function go(day) {
    start = day < house.today ? house.today : day;
    house.reach(addDays(start, DAYS)).catch((error) => toast(explain(error), { tone: "bad" }));
    draw("");
  }

  // Who should have left is still here.
  const endOf = (stay) => (isIn(stay) && stay.checkOut < house.today ? house.today : stay.checkOut);

  function barOf(stay, words) {
    const from = daysBetween(start, stay.checkIn) + 0.5;
    const to = daysBetween(start, endOf(stay)) + 0.5;
    const said = [stayText(formats, stay), statusText(stay)];
    return { id: stay.id, from: Math.max(from, 0) / DAYS, to: Math.min(to, DAYS) / DAYS, text: stay.guestName, state: stay.status,
      label: [stay.guestName, stay.room ?? t("desk.noRoom"), ...said].join(", "), title: [stay.guestName, ...said].join(" \u00b7 "),
      flags: { before: from < 0, after: to > DAYS, dim: words && !matches(stay, words), open: desk.opened === stay.id } };
  }

  function rowsOfType(type, stays, words) {
    const own = stays.filter((stay) => stay.roomTypeId === type.id);
    const bars = (list) => list.map((stay) => barOf(stay, words));
    return [
      { key: `type/${type.id}`, kind: "group", label: type.name, bars: [] },
      ...lanesOf(own.filter((stay) => !stay.roomId)).map((lane, i) => ({ key: `open/${type.id}/${i}`, kind: "open", label: t("desk.noRoom"),
        item: { type, room: null }, bars: bars(lane) })),
      ...house.rooms.filter((one) => one.roomTypeId === type.id).map((room) => ({ key: `room/${room.id}`, kind: "place", label: room.number,
        dot: stateOfRoom(room), out: room.outOfOrder, item: { type, room }, bars: bars(stays.filter((stay) => stay.roomId === room.id)) })),
    ];
  }

  // --- the head: nights sold ----------------------------------------------------------------------

  function headOf(day) {
    if (!heads.has(day)) {
      const date = new Date(`${day}T12:00:00Z`);
      const sold = figure(`plan.sold.${day}`, "", "");
      const cell = el("div", { class: "plan-day", dataset: { day } }, el("span", { class: "muted small" }, formats.weekday(date)),
        el("strong", {}, formats.day(day)), sold);
      cell.toggleAttribute("data-weekend", [0, 6].includes(date.getUTCDay()));
      heads.set(day, { node: cell, sold });
    }
    return heads.get(day);
  }

  function columnsOf(stays) {
    const total = house.rooms.filter((room) => !room.outOfOrder).length;
    return Array.from({ length: DAYS }, (_, i) => {
      const day = addDays(start, i);
      const head = headOf(day);
      const sold = stays.filter((stay) => stay.checkIn <= day && stay.checkOut > day).length;
      setFigure(head.sold, sold, `${formats.number(sold)}/${formats.number(total)}`);
      head.node.toggleAttribute("data-today", day === house.today);
      return head.node;
    });
  }

  function draw(words) {
    if (start < house.today) start = house.today;
    const end = addDays(start, DAYS);
    const stays = house.bookings().filter((one) => isLive(one) && one.checkIn < end && endOf(one) >= start);
    title.textContent = `${formats.day(start)} \u2013 ${formats.day(addDays(end, -1))}`;
    plan.draw({ columns: columnsOf(stays), rows: house.types.flatMap((type) => rowsOfType(type, stays, words)) });
  }

  // --- pressing and dragging ----------------------------------------------------------------------

  function press({ type, room }, fraction) {
    if (!desk.may.write || desk.client.offline || room?.outOfOrder) return;
    const day = addDays(start, Math.floor(fraction * DAYS));
    openBookingForm(desk, { given: { roomTypeId: type.id, roomId: room?.id ?? null, checkIn: day, checkOut: addDays(day, 1) } });
  }

  function mayDrop(id, { room }) {
    const stay = house.booking(id);
    return Boolean(room && stay) && room.roomTypeId === stay.roomTypeId && room.id !== stay.roomId;
  }

  function drop(id, { room }) {
    const stay = house.booking(id);
    if (isIn(stay)) openMove(desk, stay, { roomId: room.id });
    else write(desk, stay, { body: { roomId: room.id }, said: (now) => t("desk.moved", { guest: now.guestName, room: now.room }) });
  }

  return { node, draw };
}
