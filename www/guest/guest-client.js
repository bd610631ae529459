// The client of a guest's page: the socket of the table's session (or of the one order), and one of each order.
//
//   const client = new GuestClient({ token, subject });      client.connect();      client.follow([order ids])
//
// Messages are told by their type (session_status, session_update, order_update, call_update, table_closed ...) as
// DashboardClient does, "refresh" where lists must be read again, "over" when the table is closed. Each of these
// sockets begins with how things are, so nothing is resumed. While nothing live gets through REST is polled.

import { LiveClient } from "../lib/live-client.js";
import { LiveSocket, socketMaker } from "../lib/live-socket.js";

const POLL_EVERY = 5000;
const POLL_AFTER_FAILURES = 3;
const GONE = new Set(["not_found", "forbidden"]);

// The language of the sockets of one thing: state first, then what changes.
class ThingSocket extends LiveSocket {
  receive(message) {
    if (message.type === "pong") return;
    if (message.type === "error") return void this.call("refused", message);
    if (this.state !== "live") this.becomeLive();
    this.call("message", message);
  }
}

export class GuestClient extends LiveClient {
  #sockets = new Map(); // order id -> its socket
  #followed = new Set();

  constructor({ token, subject, storage }) {
    super({ storage });
    this.setAuth({ token, owner: `guest.${subject.session ?? `order.${subject.order}`}` });
    this.setPollJobs([{ name: "lists", every: POLL_EVERY, run: async (current) => {
      await this.rest.get("/api/user/profile"); // is one still a guest here?
      if (current()) this.emit("refresh", "polled");
    } }]);
    this.connection = this.#socketTo(subject.session ? `/ws/tables/sessions/${subject.session}/` : `/ws/orders/${subject.order}/`, {
      state: (state, detail) => this.stateChanged(state, detail),
      retry: ({ failures, crowded }) => this.setPolling(crowded || failures >= POLL_AFTER_FAILURES),
      refused: ({ code }) => { if (GONE.has(code)) this.sessionEnded(); },
    });
  }

  get transport() { return this.state === "live" ? "websocket" : this.polling ? "polling" : null; }

  // The orders whose steps are to be heard of.
  follow(ids) {
    this.#followed = new Set(ids);
    for (const [id, socket] of this.#sockets) if (!this.#followed.has(id)) { socket.disconnect(); this.#sockets.delete(id); }
    if (this.state !== "live") return;
    for (const id of this.#followed) {
      if (this.#sockets.has(id)) continue;
      const socket = this.#socketTo(`/ws/orders/${id}/`);
      this.#sockets.set(id, socket);
      socket.connect();
    }
  }

  disconnect() {
    for (const socket of this.#sockets.values()) socket.disconnect();
    this.#sockets.clear();
    super.disconnect();
  }

  stateChanged(state, detail) {
    super.stateChanged(state, detail);
    this.emit("transport", this.transport);
    if (state !== "live") return;
    this.nowCurrent({ resumed: false });
    this.emit("refresh", "subscribed");
    for (const socket of this.#sockets.values()) socket.retryNow();
    this.follow(this.#followed);
  }

  #socketTo(path, on = {}) {
    return new ThingSocket({ clock: this.clock, checkSession: () => this.checkSession(),
      makeSocket: socketMaker({ origin: this.origin, WebSocket: this.WebSocket, path, token: () => this.bearer() }),
      on: { ...on, message: (message) => this.#deliver(message) } });
  }

  #deliver(message) {
    this.emit("message", message);
    this.emit(message.type, message);
    if (message.type === "table_closed") this.emit("over");
  }
}
