// Who took which step of the open order, and why: newest first, read again when the order has taken another one.

import { el, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t, tOr } from "../ui/i18n.js";
import { Keyed } from "./keyed.js";
import { statusWord } from "./steps.js";

export function makeHistory({ client, formats }) {
  const rows = el("ol", { class: "history" });
  const state = el("div", {});
  const node = el("section", { class: "panel-part", dataset: { part: "history" }, "aria-label": t("orders.history") }, el("h3", {}, t("orders.history")), rows, state);
  const keyed = new Keyed(rows, { make: (entry) => ({ node: makeEntry(entry), show: () => {} }) });
  let shown = "";
  let order = null;

  function makeEntry(entry) {
    return el("li", {}, el("time", { class: "muted small", datetime: entry.at }, formats.seconds(entry.at)),
      el("span", {}, `${statusWord(entry.old_status)} \u2192 ${statusWord(entry.new_status)}`,
        entry.note && el("span", { class: "line-notes" }, entry.note)),
      el("span", { class: "muted small" }, tOr(`orders.actor_${entry.actor}`, entry.actor)));
  }

  async function read(id) {
    try {
      const { data } = await client.rest.get(`/api/v1/history/orders/${id}?limit=50`);
      if (id !== order) return;
      keyed.show(data);
      state.replaceChildren(...(data.length ? [] : [stateMessage(t("orders.noHistory"))]));
    } catch (error) {
      if (id !== order) return;
      shown = "";
      state.replaceChildren(stateMessage(explain(error)));
    }
  }

  // By the version and not by the status: a step that is only wished for has no history yet.
  function follow(next) {
    if (!next || shown === `${next.id} ${next.version}`) return;
    if (next.id !== order) keyed.show([]);
    order = next.id;
    shown = `${next.id} ${next.version}`;
    read(next.id);
  }

  return { node, follow };
}
