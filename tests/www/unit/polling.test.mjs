// Poller: rhythm, no overlap, errors, and answers that come too late.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Poller } from "../../../www/lib/polling.js";
import { FakeClock, settle } from "../lib/fake.mjs";

test("each job runs at once and then at its own rhythm", async () => {
  const clock = new FakeClock();
  const ran = { fast: 0, slow: 0 };
  const poller = new Poller({ clock, jobs: [
    { name: "fast", every: 15000, run: () => { ran.fast += 1; } },
    { name: "slow", every: 30000, run: () => { ran.slow += 1; } },
  ] });
  poller.start();
  poller.start();
  await clock.advance(60000);
  assert.deepEqual(ran, { fast: 5, slow: 3 });
  poller.stop();
  await clock.advance(60000);
  assert.deepEqual(ran, { fast: 5, slow: 3 });
});

test("a job that fails is reported and comes again", async () => {
  const clock = new FakeClock();
  const errors = [];
  const poller = new Poller({ clock, onError: (error, name) => errors.push([name, error.message]),
    jobs: [{ name: "a", every: 1000, run: async () => { throw new Error("away"); } }] });
  poller.start();
  await clock.advance(1000);
  assert.deepEqual(errors, [["a", "away"], ["a", "away"]]);
});

test("a slow job does not overlap itself, and an answer after stop is nobody's", async () => {
  const clock = new FakeClock();
  let finish;
  let started = 0;
  const seen = [];
  const poller = new Poller({ clock, jobs: [{ name: "a", every: 1000, run: async (current) => {
    started += 1;
    await new Promise((resolve) => { finish = resolve; });
    seen.push(current());
  } }] });
  poller.start();
  await clock.advance(10000);
  assert.equal(started, 1);
  poller.stop();
  finish();
  await settle();
  assert.deepEqual(seen, [false]);
});
