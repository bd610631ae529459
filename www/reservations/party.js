// What a reservation means on the day: who is expected, who sits, what is over, who is late, which tables are free.
// Pure functions on the documents of REST; used by every part of the page.

const MINUTE = 60_000;
const LIVE = new Set(["pending", "confirmed", "seated"]);

export const TONES = { pending: "warn", confirmed: "accent", seated: "good", completed: "", cancelled: "", no_show: "bad" };

export const isLive = (one) => LIVE.has(one.status);
export const isExpected = (one) => one.status === "pending" || one.status === "confirmed";
export const isSeated = (one) => one.status === "seated";

export const LISTS = { expected: isExpected, seated: isSeated, over: (one) => !isLive(one) };

export const startOf = (one) => Date.parse(one.date);
export const endOf = (one) => startOf(one) + one.durationMinutes * MINUTE;

// Minutes that a party is late; nobody is who already sits.
export function lateBy(one, now) {
  return isExpected(one) ? Math.max(0, Math.floor((now - startOf(one)) / MINUTE)) : 0;
}

export function matches(one, words, table) {
  const text = [one.customerName, one.contactNumber, one.email, one.id, table?.tableNumber, table?.name, one.specialRequests]
    .filter(Boolean).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export const guestsOf = (list) => list.reduce((sum, one) => sum + one.partySize, 0);

export const inOrder = (a, b) => startOf(a) - startOf(b) || a.customerName.localeCompare(b.customerName);

// --- tables ------------------------------------------------------------------------------

const overlaps = (one, from, until) => startOf(one) < until && from < endOf(one);

// Every table that is used, with who has it in that time, if somebody does; the best fit first: free, large enough,
// no larger than it must be. `except`: a reservation that does not count, because it is the one that is placed.
export function tablesFor({ tables, reservations, from, until, partySize, except = null }) {
  const taken = new Map();
  for (const one of reservations) {
    if (one.id !== except && one.tableId && isLive(one) && overlaps(one, from, until)) taken.set(one.tableId, one);
  }
  const waste = (table) => (table.capacity < partySize ? 1000 - table.capacity : table.capacity - partySize);
  return tables.filter((table) => table.isActive && table.status !== "maintenance")
    .map((table) => ({ table, by: taken.get(table.id) ?? null, small: table.capacity < partySize }))
    .sort((a, b) => Boolean(a.by) - Boolean(b.by) || waste(a.table) - waste(b.table) || a.table.number - b.table.number);
}

// Lanes in which no two parties meet: for those without a table.
export function lanesOf(list) {
  const lanes = [];
  for (const one of [...list].sort(inOrder)) {
    const lane = lanes.find((other) => endOf(other.at(-1)) <= startOf(one));
    if (lane) lane.push(one);
    else lanes.push([one]);
  }
  return lanes;
}
