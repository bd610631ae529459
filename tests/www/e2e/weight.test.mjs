// What a page weighs: all its JavaScript is below 150 KB compressed, on every page of pages/all.mjs.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE } from "../lib/house.mjs";
import { PAGES, openPage } from "../pages/all.mjs";
import { Browser } from "../pages/browser.mjs";

const MOST = 150 * 1024;

let browser;
const accounts = new Map();

before(async () => { browser = await Browser.start(); });
after(() => browser.stop());
afterEach(() => browser.finish());

for (const entry of PAGES) {
  test(`${entry.name}: its JavaScript is below 150 KB compressed`, async (context) => {
    if (entry.account && !accounts.has(entry.account)) accounts.set(entry.account, (await Api.login(...entry.account.split("/"))).cookies);
    const page = await browser.newPage({ url: URL_OF_HOUSE, cookies: accounts.get(entry.account) });
    const scripts = new Map();
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.set(new URL(response.url()).pathname, response.body());
    });
    await openPage(page, entry);
    const sizes = await Promise.all([...scripts].map(async ([path, body]) => ({ path, size: gzipSync(await body).length })));
    const sum = sizes.reduce((total, { size }) => total + size, 0);
    context.diagnostic(`${entry.name}: ${Math.round(sum / 1024)} KB in ${sizes.length} files`);
    assert.ok(sizes.length > 3);
    assert.ok(sum < MOST, `${sum} bytes: ${sizes.sort((a, b) => b.size - a.size).slice(0, 5).map(({ path, size }) => `${path} ${size}`).join(", ")}`);
  });
}
