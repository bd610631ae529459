// The admin tables, as a person uses them.

export class AdminPage {
  constructor(page) {
    this.page = page;
  }

  static async opened(page) {
    await page.goto("/admin/");
    const admin = new AdminPage(page);
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.locator("#tables:not([aria-busy])").waitFor();
    return admin;
  }

  tile(id) {
    return this.page.locator(`[data-table="${id}"]`);
  }

  inState(id, state) {
    return this.page.locator(`[data-table="${id}"][data-state="${state}"]`).waitFor();
  }

  press(id, step) {
    return this.tile(id).locator(`[data-step="${step}"]`).click();
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }

  // id -> state of every tile.
  async states() {
    return Object.fromEntries(await this.page.$$eval("[data-table]", (nodes) =>
      nodes.map((node) => [node.dataset.table, node.dataset.state])));
  }
}
