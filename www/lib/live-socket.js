// One WebSocket that is kept up, whatever language it speaks: open, ping, notice a loss, come back.
//
// A browser cannot see protocol pings, nor why an upgrade was refused (always 1006): hence the own
// ping, and `checkSession` before another try. The languages are subclasses (connection.js: /ws,
// admin-connection.js): they say hello(), take the messages in receive(), and call becomeLive().
// Owns the socket, its timers and the state.

import { Backoff, retryHint } from "./backoff.js";

export const DEFAULTS = Object.freeze({
  pingEvery: 3000, // with pongWithin: a loss is noticed within 5 s
  pongWithin: 2000,
  openWithin: 5000, // handshake and first acknowledgement
  disconnectedAfter: 30000, // from then on the state is "disconnected", still trying
});

// What to do after a close, by its code; any other code: simply come back.
const AFTER_CLOSE = {
  1006: { check: true },
  1012: { hint: true },
  1013: { hint: true },
  4003: { check: true, soon: true },
  4004: { check: true, soon: true },
  4008: { slow: true },
};
const NORMAL_CLOSURE = 1000;
const SLOW_RETRY = 30000;

const REAL_CLOCK = {
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (id) => clearTimeout(id),
};

export class LiveSocket {
  #settings;
  #clock;
  #backoff;
  #makeSocket;
  #checkSession;
  #on;
  #socket = null;
  #timers = {};
  #state = "idle";
  #failures = 0;
  #everLive = false;
  #checking = null;

  // makeSocket() -> a WebSocket; checkSession() -> "ok", "ended" or "unreachable";
  // on: {state, opening, pong, retry, ...the language's own}, each optional.
  constructor({ makeSocket, checkSession, on = {}, clock = REAL_CLOCK, random, ...settings }) {
    this.#makeSocket = makeSocket;
    this.#checkSession = checkSession;
    this.#on = on;
    this.#clock = clock;
    this.#backoff = new Backoff({ random });
    this.#settings = { ...DEFAULTS, ...settings };
  }

