// One tile of a dashboard: draws the answer of its path, and says how it stands.
//
// States (data-state): loading, ready, empty, error. Once drawn, a tile keeps what it shows while
// the server is away and is only marked stale (freshness.js). When to fetch is refresher.js's business. Used by
// dashboard.js; owns its part of the page.

import { el, flash, skeleton, stateMessage } from "./dom.js";
import { explain } from "./explain.js";
import { Freshness } from "./freshness.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";
import { Refresher } from "./refresher.js";

export class Tile {
  #root;
  #body;
  #draw;
  #onSignedOut;
  #refresher;
  #drawnPath = null;
  #fresh;

  // draw(data, body) fills the body and returns false when there is nothing to show.
  constructor({ root, rest, path, draw, empty = t("common.nothingYet"), onSignedOut = () => {} }) {
    this.#root = root;
    this.#body = root.querySelector(".tile-body") ?? root;
    this.#draw = draw;
    this.#onSignedOut = onSignedOut;
    this.empty = empty;
    this.#fresh = new Freshness(root);
    this.#refresher = new Refresher({ rest, path, on: {
      busy: (busy) => (busy ? root.setAttribute("aria-busy", "true") : root.removeAttribute("aria-busy")),
      answer: (data, how) => this.#answered(data, how),
      error: (error) => this.#failed(error),
    } });
    this.#loading();
  }

  // The last attempt to fetch it failed.
  get stale() {
    return this.#fresh.stale || this.#root.dataset.state === "error";
  }

  refresh() {
    return this.#refresher.refresh();
  }

  setPath(path) {
    return this.#refresher.setPath(path);
  }

  touch(cursor) {
    this.#refresher.touch(cursor);
  }

  // Data that came over the socket or from polling; older than what is shown, it is not drawn.
  showNewer(data, cursor) {
    if (!this.#refresher.accept(cursor)) return;
    this.#show(data);
    this.#fresh.confirm();
  }

  #answered(data, { changed, path }) {
    if (changed || path !== this.#drawnPath || this.#root.dataset.state !== "ready") this.#show(data);
    this.#drawnPath = path;
    this.#fresh.confirm();
  }

  // Figures flash for news, not because another period was chosen.
  #show(data) {
    const before = this.#refresher.path === this.#drawnPath ? figuresIn(this.#body) : new Map();
    const drawn = this.#draw(data, this.#body);
    flashChanged(this.#body, before);
    this.#root.dataset.state = drawn === false ? "empty" : "ready";
    if (drawn === false) this.#body.replaceChildren(stateMessage(this.empty, null, icon("inbox")));
  }

  #failed(error) {
    if (error.signedOut) return this.#onSignedOut();
    if (this.#root.dataset.state === "ready" || this.#root.dataset.state === "empty") {
      return this.#fresh.doubt();
    }
    this.#root.dataset.state = "error";
    return this.#body.replaceChildren(this.#complaint(error));
  }

  #complaint(error) {
    if (error.status === 403) return stateMessage(t("common.notForRole"), null, icon("lock"));
    const again = el("button", { class: "button compact", type: "button", onclick: () => this.refresh() },
      icon("refresh-cw"), t("common.tryAgain"));
    return stateMessage(explain(error), again, icon("cloud-off"));
  }

  #loading() {
    this.#root.dataset.state = "loading";
    this.#body.replaceChildren(...skeleton(["1.5rem", "6rem", "1.5rem"]));
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
