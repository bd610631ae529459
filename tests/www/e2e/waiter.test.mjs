// The waiter's panel in a real browser: tasks, calls, tables, orders, the bill; live by psql, side by side with a
// colleague's, with the wire cut in the middle of a queue, and the sidecar killed.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, uniqueName, venueId } from "../lib/house.mjs";
import { clearTable, makeTable, order, seat, stateOf } from "../lib/service.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { WaiterPage } from "../pages/waiter.mjs";

let browser;
let wire;
let page;
let waiter;
let api;
let venue;
let me;
let table;
let session;

before(async () => {
  browser = await Browser.start();
  wire = await Wire.to(URL_OF_HOUSE);
  api = await Api.login("bistro", "waiter");
  venue = venueId("bistro");
  me = (await api.get("/api/user/profile")).id;
  table = makeTable(venue);
  session = seat(venue, table, { waiter: me, guests: 3 });
  page = await browser.newPage({ url: wire.url, cookies: api.cookies, kept: true, width: 390, height: 844 });
  waiter = await WaiterPage.opened(page);
});

afterEach(() => browser.finish());
after(async () => {
  await browser.stop();
  await wire.close();
  clearTable(venue, table);
});

function call(text, kind = "call_waiter") {
  return Number(psql(`insert into maitred.service_request (venue, session_id, table_id, kind, text)
    values (${venue}, ${session}, ${table.id}, ${quote(kind)}, ${quote(text)}) returning id`)[0][0]);
}

const callOf = (id) => psql(`select coalesce(acknowledged_by, ''), resolved_at is not null from maitred.service_request where id = ${id}`)[0];
const tasksOfHouse = () => psql(`select id from maitred.notification where venue = ${venue} and acknowledged_at is null and resolved_at is null
  and (waiter_id = ${me} or waiter_id is null and audience is null)
  order by array_position(array['urgent', 'high', 'normal', 'low'], priority), id`).map(([id]) => Number(id));

async function everyFigureIsRight() {
  await eventually(async () => {
    const tasks = tasksOfHouse();
    assert.deepEqual(await waiter.ids(), tasks);
    if (tasks.length) assert.equal(await waiter.figure("waiter.tasks"), tasks.length);
    const seated = psql(`select s.table_id, s.guest_count, coalesce((select sum(greatest(o.total_price - coalesce((select sum(p.amount)
        from maitred.payment p where p.venue = o.venue and p.order_id = o.id and p.status = 'completed'), 0), 0)) from maitred.customer_order o
        where o.venue = s.venue and o.session_id = s.id and o.status not in ('cancelled', 'completed')), 0)
      from maitred.table_session s where s.venue = ${venue} and s.state = 'open'`);
    const shown = await page.$$eval("[data-seated]", (nodes) => nodes.map((node) => [...node.querySelectorAll("[data-figure]")].reduce(
      (row, one) => ({ ...row, [one.dataset.figure.split(".")[2]]: Number(one.value) }), { id: Number(node.dataset.seated) })));
    const byId = (a, b) => a.id - b.id;
    assert.deepEqual(shown.sort(byId), seated.map(([id, guests, due]) => ({ id: Number(id), guests: Number(guests), due: Number(due) / 100 })).sort(byId));
  });
}

test("tasks and tables are those of the database, guests and money too", async () => {
  await waiter.showTables("all");
  await everyFigureIsRight();
  order(venue, { table, session, lines: [2, 1] });
  await everyFigureIsRight();
  psql(`update maitred.table_session set guest_count = 4 where id = ${session}`);
  await everyFigureIsRight();
  await waiter.showTables("mine");
  await eventually(async () => {
    const mine = psql(`select table_id from maitred.table_session where venue = ${venue} and state = 'open' and waiter_id = ${me}`);
    assert.deepEqual((await page.$$eval("[data-seated]", (nodes) => nodes.map((node) => node.dataset.seated))).sort(), mine.map(([id]) => id).sort());
  });
  await waiter.showTasks();
});

