// The way in and out, in a real browser: wrong password, empty fields, where one wanted to go,
// roles, signing out here and elsewhere.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE, eventually, uniqueName } from "../lib/house.mjs";
import { Browser } from "../pages/browser.mjs";
import { DashboardPage } from "../pages/dashboard.mjs";
import { LoginPage } from "../pages/login.mjs";

let browser;

before(async () => { browser = await Browser.start(); });
afterEach(() => browser.finish());
after(() => browser.stop());

const atHouse = () => browser.newPage({ url: URL_OF_HOUSE });

test("whoever is not signed in is sent to the login page, and then where they wanted to go", async () => {
  const page = await atHouse();
  await page.goto("/restaurant/?period=monthly");
  await page.waitForURL(/\/login\/\?next=/);
  await new LoginPage(page).signIn({ venue: "bistro", username: "manager" });
  await page.waitForURL(/\/restaurant\/\?period=monthly$/);
  await new DashboardPage(page).waitForState("live");
  assert.equal(await page.getByLabel("Monthly").isChecked(), true);
});

test("the front door leads to the dashboard of the venue's kind", async () => {
  for (const [venue, path] of [["bistro", /\/restaurant\/$/], ["grand", /\/hotel\/$/]]) {
    const page = await atHouse();
    await page.goto("/");
    await page.waitForURL(/\/login\//);
    await new LoginPage(page).signIn({ venue, username: "manager" });
    await page.waitForURL(path);
    await page.goto("/");
    await page.waitForURL(path);
  }
});

test("whoever has a page of their own begins there", async () => {
  for (const [venue, username, path] of [["bistro", "kitchen", /\/kitchen\/$/], ["bistro", "waiter", /\/waiter\/$/], ["grand", "frontdesk", /\/desk\//]]) {
    const page = await atHouse();
    await DashboardPage.signedIn(page, { venue, username });
    await page.waitForURL(path);
  }
});

test("a hotel's account that opens the restaurant page lands on its own", async () => {
  const page = await atHouse();
  await DashboardPage.signedIn(page, { venue: "grand" });
  await page.goto("/restaurant/");
  await page.waitForURL(/\/hotel\/$/);
});

test("a wrong password is said, and nobody is signed in", async () => {
  const page = await atHouse();
  const login = new LoginPage(page);
  await login.open();
  await login.signIn({ venue: "bistro", username: uniqueName("nobody"), password: "wrong" });
  await login.problem.waitFor();
  assert.match(await login.problem.textContent(), /not right|Too many attempts/);
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal(await page.getByRole("button", { name: "Sign in" }).isEnabled(), true);
});

test("empty fields are named, each beside its field, without asking the server", async () => {
  const page = await atHouse();
  const asked = [];
  page.on("request", (request) => { if (request.url().includes("/api/")) asked.push(request.url()); });
  const login = new LoginPage(page);
  await login.open();
  await page.getByRole("button", { name: "Sign in" }).click();
  for (const name of ["venue", "username", "password"]) await login.fieldError(name).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "venue");
  assert.deepEqual(asked, []);
});

test("a link that points elsewhere does not lead there after the login", async () => {
  const page = await atHouse();
  const login = new LoginPage(page);
  await login.open("?next=//example.com/");
  await login.signIn({ venue: "bistro", username: "manager" });
  await page.waitForURL(`${URL_OF_HOUSE}/restaurant/`);
});

test("the token is out of reach of scripts", async () => {
  const page = await atHouse();
  await DashboardPage.signedIn(page, { venue: "bistro" });
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "maitred_token");
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
  const reachable = await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!reachable.includes(cookie.value));
});

test("a page that stays open renews its session before the token ends", async () => {
  const page = await atHouse();
  await page.clock.install();
  const dashboard = await DashboardPage.signedIn(page, { venue: "bistro" });
  const [before_] = await page.context().cookies();
  const ends = await page.evaluate(() => Number(localStorage.getItem("maitred.expiresAt")));
  const renewed = page.waitForResponse((response) => response.url().endsWith("/api/auth/refresh"));
  await page.clock.fastForward(Math.floor((ends - Date.now()) * 0.9));
  assert.equal((await renewed).status(), 200);
  await eventually(async () => {
    const [now] = await page.context().cookies();
    assert.notEqual(now.value, before_.value);
  });
  await dashboard.waitForState("live");
});

test("signing out ends the session in every open page", async () => {
  const page = await atHouse();
  await DashboardPage.signedIn(page, { venue: "bistro" });
  const second = await page.context().newPage();
  await second.goto("/restaurant/");
  await new DashboardPage(second).waitForState("live");
  await page.route("**/api/auth/logout", async (route) => { // its answer comes when the socket has told already
    const response = await route.fetch();
    await second.waitForURL(/\/login\/\?next=/);
    await route.fulfill({ response });
  });
  await page.locator("#account").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login\/$/);
  await page.goto("/restaurant/");
  await page.waitForURL(/\/login\//);
});

test("a role without figures is told so, tile by tile", async () => {
  const page = await atHouse();
  const dashboard = await DashboardPage.signedIn(page, { venue: "bistro", username: "kitchen" });
  await page.goto("/restaurant/");
  await dashboard.tile("stats").getByText("Your role does not include these figures.").waitFor();
  await assert.rejects((await Api.login("bistro", "kitchen")).get("/api/dashboard/stats"), /403/);
});

test("the login page works by keyboard alone", async () => {
  const page = await atHouse();
  await new LoginPage(page).open("?venue=bistro");
  await page.waitForFunction(() => document.activeElement.id === "username");
  await page.keyboard.type("manager");
  await page.keyboard.press("Tab");
  await page.keyboard.type(process.env.MAITRED_PASSWORD ?? "maitred-demo");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/restaurant\/$/);
});
