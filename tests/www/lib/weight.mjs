// What a page weighs: its JavaScript as it came, compressed.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";

const MOST = 150 * 1024;

// Before the page is opened. -> what to call when it stands: throws when it is too heavy, tells what it weighs.
export function weigh(page) {
  const scripts = new Map();
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.set(new URL(response.url()).pathname, response.body());
  });
  return async () => {
    const sizes = await Promise.all([...scripts].map(async ([path, body]) => ({ path, size: gzipSync(await body).length })));
    const sum = sizes.reduce((total, { size }) => total + size, 0);
    assert.ok(sizes.length > 3);
    assert.ok(sum < MOST, `${sum} bytes: ${sizes.sort((a, b) => b.size - a.size).slice(0, 5).map(({ path, size }) => `${path} ${size}`).join(", ")}`);
    return `${Math.round(sum / 1024)} KB of JavaScript in ${sizes.length} files`;
  };
}
