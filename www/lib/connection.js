// The language of /ws on a LiveSocket: subscribe, resume by position, resync.
//
// Knows the protocol's envelope (status, cursor, error, resync) and nothing of what the messages
// mean. Used by feed.js; owns the channel set and the resume position.

import { LiveSocket } from "./live-socket.js";
import { laterPosition } from "./position.js";

// Errors that say nothing against the request itself.
const PASSING = new Set(["unavailable", "timeout", "overloaded", "restart", "internal"]);

export class Connection extends LiveSocket {
  #wanted = new Set();
  #granted = new Set();
  #session = null;
  #cursor = null;
  #resuming = false;

  // As LiveSocket; on: also {message, subscribed, refused, resync, error}.

  get cursor() { return this.#cursor; }
  get channels() { return [...this.#granted]; }

  subscribe(channels) {
    const added = channels.filter((name) => !this.#wanted.has(name));
    for (const name of added) this.#wanted.add(name);
    if (this.state === "live" && added.length) this.send({ action: "subscribe", channels: added });
  }

  unsubscribe(channels) {
    for (const name of channels) {
      this.#wanted.delete(name);
      this.#granted.delete(name);
    }
    if (this.state === "live") this.send({ action: "unsubscribe", channels });
  }

  // What came another way meanwhile: the next resume begins behind it.
  advance(cursor) {
    this.#cursor = laterPosition(this.#cursor, cursor);
  }

  // --- the language -------------------------------------------------------------------------

  forget() {
    this.#session = this.#cursor = null;
    this.#granted.clear();
  }

  hello() {
    this.#resuming = Boolean(this.#session && this.#cursor);
    if (this.#resuming) {
      this.send({ action: "resume", session: this.#session, cursor: this.#cursor });
    } else {
      this.#subscribeFresh();
    }
  }

  receive(message) {
    if (message.status) this.#acknowledged(message);
    else if (message.type === "error") this.#failed(message);
    else if (message.type !== "pong") this.call(message.type === "resync" ? "resync" : "message", message);
    if (message.session) this.#session = message.session;
    this.#cursor = laterPosition(this.#cursor, message.cursor);
  }

  // After a refused resume too: nothing that the old session held is known any more.
  #subscribeFresh() {
    this.#resuming = false;
    this.forget();
    this.send({ action: "subscribe", channels: [...this.#wanted] });
  }

  #acknowledged(message) {
    for (const name of message.channels ?? []) {
      if (message.status === "unsubscribed") this.#granted.delete(name);
      else this.#granted.add(name);
    }
    if (this.state === "live") {
      this.call("subscribed", message, { first: false, resumed: false, added: true });
      return;
    }
    const how = { first: !this.everLive, resumed: this.#resuming, added: false };
    this.#live();
    this.call("subscribed", message, how);
  }

  #live() {
    const missing = [...this.#wanted].filter((name) => !this.#granted.has(name));
    if (this.#resuming && missing.length) this.send({ action: "subscribe", channels: missing });
    this.#resuming = false;
    this.becomeLive();
  }

  // A resume that fails for the moment is tried again with the same session on another socket;
  // one that is refused for good is given up.
  #failed(message) {
    if (!this.#resuming) {
      this.call("error", message);
    } else if (PASSING.has(message.code)) {
      this.giveUp();
    } else {
      this.call("refused", message);
      this.#subscribeFresh();
    }
  }
}
