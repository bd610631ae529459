// One tile of a dashboard: fetches its path, draws the answer, and knows when to fetch again.
//
// States (data-state): loading, ready, empty, error. Once drawn, a tile keeps what it shows while
// the server is away and is only marked stale. `touch(cursor)` is called when an event concerns the
// tile: a burst of events becomes one request, and an answer read before the event is asked again.
// Used by the dashboards; owns its requests and its timer.

import { el, flash, skeleton, stateMessage } from "./dom.js";
import { isOlder, laterPosition } from "./position.js";

const SETTLE = 120; // wait for the rest of a burst
const AT_MOST_EVERY = 1000;
const BEHIND_AGAIN = 300;
const BEHIND_TRIES = 6;

export class Tile {
  #root;
  #body;
  #rest;
  #path;
  #draw;
  #onSignedOut;
  #timer = null;
  #running = false;
  #again = false;
  #wanted = null; // the feed position that the shown answer must have reached
  #behind = 0;
  #lastStart = 0;
  #drawnPath = null;

  // draw(data, body) fills the body and returns false when there is nothing to show, or a text
  // to show in its place.
  constructor({ root, rest, path, draw, empty = "Nothing to show yet.", onSignedOut = () => {} }) {
    this.#root = root;
    this.#body = root.querySelector(".tile-body") ?? root;
    this.#rest = rest;
    this.#path = path;
    this.#draw = draw;
    this.#onSignedOut = onSignedOut;
    this.empty = empty;
    this.position = null;
    this.#loading();
  }

  // The last attempt to fetch it failed.
  get stale() {
    return this.#root.dataset.stale === "true" || this.#root.dataset.state === "error";
  }

  // Another period or range: what is shown belongs to the old one until the answer is here.
  setPath(path) {
    this.#path = path;
    return this.refresh();
  }

  touch(cursor) {
    this.#wanted = laterPosition(this.#wanted, cursor);
    this.#behind = 0;
    this.#later(Math.max(SETTLE, this.#lastStart + AT_MOST_EVERY - performance.now()));
  }

  async refresh() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    this.#stopTimer();
    this.#lastStart = performance.now();
    this.#root.setAttribute("aria-busy", "true");
    await this.#fetch(this.#path);
    this.#root.removeAttribute("aria-busy");
    this.#running = false;
    if (!this.#again) return;
    this.#again = false;
    await this.refresh();
  }

  async #fetch(path) {
    try {
      const { data, position, changed } = await this.#rest.get(path);
      if (path !== this.#path || isOlder(position, this.position)) return;
      this.position = laterPosition(this.position, position);
      if (changed || path !== this.#drawnPath || this.#root.dataset.state !== "ready") this.show(data);
      this.#drawnPath = path;
      delete this.#root.dataset.stale;
      this.#checkBehind(position);
    } catch (error) {
      this.#failed(error);
    }
  }

  // Data that came over the socket or from polling; older than what is shown, it is not drawn.
  showNewer(data, cursor) {
    if (isOlder(cursor, this.position)) return;
    this.position = laterPosition(this.position, cursor);
    delete this.#root.dataset.stale;
    this.show(data);
  }

  show(data) {
    const before = this.#path === this.#drawnPath ? figuresIn(this.#body) : new Map();
    const drawn = this.#draw(data, this.#body);
    flashChanged(this.#body, before);
    this.#root.dataset.state = drawn === false ? "empty" : "ready";
    if (drawn === false) this.#body.replaceChildren(stateMessage(this.empty));
  }

  #checkBehind(position) {
    if (!isOlder(position, this.#wanted) || this.#behind >= BEHIND_TRIES) return;
    this.#behind += 1;
    this.#later(BEHIND_AGAIN);
  }

  #failed(error) {
    if (error.signedOut) return this.#onSignedOut();
    if (this.#root.dataset.state === "ready" || this.#root.dataset.state === "empty") {
      this.#root.dataset.stale = "true";
      return undefined;
    }
    this.#root.dataset.state = "error";
    const again = el("button", { class: "button compact", type: "button", onclick: () => this.refresh() }, "Try again");
    const text = error.status === 403 ? "Your role does not include these figures." : error.message;
    return this.#body.replaceChildren(stateMessage(text, error.status === 403 ? null : again));
  }

  #loading() {
    this.#root.dataset.state = "loading";
    this.#body.replaceChildren(...skeleton(["1.5rem", "6rem", "1.5rem"]));
  }

  #later(delay) {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.refresh();
    }, delay);
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function figuresIn(body) {
  const known = new Map();
  for (const node of body.querySelectorAll("data[data-figure]")) {
    known.set(node.dataset.figure, { node, value: node.value });
  }
  return known;
}

// Only figures that were drawn anew: one that changed in place has said so itself (setFigure).
function flashChanged(body, before) {
  for (const node of body.querySelectorAll("data[data-figure]")) {
    const old = before.get(node.dataset.figure);
    if (old && old.node !== node && old.value !== node.value) flash(node);
  }
}
