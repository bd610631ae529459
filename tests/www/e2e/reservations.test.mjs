// The reservations of a restaurant in real browsers: every figure against the database, two of them side by side, what
// psql changes, seating, the plan, a table that two want, a cut wire, a killed sidecar.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";
import { killed } from "../lib/sidecar.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { ReservationsPage } from "../pages/reservations.mjs";

let browser;
let venue;
let today;
let api;
let one;
let two;
let number = 0;
const tables = [];

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  today = psql(`select maitred.today(${venue})`)[0][0];
  number = Number(psql(`select coalesce(max(number), 0) from maitred.dining_table where venue = ${venue}`)[0][0]);
  api = await Api.login("bistro", "manager");
  const desk = await Api.login("bistro", "frontdesk");
  one = await ReservationsPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: api.cookies, kept: true }));
  two = await ReservationsPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: desk.cookies, kept: true }));
});

after(async () => {
  await browser.stop();
  const own = `venue = ${venue} and table_id = any ('{${tables}}')`;
  psql(`update maitred.reservation set status = 'cancelled' where ${own} and status in ('pending', 'confirmed');
    update maitred.reservation set status = 'completed' where ${own} and status = 'seated';
    update maitred.dining_table set status = 'available' where venue = ${venue} and id = any ('{${tables}}') and status <> 'available';
    update maitred.dining_table set active = false where venue = ${venue} and id = any ('{${tables}}')`);
});
afterEach(() => browser.finish());

// A table of this file's own.
function makeTable(capacity = 4) {
  number += 1;
  const [[id]] = psql(`insert into maitred.dining_table (venue, number, label, capacity) values (${venue}, ${number}, 'R-${number}', ${capacity}) returning id`);
  tables.push(id);
  return { id: Number(id), label: `R-${number}` };
}

