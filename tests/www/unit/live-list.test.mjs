// A list that stays current: what is read and what is heard meet in the right order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveList } from "../../../www/lib/live-list.js";

class FakeClient {
  #listeners = new Map();
  answers = [];
  asked = [];
  rest = { get: (path) => { this.asked.push(path); return new Promise((resolve, reject) => this.answers.push({ resolve, reject })); } };

  on(name, listener) {
    this.#listeners.set(name, listener);
    return () => this.#listeners.delete(name);
  }

  say(type, seq, item, more = {}) { this.#listeners.get(type)?.({ type, cursor: `e1v1-${seq}`, item, ...more }); }
  refresh(reason) { this.#listeners.get("refresh")?.(reason); }

  async answer(items, seq, total = items.length) {
    this.answers.shift().resolve({ data: { items }, position: `e1v1-${seq}`, total });
    await new Promise((done) => setImmediate(done));
  }
}

function rig(path = "/things") {
  const client = new FakeClient();
  const list = new LiveList({ client, path, read: (data) => data.items, hears: { thing: ({ item }) => item } });
  const told = [];
  list.onChange((change) => told.push(change));
  return { client, list, told };
}

const names = (list) => Object.fromEntries(list.values().map(({ id, name }) => [id, name]));

async function loaded() {
  const all = rig();
  const ready = all.list.load();
  await all.client.answer([{ id: 1, name: "a" }, { id: 2, name: "b" }], 10);
  await ready;
  return all;
}

test("what is heard while the answer is on its way is applied behind it, unless it is in it", async () => {
  const { client, list } = rig();
  const ready = list.load();
  client.say("thing", 9, { id: 1, name: "old" });
  client.say("thing", 10, { id: 2, name: "in the answer" });
  client.say("thing", 11, { id: 3, name: "new" });
  await client.answer([{ id: 1, name: "a" }, { id: 2, name: "b" }], 10);
  await ready;
  assert.deepEqual(names(list), { 1: "a", 2: "b", 3: "new" });
});

test("events change, add and take away; a late answer of an own write does not undo a newer event", async () => {
  const { client, list, told } = await loaded();
  client.say("thing", 12, { id: 1, name: "by another" });
  list.put({ id: 1, name: "mine, before" }, "e1v1-11");
  client.say("thing", 13, { id: 2 }, { deleted: true });
  list.put({ id: 2, name: "back from the dead" }, "e1v1-12");
  client.say("thing", 14, { id: 4, name: "d" });
  assert.deepEqual(names(list), { 1: "by another", 4: "d" });
  assert.deepEqual(told.slice(1).map(({ changed, removed }) => [changed, removed]), [[[1], []], [[], [2]], [[4], []]]);
});

test("a wish shows at once and is gone when it is settled", async () => {
  const { client, list } = await loaded();
  const settle = list.expect(1, { name: "wished" });
  assert.equal(list.get(1).name, "wished");
  client.say("thing", 11, { id: 1, name: "by another" });
  assert.equal(list.get(1).name, "wished");
  settle();
  assert.equal(list.get(1).name, "by another");
  assert.equal(list.waits(1), false);
});

test("after a resync it reads again; a resume leaves it as it is", async () => {
  const { client, list } = await loaded();
  client.refresh("resumed");
  assert.equal(client.asked.length, 1);
  client.refresh("resync");
  assert.equal(client.asked.length, 2);
  await client.answer([{ id: 5, name: "e" }], 30);
  assert.deepEqual(names(list), { 5: "e" });
});

test("a list with pages is read to its end, from the earliest position", async () => {
  const { client, list } = rig("/things?limit=2");
  const ready = list.load();
  client.say("thing", 12, { id: 1, name: "between the pages" });
  await client.answer([{ id: 1, name: "a" }, { id: 2, name: "b" }], 11, 3);
  await client.answer([{ id: 3, name: "c" }], 13, 3);
  await ready;
  assert.deepEqual(client.asked, ["/things?limit=2", "/things?limit=2&page=2"]);
  assert.deepEqual(names(list), { 1: "between the pages", 2: "b", 3: "c" });
});

test("an answer that fails leaves what was there, and events go on", async () => {
  const { client, list } = await loaded();
  const again = list.load();
  client.say("thing", 11, { id: 1, name: "meanwhile" });
  client.answers.shift().reject(new Error("away"));
  await assert.rejects(again);
  assert.equal(list.failed.message, "away");
  assert.equal(list.get(1).name, "meanwhile");
});
