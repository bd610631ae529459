// DashboardClient against a real WebSocket and HTTP server: messages, resume, resync, session, polling.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import WebSocket from "ws";
import { DashboardClient } from "../../../www/lib/maitred-client.js";
import { ApiError } from "../../../www/lib/rest.js";
import { Happenings, Server } from "../lib/server.mjs";

const PROFILE = "/api/user/profile";
const STATS = "/api/dashboard/stats";
const UPCOMING = "/api/reservations/upcoming";
const EVENTS = ["state", "lost", "restored", "syncing", "synced", "polling", "refresh", "message", "resync",
  "upcoming_list", "session_ended", "error", "profile"];
let server;
let client;
let happened;

beforeEach(async () => {
  server = await Server.start();
  server.answers.set(PROFILE, { data: { id: 1 } });
  server.answers.set(STATS, { data: { reservationsToday: 3 } });
  server.answers.set(UPCOMING, { data: [] });
  happened = new Happenings();
});

afterEach(async () => {
  client.disconnect();
  await server.stop();
});

// Delays a thousandth as long as on a page, so that backoff costs the test nothing.
function quickClock() {
  return { setTimeout: (f, ms) => setTimeout(f, ms < 200 ? ms : ms / 100), clearTimeout };
}

function makeClient(options = {}) {
  client = new DashboardClient({ url: server.url, WebSocket, clock: quickClock(),
    pingEvery: 20000, pongWithin: 100000, openWithin: 500000, disconnectedAfter: 10 ** 7, ...options });
  client.setEventHandlers(Object.fromEntries(EVENTS.map((name) =>
    [name, (...args) => happened.add(name, args.length > 1 ? args : args[0])])));
  return client;
}

async function goLive(options) {
  makeClient(options);
  client.subscribe(["restaurant_stats", "restaurant_reservations"]);
  client.connect();
  await happened.until(() => client.state === "live", "live");
}

const messagesSeen = () => happened.of("message").map(({ n }) => n);

test("messages reach the general handler and the one of their type, once and in order", async () => {
  await goLive();
  const stats = [];
  client.setEventHandlers({ stats_update: (message) => stats.push(message.n) });
  for (let n = 1; n <= 20; n += 1) server.emit({ type: "stats_update", n });
  await happened.until(() => messagesSeen().length === 20, "20 messages");
  assert.deepEqual(messagesSeen(), Array.from({ length: 20 }, (_, i) => i + 1));
  assert.deepEqual(stats, messagesSeen());
  assert.equal(client.cursor, server.position);
});

test("what happened during a loss is replayed once, in order, and announced", async () => {
  await goLive();
  server.emit({ type: "x", n: 1 });
  await happened.until(() => messagesSeen().length === 1, "the first message");
  server.cutAll();
  server.emit({ type: "x", n: 2 });
  server.emit({ type: "x", n: 3 });
  await happened.until(() => happened.of("synced").length === 1, "synced");
  server.emit({ type: "x", n: 4 });
  await happened.until(() => messagesSeen().includes(4), "the message after");
  assert.deepEqual(messagesSeen(), [1, 2, 3, 4]);
  assert.deepEqual(happened.of("synced"), [{ count: 2, exact: true }]);
  const story = happened.names().filter((name) => ["lost", "restored", "syncing", "synced"].includes(name));
  assert.deepEqual(story, ["lost", "restored", "syncing", "synced"]);
});

test("a resume that can't be exact asks the page to fetch everything again", async () => {
  await goLive();
  const before = happened.of("refresh").length;
  server.exact = false;
  server.cutAll();
  await happened.until(() => happened.of("synced").length === 1, "synced");
  assert.equal(happened.of("synced")[0].exact, false);
  assert.deepEqual(happened.of("refresh").slice(before), ["resumed", "resync"]);
});

test("the first subscription asks the page to fetch, so that nothing falls between", async () => {
  await goLive();
  assert.deepEqual(happened.of("refresh"), ["subscribed"]);
});

