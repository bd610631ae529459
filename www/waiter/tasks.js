// The tasks as cards, the most pressing first: what, which table, how long ago, and one large button for what to do.

import { el, setText, stateMessage } from "../ui/dom.js";
import { agoText } from "../ui/format.js";
import { locale, t, tOr } from "../ui/i18n.js";
import { icon, setIcon } from "../ui/icon.js";
import { keyedList } from "../ui/keyed.js";

// kind -> its sign, what the large button does, and the step that it takes of the order behind it
const KINDS = {
  call_waiter: { sign: "hand", does: () => t("waiter.coming") },
  bill_requested: { sign: "receipt", does: () => t("waiter.coming") },
  order_ready: { sign: "concierge-bell", from: "ready", step: "served", does: () => t("waiter.serve") },
  new_order: { sign: "clipboard-list", from: "pending", step: "confirmed", does: () => t("waiter.confirm") },
  payment_completed: { sign: "credit-card", does: () => t("waiter.seen") },
  alert: { sign: "triangle-alert", does: () => t("waiter.seen") },
};
const TONES = { urgent: "bad", high: "warn" };
const LATE_AFTER = 5 * 60000;

export function makeTasks({ house, steps, formats, openTable }) {
  const root = document.getElementById("tasks");
  const empty = el("li", { class: "none" }, stateMessage(t("waiter.allQuiet"), null, icon("circle-check")));
  const todoList = document.getElementById("todo");
  const wayList = document.getElementById("on-the-way");
  const drawTodo = keyedList(todoList, (task) => taskCard(task, { house, steps, formats, openTable }));
  const drawWay = keyedList(wayList, (call) => callCard(call, { house, steps, openTable }));

  function show() {
    const todo = house.todo();
    const way = house.onTheWay();
    drawTodo(todo);
    if (!todo.length) todoList.append(empty);
    drawWay(way);
    document.getElementById("on-the-way-group").hidden = !way.length;
    root.removeAttribute("aria-busy");
    return todo.length;
  }

  return { show };
}

function card({ id, openTable }) {
  const sign = icon("bell");
  const title = el("h3", {});
  const place = el("button", { class: "table-link", type: "button", onclick: () => openTable(node.dataset.table) });
  const ago = el("time", { class: "muted small" });
  const text = el("p", { class: "task-text" });
  const badge = el("span", { class: "badge", hidden: true });
  const actions = el("div", { class: "task-actions" });
  const node = el("li", { class: "card task", dataset: id }, el("span", { class: "task-sign" }, sign),
    el("div", { class: "task-words" }, el("div", { class: "task-head" }, title, badge, ago), text), place, actions);
  return { node, sign, title, place, ago, text, badge, actions };
}

function showPlace({ node, place }, house, one) {
  const table = house.table(one.table_id);
  node.dataset.table = one.table_id ?? "";
  place.hidden = !table;
  setText(place, table ? String(table.number) : "");
  place.setAttribute("aria-label", table ? t("waiter.openTable", { n: table.number }) : "");
}

function showAge({ node, ago }, one, since = one.created_at) {
  const now = Date.now();
  ago.dateTime = since;
  setText(ago, agoText(Date.parse(since), now, locale()));
  node.toggleAttribute("data-late", now - Date.parse(since) > LATE_AFTER);
}

const action = (name, text, run, tone = "") => el("button", { class: `button ${tone}`, type: "button", dataset: { do: name }, onclick: run }, text);

// The server's texts begin with the place ("Table 4 calls: More water"); what the guest said comes behind the colon.
const saidIn = (text) => (text.includes(": ") ? text.slice(text.indexOf(": ") + 2) : "");

function taskCard(first, { house, steps, formats, openTable }) {
  let task = first;
  const parts = card({ id: { task: task.id, kind: task.kind }, openTable: (id) => openTable(Number(id)) });
  const { sign, does, step, from } = KINDS[task.kind] ?? KINDS.alert;
  setIcon(parts.sign, sign);
  setText(parts.title, t(`waiter.task_${task.kind in KINDS ? task.kind : "alert"}`));
  const main = action("main", does(), () => run(), "primary");
  const seen = action("seen", t("waiter.seen"), () => steps.acknowledge(task), "quiet");
  parts.actions.append(seen, main);

  const orderBehind = () => (step && task.order_id ? house.orders.get(task.order_id) : null);
  const canStep = () => Boolean(step) && orderBehind()?.order_status === from;

  function run() {
    if (canStep()) steps.move(orderBehind(), step);
    else steps.acknowledge(task);
  }

  function show(now) {
    task = now;
    const words = wordsOf(task, orderBehind(), formats);
    setText(parts.text, words);
    parts.text.hidden = !words;
    parts.badge.hidden = !(task.priority in TONES);
    parts.badge.dataset.tone = TONES[task.priority] ?? "";
    setText(parts.badge, t(`waiter.priority_${task.priority}`));
    seen.hidden = !canStep();
    setText(main, step && !canStep() ? t("waiter.seen") : does());
    showPlace(parts, house, task);
    showAge(parts, task);
  }

  return { node: parts.node, show };
}

function wordsOf(task, order, formats) {
  if (order) return `${order.order_number}: ${order.items.filter(({ status }) => status !== "void").map((line) => `${line.quantity}\u00d7 ${line.name}`).join(", ")}`;
  if (["call_waiter", "bill_requested"].includes(task.kind)) return saidIn(task.text);
  return task.kind === "payment_completed" && task.data ? paymentText(task.data, formats) : task.text;
}

// The ways of paying that have a word of ours; any other as it is.
const paymentText = ({ amount, method, order_number: number }, formats) =>
  t("waiter.paidBy", { amount: formats.money(amount), method: tOr(`waiter.pay_${method}`, method), number });

function callCard(first, { house, steps, openTable }) {
  let call = first;
  const parts = card({ id: { call: call.id, kind: call.kind }, openTable: (id) => openTable(Number(id)) });
  setIcon(parts.sign, KINDS[call.kind].sign);
  setText(parts.title, t(`waiter.task_${call.kind}`));
  parts.actions.append(action("done", t("waiter.done"), () => steps.resolve(call)));

  function show(now) {
    call = now;
    setText(parts.text, [call.text, t("waiter.takenBy", { who: call.acknowledged_by ?? "" })].filter(Boolean).join(" \u00b7 "));
    showPlace(parts, house, call);
    showAge(parts, call, call.acknowledged_at);
  }

  return { node: parts.node, show };
}
