// The guest's page, beside a kitchen's and a waiter's in browsers of their own: order, steps, calls, payment; the
// wire cut, the sidecar killed; another table's guest, and a table that is closed.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, uniqueName, venueId } from "../lib/house.mjs";
import { clearTable, line, makeTable, order, seat, stateOf } from "../lib/service.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { GuestPage } from "../pages/guest.mjs";
import { KitchenPage } from "../pages/kitchen.mjs";
import { WaiterPage } from "../pages/waiter.mjs";

const PHONE = { width: 390, height: 844 };

let browser;
let wire;
let page;
let guest;
let api;
let venue;
let table;
let session;

const tokenOf = async (id) => (await api.post("/api/auth/guest", { session_id: id })).token;

before(async () => {
  browser = await Browser.start();
  wire = await Wire.to(URL_OF_HOUSE);
  api = await Api.login("bistro", "waiter");
  venue = venueId("bistro");
  table = makeTable(venue);
  session = seat(venue, table, { waiter: (await api.get("/api/user/profile")).id });
  page = await browser.newPage({ url: wire.url, kept: true, ...PHONE });
  guest = await GuestPage.opened(page, await tokenOf(session));
});

afterEach(() => browser.finish());
after(async () => {
  await browser.stop();
  await wire.close();
  clearTable(venue, table);
});

async function everyFigureIsRight() {
  await eventually(async () => {
    const orders = psql(`select id, total_price, status from maitred.customer_order where session_id = ${session} order by id desc`);
    assert.deepEqual(await guest.ids(), orders.map(([id]) => Number(id)));
    for (const [id, price] of orders) assert.equal(await guest.figure(`order.${id}.total`), Number(price) / 100);
    const total = orders.filter(([, , status]) => status !== "cancelled").reduce((sum, [, price]) => sum + Number(price), 0);
    assert.equal(await guest.figure("guest.total"), total / 100);
  });
}

test("the token leaves the address at once, and a reload needs none", async () => {
  assert.equal(new URL(page.url()).hash, "");
  assert.equal(await page.evaluate(() => Object.keys(localStorage).filter((name) => localStorage.getItem(name).includes("eyJ")).length), 0);
  await page.reload();
  await guest.live();
  await page.getByRole("heading", { name: `Table ${table.number}` }).waitFor();
});

test("a guest orders: kitchen and waiter have it, and each step comes back to the guest", async () => {
  const [cook, boss] = await Promise.all([Api.login("bistro", "kitchen"), api]);
  const kitchen = await KitchenPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: cook.cookies }));
  const waiter = await WaiterPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: boss.cookies, ...PHONE }));
  const [[dish]] = psql(`select id from maitred.menu_item where venue = ${venue} and active and available order by id limit 1`);
  await guest.showMenu();
  await guest.more(dish);
  await guest.more(dish);
  await page.locator(`[data-dish="${dish}"]`).getByRole("textbox").fill("no basil");
  await guest.send();
  await guest.toast("was received").waitFor();
  const [[text]] = psql(`select id from maitred.customer_order where session_id = ${session}`);
  const id = Number(text);
  await guest.inState(id, "pending");
  await kitchen.inState(id, "pending");
  await kitchen.ticket(id).getByText("no basil").waitFor();
  await waiter.press(waiter.task("new_order", table));
  await Promise.all([guest.inState(id, "confirmed"), kitchen.inState(id, "confirmed")]);
  await kitchen.bump(id);
  await guest.inState(id, "preparing");
  await kitchen.bump(id);
  await guest.inState(id, "ready");
  await guest.order(id).getByText("Your order is ready").waitFor();
  assert.equal(await guest.order(id).locator('[aria-current="step"]').getAttribute("data-step"), "ready");
  await waiter.press(waiter.task("order_ready", table));
  await guest.inState(id, "served");
  assert.equal(stateOf(id), "served");
  await everyFigureIsRight();
});

