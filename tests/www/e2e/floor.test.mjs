// The floor plan and the list: two browsers and psql on one restaurant, every step that a person can take, and every
// figure and state compared with the database.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, venueId } from "../lib/house.mjs";
import { columnsOf, dropTable, makeTable as make, rested, setStatus, statusOf } from "../lib/floor.mjs";
import { Browser } from "../pages/browser.mjs";
import { FloorPage } from "../pages/floor.mjs";

let browser;
let venue;
let one;
let two;
let waiter;
const made = [];

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  const [manager, admin] = await Promise.all([Api.login("bistro", "manager"), Api.login("bistro", "admin")]);
  waiter = await Api.login("bistro", "waiter");
  one = await FloorPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: manager.cookies, kept: true }));
  two = await FloorPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: admin.cookies, kept: true }));
});

beforeEach(() => rested(venue));
afterEach(async () => {
  for (const id of made.splice(0)) dropTable(venue, id);
  await browser.finish();
});
after(() => browser.stop());

function makeTable(how) {
  const table = make(venue, how);
  made.push(table.id);
  return table;
}

const both = (check) => Promise.all([one, two].map(check));

const counted = () => Object.fromEntries(psql(`with t as (select * from maitred.dining_table where venue = ${venue} and active)
  select status, count(*) from t group by 1 union all select 'seats', sum(capacity) from t
  union all select 'guests', coalesce(sum(guest_count), 0) from maitred.table_session where venue = ${venue} and state = 'open'`).map(([key, value]) => [key, Number(value)]));

async function figuresAreRight() {
  await eventually(async () => {
    const expected = { available: 0, reserved: 0, occupied: 0, maintenance: 0, ...counted() };
    await both(async (floor) => assert.deepEqual(await floor.figures(), expected));
  });
}

test("every table of the floor and every figure are as in the database", async () => {
  const expected = Object.fromEntries(psql(`select id, status from maitred.dining_table where venue = ${venue} and active and floor = 1`));
  await eventually(async () => both(async (floor) => assert.deepEqual(await floor.shown(), expected)));
  await figuresAreRight();
});

test("a status that psql sets shows in both browsers, and the figures follow", async () => {
  const { id } = makeTable();
  await both((floor) => floor.inState(id, "available"));
  for (const status of ["reserved", "available", "maintenance", "available", "occupied"]) {
    setStatus(venue, id, status);
    await both((floor) => floor.inState(id, status));
  }
  await figuresAreRight();
  assert.match(await one.table(id).getAttribute("aria-label"), /^Table F-\d+, Occupied, 1 of 4 guests, 0 min$/);
});

test("a step in one browser is committed, and shows in the other", async () => {
  const { id } = makeTable();
  await one.table(id).waitFor();
  await one.step(id, "occupied");
  await both((floor) => floor.inState(id, "occupied"));
  await eventually(() => assert.equal(statusOf(venue, id), "occupied"));
  await two.step(id, "available");
  await both((floor) => floor.inState(id, "available"));
  assert.equal(statusOf(venue, id), "available");
});

test("a refused step is rolled back and said", async () => {
  const { id } = makeTable();
  await one.table(id).waitFor();
  await one.page.route(`**/api/tables/${id}/status`, (route) => route.fulfill({ status: 409, contentType: "application/problem+json",
    body: JSON.stringify({ status: 409, code: "invalid_transition", detail: "It can't be done now." }) }), { times: 1 });
  await one.step(id, "reserved");
  await one.toast("Failed to update table status. It can't be done now.").waitFor();
  await one.inState(id, "available");
  assert.equal(statusOf(venue, id), "available");
});

test("somebody was faster: the dialog shows both, and either can be had", async () => {
  const { id } = makeTable();
  await one.table(id).waitFor();
  const clash = async (choice) => {
    // The answer to the step comes when the table has changed already: the page sends the version it knew.
    await one.page.route(`**/api/tables/${id}/status`, async (route) => {
      psql(`update maitred.dining_table set status_note = 'faster ${choice}' where venue = ${venue} and id = ${id}`);
      await route.continue();
    }, { times: 1 });
    await one.step(id, "reserved");
    await one.dialog.getByText("was changed meanwhile").waitFor();
    await one.dialog.locator(`[data-action="${choice}"]`).click();
  };
  await clash("theirs");
  await one.inState(id, "available");
  assert.equal(statusOf(venue, id), "available");
  await clash("overwrite");
  await both((floor) => floor.inState(id, "reserved"));
  assert.equal(statusOf(venue, id), "reserved");
});

test("the sixth step within a second is told to slow down", async () => {
  const tables = Array.from({ length: 6 }, () => makeTable());
  await both((floor) => floor.table(tables[5].id).waitFor());
  psql(`insert into maitred.rate_window select ${venue}, a.id, array_fill(clock_timestamp() + interval '1 minute', array[5]) from maitred.account a
    where a.venue = ${venue} and a.username = 'manager' on conflict (venue, account_id) do update set moments = excluded.moments`);
  await one.step(tables[0].id, "reserved");
  await one.toast("Too many requests. Please slow down.").waitFor();
  assert.equal(statusOf(venue, tables[0].id), "available");
  await one.page.getByRole("button", { name: "Emergency: send it now" }).click();
  await both((floor) => floor.inState(tables[0].id, "reserved"));
});