test("a refused upgrade asks for the profile; signed out ends it", async () => {
  await goLive();
  server.refuse = true;
  server.answers.set(PROFILE, { status: 401, data: { code: "unauthorized" } });
  server.cutAll();
  await happened.until(() => happened.of("session_ended").length === 1, "session_ended");
  assert.equal(client.state, "ended");
  assert.equal(server.upgrades.length, 1);
});

test("a refused upgrade with a valid session goes on trying", async () => {
  await goLive();
  server.refuse = true;
  server.cutAll();
  server.onUpgrade = () => happened.check();
  await happened.until(() => server.upgrades.length >= 4, "three refusals");
  server.refuse = false;
  await happened.until(() => happened.of("restored").length === 1, "restored");
});

test("after repeated failures it polls, and stops when the socket is back", async () => {
  await goLive({ pollStatsEvery: 3000, pollUpcomingEvery: 1500 });
  Object.assign(server, { refuse: true, noStreams: true, noPolls: true });
  server.cutAll();
  await happened.until(() => happened.of("polling").includes(true), "polling");
  await happened.until(() => happened.of("upcoming_list").length >= 2, "two polls");
  const polled = happened.of("message").find((message) => message.type === "stats_update");
  assert.equal(polled.polled, true);
  assert.deepEqual(polled.stats, { reservationsToday: 3 });
  assert.ok(server.requests.some((request) => request.url === UPCOMING && request.headers["if-none-match"]));
  server.refuse = false;
  client.retryNow();
  await happened.until(() => client.state === "live", "live");
  assert.equal(client.polling, false);
  assert.deepEqual(happened.of("polling"), [true, false]);
});

test("polling that finds itself signed out ends the session", async () => {
  await goLive();
  Object.assign(server, { refuse: true, noStreams: true, noPolls: true });
  server.cutAll();
  await happened.until(() => client.polling, "polling");
  for (const path of [STATS, UPCOMING, PROFILE]) server.answers.set(path, { status: 401, data: {} });
  await happened.until(() => happened.of("session_ended").length === 1, "session_ended");
  assert.equal(client.polling, false);
});

test("closed with 4003 and a valid session: comes back and resumes", async () => {
  await goLive();
  server.closeAll(4003, "expired");
  await happened.until(() => happened.of("restored").length === 1, "restored");
  assert.deepEqual(happened.of("restored"), [{ resumed: true }]);
  assert.equal(happened.of("profile").length, 1);
});

test("setAuth sends the token as subprotocol and bearer, never in a URL", async () => {
  makeClient();
  client.setAuth({ token: "t0k3n" });
  client.subscribe(["a"]);
  client.connect();
  await happened.until(() => client.state === "live", "live");
  await client.checkSession();
  assert.equal(server.upgrades[0].headers["sec-websocket-protocol"], "bearer,t0k3n");
  assert.equal(server.upgrades[0].url, "/ws");
  assert.equal(server.requests[0].headers.authorization, "Bearer t0k3n");
});

test("too many a second is sent again when the server says so, with the same key; not for ever, and not where there is another way", async () => {
  const keys = [];
  let refusals = 2;
  let pause = 1000;
  makeClient({ rest: { setToken() {}, async write(method, path, body, { key }) {
    keys.push(key);
    if (refusals > 0) { refusals -= 1; throw new ApiError(429, { code: "rate_limited" }, pause); }
    return { data: "done", position: null };
  } } });
  const step = { method: "PATCH", path: "/api/v1/orders/1/status", queue: true };
  assert.equal((await client.change(step)).data, "done");
  assert.deepEqual([keys.length, new Set(keys).size], [3, 1]);
  for (const [more, longest, expected] of [[{}, 1000, 6], [{ patient: false }, 1000, 1], [{}, 60000, 1]]) {
    keys.length = 0;
    refusals = 99;
    pause = longest;
    await assert.rejects(client.change({ ...step, ...more }), { status: 429 });
    assert.equal(keys.length, expected);
  }
  assert.equal(client.queue.size, 0);
});
