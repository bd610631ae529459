// What is free in a range of nights, asked while dates are typed: a moment after the last key, one question at a
// time, and an answer that nobody waits for any more is dropped on the way.

const AFTER = 180;

export class FreeNights {
  #rest;
  #on;
  #timer = null;
  #stop = null;
  #asked = "";

  // on: {busy(bool), answer(availability), error(error)}
  constructor({ rest, on }) {
    this.#rest = rest;
    this.#on = on;
  }

  ask(from, to, { again = false } = {}) {
    const path = `/api/hotel/rooms/availability?startDate=${from}&endDate=${to}`;
    if (path === this.#asked && !again) return;
    this.#asked = path;
    this.#on.busy(true);
    clearTimeout(this.#timer);
    this.#stop?.abort();
    this.#timer = setTimeout(() => this.#fetch(path), AFTER);
  }

  end() {
    clearTimeout(this.#timer);
    this.#stop?.abort();
  }

  async #fetch(path) {
    const stop = this.#stop = new AbortController();
    try {
      const { data } = await this.#rest.get(path, { signal: stop.signal });
      if (stop === this.#stop) this.#on.answer(data);
    } catch (error) {
      if (!stop.signal.aborted) this.#on.error(error);
    } finally {
      if (stop === this.#stop) this.#on.busy(false);
    }
  }
}
