// The hotel dashboard in a real browser: every figure against REST and database, live by psql.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { differences, expectedFigures } from "../lib/expected.mjs";
import { Api, URL_OF_HOUSE, eventually, psql, quote, uniqueName, venueId } from "../lib/house.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";

let browser;
let page;
let dashboard;
let api;
let venue;
const booked = [];

// One page for the whole file: whatever happens, it is never reloaded.
before(async () => {
  browser = await Browser.start();
  api = await Api.login("grand", "manager");
  venue = venueId("grand");
  page = await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies, kept: true });
  dashboard = await DashboardPage.opened(page, "/hotel/");
});

// A house has so many rooms: the next run needs them too.
after(() => {
  if (booked.length) psql(`update maitred.booking set status = 'cancelled' where venue = ${venue} and status = 'confirmed'
    and guest_name in (${booked.map(quote).join(", ")})`);
  return browser.stop();
});
afterEach(() => browser.finish());

const nights = () => page.$$eval("[data-night]", (nodes) => {
  const after = new Date(Date.parse(nodes.at(-1).dataset.night) + 24 * 3600 * 1000);
  return [nodes[0].dataset.night, after.toISOString().slice(0, 10)];
});
const range = () => Promise.all(["From", "Until"].map((name) => page.getByLabel(name).inputValue()));

async function everyFigureIsRight(period = "weekly") {
  await eventually(async () => {
    await dashboard.settled();
    const expected = await expectedFigures(api, { kind: "hotel", period, range: await range(), nights: await nights() });
    const { wrong, count } = differences(await dashboard.figures(), expected);
    assert.deepEqual(wrong, []);
    assert.ok(count >= 11 + 35 + 5 + 30 * 4, `only ${count} figures on the page`);
  });
}

// One night from today in the room type with the most rooms free; returns the guest's name.
function book({ status = "confirmed", adults = 2 } = {}) {
  const name = uniqueName("Guest");
  booked.push(name);
  psql(`insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, adults, status, nightly_rate, total_amount)
    select ${venue}, ${quote(name)}, t.id, d.day, d.day + 1, ${adults}, ${quote(status)}, 10000, 10000
    from maitred.room_type t, (select maitred.today(${venue}) as day) d
    where t.venue = ${venue} and t.active
    order by (select count(*) from maitred.room r where r.venue = t.venue and r.room_type_id = t.id and not r.out_of_order)
      - coalesce((select n.sold from maitred.room_type_night n where n.venue = t.venue and n.room_type_id = t.id and n.night = d.day), 0) desc
    limit 1`);
  return name;
}

test("every visible figure is the answer of REST, weekly and monthly", async () => {
  await everyFigureIsRight("weekly");
  await dashboard.choosePeriod("Monthly");
  await page.waitForFunction(() => document.querySelector('[data-figure="trends.29.value1"]'));
  await everyFigureIsRight("monthly");
  await dashboard.choosePeriod("Weekly");
  await everyFigureIsRight("weekly");
});

test("an arrival by psql appears without reload: figures, list, rooms", async () => {
  const before = { arrivals: await dashboard.value("reservationsToday"), free: await dashboard.value("availability.availableRooms") };
  const name = book();
  await dashboard.rowOf(name).waitFor();
  await eventually(async () => {
    assert.equal(await dashboard.value("reservationsToday"), before.arrivals + 1);
    assert.equal(await dashboard.value("availability.availableRooms"), before.free - 1);
  });
  await everyFigureIsRight();
  psql(`update maitred.booking set status = 'cancelled' where venue = ${venue} and guest_name = ${quote(name)}`);
  await eventually(async () => assert.equal(await dashboard.value("availability.availableRooms"), before.free));
  await everyFigureIsRight();
  assert.ok(await dashboard.wasNotReloaded());
});

