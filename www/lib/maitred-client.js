// The client library of maitred's dashboards: live messages over /ws, with REST beside them.
//
//   const client = new DashboardClient();              // same origin, signed in by cookie
//   client.setAuth({ token });                         // only for another origin, or outside a browser
//   client.setEventHandlers({
//     state(state, detail) {},       // connecting, live, reconnecting, disconnected, ended, idle
//     lost() {}, restored({ resumed }) {},             // the live connection went, and came back
//     syncing() {}, synced({ exact, count }) {},       // around what was missed meanwhile
//     transport(name) {},            // what carries the messages: "websocket", "eventstream", "longpoll",
//                                    // "polling", or null
//     polling(active) {},            // nothing live gets through: REST is polled, or is not any more
//     refresh(reason) {},            // fetch again what you show: "subscribed", "resync", "polled";
//                                    // "resumed": only what could not be fetched meanwhile
//     message(message) {},           // every message, and by its type as well:
//     stats_update(message) {}, new_reservation(message) {}, reservation_update(message) {},
//     upcoming_reservation(message) {}, room_availability_update(message) {}, ...
//     upcoming_list({ reservations, cursor }) {},      // from polling
//     profile(profile) {}, session_ended() {}, error({ code, detail }) {},
//     offline(active) {},            // disconnected for long, and REST does not answer either
//     queue(changes) {},             // what waits: [{key, method, path, body, label, at}]
//     sent(change, { data }) {}, replayed({ done, refused: [{ change, error }] }) {},
//   });
//   client.subscribe(["restaurant_stats", "restaurant_reservations"]);
//   client.connect();  ...  client.disconnect();
//   await client.change({ method: "PATCH", path: "/api/tables/7/status", body: { status: "occupied" },
//     label: "T-07 occupied", queue: true });   // an idempotency key by itself; waits while offline
//
// connect() keeps the connection up until disconnect(): backoff 1, 2, 4 .. 30 s with jitter, resume by
// position on whatever sidecar answers. After repeated failures of the socket an event stream stands in, else
// long polls, else REST is polled, while the socket is tried on. A message is given to its handlers once and in
// order. `client.rest` is the RestClient. With {shared: true} all tabs share one connection, with
// {storage: localStorage} what waits survives a reload. Runs in browsers and, with {url, WebSocket}, in Node.

import { Feed } from "./feed.js";
import { LiveClient } from "./live-client.js";
import { FIGURES } from "./messages.js";
import { SharedFeed } from "./shared-feed.js";

export { LiveList } from "./live-list.js";
export { ApiError, RestClient } from "./rest.js";

const UPCOMING_EVERY = 15000;
const STATS_EVERY = 30000;
const QUIET_FOR = 250;
const MOST_ROUNDS = 20;

export class DashboardClient extends LiveClient {
  #missed = null; // {count} while catching up after a resume

  // shared: one connection for all tabs of the browser; signed in by cookie only.
  constructor({ url, WebSocket, EventSource = globalThis.EventSource, fetch, clock, rest, random, storage, locks, shared = false,
    pollUpcomingEvery = UPCOMING_EVERY, pollStatsEvery = STATS_EVERY, ...settings } = {}) {
    super({ url, WebSocket, fetch, clock, rest, storage, locks });
    this.setPollJobs(this.#pollJobs(pollUpcomingEvery, pollStatsEvery));
    const on = this.#feedHandlers();
    const makeLocal = () => new Feed({ ...settings, origin: this.origin, WebSocket: this.WebSocket, EventSource, rest: this.rest,
      clock: this.clock, random, token: () => this.bearer(), checkSession: () => this.checkSession(), on });
    this.connection = shared && globalThis.SharedWorker ? new SharedFeed({ makeLocal, clock: this.clock, on }) : makeLocal();
  }

  get channels() { return this.connection.channels; }
  get cursor() { return this.connection.cursor; }

  // What carries the messages: "websocket", "eventstream", "longpoll", "polling" (REST), or null.
  get transport() { return this.connection.transport ?? (this.polling ? "polling" : null); }

  setAuth(auth = {}) {
    super.setAuth(auth);
    this.connection.setOwner?.(auth.owner ?? null);
  }

  disconnect() {
    this.#missed = null;
    super.disconnect();
  }

  subscribe(channels) {
    this.connection.subscribe(channels);
  }

  unsubscribe(channels) {
    this.connection.unsubscribe(channels);
  }

  setPolling(wanted) {
    super.setPolling(wanted);
    this.emit("transport", this.transport);
  }

  #feedHandlers() {
    return {
      state: (state, detail) => this.stateChanged(state, detail),
      transport: () => this.emit("transport", this.transport),
      message: (message) => this.#deliver(message),
      pong: () => this.#pong(),
      subscribed: (message, how) => this.#subscribed(message, how),
      resync: (message) => this.#resync(message),
      refused: () => { this.#missed = null; },
      error: (message) => this.emit("error", message),
      stuck: (stuck) => this.setPolling(stuck),
      reached: (reachable) => this.reached(reachable),
    };
  }

  // --- what the connection says ------------------------------------------------------------

  stateChanged(state, detail) {
    if (detail.previous === "live") this.#missed = null; // an unfinished catching up goes with its socket
    super.stateChanged(state, detail);
  }

  #subscribed(message, { resumed, first, added }) {
    this.emit("subscribed", message);
    this.nowCurrent({ resumed });
    if (resumed) this.#startCatchingUp();
    this.emit("refresh", resumed ? "resumed" : first || added ? "subscribed" : "resync");
  }

