// What is done with one order on the orders page: money, lines from the menu, cancelling, editing; each refusal as a
// person sees it; what the kitchen may do; pages that don't move under the hand; a hotel's orders.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { rested } from "../lib/floor.mjs";
import { Api, URL_OF_HOUSE, eventually, psql, uniqueName, venueId } from "../lib/house.mjs";
import { clearTable, makeTable, order, seat, stateOf } from "../lib/service.mjs";
import { Browser } from "../pages/browser.mjs";
import { OrdersPage } from "../pages/orders.mjs";

let browser;
let venue;
let manager;
let orders;
let page;
let table;
let session;

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  manager = await Api.login("bistro", "manager");
  page = await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies, kept: true });
  orders = await OrdersPage.opened(page);
});

beforeEach(() => {
  rested(venue);
  table = makeTable(venue);
  session = seat(venue, table);
});
afterEach(async () => {
  if (await orders.dialog.count()) await page.keyboard.press("Escape");
  clearTable(venue, table);
  await browser.finish();
});
after(() => browser.stop());

const make = (how = {}) => order(venue, { table, session, ...how });
const sumsOf = (id) => {
  const [[total, paid]] = psql(`select total_price / 100.0, coalesce((select sum(p.amount) from maitred.payment p
    where p.venue = o.venue and p.order_id = o.id and p.status = 'completed'), 0) / 100.0 from maitred.customer_order o where o.id = ${id}`);
  return { total: Number(total), paid: Number(paid), due: Math.max(0, Math.round((total - paid) * 100) / 100) };
};
const sumsAre = (id) => eventually(async () => {
  for (const [name, sum] of Object.entries(sumsOf(id))) assert.equal(await orders.figure(`panel.${name}`), sum, name);
});

async function open(id) {
  await orders.row(id).locator(".name").click();
  await orders.panel.locator("[data-line]").first().waitFor();
  await eventually(async () => assert.equal(await orders.panel.getAttribute("data-order"), String(id)));
}

const problem = (text) => orders.dialog.locator('[data-tone="bad"]', { hasText: text });

test("half of it is paid, then the rest, then one payment is refunded: the sums are the database's each time", async () => {
  const { id } = make({ status: "served", lines: [2, 1] });
  await open(id);
  await sumsAre(id);
  await orders.panel.locator('[data-step="pay"]').click();
  await orders.dialog.getByRole("button", { name: "1/2" }).click();
  await orders.dialog.locator('select[name="method"]').selectOption("cash");
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.dialog.waitFor({ state: "detached" });
  await eventually(() => assert.ok(sumsOf(id).paid > 0));
  await sumsAre(id);
  await orders.panel.locator('[data-step="pay"]').click();
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.dialog.waitFor({ state: "detached" });
  await sumsAre(id);
  assert.equal(sumsOf(id).due, 0);
  await orders.panel.locator('[data-step="pay"]').waitFor({ state: "hidden" });
  await orders.panel.locator('[data-step="refunded"]').first().click();
  await orders.dialog.locator('[data-action="yes"]').click();
  await eventually(() => assert.ok(sumsOf(id).due > 0));
  await sumsAre(id);
});

test("a payment that somebody else took meanwhile is not taken twice", async () => {
  const { id } = make({ status: "served" });
  await open(id);
  await orders.panel.locator('[data-step="pay"]').click();
  await manager.post(`/api/v1/orders/${id}/payments`, { method: "card" });
  await sumsAre(id);
  await orders.dialog.locator('[data-action="yes"]').click();
  await problem("Nothing of the order is left to pay").waitFor();
  assert.equal(psql(`select count(*) from maitred.payment where order_id = ${id}`)[0][0], "1");
});

