// The guest's orders: each with its steps and when they were taken, its lines, its sum; and what is to pay in all.

import { el, figure, setFigure, setText, stateMessage } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { icon } from "../ui/icon.js";
import { keyedList } from "../ui/keyed.js";

const STEPS = ["pending", "confirmed", "preparing", "ready", "served"];
const SIGNS = { pending: "clipboard-list", confirmed: "check", preparing: "chef-hat", ready: "concierge-bell", served: "utensils" };
const KEPT = "maitred.guest.times";
const reached = (status) => (status === "completed" ? STEPS.length - 1 : STEPS.indexOf(status));

// When a state was first seen here: the server tells guests the last change only.
class Times {
  #kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

  of(order) {
    const times = (this.#kept[order.id] ??= { pending: order.created_at });
    if (!times[order.order_status]) {
      times[order.order_status] = order.updated_at;
      sessionStorage.setItem(KEPT, JSON.stringify(this.#kept));
    }
    return times;
  }
}

export function makeOrders({ formats, openMenu }) {
  const list = document.getElementById("orders");
  const totalLine = document.getElementById("total");
  const times = new Times();
  const sum = figure("guest.total", "", "");
  const paid = el("span", { class: "badge", dataset: { tone: "good" }, hidden: true });
  totalLine.append(el("span", {}, t("guest.total")), paid, sum);
  const empty = el("li", { class: "card" }, stateMessage(t("guest.noOrders"),
    openMenu && el("button", { class: "button primary", type: "button", onclick: openMenu }, t("guest.toMenu")), icon("utensils")));
  const draw = keyedList(list, (order) => orderCard(order, { formats, times }));

  return function show(orders) {
    const sorted = [...orders].sort((a, b) => b.id - a.id);
    draw(sorted);
    if (!sorted.length) list.append(empty);
    const counted = sorted.filter((order) => order.order_status !== "cancelled");
    const total = counted.reduce((all, order) => all + Math.round(order.total_price * 1000), 0) / 1000;
    setFigure(sum, total, formats.money(total));
    totalLine.hidden = !counted.length;
    paid.hidden = !counted.length || !counted.every((order) => order.payment_status === "paid");
    setText(paid, t("guest.paid"));
  };
}

// When it should be ready; null when that is not known, or no news any more.
function expected(order, at) {
  const until = Date.parse(order.created_at) + order.estimated_time * 60000;
  return order.estimated_time && at < STEPS.indexOf("ready") && until > Date.now() ? until : null;
}

function orderCard(first, { formats, times }) {
  const state = el("strong", { class: "guest-state" });
  const about = el("span", { class: "muted small" });
  const number = el("span", { class: "muted small" });
  const steps = STEPS.map((step) => {
    const when = el("time", { class: "muted" });
    const node = el("li", { dataset: { step } }, el("span", { class: "step-sign" }, icon(SIGNS[step])), el("span", {}, t(`guest.step_${step}`)), when);
    return { step, when, node };
  });
  const track = el("ol", { class: "guest-steps" }, steps.map(({ node }) => node));
  const lines = el("ul", { class: "guest-lines" });
  const price = figure(`order.${first.id}.total`, "", "");
  const paid = el("span", { class: "badge", hidden: true });
  const node = el("li", { class: "card guest-order", dataset: { order: first.id } },
    el("div", { class: "card-head" }, state, number), about, track, lines,
    el("p", { class: "guest-sum" }, el("span", {}, t("guest.sum")), paid, price));
  const drawLines = keyedList(lines, () => {
    const words = el("span", {});
    const amount = el("span", { class: "figure" });
    const line = el("li", {}, words, amount);
    return { node: line, show: (one) => {
      setText(words, [`${one.quantity}\u00d7 ${one.name}`, one.notes].filter(Boolean).join(" \u2013 "));
      setText(amount, formats.money(Math.round(one.quantity * one.unit_price * 1000) / 1000));
    } };
  });

  function show(order) {
    const seen = times.of(order);
    const at = reached(order.order_status);
    node.dataset.status = order.order_status;
    setText(state, t(`guest.state_${order.order_status}`));
    setText(number, order.order_number);
    const until = expected(order, at);
    setText(about, until ? t("guest.about", { time: formats.time(new Date(until).toISOString()) }) : "");
    about.hidden = !until;
    track.hidden = at < 0;
    for (const [i, { step, when, node: item }] of steps.entries()) {
      item.dataset.reached = i < at ? "before" : i === at ? "now" : "";
      if (i === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      setText(when, i <= at && seen[step] ? formats.time(seen[step]) : "");
    }
    drawLines(order.items.filter(({ status }) => status !== "void"));
    setFigure(price, order.total_price, formats.money(order.total_price));
    const word = { paid: t("guest.paid"), partial: t("guest.partlyPaid") }[order.payment_status];
    paid.hidden = !word;
    setText(paid, word ?? "");
    paid.dataset.tone = order.payment_status === "paid" ? "good" : "warn";
  }

  return { node, show };
}
