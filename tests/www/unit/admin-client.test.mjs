// AdminClient: an action ends with its own update or refusal, a loss ends it too, and REST stands in
// while the socket is away. On a clock that the test moves and a socket that it plays.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AdminClient } from "../../../www/lib/admin-client.js";
import { FakeClock, FakeSocket, settle } from "../lib/fake.mjs";

const TABLE = { id: 4, number: 4, status: "occupied", session: { id: 9, last_active: "2026-11-25T19:00:00.000Z" } };
let clock;
let heard;
let client;
let rest;

beforeEach(() => {
  clock = new FakeClock();
  FakeSocket.made = [];
  heard = [];
  rest = { posts: [], post: async (...args) => { rest.posts.push(args); }, get: async () => ({ data: { tables: [TABLE] } }), setToken() {} };
  client = new AdminClient({ url: "http://house", WebSocket: FakeSocket, clock, rest, random: () => 1 });
  client.setEventHandlers({ tables: (list) => heard.push(["tables", list]), table: (info, how) => heard.push(["table", info, how]),
    error: (e) => heard.push(["error", e.code]), state: (s) => heard.push(["state", s]), polling: (on) => heard.push(["polling", on]) });
});

function live() {
  client.connect();
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "tables_snapshot", tables: [TABLE] });
}
const lastSent = () => FakeSocket.last.sent.filter((m) => m.action !== "ping").at(-1);

test("is live with the snapshot, not with the handshake", () => {
  client.connect();
  FakeSocket.last.open();
  assert.equal(client.state, "connecting");
  FakeSocket.last.say({ type: "tables_snapshot", tables: [TABLE] });
  assert.equal(client.state, "live");
  assert.deepEqual(heard.find(([name]) => name === "tables"), ["tables", [TABLE]]);
});

test("an action is done when its table's update comes, and not before", async () => {
  live();
  let done = false;
  const wish = client.act("close_table", { table_id: 4 }).then(() => { done = true; });
  assert.equal(lastSent().table_id, 4);
  FakeSocket.last.say({ type: "table_update", table: { ...TABLE, id: 5 } });
  await settle();
  assert.equal(done, false);
  FakeSocket.last.say({ type: "table_update", table: { ...TABLE, status: "free", session: null } });
  await wish;
});

test("a move is done with the target's update", async () => {
  live();
  const wish = client.act("move_table", { from: 4, to: 5 });
  FakeSocket.last.say({ type: "table_update", table: { ...TABLE, status: "free" } });
  FakeSocket.last.say({ type: "table_update", table: { ...TABLE, id: 5 } });
  assert.equal((await wish).id, 5);
});

test("a refusal reaches the one who asked, and nobody else", async () => {
  live();
  const first = client.act("close_table", { table_id: 4 });
  const id = lastSent().requestId;
  const second = client.act("disable_table", { table_id: 4 });
  FakeSocket.last.say({ type: "error", code: "no_active_session", detail: "no", requestId: id });
  await assert.rejects(first, { code: "no_active_session", message: "no" });
  FakeSocket.last.say({ type: "error", code: "invalid_json", detail: "what?" });
  assert.ok(heard.some(([name, code]) => name === "error" && code === "invalid_json"));
  FakeSocket.last.say({ type: "table_update", table: TABLE });
  await second;
});

test("a lost connection ends what is under way; no answer does too", async () => {
  live();
  const lost = client.act("close_table", { table_id: 4 });
  FakeSocket.last.drop(1006);
  await assert.rejects(lost, { code: "lost" });
  await clock.advance(1000);
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "tables_snapshot", tables: [TABLE] });
  const silent = client.act("close_table", { table_id: 4 });
  const refused = assert.rejects(silent, { code: "timeout" });
  for (let i = 0; i < 20; i += 1) {
    await clock.advance(500);
    FakeSocket.last.say({ type: "pong" });
  }
  await refused;
});

test("while the socket is away steps go by REST, each with a key of its own", async () => {
  await client.act("close_table", { table_id: 4 });
  await client.act("move_table", { from: 4, to: 5 });
  assert.deepEqual(rest.posts.map(([path, body]) => [path, body]),
    [["/admin/api/tables/4/close", undefined], ["/admin/api/tables/move", { from: 4, to: 5 }]]);
  assert.notEqual(rest.posts[0][2].key, rest.posts[1][2].key);
  assert.deepEqual(heard.at(-1), ["tables", [TABLE]]);
});

test("one admin too many: polls until a place is free", async () => {
  client.connect();
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "error", code: "too_many_connections", detail: "5" });
  FakeSocket.last.drop(4008);
  assert.equal(client.polling, true);
  await settle();
  assert.ok(heard.some(([name]) => name === "tables"));
});