  // What was missed follows the acknowledgement, but nothing says which message is its last: the
  // catching up ends with a ping whose answer comes when nothing else has come for a while.
  #startCatchingUp() {
    if (this.#missed) return;
    this.#missed = { count: 0, exact: true, seen: 0, rounds: 0, asked: null };
    this.emit("syncing");
    this.#awaitQuiet(this.#missed);
  }

  #awaitQuiet(missed) {
    const { seen } = missed;
    missed.rounds += 1;
    this.clock.setTimeout(() => {
      if (missed !== this.#missed || this.state !== "live") return;
      missed.asked = seen;
      if (this.connection.transport === "websocket") this.probe();
      else this.#pong(); // a stream or a poll has said all it knows by now
    }, QUIET_FOR);
  }

  #pong() {
    const missed = this.#missed;
    if (!missed || missed.asked === null) return;
    const quiet = missed.seen === missed.asked;
    missed.asked = null;
    if (!quiet && missed.rounds < MOST_ROUNDS) return void this.#awaitQuiet(missed);
    this.#missed = null;
    this.emit("synced", { count: missed.count, exact: missed.exact });
  }

  #resync(message) {
    this.#startCatchingUp();
    this.#missed.exact = false;
    this.emit("resync", message);
    this.emit("refresh", "resync");
  }

  #deliver(message) {
    this.#countMissed(message);
    this.emit("message", message);
    this.emit(message.type, message);
  }

  // Figures are sent once after every resume, and snapshots replace: neither was missed.
  #countMissed({ type, polled }) {
    if (!this.#missed || polled) return;
    this.#missed.seen += 1;
    if (!FIGURES.has(type) && type !== "snapshot") this.#missed.count += 1;
  }

  // --- the polling fallback ----------------------------------------------------------------

  // Of the figures and lists that the contract's front ends poll, those that somebody listens for; everything
  // else is fetched again by whoever shows it.
  #pollJobs(upcomingEvery, statsEvery) {
    const deliver = (kind, path, make) => async (current) => {
      if (![...this.connection.wanted].some((channel) => channel.endsWith(kind))) return;
      const { data, position } = await this.rest.get(path);
      if (current()) this.#deliver({ ...make(data), cursor: position, polled: true });
    };
    return [
      { name: "upcoming", every: upcomingEvery,
        run: deliver("_reservations", "/api/reservations/upcoming", (reservations) => ({ type: "upcoming_list", reservations })) },
      { name: "stats", every: statsEvery,
        run: deliver("_stats", "/api/dashboard/stats", (stats) => ({ type: "stats_update", stats })) },
      { name: "refresh", every: upcomingEvery,
        run: async (current) => {
          const verdict = await this.checkSession();
          if (!current()) return;
          if (verdict === "ok") this.emit("refresh", "polled");
          if (verdict === "ended") this.sessionEnded();
        } },
    ];
  }
}
