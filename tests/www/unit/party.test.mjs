// What a reservation means on the day: lateness, tables that fit, lanes; and the venue's wall clock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { guestsOf, lanesOf, lateBy, matches, tablesFor } from "../../../www/reservations/party.js";
import { dayOf, momentOf, timeOf } from "../../../www/ui/venue-time.js";

let count = 0;
function party(time, props = {}) {
  count += 1;
  return { id: `res${count}`, customerName: `Party ${count}`, status: "confirmed", date: `2026-11-26T${time}:00.000Z`, durationMinutes: 90,
    partySize: 2, tableId: null, ...props };
}
const at = (time) => Date.parse(`2026-11-26T${time}:00.000Z`);

test("late is who is expected and has not come", () => {
  assert.equal(lateBy(party("19:00"), at("19:12")), 12);
  assert.equal(lateBy(party("19:00"), at("18:50")), 0);
  assert.equal(lateBy(party("19:00", { status: "seated" }), at("19:12")), 0);
});

test("tables: free and large enough first, the smallest of them; taken ones say by whom", () => {
  const table = (id, capacity, more = {}) => ({ id, number: id, capacity, status: "available", isActive: true, ...more });
  const tables = [table(1, 8), table(2, 4), table(3, 2), table(4, 4), table(5, 4, { status: "maintenance" }), table(6, 4, { isActive: false })];
  const rival = party("18:00", { tableId: 2 });
  const reservations = [rival, party("18:00", { tableId: 4, status: "cancelled" }), party("20:30", { tableId: 1 })];
  const offered = tablesFor({ tables, reservations, from: at("19:00"), until: at("20:30"), partySize: 3 });
  assert.deepEqual(offered.map((one) => [one.table.id, one.by?.id ?? null, one.small]),
    [[4, null, false], [1, null, false], [3, null, true], [2, rival.id, false]]);
  const own = tablesFor({ tables, reservations, from: at("19:00"), until: at("20:30"), partySize: 3, except: rival.id });
  assert.equal(own[0].table.id, 2);
});

test("parties that do not meet share a lane", () => {
  const [a, b, c] = [party("18:00"), party("19:30"), party("19:00")];
  assert.deepEqual(lanesOf([c, b, a]), [[a, b], [c]]);
  assert.equal(guestsOf([a, b, c]), 6);
});

test("search knows the table", () => {
  assert.ok(matches(party("18:00"), "party t-05", { tableNumber: "T-05" }));
  assert.ok(!matches(party("18:00"), "t-06", { tableNumber: "T-05" }));
});

test("the wall clock of the venue, right across a change of the clocks", () => {
  assert.equal(momentOf("2026-11-26", "19:30", "Europe/Berlin"), "2026-11-26T18:30:00.000Z");
  assert.equal(momentOf("2026-07-26", "19:30", "Europe/Berlin"), "2026-07-26T17:30:00.000Z");
  assert.equal(momentOf("2026-10-25", "12:00", "Europe/Berlin"), "2026-10-25T11:00:00.000Z");
  assert.equal(momentOf("2026-10-25", "01:30", "Europe/Berlin"), "2026-10-24T23:30:00.000Z");
  assert.equal(momentOf("2026-11-26", "23:30", "America/Los_Angeles"), "2026-11-27T07:30:00.000Z");
  assert.equal(dayOf("2026-11-27T07:30:00.000Z", "America/Los_Angeles"), "2026-11-26");
  assert.equal(timeOf("2026-11-27T07:30:00.000Z", "America/Los_Angeles"), "23:30");
});
