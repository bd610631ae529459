// The guest's page, without an account: the orders of the table and how far they are, the menu to order from, calling
// the waiter and asking for the bill. Opened by the code that a waiter shows; ends when the table is closed.

import { LiveList } from "../lib/live-list.js";
import { stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { Formats } from "../ui/format.js";
import { loadStrings, locale, t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { startFrame } from "../ui/shell.js";
import { makeTabs } from "../ui/tabs.js";
import { toast } from "../ui/toast.js";
import { makeCalls } from "./calls.js";
import { GuestClient } from "./guest-client.js";
import { makeMenu } from "./menu.js";
import { makeOrders } from "./orders.js";
import { forgetToken, subjectOf, takeToken } from "./token.js";

const AGAIN = 5000;
const OVER = ["completed", "cancelled"];
const token = takeToken();
const subject = token && subjectOf(token);
const byId = (id) => document.getElementById(id);
addEventListener("hashchange", () => location.reload()); // another code was opened in this tab

function farewell(words, sign) {
  forgetToken();
  byId("place").hidden = byId("bar").hidden = true;
  byId("farewell").hidden = false;
  byId("farewell").replaceChildren(stateMessage(words, null, icon(sign)));
  byId("said").textContent = words;
}

async function start() {
  const client = new GuestClient({ token, subject, storage: sessionStorage });
  await startFrame({ strings: ["guest", "menu"], client });
  client.on("over", () => { client.disconnect(); farewell(t("guest.thanks"), "sparkles"); });
  client.on("session_ended", () => farewell(t("guest.ended"), "door-open"));
  const profile = await whoIsHost(client);
  if (!profile) return;
  byId("venue").textContent = profile.venue.name;
  document.title = profile.venue.name;
  run(client, new Formats(profile.venue, locale()));
}

async function whoIsHost(client) {
  for (;;) {
    try {
      return (await client.rest.get("/api/user/profile")).data;
    } catch (error) {
      if (error.signedOut) return void farewell(t("guest.ended"), "door-open");
      toast(explain(error), { tone: "bad" });
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}

function run(client, formats) {
  const order = (message) => message.order;
  const orders = new LiveList({ client, path: "/api/v1/orders?limit=200",
    hears: { order_status: order, order_update: order, order_items_update: order } });
  const calls = new LiveList({ client, path: "/api/v1/service-requests?limit=200", hears: { call_update: ({ call }) => call } });
  const say = (words) => { byId("said").textContent = words; };
  const tabs = subject.session && makeTabs({ label: t("guest.views"), onChange: (name) => { if (name === "menu") menu.load().catch(complain); }, tabs: [
    { name: "orders", label: t("guest.orders"), icon: "clipboard-list", panel: byId("orders-view") },
    { name: "menu", label: t("guest.menu"), icon: "book-open", panel: byId("menu-view") },
  ] });
  const showOrders = makeOrders({ formats, openMenu: tabs && (() => tabs.choose("menu")) });
  const menu = tabs && makeMenu({ client, formats, orders, placed: ({ order_number: number }) => {
    toast(t("guest.placed", { number }), { tone: "good" });
    tabs.choose("orders");
  } });
  const buttons = makeCalls({ client, calls, say });
  const complain = (error) => { if (!error.signedOut) toast(explain(error), { tone: "bad" }); };
  const heard = new Map(); // order id -> state

  function draw() {
    const all = orders.values();
    showOrders(all);
    client.follow(subject.session ? all.filter((one) => !OVER.includes(one.order_status)).map(({ id }) => id) : []);
    for (const one of all) {
      if (heard.has(one.id) && heard.get(one.id) !== one.order_status) say(`${one.order_number}: ${t(`guest.state_${one.order_status}`)}`);
      heard.set(one.id, one.order_status);
    }
    const number = all.find((one) => one.table_number !== null)?.table_number;
    if (number) showTable(number);
  }

  const showTable = (number) => { byId("table").textContent = t("guest.table", { n: number }); };
  orders.onChange(draw);
  calls.onChange(buttons.show);
  for (const type of ["session_status", "session_update"]) {
    client.on(type, (session) => {
      showTable(session.table_number);
      if (session.state !== "open") return void client.emit("over");
      if (type === "session_update") orders.load().catch(() => {}); // an order of the staff's, or of others at the table
    });
  }
  if (!subject.session) setInterval(() => { if (buttons.open) calls.load().catch(() => {}); }, AGAIN); // an order's socket tells of no calls
  if (tabs) byId("views").append(tabs.node);
  byId("bar").hidden = false;
  client.connect();
  Promise.all([orders.load(), calls.load()]).catch(complain).finally(() => byId("place").removeAttribute("aria-busy"));
}

if (subject) {
  await start();
} else {
  await loadStrings("guest");
  farewell(t("guest.noToken"), "circle-help");
}