test("a new table by the dialog: what is wrong stands beside its field; then it appears for both", async () => {
  const { number } = makeTable();
  await one.page.locator("#new-table").click();
  await one.save();
  assert.ok(await one.dialog.locator("[aria-invalid=true]").count() >= 2);
  await one.field("Label").fill(`F-${number}`);
  await one.field("Number").fill(String(number + 5));
  await one.field("Seats").fill("2");
  await one.field("Smallest party").fill("3");
  await one.save();
  await one.dialog.getByText("The smallest party is larger than the table.").waitFor();
  await one.field("Smallest party").fill("1");
  await one.save();
  await one.dialog.locator(".banner[data-tone=bad], .field-error:not(:empty)").first().waitFor(); // the label is taken
  await one.field("Label").fill(`F-${number + 5}`);
  await one.field("Section").fill("Window");
  await one.save();
  await one.toast(`Table F-${number + 5} was created.`).waitFor();
  const [[id, capacity, section]] = psql(`select id, capacity, section from maitred.dining_table where venue = ${venue} and number = ${number + 5} and active`);
  made.push(Number(id));
  assert.deepEqual([capacity, section], ["2", "Window"]);
  await both((floor) => floor.table(id).waitFor());
});

test("editing while another saves: the banner, Refresh, Dismiss; and a conflict when it is ignored", async () => {
  const { id } = makeTable();
  await both((floor) => floor.table(id).waitFor());
  await two.act(id, "edit");
  await one.act(id, "edit");
  await one.field("Seats").fill("6");
  await one.save();
  const banner = two.dialog.locator('[data-banner="updated"]');
  await banner.getByText("Table was updated by manager. Refresh to see latest?").waitFor();
  await banner.getByRole("button", { name: "Refresh" }).click();
  assert.equal(await two.field("Seats").inputValue(), "6");
  await one.act(id, "edit");
  await one.field("Name").fill("By the door");
  await one.save();
  await two.dialog.locator('[data-banner="updated"]').getByRole("button", { name: "Dismiss" }).click();
  await two.field("Name").fill("By the window");
  await two.save();
  await two.dialog.getByText("was changed meanwhile").waitFor();
  await two.dialog.getByText("By the door").waitFor();
  await two.dialog.locator('[data-action="overwrite"]').click();
  await two.toast("was saved").waitFor();
  assert.deepEqual(columnsOf(venue, id, "capacity, name"), ["6", "By the window"]);
});

test("deleting asks first, is refused while it may not be, and fades out for both", async () => {
  const { id, label } = makeTable({ status: "occupied" });
  await both((floor) => floor.table(id).waitFor());
  await one.act(id, "delete");
  await one.dialog.locator('[data-action="yes"]').click();
  await one.toast(`Table ${label} was not deleted`).waitFor();
  await one.page.keyboard.press("Escape");
  setStatus(venue, id, "available");
  await both((floor) => floor.inState(id, "available"));
  await one.act(id, "delete");
  await one.dialog.locator('[data-action="yes"]').click();
  await one.toast(`Table ${label} was deleted.`).waitFor();
  await both((floor) => floor.table(id).waitFor({ state: "detached" }));
  assert.equal(columnsOf(venue, id, "active")[0], "f");
  await figuresAreRight();
});

test("the layout: moved by mouse and keys, undone, saved explicitly; the other browser sees it then and not before", async () => {
  const [a, b] = [makeTable({ position: { x: 300, y: 430 } }), makeTable({ position: { x: 450, y: 430 } })];
  await both((floor) => floor.table(b.id).waitFor());
  const before_ = await two.place(a.id);
  await one.page.locator("#edit-layout").click();
  await one.page.locator('[data-layout="save"]').waitFor(); // its tools move the plan
  await one.table(a.id).hover(); // stands still
  const box = await one.table(a.id).boundingBox();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await one.page.mouse.move(middle.x, middle.y);
  await one.page.mouse.down();
  await one.page.mouse.move(middle.x + 90, middle.y, { steps: 5 });
  await one.page.mouse.up();
  await one.table(b.id).focus();
  await one.page.keyboard.press("ArrowRight");
  await one.page.keyboard.press("Shift+ArrowDown");
  await one.page.keyboard.press("Control+z");
  assert.deepEqual(await two.place(a.id), before_);
  setStatus(venue, a.id, "occupied"); // goes on showing, and is no conflict of places
  await one.inState(a.id, "occupied");
  await one.page.locator('[data-layout="save"]').click();
  await one.toast("The layout was saved: 2 tables moved.").waitFor();
  const position = (id) => JSON.parse(columnsOf(venue, id, "position")[0]);
  assert.deepEqual([position(b.id).x, position(b.id).y], [460, 430]);
  assert.ok(position(a.id).x > 330 && position(a.id).x % 10 === 0 && position(a.id).y === 430, JSON.stringify(position(a.id)));
  await eventually(async () => assert.notDeepEqual(await two.place(a.id), before_));
});