test("a guest's call comes by psql, is taken, and done; a colleague beside sees it go", async () => {
  const manager = await Api.login("bistro", "admin");
  const other = await WaiterPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies }));
  await page.locator('[name="signal"]').check();
  const words = uniqueName("More bread");
  const id = call(words);
  const card = waiter.task("call_waiter", table);
  await card.getByText(words).waitFor();
  await page.waitForFunction(() => Number(document.documentElement.dataset.rang) >= 2); // one when it was switched on
  await waiter.press(card);
  await card.waitFor({ state: "detached" });
  await waiter.call(table).getByText(words).waitFor();
  await eventually(() => assert.deepEqual(callOf(id), ["waiter", "f"]));
  await waiter.press(waiter.call(table), "done");
  await waiter.call(table).waitFor({ state: "detached" });
  await eventually(() => assert.deepEqual(callOf(id), ["waiter", "t"]));
  await other.task("call_waiter", table).waitFor({ state: "detached" });
  await page.locator('[name="signal"]').uncheck();
});

test("an acknowledgement that is refused comes back, with the reason", async () => {
  const words = uniqueName("Water");
  const id = call(words);
  const card = waiter.task("call_waiter", table);
  await card.getByText(words).waitFor();
  await page.route("**/acknowledge", (route) => route.fulfill({ status: 403, contentType: "application/problem+json",
    body: JSON.stringify({ code: "forbidden", detail: "Not you." }) }), { times: 1 });
  await waiter.press(card);
  await waiter.toast("Not you.").waitFor();
  await card.getByText(words).waitFor();
  assert.deepEqual(callOf(id), ["", "f"]);
  psql(`update maitred.service_request set resolved_at = now() where id = ${id}`);
  await card.waitFor({ state: "detached" });
});

test("an order that is ready is a task; serving it is one press", async () => {
  const { id } = order(venue, { table, session, status: "preparing" });
  psql(`update maitred.customer_order set status = 'ready' where id = ${id}`);
  const card = waiter.task("order_ready", table);
  await card.getByText(`ORD-${id}`).waitFor();
  await waiter.press(card);
  await card.waitFor({ state: "detached" });
  await eventually(() => assert.equal(stateOf(id), "served"));
});

test("an order is taken at the table, and the bill paid; the payment is a task", async () => {
  const other = makeTable(venue);
  const seated = seat(venue, other, { waiter: me });
  try {
    await waiter.openTable(other);
    await waiter.panel.locator('[data-do="order"]').click();
    const [[dish, name, price]] = psql(`select id, name, price from maitred.menu_item where venue = ${venue} and active and available order by id desc limit 1`);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("searchbox").fill(name);
    await dialog.locator(`[data-dish="${dish}"] .more`).click();
    await dialog.locator(`[data-dish="${dish}"] .more`).click();
    await dialog.locator(`[data-dish="${dish}"]`).getByRole("textbox").fill("well done");
    await dialog.locator('[data-action="send"]').click();
    await dialog.waitFor({ state: "detached" });
    const [[id, status]] = psql(`select id, status from maitred.customer_order where venue = ${venue} and session_id = ${seated}`);
    assert.equal(status, "confirmed");
    assert.deepEqual(psql(`select quantity, notes, unit_price from maitred.order_item where order_id = ${id}`), [["2", "well done", price]]);
    await waiter.panel.locator(`[data-order="${id}"]`).getByText("well done").waitFor();
    assert.equal(await waiter.figure("panel.due"), 2 * Number(price) / 100);
    await waiter.panel.locator('[data-do="bill"]').click();
    assert.equal(await waiter.figure("bill.due"), 2 * Number(price) / 100);
    order(venue, { table: other, session: seated, lines: [1] }); // what comes while the bill is open is on it
    const total = () => Number(psql(`select sum(total_price) from maitred.customer_order where session_id = ${seated}`)[0][0]) / 100;
    await eventually(async () => assert.equal(await waiter.figure("bill.total"), total()));
    await page.locator('[data-pay="card"]').click();
    await waiter.toast("has paid").waitFor();
    assert.deepEqual(psql(`select distinct payment_status from maitred.customer_order where session_id = ${seated}`), [["paid"]]);
    await eventually(async () => assert.equal(await waiter.figure("panel.due"), 0));
    await waiter.closePanel();
    await waiter.showTasks();
    const paid = waiter.task("payment_completed", other).first();
    await paid.getByText("by Card").waitFor();
    await waiter.press(paid);
  } finally {
    clearTable(venue, other);
  }
});

