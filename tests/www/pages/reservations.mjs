// The reservations of a restaurant, as the people at the door use them.

export class ReservationsPage {
  constructor(page) {
    this.page = page;
    this.dialog = page.locator("dialog[open]");
    this.detail = page.locator("#detail");
  }

  static async opened(page, query = "") {
    await page.goto(`/reservations/${query}`);
    const reservations = new ReservationsPage(page);
    await reservations.live();
    await page.locator("#view:not([aria-busy])").waitFor();
    await page.evaluate(() => { globalThis.notReloaded = true; });
    return reservations;
  }

  live() {
    return this.page.locator('#connection[data-state="live"]').waitFor({ timeout: 45000 });
  }

  wasNotReloaded() {
    return this.page.evaluate(() => globalThis.notReloaded === true);
  }

  view(name) {
    return this.page.locator(`#tab-${name}`).click();
  }

  row(id) {
    return this.page.locator(`tr[data-reservation="res${id}"]`);
  }

  bar(id) {
    return this.page.locator(`.plan-bar[data-bar="res${id}"]`);
  }

  track(table) {
    return this.page.locator(`[data-row="table/${table}"] .plan-track`);
  }

  step(name) {
    return this.detail.locator(`[data-step="${name}"]`);
  }

  act(name) {
    return this.dialog.locator(`[data-action="${name}"]`).click();
  }

  closed() {
    return this.dialog.waitFor({ state: "detached" });
  }

  fill(name, value) {
    return this.dialog.locator(`[name="${name}"]`).fill(String(value));
  }

  table(id) {
    return this.dialog.locator(`[data-choice="${id}"]`);
  }

  fieldError(name) {
    return this.dialog.locator(`.field:has([name="${name}"]) .field-error`);
  }

  async value(key) {
    return Number(await this.page.locator(`[data-figure="${key}"]`).getAttribute("value"));
  }

  // key -> raw value, of every figure that can be seen now
  async figures() {
    return Object.fromEntries(await this.page.$$eval("[data-figure]", (nodes) =>
      nodes.filter((node) => node.checkVisibility()).map((node) => [node.dataset.figure, Number(node.getAttribute("value"))])));
  }
}
