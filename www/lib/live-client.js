// What every client of a live channel is: who one is, where the server is, handlers, REST beside the
// socket, changes that wait while nothing can be reached, and the polling that takes over while the socket fails.
//
// Base of DashboardClient (/ws) and AdminClient (/admin/ws/dashboard), which bring a connection and the
// jobs of polling. Owns the token, the handlers, the queue of changes and the poller.

import { ChangeQueue, passes } from "./change-queue.js";
import { Poller } from "./polling.js";
import { ApiError, RestClient } from "./rest.js";
import { sessionCheck } from "./session-check.js";
import { uuid } from "./uuid.js";

const TRIES = 6;
const SHORT = 5000; // ms that are waited without saying so

export class LiveClient {
  #check;
  #token = null;
  #handlers = {};
  #listeners = new Map(); // name -> Set
  #poller;
  #wasLost = false;
  #reachable = true;
  #offline = false;

  constructor({ url = globalThis.location?.origin, WebSocket = globalThis.WebSocket, fetch, clock, rest,
    storage, locks } = {}) {
    this.origin = url;
    this.WebSocket = WebSocket;
    this.clock = clock ?? { setTimeout: (...args) => setTimeout(...args), clearTimeout: (id) => clearTimeout(id) };
    this.rest = rest ?? new RestClient({ base: url, ...(fetch && { fetch }) });
    this.#check = sessionCheck(this.rest, {
      profile: (profile) => this.emit("profile", profile), reached: (reachable) => this.reached(reachable) });
    this.queue = new ChangeQueue({ storage, locks, rest: this.rest, clock: this.clock, on: {
      changed: (list) => this.emit("queue", list),
      sent: (change, answer) => this.emit("sent", change, answer),
      replayed: (outcome) => this.emit("replayed", outcome),
    } });
  }

  get state() { return this.connection.state; }
  get polling() { return this.#poller.running; }

  get offline() { return this.#offline; }

  // The token stays in this object: never in storage, never in a URL. `owner` names the account whose changes
  // wait in the queue; nobody else sends them.
  setAuth({ token = null, owner = null } = {}) {
    this.#token = token;
    this.rest.setToken(token);
    this.queue.setOwner(owner);
  }

  setEventHandlers(handlers) {
    this.#handlers = { ...this.#handlers, ...handlers };
  }

  // Beside the handlers, for the parts of a page. -> off()
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  connect() {
    this.connection.connect();
  }

  disconnect() {
    this.setPolling(false);
    this.#wasLost = false;
    this.queue.stop();
    this.connection.disconnect();
  }

  // Hints from the page: the network or the tab came back; the network went.
  retryNow() {
    this.connection.retryNow();
  }

  probe() {
    this.connection.probe();
  }

  // "ok", "ended" (sign in again) or "unreachable".
  checkSession() {
    return this.#check();
  }

  // A write with an idempotency key. With `queue` it may wait while nothing can be reached: then the answer is
  // {queued: true, key}, and later `sent` or `replayed` tell how it went; without, it is refused with the code
  // "offline". Too many a second is no refusal: it comes again when the server says so, unless `patient` is false.
  // -> {queued: false, data, position}
  async change({ method, path, body, label = "", queue = false, patient = true, key = uuid() }) {
    const change = { key, method, path, body, label };
    if (this.#offline && !queue) {
      throw new ApiError(0, { code: "offline", detail: "You are working offline; this can be done when the connection is restored." });
    }
    if (queue && (this.#offline || this.queue.size)) return this.#wait(change);
    try {
      return { queued: false, ...await this.#write(change, patient) };
    } catch (error) {
      if (!queue || !passes(error) || error.status === 429) throw error;
      return this.#wait(change);
    }
  }

  // --- for the subclasses -------------------------------------------------------------------

  // What repeats while the socket is away: [{name, every, run}], see polling.js. Called once.
  setPollJobs(jobs) {
    this.#poller = new Poller({ clock: this.clock, jobs, onError: (error) => this.#pollFailed(error) });
  }

  // For those who open sockets: the bearer token, or null where the cookie says who one is.
  bearer() {
    return this.#token;
  }

  stateChanged(state, { previous }) {
    if (previous === "live" && state !== "idle") {
      this.#wasLost = true;
      this.emit("lost");
    }
    if (state === "live" || state === "ended") this.setPolling(false);
    if (state === "live") this.reached(true);
    this.emit("state", state, { previous });
    this.#settleOffline();
    if (state === "ended") this.emit("session_ended");
  }

  // The first thing that is known to be current again.
  nowCurrent(detail) {
    if (!this.#wasLost) return;
    this.#wasLost = false;
    this.emit("restored", detail);
  }

  setPolling(wanted) {
    if (wanted === this.#poller.running) return;
    if (wanted) this.#poller.start();
    else this.#poller.stop();
    this.emit("polling", wanted);
  }

  // Does REST answer?
  reached(reachable) {
    this.#reachable = reachable;
    this.#settleOffline();
    if (reachable) this.queue.replay();
  }

  sessionEnded() {
    this.disconnect();
    this.emit("session_ended");
  }

  // A page's mistake in one must not stop the others.
  emit(name, ...args) {
    for (const handler of [this.#handlers[name], ...this.#listeners.get(name) ?? []]) {
      try {
        handler?.(...args);
      } catch (error) {
        console.error(error);
      }
    }
  }

  async #write({ method, path, body, key }, patient) {
    for (let left = TRIES; ; left -= 1) {
      try {
        return await this.rest.write(method, path, body, { key });
      } catch (error) {
        const pause = error.retryAfter || 1000;
        if (!patient || error.status !== 429 || left <= 1 || pause > SHORT) throw error;
        await new Promise((done) => { this.clock.setTimeout(done, pause); });
      }
    }
  }

  #wait(change) {
    this.queue.add(change);
    return { queued: true, key: change.key };
  }

  // Long without a live connection, and REST does not answer either.
  #settleOffline() {
    const offline = this.state === "disconnected" && !this.#reachable;
    if (offline === this.#offline) return;
    this.#offline = offline;
    this.emit("offline", offline);
  }

  // Signed out while the socket was away: nothing will come back without a new sign-in.
  #pollFailed(error) {
    if (error.signedOut) this.sessionEnded();
  }
}