test("a dish that goes out is off the order at once; when that comes too late the order is refused, and says so", async () => {
  const [[dish, name]] = psql(`select id, name from maitred.menu_item where venue = ${venue} and active and available order by id desc limit 1`);
  await waiter.openTable(table);
  await waiter.panel.locator('[data-do="order"]').click();
  const dialog = page.getByRole("dialog");
  const set = (available) => psql(`update maitred.menu_item set available = ${available} where id = ${dish}`);
  const out = dialog.locator(`[data-dish="${dish}"][data-available="false"]`);
  const more = dialog.locator(`[data-dish="${dish}"] .more`);
  try {
    await more.click();
    set(false);
    await out.waitFor();
    await page.locator(".toast", { hasText: `${name} has just gone out` }).waitFor();
    assert.ok(await dialog.locator('[data-action="send"]').isDisabled());
    set(true);
    await out.waitFor({ state: "detached" });
    await more.click();
    await page.route("**/api/v1/orders", async (route) => { set(false); await route.continue(); }, { times: 1 });
    await dialog.locator('[data-action="send"]').click();
    await dialog.getByRole("alert").getByText(`${name} is not available.`).waitFor();
    await out.waitFor();
  } finally {
    set(true);
  }
  await page.keyboard.press("Escape");
  await waiter.closePanel();
  await waiter.showTasks();
});

test("guests leave: the open panel closes by itself", async () => {
  const other = makeTable(venue);
  seat(venue, other, { waiter: me });
  await waiter.openTable(other);
  clearTable(venue, other);
  await waiter.panel.waitFor({ state: "detached" });
  await waiter.tableCard(other).waitFor({ state: "detached" });
  await waiter.showTasks();
});

test("a table that is nobody's is taken over, and its calls come here from then on", async () => {
  const other = makeTable(venue);
  const seated = seat(venue, other);
  try {
    await waiter.openTable(other);
    await waiter.panel.locator('[data-do="take-over"]').click();
    await waiter.panel.locator('[data-do="take-over"]').waitFor({ state: "hidden" });
    assert.equal(psql(`select waiter_id from maitred.table_session where id = ${seated}`)[0][0], String(me));
    await waiter.closePanel();
    await waiter.showTables("mine");
    await waiter.tableCard(other).waitFor();
    await waiter.showTasks();
  } finally {
    clearTable(venue, other);
  }
});

test("what is acknowledged while the wire is cut waits, also over a reload, and is sent once", async () => {
  const words = uniqueName("Salt");
  const id = call(words);
  const card = waiter.task("call_waiter", table);
  await card.getByText(words).waitFor();
  wire.refuse = everything;
  wire.cut();
  await waiter.banner("connection").getByText("Connection lost").waitFor();
  await waiter.press(card);
  await card.waitFor({ state: "detached" });
  await waiter.banner("queue").getByText("1 change waits").waitFor();
  assert.deepEqual(callOf(id), ["", "f"]);
  wire.refuse = (text) => text.startsWith("POST"); // the page may be loaded, nothing be sent
  await page.reload();
  await waiter.banner("queue").getByText("1 change waits").waitFor();
  assert.deepEqual(callOf(id), ["", "f"]);
  wire.refuse = () => false;
  await eventually(() => assert.deepEqual(callOf(id), ["waiter", "f"]), { within: 40000 });
  await waiter.banner("queue").waitFor({ state: "detached" });
  await waiter.press(waiter.call(table), "done");
  await eventually(() => assert.deepEqual(callOf(id), ["waiter", "t"]));
});

test("a sidecar that is killed and comes back: nothing is missing", async () => {
  const back = killed();
  const words = uniqueName("Pepper");
  const id = call(words);
  await back;
  await waiter.task("call_waiter", table).getByText(words).waitFor({ timeout: 45000 });
  await page.locator('#connection[data-state="live"]').waitFor({ timeout: 45000 });
  psql(`update maitred.service_request set resolved_at = now() where id = ${id}`);
  await waiter.showTables("all");
  await everyFigureIsRight();
});

test("the guests' code is a picture of the link, with the token behind the #", async () => {
  await waiter.openTable(table);
  await waiter.panel.locator('[data-do="code"]').click();
  await page.locator("svg.qr path").waitFor();
  assert.match(await page.locator("#guest-link").getAttribute("href"), /\/guest\/#[\w-]+\.[\w-]+\.[\w-]+$/);
  await page.keyboard.press("Escape");
  await waiter.closePanel();
});
