// Connection: time and close codes, on a clock that the test moves and a socket that it plays.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Connection } from "../../../www/lib/connection.js";
import { FakeClock, FakeSocket, settle } from "../lib/fake.mjs";

const ACK = { status: "subscribed", channels: ["a"], session: "s1", cursor: "e1v1-5" };
let clock;
let heard;
let verdict;
let checks;

beforeEach(() => {
  clock = new FakeClock();
  FakeSocket.made = [];
  heard = [];
  verdict = "ok";
  checks = 0;
});

function make() {
  const note = (name) => (...args) => heard.push([name, ...args]);
  const connection = new Connection({
    clock, random: () => 1, makeSocket: () => new FakeSocket(),
    checkSession: async () => { checks += 1; return verdict; },
    on: { state: note("state"), message: note("message"), subscribed: note("subscribed"), error: note("error"),
      resync: note("resync"), refused: note("refused") },
  });
  connection.subscribe(["a"]);
  return connection;
}

function live() {
  const connection = make();
  connection.connect();
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  FakeSocket.last.say({ type: "pong", cursor: "e1v1-5" });
  return connection;
}

// The time from now until the next socket is opened, when nobody answers.
async function untilNextSocket(most = 120000) {
  const before = FakeSocket.made.length;
  const start = clock.now;
  while (FakeSocket.made.length === before) {
    assert.ok(clock.now - start < most, "no further attempt");
    await clock.advance(50);
  }
  return clock.now - start;
}

test("is live after the acknowledgement, not after the handshake", () => {
  const connection = make();
  connection.connect();
  assert.equal(connection.state, "connecting");
  FakeSocket.last.open();
  assert.equal(connection.state, "connecting");
  assert.deepEqual(FakeSocket.last.sent, [{ action: "subscribe", channels: ["a"] }]);
  FakeSocket.last.say(ACK);
  assert.equal(connection.state, "live");
  assert.deepEqual(connection.channels, ["a"]);
});

test("pings every three seconds while live", async () => {
  live();
  const socket = FakeSocket.last;
  for (let i = 0; i < 3; i += 1) {
    await clock.advance(3000);
    socket.say({ type: "pong" });
  }
  assert.equal(socket.actions().filter((name) => name === "ping").length, 4);
});

test("a silent peer is noticed within five seconds", async () => {
  const connection = live();
  const silent = FakeSocket.last;
  await clock.advance(4900);
  assert.equal(connection.state, "live");
  await clock.advance(100);
  assert.equal(connection.state, "reconnecting");
  assert.notEqual(silent.closed, null);
});

test("any traffic counts as a sign of life", async () => {
  const connection = live();
  await clock.advance(3500);
  FakeSocket.last.say({ type: "stats_update", stats: {}, cursor: "e1v1-6" });
  await clock.advance(1600);
  assert.equal(connection.state, "live");
});

test("comes back after 1, 2, 4, 8, 16, 30, 30 seconds", async () => {
  live();
  const seen = [];
  FakeSocket.last.drop(1001);
  for (let i = 0; i < 7; i += 1) {
    seen.push(await untilNextSocket());
    FakeSocket.last.drop(1001);
  }
  assert.deepEqual(seen, [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test("an answered ping starts the backoff again, an open socket alone does not", async () => {
  live();
  FakeSocket.last.drop(1001);
  await untilNextSocket();
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  FakeSocket.last.drop(1001);
  assert.equal(await untilNextSocket(), 2000);
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  FakeSocket.last.say({ type: "pong" });
  FakeSocket.last.drop(1001);
  assert.equal(await untilNextSocket(), 1000);
});

test("resumes with session and the last position seen", async () => {
  live();
  FakeSocket.last.say({ type: "x", cursor: "e1v1-9" });
  FakeSocket.last.say({ type: "pong", cursor: "e1v1-12" });
  FakeSocket.last.drop(1012);
  await untilNextSocket();
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent, [{ action: "resume", session: "s1", cursor: "e1v1-12" }]);
  FakeSocket.last.say(ACK);
  const [, , how] = heard.findLast(([name]) => name === "subscribed");
  assert.deepEqual(how, { first: false, resumed: true, added: false });
});

test("a refused resume is followed by a fresh subscribe", async () => {
  const connection = live();
  FakeSocket.last.drop(1001);
  await untilNextSocket();
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "error", code: "bad_session" });
  assert.deepEqual(FakeSocket.last.sent.at(-1), { action: "subscribe", channels: ["a"] });
  FakeSocket.last.say(ACK);
  assert.equal(connection.state, "live");
  const [, , how] = heard.findLast(([name]) => name === "subscribed");
  assert.deepEqual(how, { first: false, resumed: false, added: false });
});

test("a resume that fails for the moment is tried again with the same session", async () => {
  live();
  FakeSocket.last.drop(1001);
  await untilNextSocket();
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "error", code: "unavailable" });
  await untilNextSocket();
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.sent, [{ action: "resume", session: "s1", cursor: "e1v1-5" }]);
});

