// A clock that moves only when told, and a WebSocket that a test plays the server of.
// Used by the unit tests of www/lib that are about time; real sockets are in client.test.mjs.

export class FakeClock {
  now = 0;
  #timers = new Map();
  #last = 0;

  setTimeout = (action, delay) => {
    this.#timers.set(++this.#last, { at: this.now + delay, action });
    return this.#last;
  };

  clearTimeout = (id) => this.#timers.delete(id);

  // Lets pending promises settle, then fires what is due, in order.
  async advance(ms) {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = due[1].at;
      due[1].action();
      await settle();
    }
    this.now = end;
  }

  // Milliseconds until the next timer, for "when is the next attempt".
  get next() {
    return Math.min(...[...this.#timers.values()].map((t) => t.at)) - this.now;
  }
}

export async function settle() {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

export class FakeSocket {
  static made = [];
  readyState = 0;
  sent = [];
  closed = null;

  constructor() {
    FakeSocket.made.push(this);
  }

  static get last() {
    return FakeSocket.made.at(-1);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closed = code;
    this.readyState = 3;
  }

  // --- the server's side
  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message) {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  drop(code, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  actions() {
    return this.sent.map((message) => message.action);
  }
}
