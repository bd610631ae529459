// One page of orders that stays current: the rows that the server gave, every event that concerns them, and
// what has come meanwhile.
//
// On the first page an event that may change which orders are there reads the page again (a burst once, and an
// answer that was read too early twice). On a later page nothing moves under the hand of a person: rows change in
// place, and what is new is counted in `news`. Knows nothing of the DOM; owns the list.

import { LiveList } from "../lib/live-list.js";
import { Refresher } from "../ui/refresher.js";
import { listPath } from "./query.js";

const EVENTS = ["order_created", "order_status_changed", "order_update"];

export class OrderPage {
  #list;
  #refresher;
  #formats;
  #query;
  #position = null;
  #on;

  news = new Set(); // ids that came while a later page was shown
  busy = false;

  // on: {changed({reset, changed}), state(), signedOut()}
  constructor({ client, formats, query, on }) {
    this.#formats = formats;
    this.#query = query;
    this.#on = on;
    this.#list = new LiveList({ client: this.#watched(client), path: this.#path(), hears: Object.fromEntries(
      EVENTS.map((type) => [type, ({ order }) => (this.#list.get(order.id) ? order : null)])) });
    this.#list.onChange(on.changed);
    this.#refresher = new Refresher({ path: this.#path(), rest: { get: (path) => this.#load(path) }, on: {
      busy: (busy) => { this.busy = busy; on.state(); },
      answer: () => {},
      error: (error) => (error.signedOut ? on.signedOut() : on.state()),
    } });
    for (const type of EVENTS) client.on(type, (message) => this.#heard(message));
  }

  get loaded() { return this.#list.loaded; }
  get error() { return this.#list.failed; }
  get total() { return this.#list.total; }
  get orders() { return this.#list.values(); }

  get(id) { return this.#list.get(id) ?? null; }
  waits(id) { return this.#list.waits(id); }
  expect(id, fields) { return this.#list.expect(id, fields); }

  put(order, position) {
    if (this.#list.get(order.id)) this.#list.put(order, position);
    this.#mayMove(order, position);
  }

  // Another filter or page; also a new day.
  show(query) {
    this.#query = query;
    this.news.clear();
    this.#refresher.setPath(this.#path());
  }

  refresh() {
    this.news.clear();
    if (this.#path() !== this.#refresher.path) return this.show(this.#query);
    return this.#refresher.refresh();
  }

  // Does the order belong to what is asked for, whatever the page?
  matches(order) {
    const { status, table, date } = this.#query;
    return (!status.length || status.includes(order.order_status)) && (!table || order.table_id === table)
      && (date === "all" || this.#dayOf(order) === (date || this.#today()));
  }

  #today() { return this.#formats.isoDay(new Date()); }
  #dayOf(order) { return this.#formats.isoDay(new Date(order.created_at)); }
  #path() { return listPath(this.#query, this.#today()); }

  // The position of what was read is what tells the refresher whether an answer came too early.
  #watched(client) {
    const get = async (path) => {
      const answer = await client.rest.get(path);
      this.#position = answer.position;
      return answer;
    };
    return { rest: { get }, on: (...args) => client.on(...args) };
  }

  async #load(path) {
    await this.#list.load(path);
    return { data: null, position: this.#position, changed: true };
  }

  #heard({ type, order, cursor }) {
    if (type === "order_created" && this.#query.page > 1 && this.matches(order)) this.news.add(order.id);
    this.#mayMove(order, cursor);
    this.#on.state();
  }

  #mayMove(order, position) {
    if (Boolean(this.#list.get(order.id)) !== this.matches(order) && this.#query.page === 1) this.#refresher.touch(position);
  }
}
