// The connection indicator: Live, Reconnecting..., Disconnected by a dot and words, and what lies behind it on a press.
//
// makeIndicator(client) -> {node, show(state)}. The panel tells what carries the messages, since when, when the last
// one came, and what waits; it keeps ticking while it is open. The states are the client library's.

import { el } from "./dom.js";
import { agoText } from "./format.js";
import { locale, t } from "./i18n.js";
import { popoverOf } from "./menu.js";

const TONES = { idle: "bad", connecting: "warn", live: "good", reconnecting: "warn", disconnected: "bad", ended: "bad" };
const NEWS = ["message", "tables", "table", "synced"];
const TICK = 1000;

export function makeIndicator(client) {
  const label = el("span", { class: "label" }, t("connection.connecting"));
  const node = el("button", { class: "indicator", type: "button", id: "connection", dataset: { tone: "warn", state: "connecting" } },
    el("span", { class: "dot", "aria-hidden": "true" }), label);
  const known = { since: Date.now(), news: null };
  popoverOf(node, (panel) => keepTicking(panel, () => panelOf(client, known)), { label: t("connection.panel") });
  for (const name of NEWS) client.on(name, () => { known.news = Date.now(); });
  client.on("transport", (name) => { node.dataset.transport = name ?? ""; });

  function show(state) {
    if (node.dataset.state !== state) known.since = Date.now();
    Object.assign(node.dataset, { tone: TONES[state], state });
    label.textContent = t(`connection.${state}`);
  }

  return { node, show };
}

// The parts that change are drawn again, what can be pressed stays.
function keepTicking(panel, rows) {
  const list = el("dl", { class: "facts" });
  const draw = () => list.replaceChildren(...rows().flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  draw();
  const timer = setInterval(() => { if (panel.isConnected) draw(); else clearInterval(timer); }, TICK);
  return [el("h2", {}, t("connection.panel")), list];
}

function panelOf(client, known) {
  const now = Date.now();
  const transport = client.transport ?? (client.polling ? "polling" : client.state === "live" ? "websocket" : null);
  return [
    [t("connection.stateIs"), t(`connection.${client.state}`)],
    [t("connection.carriedBy"), transport ? t(`connection.by_${transport}`) : "\u2013"],
    [t("connection.since"), agoText(known.since, now, locale())],
    [t("connection.lastNews"), known.news ? agoText(known.news, now, locale()) : "\u2013"],
    [t("connection.toSend"), String(client.queue?.size ?? 0)],
  ];
}