test("a call is a task; who takes it is on the way; what is done can be asked again", async () => {
  const waiter = await WaiterPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies, ...PHONE }));
  await guest.call("call_waiter").click();
  await guest.callIs("call_waiter", "called");
  await waiter.press(waiter.task("call_waiter", table));
  await guest.callIs("call_waiter", "coming");
  await guest.call("call_waiter").getByText("The waiter is on the way").waitFor();
  await page.reload();
  await guest.callIs("call_waiter", "coming");
  await waiter.press(waiter.call(table), "done");
  await guest.callIs("call_waiter", "idle");
  await guest.call("bill_requested").click();
  await waiter.press(waiter.task("bill_requested", table));
  await guest.callIs("bill_requested", "coming");
  psql(`update maitred.service_request set resolved_at = now() where session_id = ${session} and resolved_at is null`);
  await guest.callIs("bill_requested", "idle");
});

test("orders of the staff, lines and payments by psql are there without a reload", async () => {
  const { id } = order(venue, { table, session, lines: [1, 2] });
  await guest.inState(id, "confirmed");
  line(venue, id, { dish: 2, quantity: 3 });
  await everyFigureIsRight();
  psql(`insert into maitred.payment (venue, order_id, amount, method, status)
    select venue, id, total_price, 'card', 'completed' from maitred.customer_order where id = ${id}`);
  await guest.order(id).getByText("Paid", { exact: true }).waitFor();
  psql(`update maitred.customer_order set status = 'cancelled' where id = ${id}`);
  await guest.inState(id, "cancelled");
  await everyFigureIsRight();
});

test("a dish that goes out is sold out at once and off the order; when that comes too late the order is refused", async () => {
  const [[dish, name]] = psql(`select id, name from maitred.menu_item where venue = ${venue} and active and available order by id limit 1`);
  const set = (available) => psql(`update maitred.menu_item set available = ${available} where id = ${dish}`);
  const out = page.locator(`[data-dish="${dish}"][data-available="false"]`);
  await guest.showMenu();
  try {
    await guest.more(dish);
    set(false);
    await out.getByText("Sold out").waitFor();
    await guest.toast(`${name} has just gone out`).waitFor();
    await page.locator("#send").waitFor({ state: "hidden" });
    set(true);
    await out.waitFor({ state: "detached" });
    await guest.more(dish);
    await page.route("**/api/v1/orders", async (route) => { set(false); await route.continue(); }, { times: 1 });
    await guest.send();
    await guest.toast(`${name} is not available.`).waitFor();
    await out.waitFor();
  } finally {
    set(true);
  }
  await page.locator('[data-tab="orders"]').click();
});

test("a category that is renamed, put away or new is so on an open menu", async () => {
  const name = uniqueName("Specials");
  await guest.showMenu();
  const heading = (text) => page.locator(".menu-category h3").getByText(text, { exact: true });
  const [[category]] = psql(`insert into maitred.menu_category (venue, name, sort) values (${venue}, ${quote(name)}, 0) returning id`);
  const [[dish]] = psql(`insert into maitred.menu_item (venue, category_id, name, price) values (${venue}, ${category}, ${quote(name)}, 900) returning id`);
  try {
    await heading(name).waitFor();
    psql(`update maitred.menu_category set name = ${quote(`${name} II`)} where id = ${category}`);
    await heading(`${name} II`).waitFor();
    psql(`update maitred.menu_category set sort = -1 where id = ${category}`);
    await eventually(async () => assert.equal(await page.locator(".menu-category h3").first().textContent(), `${name} II`));
  } finally {
    psql(`update maitred.menu_item set active = false where id = ${dish}; update maitred.menu_category set active = false where id = ${category}`);
  }
  await heading(`${name} II`).waitFor({ state: "detached" });
  await page.locator('[data-tab="orders"]').click();
});

test("another table's guest sees nothing of it", async () => {
  const theirs = makeTable(venue);
  const other = await GuestPage.opened(await browser.newPage({ url: URL_OF_HOUSE, ...PHONE }), await tokenOf(seat(venue, theirs)));
  try {
    const mine = order(venue, { table, session });
    await guest.inState(mine.id, "confirmed");
    await guest.call("call_waiter").click();
    await guest.callIs("call_waiter", "called");
    const own = order(venue, { table: theirs, session: Number(psql(`select id from maitred.table_session where table_id = ${theirs.id} and state = 'open'`)[0][0]) });
    await other.inState(own.id, "confirmed");
    assert.deepEqual(await other.ids(), [own.id]);
    await other.callIs("call_waiter", "idle");
    assert.ok(!(await guest.ids()).includes(own.id));
  } finally {
    clearTable(venue, theirs);
    psql(`update maitred.service_request set resolved_at = now() where session_id = ${session} and resolved_at is null`);
  }
});