  get state() { return this.#state; }
  get failures() { return this.#failures; }
  get everLive() { return this.#everLive; }

  // --- what a language brings ---------------------------------------------------------------

  hello() {} // the socket is open
  receive(_message) {} // one message, pong excepted
  forget() {} // a later connect() starts fresh

  // --- for everybody ------------------------------------------------------------------------

  connect() {
    if (this.#state !== "idle" && this.#state !== "ended") return;
    this.#backoff.reset();
    this.#failures = 0;
    this.#enter("connecting");
    this.#startDisconnectedTimer();
    this.#open();
  }

  disconnect() {
    this.#drop(NORMAL_CLOSURE);
    this.#clearAll();
    this.forget();
    this.#enter("idle");
  }

  send(message) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  // The network came back or the page became visible: do not wait out the delay.
  retryNow() {
    if (!this.#timers.retry) return;
    this.#stopTimer("retry");
    this.#attempt(true);
  }

  // Something hints at a loss: find out now instead of at the next ping.
  probe() {
    if (this.#state === "live") this.#ping();
  }

  // --- for the language ---------------------------------------------------------------------

  becomeLive() {
    this.#everLive = true;
    this.#failures = 0;
    this.#stopTimer("open");
    this.#stopTimer("disconnected");
    this.#enter("live");
    this.#ping();
  }

  // This socket is of no use: another one, after the usual delay.
  giveUp() {
    this.#giveUp(this.#socket);
  }

  // A page's mistake in a handler must not stop the stream.
  call(name, ...args) {
    try {
      this.#on[name]?.(...args);
    } catch (error) {
      console.error(error);
    }
  }

  // --- opening ------------------------------------------------------------------------------

  #open() {
    let socket;
    try {
      socket = this.#makeSocket();
    } catch (error) {
      console.error(error);
      this.#lost(socket, 1006, "");
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.call("opening");
      this.hello();
    };
    socket.onmessage = (event) => this.#take(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
    socket.onerror = () => {}; // always followed by a close, which says more
    this.#startTimer("open", this.#settings.openWithin, () => this.#giveUp(socket));
  }

  #take(socket, text) {
    if (socket !== this.#socket) return;
    this.#stopTimer("pong");
    const message = parseMessage(text);
    if (!message) return;
    if (message.type === "pong") {
      this.#backoff.reset(); // an open socket is no proof of health, an answered ping is
      this.call("pong", message);
    }
    this.receive(message);
  }

  // --- noticing a loss ----------------------------------------------------------------------

  #ping() {
    const socket = this.#socket;
    if (!this.send({ action: "ping" })) return;
    if (!this.#timers.pong) {
      this.#startTimer("pong", this.#settings.pongWithin, () => this.#giveUp(socket));
    }
    this.#startTimer("ping", this.#settings.pingEvery, () => this.#ping());
  }

  // A dead peer answers no closing handshake either, so its close event may come very late.
  #giveUp(socket) {
    if (socket !== this.#socket) return;
    this.#drop(4000);
    this.#lost(null, 1006, "");
  }

  #lost(socket, code, reason) {
    if (socket !== this.#socket && socket) return;
    this.#socket = null;
    for (const name of ["open", "ping", "pong"]) this.#stopTimer(name);
    const wasLive = this.#state === "live";
    if (!wasLive) this.#failures += 1;
    else this.#startDisconnectedTimer();
    const next = AFTER_CLOSE[code] ?? {};
    if (wasLive) this.#enter("reconnecting", { code });
    this.#retry(next, wasLive, next.hint ? retryHint(reason) : 0);
  }

  #retry({ check = false, soon = false, slow = false }, wasLive, hint) {
    let delay = this.#backoff.next(slow ? SLOW_RETRY : hint);
    if (soon && wasLive) delay = 0;
    this.#startTimer("retry", delay, () => this.#attempt(check));
    this.call("retry", { delay, failures: this.#failures, crowded: slow });
  }

  async #attempt(check) {
    this.#stopTimer("retry");
    if (!check) return this.#open();
    const ticket = (this.#checking = Symbol("checking"));
    const verdict = await this.#checkSession();
    if (this.#checking !== ticket) return undefined; // disconnected meanwhile
    this.#checking = null;
    if (verdict === "ended") return this.#end();
    if (verdict === "ok") return this.#open();
    return this.#lost(null, 1006, "");
  }

  #end() {
    this.#clearAll();
    this.forget();
    this.#enter("ended");
  }

  // --- small things -------------------------------------------------------------------------

  #enter(state, detail = {}) {
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    this.call("state", state, { previous, ...detail });
  }

  #startDisconnectedTimer() {
    this.#startTimer("disconnected", this.#settings.disconnectedAfter, () => {
      this.#stopTimer("disconnected");
      this.#enter("disconnected");
    });
  }

  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code === NORMAL_CLOSURE ? code : 4000);
  }

  #startTimer(name, delay, action) {
    this.#stopTimer(name);
    this.#timers[name] = this.#clock.setTimeout(() => {
      delete this.#timers[name];
      action();
    }, delay);
  }

  #stopTimer(name) {
    this.#clock.clearTimeout(this.#timers[name]);
    delete this.#timers[name];
  }

  #clearAll() {
    this.#checking = null;
    for (const name of Object.keys(this.#timers)) this.#stopTimer(name);
  }
}

// A browser can't set headers on a WebSocket: the token goes as a subprotocol.
export function socketMaker({ origin, WebSocket, path, token }) {
  return () => new WebSocket(`${origin.replace(/^http/, "ws")}${path}`, token() ? ["bearer", token()] : []);
}

function parseMessage(text) {
  if (text === "pong" || text === '"pong"') return { type: "pong" };
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
