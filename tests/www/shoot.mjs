// shoot.mjs FOLDER [NAME...] - pictures of every page of pages/all.mjs, as a desktop, a tablet and a phone show it, light and dark.
//
//   . tests/lib/house.sh; house_up shots; node tests/www/shoot.mjs docs/screenshots
//
// A picture is NAME-SIZE-THEME.jpg and shows the whole page, not more than two screens of it. THEMES, SIZES and LANGUAGE in the
// environment choose others ("contrast", "phone", "de-DE").

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Api, URL_OF_HOUSE } from "./lib/house.mjs";
import { PAGES, openPage } from "./pages/all.mjs";
import { Browser } from "./pages/browser.mjs";

const SIZES = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768, hasTouch: true },
  phone: { width: 390, height: 844, hasTouch: true },
};
const SCREENS = 2;
const QUALITY = 72;
const [folder, ...names] = process.argv.slice(2);
const listed = (name, all) => process.env[name]?.split(",") ?? all;

async function shoot(browser, cookies, entry, size, theme) {
  const { width, height, ...touch } = SIZES[size];
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies, width, height, ...touch,
    locale: process.env.LANGUAGE ?? "en-GB" });
  await page.addInitScript((name) => localStorage.setItem("maitred.theme", name), theme);
  await openPage(page, entry);
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.min(Math.max(height, whole), SCREENS * height) });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: join(folder, `${entry.name}-${size}-${theme}.jpg`), type: "jpeg", quality: QUALITY });
  await page.close(); // an account has so many connections and no more
}

mkdirSync(folder, { recursive: true });
const browser = await Browser.start();
const accounts = new Map();
for (const entry of PAGES.filter(({ name }) => !names.length || names.includes(name))) {
  const { account } = entry;
  if (account && !accounts.has(account)) accounts.set(account, (await Api.login(...account.split("/"))).cookies);
  for (const size of listed("SIZES", Object.keys(SIZES))) {
    for (const theme of listed("THEMES", ["light", "dark"])) await shoot(browser, accounts.get(account), entry, size, theme);
  }
  await browser.finish();
  console.log(entry.name);
}
await browser.stop();
