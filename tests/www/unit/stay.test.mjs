// What a booking means at the desk: balances, lists, who is late, which rooms are free.

import assert from "node:assert/strict";
import { test } from "node:test";
import { balanceOf, freeRooms, lanesOf, lateSince, listOf, matches, paidOf, wishOf } from "../../../www/desk/stay.js";
import { heardReservation } from "../../../www/ui/heard.js";

const TODAY = "2026-11-26";
let count = 0;
function stay(props = {}) {
  count += 1;
  return { id: `bkg${count}`, guestName: `Guest ${count}`, status: "confirmed", checkIn: TODAY, checkOut: "2026-11-28", roomId: null, room: null,
    roomType: "Double", roomTypeId: 1, payments: [], paymentStatus: "pending", totalAmount: 100, ...props };
}

test("what is paid: completed payments, else the word of another system", () => {
  assert.equal(paidOf(stay({ paymentStatus: "paid" })), 100);
  assert.equal(balanceOf(stay()), 100);
  const payments = [{ amount: 33.3, status: "completed" }, { amount: 33.4, status: "completed" }, { amount: 20, status: "refunded" }];
  assert.equal(balanceOf(stay({ payments, paymentStatus: "partial" })), 33.3);
});

test("the lists of a day", () => {
  const late = stay({ checkIn: "2026-11-25" });
  const due = stay();
  const never = stay({ checkIn: "2026-11-20", checkOut: "2026-11-22" });
  const came = stay({ status: "checked_in" });
  const over = stay({ status: "checked_in", checkIn: "2026-11-20", checkOut: "2026-11-25" });
  const gone = stay({ status: "checked_out", checkIn: "2026-11-20", checkOut: TODAY });
  const next = stay({ checkIn: "2026-11-27" });
  const all = [next, gone, over, came, never, due, late];
  const ids = (list) => list.map(({ id }) => id);
  assert.deepEqual(ids(listOf("arrivals", all, TODAY).open), ids([late, due]));
  assert.deepEqual(ids(listOf("arrivals", all, TODAY).done), ids([came]));
  assert.deepEqual(ids(listOf("departures", all, TODAY).open), ids([over]));
  assert.deepEqual(ids(listOf("departures", all, TODAY).done), ids([gone]));
  assert.deepEqual(ids(listOf("inhouse", all, TODAY).open), ids([over, came]));
  assert.deepEqual(ids(listOf("coming", all, TODAY).open), ids([next]));
  assert.deepEqual([late, due, over, came].map((one) => lateSince(one, TODAY)), ["2026-11-25", null, "2026-11-25", null]);
});

test("search takes words in any order", () => {
  const one = stay({ guestName: "Greta García", room: "A104" });
  assert.ok(matches(one, "a104 greta"));
  assert.ok(!matches(one, "greta b104"));
});

test("free rooms: of the type, free on all nights, ready ones first, nobody in them on arrival", () => {
  const room = (id, housekeeping, more = {}) => ({ id, number: `R${id}`, floor: 1, roomTypeId: 1, housekeeping, outOfOrder: false, ...more });
  const rooms = [room(1, "dirty"), room(2, "clean"), room(3, "inspected"), room(4, "inspected", { outOfOrder: true }),
    room(5, "inspected", { roomTypeId: 2 }), room(6, "clean"), room(10, "clean")];
  const wish = { typeId: 1, stay: { checkIn: TODAY, checkOut: "2026-11-28" } };
  const bookings = [stay({ roomId: 2, checkIn: "2026-11-27", checkOut: "2026-11-29" }), stay({ roomId: 3, checkIn: "2026-11-28", checkOut: "2026-11-30" }),
    stay({ roomId: 6, status: "checked_in", checkIn: "2026-11-20", checkOut: TODAY }), stay({ roomId: 10, status: "cancelled" })];
  const free = (more = {}) => freeRooms({ rooms, bookings, ...wish, ...more }).map(({ id }) => id);
  assert.deepEqual(free(), [3, 6, 10, 1]);
  assert.deepEqual(free({ arriving: true }), [3, 10, 1]);
  assert.deepEqual(free({ except: bookings[0].id }), [3, 2, 6, 10, 1]);
});

test("a room comes back from out of order by any other state", () => {
  assert.deepEqual(wishOf("out", { outOfOrder: false }), { outOfOrder: true });
  assert.deepEqual(wishOf("clean", { outOfOrder: true }), { housekeeping: "clean", outOfOrder: false });
  assert.deepEqual(wishOf("clean", { outOfOrder: false }), { housekeeping: "clean" });
});

test("stays that touch no other share a lane", () => {
  const [a, b, c] = [stay({ checkOut: "2026-11-27" }), stay({ checkIn: "2026-11-27" }), stay()];
  assert.deepEqual(lanesOf([b, c, a]), [[c], [a, b]].sort((x, y) => x.length - y.length));
});

test("a message has the state in words", () => {
  const heard = heardReservation({ reservation: { id: "bkg1", status: "Checked In" } });
  assert.deepEqual(heard, { id: "bkg1", status: "checked_in", statusText: "Checked In" });
});
