// Changes that wait: in order, once, only their owner's, and across a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangeQueue, MemoryStorage } from "../../../www/lib/change-queue.js";
import { ApiError } from "../../../www/lib/rest.js";
import { FakeClock } from "../lib/fake.mjs";

function rig({ storage = new MemoryStorage(), owner = "1.2", answer = () => ({ data: {}, position: "e1v1-9" }) } = {}) {
  const told = { changed: [], sent: [], replayed: [] };
  const written = [];
  const rest = { write: async (method, path, body, { key }) => {
    written.push({ method, path, body, key });
    return answer(written.length, path);
  } };
  const clock = new FakeClock();
  const queue = new ChangeQueue({ storage, rest, clock, on: {
    changed: (list) => told.changed.push(list.length),
    sent: (change) => told.sent.push(change.key),
    replayed: (outcome) => told.replayed.push(outcome),
  } });
  queue.setOwner(owner);
  return { queue, storage, clock, told, written };
}

const change = (key) => ({ key, method: "PATCH", path: `/api/tables/${key}/status`, body: { status: "occupied" }, label: `table ${key}` });
const away = () => { throw new ApiError(0, { detail: "away" }); };

test("what waits is sent in order, with its key, and then is gone", async () => {
  const { queue, told, written } = rig();
  for (const key of ["a", "b", "c"]) queue.add(change(key));
  assert.equal(queue.size, 3);
  await queue.replay();
  assert.deepEqual(written.map(({ key }) => key), ["a", "b", "c"]);
  assert.deepEqual(told.sent, ["a", "b", "c"]);
  assert.equal(queue.size, 0);
  assert.deepEqual(told.replayed, [{ done: 3, refused: [] }]);
});

test("while the server is away nothing is lost, and the same key is sent again", async () => {
  let gone = true;
  const { queue, written, told } = rig({ answer: () => (gone ? away() : { data: {} }) });
  queue.add(change("a"));
  queue.add(change("b"));
  await queue.replay();
  assert.equal(queue.size, 2);
  assert.deepEqual(told.replayed, []);
  gone = false;
  await queue.replay();
  assert.deepEqual(written.map(({ key }) => key), ["a", "a", "b"]);
  assert.equal(queue.size, 0);
});

test("it tries again by itself", async () => {
  let gone = true;
  const { queue, clock, written } = rig({ answer: () => (gone ? away() : { data: {} }) });
  queue.add(change("a"));
  await clock.advance(2000);
  assert.equal(written.length, 1);
  gone = false;
  await clock.advance(30000);
  assert.equal(queue.size, 0);
  assert.equal(written.length, 2);
});

test("what is refused is told and does not stop the others", async () => {
  const refusal = new ApiError(409, { code: "version_conflict", detail: "no", current: { id: 1 } });
  const { queue, told } = rig({ answer: (n) => { if (n === 1) throw refusal; return { data: {} }; } });
  queue.add(change("a"));
  queue.add(change("b"));
  await queue.replay();
  const [{ done, refused }] = told.replayed;
  assert.equal(done, 1);
  assert.deepEqual(refused.map((one) => [one.change.key, one.error.code, one.error.current.id]), [["a", "version_conflict", 1]]);
  assert.equal(queue.size, 0);
});

test("after a reload the rest is still there, and another account neither sees nor sends it", async () => {
  const before = rig();
  before.queue.add(change("a"));
  const other = rig({ storage: before.storage, owner: "1.3" });
  assert.equal(other.queue.size, 0);
  await other.queue.replay();
  assert.equal(other.written.length, 0);
  const again = rig({ storage: before.storage });
  await again.queue.replay();
  assert.deepEqual(again.written.map(({ key }) => key), ["a"]);
});

test("signed out: what waits is kept for the account", async () => {
  const { queue, told } = rig({ answer: () => { throw new ApiError(401); } });
  queue.add(change("a"));
  await queue.replay();
  assert.equal(queue.size, 1);
  assert.deepEqual(told.replayed, []);
});

test("two queues on one storage, as two tabs are: each change goes out, none is overwritten", async () => {
  const one = rig(), two = rig({ storage: one.storage });
  one.queue.add(change("a"));
  two.queue.add(change("b"));
  assert.equal(one.queue.size, 2);
  await two.queue.replay();
  assert.deepEqual(two.written.map(({ key }) => key).sort(), ["a", "b"]);
  assert.equal(one.queue.size, 0);
});