test("two who edit the layout: the second is shown what the first has moved", async () => {
  const { id } = makeTable({ position: { x: 300, y: 430 } });
  await both((floor) => floor.table(id).waitFor());
  await one.page.locator("#edit-layout").click();
  await one.table(id).focus();
  await one.page.keyboard.press("ArrowLeft");
  await one.page.route("**/api/floors/1/layout", async (route) => {
    psql(`update maitred.dining_table set position = '{"x": 700, "y": 440}' where venue = ${venue} and id = ${id}`);
    await route.continue();
  }, { times: 1 });
  await one.page.locator('[data-layout="save"]').click();
  await one.dialog.getByText("700, 440").waitFor();
  await one.dialog.locator('[data-action="overwrite"]').click();
  await one.toast("The layout was saved: 1 table moved.").waitFor();
  assert.equal(JSON.parse(columnsOf(venue, id, "position")[0]).x, 290);
});

test("leaving the layout with something unsaved asks first", async () => {
  const { id } = makeTable({ position: { x: 300, y: 430 } });
  await one.table(id).waitFor();
  await one.page.locator("#edit-layout").click();
  await one.table(id).focus();
  await one.page.keyboard.press("ArrowUp");
  await one.page.locator('[data-layout="cancel"]').click();
  await one.dialog.locator('[data-action="yes"]').click();
  await one.page.locator("#edit-layout").waitFor();
  assert.equal(JSON.parse(columnsOf(venue, id, "position")[0]).y, 430);
});

test("the list: filters, search and order are in the address and survive a reload, and updates stream in", async () => {
  const tables = [makeTable({ section: "Testing", capacity: 2 }), makeTable({ section: "Testing", capacity: 8 }), makeTable({ section: "Testing", status: "reserved" })];
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies });
  const floor = await FloorPage.opened(page, "?view=list&section=Testing");
  const ids = tables.map(({ id }) => String(id));
  await eventually(async () => assert.deepEqual(await floor.listed(), ids));
  await page.locator('[data-sort="capacity"] button').click();
  await page.locator('[data-sort="capacity"] button').click();
  await eventually(async () => assert.deepEqual(await floor.listed(), [ids[1], ids[2], ids[0]]));
  await page.getByLabel("Any status").selectOption("available");
  await eventually(async () => assert.deepEqual(await floor.listed(), [ids[1], ids[0]]));
  assert.equal(new URL(page.url()).search, "?view=list&status=available&section=Testing&sort=capacity&order=desc");
  await page.reload();
  await eventually(async () => assert.deepEqual(await floor.listed(), [ids[1], ids[0]]));
  setStatus(venue, ids[2], "available");
  await eventually(async () => assert.deepEqual(await floor.listed(), [ids[1], ids[2], ids[0]]));
  await page.getByLabel("Search label, name, note").fill(tables[0].label);
  await eventually(async () => assert.deepEqual(await floor.listed(), [ids[0]]));
  assert.equal(await page.locator("#new-table, #edit-layout, .tick").count(), 0, "a waiter does not administer tables");
});

test("bulk: some are done, the refused ones are named with the reason", async () => {
  const [free, busy] = [makeTable({ section: "Bulk" }), makeTable({ section: "Bulk", status: "occupied" })];
  const page = one.page;
  await page.goto("/floor/?view=list&section=Bulk");
  await one.row(busy.id).waitFor();
  await page.getByLabel("Select all that are shown").check();
  await page.locator("#bulk").getByText("2 selected").waitFor();
  await page.getByLabel("Set status...").selectOption("reserved");
  await page.getByRole("button", { name: "Apply" }).click();
  await one.dialog.getByText("1 table was changed.").waitFor();
  await one.dialog.locator("li", { hasText: busy.label }).waitFor();
  await one.dialog.locator("footer button").click();
  assert.deepEqual([statusOf(venue, free.id), statusOf(venue, busy.id)], ["reserved", "occupied"]);
  await page.locator("#bulk").getByText("1 selected").waitFor();
  await page.goto("/floor/");
  await one.live();
});

test("by keyboard alone: a table is reached, opened, stepped", async () => {
  const { id } = makeTable();
  await one.table(id).waitFor();
  await one.table(id).focus();
  await one.page.keyboard.press("Enter");
  await one.dialog.locator('[data-step="occupied"]').waitFor();
  assert.equal(await one.page.evaluate(() => document.activeElement.dataset.step), "occupied");
  await one.page.keyboard.press("Enter");
  await one.inState(id, "occupied");
  await eventually(() => assert.equal(statusOf(venue, id), "occupied"));
  assert.equal(await one.page.evaluate(() => document.activeElement.dataset.table), String(id), "the focus is back at the table");
});