function reserve({ table = null, at = soon(venue, 90), party = 2, status = "confirmed", name = uniqueName("Party"), minutes = 90 } = {}) {
  const [[id]] = psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, duration_minutes, table_id, status, source)
    values (${venue}, ${quote(name)}, ${party}, ${quote(at)}, ${minutes}, ${table ?? "null"}, '${status}', 'phone') returning id`);
  return { id: Number(id), name };
}
const end = ({ id }) => psql(`update maitred.reservation set status = case status when 'seated' then 'completed' else 'cancelled' end
  where venue = ${venue} and id = ${id} and status in ('pending', 'confirmed', 'seated')`);
const rowOf = (id) => {
  const [[status, table, party]] = psql(`select status, coalesce(table_id, 0), party_size from maitred.reservation where venue = ${venue} and id = ${id}`);
  return { status, table: Number(table), party: Number(party) };
};
const day = (count) => psql(`select date '${today}' + ${count}`)[0][0];
const at = (date, time) => psql(`select maitred.iso((date '${date}' + time '${time}') at time zone timezone) from maitred.venue where id = ${venue}`)[0][0];

function expectedFigures(date, wanted) {
  const span = `venue = ${venue} and starts_at <@ maitred.day_span(${venue}, date '${date}')`;
  const [[e, eg, s, sg, o, lost]] = psql(`select count(*) filter (where status in ('pending', 'confirmed')),
      coalesce(sum(party_size) filter (where status in ('pending', 'confirmed')), 0), count(*) filter (where status = 'seated'),
      coalesce(sum(party_size) filter (where status = 'seated'), 0), count(*) filter (where status in ('completed', 'cancelled', 'no_show')),
      count(*) filter (where status in ('cancelled', 'no_show')) from maitred.reservation where ${span}`);
  const [[free, all]] = psql(`select count(*) filter (where status = 'available'), count(*) from maitred.dining_table where venue = ${venue} and active`);
  const parties = Object.fromEntries(psql(`select 'party.res' || id, party_size from maitred.reservation where ${span} and status in (${wanted})`));
  const raw = { "expected.parties": e, "expected.guests": eg, "seated.parties": s, "seated.guests": sg, "over.parties": o, "over.lost": lost,
    "tables.free": free, "tables.total": all, ...parties };
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, Number(value)]));
}

test("every figure of the day is the database's, list by list, of other days too", async () => {
  const lists = { over: "'completed', 'cancelled', 'no_show'", seated: "'seated'", expected: "'pending', 'confirmed'" };
  for (const [list, wanted] of Object.entries(lists)) {
    await one.view(list);
    await eventually(async () => assert.deepEqual(await one.figures(), expectedFigures(today, wanted), list));
  }
  for (const [press, date] of [["#day-after", day(1)], ["#go-today", today], ["#day-before", day(-1)]]) {
    await one.page.locator(press).click();
    await eventually(async () => assert.deepEqual(await one.figures(), expectedFigures(date, lists.expected), date));
  }
  await one.page.locator("#go-today").click();
});

test("a reservation by psql is in both books at once; moved to another day it is gone", async () => {
  const table = makeTable();
  const party = reserve({ table: table.id, party: 3 });
  await Promise.all([one.row(party.id).getByText(table.label).waitFor(), two.row(party.id).waitFor()]);
  psql(`update maitred.reservation set party_size = 4 where venue = ${venue} and id = ${party.id}`);
  await eventually(async () => assert.equal(await two.value(`party.res${party.id}`), 4));
  psql(`update maitred.reservation set starts_at = starts_at + interval '2 days' where venue = ${venue} and id = ${party.id}`);
  await Promise.all([one, two].map((page) => page.row(party.id).waitFor({ state: "detached" })));
  assert.ok(await one.wasNotReloaded() && await two.wasNotReloaded());
  end(party);
});

test("who is late is said so", async () => {
  const party = reserve({ at: psql("select maitred.iso(now() - interval '12 minutes')")[0][0] });
  const isToday = Number(psql(`select count(*) from maitred.reservation where id = ${party.id} and starts_at <@ maitred.day_span(${venue}, date '${today}')`)[0][0]);
  if (isToday) await one.row(party.id).getByText(/1\d min late/).waitFor();
  end(party);
});

test("a reservation is taken: free tables while typing, what is wrong beside its field, a taken table refused", async () => {
  const [small, large] = [makeTable(2), makeTable(8)];
  const date = day(5);
  const rival = reserve({ table: large.id, at: at(date, "19:00"), minutes: 120 });
  await one.page.keyboard.press("n");
  await one.act("save");
  await eventually(async () => assert.ok(await one.fieldError("customerName").textContent()));
  const name = uniqueName("Berta");
  await one.fill("customerName", name);
  await one.fill("day", date);
  await one.fill("time", "20:00");
  await one.fill("partySize", 7);
  await one.table(large.id).getByText("taken at 7:00").waitFor();
  await one.table(small.id).getByText("too small").waitFor();
  await one.table(large.id).click();
  await one.act("save");
  await one.dialog.locator(".table-picker .field-error").getByText("has this table at that time").waitFor();
  end(rival);
  await one.table(large.id).getByText("taken at").waitFor({ state: "detached" });
  await one.act("save");
  await one.closed();
  const [[starts, table, status]] = psql(`select maitred.iso(starts_at), table_id, status from maitred.reservation where venue = ${venue} and customer_name = ${quote(name)}`);
  assert.deepEqual([starts, Number(table), status], [at(date, "20:00"), large.id, "confirmed"]);
});

test("two want the last table: one has it, the other is told beside the table", async () => {
  const table = makeTable(20);
  const date = day(9);
  const names = [uniqueName("Race"), uniqueName("Race")];
  await Promise.all([one, two].map(async (page, i) => {
    await page.page.locator("#new").click();
    await page.fill("customerName", names[i]);
    await page.fill("day", date);
    await page.fill("time", "19:00");
    await page.table(table.id).click();
  }));
  await Promise.all([one.act("save"), two.act("save")]);
  const refused = await eventually(async () => {
    const still = [];
    for (const page of [one, two]) if (await page.dialog.count()) still.push(page);
    assert.equal(still.length, 1);
    return still[0];
  });
  await refused.dialog.locator(".table-picker .field-error").getByText("has this table at that time").waitFor();
  const [[count]] = psql(`select count(*) from maitred.reservation where venue = ${venue} and table_id = ${table.id} and status = 'confirmed'`);
  assert.equal(count, "1");
  await refused.act("no");
});

test("a waiter seats a party, and finds nothing else to press; the other books see it", async () => {
  const table = makeTable(4);
  const party = reserve({ table: table.id, party: 4 });
  const waiter = await Api.login("bistro", "waiter");
  const page = await ReservationsPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: waiter.cookies }));
  assert.equal(await page.page.locator("#new").isVisible(), false);
  await page.row(party.id).locator(".guest-name").click();
  assert.deepEqual(await page.detail.locator("[data-step]").evaluateAll((nodes) => nodes.map((node) => node.dataset.step)), ["seat"]);
  await page.step("seat").focus();
  await page.page.keyboard.press("Enter");
  await page.fill("guestCount", 3);
  await page.act("seat");
  await page.closed();
  assert.deepEqual(rowOf(party.id), { status: "seated", table: table.id, party: 4 });
  const [[guests, state]] = psql(`select s.guest_count, t.status from maitred.table_session s join maitred.dining_table t on t.venue = s.venue and t.id = s.table_id
    where s.venue = ${venue} and s.table_id = ${table.id} and s.state = 'open'`);
  assert.deepEqual([guests, state], ["3", "occupied"]);
  await two.view("seated");
  await two.row(party.id).waitFor();
  await two.row(party.id).locator(".guest-name").click();
  await two.step("complete").click();
  await two.row(party.id).waitFor({ state: "detached" });
  assert.equal(rowOf(party.id).status, "completed");
  await two.page.keyboard.press("Escape");
  await two.view("expected");
});

test("a table that got guests meanwhile is refused in words", async () => {
  const table = makeTable(4);
  const party = reserve({ table: table.id });
  await one.row(party.id).locator('[data-step="seat"]').click();
  await one.table(table.id).waitFor();
  await one.page.route("**/seat", async (route) => { // between the press and the server
    psql(`update maitred.dining_table set status = 'occupied' where venue = ${venue} and id = ${table.id}`);
    await route.continue();
  });
  await one.act("seat");
  await one.dialog.locator(".table-picker .field-error").getByText("still guests").waitFor();
  await one.table(table.id).waitFor({ state: "detached" });
  await one.page.unroute("**/seat");
  await one.act("no");
  end(party);
});

test("no-show, and cancel with a reason that the history keeps", async () => {
  const [lost, off] = [reserve(), reserve()];
  await one.row(lost.id).locator(".guest-name").click();
  await one.step("noShow").click();
  await one.act("yes");
  await one.row(lost.id).waitFor({ state: "detached" });
  assert.equal(rowOf(lost.id).status, "no_show");
  await one.row(off.id).locator(".guest-name").click();
  await one.step("cancel").click();
  await one.fill("reason", "ill");
  await one.act("cancel");
  await one.detail.getByText("ill", { exact: true }).waitFor();
  assert.equal(rowOf(off.id).status, "cancelled");
  await one.page.keyboard.press("Escape");
  await one.detail.waitFor({ state: "hidden" });
});

test("an edit that another came before is said, and overwrites only knowingly", async () => {
  const party = reserve();
  await one.row(party.id).locator(".guest-name").click();
  await one.step("edit").click();
  await one.fill("partySize", 5);
  psql(`update maitred.reservation set special_requests = 'by the window', version = version + 1 where venue = ${venue} and id = ${party.id}`);
  await one.dialog.getByText("Somebody else has changed this reservation").waitFor();
  await one.act("save");
  await one.dialog.getByText("Somebody else has").first().waitFor();
  assert.equal(rowOf(party.id).party, 2);
  await one.dialog.locator('[data-action="mine"]').click();
  await one.act("save");
  await one.closed();
  assert.equal(rowOf(party.id).party, 5);
  await one.page.keyboard.press("Escape");
  end(party);
});

test("the plan: guests an hour, another table by drag, live in the other book", async () => {
  await Promise.all([one.view("plan"), two.view("plan")]);
  const [from, to] = [makeTable(), makeTable()];
  const party = reserve({ table: from.id });
  await Promise.all([one.bar(party.id).waitFor(), two.bar(party.id).waitFor()]);
  const hours = Object.fromEntries(psql(`select 'plan.guests.' || to_char(starts_at at time zone v.timezone, 'HH24') || ':00', sum(party_size)
    from maitred.reservation r join maitred.venue v on v.id = r.venue where r.venue = ${venue} and r.status not in ('cancelled', 'no_show')
      and starts_at <@ maitred.day_span(${venue}, date '${today}') group by 1`).map(([key, n]) => [key, Number(n)]));
  await eventually(async () => {
    const shown = Object.entries(await one.figures()).filter(([key, n]) => key.startsWith("plan.") && n);
    assert.deepEqual(Object.fromEntries(shown), hours);
  });
  await eventually(async () => assert.equal(await one.page.locator(".toast").count(), 0)); // they lie over the last rows
  const [bar, track] = [await one.bar(party.id).boundingBox(), await one.track(to.id).boundingBox()];
  await one.bar(party.id).dragTo(one.track(to.id), { targetPosition: { x: bar.x - track.x + 5, y: 10 } }); // straight down
  await two.page.locator(`[data-row="table/${to.id}"] [data-bar="res${party.id}"]`).waitFor();
  assert.equal(rowOf(party.id).table, to.id);
  await one.bar(party.id).focus();
  await one.page.keyboard.press("Enter");
  await one.detail.getByText(to.label).waitFor();
  await one.page.keyboard.press("Escape");
  end(party);
  await Promise.all([one.bar(party.id), two.bar(party.id)].map((bar) => bar.waitFor({ state: "detached" })));
  await Promise.all([one.view("expected"), two.view("expected")]);
});

test("a viewer reads masked names and finds nothing to press; the kitchen is told that this is not theirs", async () => {
  const party = reserve();
  const [viewer, kitchen] = await Promise.all([Api.login("bistro", "viewer"), Api.login("bistro", "kitchen")]);
  const seen = await ReservationsPage.opened(await browser.newPage({ url: URL_OF_HOUSE, cookies: viewer.cookies }));
  await seen.row(party.id).getByText(/^[A-Z]\. /).waitFor();
  assert.equal(await seen.page.getByText(party.name).count(), 0);
  assert.equal(await seen.page.locator("[data-online]").filter({ visible: true }).count(), 0);
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: kitchen.cookies });
  await page.goto("/reservations/");
  await page.getByText("may not see reservations").waitFor();
  end(party);
});

test("a killed sidecar: what happened meanwhile is there without a reload", async () => {
  const back = killed();
  const party = reserve();
  await back;
  await one.row(party.id).waitFor({ timeout: 40000 });
  await one.live();
  assert.ok(await one.wasNotReloaded());
  end(party);
  await one.row(party.id).waitFor({ state: "detached" });
});

test("offline: seating waits and says why; back again, what was missed is there", async () => {
  const wire = await Wire.to(URL_OF_HOUSE);
  const manager = await Api.login("bistro", "manager");
  const page = await browser.newPage({ url: wire.url, cookies: manager.cookies });
  await page.addInitScript(() => { delete globalThis.SharedWorker; }); // its clock is not the page's
  await page.clock.install();
  const book = await ReservationsPage.opened(page);
  wire.refuse = everything;
  wire.cut();
  await page.locator('#connection[data-state="reconnecting"]').waitFor();
  await page.clock.fastForward(31000);
  await page.locator("#offline-note").waitFor();
  assert.ok(await page.locator("#new").isDisabled());
  assert.match(await page.locator("#new").getAttribute("title"), /wait for the connection/);
  const party = reserve();
  wire.refuse = () => false;
  await page.getByRole("button", { name: "Try now" }).click().catch(() => {}); // gone: restored already
  await book.row(party.id).waitFor({ timeout: 40000 });
  await eventually(async () => assert.equal(await page.locator("#new").isDisabled(), false));
  assert.ok(await book.wasNotReloaded());
  end(party);
  await browser.finish();
  await wire.close();
});
