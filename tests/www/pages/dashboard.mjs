// A dashboard, restaurant or hotel: its connection, its banners, its figures and its lists.

import { LoginPage } from "./login.mjs";

export class DashboardPage {
  constructor(page) {
    this.page = page;
    this.indicator = page.locator("#connection");
  }

  static async signedIn(page, { venue, username = "manager" }) {
    const login = new LoginPage(page);
    await login.open();
    await login.signIn({ venue, username });
    const dashboard = new DashboardPage(page);
    await dashboard.waitForState("live");
    return dashboard;
  }

  // With the cookies of a session that was made before: no way through the login page.
  static async opened(page, path) {
    await page.goto(path);
    const dashboard = new DashboardPage(page);
    await dashboard.waitForState("live");
    await dashboard.settled();
    await dashboard.mark();
    return dashboard;
  }

  async waitForState(state, options) {
    await this.page.locator(`#connection[data-state="${state}"]`).waitFor(options);
  }

  // A mark that only a reload would wipe out.
  async mark() {
    await this.page.evaluate(() => { globalThis.notReloaded = true; });
  }

  wasNotReloaded() {
    return this.page.evaluate(() => globalThis.notReloaded === true);
  }

  banner(name) {
    return this.page.locator(`[data-banner="${name}"]`);
  }

  tile(name) {
    return this.page.locator(`#tile-${name}`);
  }

  // All tiles have drawn something and none is waiting for an answer.
  async settled() {
    await this.page.waitForFunction(() =>
      !document.querySelector('[data-state="loading"], [aria-busy]') && document.querySelector("[data-figure]"));
  }

  figure(key) {
    return this.page.locator(`[data-figure="${key}"]`);
  }

  async value(key) {
    return Number(await this.figure(key).getAttribute("value"));
  }

  // Every figure on the page: {key, value, text}; those inside a closed table of figures too.
  figures() {
    return this.page.$$eval("data[data-figure]", (nodes) => nodes.map((node) =>
      ({ key: node.dataset.figure, value: node.value, text: node.textContent })));
  }

  // The rows of a list: {id, customerName, guests, status, time}.
  rows(tile) {
    return this.page.$$eval(`#tile-${tile} [data-reservation]`, (nodes) => nodes.map((node) => {
      const field = (name) => node.querySelector(`[data-field="${name}"]`)?.textContent;
      return { id: node.dataset.reservation, customerName: field("customerName"), guests: field("guests"),
        status: field("status"), time: field("time") };
    }));
  }

  rowOf(name, tile = "today") {
    return this.page.locator(`#tile-${tile} [data-reservation]`, { hasText: name });
  }

  async choosePeriod(name) {
    await this.page.getByText(name, { exact: true }).click();
  }
}
