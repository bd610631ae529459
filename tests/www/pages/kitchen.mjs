// The kitchen display, as a cook uses it: by touch or by a bump bar.

export class KitchenPage {
  constructor(page) {
    this.page = page;
  }

  static async opened(page) {
    await page.goto("/kitchen/");
    const kitchen = new KitchenPage(page);
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.locator("#board:not([aria-busy])").waitFor();
    return kitchen;
  }

  ticket(id) {
    return this.page.locator(`[data-order="${id}"]`);
  }

  inState(id, state) {
    return this.page.locator(`[data-order="${id}"][data-status="${state}"]`).waitFor();
  }

  gone(id) {
    return this.ticket(id).waitFor({ state: "detached" });
  }

  bump(id) {
    return this.ticket(id).locator(".bump").click();
  }

  slot(id) {
    return this.ticket(id).getAttribute("data-slot");
  }

  banner(name) {
    return this.page.locator(`[data-banner="${name}"]`);
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }

  async figure(name) {
    return Number(await this.page.locator(`[data-figure="${name}"]`).getAttribute("value"));
  }

  // dish -> how many are open, as the strip says
  async allDay() {
    return Object.fromEntries(await this.page.$$eval('#all-day [data-figure^="allday."]', (nodes) =>
      nodes.map((node) => [node.dataset.figure.replace("allday.", ""), Number(node.value)])));
  }

  ids() {
    return this.page.$$eval("#board > [data-order]", (nodes) => nodes.map((node) => Number(node.dataset.order)));
  }

  openSoldOut() {
    return this.page.locator("#sold-out").click();
  }

  openRecall() {
    return this.page.locator("#recall").click();
  }

  openSettings() {
    return this.page.locator("#settings").click();
  }
}
