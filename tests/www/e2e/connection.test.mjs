// What a person sees when the network fails: a cut wire, a silent one, sockets that are refused.
//
// The browser is behind a wire of the test's own (lib/wire.mjs): unlike the browser's offline
// switch it cuts sockets as well.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";
import { Wire, everything, isPoll, isSocketUpgrade, isStream } from "../lib/wire.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";

let browser;
let wire;
let page;
let dashboard;
let venue;
let api;

before(async () => {
  browser = await Browser.start();
  api = await Api.login("bistro", "manager");
  venue = venueId("bistro");
});

beforeEach(async () => {
  wire = await Wire.to(URL_OF_HOUSE);
  page = await browser.newPage({ url: wire.url, cookies: api.cookies });
  await page.addInitScript(() => { delete globalThis.SharedWorker; }); // its clock is not the page's
  await page.clock.install();
  dashboard = await DashboardPage.opened(page, "/restaurant/");
});

afterEach(async () => {
  await browser.finish();
  await wire.close();
});

after(() => browser.stop());

function reserve(name = uniqueName("Missed")) {
  psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source)
    values (${venue}, ${quote(name)}, 2, ${quote(soon(venue, 50))}, 'confirmed', 'phone')`);
  return name;
}

async function lostIsShown() {
  await dashboard.banner("connection").getByText("Connection lost. Reconnecting...").waitFor();
  assert.equal((await dashboard.indicator.textContent()).trim(), "Reconnecting...");
}

// A person may wait out the backoff, or press the button that the banner has.
async function restoredIsShown() {
  const again = page.getByRole("button", { name: "Try now" });
  if (await again.isVisible()) await again.click({ timeout: 1000 }).catch(() => {}); // gone: restored already
  await dashboard.banner("connection").getByText("Connection restored").waitFor({ timeout: 30000 });
  assert.equal((await dashboard.indicator.textContent()).trim(), "Live");
}

test("live is said in green words", async () => {
  assert.equal((await dashboard.indicator.textContent()).trim(), "Live");
  assert.equal(await dashboard.indicator.getAttribute("data-tone"), "good");
});

test("a cut wire: banner and yellow, then restored, and what was missed is there", async () => {
  wire.refuse = everything;
  wire.cut();
  await lostIsShown();
  const name = reserve();
  wire.refuse = () => false;
  await restoredIsShown();
  await dashboard.rowOf(name).waitFor();
  await dashboard.tile("activity").getByText(`New: ${name}`).waitFor(); // by the replay, not only by a refetch
  assert.ok(await dashboard.wasNotReloaded());
  await dashboard.banner("connection").waitFor({ state: "detached" });
});

test("many changes missed are announced with their number", async () => {
  wire.refuse = everything;
  wire.cut();
  await lostIsShown();
  for (let i = 0; i < 6; i += 1) reserve();
  wire.refuse = () => false;
  await restoredIsShown();
  await page.getByText(/^Synced \d+ updates$/).waitFor();
});

test("a wire that swallows everything is noticed within five seconds", async () => {
  const start = Date.now();
  wire.freeze();
  await lostIsShown();
  const took = Date.now() - start;
  assert.ok(took < 6000, `noticed after ${took} ms`);
  wire.thaw();
  wire.cut();
  await restoredIsShown();
});

test("nothing live gets through: figures come by polling, and the socket is taken again when it can be had", async () => {
  wire.refuse = (first) => isSocketUpgrade(first) || isStream(first) || isPoll(first);
  wire.cut();
  await lostIsShown();
  const name = reserve();
  await dashboard.banner("polling").waitFor({ timeout: 30000 });
  await dashboard.rowOf(name).waitFor();
  wire.refuse = () => false;
  await restoredIsShown();
  await dashboard.banner("polling").waitFor({ state: "detached" });
  const after_ = reserve();
  await dashboard.rowOf(after_).waitFor();
  assert.ok(await dashboard.wasNotReloaded());
});

test("an account that is switched off is signed out at once", async () => {
  const off = (active) => psql(`update maitred.account set active = ${active} where venue = ${venue} and username = 'viewer'`);
  const other = await browser.newPage({ url: URL_OF_HOUSE });
  await DashboardPage.signedIn(other, { venue: "bistro", username: "viewer" });
  try {
    off(false);
    await other.waitForURL(/\/login\//);
  } finally {
    off(true);
  }
});

test("after thirty seconds away it says disconnected, in red, and still comes back", async () => {
  wire.refuse = everything;
  wire.cut();
  await lostIsShown();
  await page.clock.fastForward(31000);
  await dashboard.waitForState("disconnected");
  assert.equal((await dashboard.indicator.textContent()).trim(), "Disconnected");
  assert.equal(await dashboard.indicator.getAttribute("data-tone"), "bad");
  wire.refuse = () => false;
  await restoredIsShown();
  await eventually(async () => assert.equal(await page.locator('[data-stale="true"]').count(), 0));
});
