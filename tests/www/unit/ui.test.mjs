// Parts of www/ui that need no browser: the pages of a list, spans and ages in words, the levels of the calendar.

import assert from "node:assert/strict";
import { test } from "node:test";
import { agoText, spanText } from "../../../www/ui/format.js";

// What i18n.js asks of a browser; the words themselves are of no matter here.
globalThis.localStorage ??= { getItem: () => null };
const { pagesAround } = await import("../../../www/ui/pager.js");
const { level } = await import("../../../www/ui/room-calendar.js");

const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");

test("the pages around: the first, the last, those beside, and a gap only where it saves something", () => {
  assert.deepEqual(pagesAround(1, 1), [1]);
  assert.deepEqual(pagesAround(1, 3), [1, 2, 3]);
  assert.deepEqual(pagesAround(1, 10), [1, 2, null, 10]);
  assert.deepEqual(pagesAround(3, 10), [1, 2, 3, 4, null, 10]);
  assert.deepEqual(pagesAround(4, 10), [1, 2, 3, 4, 5, null, 10]);
  assert.deepEqual(pagesAround(6, 10), [1, null, 5, 6, 7, null, 10]);
  assert.deepEqual(pagesAround(10, 10), [1, null, 9, 10]);
});

test("how long ago, in the largest unit that fits, never in the future", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  assert.equal(agoText(now - 12_000, now, "en"), "12s ago");
  assert.equal(agoText(now + 5_000, now, "en"), "now");
  assert.equal(agoText(now - 59_400, now, "en"), "59s ago");
  assert.equal(agoText(now - 180_000, now, "en"), "3m ago");
  assert.equal(agoText(now - 2 * 3600_000, now, "en"), "2h ago");
  assert.equal(plain(agoText(now - 180_000, now, "de")), "vor 3 m");
});

test("how long, in hours and minutes", () => {
  assert.equal(plain(spanText(125 * 60_000, "en")), "2 hr 5 min");
  assert.equal(plain(spanText(59_999, "en")), "0 min");
  assert.equal(plain(spanText(125 * 60_000, "de")), "2 Std. 5 Min.");
});

test("the levels of a night", () => {
  assert.equal(level(0, 8), "none");
  assert.equal(level(2, 8), "few");
  assert.equal(level(3, 8), "some");
  assert.equal(level(8, 8), "all");
  assert.equal(level(0, 0), "");
});
