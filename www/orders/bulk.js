// Many orders at once: what is selected, the steps that fit them, and a summary of what came of it.
//
// One order after the other, each by itself: one that is refused does not undo the others. Not while offline. Owns
// the selection (by id, with the order as it was last seen) and the bar above the list.

import { openDialog } from "../ui/dialog.js";
import { el, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { Keyed } from "./keyed.js";
import { STATUSES, stepWord } from "./steps.js";
import { refusal } from "./writes.js";

export class Bulk {
  picked = new Map(); // id -> order
  #rights;
  #writes;
  #onChange;
  #text = el("strong", { role: "status" });
  #buttons = el("div", { class: "bulk-steps" });
  #keyed;
  #busy = false;

  constructor({ root, rights, writes, onChange }) {
    this.root = root;
    this.#rights = rights;
    this.#writes = writes;
    this.#onChange = onChange;
    this.#keyed = new Keyed(this.#buttons, { idOf: ({ status }) => status, make: ({ status }) => this.#makeButton(status) });
    root.append(this.#text, this.#buttons,
      el("button", { class: "button compact quiet", type: "button", onclick: () => this.clear() }, t("orders.clear")));
  }

  pick(order, picked) {
    if (picked) this.picked.set(order.id, order);
    else this.picked.delete(order.id);
    this.#onChange([...this.picked.keys()]);
    this.draw();
  }

  // All of them, or none.
  setAll(orders) {
    this.picked = new Map(orders.map((order) => [order.id, order]));
    this.#onChange([...this.picked.keys()]);
    this.draw();
  }

  clear() { this.setAll([]); }

  // The newest that is known of them.
  saw(orders) {
    for (const order of orders) if (this.picked.has(order.id)) this.picked.set(order.id, order);
    this.draw();
  }

  draw() {
    this.root.hidden = !this.picked.size;
    setText(this.#text, t("orders.picked", { n: this.picked.size }));
    const fits = STATUSES.map((status) => ({ status, orders: this.#fitting(status) })).filter(({ orders }) => orders.length);
    this.#keyed.show(fits);
  }

  #fitting(status) {
    return [...this.picked.values()].filter((order) => this.#rights.nextOf(order) === status);
  }

  #makeButton(status) {
    const node = el("button", { class: "button compact", type: "button", dataset: { bulk: status }, onclick: () => this.#run(status) });
    return { node, show: ({ orders }) => {
      setText(node, t("orders.bulkStep", { step: stepWord(status), n: orders.length }));
      node.disabled = this.#busy || this.#writes.offline;
    } };
  }

  async #run(status) {
    const orders = this.#fitting(status);
    const left = this.picked.size - orders.length;
    const refused = [];
    this.#busy = true;
    this.draw();
    for (const order of orders) {
      await this.#writes.tryStep(order, status).catch((error) => refused.push({ order, error }));
    }
    this.#busy = false;
    this.draw();
    this.#summarize({ status, done: orders.length - refused.length, left, refused });
  }

  #summarize({ status, done, left, refused }) {
    const said = t("orders.bulkDone", { n: done, step: stepWord(status) });
    if (!refused.length && !left) return toast(said, { tone: "good" });
    return openDialog({ title: t("orders.bulkTitle"), content: el("div", { class: "summary" },
      el("p", {}, said), left ? el("p", { class: "muted" }, t("orders.bulkLeft", { n: left })) : null,
      refused.length ? el("p", {}, t("orders.bulkRefused", { n: refused.length })) : null,
      el("ul", {}, refused.map(({ order, error }) => el("li", {}, el("strong", {}, order.order_number), ` ${refusal(error)}`)))),
    actions: [{ label: t("common.close"), value: "yes", tone: "primary" }] });
  }
}
