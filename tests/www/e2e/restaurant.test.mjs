// The restaurant dashboard in a real browser: every figure against REST and database, and live by
// psql and REST without a reload.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { differences, expectedFigures } from "../lib/expected.mjs";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";

// The business day, reckoned here by itself: opens and closes at the cutoff in the venue's zone.
const DAY = `(select (day + cutoff) at time zone tz as opens, (day + 1 + cutoff) at time zone tz as closes
  from (select timezone as tz, business_day_cutoff as cutoff,
    ((now() at time zone timezone) - business_day_cutoff::interval)::date as day from maitred.venue where slug = 'bistro') v) d`;

let browser;
let page;
let dashboard;
let api;
let venue;

// One page for the whole file: whatever happens, it is never reloaded.
before(async () => {
  browser = await Browser.start();
  api = await Api.login("bistro", "manager");
  venue = venueId("bistro");
  page = await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies, kept: true });
  dashboard = await DashboardPage.opened(page, "/restaurant/");
});

after(() => browser.stop());
afterEach(() => browser.finish());

// A reservation by psql, `minutes` from now; returns its name.
function reserve({ minutes = 45, status = "confirmed", guests = 4, name = uniqueName("Psql") } = {}) {
  psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source, prepaid)
    values (${venue}, ${quote(name)}, ${guests}, ${quote(soon(venue, minutes))}, ${quote(status)}, 'phone', true)`);
  return name;
}

async function everyFigureIsRight(period = "weekly") {
  await eventually(async () => {
    await dashboard.settled();
    const { wrong, count } = differences(await dashboard.figures(), await expectedFigures(api, { kind: "restaurant", period }));
    assert.deepEqual(wrong, []);
    assert.ok(count >= 8 + 35 + 5, `only ${count} figures on the page`);
  });
}

test("every visible figure is the answer of REST, weekly and monthly", async () => {
  await everyFigureIsRight("weekly");
  await dashboard.choosePeriod("Monthly");
  await page.waitForFunction(() => document.querySelector('[data-figure="trends.29.value1"]'));
  await everyFigureIsRight("monthly");
  await dashboard.choosePeriod("Weekly");
  await everyFigureIsRight("weekly");
});

test("the days of the trends are the last seven, the last one today's", async () => {
  const [names] = psql(`select string_agg(to_char(maitred.today(${venue}) - n, 'Dy'), ',' order by n desc) from generate_series(0, 6) n`);
  const shown = await page.$$eval("#tile-trends tbody th", (nodes) => nodes.map((node) => node.textContent));
  assert.deepEqual(shown, names[0].split(","));
});

test("today's list and the upcoming list are the answers of REST, row by row", async () => {
  reserve({ minutes: 12 });
  for (const [tile, path] of [["today", "/api/dashboard/reservations/today"], ["upcoming", "/api/reservations/upcoming"]]) {
    await eventually(async () => {
      const rows = await dashboard.rows(tile);
      const wanted = (await api.get(path)).map(({ id, customerName, guests, status, time }) =>
        ({ id, customerName, guests: String(guests), status, time }));
      assert.deepEqual(rows.map((row) => ({ ...row, time: row.time.replace(/\s/g, " ") })), wanted);
      assert.ok(rows.length > 0);
    });
  }
});

test("the four figures on top are those of the database", async () => {
  await eventually(async () => {
    const [row] = psql(`select count(*), count(*) filter (where r.prepaid), coalesce(sum(r.party_size), 0) from maitred.reservation r, ${DAY}
      where r.venue = ${venue} and r.starts_at >= d.opens and r.starts_at < d.closes and r.status not in ('cancelled', 'no_show')`);
    const shown = await Promise.all(["reservationsToday", "prepaidReservations", "expectedGuests"].map((key) => dashboard.value(key)));
    assert.deepEqual(shown, row.map(Number));
  });
});

test("the figures of the service are those of the database", async () => {
  await eventually(async () => {
    const rows = psql(`select o.status, count(*), sum(o.total_price) from maitred.customer_order o, ${DAY}
      where o.venue = ${venue} and o.created_at >= d.opens and o.created_at < d.closes group by o.status`);
    const counts = Object.fromEntries(rows.map(([status, count]) => [status, Number(count)]));
    for (const status of ["pending", "preparing", "ready", "completed", "cancelled"]) {
      assert.equal(await dashboard.value(`metrics.byStatus.${status}`), counts[status] ?? 0, status);
    }
    const revenue = rows.filter(([status]) => status !== "cancelled").reduce((sum, row) => sum + Number(row[2]), 0);
    assert.equal(await dashboard.value("metrics.revenue"), revenue / 100);
  });
});

test("a reservation by psql appears without reload: figures, list, upcoming, banner", async () => {
  const before = { reservations: await dashboard.value("reservationsToday"), guests: await dashboard.value("expectedGuests") };
  const name = reserve({ minutes: 20, guests: 5 });
  await dashboard.rowOf(name).waitFor();
  await dashboard.rowOf(name, "upcoming").waitFor();
  await dashboard.banner("upcoming").waitFor();
  await eventually(async () => {
    assert.equal(await dashboard.value("reservationsToday"), before.reservations + 1);
    assert.equal(await dashboard.value("expectedGuests"), before.guests + 5);
  });
  await everyFigureIsRight();
  assert.ok(await dashboard.wasNotReloaded());
});

test("a change of status by psql and by REST changes the row without reload", async () => {
  const name = reserve({ status: "pending" });
  const badge = dashboard.rowOf(name).locator('[data-field="status"]');
  await badge.getByText("Pending").waitFor();
  psql(`update maitred.reservation set status = 'confirmed' where venue = ${venue} and customer_name = ${quote(name)}`);
  await badge.getByText("Confirmed").waitFor();
  const id = await dashboard.rowOf(name).getAttribute("data-reservation");
  await api.post(`/api/restaurant/reservations/${id}/cancel`, {});
  await eventually(async () => {
    const shown = await dashboard.rows("today");
    const answer = await api.get("/api/dashboard/reservations/today");
    assert.deepEqual(shown.find((row) => row.id === id)?.status, answer.find((row) => row.id === id)?.status);
    assert.notEqual(shown.find((row) => row.id === id)?.status, "Confirmed");
  });
  assert.ok(await dashboard.wasNotReloaded());
});

test("a reservation taken by REST appears without reload, and the latest changes tell of it", async () => {
  const name = uniqueName("Rest");
  const date = soon(venue, 40);
  const made = await api.post("/api/restaurant/reservations", { customerName: name, date, partySize: 3, source: "phone" });
  await page.locator(`#tile-today [data-reservation="${made.id}"]`).waitFor();
  await dashboard.tile("activity").getByText(`New: ${name}`).waitFor();
  await everyFigureIsRight();
  assert.ok(await dashboard.wasNotReloaded());
});

