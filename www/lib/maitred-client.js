// The client library of maitred's dashboards: live messages over /ws, with REST beside them.
//
//   const client = new DashboardClient();              // same origin, signed in by cookie
//   client.setAuth({ token });                         // only for another origin, or outside a browser
//   client.setEventHandlers({
//     state(state, detail) {},       // connecting, live, reconnecting, disconnected, ended, idle
//     lost() {}, restored({ resumed }) {},             // the live connection went, and came back
//     syncing() {}, synced({ exact, count }) {},       // around what was missed meanwhile
//     polling(active) {},            // the fallback began or ended
//     refresh(reason) {},            // fetch again what you show: "subscribed", "resync", "polled";
//                                    // "resumed": only what could not be fetched meanwhile
//     message(message) {},           // every message, and by its type as well:
//     stats_update(message) {}, new_reservation(message) {}, reservation_update(message) {},
//     upcoming_reservation(message) {}, room_availability_update(message) {}, ...
//     upcoming_list({ reservations, cursor }) {},      // from polling
//     profile(profile) {}, session_ended() {}, error({ code, detail }) {},
//   });
//   client.subscribe(["restaurant_stats", "restaurant_reservations"]);
//   client.connect();  ...  client.disconnect();
//
// connect() keeps the connection up until disconnect(): backoff 1, 2, 4 .. 30 s with jitter, resume by
// position on whatever sidecar answers, polling after repeated failures while the socket is
// tried on. A message is given to its handlers once and in order. `client.rest` is the RestClient.
// Runs in browsers and, with {url, WebSocket}, in Node.

import { Connection } from "./connection.js";
import { Poller } from "./polling.js";
import { RestClient } from "./rest.js";

const POLL_AFTER_FAILURES = 3;
const UPCOMING_EVERY = 15000;
const STATS_EVERY = 30000;
const QUIET_FOR = 250;
const MOST_ROUNDS = 20;
const NOT_MISSED = new Set(["snapshot", "stats_update", "metrics_update", "room_availability_update"]);
const PROFILE = "/api/user/profile";
const PROFILE_WITHIN = 5000;

export class DashboardClient {
  #origin;
  #WebSocket;
  #clock;
  #token = null;
  #handlers = {};
  #connection;
  #poller;
  #missed = null; // {count} while catching up after a resume
  #wasLost = false;

