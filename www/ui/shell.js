// What every page has around its content: the rail of pages, top bar, connection indicator, banners.
//
// startShell() loads the words (`strings`: the page's areas), draws it, asks who is signed in, and returns
// {profile, formats, client, rest}; without a session it sends to the login page and never returns. `kind` (of
// venue) sends to the home of the other kind; `client` is the page's own client, else a DashboardClient.
// `chrome: "bare"`, for a screen on the wall, leaves the indicator and the banners only (and <body data-chrome="bare">,
// so that no room is kept for the rest). startFrame() is the same without anybody signed in: a guest's page.
// `synced(n)` says how much was caught up. The state shown is the client library's; the English words are those of the contract (Live, Reconnecting...,
// Disconnected).

import { accountButton } from "./account-menu.js";
import { el } from "./dom.js";
import { explain } from "./explain.js";
import { Formats } from "./format.js";
import { loadStrings, locale, t } from "./i18n.js";
import { DashboardClient } from "../lib/maitred-client.js";
import { icon } from "./icon.js";
import { makeIndicator } from "./indicator.js";
import { drawRail, fillRail } from "./rail.js";
import { SessionKeeper, goToLogin, homeOf, signOut } from "./session.js";
import { toast } from "./toast.js";

const BANNER_ICONS = { good: "circle-check", warn: "triangle-alert", bad: "circle-alert" };
const MANY_UPDATES = 5;
const GOOD_NEWS_FOR = 5000;
const NEVER = new Promise(() => {});

// The pages, for whom they are, in the order of the rail: name it, give it a sign (icons.txt) and a group. The phone's
// bar has the first four; a person's home (session.js) comes before all.
const PAGES = [
  { href: "/restaurant/", label: "common.pageDashboard", icon: "layout-dashboard", kind: "restaurant", roles: ["admin", "manager", "frontdesk", "viewer"] },
  { href: "/hotel/", label: "common.pageDashboard", icon: "layout-dashboard", kind: "hotel", roles: ["admin", "manager", "frontdesk", "viewer"] },
  { href: "/reservations/", label: "common.pageReservations", icon: "calendar-days", kind: "restaurant", roles: ["admin", "manager", "waiter", "frontdesk", "viewer"] },
  { href: "/desk/", label: "common.pageDesk", icon: "concierge-bell", kind: "hotel", roles: ["admin", "manager", "frontdesk", "viewer"] },
  { href: "/orders/", label: "common.pageOrders", icon: "receipt", roles: ["admin", "manager", "waiter", "frontdesk", "kitchen"] },
  { href: "/floor/", label: "common.pageFloor", icon: "armchair", kind: "restaurant", roles: ["admin", "manager", "waiter", "frontdesk", "kitchen", "viewer"] },
  { href: "/kitchen/", label: "common.pageKitchen", icon: "chef-hat", roles: ["kitchen", "admin", "manager"] },
  { href: "/waiter/", label: "common.pageWaiter", icon: "hand-platter", kind: "restaurant", roles: ["waiter", "manager", "admin"] },
  { href: "/admin/", label: "common.pageAdmin", icon: "sliders-horizontal", group: "manage", roles: ["admin", "manager"] },
  { href: "/docs/", label: "common.pageApi", icon: "code-xml", group: "manage", roles: ["admin"] },
];

export const pageClient = () => new DashboardClient({ shared: true, storage: localStorage, locks: navigator.locks });

export async function startShell({ kind, strings = [], client = pageClient(), chrome = "full", synced } = {}) {
  const ask = () => client.rest.get("/api/user/profile");
  const asked = ask(); // on its way while the words are
  asked.catch(() => {});
  const parts = await startFrame({ strings, client, chrome, synced });
  const profile = await waitForProfile(parts, ask, asked);
  if (kind && profile.venue.kind !== kind) {
    location.replace(homeOf(profile));
    await NEVER;
  }
  showProfile(parts, profile);
  const keeper = new SessionKeeper({ rest: client.rest, onEnded: () => leave(client) });
  keeper.start();
  client.on("session_ended", () => leave(client));
  client.setAuth({ owner: `${profile.venue.id}.${profile.id}` });
  return { profile, formats: new Formats(profile.venue, locale()), client, rest: client.rest };
}

export async function startFrame({ strings = [], client, chrome = "bare", synced = (n) => t("connection.synced", { n }) }) {
  await loadStrings("connection", ...strings);
  const parts = drawShell(client, chrome);
  client.setEventHandlers(connectionHandlers(client, parts, synced));
  listenToBrowser(client);
  return parts;
}

export function leave(client) {
  client.disconnect();
  goToLogin();
}

// --- who is it -----------------------------------------------------------------------------

