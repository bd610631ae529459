// The kitchen display in a real browser: tickets, steps by touch and by key, recall, what is out; live by psql,
// side by side with another screen, with the wire cut and the sidecar killed.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, venueId } from "../lib/house.mjs";
import { clearTable, line, makeTable, order, seat, stateOf } from "../lib/service.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { KitchenPage } from "../pages/kitchen.mjs";

let browser;
let wire;
let page;
let kitchen;
let api;
let venue;
let table;
let session;

before(async () => {
  browser = await Browser.start();
  wire = await Wire.to(URL_OF_HOUSE);
  api = await Api.login("bistro", "kitchen");
  venue = venueId("bistro");
  table = makeTable(venue);
  session = seat(venue, table);
  page = await browser.newPage({ url: wire.url, cookies: api.cookies, kept: true });
  kitchen = await KitchenPage.opened(page);
});

afterEach(() => browser.finish());
after(async () => {
  await browser.stop();
  await wire.close();
  clearTable(venue, table);
});

const make = (more = {}) => order(venue, { table, session, ...more });

async function everyFigureIsRight() {
  await eventually(async () => {
    const [[open, waiting, age]] = psql(`select count(*) filter (where status <> 'pending'), count(*) filter (where status = 'pending'),
      coalesce(floor(extract(epoch from avg(now() - created_at) filter (where status <> 'pending')) / 60), -1)
      from maitred.customer_order where venue = ${venue} and status in ('pending', 'confirmed', 'preparing')`);
    assert.equal(await kitchen.figure("kitchen.open"), Number(open));
    assert.equal(await kitchen.figure("kitchen.waiting"), Number(waiting));
    if (Number(age) >= 0) assert.ok(Math.abs(await kitchen.figure("kitchen.age") - Number(age)) <= 1);
    const dishes = psql(`select i.menu_item_id, sum(i.quantity) from maitred.order_item i join maitred.customer_order o on o.id = i.order_id
      where o.venue = ${venue} and o.status in ('confirmed', 'preparing') and i.status in ('placed', 'preparing') group by 1`);
    assert.deepEqual(await kitchen.allDay(), Object.fromEntries(dishes.map(([id, count]) => [id, Number(count)])));
    const ids = psql(`select id from maitred.customer_order where venue = ${venue} and status in ('pending', 'confirmed', 'preparing')
      order by status = 'pending', created_at, id`).map(([id]) => Number(id));
    assert.deepEqual(await kitchen.ids(), ids);
  });
}

test("tickets by age, the counts and the dishes are those of the database; an order by psql appears", async () => {
  await everyFigureIsRight();
  const old = make({ minutes: 35, lines: [2, 3], notes: "Allergy: nuts" });
  await kitchen.ticket(old.id).waitFor();
  assert.equal(await kitchen.ticket(old.id).getAttribute("data-age"), "late");
  await kitchen.ticket(old.id).getByText("Late", { exact: true }).waitFor();
  await kitchen.ticket(old.id).getByText("Allergy: nuts").waitFor();
  await kitchen.ticket(old.id).getByText(`Table ${table.number}`).waitFor();
  const fresh = make({ status: "pending" });
  await kitchen.inState(fresh.id, "pending");
  await everyFigureIsRight();
  psql(`update maitred.customer_order set status = 'confirmed' where id = ${fresh.id}`);
  await kitchen.inState(fresh.id, "confirmed");
  await everyFigureIsRight();
});

test("start, a line ready, bump: another screen beside follows each", async () => {
  const other = await KitchenPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies }));
  const { id } = make({ lines: [1, 2] });
  await kitchen.ticket(id).waitFor();
  await kitchen.bump(id);
  await other.inState(id, "preparing");
  assert.equal(stateOf(id), "preparing");
  await kitchen.ticket(id).locator("[data-line]").first().click();
  await other.ticket(id).locator('[data-line][aria-pressed="true"]').waitFor();
  assert.deepEqual(psql(`select status from maitred.order_item where order_id = ${id} order by id`), [["ready"], ["placed"]]);
  await kitchen.bump(id);
  await Promise.all([kitchen.gone(id), other.gone(id)]);
  assert.equal(stateOf(id), "ready");
});