test("cancelling asks for a reason, says what changed meanwhile, and keeps the reason", async () => {
  const { id } = make({ status: "confirmed" });
  await open(id);
  await orders.panel.locator('[data-step="cancelled"]').click();
  await orders.dialog.locator('[data-action="yes"]').click();
  await eventually(async () => assert.equal(await orders.dialog.locator('[name="note"]').getAttribute("aria-invalid"), "true"));
  await orders.dialog.locator('[name="note"]').fill("the guests have left");
  psql(`update maitred.customer_order set status = 'preparing' where id = ${id}`);
  await orders.inState(id, "preparing");
  await orders.dialog.locator('[data-action="yes"]').click();
  await problem("Somebody else has changed it").waitFor();
  await orders.dialog.getByText("is now: Preparing").waitFor();
  assert.equal(stateOf(id), "preparing");
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.inState(id, "cancelled");
  await eventually(() => assert.equal(stateOf(id), "cancelled"));
  await orders.panel.locator(".history").getByText("the guests have left").waitFor();
});

test("lines come from the menu; one that is sold out meanwhile is refused by name, and nothing is stored", async () => {
  const { id } = make({ status: "confirmed" });
  const [[item, name]] = psql(`select id, name from maitred.menu_item where venue = ${venue} and active and available order by id desc limit 1`);
  const lines = () => Number(psql(`select count(*) from maitred.order_item where order_id = ${id}`)[0][0]);
  const available = (yes) => psql(`update maitred.menu_item set available = ${yes} where id = ${item}`);
  await open(id);
  await orders.panel.locator('[data-step="add"]').click();
  await orders.dialog.locator('[name="search"]').fill(name);
  await orders.dialog.locator(`[data-item="${item}"] button`).click();
  await orders.dialog.locator(`[data-chosen="${item}"] input`).fill("well done");
  try {
    available(false);
    await orders.dialog.locator('[data-action="yes"]').click();
    await problem("is not available").waitFor();
    assert.equal(lines(), 1);
  } finally {
    available(true);
  }
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.dialog.waitFor({ state: "detached" });
  await orders.panel.getByText("well done").waitFor();
  assert.equal(lines(), 2);
  await sumsAre(id);
});

test("a line is voided: struck out, and off the total", async () => {
  const { id } = make({ status: "confirmed", lines: [1, 3] });
  await open(id);
  await orders.panel.locator("[data-line]").last().getByRole("button", { name: /^Void/ }).click();
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.panel.locator('[data-line][data-status="void"]').waitFor();
  await sumsAre(id);
});

test("a field that is refused says so beside it", async () => {
  const { id } = make({ status: "confirmed" });
  await open(id);
  await orders.panel.locator('[data-step="edit"]').click();
  const name = uniqueName("Ada");
  await orders.dialog.locator('[name="customer_name"]').fill(name);
  await orders.dialog.locator('[name="customer_phone"]').fill("not a number");
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.dialog.locator(".field", { has: page.locator('[name="customer_phone"]') }).locator(".field-error:not(:empty)").waitFor();
  await orders.dialog.locator('[name="customer_phone"]').fill("+43 1 555");
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.row(id).getByText(name).waitFor();
});

test("a new order is placed from the page", async () => {
  await page.locator("#new-order").click();
  const name = uniqueName("Grace");
  await orders.dialog.locator('[name="table_id"]').selectOption(String(table.id)).catch(() => {}); // the list of tables is older
  await orders.dialog.locator('[name="customer_name"]').fill(name);
  await orders.dialog.locator(".choice:enabled").first().click();
  await orders.dialog.locator('[data-action="yes"]').click();
  await orders.panel.getByText(name).waitFor();
  const [[id, lines]] = psql(`select o.id, count(i.id) from maitred.customer_order o join maitred.order_item i on i.venue = o.venue and i.order_id = o.id
    where o.venue = ${venue} and o.customer_name = '${name}' group by o.id`);
  assert.equal(lines, "1");
  await orders.row(id).waitFor();
  psql(`update maitred.customer_order set status = 'cancelled' where id = ${id}`);
  await orders.inState(id, "cancelled");
});

test("on a later page nothing moves: what is new waits behind its number", async () => {
  const other = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies }), "?date=all&page=2");
  const rows = await other.rows();
  assert.equal(rows.length, 25);
  const { id } = make({ status: "pending" });
  const { id: second } = make({ status: "pending" });
  await other.page.locator("#news").getByText("2 new orders").waitFor();
  assert.deepEqual(await other.rows(), rows);
  await other.page.locator("#news button").click();
  await Promise.all([id, second].map((one) => other.row(one).waitFor()));
  await other.page.locator("#news").waitFor({ state: "hidden" });
  assert.ok(!other.page.url().includes("page="));
  await other.page.goBack();
  await eventually(async () => assert.match(other.page.url(), /page=2/));
});

