// Backoff, retry hints and feed positions: the small pieces that connection.js stands on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff, retryHint } from "../../../www/lib/backoff.js";
import { isOlder, laterPosition, parsePosition } from "../../../www/lib/position.js";

function delays(random, count = 8) {
  const backoff = new Backoff({ random: () => random });
  return Array.from({ length: count }, () => backoff.next());
}

test("backoff doubles from one second and stops at thirty", () => {
  assert.deepEqual(delays(1), [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("jitter spreads over the lower half of a step, never below it", () => {
  assert.deepEqual(delays(0, 6), [500, 1000, 2000, 4000, 8000, 15000]);
});

test("a reset starts again at one second", () => {
  const backoff = new Backoff({ random: () => 1 });
  backoff.next();
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 1000);
});

test("a server's hint lengthens a delay, never shortens it", () => {
  const backoff = new Backoff({ random: () => 0 });
  assert.equal(backoff.next(5000), 5000);
  backoff.next();
  backoff.next();
  assert.equal(backoff.next(100), 4000);
});

test("retry hints are read from close reasons in seconds and milliseconds", () => {
  assert.equal(retryHint("restart; retry in 3 s"), 3000);
  assert.equal(retryHint("overloaded, retry=1500ms"), 1500);
  assert.equal(retryHint("retry 2"), 2000);
  assert.equal(retryHint("going away"), 0);
  assert.equal(retryHint(undefined), 0);
});

test("positions are compared only inside one epoch of one venue", () => {
  assert.deepEqual(parsePosition("71f3v2-1042"), { feed: "71f3v2", seq: 1042 });
  assert.equal(parsePosition("nonsense"), null);
  assert.equal(isOlder("av1-9", "av1-10"), true);
  assert.equal(isOlder("av1-10", "av1-10"), false);
  assert.equal(isOlder("av1-9", "av2-10"), false);
  assert.equal(isOlder("av1-9", "bv1-10"), false);
  assert.equal(isOlder(null, "av1-1"), false);
});

test("the later position wins, and a new epoch replaces the old one", () => {
  assert.equal(laterPosition("av1-5", "av1-4"), "av1-5");
  assert.equal(laterPosition("av1-5", "av1-6"), "av1-6");
  assert.equal(laterPosition("av1-5", "bv1-1"), "bv1-1");
  assert.equal(laterPosition("av1-5", undefined), "av1-5");
});
