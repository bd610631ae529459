// A browser is told at once of all that a page is made of: the preload links of each page are those of its imports.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { pagesOf, withPreloads } from "../../../deploy/setup/preloads.mjs";

const www = fileURLToPath(new URL("../../../www", import.meta.url));
const pages = pagesOf(www);

test("every page preloads what its script and style sheets import (`make preloads` writes the links)", () => {
  assert.ok(pages.length >= 5);
  const wrong = pages.filter((page) => readFileSync(page, "utf8") !== withPreloads(page)).map((page) => page.slice(www.length + 1));
  assert.deepEqual(wrong, []);
});
