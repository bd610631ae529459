// Where a table stands and what it looks like, out of its `position` {x, y, width, height, shape, rotation}, and
// where one stands that was never placed. All in the plan's own units; the plan is as large as what is on it.

export const GRID = 10;
const LEAST = { width: 1000, height: 560 };
const SIZE = { width: 80, height: 80 };
const MARGIN = 60;
const STRIDE = 130;

const number = (value, otherwise) => (Number.isFinite(Number(value)) && value !== null && value !== "" ? Number(value) : otherwise);

export const isPlaced = (table) => Number.isFinite(Number(table.position?.x)) && Number.isFinite(Number(table.position?.y));

export function placeOf(table) {
  const { x, y, width, height, shape, rotation } = table.position ?? {};
  return { x: number(x, 0), y: number(y, 0), width: number(width, SIZE.width), height: number(height, SIZE.height),
    shape: shape === "round" ? "round" : "rectangle", rotation: number(rotation, 0) };
}

// -> {width, height, places: Map(id -> place)}: those that were never placed stand in rows below the others.
export function arrange(tables, drafts = new Map()) {
  const places = new Map();
  for (const table of tables) if (drafts.has(table.id) || isPlaced(table)) places.set(table.id, drafts.get(table.id) ?? placeOf(table));
  const bottom = Math.max(0, ...[...places.values()].map(({ y, height }) => y + height));
  const columns = Math.floor((LEAST.width - MARGIN) / STRIDE);
  tables.filter(({ id }) => !places.has(id)).sort((a, b) => a.number - b.number).forEach((table, i) => {
    places.set(table.id, { ...placeOf(table), x: MARGIN + (i % columns) * STRIDE, y: bottom + MARGIN + Math.floor(i / columns) * STRIDE });
  });
  const right = Math.max(0, ...[...places.values()].map(({ x, width }) => x + width));
  const lowest = Math.max(0, ...[...places.values()].map(({ y, height }) => y + height));
  return { width: Math.max(LEAST.width, right + MARGIN), height: Math.max(LEAST.height, lowest + MARGIN), places };
}

export const snap = (value) => Math.max(0, Math.round(value / GRID) * GRID);

// Chairs around a table: {x, y} in per cent of it, their middles a little outside.
export function chairs(capacity, { shape, width, height }) {
  if (shape === "round") {
    return Array.from({ length: capacity }, (_, i) => {
      const angle = (2 * Math.PI * i) / capacity - Math.PI / 2;
      return { x: 50 + 59 * Math.cos(angle), y: 50 + 59 * Math.sin(angle) };
    });
  }
  const ends = capacity > 6 && width > height ? 2 : 0;
  const above = Math.ceil((capacity - ends) / 2);
  const row = (n, y) => Array.from({ length: n }, (_, i) => ({ x: (100 * (i + 1)) / (n + 1), y }));
  const sides = ends ? [{ x: -7, y: 50 }, { x: 107, y: 50 }] : [];
  return [...row(above, -10), ...row(capacity - ends - above, 110), ...sides];
}
