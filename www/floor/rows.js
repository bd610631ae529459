// The tables as a list: which of them, in which order. Pure; used by list.js and its test.

const BY = {
  number: (table) => table.number,
  tableNumber: (table) => table.tableNumber,
  name: (table) => table.name,
  floor: (table) => table.floor,
  section: (table) => table.section,
  capacity: (table) => table.capacity,
  status: (table) => table.status,
  guests: (table) => table.session?.guests_count ?? null,
  since: (table) => table.session?.started_at ?? null,
  updatedAt: (table) => table.updatedAt,
};

export const SORTS = Object.keys(BY);

// T-2 stands before T-10; what is empty comes last, whichever the direction.
const natural = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : natural.compare(String(a), String(b));
}

const empty = (value) => value === null || value === undefined || value === "";

function matches(table, { status, floor, section, search }) {
  if (status && table.status !== status) return false;
  if (floor && table.floor !== Number(floor)) return false;
  if (section && table.section !== section) return false;
  const text = [table.tableNumber, table.name, table.section, table.notes].filter(Boolean).join(" ").toLowerCase();
  return !search || search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export function rowsOf(tables, state) {
  const by = BY[state.sort] ?? BY.number;
  const direction = state.order === "desc" ? -1 : 1;
  return tables.filter((table) => matches(table, state)).sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (empty(left) || empty(right)) return empty(left) - empty(right) || a.number - b.number;
    return direction * compare(left, right) || a.number - b.number;
  });
}
