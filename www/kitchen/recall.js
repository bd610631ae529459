// The last ten that left the board. Orders never step back (ready stays ready), so a recall shows the ticket again:
// what was on it, for whoever must plate it once more. Who takes it away again puts it back.

import { el, stateMessage } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { openDialog } from "../ui/dialog.js";
import { t } from "../ui/i18n.js";
import { placeOf } from "./ticket.js";

const HOW_MANY = 10;
const GONE = ["ready", "served"];
const PATH = "/api/v1/orders?status=ready,served&limit=50";

export async function openRecall({ client, list, formats, showAgain }) {
  const body = el("ul", { class: "recall-list" });
  const dialog = openDialog({ title: t("kitchen.recallTitle"), content: [el("p", { class: "muted" }, t("kitchen.recallHint")), body] });

  function draw(served) {
    const all = new Map([...served, ...list.values()].filter((order) => GONE.includes(order.order_status)).map((order) => [order.id, order]));
    const last = [...all.values()].sort((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at)).slice(0, HOW_MANY);
    body.replaceChildren(...(last.length ? last.map(row) : [el("li", {}, stateMessage(t("kitchen.recallNone")))]));
    body.querySelector("button")?.focus();
  }

  function row(order) {
    return el("li", { dataset: { recall: order.id } }, el("div", {}, el("strong", {}, placeOf(order)),
      el("span", { class: "muted" }, ` ${order.order_number} \u00b7 ${formats.time(order.updated_at)} \u00b7 ${t(`kitchen.status_${order.order_status}`)}`),
      el("p", { class: "small" }, order.items.filter(({ status }) => status !== "void").map((line) => `${line.quantity}\u00d7 ${line.name}`).join(", "))),
    el("button", { class: "button", type: "button", onclick: () => { dialog.close(null); showAgain(order); } }, t("kitchen.showAgain")));
  }

  draw([]);
  try {
    const { data } = await client.rest.get(PATH);
    if (dialog.node.isConnected) draw(data);
  } catch (error) {
    dialog.notices.replaceChildren(el("div", { class: "banner", dataset: { tone: "bad" } }, explain(error)));
  }
}
