// What the page shows, as its address has it: ?status=pending,ready&table=13&date=2026-11-20&page=2&order=196
//
// The address is the only place where filters, page, open order and selection are kept, so that a reload, a
// link and the back button bring them back. No date means the business day of today. Owns the address.

import { STATUSES } from "./steps.js";

export const PAGE_SIZE = 25;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const numberOr = (text, otherwise) => (/^[1-9]\d{0,15}$/.test(text ?? "") ? Number(text) : otherwise);

export function readQuery(search) {
  const params = new URLSearchParams(search);
  const date = params.get("date") ?? "";
  return {
    status: (params.get("status") ?? "").split(",").filter((one) => STATUSES.includes(one)),
    table: numberOr(params.get("table"), null),
    date: DAY.test(date) || date === "all" ? date : "",
    find: params.get("find") ?? "",
    page: numberOr(params.get("page"), 1),
    order: numberOr(params.get("order"), null),
    selected: (params.get("selected") ?? "").split(",").map((id) => numberOr(id, null)).filter(Boolean),
  };
}

export function writeQuery(query) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const text = String(value ?? "");
    if (text && !(name === "page" && value === 1)) params.set(name, text);
  }
  return params.size ? `?${String(params).replaceAll("%2C", ",")}` : "";
}

export function listPath({ status, table, date, page }, today) {
  const params = new URLSearchParams();
  if (status.length) params.set("status", status.join(","));
  if (date !== "all") params.set("date", date || today);
  if (table) params.set("table", table);
  params.set("limit", PAGE_SIZE);
  params.set("page", page);
  return `/api/v1/orders?${params}`;
}

export class Query {
  #now = readQuery(location.search);
  #listeners = new Set();

  constructor() {
    addEventListener("popstate", () => this.#take(readQuery(location.search)));
  }

  get now() { return this.#now; }

  // listener(now, before)
  onChange(listener) {
    this.#listeners.add(listener);
  }

  // Another page or another open order is a step that the back button takes back; the rest is not.
  set(changes) {
    const next = { ...this.#now, ...changes };
    const step = next.page !== this.#now.page || next.order !== this.#now.order;
    const address = location.pathname + writeQuery(next);
    if (address !== location.pathname + location.search) history[step ? "pushState" : "replaceState"](null, "", address);
    this.#take(next);
  }

  #take(next) {
    const before = this.#now;
    this.#now = next;
    for (const listener of this.#listeners) listener(next, before);
  }
}
