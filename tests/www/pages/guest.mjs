// The guest's page, as a guest opens it by the waiter's code.

export class GuestPage {
  constructor(page) {
    this.page = page;
  }

  static async opened(page, token) {
    await page.goto(`/guest/#${token}`);
    const guest = new GuestPage(page);
    await guest.live();
    return guest;
  }

  async live() {
    await this.page.locator('#connection[data-state="live"]').waitFor();
    await this.page.locator("#place:not([aria-busy])").waitFor();
  }

  order(id) {
    return this.page.locator(`[data-order="${id}"]`);
  }

  inState(id, state) {
    return this.page.locator(`[data-order="${id}"][data-status="${state}"]`).waitFor();
  }

  call(kind) {
    return this.page.locator(`button[data-call="${kind}"]`);
  }

  callIs(kind, state) {
    return this.page.locator(`button[data-call="${kind}"][data-shown="${state}"]`).waitFor();
  }

  showMenu() {
    return this.page.locator('[data-tab="menu"]').click();
  }

  more(dish) {
    return this.page.locator(`[data-dish="${dish}"] .more`).click();
  }

  async send() {
    await this.page.locator("#send").click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Order now" }).click();
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }

  banner(name) {
    return this.page.locator(`[data-banner="${name}"]`);
  }

  async figure(name) {
    return Number(await this.page.locator(`[data-figure="${name}"]`).getAttribute("value"));
  }

  ids() {
    return this.page.$$eval("#orders > [data-order]", (nodes) => nodes.map((node) => Number(node.dataset.order)));
  }
}
