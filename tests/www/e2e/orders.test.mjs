// The orders page: two browsers, psql and REST on one restaurant; the list, the panel and the day's figures compared
// with the database, filters and page kept while orders come, a cut wire, a killed sidecar.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, venueId } from "../lib/house.mjs";
import { rested } from "../lib/floor.mjs";
import { clearTable, line, makeTable, order, seat, stateOf } from "../lib/service.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { OrdersPage } from "../pages/orders.mjs";

let browser;
let venue;
let manager;
let waiter;
let one;
let two;
let table;
let session;

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  [manager, waiter] = await Promise.all([Api.login("bistro", "manager"), Api.login("bistro", "waiter")]);
  one = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies, kept: true }));
  two = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies, kept: true }));
});

beforeEach(() => {
  rested(venue);
  table = makeTable(venue);
  session = seat(venue, table);
});
afterEach(async () => {
  clearTable(venue, table);
  await browser.finish();
});
after(() => browser.stop());

const make = (how = {}) => order(venue, { table, session, ...how });
const move = (id, status) => psql(`update maitred.customer_order set status = '${status}' where id = ${id}`);
const both = (check) => Promise.all([one, two].map(check));

// The first page of today's orders, as the database has them.
const expected = () => psql(`select o.id, o.order_number, o.status, coalesce(sum(i.quantity * i.unit_price) filter (where i.status <> 'void'), 0) / 100.0
  from maitred.customer_order o left join maitred.order_item i on i.venue = o.venue and i.order_id = o.id
  where o.venue = ${venue} and o.created_at >= maitred.day_start((select timezone from maitred.venue where id = ${venue}), (select business_day_cutoff from maitred.venue where id = ${venue}), maitred.today(${venue}))
  group by o.id, o.order_number, o.status, o.created_at order by o.created_at desc, o.id desc`)
  .map(([id, number, status, total]) => ({ id: Number(id), status, number, total: Number(total) }));

test("the list shows today's orders as they are in the database, the newest first", async () => {
  await make({ lines: [2, 1] });
  await eventually(async () => {
    const rows = await one.rows();
    assert.ok(rows.length > 5);
    assert.deepEqual(rows, expected().slice(0, rows.length));
  });
});

test("the day's figures are REST's and the database's, and follow a change", async () => {
  const { id } = make({ status: "served", lines: [3] });
  const right = async () => {
    const stats = await manager.get("/api/v1/orders/stats");
    for (const key of ["revenue", "orders", "averageOrderValue", "customers"]) assert.equal(await one.figure(`metrics.${key}`), stats[key], key);
    for (const [status, n] of Object.entries(stats.byStatus)) assert.equal(await one.figure(`metrics.byStatus.${status}`), n, status);
    const today = expected();
    for (const [status, n] of Object.entries(stats.byStatus)) assert.equal(today.filter((row) => row.status === status).length, n, status);
  };
  await eventually(right);
  move(id, "completed");
  await eventually(right);
});

test("an order that REST places appears in both browsers without a reload, its step in one shows in the other", async () => {
  const [[item]] = psql(`select min(id) from maitred.menu_item where venue = ${venue} and active and available`);
  const { id } = await waiter.post("/api/v1/orders", { session_id: session, items: [{ menu_item_id: Number(item), quantity: 2 }] });
  await both((orders) => orders.row(id).waitFor());
  const before_ = stateOf(id);
  await one.row(id).getByRole("button").click();
  const next = { pending: "confirmed", confirmed: "preparing" }[before_];
  await both((orders) => orders.inState(id, next));
  assert.equal(stateOf(id), next);
  move(id, "cancelled");
  await both((orders) => orders.inState(id, "cancelled"));
});

