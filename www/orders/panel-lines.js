// The lines of the open order: what was ordered, how far it is, and the steps of each. A line is voided, never
// changed: what is void stays to be seen, struck out.

import { el, figure, setFigure, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { Keyed } from "./keyed.js";
import { lineWord } from "./steps.js";

const TONES = { placed: "warn", preparing: "accent", ready: "good", void: "bad" };

// on: {line(order, line, status), void(order, line)}
export function makeLines({ formats, rights, on }) {
  const rows = el("ul", { class: "lines-list" });
  const node = el("section", { class: "panel-part", "aria-label": t("orders.lines") }, el("h3", {}, t("orders.lines")), rows);
  const keyed = new Keyed(rows, { idOf: ({ line }) => line.id, make: makeLine });

  function makeLine({ line: first }) {
    const price = figure(`line.${first.id}`, "", "", { class: "line-price" });
    const badge = el("span", { class: "badge" });
    const step = el("button", { class: "button compact", type: "button", onclick: () => on.line(now.order, now.line, now.next) });
    const void_ = el("button", { class: "button compact quiet", type: "button", "aria-label": t("orders.voidOne", { name: first.name }),
      onclick: () => on.void(now.order, now.line) }, t("orders.void"));
    const row = el("li", { class: "line", dataset: { line: first.id } },
      el("span", { class: "line-count" }, `${first.quantity} ×`),
      el("span", { class: "line-name" }, first.name, first.notes && el("span", { class: "line-notes" }, first.notes)),
      price, el("span", { class: "line-do" }, badge, step, void_));
    let now = {};

    function show({ order, line }) {
      const next = rights.nextOfLine(order, line);
      now = { order, line, next };
      row.dataset.status = line.status;
      setFigure(price, line.quantity * line.unit_price, formats.money(line.quantity * line.unit_price));
      setText(badge, lineWord(line.status));
      badge.dataset.tone = TONES[line.status] ?? "";
      step.hidden = !next;
      if (next) {
        setText(step, t(`orders.lineStep_${next}`));
        step.setAttribute("aria-label", t("orders.lineStepOf", { step: t(`orders.lineStep_${next}`), name: line.name }));
      }
      void_.hidden = !rights.mayVoid(order, line);
    }
    return { node: row, show };
  }

  return { node, show: (order) => keyed.show(order.items.map((line) => ({ order, line }))) };
}
