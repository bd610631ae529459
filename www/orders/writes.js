// Every change that the page makes: shown at once where it can be foreseen, rolled back when it is refused, and
// said in words. A step may wait while the server cannot be reached; money, new lines and cancelling may not.
//
// The shown lists (the page, the panel) are the targets: {get(id), put(order, position), expect(id, fields)}.
// Owns the wishes of steps that wait, also of those that an earlier visit left in the queue.

import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { lineWord, paymentWord, statusWord } from "./steps.js";

const STEP_PATH = /^\/api\/v1\/orders\/(\d+)\/status$/;

const WORDS = [statusWord, lineWord, paymentWord];

// "allowed" speaks of states of orders, lines or payments: the first that has a word of its own says it.
function stepNames(allowed) {
  return allowed.map((name) => WORDS.map((word) => word(name)).find((text) => text !== name) ?? name).join(", ");
}

// A refusal as a person reads it.
export function refusal(error) {
  if (error.code === "invalid_transition") {
    const allowed = error.current?.allowed ?? [];
    return allowed.length ? t("orders.refusedStep", { steps: stepNames(allowed) }) : t("orders.refusedFinal");
  }
  if (error.code === "offline") return t("orders.refusedOffline");
  if (error.code === "version_conflict") return t("orders.refusedChanged");
  if (error.status === 403) return t("orders.refusedRole");
  return error.fields.length ? error.fields.map(({ detail }) => detail).join(" ") : explain(error);
}

export class Writes {
  #client;
  #targets;
  #waiting = new Map(); // idempotency key -> settle

  constructor({ client, targets }) {
    this.#client = client;
    this.#targets = targets;
    client.on("sent", (change, { data, position }) => this.#arrived(change.key, data, position));
    client.on("replayed", ({ refused }) => { for (const { change } of refused) this.#settle(change.key); });
    for (const { key, path, body } of client.queue.list()) {
      const [, id] = STEP_PATH.exec(path) ?? [];
      if (id) this.#waiting.set(key, this.#expect(Number(id), { order_status: body.status }));
    }
  }

  get offline() { return this.#client.offline; }

  // A step of an order. -> true, or false when it was refused and has been said.
  async step(order, status) {
    try {
      await this.tryStep(order, status);
      return true;
    } catch (error) {
      toast(t("orders.stepFailed", { order: order.order_number, reason: refusal(error) }), { tone: "bad" });
      return false;
    }
  }

  // The same, refused by throwing. `fields`: note, version. Only a plain step may wait for the network.
  async tryStep(order, status, fields = {}) {
    const settle = this.#expect(order.id, { order_status: status });
    const label = t("orders.stepLabel", { order: order.order_number, status: statusWord(status) });
    try {
      const answer = await this.#client.change({ method: "PATCH", path: `/api/v1/orders/${order.id}/status`,
        body: { status, ...fields }, label, queue: status !== "cancelled" });
      if (answer.queued) this.#waiting.set(answer.key, settle);
      else this.#put(answer.data, answer.position, settle);
    } catch (error) {
      settle();
      throw error;
    }
  }

  // Anything else of an order: its lines, payments and what it says. Throws what was refused.
  async write(method, path, body) {
    const { data, position } = await this.#client.change({ method, path, body });
    this.#put(data, position);
    return data;
  }

  lineStep(order, line, status) {
    return this.#said(order, () => this.write("PATCH", `/api/v1/orders/${order.id}/items/${line.id}`, { status }));
  }

  paymentStep(order, payment, status) {
    return this.#said(order, () => this.write("PATCH", `/api/v1/orders/${order.id}/payments/${payment.id}`, { status }));
  }

  async #said(order, run) {
    try {
      await run();
      return true;
    } catch (error) {
      toast(t("orders.changeFailed", { order: order.order_number, reason: refusal(error) }), { tone: "bad" });
      return false;
    }
  }

  #expect(id, fields) {
    const settles = this.#targets.map((target) => target.expect(id, fields));
    return () => { for (const settle of settles) settle(); };
  }

  // The truth first, then the wish goes: what is shown never jumps back in between.
  #put(order, position, settle = () => {}) {
    for (const target of this.#targets) target.put(order, position);
    settle();
  }

  #arrived(key, data, position) {
    const settle = this.#waiting.get(key);
    if (!settle) return;
    this.#waiting.delete(key);
    this.#put(data, position, settle);
  }

  #settle(key) {
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
  }
}
