// The API page: every operation of the document that is served, found, opened, read and copied; and
// what it says when there is no document.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { URL_OF_HOUSE, eventually } from "../lib/house.mjs";
import { ApiPage } from "../pages/api.mjs";
import { Browser } from "../pages/browser.mjs";

let browser;
let document;
before(async () => {
  browser = await Browser.start();
  document = await (await fetch(`${URL_OF_HOUSE}/api/openapi.json`)).json();
});
after(() => browser.stop());
afterEach(() => browser.finish());

const opened = async (hash) => ApiPage.opened(await browser.newPage({ url: URL_OF_HOUSE }), hash);
const ids = () => Object.values(document.paths).flatMap((item) => Object.values(item).map((op) => op.operationId));

test("it shows every operation of the document, to whoever is not logged in", async () => {
  const api = await opened();
  assert.deepEqual((await api.shown()).sort(), ids().sort());
  assert.equal(await api.page.locator("#contents li").count(), ids().length);
});

test("words and a role leave what they should, and say when nothing is left", async () => {
  const api = await opened();
  await api.page.getByLabel("Find").fill("bookings check");
  await eventually(async () => assert.deepEqual((await api.shown()).sort(), ["booking_check_in", "booking_check_out"]));
  await api.page.getByLabel("Find").fill("");
  await api.page.getByLabel("What may be called by").selectOption("kitchen");
  await eventually(async () => assert.ok(!(await api.shown()).includes("booking_list") && (await api.shown()).includes("order_list")));
  await api.page.getByLabel("Find").fill("no such words");
  await api.page.getByText("No operation is like that.").waitFor();
});

test("a link opens its operation: rights, body, answers, a line to copy", async () => {
  const api = await opened("#table_create");
  const op = api.operation("table_create");
  await op.getByText("tables.admin", { exact: true }).first().waitFor();
  await op.getByText("letters, digits and hyphens").first().waitFor();
  assert.match(await op.locator(".call pre").textContent(), /^curl -s -X POST 'http[^']+\/api\/tables' \\\n {2}-H "Authorization: Bearer \$TOKEN"/);
  assert.doesNotMatch(await op.textContent(), /false|undefined|\[object/);
  await op.locator(".answer", { hasText: "201" }).getByText("minCapacity").first().waitFor();
  await op.locator(".answer summary", { hasText: "409" }).click();
  await op.getByText("version_conflict").first().waitFor();
  assert.equal(await api.operation("table_close").locator(".badge").first().textContent(), "deprecated");
});

test("by keyboard alone: find, open", async () => {
  const api = await opened();
  await api.page.getByLabel("Find").focus();
  await api.page.keyboard.type("openapi");
  await eventually(async () => assert.deepEqual(await api.shown(), ["openapi"]));
  await api.operation("openapi").locator("summary").first().focus();
  await api.page.keyboard.press("Enter");
  await api.operation("openapi").getByText("Everybody, without a token.").waitFor();
});

test("without the document it says so, and tries again", async () => {
  const page = await browser.newPage({ url: URL_OF_HOUSE });
  await page.route("**/api/openapi.json", (route) => route.fulfill({ status: 503, body: "{}" }));
  const api = await ApiPage.opened(page);
  await page.getByText("The document could not be loaded. The server answered 503.").waitFor();
  await page.unroute("**/api/openapi.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator('#main[aria-busy="false"] .operation').first().waitFor();
  assert.deepEqual((await api.shown()).sort(), ids().sort());
});

test("the type of a problem leads to its code", async () => {
  const problem = await (await fetch(`${URL_OF_HOUSE}/api/user/profile`)).json();
  const page = await browser.newPage({ url: URL_OF_HOUSE });
  await page.goto(problem.type);
  await page.locator(`tr:target code`, { hasText: problem.code }).waitFor();
});
