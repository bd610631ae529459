// Every page there is, for the tests that hold for all of them: accessibility, weight, screenshots.
//
// {name, path (or what makes it), account: "venue/user" or null, ready: what is there when the page has drawn itself, live: it has a live connection}. A
// page with several views has a row for each.

import { Api, psql } from "../lib/house.mjs";

// The demo's guests of longest standing.
async function guestPath() {
  const [[session]] = psql("select min(s.id) from maitred.table_session s join maitred.venue v on v.id = s.venue where v.slug = 'bistro' and s.state = 'open'");
  const { token } = await (await Api.login("bistro", "waiter")).post("/api/auth/guest", { session_id: Number(session) });
  return `/guest/#${token}`;
}

const LIVE = '#connection[data-state="live"]';

export const PAGES = [
  { name: "login", path: "/login/?venue=bistro", account: null, ready: "#look" },
  { name: "design", path: "/design/", account: null, ready: "#main:not([aria-busy])" },
  { name: "api", path: "/docs/", account: null, ready: '#main[aria-busy="false"]' },
  { name: "restaurant", path: "/restaurant/", account: "bistro/manager", ready: "#tile-stats[data-state=ready]", live: true },
  { name: "hotel", path: "/hotel/", account: "grand/manager", ready: "#tile-calendar[data-state=ready]", live: true },
  { name: "admin", path: "/admin/", account: "bistro/admin", ready: "#tables:not([aria-busy])", live: true },
  { name: "floor", path: "/floor/", account: "bistro/manager", ready: "#counts [data-figure]", live: true },
  { name: "floor-list", path: "/floor/?view=list", account: "bistro/manager", ready: "#counts [data-figure]", live: true },
  { name: "orders", path: "/orders/", account: "bistro/manager", ready: "#orders:not([aria-busy]) tr.order", live: true },
  { name: "kitchen", path: "/kitchen/", account: "bistro/kitchen", ready: "#board:not([aria-busy])", live: true },
  { name: "waiter", path: "/waiter/", account: "bistro/waiter", ready: "#tasks:not([aria-busy])", live: true },
  { name: "waiter-tables", path: "/waiter/?view=tables", account: "bistro/waiter", ready: "#my-tables > li", live: true },
  { name: "guest", path: guestPath, account: null, ready: "#place:not([aria-busy])", live: true },
  { name: "guest-none", path: "/guest/", account: null, ready: "#farewell:not([hidden])" },
  { name: "reservations", path: "/reservations/", account: "bistro/manager", ready: "#view:not([aria-busy])", live: true },
  { name: "reservations-plan", path: "/reservations/?view=plan", account: "bistro/manager", ready: "#view:not([aria-busy])", live: true },
  { name: "desk", path: "/desk/", account: "grand/manager", ready: "#view:not([aria-busy])", live: true },
  { name: "desk-rooms", path: "/desk/?view=rooms", account: "grand/manager", ready: "#view:not([aria-busy])", live: true },
  { name: "desk-plan", path: "/desk/?view=plan", account: "grand/manager", ready: "#view:not([aria-busy])", live: true },
];

// Opened and drawn; `page` is signed in already where that is needed.
export async function openPage(page, { path, ready, live = false }) {
  await page.goto(typeof path === "function" ? await path() : path);
  if (live) await page.locator(LIVE).waitFor();
  await page.locator(ready).first().waitFor();
  await page.waitForFunction(() => ![...document.querySelectorAll('[data-state="loading"], main [aria-busy="true"]')].some((node) => node.checkVisibility()));
  await page.evaluate(() => document.fonts.ready);
}
