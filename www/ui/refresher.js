// When to fetch an answer again: at once, after a burst of events, or because it was read too early.
//
// One a tile. touch(cursor) says that an event at this feed position may have changed the answer:
// a burst becomes one request, no more than one a second, and an answer that was read before the
// event is asked again, for a while. Answers older than what is shown are not given on. Knows
// nothing of the DOM; used by tile.js; owns its timer.

import { isOlder, laterPosition } from "../lib/position.js";

const SETTLE = 120; // wait for the rest of a burst
const AT_MOST_EVERY = 1000;
const BEHIND_AGAIN = 300;
const BEHIND_TRIES = 6;

const REAL_CLOCK = {
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (id) => clearTimeout(id),
  get now() { return performance.now(); },
};

export class Refresher {
  #rest;
  #path;
  #clock;
  #on;
  #timer = null;
  #running = false;
  #again = false;
  #wanted = null; // the position that the answer must have reached
  #behind = 0;
  #lastStart = -Infinity;
  #position = null; // of what is shown

  // on: {busy(bool), answer(data, {changed, path}), error(error)}
  constructor({ rest, path, on, clock = REAL_CLOCK }) {
    this.#rest = rest;
    this.#path = path;
    this.#on = on;
    this.#clock = clock;
  }

  get path() {
    return this.#path;
  }

  setPath(path) {
    this.#path = path;
    this.#position = null; // what is shown answers another question
    return this.refresh();
  }

  touch(cursor) {
    this.#wanted = laterPosition(this.#wanted, cursor);
    this.#behind = 0;
    this.#later(Math.max(SETTLE, this.#lastStart + AT_MOST_EVERY - this.#clock.now));
  }

  // Data that came another way: is it newer than what is shown? Then it counts as shown.
  accept(position) {
    if (isOlder(position, this.#position)) return false;
    this.#position = laterPosition(this.#position, position);
    return true;
  }

  async refresh() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#stopTimer();
    this.#lastStart = this.#clock.now;
    this.#on.busy(true);
    await this.#fetch(this.#path);
    this.#on.busy(false);
    this.#running = false;
    if (!this.#again) return;
    this.#again = false;
    await this.refresh();
  }

  async #fetch(path) {
    try {
      const { data, position, changed } = await this.#rest.get(path);
      if (path !== this.#path) return; // another period was chosen meanwhile
      if (this.accept(position)) this.#on.answer(data, { changed, path });
      this.#checkBehind(position);
    } catch (error) {
      this.#on.error(error);
    }
  }

  #checkBehind(position) {
    if (!isOlder(position, this.#wanted) || this.#behind >= BEHIND_TRIES) return;
    this.#behind += 1;
    this.#later(BEHIND_AGAIN);
  }

  #later(delay) {
    if (this.#timer !== null) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      this.refresh();
    }, delay);
  }

  #stopTimer() {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
