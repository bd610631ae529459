// The reservation book: one business day of reservations, and the tables of the house.
//
//   const book = new Book({ client, formats });   book.onChange(draw);   await book.load();   await book.show(day);
//
// Both are lists that stay current by messages. Knows nothing of the DOM.

import { LiveList } from "../lib/live-list.js";
import { heardReservation } from "../ui/heard.js";
import { inOrder } from "./party.js";

const TOLD_AFTER = 16;
const DAY_CHECK = 30000;

export class Book {
  #client;
  #formats;
  #listeners = new Set();
  #reservations;
  #tables;
  #told = null;

  day;
  today;
  ready = false; // is what is known of the day that is shown?

  constructor({ client, formats }) {
    this.#client = client;
    this.#formats = formats;
    this.today = formats.isoDay(new Date());
    this.day = this.today;
    this.#reservations = new LiveList({ client, path: this.#path(this.day),
      hears: { new_reservation: heardReservation, reservation_update: heardReservation } });
    this.#tables = new LiveList({ client, path: "/api/tables?limit=200", read: ({ items }) => items, hears: { table_update: ({ table }) => table } });
    for (const list of [this.#reservations, this.#tables]) list.onChange(() => this.#tell());
  }

  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async load() {
    await Promise.all([this.show(this.day), this.#tables.load()]);
    setInterval(() => this.#checkDay(), DAY_CHECK);
  }

  async show(day) {
    this.day = day;
    this.ready = false;
    this.#tell();
    await this.#reservations.load(this.#path(day));
    if (this.day !== day) return;
    this.ready = true;
    this.#tell();
  }

  get tables() { return this.#tables.values().sort((a, b) => a.number - b.number); }
  table(id) { return this.#tables.get(id); }
  tableName(id) { return this.table(id)?.tableNumber ?? null; }

  reservation(id) { return this.#reservations.get(id); }

  // Messages tell of other days too.
  all() {
    return this.ready ? this.#reservations.values().filter((one) => this.#formats.isoDay(new Date(one.date)) === this.day).sort(inOrder) : [];
  }

  // Of another day, for a form that looks there.
  async of(day, options) {
    if (day === this.day && this.ready) return this.all();
    return (await this.#client.rest.get(this.#path(day), options)).data;
  }

  put(reservation, position) {
    this.#reservations.put(reservation, position);
  }

  #path(day) {
    return `/api/restaurant/reservations?date=${day}&limit=200`;
  }

  #checkDay() {
    const now = this.#formats.isoDay(new Date());
    if (now === this.today) return this.#tell(); // how late somebody is changes by itself
    const follow = this.day === this.today;
    this.today = now;
    return follow ? this.show(now).catch(() => {}) : this.#tell();
  }

  // A burst of messages is one change.
  #tell() {
    this.#told ??= setTimeout(() => {
      this.#told = null;
      for (const listener of this.#listeners) listener();
    }, TOLD_AFTER);
  }
}
