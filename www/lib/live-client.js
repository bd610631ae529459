// What every client of a live channel is: who one is, where the server is, handlers, REST beside the
// socket, and the polling that takes over while the socket fails.
//
// Base of DashboardClient (/ws) and AdminClient (/admin/ws/dashboard), which bring a connection and the
// jobs of polling. Owns the token, the handlers and the poller.

import { Poller } from "./polling.js";
import { RestClient } from "./rest.js";

const POLL_AFTER_FAILURES = 3;
const PROFILE = "/api/user/profile";
const PROFILE_WITHIN = 5000;

export class LiveClient {
  #origin;
  #WebSocket;
  #token = null;
  #handlers = {};
  #poller;
  #wasLost = false;

  constructor({ url = globalThis.location?.origin, WebSocket = globalThis.WebSocket, fetch, clock, rest } = {}) {
    this.#origin = url;
    this.#WebSocket = WebSocket;
    this.clock = clock ?? { setTimeout: (...args) => setTimeout(...args), clearTimeout: (id) => clearTimeout(id) };
    this.rest = rest ?? new RestClient({ base: url, ...(fetch && { fetch }) });
  }

  get state() { return this.connection.state; }
  get polling() { return this.#poller.running; }

  // The token stays in this object: never in storage, never in a URL.
  setAuth({ token = null } = {}) {
    this.#token = token;
    this.rest.setToken(token);
  }

  setEventHandlers(handlers) {
    this.#handlers = { ...this.#handlers, ...handlers };
  }

  connect() {
    this.connection.connect();
  }

  disconnect() {
    this.setPolling(false);
    this.#wasLost = false;
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
  async checkSession() {
    try {
      const { data } = await this.rest.get(PROFILE, { signal: AbortSignal.timeout(PROFILE_WITHIN) });
      this.emit("profile", data);
      return "ok";
    } catch (error) {
      return error.signedOut ? "ended" : "unreachable";
    }
  }

  // --- for the subclasses -------------------------------------------------------------------

  // What repeats while the socket is away: [{name, every, run}], see polling.js. Called once.
  setPollJobs(jobs) {
    this.#poller = new Poller({ clock: this.clock, jobs, onError: (error) => this.#pollFailed(error) });
  }

  // What a LiveSocket wants to be made with.
  socketOptions(path, on) {
    return {
      clock: this.clock,
      makeSocket: () => this.#makeSocket(path),
      checkSession: () => this.checkSession(),
      on: {
        state: (state, detail) => this.stateChanged(state, detail),
        retry: ({ failures, crowded }) => this.setPolling(crowded || failures >= POLL_AFTER_FAILURES),
        ...on,
      },
    };
  }

  stateChanged(state, { previous }) {
    if (previous === "live" && state !== "idle") {
      this.#wasLost = true;
      this.emit("lost");
    }
    if (state === "live" || state === "ended") this.setPolling(false);
    this.emit("state", state, { previous });
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

  emit(name, ...args) {
    try {
      this.#handlers[name]?.(...args);
    } catch (error) {
      console.error(error);
    }
  }

  #makeSocket(path) {
    const address = `${this.#origin.replace(/^http/, "ws")}${path}`;
    const protocols = this.#token ? ["bearer", this.#token] : [];
    return new this.#WebSocket(address, protocols);
  }

  // Signed out while the socket was away: nothing will come back without a new sign-in.
  #pollFailed(error) {
    if (!error.signedOut) return;
    this.disconnect();
    this.emit("session_ended");
  }
}
