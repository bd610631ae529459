// The front desk in real browsers: every figure against the database, two desks side by side, what psql changes,
// the steps of a stay with their refusals, the board by drag and key, a cut wire, a killed sidecar.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, uniqueName, venueId } from "../lib/house.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { DeskPage } from "../pages/desk.mjs";

let browser;
let venue;
let today;
let api;
let one;
let two;
let type;
let rooms;
const types = [];

// Rooms of a type of this file's own: nobody else sells them.
function makeRooms(count) {
  const name = uniqueName("Suite");
  const [[id]] = psql(`insert into maitred.room_type (venue, name, base_price, capacity) values (${venue}, ${quote(name)}, 12000, 2) returning id`);
  types.push(id);
  const mark = name.slice(-6).toUpperCase();
  const made = psql(`insert into maitred.room (venue, room_type_id, number, floor, housekeeping)
    select ${venue}, ${id}, ${quote(mark)} || '-' || n, 7 + n % 2, 'clean' from generate_series(1, ${count}) n returning id, number`);
  return { type: { id: Number(id), name }, rooms: made.map(([room, number]) => ({ id: Number(room), number })) };
}

before(async () => {
  browser = await Browser.start();
  venue = venueId("grand");
  today = psql(`select maitred.today(${venue})`)[0][0];
  ({ type, rooms } = makeRooms(6));
  api = await Api.login("grand", "manager");
  const desk = await Api.login("grand", "frontdesk");
  one = await DeskPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies, kept: true }));
  two = await DeskPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: desk.cookies, kept: true }));
});

after(async () => {
  await browser.stop();
  const own = `venue = ${venue} and room_type_id = any ('{${types}}')`; // a payment is kept, and what it is of
  psql(`delete from maitred.booking b where ${own} and not exists (select from maitred.payment p where p.venue = b.venue and p.booking_id = b.id);
    update maitred.booking set room_id = null where ${own};
    delete from maitred.room where ${own};
    update maitred.room_type set active = false where venue = ${venue} and id = any ('{${types}}')`);
});
afterEach(async () => { // a dialog that a failed test left open must not stand before the next one
  for (const { page, dialog } of [one, two]) if (await dialog.count()) await page.reload();
  await browser.finish();
});

// From..to in days from today; -> {id, name}
function book({ from = 0, to = 2, room = null, status = "confirmed", total = 24000, name = uniqueName("Guest"), of = type } = {}) {
  const [[id]] = psql(`insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out, adults, status, nightly_rate, total_amount)
    values (${venue}, ${quote(name)}, ${of.id}, ${room ?? "null"}, date '${today}' + ${from}, date '${today}' + ${to}, 2, '${status}', 12000, ${total}) returning id`);
  return { id: Number(id), name };
}
const end = ({ id }) => psql(`update maitred.booking set status = case status when 'checked_in' then 'checked_out' else 'cancelled' end
  where venue = ${venue} and id = ${id} and status in ('pending', 'confirmed', 'checked_in')`);
const day = (count) => psql(`select date '${today}' + ${count}`)[0][0];
const bookingOf = (id) => {
  const [row] = psql(`select status, coalesce(room_id, 0), check_out, total_amount, guest_name from maitred.booking where venue = ${venue} and id = ${id}`);
  return { status: row[0], room: Number(row[1]), checkOut: row[2], total: Number(row[3]), name: row[4] };
};
const stateOf = (room) => psql(`select case when out_of_order then 'out' else housekeeping end from maitred.room where venue = ${venue} and id = ${room.id}`)[0][0];
const house = (state, room) => psql(`update maitred.room set housekeeping = '${state}', out_of_order = false where venue = ${venue} and id = ${room.id}`);
const count = (condition) => Number(psql(`select count(*) from maitred.booking b where b.venue = ${venue} and ${condition}`)[0][0]);
const open = "b.status in ('pending', 'confirmed')";