  constructor({ url = globalThis.location?.origin, WebSocket = globalThis.WebSocket,
    fetch, clock, random, rest, pollUpcomingEvery = UPCOMING_EVERY, pollStatsEvery = STATS_EVERY,
    ...settings } = {}) {
    this.#origin = url;
    this.#WebSocket = WebSocket;
    this.#clock = clock ?? { setTimeout: (...args) => setTimeout(...args), clearTimeout: (id) => clearTimeout(id) };
    this.rest = rest ?? new RestClient({ base: url, ...(fetch && { fetch }) });
    this.#connection = new Connection({
      ...settings, clock: this.#clock, random,
      makeSocket: () => this.#makeSocket(),
      checkSession: () => this.checkSession(),
      on: this.#connectionEvents(),
    });
    this.#poller = new Poller({
      clock: this.#clock,
      jobs: this.#pollJobs(pollUpcomingEvery, pollStatsEvery),
      onError: (error) => this.#pollFailed(error),
    });
  }

  get state() { return this.#connection.state; }
  get channels() { return this.#connection.channels; }
  get cursor() { return this.#connection.cursor; }
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
    this.#connection.connect();
  }

  disconnect() {
    this.#setPolling(false);
    this.#missed = null;
    this.#wasLost = false;
    this.#connection.disconnect();
  }

  subscribe(channels) {
    this.#connection.subscribe(channels);
  }

  unsubscribe(channels) {
    this.#connection.unsubscribe(channels);
  }

  // Hints from the page: the network or the tab came back; the network went.
  retryNow() {
    this.#connection.retryNow();
  }

  probe() {
    this.#connection.probe();
  }

  // "ok", "ended" (sign in again) or "unreachable".
  async checkSession() {
    try {
      const { data } = await this.rest.get(PROFILE, { signal: AbortSignal.timeout(PROFILE_WITHIN) });
      this.#emit("profile", data);
      return "ok";
    } catch (error) {
      return error.signedOut ? "ended" : "unreachable";
    }
  }

  #makeSocket() {
    const address = `${this.#origin.replace(/^http/, "ws")}/ws`;
    const protocols = this.#token ? ["bearer", this.#token] : [];
    return new this.#WebSocket(address, protocols);
  }

  // --- what the connection says ------------------------------------------------------------

  #connectionEvents() {
    return {
      state: (state, detail) => this.#stateChanged(state, detail),
      message: (message) => this.#deliver(message),
      pong: () => this.#pong(),
      subscribed: (message, how) => this.#subscribed(message, how),
      resync: (message) => this.#resync(message),
      retry: ({ failures }) => this.#setPolling(failures >= POLL_AFTER_FAILURES),
      refused: () => { this.#missed = null; },
      error: (message) => this.#emit("error", message),
    };
  }

  #stateChanged(state, { previous }) {
    if (previous === "live") this.#missed = null; // an unfinished catching up goes with its socket
    if (previous === "live" && state !== "idle") {
      this.#wasLost = true;
      this.#emit("lost");
    }
    if (state === "live" || state === "ended") this.#setPolling(false);
    this.#emit("state", state, { previous });
    if (state === "ended") this.#emit("session_ended");
  }

  #subscribed(message, { resumed, first }) {
    this.#emit("subscribed", message);
    if (this.#wasLost) {
      this.#wasLost = false;
      this.#emit("restored", { resumed });
    }
    if (resumed) this.#startCatchingUp();
    this.#emit("refresh", resumed ? "resumed" : first ? "subscribed" : "resync");
  }

  // What was missed follows the acknowledgement, but nothing says which message is its last: the
  // catching up ends with a ping whose answer comes when nothing else has come for a while.
  #startCatchingUp() {
    if (this.#missed) return;
    this.#missed = { count: 0, exact: true, seen: 0, rounds: 0, asked: null };
    this.#emit("syncing");
    this.#awaitQuiet(this.#missed);
  }

  #awaitQuiet(missed) {
    const { seen } = missed;
    missed.rounds += 1;
    this.#clock.setTimeout(() => {
      if (missed !== this.#missed || this.state !== "live") return;
      missed.asked = seen;
      this.probe();
    }, QUIET_FOR);
  }

  #pong() {
    const missed = this.#missed;
    if (!missed || missed.asked === null) return;
    const quiet = missed.seen === missed.asked;
    missed.asked = null;
    if (!quiet && missed.rounds < MOST_ROUNDS) return void this.#awaitQuiet(missed);
    this.#missed = null;
    this.#emit("synced", { count: missed.count, exact: missed.exact });
  }

  #resync(message) {
    this.#startCatchingUp();
    this.#missed.exact = false;
    this.#emit("resync", message);
    this.#emit("refresh", "resync");
  }

  #deliver(message) {
    this.#countMissed(message);
    this.#emit("message", message);
    this.#emit(message.type, message);
  }

  // Figures are sent once after every resume, and snapshots replace: neither was missed.
  #countMissed({ type, polled }) {
    if (!this.#missed || polled) return;
    this.#missed.seen += 1;
    if (!NOT_MISSED.has(type)) this.#missed.count += 1;
  }

  // --- the polling fallback ----------------------------------------------------------------

  #setPolling(wanted) {
    if (wanted === this.#poller.running) return;
    if (wanted) this.#poller.start();
    else this.#poller.stop();
    this.#emit("polling", wanted);
  }

  #pollJobs(upcomingEvery, statsEvery) {
    const deliver = async (path, current, make) => {
      const { data, position } = await this.rest.get(path);
      if (current()) this.#deliver({ ...make(data), cursor: position, polled: true });
    };
    return [
      { name: "upcoming", every: upcomingEvery,
        run: (current) => deliver("/api/reservations/upcoming", current,
          (reservations) => ({ type: "upcoming_list", reservations })) },
      { name: "stats", every: statsEvery,
        run: async (current) => {
          await deliver("/api/dashboard/stats", current, (stats) => ({ type: "stats_update", stats }));
          if (current()) this.#emit("refresh", "polled");
        } },
    ];
  }

  // Signed out while the socket was away: nothing will come back without a new sign-in.
  #pollFailed(error) {
    if (!error.signedOut) return;
    this.disconnect();
    this.#emit("session_ended");
  }

  #emit(name, ...args) {
    try {
      this.#handlers[name]?.(...args);
    } catch (error) {
      console.error(error);
    }
  }
}
