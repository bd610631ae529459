// The front desk, as the people at the counter use it.

export class DeskPage {
  constructor(page) {
    this.page = page;
    this.indicator = page.locator("#connection");
    this.dialog = page.locator("dialog[open]");
    this.detail = page.locator("#detail");
  }

  static async opened(page, view = "arrivals") {
    await page.goto(`/desk/?view=${view}`);
    const desk = new DeskPage(page);
    await desk.live();
    await page.locator("#view:not([aria-busy])").waitFor();
    await page.evaluate(() => { globalThis.notReloaded = true; });
    return desk;
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

  row(name) {
    return this.page.locator("[data-booking]", { hasText: name }).and(this.page.locator("tr"));
  }

  bar(id) {
    return this.page.locator(`.plan-bar[data-bar="bkg${id}"]`);
  }

  card(id) {
    return this.page.locator(`[data-room="${id}"]`).and(this.page.locator("li"));
  }

  roomIn(id, state) {
    return this.page.locator(`[data-column="${state}"] [data-room="${id}"]`).waitFor();
  }

  step(name) {
    return this.detail.locator(`[data-step="${name}"]`);
  }

  async act(name) {
    await this.dialog.locator(`[data-action="${name}"]`).click();
  }

  closed() {
    return this.dialog.waitFor({ state: "detached" });
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }

  fill(name, value) {
    return this.dialog.locator(`[name="${name}"]`).fill(String(value));
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