// What the tabs and the list that is shown must say.
function expectedTabs() {
  const [[free, rate]] = psql(`select a ->> 'availableRooms', a ->> 'occupancyRate' from maitred.venue v,
    maitred.availability(v, date '${today}', date '${today}' + 1) a where v.id = ${venue}`);
  const [[guests]] = psql(`select coalesce(sum(adults + children), 0) from maitred.booking where venue = ${venue} and status = 'checked_in'`);
  return {
    "arrivals.open": count(`${open} and b.check_in <= date '${today}' and b.check_out > date '${today}'`),
    "arrivals.done": count(`b.check_in = date '${today}' and b.status in ('checked_in', 'checked_out')`),
    "departures.open": count(`b.status = 'checked_in' and b.check_out <= date '${today}'`),
    "departures.done": count(`b.status = 'checked_out' and b.check_out = date '${today}'`),
    "inhouse.rooms": count("b.status = 'checked_in'"), "inhouse.guests": Number(guests),
    "rooms.free": Number(free), "rooms.occupancy": Number(rate),
    "rooms.total": Number(psql(`select count(*) from maitred.room where venue = ${venue}`)[0][0]),
  };
}

function expectedBalances(condition) {
  return Object.fromEntries(psql(`select 'balance.bkg' || b.id, (b.total_amount - case
      when exists (select from maitred.payment p where p.venue = b.venue and p.booking_id = b.id)
        then coalesce((select sum(p.amount) from maitred.payment p where p.venue = b.venue and p.booking_id = b.id and p.status = 'completed'), 0)
      when b.payment_status = 'paid' then b.total_amount else 0 end) / 100.0
    from maitred.booking b where b.venue = ${venue} and ${condition}`).map(([key, value]) => [key, Number(value)]));
}

async function figuresAreRight(desk, list, condition) {
  await eventually(async () => {
    const shown = await desk.figures();
    const { "coming.open": coming, ...rest } = shown;
    assert.ok(coming >= 0);
    assert.deepEqual(rest, { ...expectedTabs(), ...expectedBalances(condition) }, list);
  });
}

test("every figure of the day is the database's, list by list", async () => {
  const lists = {
    departures: `b.status = 'checked_in' and b.check_out <= date '${today}'`, inhouse: "b.status = 'checked_in'",
    arrivals: `${open} and b.check_in <= date '${today}' and b.check_out > date '${today}'`,
  };
  for (const [list, condition] of Object.entries(lists)) {
    await one.view(list);
    await figuresAreRight(one, list, condition);
  }
});

test("a booking by psql arrives in both desks; what is changed and paid of it shows, and its end", async () => {
  const guest = book();
  await Promise.all([one.row(guest.name).waitFor(), two.row(guest.name).waitFor()]);
  psql(`insert into maitred.payment (venue, booking_id, amount, method, status) values (${venue}, ${guest.id}, 10000, 'card', 'completed')`);
  await eventually(async () => assert.equal(await one.value(`balance.bkg${guest.id}`), 140));
  psql(`update maitred.booking set status = 'cancelled' where venue = ${venue} and id = ${guest.id}`);
  await eventually(async () => assert.equal(await two.row(guest.name).filter({ visible: true }).count(), 0));
  assert.ok(await one.wasNotReloaded() && await two.wasNotReloaded());
});

test("check-in suggests the ready room first, refuses a dirty one until it is agreed, and the other desk sees it", async () => {
  const guest = book();
  house("dirty", rooms[0]);
  house("inspected", rooms[1]);
  await one.row(guest.name).locator('[data-step="checkIn"]').click();
  const picked = one.dialog.locator(".pick:has(input:checked)");
  await eventually(async () => assert.equal(await picked.getAttribute("data-choice"), String(rooms[1].id)));
  await one.dialog.locator(`[data-choice="${rooms[0].id}"]`).click();
  await one.act("checkIn");
  await one.dialog.getByText("The room is dirty").waitFor();
  assert.equal(bookingOf(guest.id).status, "confirmed");
  await one.dialog.getByLabel("Give the room although it is dirty").check();
  await one.act("checkIn");
  await one.closed();
  assert.deepEqual([bookingOf(guest.id).status, bookingOf(guest.id).room], ["checked_in", rooms[0].id]);
  await two.view("inhouse");
  await two.row(guest.name).getByText(rooms[0].number).waitFor();
  await two.view("arrivals");
  end(guest);
});

