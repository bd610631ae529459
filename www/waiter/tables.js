// The tables where guests sit, mine or all: guests, since when, how far their orders are, what is still to be paid.

import { el, figure, setFigure, setText, stateMessage } from "../ui/dom.js";
import { spanText } from "../ui/format.js";
import { locale, t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keyedList } from "../ui/keyed.js";

const KEPT = "maitred.waiter.whose";
const STATES = ["pending", "confirmed", "preparing", "ready", "served"];
const TONES = { pending: "warn", ready: "good", preparing: "accent" };

export function makeTables({ house, formats, openTable }) {
  let mine = (localStorage.getItem(KEPT) ?? (house.boss ? "all" : "mine")) === "mine";
  const list = document.getElementById("my-tables");
  const empty = el("li", { class: "none" }, stateMessage(t("waiter.noTables"), null, icon("utensils")));
  const draw = keyedList(list, (table) => tableCard(table, { house, formats, openTable }));

  const choice = (value, label) => [el("input", { type: "radio", name: "whose", id: `whose-${value}`, value, checked: mine === (value === "mine"),
    onchange: () => { mine = value === "mine"; localStorage.setItem(KEPT, value); show(); } }), el("label", { for: `whose-${value}` }, label)];
  document.getElementById("whose").append(el("fieldset", { class: "segmented" }, el("legend", { class: "visually-hidden" }, t("waiter.whose")),
    choice("mine", t("waiter.mine")), choice("all", t("waiter.all"))));

  function show() {
    const tables = house.seated(mine);
    draw(tables);
    if (!tables.length) list.append(empty);
  }

  return { show };
}

function tableCard(first, { house, formats, openTable }) {
  let table = first;
  const number = el("span", { class: "table-number" });
  const name = el("span", { class: "muted small" });
  const guests = figure(`table.${table.id}.guests`, "", "");
  const since = el("span", { class: "muted" });
  const due = figure(`table.${table.id}.due`, "", "");
  const states = el("span", { class: "table-states" });
  const calls = el("span", { class: "badge", dataset: { tone: "bad" }, hidden: true }, t("waiter.calls"));
  const node = el("li", { dataset: { seated: table.id } }, el("button", { class: "card table-card", type: "button", onclick: () => openTable(table.id) },
    number, el("span", { class: "table-words" }, name, el("span", { class: "table-facts" }, icon("users"), guests, icon("clock"), since), states),
    el("span", { class: "table-due" }, calls, due)));

  function show(now) {
    table = now;
    const { session } = table;
    const orders = house.ordersOf(session.id);
    const amount = house.dueOfSession(session.id);
    setText(number, String(table.number));
    setText(name, [table.name, table.section].filter(Boolean).join(" \u00b7 "));
    setFigure(guests, session.guests_count, formats.number(session.guests_count));
    setText(since, spanText(Date.now() - Date.parse(session.started_at), locale()));
    setFigure(due, amount, formats.money(amount));
    const counts = STATES.map((state) => [state, orders.filter((order) => order.order_status === state).length]).filter(([, n]) => n);
    const words = counts.map(([state, n]) => `${n} ${t(`waiter.order_${state}`)}`);
    if (states.dataset.words !== words.join()) {
      states.dataset.words = words.join();
      states.replaceChildren(...counts.map(([state], i) => el("span", { class: "badge", dataset: { tone: TONES[state] ?? "" } }, words[i])));
    }
    calls.hidden = !house.calls.values().some((call) => call.session_id === session.id && !call.acknowledged_at && !call.resolved_at);
  }

  return { node, show };
}
