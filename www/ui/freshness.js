// How fresh a tile is: "Updated 12s ago", ticking, and a grey tile once nobody can vouch for it any more.
//
//   const fresh = new Freshness(root);   fresh.confirm()   fresh.doubt()
//
// A tile is current while its last answer is younger than two revalidations and nothing has failed since. It sets
// data-stale of the tile and data-fresh-at (milliseconds) of its own line; one clock ticks for all tiles of a page.

import { el, setText } from "./dom.js";
import { agoText } from "./format.js";
import { locale, t } from "./i18n.js";
import { icon } from "./icon.js";

const TICK = 1000;
const CURRENT_FOR = 130_000;
const all = new Set();
let clock = null;

export class Freshness {
  #root;
  #text = el("span");
  #at = null;
  #doubted = false;

  constructor(root) {
    this.#root = root;
    this.node = el("p", { class: "fresh", hidden: true }, icon("clock-alert"), this.#text);
    root.append(this.node);
    all.add(this);
    clock ??= setInterval(() => { for (const one of all) one.show(); }, TICK);
  }

  get stale() { return this.#root.dataset.stale === "true"; }

  // What is shown was true just now.
  confirm(at = Date.now()) {
    this.#at = at;
    this.#doubted = false;
    this.node.dataset.freshAt = at;
    this.node.hidden = false;
    this.show();
  }

  // An attempt to renew it failed; what is shown may be old.
  doubt() {
    this.#doubted = true;
    this.show();
  }

  show(now = Date.now()) {
    if (this.#at === null) return;
    const stale = this.#doubted || now - this.#at > CURRENT_FOR;
    if (stale) this.#root.dataset.stale = "true";
    else delete this.#root.dataset.stale;
    const ago = agoText(this.#at, now, locale());
    const text = stale ? t("common.notCurrent", { ago }) : t("common.updated", { ago });
    setText(this.#text, text);
  }
}