test("no room is ready: the dirty ones are named", async () => {
  const few = makeRooms(2);
  await one.page.reload();
  await one.live();
  for (const room of few.rooms) house("dirty", room);
  const guest = book({ of: few.type });
  await one.row(guest.name).locator('[data-step="checkIn"]').click();
  await one.dialog.getByText("Any room that is ready").click();
  await one.act("checkIn");
  for (const room of few.rooms) await one.dialog.locator(".room-picker .field-error").getByText(room.number).waitFor();
  await one.act("no");
  await one.page.evaluate(() => { globalThis.notReloaded = true; });
  end(guest);
});

test("a deposit, the rest at check-out, what is given back: on both desks, and as the database says", async () => {
  house("clean", rooms[2]);
  const guest = book({ from: -2, to: 0, room: rooms[2].id });
  psql(`update maitred.booking set status = 'checked_in' where venue = ${venue} and id = ${guest.id}`);
  const paid = () => psql(`select p.amount, p.method, p.status from maitred.payment p where p.venue = ${venue} and p.booking_id = ${guest.id} order by p.id`);
  for (const desk of [one, two]) {
    await desk.view("departures");
    await desk.row(guest.name).locator(".guest-name").click();
  }
  await one.step("pay").click();
  assert.equal(await one.dialog.getByLabel("Amount").inputValue(), "240");
  await one.fill("amount", "0");
  await one.act("pay");
  assert.deepEqual(paid(), []);
  await one.fill("amount", "40.5");
  await one.act("pay");
  await one.closed();
  await eventually(async () => assert.equal(await two.value("detail.balance"), 199.5));
  assert.deepEqual(paid(), [["4050", "card", "completed"]]);
  await two.page.keyboard.press("Escape");
  await two.row(guest.name).locator('[data-step="checkOut"]').click();
  assert.equal(await two.value("bill.balance"), 199.5);
  await two.dialog.locator("[data-pay]").click();
  const pay = two.page.locator("dialog").last();
  psql(`insert into maitred.payment (venue, booking_id, amount, method, status) values (${venue}, ${guest.id}, 9950, 'transfer', 'completed')`);
  await eventually(async () => assert.equal(await pay.getByLabel("Amount").inputValue(), "100")); // what is due now
  await pay.getByLabel("How").selectOption("cash");
  await pay.locator('[data-action="pay"]').click();
  await eventually(async () => assert.equal(await two.value("bill.balance"), 0));
  await two.act("checkOut");
  await two.closed();
  assert.deepEqual(paid().map(([amount]) => amount), ["4050", "9950", "10000"]);
  assert.deepEqual([bookingOf(guest.id).status, psql(`select payment_status from maitred.booking where venue = ${venue} and id = ${guest.id}`)], ["checked_out", [["paid"]]]);
  await one.detail.locator('[data-payment-step="refunded"]').first().click();
  await one.act("yes");
  await one.detail.getByText("(refunded)").waitFor();
  await eventually(async () => assert.equal(await one.value("detail.balance"), 40.5));
  assert.equal(paid()[0][2], "refunded");
  await one.page.keyboard.press("Escape");
  for (const desk of [one, two]) await desk.view("arrivals");
});

test("check-out asks about an open balance, and leaves the room dirty", async () => {
  house("clean", rooms[2]);
  const guest = book({ from: -2, to: 0, room: rooms[2].id });
  psql(`update maitred.booking set status = 'checked_in' where venue = ${venue} and id = ${guest.id}`);
  await one.view("departures");
  await one.row(guest.name).locator('[data-step="checkOut"]').click();
  assert.equal(await one.value("bill.balance"), 240);
  await one.act("checkOut");
  await one.dialog.getByText("Something is still to be paid").waitFor();
  await one.dialog.getByLabel("is still open").check();
  await one.act("checkOut");
  await one.closed();
  assert.equal(bookingOf(guest.id).status, "checked_out");
  assert.equal(stateOf(rooms[2]), "dirty");
  await one.view("rooms");
  await one.roomIn(rooms[2].id, "dirty");
  await one.view("arrivals");
});

test("no-show, and cancel with a reason that the history keeps", async () => {
  const [lost, off] = [book(), book()];
  await one.row(lost.name).locator(".guest-name").click();
  await one.step("noShow").click();
  await one.act("yes");
  await one.toast("is a no-show").waitFor();
  assert.equal(bookingOf(lost.id).status, "no_show");
  await one.row(off.name).locator(".guest-name").click();
  await one.step("cancel").click();
  await one.fill("reason", "flight cancelled");
  await one.act("cancel");
  await one.detail.getByText("flight cancelled").waitFor();
  const [[note]] = psql(`select note from maitred.status_history where venue = ${venue} and kind = 'booking' and entity_id = ${off.id}`);
  assert.equal(note, "flight cancelled");
  await one.page.keyboard.press("Escape");
  await one.detail.waitFor({ state: "hidden" });
});