test("by keys alone: a number takes its ticket's step and stays that ticket's", async () => {
  const first = make({ minutes: 3000 });
  const second = make({ minutes: 2999 });
  await kitchen.ticket(second.id).waitFor();
  const numbers = [await kitchen.slot(first.id), await kitchen.slot(second.id)];
  assert.ok(numbers.every(Boolean) && numbers[0] !== numbers[1]);
  await page.keyboard.press(numbers[0]);
  await kitchen.inState(first.id, "preparing");
  await eventually(() => assert.equal(stateOf(first.id), "preparing"));
  await page.keyboard.press(numbers[0]);
  await kitchen.gone(first.id);
  assert.equal(await kitchen.slot(second.id), numbers[1]);
  assert.equal(stateOf(second.id), "confirmed");
  await page.locator("#board").focus();
  await page.keyboard.press("ArrowRight");
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.closest("[data-order]")?.dataset.order), String(second.id)));
  await page.keyboard.press("Enter");
  await eventually(() => assert.equal(stateOf(second.id), "preparing"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await kitchen.ticket(second.id).locator('[data-line][aria-pressed="true"]').waitFor();
});

test("recall shows a ticket that was bumped again; it stays ready", async () => {
  const { id } = make({ status: "preparing" });
  await kitchen.ticket(id).waitFor();
  await kitchen.bump(id);
  await kitchen.gone(id);
  await eventually(() => assert.equal(stateOf(id), "ready")); // shown as gone before it is
  await page.keyboard.press("r");
  await page.locator(`[data-recall="${id}"]`).getByRole("button", { name: "Show again" }).click();
  await kitchen.inState(id, "recalled");
  assert.equal(stateOf(id), "ready");
  await everyOtherFigureIsUntouched(id);
  await kitchen.bump(id);
  await kitchen.gone(id);
});

test("more steps than an account may take in a second: the one too many waits a moment, and nobody has to press again", async () => {
  const { id } = make({ status: "preparing" });
  await kitchen.ticket(id).waitFor();
  psql(`insert into maitred.rate_window select ${venue}, a.id, array_fill(clock_timestamp(), array[5]) from maitred.account a
    where a.venue = ${venue} and a.username = 'kitchen' on conflict (venue, account_id) do update set moments = excluded.moments`);
  await kitchen.bump(id);
  await eventually(() => assert.equal(stateOf(id), "ready"));
  await kitchen.gone(id);
});

// A recalled ticket is information: it counts nowhere.
async function everyOtherFigureIsUntouched(id) {
  const [[open]] = psql(`select count(*) from maitred.customer_order where venue = ${venue} and status in ('confirmed', 'preparing')`);
  await eventually(async () => assert.equal(await kitchen.figure("kitchen.open"), Number(open)));
  assert.ok((await kitchen.ids()).includes(id));
}

test("what is out: found by its name, taken off and brought back", async () => {
  const [[dish, name]] = psql(`select id, name from maitred.menu_item where venue = ${venue} and active and available order by id desc limit 1`);
  const available = () => psql(`select available from maitred.menu_item where id = ${dish}`)[0][0];
  await page.keyboard.press("x");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox").fill(name.toUpperCase());
  const row = page.locator(`[data-dish="${dish}"]`);
  const out = page.locator(`[data-dish="${dish}"][data-available="false"]`);
  await row.getByRole("button").click();
  await out.waitFor();
  await eventually(() => assert.equal(available(), "f"));
  psql(`update maitred.menu_item set available = true where id = ${dish}`); // another screen's
  await out.waitFor({ state: "detached" });
  psql(`update maitred.menu_item set available = false where id = ${dish}`);
  await out.waitFor();
  await row.getByRole("button").click();
  await eventually(() => assert.equal(available(), "t"));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
});

