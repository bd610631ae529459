// The words of the pages: every language has the same ones, with the same places, and every one that the pages
// ask for is there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const www = new URL("../../../www/", import.meta.url);
const read = (path) => readFileSync(new URL(path, www), "utf8").replace(/^ *\/\/.*$/gm, "");
const languages = readdirSync(new URL("strings/", www));
const areas = readdirSync(new URL("strings/en/", www)).map((name) => name.replace(".js", ""));
const sources = readdirSync(www, { recursive: true }).filter((path) => /\.(js|html)$/.test(path) && !/^(vendor|strings|lib)/.test(path));

const all = {};
for (const language of languages) {
  all[language] = {};
  for (const area of areas) all[language][area] = (await import(new URL(`strings/${language}/${area}.js`, www))).default;
}
const places = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();

for (const language of languages) {
  test(`${language}: the same words as in English, with the same places`, () => {
    for (const area of areas) {
      assert.deepEqual(Object.keys(all[language][area]), Object.keys(all.en[area]), area);
      for (const [key, text] of Object.entries(all[language][area])) {
        assert.deepEqual(places(text), places(all.en[area][key]), `${area}.${key}`);
        assert.ok(typeof text === "string" ? text : text.one && text.other, `${area}.${key}`);
      }
    }
  });
}

test("every word that a page asks for is there", () => {
  const missing = [];
  for (const path of sources) {
    const text = read(path);
    for (const [, area, key] of text.matchAll(/(?:\bt\(|data-t(?:-\w+)?=|\blabel: )"(\w+)\.(\w+)"/g)) {
      if (!(key in (all.en[area] ?? {}))) missing.push(`${path}: ${area}.${key}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("every word that is there is asked for", () => {
  const text = sources.map(read).join("\n");
  const unused = areas.flatMap((area) => Object.keys(all.en[area]).map((key) => `${area}.${key}`))
    .filter((key) => !text.includes(`"${key}"`) && ![...text.matchAll(/`(\w+\.\w*)\$\{/g)].some(([, start]) => key.startsWith(start)));
  assert.deepEqual(unused, []);
});
