// The floor plan and the list of tables, as a person uses them.

export class FloorPage {
  constructor(page) {
    this.page = page;
    this.dialog = page.locator("dialog[open]").last();
  }

  static async opened(page, query = "") {
    await page.goto(`/floor/${query}`);
    const floor = new FloorPage(page);
    await floor.live();
    await page.locator("#counts [data-figure]").first().waitFor();
    return floor;
  }

  live() {
    return this.page.locator('#connection[data-state="live"]').waitFor({ timeout: 40000 });
  }

  table(id) {
    return this.page.locator(`#plan [data-table="${id}"]:not(.leaves)`);
  }

  row(id) {
    return this.page.locator(`#list [data-table="${id}"]`);
  }

  inState(id, status) {
    return this.page.locator(`#plan [data-table="${id}"][data-status="${status}"]`).waitFor();
  }

  waiting(id) {
    return this.page.locator(`#plan [data-table="${id}"][data-waits="yes"]`);
  }

  // Opens the table's panel and takes the step.
  async step(id, status) {
    await this.table(id).click();
    await this.dialog.locator(`[data-step="${status}"]`).click();
  }

  async act(id, name) {
    await this.table(id).click();
    await this.dialog.locator(`[data-act="${name}"]`).click();
  }

  field(label) {
    return this.dialog.getByLabel(label, { exact: true });
  }

  save() {
    return this.dialog.locator("button[type=submit]").click();
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }

  banner(name) {
    return this.page.locator(`[data-banner="${name}"]`);
  }

  async figures() {
    return Object.fromEntries(await this.page.$$eval("#counts [data-figure]", (nodes) => nodes.map((node) => [node.dataset.figure, Number(node.value)])));
  }

  // id -> status of what the plan shows; id -> words of the list.
  shown() {
    return this.page.$$eval("#plan [data-table]:not(.leaves)", (nodes) => Object.fromEntries(nodes.map((node) => [node.dataset.table, node.dataset.status])));
  }

  listed() {
    return this.page.$$eval("#list tbody [data-table]", (rows) => rows.map((row) => row.dataset.table));
  }

  place(id) {
    return this.table(id).evaluate((node) => [node.style.left, node.style.top]);
  }
}
