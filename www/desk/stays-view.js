// One list of stays: arrivals, departures, in the house, or those to come; what is to do first, what is done below.
//
// makeStaysView(desk, name) -> {node, draw(words)}; a row opens the booking, its button takes the next step.

import { el, figure, setFigure, stateMessage } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { keyedList } from "../ui/keyed.js";
import { makeOnce } from "../ui/once.js";
import { balanceOf, isExpected, isIn, listOf, matches, stateOfRoom } from "./stay.js";
import { takeStep } from "./steps.js";
import { ROOM_TONES, badge, lateText, nightsText, partyText, roomStateText, statusBadge, stayText } from "./words.js";

const COLUMNS = ["guest", "room", "stay", "balance", "state", "step"];
const EMPTY = {
  arrivals: "desk.noArrivals", departures: "desk.noDepartures", inhouse: "desk.noInHouse", coming: "desk.noComing",
};

export function makeStaysView(desk, name) {
  const open = section(desk, name);
  const done = section(desk, name);
  const rest = el("details", { class: "disclosure done" }, el("summary", {}), done.table);
  const later = el("button", { class: "button", type: "button", onclick: () => desk.later() }, t("desk.showLater"));
  const none = el("div", { class: "none" });
  const node = el("div", { class: "stays", dataset: { list: name } }, open.table, none, rest, name === "coming" && later);

  function draw(words) {
    const lists = listOf(name, desk.house.bookings(), desk.house.today);
    const found = (list) => (words ? list.filter((one) => matches(one, words)) : list);
    const [now, past] = [found(lists.open), found(lists.done)];
    open.draw(now);
    done.draw(past);
    open.table.hidden = !now.length;
    rest.hidden = !past.length;
    rest.querySelector("summary").textContent = t("desk.doneToday", { n: past.length });
    none.replaceChildren(...(now.length ? [] : [stateMessage(words ? t("desk.noneFound") : t(EMPTY[name]))]));
  }

  node.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".guest-name")) return;
    event.preventDefault();
    const names = [...node.querySelectorAll(".guest-name")].filter((one) => one.checkVisibility());
    names[names.indexOf(event.target) + step]?.focus();
  });
  return { node, draw };
}

function section(desk, name) {
  const body = el("tbody");
  const heads = { guest: t("desk.guest"), room: t("desk.room"), stay: t("desk.stay"), balance: t("desk.balance"), state: t("desk.state"), step: t("desk.step") };
  const head = COLUMNS.map((one) => el("th", { scope: "col", class: one === "balance" ? "number" : "" },
    one === "step" ? el("span", { class: "visually-hidden" }, heads[one]) : heads[one]));
  return {
    table: el("table", { class: "table list-table" }, el("thead", {}, el("tr", {}, head)), body),
    draw: keyedList(body, (booking) => makeRow(desk, name, booking)),
  };
}

function makeRow(desk, name, { id }) {
  const { formats } = desk;
  const guest = el("button", { class: "link guest-name", type: "button", onclick: () => desk.open(id) });
  const under = el("div", { class: "muted small", dataset: { field: "party" } });
  const room = el("td", { dataset: { field: "room" } });
  const stay = el("td", { dataset: { field: "stay" } });
  const balance = figure(`balance.${id}`, "", "");
  const state = el("td", { dataset: { field: "state" } });
  const step = el("td", { class: "row-step" });
  const node = el("tr", { dataset: { booking: id }, onclick: (event) => { if (!event.target.closest("button, a")) desk.open(id); } },
    el("th", { scope: "row" }, guest, under), room, stay, el("td", { class: "number", dataset: { field: "balance" } }, balance), state, step);
  const once = makeOnce();

  function show(booking) {
    const { house } = desk;
    const place = house.room(booking.roomId);
    const due = balanceOf(booking);
    node.toggleAttribute("data-open", desk.opened === id);
    once("guest", booking.guestName, () => { guest.textContent = booking.guestName; });
    once("under", [booking.adults, booking.children], () => { under.textContent = partyText(booking); });
    once("room", [booking.room, booking.roomType, place && stateOfRoom(place), isExpected(booking)], () => {
      room.replaceChildren(el("span", { class: booking.room ? "room-number" : "muted" }, booking.room ?? t("desk.noRoom")),
        place && isExpected(booking) ? badge(roomStateText(stateOfRoom(place)), ROOM_TONES[stateOfRoom(place)]) : "",
        el("div", { class: "muted small" }, booking.roomType));
    });
    once("stay", [booking.checkIn, booking.checkOut], () => {
      stay.replaceChildren(el("div", {}, stayText(formats, booking)), el("div", { class: "muted small" }, nightsText(booking.checkIn, booking.checkOut)));
    });
    setFigure(balance, due, formats.money(due));
    balance.classList.toggle("due", due > 0 && isIn(booking));
    const late = lateText(booking, house.today, formats);
    once("state", [booking.status, late, dueSince(booking, name)], () => {
      state.replaceChildren(statusBadge(booking), late ? badge(late, "bad") : "", el("div", { class: "muted small" }, late ? "" : dueSince(booking, name)));
    });
    once("step", [booking.status, name], () => step.replaceChildren(...nextStep(booking)));
  }

  function dueSince(booking, list) {
    if (list !== "arrivals" || !isExpected(booking)) return "";
    const past = Date.parse(booking.date) <= Date.now();
    return t(past ? "desk.dueSince" : "desk.dueFrom", { time: formats.time(booking.date) });
  }

  function nextStep(booking) {
    const wanted = isIn(booking) ? "checkOut" : isExpected(booking) && name !== "coming" ? "checkIn" : null;
    if (!wanted || !desk.may.write) return [];
    const label = t(`desk.step_${wanted}`);
    return [el("button", { class: `button compact${name === "inhouse" ? "" : " primary"}`, type: "button", dataset: { step: wanted, online: "" },
      "aria-label": `${label}: ${booking.guestName}`, onclick: () => takeStep(desk, wanted, id) }, label)];
  }

  return { node, show };
}
