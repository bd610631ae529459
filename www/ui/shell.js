// What every signed-in page has around its content: top bar, connection indicator, banners.
//
// startShell() loads the words (`strings`: the page's areas), draws it, asks who is signed in, and returns
// {profile, formats, client, rest}; without a session it sends to the login page and never returns. `kind` (of
// venue) sends to the home of the other kind; `client` is the page's own client, else a DashboardClient. The
// state shown is the client library's; the English words are those of the contract (Live, Reconnecting...,
// Disconnected).

import { el } from "./dom.js";
import { Formats } from "./format.js";
import { loadStrings, locale, t } from "./i18n.js";
import { DashboardClient } from "../lib/maitred-client.js";
import { SessionKeeper, goToLogin, homeOf, signOut } from "./session.js";
import { toast } from "./toast.js";

const TONES = { idle: "bad", connecting: "warn", live: "good", reconnecting: "warn", disconnected: "bad", ended: "bad" };
const MANY_UPDATES = 5;
const GOOD_NEWS_FOR = 5000;
const NEVER = new Promise(() => {});

// The pages, for whom they are; the first row is a venue's home.
const PAGES = [
  { href: "/restaurant/", label: "common.pageDashboard", kind: "restaurant", roles: ["admin", "manager", "frontdesk", "viewer"] },
  { href: "/hotel/", label: "common.pageDashboard", kind: "hotel", roles: ["admin", "manager", "frontdesk", "viewer"] },
  { href: "/admin/", label: "common.pageAdmin", roles: ["admin", "manager"] },
  { href: "/docs/", label: "common.pageApi", roles: ["admin"] },
];

export const pageClient = () => new DashboardClient({ shared: true, storage: localStorage, locks: navigator.locks });

export async function startShell({ kind, strings = [], client = pageClient() } = {}) {
  await loadStrings("connection", ...strings);
  const parts = drawShell(client);
  const profile = await waitForProfile(client, parts);
  if (kind && profile.venue.kind !== kind) {
    location.replace(homeOf(profile));
    await NEVER;
  }
  parts.venue.textContent = profile.venue.name;
  parts.nav.replaceChildren(...pageLinks(profile));
  parts.who.replaceChildren(el("div", {}, profile.name ?? profile.email ?? ""), el("div", { class: "muted" }, profile.role));
  document.title = `${profile.venue.name} \u2013 maitred`;
  const keeper = new SessionKeeper({ rest: client.rest, onEnded: () => leave(client) });
  keeper.start();
  client.setEventHandlers(connectionHandlers(client, parts));
  client.setAuth({ owner: `${profile.venue.id}.${profile.id}` });
  listenToBrowser(client);
  return { profile, formats: new Formats(profile.venue, locale()), client, rest: client.rest };
}

export function leave(client) {
  client.disconnect();
  goToLogin();
}

// --- who is it -----------------------------------------------------------------------------

async function waitForProfile(client, parts) {
  for (let delay = 1000; ; delay = Math.min(delay * 2, 30000)) {
    try {
      return (await client.rest.get("/api/user/profile")).data;
    } catch (error) {
      if (error.signedOut) {
        goToLogin();
        await NEVER;
      }
      setBanner(parts, "load", { tone: "bad", text: t("common.loadTrouble", { reason: error.message }) });
      await new Promise((done) => setTimeout(done, delay));
      setBanner(parts, "load", null);
    }
  }
}

function pageLinks(profile) {
  return PAGES.filter((page) => (!page.kind || page.kind === profile.venue.kind) && page.roles.includes(profile.role))
    .map((page) => el("a", { href: page.href, "aria-current": location.pathname === page.href && "page" }, t(page.label)));
}

// --- drawing -------------------------------------------------------------------------------

function drawShell(client) {
  const parts = {
    venue: el("div", { class: "venue" }),
    nav: el("nav", { class: "pages", "aria-label": t("common.pages") }),
    who: el("div", { class: "who" }),
    indicator: el("div", { class: "indicator", id: "connection", role: "status", dataset: { tone: "warn", state: "connecting" } },
      el("span", { class: "dot", "aria-hidden": "true" }), el("span", { class: "label" }, t("connection.connecting"))),
    notices: document.getElementById("notices"),
    banners: new Map(),
  };
  const out = el("button", { class: "button compact", type: "button", id: "sign-out" }, t("common.signOut"));
  out.addEventListener("click", () => leaveByButton(client, out));
  document.getElementById("topbar").append(el("div", { class: "topbar-inner" },
    el("a", { class: "brand", href: "/" }, "maitred"), parts.venue, parts.nav,
    el("div", { class: "topbar-end" }, parts.indicator, parts.who, out)));
  return parts;
}

async function leaveByButton(client, button) {
  button.disabled = true;
  try {
    await signOut(client.rest);
    client.disconnect();
  } catch (error) {
    button.disabled = false;
    toast(t("common.signOutFailed", { reason: error.message }), { tone: "bad" });
  }
}

function setBanner(parts, name, content) {
  parts.banners.get(name)?.remove();
  parts.banners.delete(name);
  if (!content) return;
  const banner = el("div", { class: "banner", role: "status", dataset: { tone: content.tone, banner: name } },
    el("span", {}, content.text), content.action);
  parts.banners.set(name, banner);
  parts.notices.append(banner);
  if (content.for) setTimeout(() => { if (parts.banners.get(name) === banner) setBanner(parts, name, null); }, content.for);
}

// --- following the connection ----------------------------------------------------------------

function connectionHandlers(client, parts) {
  return {
    state: (state) => showState(parts, state),
    transport: (name) => { parts.indicator.dataset.transport = name ?? ""; },
    lost: () => setBanner(parts, "connection", {
      tone: "warn", text: t("connection.lost"), action: retryButton(client) }),
    restored: () => setBanner(parts, "connection", {
      tone: "good", text: t("connection.restored"), for: GOOD_NEWS_FOR }),
    syncing: () => setBanner(parts, "sync", { tone: "", text: t("connection.syncing") }),
    synced: (result) => {
      setBanner(parts, "sync", null);
      announceSync(result);
    },
    polling: (active) => setBanner(parts, "polling", active && { tone: "", text: t("connection.polling") }),
    offline: (active) => setBanner(parts, "offline", active && { tone: "warn", text: t("connection.offline") }),
    queue: (list) => setBanner(parts, "queue", list.length && { tone: "", text: t("connection.waiting", { n: list.length }) }),
    replayed: (outcome) => announceReplay(outcome),
    session_ended: () => leave(client),
  };
}

function retryButton(client) {
  return el("button", { class: "button compact", type: "button", onclick: () => client.retryNow() }, t("connection.tryNow"));
}

function showState(parts, state) {
  Object.assign(parts.indicator.dataset, { tone: TONES[state], state });
  parts.indicator.querySelector(".label").textContent = t(`connection.${state}`);
  if (state !== "live") setBanner(parts, "sync", null);
}

function announceSync({ exact, count }) {
  if (!exact) toast(t("connection.loadedAfresh"));
  else if (count >= MANY_UPDATES) toast(t("connection.synced", { n: count }), { tone: "good" });
}

function announceReplay({ done, refused }) {
  if (done) toast(t("connection.replayed", { n: done }), { tone: "good" });
  for (const { change, error } of refused) toast(t("connection.refusedLater", { label: change.label, reason: error.message }), { tone: "bad" });
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