test("an order by psql changes revenue, service and latest changes without reload", async () => {
  await dashboard.figure("metrics.orders").waitFor();
  const before = await dashboard.value("metrics.orders");
  psql(`with o as (insert into maitred.customer_order (venue, customer_name) values (${venue}, 'By psql') returning id),
    m as (select id, name, price from maitred.menu_item where venue = ${venue} and available and active order by id limit 1)
    insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price)
    select ${venue}, o.id, m.id, m.name, 2, m.price from o, m`);
  await eventually(async () => assert.equal(await dashboard.value("metrics.orders"), before + 1));
  await dashboard.tile("activity").getByText(/^Order /).first().waitFor();
  await everyFigureIsRight();
  assert.ok(await dashboard.wasNotReloaded());
});

test("a name that looks like markup stays a name", async () => {
  const name = `<img src=x onerror=globalThis.hacked=1> ${uniqueName("")}`;
  reserve({ name, minutes: 1 });
  await dashboard.rowOf(name).waitFor();
  await dashboard.banner("upcoming").getByText("<img").waitFor();
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  assert.equal(await page.locator("#main img").count(), 0);
});

test("two browsers side by side show the same change", async () => {
  const desk = await Api.login("bistro", "frontdesk");
  const second = await DashboardPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: desk.cookies }), "/restaurant/");
  const name = reserve();
  await Promise.all([dashboard.rowOf(name).waitFor(), second.rowOf(name).waitFor()]);
});

test("the sidecar is killed: what happened meanwhile is there, and every figure right, without a reload", async () => {
  const back = killed();
  const name = reserve();
  await back;
  await dashboard.waitForState("live", { timeout: 40000 });
  await dashboard.rowOf(name).waitFor();
  await everyFigureIsRight("weekly");
  assert.ok(await dashboard.wasNotReloaded());
});

test("a viewer sees masked names, in the list and live", async () => {
  const viewer = await Api.login("bistro", "viewer");
  const second = await DashboardPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: viewer.cookies }), "/restaurant/");
  const name = reserve();
  await dashboard.rowOf(name).waitFor();
  const id = await dashboard.rowOf(name).getAttribute("data-reservation");
  const row = second.page.locator(`#tile-today [data-reservation="${id}"]`);
  await row.waitFor();
  await second.tile("activity").locator("li").first().waitFor();
  const [masked] = (await viewer.get("/api/dashboard/reservations/today")).filter((one) => one.id === id);
  assert.notEqual(masked.customerName, name);
  assert.equal(await row.locator('[data-field="customerName"]').textContent(), masked.customerName);
  assert.equal(await second.page.getByText(name).count(), 0);
});

test("a tablet shows everything without scrolling sideways, and the keyboard reaches every control", async () => {
  for (const width of [820, 768, 1024]) {
    await page.setViewportSize({ width, height: 1100 });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wider <= 0, `${wider} px too wide at ${width}`);
  }
  await page.getByLabel("Weekly").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector('[data-figure="trends.29.value1"]'));
  await page.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("details[open]").count(), 1);
});
