// What holds on every page of pages/all.mjs: axe-core finds nothing serious in any appearance, on a desktop and on a phone,
// in English and in German; the keyboard reaches everything, and one sees where it is; its JavaScript is below 150 KB compressed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { Api, URL_OF_HOUSE } from "../lib/house.mjs";
import { weigh } from "../lib/weight.mjs";
import { PAGES, openPage } from "../pages/all.mjs";
import { Browser } from "../pages/browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
// AXE=short, as ./check has it: a desktop in light, whose keyboard is walked too, and a phone in German. All of it: make axe.
const SHORT = process.env.AXE === "short";
const APPEARANCES = SHORT ? ["light"] : ["light", "dark", "contrast"];
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844, hasTouch: true, isMobile: true } };
// A table of the floor plan shows "2/4 25 min" beside its number; its name says the number and then the rest in words.
const EXCEPT = { "label-content-name-mismatch": /class="plan-table/ };
const OPEN = { bypassCSP: true }; // axe measures with styles of its own

let browser;
const accounts = new Map();

before(async () => { browser = await Browser.start(); });
after(() => browser.stop());
afterEach(() => browser.finish());

async function opened(entry, settings) {
  const [venue, username] = entry.account?.split("/") ?? [];
  if (venue && !accounts.has(entry.account)) accounts.set(entry.account, await Api.login(venue, username));
  const cookies = accounts.get(entry.account)?.cookies;
  const page = await browser.newPage({ url: URL_OF_HOUSE, cookies, ...OPEN, ...settings });
  const weighed = weigh(page);
  await openPage(page, entry);
  return { page, weighed };
}

// Colours fade into another appearance, each where it stands: until two frames in a row have nothing that moves. What is not drawn
// (content-visibility) never comes to its end.
async function settled() {
  for (let quiet = 0; quiet < 2;) {
    await new Promise((done) => requestAnimationFrame(done));
    const moving = document.getAnimations().filter((one) => one.effect.getTiming().iterations < 9
      && one.effect.target.checkVisibility({ contentVisibilityAuto: true }));
    await Promise.all(moving.map((one) => one.finished.catch(() => {})));
    quiet = moving.length ? 0 : quiet + 1;
  }
}

// What is serious or critical, in words that say where.
async function complaints(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), RULES);
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.filter((node) => !EXCEPT[id]?.test(node.html)).slice(0, 5).map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.split("\n")[1]?.trim()}`));
}

for (const entry of PAGES) {
  for (const [size, settings] of Object.entries(SIZES).slice(0, SHORT ? 1 : 2)) {
    test(`${entry.name} on a ${size}: nothing serious in any appearance, and not too heavy`, async (context) => {
      const { page, weighed } = await opened(entry, settings);
      context.diagnostic(`${entry.name}: ${await weighed()}`);
      for (const appearance of APPEARANCES) {
        await page.evaluate((name) => globalThis.maitredTheme.choose(name), appearance);
        await page.evaluate(settled);
        assert.deepEqual(await complaints(page), [], appearance);
      }
      if (SHORT) await wholeWalk(page);
    });
  }
}

for (const entry of PAGES.filter(({ name }) => name !== "api")) {
  test(`${entry.name} in German: nothing serious, its language is told, and nothing is wider than a phone`, async () => {
    const { page } = await opened(entry, { ...SIZES.phone, locale: "de-DE" });
    assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    assert.deepEqual(await complaints(page), []);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wider <= 0, `${wider} px too wide`);
  });
}

// What can be reached by Tab, in order, until the walk comes round; and whether one sees it.
async function walk(page, most) {
  const seen = [];
  for (let i = 0; i < most; i += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const node = document.activeElement;
      if (!node || node === document.body) return null;
      const first = !node.dataset.walked || node === globalThis.walkedLast; // a date has a stop for each of its parts
      node.dataset.walked = "yes";
      globalThis.walkedLast = node;
      const shown = [node, node.nextElementSibling, node.parentElement].filter(Boolean).some((one) => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
      });
      return { first, shown, what: node.id || node.className || node.tagName };
    });
    if (!here || !here.first) break;
    seen.push(here);
  }
  return seen;
}

async function wholeWalk(page) {
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); });
  const most = SHORT ? 120 : 400;
  const seen = await walk(page, most);
  assert.deepEqual(seen.filter(({ shown }) => !shown).map(({ what }) => what), []);
  const missed = await page.evaluate(() => {
    const one = (node) => node.type === "radio" && node.name ? document.querySelector(`input[type=radio][name="${node.name}"][data-walked]`) : null;
    return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
      .filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length)
      .filter((node) => !node.dataset.walked && !one(node)).map((node) => node.outerHTML.slice(0, 120));
  });
  assert.ok(seen.length < most ? missed.length === 0 : true, missed.slice(0, 5).join("\n"));
}

for (const entry of SHORT ? [] : PAGES) {
  test(`${entry.name} by keyboard: Tab reaches every control, and the focus is seen`, async () => {
    await wholeWalk((await opened(entry, SIZES.desktop)).page);
  });
}
