// What stands in for a socket, against a real server: every message once and in order whatever carries it, one
// state over all, and what happens when nothing gets through.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { EventSource } from "eventsource";
import WebSocket from "ws";
import { DashboardClient } from "../../../www/lib/maitred-client.js";
import { Happenings, Server } from "../lib/server.mjs";

let server;
let client;
let happened;

beforeEach(async () => {
  server = await Server.start();
  for (const [path, data] of [["/api/user/profile", { id: 1 }], ["/api/dashboard/stats", {}], ["/api/reservations/upcoming", []]]) {
    server.answers.set(path, { data });
  }
  happened = new Happenings();
});

afterEach(async () => {
  client.disconnect();
  await server.stop();
});

// Delays a hundredth as long as on a page.
const quickClock = () => ({ setTimeout: (f, ms) => setTimeout(f, ms / 100), clearTimeout });

function connect({ channels = ["restaurant_orders"], ...options } = {}) {
  client = new DashboardClient({ url: server.url, WebSocket, EventSource, clock: quickClock(), random: () => 0,
    pingEvery: 10 ** 6, pongWithin: 10 ** 6, openWithin: 50000, disconnectedAfter: 10 ** 7, ...options });
  const names = ["state", "transport", "lost", "restored", "polling", "refresh", "order_created", "synced", "resync"];
  client.setEventHandlers(Object.fromEntries(names.map((name) => [name, (...args) => happened.add(name, args[0])])));
  client.subscribe(channels);
  client.connect();
}

const carriedBy = (transport) => happened.until(() => client.state === "live" && client.transport === transport, transport);
const seen = () => happened.of("order_created").map(({ n }) => n);
const order = (n) => server.emit({ type: "order_created", n });
const upTo = (n) => happened.until(() => seen().includes(n), `message ${n}`);
const numbers = (n) => Array.from({ length: n }, (_, i) => i + 1);

test("a stream stands in, then a poll, then the socket is back: each message once, in order", async () => {
  connect();
  await carriedBy("websocket");
  order(1);
  await upTo(1);
  server.refuse = true;
  server.cutAll();
  order(2);
  await carriedBy("eventstream");
  await upTo(2);
  order(3);
  await upTo(3);
  server.noStreams = true;
  server.cutAll();
  order(4);
  await carriedBy("longpoll");
  order(5);
  await upTo(5);
  server.refuse = false;
  order(6);
  await carriedBy("websocket");
  order(7);
  await upTo(7);
  assert.deepEqual(seen(), numbers(7));
  assert.equal(server.streams.size, 0);
});

test("nothing live gets through: polling, and streams are tried again", async () => {
  Object.assign(server, { refuse: true, noStreams: true, noPolls: true });
  connect();
  await happened.until(() => client.transport === "polling", "polling");
  assert.notEqual(client.state, "live");
  server.noStreams = false;
  await carriedBy("eventstream");
  assert.equal(client.polling, false);
});

test("a channel that the account may not hear is left out, the others are heard", async () => {
  Object.assign(server, { refuse: true, forbidden: new Set(["restaurant_stats"]) });
  connect({ channels: ["restaurant_stats", "restaurant_orders"] });
  await carriedBy("eventstream");
  order(1);
  await upTo(1);
});

test("channels that are added while a stream stands in are heard, from where it is", async () => {
  server.refuse = true;
  connect();
  await carriedBy("eventstream");
  client.subscribe(["order:7"]);
  order(1);
  await upTo(1);
  assert.match(server.requests.filter(({ url }) => url.startsWith("/events")).at(-1).url, /channels=restaurant_orders%2Corder%3A7&since=/);
});

test("long away it is disconnected, whatever was tried, and live again when something gets through", async () => {
  Object.assign(server, { refuse: true, noStreams: true, noPolls: true });
  connect({ disconnectedAfter: 30000 });
  await happened.until(() => client.state === "disconnected", "disconnected");
  server.noPolls = false;
  await carriedBy("longpoll");
  assert.deepEqual(happened.of("state"), ["connecting", "disconnected", "live"]);
});

test("without an EventSource the poll is the first that stands in", async () => {
  server.refuse = true;
  connect({ EventSource: undefined });
  await carriedBy("longpoll");
});

for (const EventSourceOrNot of [EventSource, undefined]) {
  test(`signed out while ${EventSourceOrNot ? "a stream" : "a poll"} stands in: the session ends at once`, async () => {
    server.refuse = true;
    connect({ EventSource: EventSourceOrNot });
    await carriedBy(EventSourceOrNot ? "eventstream" : "longpoll");
    server.answers.set("/api/user/profile", { status: 401 });
    server.endSessions();
    await happened.until(() => client.state === "ended", "ended");
  });
}
