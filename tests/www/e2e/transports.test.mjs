// What carries the messages when something on the way does not let everything through, and that the tabs of a
// browser share one connection: with the SharedWorker, and without.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";
import { Wire, everything, isPoll, isSocketUpgrade, isStream } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";

let browser;
let venue;
let api;
const wires = [];

before(async () => {
  browser = await Browser.start();
  api = await Api.login("bistro", "manager");
  venue = venueId("bistro");
});

afterEach(async () => {
  await browser.finish();
  for (const wire of wires.splice(0)) await wire.close();
});

after(() => browser.stop());

function reserve(name = uniqueName("Carried")) {
  psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source)
    values (${venue}, ${quote(name)}, 2, ${quote(soon(venue, 50))}, 'confirmed', 'phone')`);
  return name;
}

async function wired(refuse) {
  const wire = await Wire.to(URL_OF_HOUSE);
  wires.push(wire);
  wire.refuse = refuse;
  return wire;
}

async function open(wire, { page, shared = true } = {}) {
  const one = page ?? await browser.newPage({ url: wire.url, cookies: api.cookies });
  if (!shared) await one.addInitScript(() => { delete globalThis.SharedWorker; });
  await one.goto("/restaurant/");
  return new DashboardPage(one);
}

const carriedBy = (dashboard, name) =>
  dashboard.page.locator(`#connection[data-state="live"][data-transport="${name}"]`).waitFor({ timeout: 60000 });

for (const shared of [true, false]) {
  const how = shared ? "shared by the tabs" : "of one tab";
  test(`${how}: an event stream stands in for sockets, a poll for streams, and the socket comes back`, async () => {
    const wire = await wired(isSocketUpgrade);
    const dashboard = await open(wire, { shared });
    await carriedBy(dashboard, "eventstream");
    await dashboard.rowOf(reserve()).waitFor();
    wire.refuse = (first) => isSocketUpgrade(first) || isStream(first);
    wire.cut();
    const missed = reserve();
    await carriedBy(dashboard, "longpoll");
    await dashboard.rowOf(missed).waitFor();
    await dashboard.tile("activity").getByText(`New: ${missed}`).waitFor(); // by its position, not by a refetch
    await dashboard.tile("activity").getByText(`New: ${reserve()}`).waitFor();
    wire.refuse = () => false;
    await carriedBy(dashboard, "websocket");
    await dashboard.tile("activity").getByText(`New: ${reserve()}`).waitFor();
    assert.equal(await dashboard.banner("polling").count(), 0);
  });
}

const connections = async () => (await api.get("/api/v1/ws/orders/live/connections")).connections.length;

test("two tabs share one connection, each hears, and the last one that goes ends it", async () => {
  const wire = await wired(() => false);
  await eventually(async () => assert.equal(await connections(), 0));
  const one = await open(wire);
  await carriedBy(one, "websocket");
  const two = await open(wire, { page: await one.page.context().newPage() });
  await carriedBy(two, "websocket");
  await Promise.all([one.settled(), two.settled()]);
  assert.equal(await connections(), 1);
  const name = reserve();
  await Promise.all([one, two].map((tab) => tab.tile("activity").getByText(`New: ${name}`).waitFor()));
  await one.page.close();
  await two.tile("activity").getByText(`New: ${reserve()}`).waitFor();
  await two.page.goto("/docs/");
  await eventually(async () => assert.equal(await connections(), 0));
});

test("a cut of the shared connection is shown in every tab, and every tab has what was missed", async () => {
  const wire = await wired(() => false);
  const one = await open(wire);
  await carriedBy(one, "websocket");
  const two = await open(wire, { page: await one.page.context().newPage() });
  await carriedBy(two, "websocket");
  await Promise.all([one.settled(), two.settled()]);
  wire.refuse = everything;
  wire.cut();
  for (const tab of [one, two]) await tab.banner("connection").getByText("Connection lost. Reconnecting...").waitFor();
  const name = reserve();
  wire.refuse = () => false;
  for (const tab of [one, two]) {
    await tab.tile("activity").getByText(`New: ${name}`).waitFor({ timeout: 40000 });
    await carriedBy(tab, "websocket");
  }
});

test("another account in the same browser ends what the first one heard", async () => {
  const wire = await wired(() => false);
  const one = await open(wire);
  await carriedBy(one, "websocket");
  const context = one.page.context();
  const other = await Api.login("bistro", "viewer");
  await context.addCookies([{ ...other.cookies[0], url: wire.url }]);
  const two = await open(wire, { page: await context.newPage() });
  await carriedBy(two, "websocket");
  await one.page.waitForURL(/\/login\//);
  const accounts = (await api.get("/api/v1/ws/orders/live/connections")).connections.map(({ role }) => role);
  assert.deepEqual(accounts, ["viewer"]);
});