test("filters, page and selection stay while orders come and go, and after a reload", async () => {
  const mine = [make({ status: "confirmed" }), make({ status: "confirmed" })];
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies });
  const orders = await OrdersPage.opened(page);
  await orders.chip("confirmed").click();
  await page.waitForURL(/status=confirmed/);
  for (const { id } of mine) await orders.row(id).waitFor();
  await orders.row(mine[0].id).getByRole("checkbox").check();
  const later = make({ status: "confirmed" });
  await orders.row(later.id).waitFor();
  assert.ok(await orders.row(mine[0].id).getByRole("checkbox").isChecked());
  make({ status: "pending" });
  assert.ok((await orders.rows()).every(({ status }) => status === "confirmed"));
  await page.reload();
  await orders.live();
  await orders.row(later.id).waitFor();
  assert.match(page.url(), /status=confirmed/);
  assert.ok(await orders.row(mine[0].id).getByRole("checkbox").isChecked());
});

test("on a later page nothing moves under the hand: what is new waits behind a button", async () => {
  const mine = Array.from({ length: 27 }, () => make({ status: "pending" }));
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies });
  const orders = await OrdersPage.opened(page, `?status=pending&page=2`);
  await orders.row(mine[0].id).waitFor();
  const late = make({ status: "pending" });
  await page.locator("#news").getByText("1 new order").waitFor();
  assert.equal(await orders.row(late.id).count(), 0);
  assert.match(page.url(), /page=2/);
  await page.locator("#news button").click();
  await orders.row(late.id).waitFor();
  assert.doesNotMatch(page.url(), /page=2/);
});

test("the open order follows every change: lines, status, sum", async () => {
  const { id } = make({ status: "confirmed", lines: [1] });
  await one.row(id).click();
  await one.panel.locator("[data-line]").waitFor();
  line(venue, id, { dish: 1, quantity: 4, notes: "no onions" });
  await one.panel.getByText("no onions").waitFor();
  const [[total]] = psql(`select sum(quantity * unit_price) / 100.0 from maitred.order_item where order_id = ${id} and status <> 'void'`);
  await eventually(async () => assert.equal(await one.figure("panel.total"), Number(total)));
  move(id, "preparing");
  await one.panel.locator('[data-step="ready"]').first().waitFor();
  await one.panel.locator('button[data-step="ready"]').first().click();
  await one.inState(id, "ready");
  await eventually(() => assert.equal(stateOf(id), "ready"));
  await one.page.keyboard.press("Escape");
});

test("a step that is refused is rolled back, and the reason is said", async () => {
  const { id } = make({ status: "confirmed" });
  await one.row(id).waitFor();
  await one.page.route(`**/api/v1/orders/${id}/status`, (route) => route.fulfill({ status: 409, contentType: "application/problem+json",
    body: JSON.stringify({ status: 409, code: "invalid_transition", detail: "An order that is over can't be cooked.", current: { allowed: [] } }) }), { times: 1 });
  await one.row(id).getByRole("button").click();
  await one.toast("It is in its final state.").waitFor();
  await one.inState(id, "confirmed");
  assert.equal(stateOf(id), "confirmed");
});

test("an unacknowledged new order stays until somebody takes notice, for everybody", async () => {
  const { id, number } = make({ status: "pending" });
  await both((orders) => orders.page.locator("#alerts").waitFor());
  const notified = () => psql(`select acknowledged_at is not null from maitred.notification where venue = ${venue} and order_id = ${id} and kind = 'new_order'`);
  await eventually(() => assert.equal(notified().length, 1));
  const ack = one.alert(number).getByRole("button", { name: /acknowledge/i });
  const all = one.page.getByRole("button", { name: "Acknowledge all" });
  if (await ack.isVisible()) await ack.click();
  else await all.click();
  await eventually(() => assert.equal(notified()[0][0], "t"));
  await both((orders) => orders.alert(number).waitFor({ state: "detached" }));
});

