// The SharedWorker that holds the one connection of all tabs (shared-feed.js is their side of it).
//
// The channels asked for are those of all tabs together; each tab hears what its own carry. A tab that comes
// later is told how things stand: the state, the position, the latest figures. Signed in is whoever the cookie
// says; a tab of another account ends what the former one had.

import { Feed } from "./feed.js";
import { FIGURES, carries } from "./messages.js";
import { RestClient } from "./rest.js";
import { sessionCheck } from "./session-check.js";

const clock = { setTimeout: (...args) => setTimeout(...args), clearTimeout: (id) => clearTimeout(id) };
const rest = new RestClient({ base: location.origin });
const tabs = new Map(); // port -> {channels: Set, waits: Set of channels that are not acknowledged yet}
const figures = new Map(); // type -> the latest message
let owner = null;
let feed = null;

const tell = (port, name, ...args) => port.postMessage({ name, args });
const tellAll = (name, ...args) => { for (const port of tabs.keys()) tell(port, name, ...args); };

function makeFeed() {
  return new Feed({
    origin: location.origin, WebSocket, EventSource, rest, clock,
    checkSession: sessionCheck(rest, { reached: (reachable) => tellAll("reached", reachable) }),
    on: {
      state: (state, detail) => {
        tellAll("state", state, detail);
        if (state === "ended") forget();
      },
      transport: (transport) => tellAll("transport", transport),
      message: (message) => deliver(message),
      subscribed: (message, how) => subscribed(message, how),
      resync: (message) => tellAll("resync", message),
      refused: (message) => tellAll("refused", message),
      error: (message) => tellAll("error", message),
      pong: (message) => tellAll("pong", message),
      stuck: (stuck) => tellAll("stuck", stuck),
    },
  });
}

function deliver(message) {
  if (FIGURES.has(message.type)) figures.set(message.type, message);
  for (const [port, tab] of tabs) if (carries([...tab.channels], message)) tell(port, "message", message);
}

// Channels that were added are the business of those who wait for them.
function subscribed(message, how) {
  for (const [port, tab] of tabs) {
    const mine = (message.channels ?? []).filter((name) => tab.waits.delete(name));
    if (!how.added || mine.length) tell(port, "subscribed", message, how.added ? { ...how, first: true } : how);
  }
}

function forget() {
  for (const port of tabs.keys()) port.onmessage = null;
  tabs.clear();
  figures.clear();
  feed = null;
}

function join(port, { owner: whose, channels }) {
  if (feed && whose !== owner) {
    const former = feed;
    tellAll("state", "ended", {});
    forget();
    former.disconnect();
  }
  owner = whose;
  feed ??= makeFeed();
  const tab = { channels: new Set(), waits: new Set() };
  tabs.set(port, tab);
  tell(port, "state", feed.state === "idle" ? "connecting" : feed.state);
  tell(port, "transport", feed.transport);
  widen(port, channels);
  if (feed.state === "idle") feed.connect();
}

function widen(port, channels) {
  const tab = tabs.get(port);
  const held = new Set(feed.channels);
  for (const name of channels) {
    tab.channels.add(name);
    if (!held.has(name)) tab.waits.add(name);
  }
  feed.subscribe(channels);
  if (feed.state !== "live" || tab.waits.size) return;
  tell(port, "subscribed", { status: "subscribed", channels, cursor: feed.cursor }, { first: true, resumed: false, added: false });
  for (const message of figures.values()) if (carries(channels, message)) tell(port, "message", message);
}

function narrow(port, channels) {
  const tab = tabs.get(port);
  for (const name of channels) tab.channels.delete(name);
  const wanted = new Set([...tabs.values()].flatMap((one) => [...one.channels]));
  const unwanted = channels.filter((name) => !wanted.has(name));
  if (unwanted.length) feed.unsubscribe(unwanted);
}

function leave(port) {
  const tab = tabs.get(port);
  if (!tab) return;
  narrow(port, [...tab.channels]);
  tabs.delete(port);
  if (tabs.size) return;
  feed.disconnect();
  forget();
}

const WISHES = {
  join,
  leave,
  subscribe: (port, { channels }) => { if (tabs.has(port)) widen(port, channels); },
  unsubscribe: (port, { channels }) => { if (tabs.has(port)) narrow(port, channels); },
  retryNow: () => feed?.retryNow(),
  probe: () => feed?.probe(),
};

globalThis.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => WISHES[data.wish]?.(port, data);
};
