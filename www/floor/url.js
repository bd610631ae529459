// What the page shows, kept in its address: view, floor, filters, search, sort. A link or a reload shows the same.

const KNOWN = { view: "plan", floor: "", status: "", section: "", search: "", sort: "number", order: "asc" };

export function readUrl() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(KNOWN).map(([name, otherwise]) => [name, query.get(name) ?? otherwise]));
}

export function writeUrl(state) {
  const query = new URLSearchParams();
  for (const [name, otherwise] of Object.entries(KNOWN)) if (state[name] !== otherwise) query.set(name, state[name]);
  const text = query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}
