// The evening as a plan: tables against hours, every reservation a bar; those without a table stand above. The head
// says how many guests begin in each hour.
//
// makeTimeline(page) -> {node, draw(words)}. A bar opens its reservation; dragged to another table it gets that one; a
// press on a free time begins a reservation there. The plan itself is ui/plan.js.

import { el, figure, setFigure } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { makePlan } from "../ui/plan.js";
import { momentOf, timeOf } from "../ui/venue-time.js";
import { openReservationForm } from "./form.js";
import { endOf, guestsOf, isExpected, lanesOf, matches, startOf } from "./party.js";
import { partyText, statusText } from "./words.js";
import { write } from "./write.js";

const HOUR = 3_600_000;
const STEP = 15 * 60_000;
const OPENS = "11:00";
const HOURS = 12; // as many are shown at least

export function makeTimeline(page) {
  const { book, formats } = page;
  const heads = new Map(); // hour -> {node, guests}
  let first = 0; // the moment at which the plan begins
  let hours = HOURS;
  const plan = makePlan({ corner: t("reservations.arriving"), writes: page.may.write, open: (id) => page.open(id), press, mayDrop, drop });
  const node = el("div", { class: "plan-view" }, plan.node);

  // From the usual opening, or the first party, to the last one's end.
  function span(list) {
    const opens = Date.parse(momentOf(book.day, OPENS, formats.timezone));
    const begin = Math.min(opens, ...list.map(startOf));
    first = Math.floor(begin / HOUR) * HOUR;
    hours = Math.max(HOURS, Math.ceil((Math.max(opens, ...list.map(endOf)) - first) / HOUR));
  }

  function headOf(at) {
    if (!heads.has(at)) {
      const guests = figure(`plan.guests.${timeOf(new Date(at).toISOString(), formats.timezone)}`, "", "");
      heads.set(at, { guests, node: el("div", { class: "plan-day" }, el("strong", {}, formats.time(new Date(at).toISOString())), guests) });
    }
    return heads.get(at);
  }

  function columnsOf(list) {
    return Array.from({ length: hours }, (_, i) => {
      const at = first + i * HOUR;
      const guests = guestsOf(list.filter((one) => startOf(one) >= at && startOf(one) < at + HOUR));
      setFigure(headOf(at).guests, guests, guests ? partyText(guests) : "\u2013");
      return headOf(at).node;
    });
  }

  function barOf(one, words) {
    const part = (ms) => Math.max(0, Math.min(1, (ms - first) / (hours * HOUR)));
    const text = `${one.partySize} \u00b7 ${one.customerName}`;
    const label = [text, formats.time(one.date), book.tableName(one.tableId) ?? t("reservations.noTableYet"), statusText(one)];
    return { id: one.id, from: part(startOf(one)), to: part(endOf(one)), text, label: label.join(", "),
      state: one.status, flags: { open: page.opened === one.id, dim: words && !matches(one, words, book.table(one.tableId)) } };
  }

  function draw(words) {
    const list = book.all().filter((one) => !["cancelled", "no_show"].includes(one.status));
    span(list);
    const bars = (some) => some.map((one) => barOf(one, words));
    const rows = lanesOf(list.filter((one) => !one.tableId)).map((lane, i) => ({ key: `open/${i}`, kind: "open", label: t("reservations.noTableYet"),
      item: { table: null }, bars: bars(lane) }));
    let section = null;
    for (const table of book.tables.filter(({ isActive }) => isActive)) {
      if (table.section !== section) rows.push({ key: `section/${table.floor}/${table.section}`, kind: "group", label: table.section ?? t("reservations.otherTables"), bars: [] });
      section = table.section;
      rows.push({ key: `table/${table.id}`, kind: "place", label: table.tableNumber, note: formats.number(table.capacity),
        out: table.status === "maintenance", item: { table }, bars: bars(list.filter((one) => one.tableId === table.id)) });
    }
    const now = (Date.now() - first) / (hours * HOUR);
    plan.draw({ columns: columnsOf(list), rows, now: now > 0 && now < 1 ? now : null });
  }

  // --- pressing and dragging ----------------------------------------------------------------------

  function press({ table }, fraction) {
    if (!page.may.write || page.client.offline || table?.status === "maintenance") return;
    const at = first + Math.floor((fraction * hours * HOUR) / STEP) * STEP;
    openReservationForm(page, { given: { date: new Date(at).toISOString(), tableId: table?.id ?? null, partySize: Math.min(2, table?.capacity ?? 2) } });
  }

  function mayDrop(id, { table }) {
    const one = book.reservation(id);
    return Boolean(table && one) && isExpected(one) && table.id !== one.tableId && table.status !== "maintenance";
  }

  function drop(id, { table }) {
    const one = book.reservation(id);
    write(page, id, { body: { tableId: table.id, version: one.version }, said: (now) => t("reservations.moved", { guest: now.customerName, table: table.tableNumber }) });
  }

  return { node, draw };
}
