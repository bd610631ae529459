// One order in full beside the list: its steps, lines, money and history, live.
//
// makePanel({...}) -> {open(id), close(), order, get, put, expect}. The order is a list of one that stays current, so
// it may be one that the page of the list does not have. Everything is changed in place: what is focused stays.
// Owns the panel.

import { LiveList } from "../lib/live-list.js";
import { el, flash, setText, skeleton, stateMessage } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { Keyed } from "./keyed.js";
import { ageText, minutesSince, tableText } from "./order-table.js";
import { makeHistory } from "./panel-history.js";
import { makeLines } from "./panel-lines.js";
import { makeMoney } from "./panel-money.js";
import { TONES, isClosed, statusWord, stepWord } from "./steps.js";
import { refusal } from "./writes.js";

const EVENTS = ["order_created", "order_status_changed", "order_update"];
const NO_SETTLE = () => {};

// on: {close(), step(order, status), cancel(order), add(order), edit(order), pay(order), print(order), line.., payment..}
export function makePanel({ root, client, formats, rights, known, on }) {
  let list = null;
  let id = null;
  const parts = drawParts();
  const lines = makeLines({ formats, rights, on });
  const money = makeMoney({ formats, rights, on });
  const history = rights.history ? makeHistory({ client, formats }) : null;
  parts.body.append(lines.node, money.node, ...(history ? [history.node] : []));
  root.replaceChildren(parts.head, parts.problem, parts.body);

  const order = () => (list ? list.get(id) ?? known(id) : null);

  function drawParts() {
    const title = el("h2", { id: "panel-title" });
    const badge = el("span", { class: "badge status" });
    const facts = el("dl", { class: "order-facts" });
    const steps = el("div", { class: "panel-steps" });
    const tools = el("div", { class: "panel-tools" });
    const head = el("header", { class: "panel-head" },
      el("div", { class: "panel-title" }, title, badge,
        el("button", { class: "icon-button", type: "button", "aria-label": t("orders.closePanel"), onclick: () => on.close() }, icon("x"))),
      facts, steps, tools);
    return { head, title, badge, facts, steps, tools, problem: el("div", { class: "panel-problem" }), body: el("div", { class: "panel-body" }) };
  }

  const button = (class_, label, run) => (first) => {
    const node = el("button", { class: `button ${class_}`, type: "button", dataset: { step: first.name } });
    node.addEventListener("click", () => run(order(), first));
    return { node, show: (one) => setText(node, label(one)) };
  };
  const facts = new Keyed(parts.facts, { idOf: ({ name }) => name, make: ({ name }) => {
    const value = el("dd", { dataset: { fact: name } });
    return { node: el("div", {}, el("dt", {}, t(`orders.fact_${name}`)), value), show: ({ text }) => setText(value, text) };
  } });
  const steps = new Keyed(parts.steps, { idOf: ({ name }) => name, make: (one) => (one.name === "cancelled"
    ? button("bad", () => t("orders.step_cancelled"), (now) => on.cancel(now))(one)
    : button("primary", ({ name }) => stepWord(name), (now, { name }) => on.step(now, name))(one)) });
  const tools = new Keyed(parts.tools, { idOf: ({ name }) => name, make: button("compact", ({ label }) => label, (now, { run }) => run(now)) });

  function factsOf(now) {
    const age = isClosed(now) ? "" : ` · ${ageText(minutesSince(now.created_at))}`;
    return [
      { name: "table", text: tableText(now) },
      { name: "placed", text: `${formats.day(now.created_at)}, ${formats.time(now.created_at)}${age}` },
      { name: "customer", text: [now.customer_name, now.customer_phone].filter(Boolean).join(" · ") },
      { name: "estimate", text: now.estimated_time ? t("orders.ageMinutes", { n: now.estimated_time }) : "" },
      { name: "notes", text: now.notes ?? "" },
      { name: "by", text: now.updated_by ?? "" },
    ].filter(({ text }) => text);
  }

  function draw() {
    const now = order();
    root.setAttribute("aria-busy", String(!now && !list?.failed));
    drawProblem(now);
    parts.body.hidden = !now;
    if (!now) return;
    setText(parts.title, now.order_number);
    const before = root.dataset.status;
    root.dataset.status = now.order_status;
    setText(parts.badge, statusWord(now.order_status));
    parts.badge.dataset.tone = TONES[now.order_status] ?? "";
    if (before && before !== now.order_status) flash(parts.badge);
    facts.show(factsOf(now));
    const next = rights.nextOf(now);
    steps.show([...(next ? [{ name: next }] : []), ...(rights.mayCancel(now) ? [{ name: "cancelled" }] : [])]);
    tools.show(toolsOf(now));
    lines.show(now);
    money.show(now);
  }

  function toolsOf(now) {
    return [
      rights.mayAdd(now) && { name: "add", label: t("orders.addLines"), run: on.add },
      rights.write && { name: "edit", label: t("orders.edit"), run: on.edit },
      { name: "print", label: t("orders.print"), run: on.print },
    ].filter(Boolean);
  }

  function drawProblem(now) {
    if (!list?.failed) return void (now ? parts.problem.replaceChildren() : parts.problem.replaceChildren(...skeleton(["2rem", "6rem", "4rem"])));
    if (now && parts.problem.firstChild) return;
    const text = list.failed.status === 404 ? t("orders.noSuchOrder") : refusal(list.failed);
    parts.problem.replaceChildren(stateMessage(text, el("button", { class: "button compact", type: "button", onclick: load }, t("common.tryAgain"))));
  }

  const load = () => list.load().catch(draw);

  function open(wanted) {
    if (wanted === id) return;
    list?.close();
    id = wanted;
    delete root.dataset.status;
    root.dataset.order = id;
    const mine = ({ order: one }) => (one.id === id ? one : null);
    list = new LiveList({ client, path: `/api/v1/orders/${id}`, read: (data) => [data], hears: Object.fromEntries(EVENTS.map((type) => [type, mine])) });
    list.onChange(() => { draw(); history?.follow(order()); });
    root.hidden = false;
    setText(parts.title, "");
    draw();
    history?.follow(order() ?? { id });
    load();
  }

  function close() {
    list?.close();
    list = null;
    id = null;
    root.hidden = true;
  }

  return {
    open, close, draw,
    get id() { return id; },
    get order() { return order(); },
    get: (wanted) => (wanted === id ? order() : null),
    put: (next, position) => { if (next.id === id) list.put(next, position); },
    expect: (wanted, fields) => (wanted === id && list ? list.expect(wanted, fields) : NO_SETTLE),
  };
}