test("a booking is taken: availability while typing, price, what is wrong beside its field", async () => {
  await one.page.locator("#new-booking").click();
  await one.act("book");
  await eventually(async () => assert.ok(await one.fieldError("guestName").textContent()));
  const name = uniqueName("Anna");
  await one.fill("guestName", name);
  await one.fill("checkIn", day(60));
  await one.fill("checkOut", day(63));
  await one.dialog.locator(`[data-type="${type.id}"]`).click();
  await eventually(async () => assert.equal(await one.value(`form.left.${type.id}`), rooms.length));
  const fill = book({ from: 61, to: 62 });
  await eventually(async () => assert.equal(await one.value(`form.left.${type.id}`), rooms.length - 1)); // live, while the form is open
  assert.equal(await one.value("form.total"), 360);
  await one.fill("adults", 3);
  await one.dialog.getByText("meant for 2 guests").waitFor();
  await one.fill("adults", 2);
  await one.fill("checkOut", day(59));
  await one.act("book");
  await eventually(async () => assert.match(await one.fieldError("checkOut").textContent(), /after the arrival/));
  await one.fill("checkOut", day(63));
  await one.act("book");
  await one.closed();
  const [[total, status]] = psql(`select total_amount, status from maitred.booking where venue = ${venue} and guest_name = ${quote(name)}`);
  assert.deepEqual([total, status], ["36000", "confirmed"]);
  end(fill);
});

test("nothing can be booked before the kinds of rooms are there", async () => {
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies });
  let go;
  const held = new Promise((done) => { go = done; });
  await page.route("**/api/hotel/room-types?*", async (route) => { await held; await route.continue(); });
  await page.goto("/desk/");
  await page.locator('#connection[data-state="live"]').waitFor();
  assert.ok(await page.locator("#new-booking").isDisabled());
  await page.keyboard.press("n");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  go();
  await page.locator("#new-booking:not([disabled])").click();
  await page.locator(`dialog[open] [data-type="${type.id}"]`).waitFor();
});

test("two desks sell the last room: one has it, the other is told beside the room type", async () => {
  const single = makeRooms(1);
  await Promise.all([one, two].map(async (desk) => { await desk.page.reload(); await desk.live(); }));
  const names = [uniqueName("Race"), uniqueName("Race")];
  await Promise.all([one, two].map(async (desk, i) => {
    await desk.page.locator("#new-booking").click();
    await desk.fill("guestName", names[i]);
    await desk.fill("checkIn", day(30));
    await desk.fill("checkOut", day(31));
    await desk.dialog.locator(`[data-type="${single.type.id}"]`).click();
    await eventually(async () => assert.equal(await desk.value(`form.left.${single.type.id}`), 1));
  }));
  await Promise.all([one.act("book"), two.act("book")]);
  const refused = await eventually(async () => {
    const still = [];
    for (const desk of [one, two]) if (await desk.dialog.count()) still.push(desk);
    assert.equal(still.length, 1);
    return still[0];
  });
  await refused.dialog.locator(".type-picker .field-error").getByText("sold out").waitFor();
  await eventually(async () => assert.equal(await refused.value(`form.left.${single.type.id}`), 0));
  assert.equal(count(`b.room_type_id = ${single.type.id} and ${open}`), 1);
  await refused.act("no");
  psql(`update maitred.booking set status = 'cancelled' where venue = ${venue} and room_type_id = ${single.type.id}`);
  await Promise.all([one, two].map((desk) => desk.page.evaluate(() => { globalThis.notReloaded = true; })));
});

