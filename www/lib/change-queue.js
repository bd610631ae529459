// Changes that were made while the server could not be reached: kept in order, sent later, each once.
//
// A change is {key, method, path, body, label, at}. Each is an entry of its own in the storage, so that tabs
// which share it never overwrite each other's; its idempotency key makes a second sending harmless, whoever
// sends it: another tab, or this page after a reload in the middle. Used by live-client.js.

import { ApiError } from "./rest.js";

const PREFIX = "maitred.queue.";
const RETRY = { from: 2000, to: 30000 };
const KEY_LASTS = 24 * 3600 * 1000; // how long the server knows an idempotency key
const NOBODY = "nobody";

// What a page without storage has, and Node.
export class MemoryStorage {
  #map = new Map();
  get length() { return this.#map.size; }
  key(i) { return [...this.#map.keys()][i] ?? null; }
  getItem(name) { return this.#map.get(name) ?? null; }
  setItem(name, value) { this.#map.set(name, String(value)); }
  removeItem(name) { this.#map.delete(name); }
}

// The server did not take it, and would not mind to get it again.
export const passes = (error) => error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500;

export class ChangeQueue {
  #storage;
  #rest;
  #clock;
  #locks;
  #on;
  #owner = NOBODY;
  #count = 0;
  #sending = false;
  #timer = null;
  #delay = RETRY.from;

  // on: {changed(list), sent(change, {data, position}), replayed({done, refused: [{change, error}]})}
  constructor({ storage = new MemoryStorage(), rest, clock, locks = null, on }) {
    this.#storage = storage;
    this.#rest = rest;
    this.#clock = clock;
    this.#locks = locks;
    this.#on = on;
  }

  // Whose changes these are: nobody else's are shown or sent.
  setOwner(owner) {
    this.#owner = owner ?? NOBODY;
    this.#on.changed(this.list());
  }

  // In the order in which they were made.
  list() {
    const names = Array.from({ length: this.#storage.length }, (_, i) => this.#storage.key(i));
    return names.filter((name) => name?.startsWith(this.#prefix)).sort()
      .map((name) => ({ name, ...JSON.parse(this.#storage.getItem(name)) }));
  }

  get size() { return this.list().length; }

  add(change) {
    this.#count += 1;
    const at = Date.now();
    const place = `${String(at).padStart(15, "0")}.${String(this.#count).padStart(6, "0")}`;
    this.#storage.setItem(`${this.#prefix}${place}.${change.key}`, JSON.stringify({ ...change, at }));
    this.#on.changed(this.list());
    this.#later();
  }

  // Another tab added or sent one.
  touched(name) {
    if (name === null || name.startsWith(this.#prefix)) this.#on.changed(this.list());
  }

  // Sends what waits; resolves when nothing does, or when the server is away still.
  async replay() {
    if (this.#sending || !this.size) return;
    this.#sending = true;
    this.#stop();
    const outcome = { done: 0, refused: [] };
    try {
      const all = () => this.#sendAll(outcome);
      await (this.#locks ? this.#locks.request(this.#prefix, all) : all());
    } finally {
      this.#sending = false;
    }
    if (outcome.done || outcome.refused.length) this.#on.replayed(outcome);
    if (this.size) this.#later();
    else this.#delay = RETRY.from;
  }

  stop() {
    this.#stop();
  }

  get #prefix() { return `${PREFIX}${this.#owner}.`; }

  async #sendAll(outcome) {
    for (let [change] = this.list(); change; [change] = this.list()) {
      if (!(await this.#send(change, outcome))) return;
    }
  }

  // -> false when the rest has to wait.
  async #send({ name, ...change }, outcome) {
    try {
      if (Date.now() - change.at > KEY_LASTS) throw new ApiError(0, { code: "too_old", detail: "It waited for more than a day." });
      const answer = await this.#rest.write(change.method, change.path, change.body, { key: change.key });
      outcome.done += 1;
      this.#drop(name);
      this.#on.sent(change, answer);
    } catch (error) {
      if (error.signedOut || (passes(error) && error.code !== "too_old")) {
        this.#delay = Math.max(this.#delay, error.retryAfter ?? 0);
        return false;
      }
      outcome.refused.push({ change, error });
      this.#drop(name);
    }
    return true;
  }

  #drop(name) {
    this.#storage.removeItem(name);
    this.#on.changed(this.list());
  }

  #later() {
    if (this.#timer !== null) return;
    this.#timer = this.#clock.setTimeout(() => { this.#timer = null; this.replay(); }, this.#delay);
    this.#delay = Math.min(RETRY.to, this.#delay * 2);
  }

  #stop() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
