// A TCP wire between browser and house that a test can cut: what a pulled cable, a restarting proxy
// or a network that swallows packets does, which the browser's own offline switch does not.

import net from "node:net";
import { once } from "node:events";

export class Wire {
  #target;
  #pairs = new Set();
  #server = net.createServer((socket) => this.#accept(socket));
  refuse = () => false; // (what the browser sends) -> break the connection?
  frozen = false;

  static async to(url) {
    const wire = new Wire();
    wire.#target = new URL(url);
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  // Resets every connection there is; new ones are made, or refused by `refuse`.
  cut() {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  // Nothing passes any more, in either direction, and nobody is told.
  freeze() {
    this.frozen = true;
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  // New connections pass again; the frozen ones stay dead.
  thaw() {
    this.frozen = false;
  }

  async close() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(near) {
    near.on("error", () => {});
    if (this.frozen) {
      near.pause();
      this.#pairs.add({ near, far: near });
      return;
    }
    near.once("data", (first) => {
      if (this.refuse(first.toString("latin1"))) near.destroy();
      else this.#join(near, first);
    });
  }

  #join(near, first) {
    const far = net.connect(Number(this.#target.port || 80), this.#target.hostname);
    const pair = { near, far };
    this.#pairs.add(pair);
    far.on("error", () => near.destroy());
    for (const [one, other] of [[near, far], [far, near]]) {
      one.on("close", () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
    far.write(first);
    near.on("data", (data) => { // a kept connection may carry what is refused by now
      if (this.refuse(data.toString("latin1"))) near.destroy();
      else far.write(data);
    });
    far.pipe(near);
    if (this.frozen) this.freeze();
  }
}

export const isSocketUpgrade = (first) => /^GET \/ws[ ?]/.test(first);
export const isStream = (first) => /^GET \/events[ ?]/.test(first);
export const isPoll = (first) => /^GET \/poll[ ?]/.test(first);
export const everything = () => true;