test("the kitchen sees masked names, cooks, and is offered nothing else", async () => {
  const name = uniqueName("Secret");
  const { id } = make({ status: "confirmed" });
  psql(`update maitred.customer_order set customer_name = '${name}' where id = ${id}`);
  const kitchen = await Api.login("bistro", "kitchen");
  const other = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: kitchen.cookies }));
  await other.row(id).waitFor();
  assert.ok(!(await other.row(id).textContent()).includes(name));
  assert.ok(await other.page.locator("#metrics").isHidden());
  assert.equal(await other.page.locator("#new-order").count(), 0);
  await other.row(id).getByRole("button").click();
  await other.inState(id, "preparing");
  await other.row(id).locator(".name").click();
  await other.panel.locator("[data-line]").first().waitFor();
  for (const step of ["cancelled", "pay", "add", "edit"]) assert.equal(await other.panel.locator(`[data-step="${step}"]:visible`).count(), 0, step);
  psql(`update maitred.customer_order set status = 'ready' where id = ${id}`);
  await other.inState(id, "ready");
  await other.row(id).getByRole("button").waitFor({ state: "hidden" });
});

test("on a phone an open order is all there is, and closing it gives the list back", async () => {
  const { id } = make({ status: "confirmed" });
  const other = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies, width: 390, height: 844 }));
  await other.row(id).locator(".name").click();
  await other.panel.locator("[data-line]").first().waitFor();
  const inert = () => other.page.evaluate(() => ["list", "topbar", "filters", "workspace", "notices"].filter((name) => document.getElementById(name).inert));
  assert.deepEqual(await inert(), ["list", "topbar", "filters"]);
  await other.page.keyboard.press("Escape");
  await other.panel.waitFor({ state: "hidden" });
  assert.deepEqual(await inert(), []);
  assert.equal(await other.page.evaluate(() => document.activeElement.dataset.order), String(id));
});

test("a new order that waits is told in the reader's language", async () => {
  const { id, number } = make({ status: "pending" });
  const other = await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies });
  await other.addInitScript(() => localStorage.setItem("maitred.language", "de"));
  await other.goto("/orders/");
  await other.locator(`tr.order[data-order="${id}"]`).waitFor();
  await other.locator(".alert").first().waitFor();
  if (await other.locator("#alerts .more").isVisible()) await other.locator("#alerts .more").click();
  await other.locator(".alert", { hasText: `Tisch ${table.number}, ${number}` }).waitFor();
});

test("the sound is off until it is switched on, rings for a new order, and is remembered", async () => {
  const other = await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies });
  await OrdersPage.opened(other);
  const sound = other.locator("#sound");
  assert.equal(await sound.getAttribute("aria-pressed"), "false");
  await sound.click();
  const rang = async () => Number(await sound.getAttribute("data-rang"));
  await eventually(async () => assert.ok(await rang() >= 1)); // heard once as it is switched on
  const before_ = await rang();
  make({ status: "pending" });
  await eventually(async () => assert.ok(await rang() > before_));
  await other.reload();
  await eventually(async () => assert.equal(await other.locator("#sound").getAttribute("aria-pressed"), "true"));
});

test("a hotel's orders and figures are live alike", async () => {
  const hotel = venueId("grand");
  const desk = await Api.login("grand", "frontdesk");
  const other = await OrdersPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: desk.cookies }));
  const { id } = order(hotel, { status: "pending" });
  await other.row(id).waitFor();
  const made = await other.figure("metrics.orders");
  const next = order(hotel, { status: "pending" });
  await eventually(async () => assert.equal(await other.figure("metrics.orders"), made + 1));
  psql(`update maitred.customer_order set status = 'cancelled' where id = ${next.id}`);
  psql(`update maitred.customer_order set status = 'confirmed' where id = ${id}`);
  await other.inState(id, "confirmed");
  await other.row(id).getByRole("button").click();
  await eventually(() => assert.equal(stateOf(id), "preparing"));
  psql(`update maitred.customer_order set status = 'cancelled' where id = ${id}`);
});
