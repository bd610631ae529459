// What stands around every page: appearance, language, rail, account menu, the panel of the connection; and tiles that say how fresh
// they are.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, psql, quote, soon, uniqueName, venueId } from "../lib/house.mjs";
import { AdminPage } from "../pages/admin.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";

let browser;
let cookies;

before(async () => {
  browser = await Browser.start();
  ({ cookies } = await Api.login("bistro", "admin"));
});
after(() => browser.stop());
afterEach(() => browser.finish());

const opened = async (settings = {}, path = "/restaurant/") => {
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies, ...settings });
  await DashboardPage.opened(page, path);
  return page;
};
const look = (page) => page.evaluate(() => [document.documentElement.dataset.theme, document.documentElement.dataset.contrast ?? ""]);

test("the appearance follows the system, then the person; another tab and a reload keep it, before the first paint", async () => {
  const page = await opened({ colorScheme: "dark" });
  assert.deepEqual(await look(page), ["dark", ""]);
  await page.emulateMedia({ colorScheme: "light" });
  await eventually(async () => assert.deepEqual(await look(page), ["light", ""]));
  await page.emulateMedia({ contrast: "more" });
  await eventually(async () => assert.deepEqual(await look(page), ["light", "more"]));
  const second = await page.context().newPage();
  await second.goto("/login/");
  await page.locator("#account").click();
  await page.getByRole("radio", { name: "Dark" }).check();
  assert.deepEqual(await look(page), ["dark", ""]);
  await eventually(async () => assert.deepEqual(await look(second), ["dark", ""]));
  await page.addInitScript(() => document.addEventListener("DOMContentLoaded", () => { globalThis.atFirst = document.documentElement.dataset.theme; }));
  await page.reload();
  assert.equal(await page.evaluate(() => globalThis.atFirst), "dark");
  const dark = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  assert.equal(dark, "rgb(19, 22, 25)");
});

test("German: chosen in the account menu, kept, and spoken by the page, the banner and a refusal of the server", async () => {
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies });
  await AdminPage.opened(page);
  await page.locator("#account").click();
  await Promise.all([page.waitForEvent("load"), page.getByText("Deutsch").click()]);
  await page.getByRole("heading", { name: "Tische", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  const venue = venueId("bistro");
  const [[id]] = psql(`insert into maitred.dining_table (venue, number, label, capacity)
    select ${venue}, n, 'S-' || n, 4 from (select greatest(900, max(number)) + 1 as n from maitred.dining_table where venue = ${venue}) t returning id`);
  const admin = new AdminPage(page);
  await admin.inState(id, "free");
  await page.getByRole("button", { name: /Sperren|Tisch .* sperren/ }).first().waitFor();
  await admin.press(id, "restore_table");
  await page.locator('.toast[data-tone="bad"]').waitFor();
  psql(`update maitred.dining_table set active = false where venue = ${venue} and id = ${id}`);
  await page.locator("#account").click();
  await Promise.all([page.waitForEvent("load"), page.getByText("English").click()]);
  await page.getByRole("heading", { name: "Tables", exact: true }).waitFor();
});

test("the panel of the connection tells what carries the messages and when the last one came", async () => {
  const page = await opened();
  const venue = venueId("bistro");
  const name = uniqueName("Panel");
  psql(`insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source)
    values (${venue}, ${quote(name)}, 2, ${quote(soon(venue, 50))}, 'confirmed', 'phone')`);
  await new DashboardPage(page).rowOf(name).waitFor();
  await page.locator("#connection").focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Connection" });
  await panel.getByText("WebSocket").waitFor();
  await eventually(async () => {
    const facts = await panel.locator("dd").allTextContents();
    assert.deepEqual([facts[0], facts[1], facts[4]], ["Live", "WebSocket", "0"]);
    assert.match(facts[3], /ago|now/);
  });
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "connection");
});

test("the rail can be narrow and stays so; on a phone what does not fit is in a menu that keys walk", async () => {
  const page = await opened();
  const width = () => page.locator(".rail").evaluate((node) => node.offsetWidth);
  const wide = await width();
  await page.getByRole("button", { name: "Narrow navigation" }).click();
  assert.ok(await width() < wide / 2);
  await page.reload();
  await page.locator(".rail-link").first().waitFor();
  assert.ok(await width() < wide / 2);
  await page.setViewportSize({ width: 390, height: 844 });
  const links = await page.locator(".rail-link:visible").count();
  assert.ok(links <= 5, `${links} in the bar`);
  const more = page.locator(".rail-more");
  if (!await more.isVisible()) return;
  await more.focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("menu");
  await menu.waitFor();
  await page.keyboard.press("End");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "API");
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "detached" });
});

test("a tile says how fresh it is, greys when its figures could not be renewed, and is itself again", async () => {
  const page = await opened();
  const fresh = page.locator("#tile-trends .fresh");
  await fresh.getByText("Updated").waitFor();
  assert.ok(Math.abs(Number(await fresh.getAttribute("data-fresh-at")) - Date.now()) < 60_000);
  await page.route("**/api/dashboard/trends*", (route) => route.abort());
  await page.getByText("Monthly", { exact: true }).click();
  await page.locator('#tile-trends[data-stale="true"]').waitFor();
  await fresh.getByText("Not current").waitFor();
  assert.equal(await page.locator('#tile-today[data-stale="true"]').count(), 0);
  await page.unroute("**/api/dashboard/trends*");
  await page.getByText("Weekly", { exact: true }).click();
  await page.locator("#tile-trends:not([data-stale])").waitFor();
  await fresh.getByText("Updated").waitFor();
});