test("the wire is cut: a call waits and is made once, and what happened meanwhile is there", async () => {
  const { id } = order(venue, { table, session });
  await guest.inState(id, "confirmed");
  wire.refuse = everything;
  wire.cut();
  await guest.banner("connection").getByText("Connection lost").waitFor();
  await guest.call("call_waiter").click();
  await guest.banner("queue").getByText("1 change waits").waitFor();
  psql(`update maitred.customer_order set status = 'preparing' where id = ${id}`);
  wire.refuse = () => false;
  await guest.inState(id, "preparing");
  await eventually(() => assert.deepEqual(psql(`select kind from maitred.service_request where session_id = ${session} and resolved_at is null`), [["call_waiter"]]), { within: 40000 });
  await guest.callIs("call_waiter", "called");
  psql(`update maitred.service_request set resolved_at = now() where session_id = ${session} and resolved_at is null`);
  await guest.callIs("call_waiter", "idle");
  await everyFigureIsRight();
});

test("a sidecar that is killed and comes back: nothing is missing", async () => {
  const { id } = order(venue, { table, session });
  await guest.inState(id, "confirmed");
  const back = killed();
  psql(`update maitred.customer_order set status = 'preparing' where id = ${id}`);
  await back;
  await page.locator(`[data-order="${id}"][data-status="preparing"]`).waitFor({ timeout: 45000 });
  await page.locator('#connection[data-state="live"]').waitFor({ timeout: 45000 });
  psql(`update maitred.customer_order set status = 'ready' where id = ${id}`);
  await guest.inState(id, "ready");
  await everyFigureIsRight();
});

test("the code of one order shows that order, and calls", async () => {
  const { id } = order(venue, { table, session });
  const { token } = await api.post("/api/auth/guest", { order_id: id });
  const other = await GuestPage.opened(await browser.newPage({ url: URL_OF_HOUSE, ...PHONE }), token);
  assert.deepEqual(await other.ids(), [id]);
  psql(`update maitred.customer_order set status = 'preparing' where id = ${id}`);
  await other.inState(id, "preparing");
  await other.call("call_waiter").click();
  await other.callIs("call_waiter", "called");
  psql(`update maitred.service_request set acknowledged_at = now(), acknowledged_by = 'waiter' where order_id = ${id}`);
  await other.callIs("call_waiter", "coming");
  psql(`update maitred.service_request set resolved_at = now() where session_id = ${session} and resolved_at is null`);
});

test("by the keyboard: tabs, a dish, the order; and in German where the guest's browser is", async () => {
  const german = await browser.newPage({ url: URL_OF_HOUSE, locale: "de-DE", ...PHONE });
  const other = await GuestPage.opened(german, await tokenOf(session));
  await german.getByRole("heading", { name: `Tisch ${table.number}` }).waitFor();
  await german.locator('[data-tab="orders"]').focus();
  await german.keyboard.press("ArrowRight");
  await german.locator(".dish-row .more").first().focus();
  await german.keyboard.press("Enter");
  await german.locator("#send").focus();
  await german.keyboard.press("Enter");
  await german.keyboard.press("Tab");
  await german.getByRole("dialog").locator('[data-action="yes"]').focus();
  const before = (await other.ids()).length;
  await german.keyboard.press("Enter");
  await eventually(async () => assert.equal((await other.ids()).length, before + 1));
});

test("the table is closed: thank you, and the code opens nothing any more", async () => {
  psql(`update maitred.customer_order set status = 'cancelled' where session_id = ${session} and status in ('pending', 'confirmed', 'preparing', 'ready');
    update maitred.dining_table set status = 'available' where id = ${table.id}`);
  await page.locator("#farewell").getByText("Thank you for being our guests.").waitFor();
  await page.reload();
  await page.locator("#farewell").getByText("Please scan the code").waitFor();
});

test("no code, a spoilt one, an old one: said plainly", async () => {
  const other = await browser.newPage({ url: URL_OF_HOUSE, ...PHONE });
  await other.goto("/guest/");
  await other.locator("#farewell").getByText("Please scan the code").waitFor();
  const claims = Buffer.from(JSON.stringify({ role: "guest", session: 1 })).toString("base64url");
  await other.goto(`/guest/#x.${claims}.x`);
  await other.locator("#farewell").getByText("This page has ended.").waitFor();
});