test("an edit that another desk came before is said, and overwrites only knowingly", async () => {
  const guest = book();
  await one.row(guest.name).locator(".guest-name").click();
  await one.step("edit").click();
  await one.fill("checkOut", day(4));
  psql(`update maitred.booking set special_requests = 'late arrival', version = version + 1 where venue = ${venue} and id = ${guest.id}`);
  await one.dialog.getByText("Somebody else has changed this booking").waitFor();
  await one.act("book");
  await one.dialog.getByText("Somebody else has").first().waitFor();
  assert.equal(bookingOf(guest.id).checkOut, day(2));
  await one.dialog.locator('[data-action="mine"]').click();
  await one.act("book");
  await one.closed();
  const now = bookingOf(guest.id);
  assert.deepEqual([now.checkOut, now.total], [day(4), 48000]);
  await eventually(async () => assert.equal(await one.value("detail.totalAmount"), 480));
  await one.page.keyboard.press("Escape");
  end(guest);
});

test("walk-in: book and check in, by keyboard alone", async () => {
  house("inspected", rooms[3]);
  const name = uniqueName("Walk");
  await one.page.locator("#tab-arrivals").focus();
  await one.page.keyboard.press("w");
  await one.dialog.locator('[name="guestName"]').waitFor();
  await one.page.keyboard.type(name);
  await one.dialog.locator(`[data-type="${type.id}"] input`).focus();
  await one.page.keyboard.press("Space");
  await one.page.keyboard.press("Enter");
  await one.dialog.getByText(`Check in ${name}`).waitFor();
  await one.dialog.locator('[data-action="checkIn"]').focus();
  await one.page.keyboard.press("Enter");
  await one.closed();
  const [[id, status]] = psql(`select id, status from maitred.booking where venue = ${venue} and guest_name = ${quote(name)}`);
  assert.equal(status, "checked_in");
  end({ id });
});

test("the board: by drag, by key and by menu, in both desks at once", async () => {
  await Promise.all([one.view("rooms"), two.view("rooms")]);
  for (const room of rooms) house("clean", room);
  for (const room of rooms) await Promise.all([one.roomIn(room.id, "clean"), two.roomIn(room.id, "clean")]);
  await one.card(rooms[4].id).dragTo(one.page.locator('[data-column="inspected"]'));
  await Promise.all([one.roomIn(rooms[4].id, "inspected"), two.roomIn(rooms[4].id, "inspected")]);
  await eventually(() => assert.equal(stateOf(rooms[4]), "inspected"));
  const main = two.card(rooms[5].id).locator(".room-main");
  await main.focus();
  for (const [key, state] of [["d", "dirty"], ["i", "inspected"], ["o", "out"], ["c", "clean"]]) {
    await two.page.keyboard.press(key);
    await one.roomIn(rooms[5].id, state);
    assert.ok(await main.evaluate((node) => node === document.activeElement), "the focus goes with the room");
    await eventually(() => assert.equal(stateOf(rooms[5]), state));
  }
  await two.page.keyboard.press("Enter");
  await two.page.getByRole("menuitemradio", { name: "Dirty" }).click();
  await one.roomIn(rooms[5].id, "dirty");
  const columns = Object.fromEntries(psql(`select 'rooms.' || case when out_of_order then 'out' else housekeeping end, count(*)
    from maitred.room where venue = ${venue} group by 1`).map(([key, n]) => [key, Number(n)]));
  await eventually(async () => {
    for (const [key, n] of Object.entries(columns)) assert.equal(await one.value(key), n, key);
  });
});

test("who is in a room until when stands on its card", async () => {
  const guest = book({ room: rooms[4].id });
  psql(`update maitred.booking set status = 'checked_in' where venue = ${venue} and id = ${guest.id}`);
  await one.card(rooms[4].id).getByText(`${guest.name} until`).waitFor();
  end(guest);
  await one.card(rooms[4].id).getByText(guest.name).waitFor({ state: "detached" });
  await one.roomIn(rooms[4].id, "dirty");
});