test("several at once: confirmed together, with what came of it", async () => {
  const mine = [make({ status: "pending" }), make({ status: "pending" })];
  for (const { id } of mine) await one.row(id).getByRole("checkbox").check();
  await one.page.locator('[data-bulk="confirmed"]').click();
  if (await one.dialog.isVisible()) await one.dialog.getByRole("button").last().click();
  for (const { id } of mine) await one.inState(id, "confirmed");
  await eventually(() => assert.deepEqual(mine.map(({ id }) => stateOf(id)), ["confirmed", "confirmed"]));
});

test("by keyboard: j walks, Enter opens, s steps, Escape closes", async () => {
  const { id } = make({ status: "confirmed" });
  await one.row(id).waitFor();
  await one.row(id).focus();
  await one.page.keyboard.press("Enter");
  await one.panel.locator("[data-line]").waitFor();
  await one.page.keyboard.press("Escape");
  await one.panel.waitFor({ state: "hidden" });
  assert.equal(await one.page.evaluate(() => document.activeElement.dataset.order), String(id));
  await one.page.keyboard.press("s");
  await one.inState(id, "preparing");
  await eventually(() => assert.equal(stateOf(id), "preparing"));
});

test("a cut wire: what was missed is there, the filters too", async (t) => {
  const wire = await Wire.to(URL_OF_HOUSE);
  t.after(() => wire.close());
  const { id } = make({ status: "confirmed" });
  const page = await browser.newPage({ url: wire.url, cookies: manager.cookies });
  const orders = await OrdersPage.opened(page, "?status=confirmed,preparing,ready");
  await orders.row(id).waitFor();
  wire.refuse = everything;
  wire.cut();
  await page.locator('[data-banner="connection"]').getByText("Connection lost").waitFor();
  move(id, "preparing");
  const late = make({ status: "confirmed" });
  wire.refuse = () => false;
  await orders.inState(id, "preparing");
  await orders.row(late.id).waitFor();
  assert.match(page.url(), /status=confirmed/);
});

test("a step without a network waits, through a reload, and is done once", async (t) => {
  const wire = await Wire.to(URL_OF_HOUSE);
  t.after(() => wire.close());
  const { id } = make({ status: "confirmed" });
  const page = await browser.newPage({ url: wire.url, cookies: manager.cookies });
  await page.addInitScript(() => { delete globalThis.SharedWorker; }); // its clock is not the page's
  await page.clock.install();
  const orders = await OrdersPage.opened(page);
  await orders.row(id).waitFor();
  wire.refuse = everything;
  wire.cut();
  await page.locator('[data-banner="connection"]').waitFor();
  await page.clock.fastForward(31000);
  await page.locator('[data-banner="offline"]').waitFor();
  await orders.row(id).getByRole("button").click();
  await orders.inState(id, "preparing");
  await page.locator('[data-banner="queue"]').waitFor();
  assert.equal(stateOf(id), "confirmed");
  await page.route("**/api/v1/orders/*/status", (route) => route.abort());
  wire.refuse = () => false;
  await page.reload();
  await orders.live();
  await orders.inState(id, "preparing"); // still a wish
  assert.equal(stateOf(id), "confirmed");
  await page.unroute("**/api/v1/orders/*/status");
  await page.clock.fastForward(31000);
  await eventually(() => assert.equal(stateOf(id), "preparing"));
  await page.locator('[data-banner="queue"]').waitFor({ state: "detached" });
  assert.deepEqual(psql(`select new_status from maitred.status_history where venue = ${venue} and kind = 'order' and entity_id = ${id} and old_status is not null`), [["preparing"]]);
});

test("the sidecar is killed: the list is right when it is back", async () => {
  const { id } = make({ status: "confirmed" });
  await one.row(id).waitFor();
  const back = killed();
  move(id, "preparing");
  const late = make({ status: "pending" });
  await back;
  await both((orders) => orders.live());
  await both((orders) => orders.inState(id, "preparing"));
  await both((orders) => orders.row(late.id).waitFor());
});
