// How long to wait before the next attempt: 1, 2, 4, 8, 16, 30, 30 ... seconds.
//
// Jitter keeps the upper bound and spreads over its lower half, so that a thousand pages that
// lost the same server do not come back in the same instant. Called by connection.js; owns
// nothing but the attempt counter.

export class Backoff {
  #base;
  #cap;
  #random;
  #attempt = 0;

  constructor({ base = 1000, cap = 30000, random = Math.random } = {}) {
    this.#base = base;
    this.#cap = cap;
    this.#random = random;
  }

  get attempt() {
    return this.#attempt;
  }

  // The next delay in milliseconds. A server's hint (also milliseconds) is a lower bound: it
  // knows how busy it is, but never shortens what the own counter asks for.
  next(hint = 0) {
    const step = Math.min(this.#cap, this.#base * 2 ** this.#attempt);
    this.#attempt += 1;
    const spread = step / 2 + (step / 2) * this.#random();
    return Math.round(Math.min(this.#cap, Math.max(spread, hint + (hint / 4) * this.#random())));
  }

  reset() {
    this.#attempt = 0;
  }
}

// The retry hint in a close reason, in milliseconds: a number with "ms" or "s", or seconds when
// it has no unit. A close reason is free text (RFC 6455 section 7.1.6), so no hint is no error.
export function retryHint(reason) {
  const found = /(\d+(?:\.\d+)?)\s*(ms|s)?/.exec(reason ?? "");
  if (!found) return 0;
  return Number(found[1]) * (found[2] === "ms" ? 1 : 1000);
}
