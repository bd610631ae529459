// The waiter's panel, as a waiter uses it with a thumb.

export class WaiterPage {
  constructor(page) {
    this.page = page;
  }

  static async opened(page) {
    await page.goto("/waiter/");
    const waiter = new WaiterPage(page);
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.locator("#tasks:not([aria-busy])").waitFor({ state: "attached" });
    return waiter;
  }

  showTasks() {
    return this.page.locator('[data-tab="tasks"]').click();
  }

  showTables(whose = "all") {
    return this.page.locator('[data-tab="tables"]').click().then(() => this.page.locator(`label[for="whose-${whose}"]`).click());
  }

  // The task of a kind at a table.
  task(kind, table) {
    return this.page.locator(`[data-task][data-kind="${kind}"][data-table="${table.id}"]`);
  }

  call(table) {
    return this.page.locator(`[data-call][data-table="${table.id}"]`);
  }

  press(card, what = "main") {
    return card.locator(`[data-do="${what}"]`).click();
  }

  tableCard(table) {
    return this.page.locator(`[data-seated="${table.id}"]`);
  }

  async openTable(table) {
    await this.showTables();
    await this.tableCard(table).getByRole("button").click();
    await this.panel.waitFor();
  }

  get panel() {
    return this.page.locator("#table-panel");
  }

  closePanel() {
    return this.panel.getByRole("button", { name: "Close" }).click();
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

  ids() {
    return this.page.$$eval("#todo > [data-task]", (nodes) => nodes.map((node) => Number(node.dataset.task)));
  }
}
