// The orders page, as a person uses it.

export class OrdersPage {
  constructor(page) {
    this.page = page;
    this.panel = page.locator("#panel");
    this.dialog = page.locator("dialog[open]").last();
  }

  static async opened(page, query = "") {
    await page.goto(`/orders/${query}`);
    const orders = new OrdersPage(page);
    await orders.live();
    await orders.settled();
    return orders;
  }

  live() {
    return this.page.locator('#connection[data-state="live"]').waitFor({ timeout: 40000 });
  }

  settled() {
    return this.page.locator("#orders:not([aria-busy])").waitFor();
  }

  row(id) {
    return this.page.locator(`tr.order[data-order="${id}"]`);
  }

  inState(id, status) {
    return this.page.locator(`tr.order[data-order="${id}"][data-status="${status}"]`).waitFor();
  }

  // Of every row: id, number, status, total.
  rows() {
    return this.page.$$eval("tr.order", (rows) => rows.map((row) => ({ id: Number(row.dataset.order), status: row.dataset.status,
      number: row.querySelector("[data-field=number]").textContent, total: Number(row.querySelector("data").value) })));
  }

  chip(status) {
    return this.page.locator(`.chip[data-status="${status}"]`);
  }

  alert(number) {
    return this.page.locator(".alert", { hasText: number });
  }

  async figure(key) {
    return Number(await this.page.locator(`[data-figure="${key}"]`).first().getAttribute("value"));
  }

  toast(text) {
    return this.page.locator(".toast", { hasText: text });
  }
}