test("channels wanted while away are subscribed after the resume", async () => {
  const connection = live();
  FakeSocket.last.drop(1001);
  connection.subscribe(["b"]);
  await untilNextSocket();
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  assert.deepEqual(FakeSocket.last.sent[1], { action: "subscribe", channels: ["b"] });
});

test("a restart hint is obeyed", async () => {
  live();
  FakeSocket.last.drop(1012, "restart; retry in 4 s");
  assert.equal(await untilNextSocket(), 5000); // the hint and a quarter of jitter
});

test("after 1006 the session is asked first; ended means no further socket", async () => {
  const connection = live();
  verdict = "ended";
  FakeSocket.last.drop(1006);
  await clock.advance(60000);
  assert.equal(checks, 1);
  assert.equal(FakeSocket.made.length, 1);
  assert.equal(connection.state, "ended");
});

test("after 4003 and 4004 a valid session comes back at once", async () => {
  for (const code of [4003, 4004]) {
    live();
    FakeSocket.last.drop(code);
    assert.ok(await untilNextSocket() <= 50);
    assert.equal(checks, 1);
    checks = 0;
  }
});

test("a server that closes with 4003 again and again is not hammered", async () => {
  live();
  const start = clock.now;
  for (let i = 0; i < 6; i += 1) {
    FakeSocket.last.drop(4003);
    await untilNextSocket();
  }
  assert.ok(clock.now - start > 10000);
});

test("an unreachable server is tried on, asking again each time", async () => {
  live();
  verdict = "unreachable";
  FakeSocket.last.drop(1006);
  await clock.advance(8000);
  assert.equal(checks, 3); // after 1, 3 and 7 seconds
  verdict = "ok";
  await untilNextSocket();
});

test("too many connections: waits long", async () => {
  live();
  FakeSocket.last.drop(4008);
  assert.equal(await untilNextSocket(), 30000);
});

test("is disconnected after thirty seconds away, and live again after that", async () => {
  const connection = live();
  FakeSocket.last.drop(1001);
  for (let at = 0; at < 29900; at += 50) {
    await clock.advance(50);
    if (FakeSocket.last.readyState === 0) FakeSocket.last.drop(1001);
  }
  assert.equal(connection.state, "reconnecting");
  await clock.advance(100);
  assert.equal(connection.state, "disconnected");
  await untilNextSocket();
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  assert.equal(connection.state, "live");
});

test("a handshake that hangs is given up", async () => {
  make().connect();
  const hanging = FakeSocket.last;
  await clock.advance(5000);
  assert.notEqual(hanging.closed, null);
  await untilNextSocket();
  assert.equal(FakeSocket.made.length, 2);
});

test("disconnect stops everything, also while the session is being asked", async () => {
  const connection = live();
  FakeSocket.last.drop(4003);
  await clock.advance(0);
  connection.disconnect();
  await clock.advance(120000);
  assert.equal(FakeSocket.made.length <= 2, true);
  assert.equal(connection.state, "idle");
  connection.connect();
  FakeSocket.last.open();
  assert.deepEqual(FakeSocket.last.actions(), ["subscribe"]);
});

test("retryNow does not wait out the delay", async () => {
  const connection = live();
  FakeSocket.last.drop(1001);
  connection.retryNow();
  await settle();
  assert.equal(FakeSocket.made.length, 2);
});

test("a handler that throws does not stop the stream", () => {
  const shown = console.error;
  console.error = () => {};
  const got = [];
  const connection = new Connection({
    clock, makeSocket: () => new FakeSocket(), checkSession: async () => "ok",
    on: { message: (m) => { got.push(m.n); throw new Error("page's mistake"); } },
  });
  connection.connect();
  FakeSocket.last.open();
  FakeSocket.last.say(ACK);
  FakeSocket.last.say({ type: "x", n: 1 });
  FakeSocket.last.say({ type: "x", n: 2 });
  console.error = shown;
  assert.deepEqual(got, [1, 2]);
});

test("text pong, broken JSON and scalars do no harm", () => {
  live();
  for (const text of ["pong", '"pong"', "{", "7", "null"]) FakeSocket.last.say(text);
  assert.equal(heard.filter(([name]) => name === "message").length, 0);
});
