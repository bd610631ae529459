// Repeats jobs while the socket is down: each at once, then `every` milliseconds after it ended.
//
// A job is {name, every, run}; a run that fails is reported and tried again at its next turn, and
// no job ever overlaps itself. Used by maitred-client.js; owns its timers.

export class Poller {
  #jobs;
  #clock;
  #onError;
  #timers = new Map();
  #round = 0;
  #running = false;

  constructor({ jobs, clock, onError = () => {} }) {
    this.#jobs = jobs;
    this.#clock = clock;
    this.#onError = onError;
  }

  get running() {
    return this.#running;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#round += 1;
    for (const job of this.#jobs) this.#turn(job, this.#round);
  }

  stop() {
    this.#running = false;
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }

  async #turn(job, round) {
    try {
      await job.run(() => this.#current(round));
    } catch (error) {
      if (this.#current(round)) this.#onError(error, job.name);
    }
    if (!this.#current(round)) return;
    this.#timers.set(job.name, this.#clock.setTimeout(() => this.#turn(job, round), job.every));
  }

  // An answer that comes after stop() belongs to nobody any more.
  #current(round) {
    return this.#running && round === this.#round;
  }
}
