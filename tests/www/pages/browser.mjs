// One headless Chromium for a test file; a context of its own for each test.
//
// A page that logs an error to its console or throws fails the test, unless it said beforehand that
// it expects trouble (a cut connection is logged by the browser itself).

import { chromium } from "playwright-core";

// Of two such lists Chromium takes the last: this one is Playwright's own, and then two pages behind the address bar
// that every window loads and no test sees: they are more than half of what a window costs.
const FEATURES = ["AvoidUnnecessaryBeforeUnloadCheckSync", "BoundaryEventDispatchTracksNodeRemoval", "DestroyProfileOnBrowserClose",
  "DialMediaRouteProvider", "GlobalMediaControls", "HttpsUpgrades", "LensOverlay", "MediaRouter", "PaintHolding",
  "ThirdPartyStoragePartitioning", "Translate", "RenderDocument", "OptimizationHints",
  "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync", `--disable-features=${FEATURES}`];

export class Browser {
  #browser;
  #contexts = [];
  errors = [];

  static async start() {
    const browser = new Browser();
    browser.#browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    return browser;
  }

  // `cookies`: of a session made before. `kept`: the page outlives the test that opened it. The rest is Playwright's.
  async newPage({ url, cookies, kept = false, width = 1440, height = 900, ...more } = {}) {
    const context = await this.#browser.newContext({ baseURL: url, locale: "en-US", viewport: { width, height }, reducedMotion: "reduce", ...more });
    if (!kept) this.#contexts.push(context);
    if (cookies) await context.addCookies(cookies);
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    page.on("pageerror", (error) => this.errors.push(error.stack));
    page.on("console", (message) => {
      const network = /Failed to load resource|WebSocket connection to/.test(message.text());
      if (message.type() === "error" && !network) this.errors.push(message.text());
    });
    return page;
  }

  // After each test: what the pages complained of.
  async finish() {
    for (const context of this.#contexts.splice(0)) await context.close();
    const errors = this.errors.splice(0);
    if (errors.length) throw new Error(`the page reported: ${errors.join("\n")}`);
  }

  stop() {
    return this.#browser.close();
  }
}
