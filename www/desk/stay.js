// What a booking means at the desk: who comes, who leaves, who is late, what is open. Pure functions on the
// documents of REST; used by every view of the front desk.

const DAY = 24 * 3600 * 1000;
const LIVE = new Set(["pending", "confirmed", "checked_in"]);

export const TONES = { pending: "warn", confirmed: "accent", checked_in: "good", checked_out: "", cancelled: "", no_show: "bad" };

export const isLive = (booking) => LIVE.has(booking.status);
export const isExpected = (booking) => booking.status === "pending" || booking.status === "confirmed";
export const isIn = (booking) => booking.status === "checked_in";

export function addDays(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);
}

// --- money -------------------------------------------------------------------------------

const exact = (amount) => Math.round(amount * 1000) / 1000; // no currency has more than three places

// Without payments only the word tells whether something was paid: so it came from another system.
export function paidOf({ payments, paymentStatus, totalAmount }) {
  if (!payments.length) return paymentStatus === "paid" ? totalAmount : 0;
  return exact(payments.filter(({ status }) => status === "completed").reduce((sum, { amount }) => sum + amount, 0));
}

export const balanceOf = (booking) => exact(booking.totalAmount - paidOf(booking));

// --- the lists ---------------------------------------------------------------------------

// open: there is something to do; done: it was, today.
export const LISTS = {
  arrivals: {
    open: (b, today) => isExpected(b) && b.checkIn <= today && b.checkOut > today,
    done: (b, today) => b.checkIn === today && !isExpected(b),
    order: (b) => b.checkIn,
  },
  departures: {
    open: (b, today) => isIn(b) && b.checkOut <= today,
    done: (b, today) => b.checkOut === today && b.status === "checked_out",
    order: (b) => b.checkOut,
  },
  inhouse: {
    open: isIn,
    done: () => false,
    order: (b) => b.checkOut,
  },
  coming: {
    open: (b, today) => isExpected(b) && b.checkIn > today,
    done: () => false,
    order: (b) => b.checkIn,
  },
};

// Since when a guest is late: expected before today, or still here after the day of departure.
export function lateSince(booking, today) {
  if (isExpected(booking) && booking.checkIn < today) return booking.checkIn;
  if (isIn(booking) && booking.checkOut < today) return booking.checkOut;
  return null;
}

// One for all: String.localeCompare would make a collator a comparison.
const { compare: byWords } = new Intl.Collator(undefined, { numeric: true });
export const byDay = (a, b) => (a < b ? -1 : Number(a > b)); // "2026-11-26"

export function listOf(name, bookings, today) {
  const { open, done, order } = LISTS[name];
  const sorted = (test) => bookings.filter((b) => test(b, today)).sort((a, b) => byDay(order(a), order(b))
    || byWords(a.room ?? "~", b.room ?? "~") || byWords(a.guestName, b.guestName));
  return { open: sorted(open), done: sorted(done) };
}

// Words in any order; of a name, a room, a number, a booking.
export function matches(booking, words) {
  const text = [booking.guestName, booking.room, booking.roomType, booking.id, booking.contactNumber, booking.email]
    .filter(Boolean).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

// --- rooms -------------------------------------------------------------------------------

export const STATES = ["dirty", "clean", "inspected", "out"];
export const stateOfRoom = (room) => (room.outOfOrder ? "out" : room.housekeeping);

// What is said to the server so that a room comes into that state.
export function wishOf(state, room) {
  if (state === "out") return { outOfOrder: true };
  return room.outOfOrder ? { housekeeping: state, outOfOrder: false } : { housekeeping: state };
}

const overlap = (a, b) => a.checkIn < b.checkOut && b.checkIn < a.checkOut;

// The rooms of a type that nobody has in those nights, the ready ones first, as the house itself would choose.
// `arriving`: now, so nobody may still be in it either.
export function freeRooms({ rooms, bookings, typeId, stay, except = null, arriving = false }) {
  const taken = new Set(bookings.filter((b) => b.id !== except && b.roomId
    && isLive(b) && (overlap(b, stay) || (arriving && isIn(b)))).map((b) => b.roomId));
  const rank = { inspected: 0, clean: 1, dirty: 2 };
  return rooms.filter((room) => room.roomTypeId === typeId && !room.outOfOrder && !taken.has(room.id))
    .sort((a, b) => rank[a.housekeeping] - rank[b.housekeeping] || byNumber(a, b));
}

export const byNumber = (a, b) => a.floor - b.floor || byWords(a.number, b.number);

// Lanes in which no two stays touch.
export function lanesOf(stays) {
  const lanes = [];
  for (const stay of [...stays].sort((a, b) => byDay(a.checkIn, b.checkIn))) {
    const lane = lanes.find((one) => one.at(-1).checkOut <= stay.checkIn);
    if (lane) lane.push(stay);
    else lanes.push([stay]);
  }
  return lanes;
}