async function waitForProfile(parts, ask, asked) {
  for (let delay = 1000, answer = asked; ; delay = Math.min(delay * 2, 30000), answer = ask()) {
    try {
      return (await answer).data;
    } catch (error) {
      if (error.signedOut) {
        goToLogin();
        await NEVER;
      }
      setBanner(parts, "load", { tone: "bad", text: t("common.loadTrouble", { reason: explain(error) }) });
      await new Promise((done) => setTimeout(done, delay));
      setBanner(parts, "load", null);
    }
  }
}

// What the role may use; where the person begins comes first.
function pagesOf(profile) {
  const { venue, role } = profile;
  const home = homeOf(profile);
  return PAGES.filter((page) => (!page.kind || page.kind === venue.kind) && page.roles.includes(role))
    .sort((a, b) => (b.href === home) - (a.href === home));
}

// --- drawing -------------------------------------------------------------------------------

function drawShell(client, chrome) {
  document.body.dataset.chrome = chrome;
  const notices = document.getElementById("notices");
  notices.setAttribute("aria-live", "polite");
  const parts = { venue: el("div", { class: "venue" }), indicator: makeIndicator(client), notices, banners: new Map() };
  const topbar = document.getElementById("topbar");
  if (chrome === "bare") {
    (document.querySelector("[data-place=indicator]") ?? topbar ?? document.body).append(parts.indicator.node);
    return parts;
  }
  parts.rail = drawRail();
  parts.account = accountButton({ onSignOut: (button) => leaveByButton(client, button) });
  topbar.before(parts.rail.node);
  topbar.append(el("div", { class: "topbar-inner" }, parts.venue,
    el("div", { class: "topbar-end" }, parts.indicator.node, parts.account.node)));
  return parts;
}

function showProfile(parts, profile) {
  const here = pagesOf(profile).find(({ href }) => location.pathname.startsWith(href));
  document.title = [here && t(here.label), profile.venue.name, "maitred"].filter(Boolean).join(" \u2013 ");
  parts.venue.textContent = profile.venue.name;
  if (!parts.rail) return;
  parts.account.show(profile);
  fillRail(parts.rail, pagesOf(profile));
}

async function leaveByButton(client, button) {
  button.disabled = true;
  try {
    await signOut(client.rest);
    client.disconnect();
  } catch (error) {
    button.disabled = false;
    toast(t("common.signOutFailed", { reason: explain(error) }), { tone: "bad" });
  }
}

function setBanner(parts, name, content) {
  parts.banners.get(name)?.remove();
  parts.banners.delete(name);
  if (!content) return;
  const banner = el("div", { class: "banner", dataset: { tone: content.tone, banner: name } },
    icon(BANNER_ICONS[content.tone] ?? "info"), el("span", {}, content.text), content.action);
  parts.banners.set(name, banner);
  parts.notices.append(banner);
  if (content.for) setTimeout(() => { if (parts.banners.get(name) === banner) setBanner(parts, name, null); }, content.for);
}

// --- following the connection ----------------------------------------------------------------

function connectionHandlers(client, parts, synced) {
  return {
    state: (state) => showState(parts, state),
    lost: () => setBanner(parts, "connection", {
      tone: "warn", text: t("connection.lost"), action: retryButton(client) }),
    restored: () => setBanner(parts, "connection", {
      tone: "good", text: t("connection.restored"), for: GOOD_NEWS_FOR }),
    syncing: () => setBanner(parts, "sync", { tone: "", text: t("connection.syncing") }),
    synced: (result) => {
      setBanner(parts, "sync", null);
      announceSync(result, synced);
    },
    polling: (active) => setBanner(parts, "polling", active && { tone: "", text: t("connection.polling") }),
    offline: (active) => setBanner(parts, "offline", active && { tone: "warn", text: t("connection.offline") }),
    queue: (list) => setBanner(parts, "queue", list.length && { tone: "", text: t("connection.waiting", { n: list.length }) }),
    replayed: (outcome) => announceReplay(outcome),
  };
}

function retryButton(client) {
  return el("button", { class: "button compact", type: "button", onclick: () => client.retryNow() }, t("connection.tryNow"));
}

function showState(parts, state) {
  parts.indicator.show(state);
  if (state !== "live") setBanner(parts, "sync", null);
}

function announceSync({ exact, count }, synced) {
  if (!exact) toast(t("connection.loadedAfresh"));
  else if (count >= MANY_UPDATES) toast(synced(count), { tone: "good" });
}

function announceReplay({ done, refused }) {
  if (done) toast(t("connection.replayed", { n: done }), { tone: "good" });
  for (const { change, error } of refused) toast(t("connection.refusedLater", { label: change.label, reason: explain(error) }), { tone: "bad" });
}

// The browser often knows of a lost or regained network, or a woken tab, before any timer does.
function listenToBrowser(client) {
  addEventListener("online", () => client.retryNow());
  addEventListener("offline", () => client.probe());
  addEventListener("storage", ({ key }) => client.queue.touched(key));
  addEventListener("pagehide", () => client.disconnect());
  addEventListener("pageshow", (event) => { if (event.persisted) client.connect(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    client.retryNow();
    client.probe();
  });
}