test("a bump of an order that has changed meanwhile is refused, and the ticket shows how it is", async () => {
  const { id } = make({ status: "preparing" });
  await kitchen.ticket(id).waitFor();
  await page.route("**/api/v1/orders/*/status", async (route) => {
    line(venue, id, { dish: 1, quantity: 4, notes: "no garlic" });
    await route.continue();
  }, { times: 1 });
  await kitchen.bump(id);
  await kitchen.toast("The order has changed meanwhile").waitFor();
  await kitchen.ticket(id).getByText("no garlic").waitFor();
  await kitchen.ticket(id).locator(".badge:visible", { hasText: "added" }).waitFor();
  await kitchen.inState(id, "preparing");
  assert.equal(stateOf(id), "preparing");
});

test("a step that the server refuses is taken back and said", async () => {
  const { id } = make({ status: "preparing" });
  await kitchen.ticket(id).waitFor();
  await page.route("**/api/v1/orders/*/status", (route) => route.fulfill({ status: 403, contentType: "application/problem+json",
    body: JSON.stringify({ code: "forbidden", detail: "The kitchen sets preparing and ready." }) }), { times: 1 });
  await kitchen.bump(id);
  await kitchen.toast("The kitchen sets preparing and ready.").waitFor();
  await kitchen.inState(id, "preparing");
});

test("the wire is cut: what happened meanwhile is there afterwards", async () => {
  const lost = make({ status: "preparing" });
  await kitchen.ticket(lost.id).waitFor();
  wire.refuse = everything;
  wire.cut();
  await kitchen.banner("connection").getByText("Connection lost").waitFor();
  psql(`update maitred.customer_order set status = 'ready' where id = ${lost.id}`);
  const { id } = make({ lines: [5] });
  wire.refuse = () => false;
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 2000 }).catch(() => {});
  await kitchen.ticket(id).waitFor({ timeout: 30000 });
  await kitchen.gone(lost.id);
  await everyFigureIsRight();
});

test("a step while the wire is cut is shown, waits, and is taken once", async () => {
  const { id } = make({ lines: [1] });
  await kitchen.ticket(id).waitFor();
  wire.refuse = everything;
  wire.cut();
  await kitchen.banner("connection").getByText("Connection lost").waitFor();
  await kitchen.bump(id);
  await kitchen.inState(id, "preparing");
  await kitchen.banner("queue").getByText("1 change waits").waitFor();
  assert.equal(stateOf(id), "confirmed");
  wire.refuse = () => false;
  await eventually(() => assert.equal(stateOf(id), "preparing"), { within: 40000 });
  await kitchen.banner("queue").waitFor({ state: "detached" });
  await kitchen.inState(id, "preparing");
  assert.equal(psql(`select count(*) from maitred.status_history where kind = 'order' and entity_id = ${id}`)[0][0], "1");
});

test("a sidecar that is killed and comes back: nothing is missing", async () => {
  const back = killed();
  const { id } = make({ lines: [1] });
  await back;
  await kitchen.ticket(id).waitFor({ timeout: 45000 });
  await page.locator('#connection[data-state="live"]').waitFor({ timeout: 45000 });
  await everyFigureIsRight();
});

test("when a ticket is slow and late is the kitchen's to say, and kept on the device; a new one rings", async () => {
  const other = await KitchenPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies }));
  const { id } = make({ minutes: 5 });
  await other.ticket(id).waitFor();
  assert.equal(await other.ticket(id).getAttribute("data-age"), "fresh");
  await other.openSettings();
  const dialog = other.page.getByRole("dialog");
  await dialog.getByLabel("Slow after").fill("2");
  await dialog.getByLabel("Late after").fill("4");
  await dialog.getByRole("switch").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await other.page.locator(`[data-order="${id}"][data-age="late"]`).waitFor();
  await other.page.reload();
  await other.page.locator(`[data-order="${id}"][data-age="late"]`).waitFor();
  make({ status: "pending" });
  await other.page.waitForFunction(() => Number(document.documentElement.dataset.rang) >= 1);
});

test("who does not cook is told so", async () => {
  const waiter = await Api.login("bistro", "waiter");
  const other = await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies });
  await other.goto("/kitchen/");
  await other.getByText("Your role does not work in the kitchen.").waitFor();
});
