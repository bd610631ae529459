// The admin tables: two admin browsers and a wscat on one restaurant, and every step a person
// can take; what the pages show is compared with the database.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, venueId } from "../lib/house.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Wscat } from "../lib/wscat.mjs";
import { AdminPage } from "../pages/admin.mjs";
import { Browser } from "../pages/browser.mjs";

let browser;
let venue;
let one;
let two;
let heard;
let wscat;

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  const [admin, manager] = await Promise.all([Api.login("bistro", "admin"), Api.login("bistro", "manager")]);
  one = await AdminPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: admin.cookies, kept: true }));
  two = await AdminPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies, kept: true }));
  wscat = new Wscat(`${URL_OF_HOUSE.replace("http", "ws")}/admin/ws/dashboard`, admin.token);
  heard = wscat.heard;
  await eventually(() => assert.equal(heard[0]?.type, "tables_snapshot"));
});

after(() => {
  wscat.stop();
  return browser.stop();
});
afterEach(() => browser.finish());

// A table of this test's own, with a number that no other run has taken.
function makeTable(status = "available") {
  const [[id]] = psql(`insert into maitred.dining_table (venue, number, label, capacity)
    select ${venue}, n, 'E-' || n, 4 from (select greatest(900, max(number)) + 1 as n from maitred.dining_table where venue = ${venue}) t returning id`);
  if (status !== "available") psql(`update maitred.dining_table set status = '${status}' where venue = ${venue} and id = ${id}`);
  return Number(id);
}

const statusOf = (id) => psql(`select status from maitred.dining_table where venue = ${venue} and id = ${id}`)[0][0];
const told = (id, status) => eventually(() =>
  assert.equal(heard.filter((m) => m.table?.id === id).at(-1)?.table.status, status));

// The account's five updates a second are spent by the steps of several tests.
const rested = () => psql(`delete from maitred.rate_window where venue = ${venue}`);

async function everywhere(id, state, wire) {
  await Promise.all([one.inState(id, state), two.inState(id, state), told(id, wire ?? state)]);
}

test("both pages and the wscat show every table as the database has it", async () => {
  const shown = { available: "free", reserved: "reserved", occupied: "occupied", maintenance: "disabled" };
  const expected = () => Object.fromEntries(psql(`select id, status from maitred.dining_table
    where venue = ${venue} and active`).map(([id, status]) => [id, shown[status]]));
  await eventually(async () => assert.deepEqual(await one.states(), expected()));
  await eventually(async () => assert.deepEqual(await two.states(), expected()));
});

test("a table that psql makes, occupies and frees shows at once, without a reload", async () => {
  const id = makeTable();
  await everywhere(id, "free");
  psql(`update maitred.dining_table set status = 'occupied' where venue = ${venue} and id = ${id}`);
  await everywhere(id, "occupied");
  await one.tile(id).getByText("active just now").waitFor();
  psql(`update maitred.dining_table set status = 'available' where venue = ${venue} and id = ${id}`);
  await everywhere(id, "free");
});

test("close in one browser, undo there: the same session is open again in both", async () => {
  rested();
  const id = makeTable("occupied");
  await everywhere(id, "occupied");
  const session = () => psql(`select id from maitred.table_session where venue = ${venue} and table_id = ${id} and state = 'open'`)[0]?.[0];
  const was = session();
  await one.press(id, "close_table");
  await everywhere(id, "free");
  assert.equal(statusOf(id), "available");
  await one.toast("was closed").getByRole("button", { name: "Undo" }).click();
  await everywhere(id, "occupied");
  assert.equal(session(), was);
});

test("disable and enable", async () => {
  rested();
  const id = makeTable();
  await everywhere(id, "free");
  await two.press(id, "disable_table");
  await everywhere(id, "disabled");
  assert.equal(statusOf(id), "maintenance");
  await one.press(id, "enable_table");
  await everywhere(id, "free");
});

test("move by keyboard alone, and Escape lets it be", async () => {
  rested();
  const [from, to] = [makeTable("occupied"), makeTable()];
  await Promise.all([everywhere(from, "occupied"), everywhere(to, "free")]);
  await one.tile(from).locator('[data-step="move_table"]').focus();
  await one.page.keyboard.press("Enter");
  await one.tile(to).locator(".target").waitFor();
  await one.page.keyboard.press("Escape");
  assert.equal(await one.page.locator(".target").count(), 0);
  assert.equal(await one.page.evaluate(() => document.activeElement.dataset.step), "move_table");
  await one.page.keyboard.press("Enter");
  await one.tile(to).locator(".target").focus();
  await one.page.keyboard.press("Enter");
  await Promise.all([everywhere(from, "free"), everywhere(to, "occupied")]);
  assert.deepEqual([statusOf(from), statusOf(to)], ["available", "occupied"]);
});

test("move by drag", async () => {
  rested();
  const [from, to] = [makeTable("occupied"), makeTable()];
  await Promise.all([everywhere(from, "occupied"), everywhere(to, "free")]);
  await two.tile(from).dragTo(two.tile(to));
  await Promise.all([everywhere(from, "free"), everywhere(to, "occupied")]);
});

test("a refusal is said in words and changes nothing", async () => {
  rested();
  const id = makeTable();
  await everywhere(id, "free");
  await one.press(id, "restore_table");
  await one.toast("has had no session").waitFor();
  assert.equal(statusOf(id), "available");
});

test("a deleted table leaves, a filter counts and hides", async () => {
  const id = makeTable();
  await everywhere(id, "free");
  await one.page.locator('label[for="filter-occupied"]').click();
  await one.tile(id).waitFor({ state: "hidden" });
  await one.page.locator('label[for="filter-all"]').click();
  await one.tile(id).waitFor();
  psql(`update maitred.dining_table set active = false where venue = ${venue} and id = ${id}`);
  await one.tile(id).waitFor({ state: "detached" });
  const [[count]] = psql(`select count(*) from maitred.dining_table where venue = ${venue} and active`);
  await eventually(async () => assert.equal(await one.page.locator("#count-all").textContent(), count));
});

test("a waiter is told that this is not for them", async () => {
  const waiter = await Api.login("bistro", "waiter");
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies });
  await page.goto("/admin/");
  await page.getByText("may not administer tables").waitFor();
});

test("a cut wire: said so, and the tiles are right when it is back", async (t) => {
  const wire = await Wire.to(URL_OF_HOUSE);
  t.after(() => wire.close());
  const manager = await Api.login("bistro", "manager");
  const here = await AdminPage.opened(await browser.newPage({ url: wire.url, cookies: manager.cookies }));
  const id = makeTable();
  await here.inState(id, "free");
  wire.refuse = everything;
  wire.cut();
  await here.page.locator('[data-banner="connection"]').waitFor();
  psql(`update maitred.dining_table set status = 'occupied' where venue = ${venue} and id = ${id}`);
  wire.refuse = () => false;
  await here.page.locator('#connection[data-state="live"]').waitFor({ timeout: 40000 });
  await here.inState(id, "occupied");
});

test("the sidecar is killed: both pages show every table as it is when it is back", async () => {
  const id = makeTable();
  await Promise.all([one, two].map((page) => page.inState(id, "free")));
  const back = killed();
  psql(`update maitred.dining_table set status = 'occupied' where venue = ${venue} and id = ${id}`);
  await back;
  for (const page of [one, two]) {
    await page.page.locator('#connection[data-state="live"]').waitFor({ timeout: 40000 });
    await page.inState(id, "occupied");
  }
});
