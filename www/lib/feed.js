// The live feed of the channels, whatever gets through: a WebSocket, else an event stream, else long polls.
//
// One state and one position over all of them. The WebSocket is tried on while something else stands in, and
// takes over where that is; when nothing gets through, `stuck` says so and the client polls REST. Used by
// maitred-client.js in a page of its own, and by feed-worker.js for all tabs. Owns the connection and what stands
// in for it.

import { Connection } from "./connection.js";
import { openEventStream } from "./event-stream.js";
import { Fallback } from "./fallback.js";
import { DEFAULTS, socketMaker } from "./live-socket.js";
import { openLongPoll } from "./long-poll.js";

const FALL_BACK_AFTER = 3; // failures of the socket

export class Feed {
  #connection;
  #fallback;
  #clock;
  #on;
  #wanted = new Set();
  #disconnectedAfter;
  #lateTimer = null;
  #late = false;
  #everLive = false;
  #handover = false; // the socket opens while something else was live, or that comes back
  #state = "idle";
  #transport = null;
  #stuck = false;

  // token() -> the bearer token or null; checkSession: session-check.js. on: {state(state, {previous}),
  // transport(name), message, subscribed(message, how), resync, refused, error, pong, stuck(bool)}
  constructor({ origin, WebSocket, EventSource, rest, token = () => null, checkSession, clock, random, on,
    disconnectedAfter = DEFAULTS.disconnectedAfter, ...settings }) {
    this.#clock = clock;
    this.#on = on;
    this.#disconnectedAfter = disconnectedAfter;
    this.#connection = new Connection({ ...settings, clock, random, makeSocket: socketMaker({ origin, WebSocket, path: "/ws", token }),
      checkSession: () => this.#check(checkSession),
      on: {
        ...on,
        state: (state) => this.#socketSays(state),
        opening: () => this.#handOver(),
        retry: (detail) => this.#socketFailed(detail),
      } });
    const rungs = [{ name: "longpoll", open: (how) => openLongPoll({ rest, clock, ...how }) }];
    if (EventSource) rungs.unshift({ name: "eventstream", open: (how) => openEventStream({ origin, EventSource, token, ...how }) });
    this.#fallback = new Fallback({ rungs, clock, on: {
      live: (name, message, how) => this.#fellBack(message, how),
      message: (message) => this.#call(message.type === "resync" ? "resync" : "message", message),
      position: (cursor) => this.#connection.advance(cursor),
      gone: () => this.#gone(),
      doubt: () => this.#connection.retryNow(), // which asks for the session first
    } });
  }

  get state() { return this.#state; }
  get transport() { return this.#transport; }
  get wanted() { return this.#wanted; }
  get channels() { return this.#fallback.live ? [...this.#wanted] : this.#connection.channels; }
  get cursor() { return this.#connection.cursor; }

  connect() {
    this.#startLate();
    this.#connection.connect();
  }

  disconnect() {
    this.#fallback.stop();
    this.#handover = false;
    this.#connection.disconnect();
    this.#everLive = false;
  }

  subscribe(channels) {
    this.#changeWanted(() => channels.forEach((name) => this.#wanted.add(name)));
    this.#connection.subscribe(channels);
  }

  unsubscribe(channels) {
    this.#changeWanted(() => channels.forEach((name) => this.#wanted.delete(name)));
    this.#connection.unsubscribe(channels);
  }

  retryNow() { this.#connection.retryNow(); }
  probe() { this.#connection.probe(); }

  // --- what stands in -----------------------------------------------------------------------

  #changeWanted(change) {
    const before = this.#wanted.size;
    change();
    if (this.#wanted.size !== before) this.#fallback.change([...this.#wanted]);
  }

  #socketFailed({ failures, crowded }) {
    if (!crowded && failures < FALL_BACK_AFTER) return;
    this.#fallback.start({ channels: [...this.#wanted], since: this.#connection.cursor });
  }

  // Its position is the socket's now: nothing comes twice, because only one of them listens.
  #handOver() {
    this.#handover = this.#fallback.live;
    this.#fallback.stop();
  }

  #fellBack(message, { resumed }) {
    this.#handover = false;
    const first = !this.#everLive;
    this.#setStuck(false);
    this.#settle();
    this.#call("subscribed", message, { first, resumed, added: false });
  }

  #gone() {
    this.#handover = false;
    this.#settle();
    this.#setStuck(true);
  }

  async #check(checkSession) {
    const verdict = await checkSession();
    if (verdict === "unreachable") this.#fallback.lost();
    return verdict;
  }

  // --- one state ----------------------------------------------------------------------------

  #socketSays(state) {
    if (state === "live") this.#handover = false;
    if (["live", "ended", "idle"].includes(state)) {
      this.#fallback.stop();
      this.#setStuck(false);
    }
    this.#settle();
  }

  #now() {
    const socket = this.#connection.state;
    if (socket === "idle" || socket === "ended") return socket;
    if (socket === "live" || this.#fallback.live || this.#handover) return "live";
    if (this.#late) return "disconnected";
    return this.#everLive ? "reconnecting" : "connecting";
  }

  #settle() {
    const state = this.#now();
    this.#tellTransport(state === "live" ? this.#fallback.transport ?? "websocket" : null);
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    if (state === "live") this.#everLive = true;
    if (state === "live" || state === "idle" || state === "ended") this.#stopLate();
    else if (previous === "live") this.#startLate();
    this.#call("state", state, { previous });
  }

  #tellTransport(transport) {
    if (transport === this.#transport) return;
    this.#transport = transport;
    this.#call("transport", transport);
  }

  #setStuck(stuck) {
    if (stuck === this.#stuck) return;
    this.#stuck = stuck;
    this.#call("stuck", stuck);
  }

  #startLate() {
    this.#stopLate();
    this.#lateTimer = this.#clock.setTimeout(() => {
      this.#late = true;
      this.#settle();
    }, this.#disconnectedAfter);
  }

  #stopLate() {
    this.#clock.clearTimeout(this.#lateTimer);
    this.#late = false;
  }

  #call(name, ...args) {
    this.#on[name]?.(...args);
  }
}
