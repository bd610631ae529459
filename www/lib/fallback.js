// What stands in for the WebSocket while that does not get through: an event stream, else long polls.
//
// start() begins with the first rung and goes down a rung when one does not come up; a rung that was up and is
// lost is tried again before the next. When none is left, `gone` says so, and another start() begins again.
// Used by feed.js, which also polls REST while even this is gone. Owns the rung that is open.

const UP_WITHIN = 5000;

export class Fallback {
  #rungs;
  #clock;
  #on;
  #open = null;
  #timer = null;
  #at = 0;
  #live = false;
  #channels = [];
  #since = null;

  // rungs: [{name, open({channels, since, on}) -> {close()}}]; on: {live(name, message), message, position, gone, doubt: is one still signed in?}
  constructor({ rungs, clock, on }) {
    this.#rungs = rungs;
    this.#clock = clock;
    this.#on = on;
  }

  get live() { return this.#live; }
  get running() { return this.#open !== null; }
  get transport() { return this.#live ? this.#rungs[this.#at].name : null; }

  start({ channels, since }) {
    if (this.running || !channels.length) return;
    this.#channels = channels;
    this.#since = since;
    this.#try(0);
  }

  stop() {
    this.#close();
    this.#live = false;
  }

  // Another set of channels, from where it is.
  change(channels) {
    if (!this.running) return;
    const at = this.#at;
    this.stop();
    this.#channels = channels;
    if (channels.length) this.#try(at);
  }

  // The network is gone: nothing that is open can be alive.
  lost() {
    if (this.#live) this.#down();
  }

  #try(at) {
    if (at >= this.#rungs.length) return void this.#on.gone();
    this.#at = at;
    const mine = (action) => (...args) => { if (this.#open === rung) action(...args); };
    const rung = {};
    this.#open = rung;
    rung.link = this.#rungs[at].open({ channels: this.#channels, since: this.#since, on: {
      up: mine((message) => this.#up(message)),
      message: mine((message) => this.#heard(message)),
      position: mine((cursor) => this.#moved(cursor)),
      down: mine((error) => this.#down(error)),
    } });
    this.#timer = this.#clock.setTimeout(mine(() => this.#down()), UP_WITHIN);
    return undefined;
  }

  #up(message) {
    this.#clock.clearTimeout(this.#timer);
    const resumed = Boolean(this.#since);
    this.#live = true;
    this.#moved(message.cursor);
    this.#on.live(this.#rungs[this.#at].name, message, { resumed });
  }

  #heard(message) {
    this.#on.message(message);
    this.#moved(message.cursor);
  }

  #moved(cursor) {
    this.#since = cursor ?? this.#since;
    this.#on.position(this.#since);
  }

  // Channels that the account may not hear are named by a poll alone.
  #down(error = null) {
    const wasLive = this.#live;
    if (error?.signedOut) this.#on.doubt();
    this.#close();
    this.#live = false;
    const refused = (error?.fields ?? []).map(({ detail }) => this.#channels.find((name) => detail?.startsWith(`${name} `)));
    const allowed = this.#channels.filter((name) => !refused.includes(name));
    const again = allowed.length < this.#channels.length && allowed.length > 0;
    this.#channels = allowed;
    if (again) this.#try(0);
    else this.#try(wasLive ? this.#at : this.#at + 1);
  }

  #close() {
    this.#clock.clearTimeout(this.#timer);
    const rung = this.#open;
    this.#open = null;
    rung?.link?.close();
  }
}
