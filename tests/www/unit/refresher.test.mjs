// Refresher: bursts, rhythm, answers read too early or too late, and another path chosen meanwhile.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Refresher } from "../../../www/ui/refresher.js";
import { FakeClock, settle } from "../lib/fake.mjs";

let clock;
let asked;
let answers;
let shown;
let seq;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answers = [];
  shown = [];
  seq = 10;
});

// Answers at once with the position `seq`, or when the test says so.
function make({ byHand = false } = {}) {
  const rest = { get: (path) => {
    asked.push(path);
    if (!byHand) return Promise.resolve({ data: path, position: `e1v1-${seq}`, changed: true });
    return new Promise((resolve, reject) => answers.push({ resolve, reject }));
  } };
  return new Refresher({ rest, path: "/a", clock, on: {
    busy: () => {}, answer: (data) => shown.push(data), error: (error) => shown.push(error.message),
  } });
}

test("a burst of events becomes one request", async () => {
  const refresher = make();
  seq = 12;
  for (let n = 0; n < 50; n += 1) refresher.touch("e1v1-12");
  await clock.advance(5000);
  assert.deepEqual(asked, ["/a"]);
});

test("a stream of events becomes one request a second", async () => {
  const refresher = make();
  for (let n = 0; n < 100; n += 1) {
    seq += 1;
    refresher.touch(`e1v1-${seq}`);
    await clock.advance(100);
  }
  assert.ok(asked.length >= 9 && asked.length <= 11, `${asked.length} requests in ten seconds`);
});

test("an answer read before the event is asked again until it has it", async () => {
  const refresher = make();
  refresher.touch("e1v1-12");
  await clock.advance(500);
  assert.equal(asked.length, 2);
  seq = 12;
  await clock.advance(10000);
  assert.equal(asked.length, 3);
});

test("a server that never gets there is not asked for ever", async () => {
  const refresher = make();
  refresher.touch("e1v1-99");
  await clock.advance(60000);
  assert.equal(asked.length, 7);
});

test("an answer older than what came over the socket is not shown", async () => {
  const refresher = make();
  assert.equal(refresher.accept("e1v1-20"), true);
  await refresher.refresh();
  assert.deepEqual(shown, []);
  assert.equal(refresher.accept("e1v1-19"), false);
  seq = 21;
  await refresher.refresh();
  assert.deepEqual(shown, ["/a"]);
});

test("another path chosen meanwhile: the old answer is nobody's, the new one is fetched", async () => {
  const refresher = make({ byHand: true });
  refresher.refresh();
  refresher.setPath("/b");
  refresher.setPath("/c");
  answers[0].resolve({ data: "a", position: "e1v1-10", changed: true });
  await settle();
  assert.deepEqual(asked, ["/a", "/c"]);
  answers[1].resolve({ data: "c", position: "e1v1-10", changed: true });
  await settle();
  assert.deepEqual(shown, ["c"]);
});

test("the first answer of another path is shown whatever its position", async () => {
  const refresher = make();
  seq = 20;
  await refresher.refresh();
  seq = 19;
  await refresher.setPath("/b");
  assert.deepEqual(shown, ["/a", "/b"]);
});

test("a failure is told, and the next refresh works", async () => {
  const refresher = make({ byHand: true });
  refresher.refresh();
  answers[0].reject(new Error("away"));
  await settle();
  refresher.refresh();
  answers[1].resolve({ data: "a", position: null, changed: true });
  await settle();
  assert.deepEqual(shown, ["away", "a"]);
});
