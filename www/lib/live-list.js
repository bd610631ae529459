// A list of things that stays current: one answer of REST, and every event behind it.
//
//   const tables = new LiveList({ client, path: "/api/tables?limit=200", read: (data) => data.items,
//     hears: { table_update: (message) => message.table } });
//   tables.onChange(({ reset, changed, removed }) => ...);   // ids; `reset`: all of it was read anew
//   await tables.load();
//
// Events that come while the answer is on its way wait for it; those that it contains already are dropped, by
// their positions. After a resync the list is read again by itself. `expect` lays a wish over an item until it
// is settled: an optimistic change that is rolled back by settling. Owns the items; knows nothing of the DOM.

import { isOlder, parsePosition } from "./position.js";

const MOST_PAGES = 50;

// The earlier of two positions of one feed.
const earlier = (a, b) => (!a || isOlder(b, a) ? b : a);

export class LiveList {
  #client;
  #path;
  #read;
  #hears;
  #idOf;
  #entries = new Map(); // id -> {item, position}
  #gone = new Map(); // id -> position of its end
  #wishes = new Map(); // id -> Set of {fields}
  #listeners = new Set();
  #early = null; // events while an answer is on its way
  #round = 0;
  #offs = [];
  #total = 0;

  // path: of a GET; one with `limit` is read page by page. hears: {type: (message) => item or null}; a message
  // with `deleted` takes its item away.
  constructor({ client, path, read = (data) => data, hears, idOf = (item) => item.id }) {
    this.#client = client;
    this.#path = path;
    this.#read = read;
    this.#hears = hears;
    this.#idOf = idOf;
    for (const type of Object.keys(hears)) this.#offs.push(client.on(type, (message) => this.#heard(message)));
    this.#offs.push(client.on("refresh", (reason) => { if (reason !== "resumed" || this.failed) this.#reload(); }));
  }

  failed = null; // the error of the last attempt to read it
  loaded = false;

  get size() { return this.#entries.size; }
  get total() { return this.#total; }

  get(id) {
    const entry = this.#entries.get(id);
    return entry && this.#seen(id, entry.item);
  }

  values() {
    return [...this.#entries].map(([id, { item }]) => this.#seen(id, item));
  }

  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // Rejects with ApiError; what was there stays.
  async load(path = this.#path) {
    this.#path = path;
    const round = (this.#round += 1);
    this.#early = [];
    try {
      const { items, position, total } = await this.#fetch(path);
      if (round !== this.#round) return;
      this.#total = total;
      this.failed = null;
      this.#replace(items, position);
    } catch (error) {
      if (round !== this.#round) return;
      this.failed = error;
      const early = this.#early;
      this.#early = null;
      if (this.loaded) for (const message of early) this.#apply(message);
      throw error;
    }
  }

  // What an own write answered; its event may have come before it, or comes still.
  put(item, position) {
    this.#set(item, position);
  }

  drop(id, position) {
    this.#remove(id, position);
  }

  // -> settle(): the wish is over, the item shows what it is.
  expect(id, fields) {
    const wish = { fields };
    if (!this.#wishes.has(id)) this.#wishes.set(id, new Set());
    this.#wishes.get(id).add(wish);
    this.#tell({ changed: [id] });
    return () => {
      this.#wishes.get(id)?.delete(wish);
      if (!this.#wishes.get(id)?.size) this.#wishes.delete(id);
      this.#tell({ changed: [id] });
    };
  }

  waits(id) { return this.#wishes.has(id); }

  close() {
    this.#round += 1;
    for (const off of this.#offs.splice(0)) off();
  }

  // --- reading ------------------------------------------------------------------------------

  async #fetch(path) {
    const first = await this.#client.rest.get(path);
    const items = [...this.#read(first.data)];
    const total = first.total ?? items.length;
    let { position } = first;
    if (!/[?&]limit=/.test(path) || /[?&]page=/.test(path)) return { items, position, total };
    for (let page = 2; items.length < total && page <= MOST_PAGES; page += 1) {
      const next = await this.#client.rest.get(`${path}&page=${page}`);
      const more = this.#read(next.data);
      if (!more.length) break;
      items.push(...more);
      position = earlier(position, next.position);
    }
    return { items, position, total };
  }

  async #reload() {
    if (!this.loaded && !this.failed) return;
    await this.load().catch(() => this.#tell({ changed: [] }));
  }

  #replace(items, position) {
    this.#entries = new Map(items.map((item) => [this.#idOf(item), { item, position }]));
    this.#gone.clear();
    const early = this.#early ?? [];
    this.#early = null;
    this.loaded = true;
    for (const message of early) this.#apply(message, true);
    this.#tell({ reset: true });
  }

  // --- hearing ------------------------------------------------------------------------------

  #heard(message) {
    if (this.#early) this.#early.push(message);
    else if (this.loaded) this.#apply(message);
  }

  #apply(message, quiet = false) {
    const item = this.#hears[message.type](message);
    if (!item) return;
    if (message.deleted) this.#remove(this.#idOf(item), message.cursor, quiet);
    else this.#set(item, message.cursor, quiet);
  }

  #set(item, position, quiet = false) {
    const id = this.#idOf(item);
    const known = this.#entries.get(id)?.position ?? this.#gone.get(id);
    if (!this.#isNews(position, known)) return;
    this.#gone.delete(id);
    this.#entries.set(id, { item, position });
    if (!quiet) this.#tell({ changed: [id] });
  }

  #remove(id, position, quiet = false) {
    if (!this.#isNews(position, this.#entries.get(id)?.position)) return;
    this.#gone.set(id, position);
    if (this.#entries.delete(id) && !quiet) this.#tell({ removed: [id] });
  }

  // An event and the answer that holds it have the same position.
  #isNews(position, known) {
    if (!known || !parsePosition(position)) return true;
    return !isOlder(position, known) && position !== known;
  }

  #seen(id, item) {
    const wishes = this.#wishes.get(id);
    return wishes ? Object.assign({}, item, ...[...wishes].map((wish) => wish.fields)) : item;
  }

  #tell({ reset = false, changed = [], removed = [] }) {
    for (const listener of this.#listeners) listener({ reset, changed, removed });
  }
}
