// The hotel as the desk sees it: rooms with their housekeeping, bookings from today on, what is free tonight.
//
//   const house = new House({ client, formats });
//   house.onChange(draw);  await house.load();
//
// Bookings are two lists that hear the same messages: all that are live until `horizon`, and whatever touches
// today, done or not. A change of housekeeping may wait while there is no connection: until it was sent, the room
// shows it as a wish. Owns the lists; knows nothing of the DOM.

import { LiveList } from "../lib/live-list.js";
import { heardReservation } from "../ui/heard.js";
import { Refresher } from "../ui/refresher.js";
import { addDays, byNumber, daysBetween, wishOf } from "./stay.js";

const ROOMS = "/api/hotel/rooms";
const AHEAD = 21;
const TOLD_AFTER = 16;
const DAY_CHECK = 30000;

export class House {
  #client;
  #formats;
  #listeners = new Set();
  #rooms;
  #live;
  #day;
  #free;
  #wishes = new Map(); // key of a waiting change -> settle()
  #told = null;
  #drawn = {}; // what is made of the lists, until one of them changes

  today;
  horizon;
  types = [];
  availability = null;
  loaded = false;

  constructor({ client, formats }) {
    this.#client = client;
    this.#formats = formats;
    this.#setToday();
    const hears = { new_reservation: heardReservation, reservation_update: heardReservation };
    this.#rooms = new LiveList({ client, path: `${ROOMS}?limit=200`, hears: { room_update: ({ room }) => room } });
    this.#live = new LiveList({ client, path: this.#livePath(), hears });
    this.#day = new LiveList({ client, path: this.#dayPath(), hears });
    this.#free = new Refresher({ rest: client.rest, path: `${ROOMS}/availability`, on: {
      busy() {}, error() {}, answer: (data) => { this.availability = data; this.#tell(); },
    } });
    for (const list of [this.#rooms, this.#live, this.#day]) list.onChange(() => this.#tell());
    client.on("room_availability_update", ({ availability, cursor }) => this.#heardFree(availability, cursor));
    for (const type of Object.keys(hears)) client.on(type, ({ cursor }) => this.#free.touch(cursor));
    client.on("refresh", (reason) => { if (reason !== "resumed") this.#free.refresh(); });
    client.on("queue", (waiting) => this.#layWishes(waiting));
    client.on("sent", (change, { data, position }) => { if (roomOf(change)) this.#rooms.put(data, position); });
  }

  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async load() {
    const [types] = await Promise.all([this.#client.rest.get("/api/hotel/room-types?limit=200"),
      this.#rooms.load(), this.#live.load(), this.#day.load(), this.#free.refresh()]);
    this.types = types.data;
    this.loaded = true;
    this.#layWishes(this.#client.queue.list());
    setInterval(() => this.#checkDay(), DAY_CHECK);
    this.#tell();
  }

  // Bookings that begin until that day are known from now on.
  async reach(day) {
    if (day <= this.horizon) return;
    this.horizon = addDays(day, AHEAD);
    await this.#live.load(this.#livePath());
  }

  // --- what there is ------------------------------------------------------------------------

  get rooms() { return this.#drawn.rooms ??= this.#rooms.values().sort(byNumber); }
  room(id) { return this.#rooms.get(id); }
  waits(roomId) { return this.#rooms.waits(roomId); }
  type(id) { return this.types.find((one) => one.id === id); }

  bookings() { return this.#drawn.bookings ??= this.#allBookings(); }

  #allBookings() {
    const all = new Map(this.#day.values().map((one) => [one.id, one]));
    for (const one of this.#live.values()) {
      if ((all.get(one.id)?.version ?? 0) <= one.version) all.set(one.id, one);
    }
    return [...all.values()];
  }

  booking(id) {
    const [one, other] = [this.#live.get(id), this.#day.get(id)];
    return (one?.version ?? 0) >= (other?.version ?? 0) ? one : other;
  }

  // --- changes --------------------------------------------------------------------------------

  put(booking, position) {
    this.#live.put(booking, position);
    this.#day.put(booking, position);
  }

  // -> "done", "queued" or "same"; rejects with ApiError, and the room shows again what it is.
  async setRoom(room, state, label) {
    const body = wishOf(state, room);
    if (Object.entries(body).every(([name, value]) => room[name] === value)) return "same";
    const settle = this.#rooms.expect(room.id, body);
    try {
      const answer = await this.#client.change({ method: "PATCH", path: `${ROOMS}/${room.id}`, body, label, queue: true });
      if (answer.queued) return "queued";
      this.#rooms.put(answer.data, answer.position);
      return "done";
    } finally {
      settle();
    }
  }

  // What waits in the queue, of this page or of another, before a reload or after it.
  #layWishes(waiting) {
    const keys = new Set(waiting.map(({ key }) => key));
    for (const [key, settle] of this.#wishes) {
      if (keys.has(key)) continue;
      this.#wishes.delete(key);
      settle();
    }
    for (const change of waiting) {
      if (roomOf(change) && !this.#wishes.has(change.key)) {
        this.#wishes.set(change.key, this.#rooms.expect(roomOf(change), change.body));
      }
    }
  }

  // --- the day ----------------------------------------------------------------------------------

  #setToday() {
    this.today = this.#formats.isoDay(new Date());
    this.horizon = addDays(this.today, Math.max(AHEAD, daysBetween(this.today, this.horizon ?? this.today)));
  }

  #checkDay() {
    if (this.#formats.isoDay(new Date()) === this.today) return;
    this.#setToday();
    for (const work of [this.#live.load(this.#livePath()), this.#day.load(this.#dayPath()), this.#free.refresh()]) work.catch(() => {});
  }

  #livePath() {
    return `/api/hotel/bookings?status=pending,confirmed,checked_in&arrivalTo=${this.horizon}&limit=200`;
  }

  #dayPath() {
    return `/api/hotel/bookings?date=${this.today}&limit=200`;
  }

  #heardFree(availability, cursor) {
    if (!this.#free.accept(cursor)) return;
    this.availability = { ...this.availability, ...availability };
    this.#tell();
  }

  // A burst of messages is one change.
  #tell() {
    this.#drawn = {};
    this.#told ??= setTimeout(() => {
      this.#told = null;
      for (const listener of this.#listeners) listener();
    }, TOLD_AFTER);
  }
}

function roomOf({ method, path }) {
  const found = method === "PATCH" && /^\/api\/hotel\/rooms\/(\d+)$/.exec(path);
  return found ? Number(found[1]) : null;
}
