// The API page, as a person uses it.

export class ApiPage {
  constructor(page) {
    this.page = page;
  }

  static async opened(page, hash = "") {
    await page.goto(`/docs/${hash}`);
    await page.locator('#main[aria-busy="false"]').waitFor();
    return new ApiPage(page);
  }

  operation(id) {
    return this.page.locator(`#${id}`);
  }

  shown() {
    return this.page.locator(".operation:not([hidden])").evaluateAll((nodes) => nodes.map((node) => node.id));
  }
}