test("the plan: nights sold, bars where the stays are, another room by drag", async () => {
  await one.view("plan");
  const guest = book({ from: 3, to: 6, room: rooms[0].id });
  await one.bar(guest.id).waitFor();
  const sold = Object.fromEntries(psql(`select 'plan.sold.' || d::date, (select count(*) from maitred.booking b where b.venue = ${venue}
      and b.status in ('pending', 'confirmed', 'checked_in') and b.check_in <= d and b.check_out > d)
    from generate_series(date '${today}', date '${today}' + 13, interval '1 day') d`).map(([key, n]) => [key, Number(n)]));
  await eventually(async () => {
    const shown = await one.figures();
    assert.deepEqual(Object.fromEntries(Object.entries(shown).filter(([key]) => key.startsWith("plan."))), sold);
  });
  await eventually(async () => assert.equal(await one.page.locator(".toast").count(), 0)); // they lie over the last rows
  await one.bar(guest.id).dragTo(one.page.locator(`[data-row="room/${rooms[1].id}"] .plan-track`), { targetPosition: { x: 300, y: 10 } });
  await one.page.locator(`[data-row="room/${rooms[1].id}"] [data-bar="bkg${guest.id}"]`).waitFor();
  assert.equal(bookingOf(guest.id).room, rooms[1].id);
  end(guest);
  await one.bar(guest.id).waitFor({ state: "detached" });
  await one.view("arrivals");
});

test("search finds by name and room, and stands in the address", async () => {
  const guest = book();
  await one.row(guest.name).waitFor();
  await one.page.keyboard.press("/");
  await one.page.keyboard.type(guest.name);
  await eventually(async () => assert.equal(await one.page.locator("#view tr[data-booking]").filter({ visible: true }).count(), 1));
  assert.match(one.page.url(), /q=Guest/);
  await one.page.keyboard.press("Escape");
  end(guest);
});

test("a viewer reads masked names and finds nothing to press; a waiter is told that this is not theirs", async () => {
  const guest = book();
  const [viewer, waiter] = await Promise.all([Api.login("grand", "viewer"), Api.login("grand", "waiter")]);
  const seen = await DeskPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: viewer.cookies }));
  await seen.page.locator(`[data-booking="bkg${guest.id}"]`).getByText(/^[A-Z]\. /).waitFor();
  assert.equal(await seen.page.getByText(guest.name).count(), 0);
  assert.equal(await seen.page.locator("[data-online]").filter({ visible: true }).count(), 0);
  await seen.view("rooms");
  assert.equal(await seen.page.locator('[draggable="true"]').count(), 0);
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies });
  await page.goto("/desk/");
  await page.getByText("may not see bookings").waitFor();
  end(guest);
});

test("a killed sidecar: what happened meanwhile is there without a reload", async () => {
  const back = killed();
  const guest = book();
  await back;
  await one.row(guest.name).waitFor({ timeout: 40000 });
  await one.live();
  const later = book();
  await one.row(later.name).waitFor();
  assert.ok(await one.wasNotReloaded());
  end(guest);
  end(later);
});

test("offline: housekeeping is written down and sent once after a reload, check-in waits and says why", async () => {
  const wire = await Wire.to(URL_OF_HOUSE);
  const manager = await Api.login("grand", "manager");
  const page = await browser.newPage({ url: wire.url, cookies: manager.cookies });
  await page.addInitScript(() => { delete globalThis.SharedWorker; }); // its clock is not the page's
  await page.clock.install();
  const desk = await DeskPage.opened(page, "rooms");
  house("dirty", rooms[0]);
  await desk.roomIn(rooms[0].id, "dirty");
  wire.refuse = everything;
  wire.cut();
  await page.locator('#connection[data-state="reconnecting"]').waitFor();
  await page.clock.fastForward(31000);
  await page.locator("#offline-note").waitFor();
  assert.ok(await page.locator("#new-booking").isDisabled());
  assert.match(await page.locator("#new-booking").getAttribute("title"), /wait for the connection/);
  await desk.card(rooms[0].id).locator(".room-main").focus();
  await page.keyboard.press("c");
  await desk.roomIn(rooms[0].id, "clean");
  await desk.card(rooms[0].id).getByText("waits to be sent").waitFor();
  await page.keyboard.press("i");
  await desk.roomIn(rooms[0].id, "inspected");
  assert.equal(stateOf(rooms[0]), "dirty");
  wire.refuse = () => false;
  await page.reload();
  await desk.roomIn(rooms[0].id, "inspected");
  await eventually(() => assert.equal(stateOf(rooms[0]), "inspected"));
  await desk.card(rooms[0].id).getByText("waits to be sent").waitFor({ state: "hidden" });
  const [[writes]] = psql(`select count(*) from feed.log where venue = ${venue} and area = 'rooms' and entity = ${rooms[0].id} and actor = 'manager'
    and at > now() - interval '1 minute'`);
  assert.equal(writes, "2", "each change once");
  await browser.finish();
  await wire.close();
});
