// The feed that all tabs of a browser share: a SharedWorker (feed-worker.js) holds the one connection.
//
// The same face as Feed. Where there is no SharedWorker, or it does not answer, it makes a feed of its own
// (`makeLocal`), and nobody notices. Used by maitred-client.js; owns the port.

import { laterPosition } from "./position.js";

const ANSWER_WITHIN = 3000;
const PROTOCOL = 1; // of the messages between tab and worker: tabs of another version have a worker of their own

export class SharedFeed {
  #makeLocal;
  #clock;
  #on;
  #owner = null;
  #wanted = new Set();
  #local = null;
  #worker = null;
  #port = null;
  #timer = null;
  #state = "idle";
  #transport = null;
  #cursor = null;

  // on: as of Feed, and reached(bool): what the worker knows of REST.
  constructor({ makeLocal, clock, on }) {
    this.#makeLocal = makeLocal;
    this.#clock = clock;
    this.#on = on;
    this.#startWorker(); // takes its time, in which the page asks and draws
  }

  get state() { return this.#local?.state ?? this.#state; }
  get transport() { return this.#local?.transport ?? this.#transport; }
  get wanted() { return this.#wanted; }
  get channels() { return this.#local?.channels ?? [...this.#wanted]; }
  get cursor() { return this.#local?.cursor ?? this.#cursor; }

  // Whose session it is: a worker that holds another's drops it first.
  setOwner(owner) {
    this.#owner = owner;
  }

  connect() {
    if (this.#local) return void this.#local.connect();
    if (this.#state !== "idle" && this.#state !== "ended") return undefined;
    this.#enter("connecting");
    this.#openPort();
    this.#say("join", { owner: this.#owner, channels: [...this.#wanted] });
    return undefined;
  }

  disconnect() {
    if (this.#local) return void this.#local.disconnect();
    this.#say("leave");
    this.#closePort();
    this.#cursor = null;
    this.#tellTransport(null);
    this.#enter("idle");
    return undefined;
  }

  subscribe(channels) { this.#change("subscribe", channels, (name) => this.#wanted.add(name)); }
  unsubscribe(channels) { this.#change("unsubscribe", channels, (name) => this.#wanted.delete(name)); }
  retryNow() { this.#pass("retryNow"); }
  probe() { this.#pass("probe"); }

  // --- to the worker ------------------------------------------------------------------------

  #change(name, channels, each) {
    channels.forEach(each);
    if (this.#local) this.#local[name](channels);
    else this.#say(name, { channels });
  }

  #pass(name) {
    if (this.#local) this.#local[name]();
    else this.#say(name);
  }

  #say(wish, detail = {}) {
    this.#port?.postMessage({ wish, ...detail });
  }

  #startWorker() {
    try {
      this.#worker = new SharedWorker(new URL("./feed-worker.js", import.meta.url),
        { type: "module", name: `maitred-feed-${PROTOCOL}` });
      this.#worker.onerror = () => this.#goLocal();
    } catch {
      this.#goLocal();
    }
  }

  #openPort() {
    if (!this.#worker) this.#startWorker();
    if (this.#local) return;
    this.#port = this.#worker.port;
    this.#worker = null; // a port is good for one connection
    this.#port.onmessage = ({ data }) => this.#heard(data);
    this.#timer = this.#clock.setTimeout(() => this.#goLocal(), ANSWER_WITHIN);
  }

  #closePort() {
    this.#clock.clearTimeout(this.#timer);
    if (this.#port) this.#port.onmessage = null;
    this.#port?.close();
    this.#port = null;
  }

  #goLocal() {
    if (this.#local) return;
    this.#closePort();
    this.#local = this.#makeLocal();
    this.#local.subscribe([...this.#wanted]);
    if (this.#state !== "idle") this.#local.connect();
  }

  // --- from the worker ----------------------------------------------------------------------

  #heard({ name, args }) {
    this.#clock.clearTimeout(this.#timer);
    const [first] = args;
    if (name === "state") return this.#enter(first);
    if (name === "transport") return this.#tellTransport(first);
    this.#cursor = laterPosition(this.#cursor, first?.cursor);
    return this.#call(name, ...args);
  }

  #enter(state) {
    if (state === this.#state) return;
    const previous = this.#state;
    this.#state = state;
    if (state === "ended") this.#closePort();
    this.#call("state", state, { previous });
  }

  #tellTransport(transport) {
    if (transport === this.#transport) return;
    this.#transport = transport;
    this.#call("transport", transport);
  }

  #call(name, ...args) {
    this.#on[name]?.(...args);
  }
}
