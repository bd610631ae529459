// The floor plan without a network: what may wait waits, through a reload and in two tabs, and is done once; what
// may not is disabled; what is refused later is shown. And a sidecar that is killed.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, venueId } from "../lib/house.mjs";
import { dropTable, makeTable as make, rested, setStatus, statusOf } from "../lib/floor.mjs";
import { Wire, everything } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { FloorPage } from "../pages/floor.mjs";
import { killed } from "../lib/sidecar.mjs";

let browser;
let venue;
let api;
let wire;
let page;
let floor;
const made = [];

before(async () => {
  browser = await Browser.start();
  venue = venueId("bistro");
  api = await Api.login("bistro", "manager");
});

beforeEach(async () => {
  rested(venue);
  wire = await Wire.to(URL_OF_HOUSE);
  page = await browser.newPage({ url: wire.url, cookies: api.cookies });
  await page.addInitScript(() => { delete globalThis.SharedWorker; }); // its clock is not the page's
  await page.clock.install();
  floor = await FloorPage.opened(page);
});

afterEach(async () => {
  for (const id of made.splice(0)) dropTable(venue, id);
  await browser.finish();
  await wire.close();
});
after(() => browser.stop());

function makeTable(how) {
  const table = make(venue, how);
  made.push(table.id);
  return table;
}

async function goOffline() {
  wire.refuse = everything;
  wire.cut();
  await floor.banner("connection").getByText("Connection lost. Reconnecting...").waitFor();
  await page.clock.fastForward(31000);
  await floor.banner("offline").getByText("You are working offline. Changes will sync when connection is restored.").waitFor();
  assert.equal(await page.locator("#connection").getAttribute("data-tone"), "bad");
}

async function goOnline() {
  wire.refuse = () => false;
  await page.getByRole("button", { name: "Try now" }).click({ timeout: 2000 }).catch(() => {}); // restored already
  await floor.live();
}

// The statuses that a table has been given, in order, and by whom.
const history = (id) => psql(`select new_status, actor from maitred.status_history where venue = ${venue} and kind = 'table' and entity_id = ${id} order by id`)
  .map(([status, actor]) => `${status} by ${actor}`);

test("what is changed offline waits, is shown as waiting, and is done once when the network is back", async () => {
  const [a, b] = [makeTable(), makeTable()];
  await floor.table(b.id).waitFor();
  await goOffline();
  await floor.step(a.id, "reserved");
  await floor.step(b.id, "occupied");
  await floor.step(a.id, "occupied");
  await floor.waiting(a.id).waitFor();
  await floor.inState(a.id, "occupied");
  await floor.banner("queue").getByText("3 changes wait to be sent.").waitFor();
  assert.deepEqual([statusOf(venue, a.id), statusOf(venue, b.id)], ["available", "available"]);
  await goOnline();
  await floor.banner("queue").waitFor({ state: "detached" });
  await floor.waiting(a.id).waitFor({ state: "detached" });
  assert.deepEqual([statusOf(venue, a.id), statusOf(venue, b.id)], ["occupied", "occupied"]);
  assert.deepEqual(history(a.id), ["reserved by manager", "occupied by manager"]);
  assert.deepEqual(history(b.id), ["occupied by manager"]);
});

test("what is critical is disabled while offline, and says why", async () => {
  const { id } = makeTable();
  await floor.table(id).waitFor();
  await goOffline();
  for (const name of ["#new-table", "#edit-layout"]) {
    assert.ok(await page.locator(name).isDisabled(), name);
    assert.equal(await page.locator(name).getAttribute("title"), "Not while you are offline");
  }
  await floor.table(id).click();
  for (const act of ["edit", "delete"]) assert.ok(await floor.dialog.locator(`[data-act="${act}"]`).isDisabled(), act);
  await page.keyboard.press("Escape");
  await page.locator("#view").getByText("List").click();
  await floor.row(id).getByRole("checkbox").check();
  assert.ok(await page.getByRole("button", { name: "Apply" }).isDisabled());
  await goOnline();
  assert.ok(await page.getByRole("button", { name: "Apply" }).isEnabled());
});

test("a reload in the middle of the queue: the rest is still shown, and everything is done once", async () => {
  const tables = [makeTable(), makeTable(), makeTable()];
  await floor.table(tables[2].id).waitFor();
  await goOffline();
  for (const { id } of tables) await floor.step(id, "reserved");
  // The network is back for one write, whose answer is lost: nobody here knows that it was done.
  let passed = 0;
  await page.route("**/api/tables/*/status", async (route) => {
    passed += 1;
    if (passed === 1) {
      const request = route.request();
      await route.fetch({ url: request.url().replace(wire.url, URL_OF_HOUSE), headers: { ...request.headers(), origin: URL_OF_HOUSE } });
    }
    await route.abort();
  });
  await page.clock.fastForward(31000);
  await eventually(() => assert.equal(statusOf(venue, tables[0].id), "reserved"));
  wire.refuse = () => false;
  await page.reload();
  await floor.live();
  for (const { id } of tables) await floor.waiting(id).waitFor();
  await page.unroute("**/api/tables/*/status");
  await page.clock.fastForward(31000);
  await floor.banner("queue").waitFor({ state: "detached" });
  for (const { id } of tables) {
    await floor.inState(id, "reserved");
    await floor.waiting(id).waitFor({ state: "detached" });
    assert.deepEqual(history(id), ["reserved by manager"]);
  }
});

test("somebody else changed it meanwhile: the conflict is shown, nothing is overwritten without being asked", async () => {
  const { id } = makeTable();
  await floor.table(id).waitFor();
  await goOffline();
  await floor.step(id, "reserved");
  setStatus(venue, id, "maintenance");
  await goOnline();
  await floor.dialog.getByText("was changed meanwhile").waitFor();
  await floor.dialog.locator('[data-action="theirs"]').click();
  await floor.inState(id, "maintenance");
  await eventually(() => assert.equal(statusOf(venue, id), "maintenance"));
});

test("another tab sends what this one queued; both show it", async () => {
  const { id } = makeTable();
  await floor.table(id).waitFor();
  await goOffline();
  await floor.step(id, "reserved");
  await floor.waiting(id).waitFor();
  wire.refuse = () => false;
  const other = await FloorPage.opened(await page.context().newPage());
  await other.inState(id, "reserved");
  await eventually(() => assert.deepEqual(history(id), ["reserved by manager"]));
  await floor.waiting(id).waitFor({ state: "detached" });
  await other.waiting(id).waitFor({ state: "detached" });
});

test("many changes missed are announced as table updates", async () => {
  const tables = Array.from({ length: 6 }, () => makeTable());
  await floor.table(tables[5].id).waitFor();
  wire.refuse = everything;
  wire.cut();
  await floor.banner("connection").waitFor();
  for (const { id } of tables) setStatus(venue, id, "reserved");
  await goOnline();
  await page.getByText(/^Synced \d+ table updates$/).waitFor();
  for (const { id } of tables) await floor.inState(id, "reserved");
});

test("the sidecar is killed: a step still goes through, and the plan is right when it is back", async () => {
  const [a, b] = [makeTable(), makeTable()];
  await floor.table(b.id).waitFor();
  const back = killed();
  setStatus(venue, a.id, "reserved");
  await floor.step(b.id, "occupied");
  await back;
  await goOnline();
  await floor.inState(a.id, "reserved");
  await floor.inState(b.id, "occupied");
  await eventually(() => assert.equal(statusOf(venue, b.id), "occupied"));
});
