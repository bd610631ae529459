// New orders that nobody has acknowledged: they stay on top of the page with their age until somebody does, and
// the bell repeats.
//
// They are the notifications of kind new_order, so that who acknowledges one here has done so for everybody, on
// every screen. A waiter sees the own ones and those for all. Owns its part of the page.

import { LiveList } from "../lib/live-list.js";
import { el, setText } from "../ui/dom.js";
import { t } from "../ui/i18n.js";
import { toast } from "../ui/toast.js";
import { Keyed } from "./keyed.js";
import { ageText, minutesSince } from "./order-table.js";
import { refusal } from "./writes.js";

const SHOWN = 4;
const RING_EVERY = 20000;
const PRESSING_AFTER = 2; // minutes

const isOpen = (one) => !one.acknowledged_at && !one.resolved_at;

// on: {open(orderId), fresh(notifications), words(orderId)}: the order in the reader's language where the page knows it;
// the server's own sentence is English.
export function startAlerts({ root, client, profile, bell, on }) {
  const mine = profile.role === "waiter" ? `&waiter=${profile.id}` : "";
  const isMine = (one) => one.kind === "new_order" && (!mine || one.waiter_id === null || one.waiter_id === profile.id);
  const list = new LiveList({ client, path: `/api/v1/notifications?kind=new_order${mine}&limit=200`,
    hears: { notification: ({ notification }) => (isMine(notification) ? notification : null) } });
  const heading = el("h2", {});
  const all = el("button", { class: "button compact", type: "button", onclick: () => acknowledge(open()) }, t("orders.acknowledgeAll"));
  const rows = el("ul", { class: "alert-rows" });
  const more = el("button", { class: "button compact quiet more", type: "button", onclick: () => { most = Infinity; draw(); } });
  const keyed = new Keyed(rows, { make: makeAlert });
  let most = SHOWN;
  let known = null; // ids that were open before

  root.append(el("header", {}, heading, all), rows, more);

  const open = () => list.values().filter(isOpen).sort((a, b) => a.id - b.id);

  function makeAlert(first) {
    const text = el("span", { class: "alert-text" });
    const age = el("span", { class: "small age" });
    const node = el("li", { class: "alert", dataset: { notification: first.id } },
      text, age,
      el("button", { class: "button compact", type: "button", hidden: !first.order_id, onclick: () => on.open(first.order_id) }, t("orders.open")),
      el("button", { class: "button compact primary", type: "button", "aria-label": t("orders.acknowledgeOne", { text: first.text }),
        onclick: () => acknowledge([first]) }, t("orders.acknowledge")));
    const show = ({ created_at: since, order_id: order }) => {
      setText(text, on.words(order) ?? first.text);
      setText(age, ageText(minutesSince(since)));
      node.toggleAttribute("data-pressing", minutesSince(since) >= PRESSING_AFTER);
    };
    return { node, show };
  }

  function draw() {
    const now = open();
    root.hidden = !now.length;
    if (now.length <= SHOWN) most = SHOWN;
    keyed.show(now.slice(0, most));
    setText(heading, t("orders.alertsHead", { n: now.length }));
    all.hidden = now.length < 2;
    more.hidden = now.length <= most;
    if (!more.hidden) setText(more, t("orders.alertsMore", { n: now.length - most }));
  }

  // What is open for the first time rings; what was there when the page opened does with the next repeat.
  function changed() {
    draw();
    const now = open();
    const fresh = known ? now.filter(({ id }) => !known.has(id)) : [];
    if (list.loaded) known = new Set(now.map(({ id }) => id));
    if (fresh.length) bell.ring();
    if (fresh.length) on.fresh(fresh);
  }

  async function acknowledge(some) {
    for (const one of some) {
      const settle = list.expect(one.id, { acknowledged_at: new Date().toISOString() });
      try {
        const { data, position } = await client.change({ method: "POST", path: `/api/v1/notifications/${one.id}/acknowledge` });
        list.put(data, position);
      } catch (error) {
        toast(t("orders.acknowledgeFailed", { text: one.text, reason: refusal(error) }), { tone: "bad" });
      } finally {
        settle();
      }
    }
  }

  list.onChange(changed);
  list.load().catch(() => {}); // the next connection reads it again
  setInterval(() => { if (open().length) bell.ring(); }, RING_EVERY);
  return { tick: draw };
}