test("a room out of order leaves the base of occupancy at once", async () => {
  const total = await dashboard.value("availability.totalRooms");
  const [[room]] = psql(`select id from maitred.room where venue = ${venue} and not out_of_order order by id desc limit 1`);
  psql(`update maitred.room set out_of_order = true where venue = ${venue} and id = ${room}`);
  await eventually(async () => assert.equal(await dashboard.value("availability.totalRooms"), total - 1));
  psql(`update maitred.room set out_of_order = false where venue = ${venue} and id = ${room}`);
  await eventually(async () => assert.equal(await dashboard.value("availability.totalRooms"), total));
  await everyFigureIsRight();
  assert.ok(await dashboard.wasNotReloaded());
});

test("another range of dates shows its own availability, and a live update does not replace it", async () => {
  const [tonight, until] = await range();
  await page.getByLabel("From").fill(until);
  const later = await range();
  assert.ok(later[1] > later[0], "the end follows the start");
  await everyFigureIsRight();
  const name = book();
  await eventually(async () => assert.equal(await dashboard.tile("activity").getByText(name).count(), 1));
  await everyFigureIsRight();
  await page.getByLabel("From").fill(tonight);
  await page.getByLabel("Until").fill(until);
  await everyFigureIsRight();
});

test("the calendar is the database's, night by night, live, and its weeks can be walked", async () => {
  const [[first, type]] = psql(`select maitred.today(${venue}), t.name from maitred.room_type t where t.venue = ${venue} and t.active order by t.id limit 1`);
  assert.equal((await nights())[0], first);
  const free = (day) => Number(psql(`select coalesce(sum(available), 0) from maitred.rooms_free(${venue}, '${day}', date '${day}' + 1)`)[0][0]);
  await eventually(async () => assert.equal(await dashboard.value(`calendar.${first}`), free(first)));
  const name = book();
  await eventually(async () => assert.equal(await dashboard.value(`calendar.${first}`), free(first)));
  psql(`update maitred.booking set status = 'cancelled' where venue = ${venue} and guest_name = ${quote(name)}`);
  await page.locator('#calendar-steps [data-by="1"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction((day) => document.querySelector("[data-night]").dataset.night > day, first);
  await everyFigureIsRight();
  const [later] = await nights();
  assert.equal(await dashboard.value(`calendar.${later}`), free(later));
  assert.ok(await dashboard.figure(`calendar.${later}.${type}`).isVisible());
  await page.locator('#calendar-steps [data-by="today"]').click();
  await page.waitForFunction((day) => document.querySelector("[data-night]").dataset.night === day, first);
  assert.ok(await dashboard.wasNotReloaded());
});

test("today's arrivals are the answer of REST, row by row", async () => {
  book();
  await eventually(async () => {
    const rows = await dashboard.rows("today");
    const wanted = (await api.get("/api/dashboard/reservations/today")).map(({ id, customerName, guests, status, time }) =>
      ({ id, customerName, guests: String(guests), status, time }));
    assert.deepEqual(rows.map((row) => ({ ...row, time: row.time.replace(/\s/g, " ") })), wanted);
  });
});

test("a cut wire: what was booked meanwhile is there when it is back", async (t) => {
  const wire = await Wire.to(URL_OF_HOUSE);
  t.after(() => wire.close());
  const other = await browser.newPage({ url: wire.url, cookies: api.cookies });
  const here = await DashboardPage.opened(other, "/hotel/");
  wire.refuse = everything;
  wire.cut();
  await here.banner("connection").getByText("Connection lost. Reconnecting...").waitFor();
  const name = book();
  wire.refuse = () => false;
  await here.waitForState("live", { timeout: 40000 });
  await here.rowOf(name).waitFor();
});

test("the sidecar is killed: two browsers are right again, every figure, without a reload", async () => {
  const other = await DashboardPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies }), "/hotel/");
  const back = killed();
  const name = book();
  await back;
  for (const one of [dashboard, other]) {
    await one.waitForState("live", { timeout: 40000 });
    await one.rowOf(name).waitFor();
    assert.ok(await one.wasNotReloaded());
  }
  await everyFigureIsRight("weekly");
});
