// Calling the waiter and asking for the bill: one button each, which says how it stands: called, on the way.

import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { t } from "../ui/i18n.js";
import { icon, setIcon } from "../ui/icon.js";
import { toast } from "../ui/toast.js";

const KINDS = [
  { kind: "call_waiter", sign: "hand", ask: () => t("guest.call") },
  { kind: "bill_requested", sign: "receipt", ask: () => t("guest.askBill") },
];

export function makeCalls({ client, calls, say }) {
  const waiting = new Map(); // kind -> idempotency key of a call that is not sent yet
  const buttons = KINDS.map((row) => makeButton(row, call));
  document.getElementById("bar").append(...buttons.map(({ node }) => node));

  const openOf = (kind) => calls.values().filter((one) => one.kind === kind && !one.resolved_at).at(-1) ?? null;

  async function call(kind) {
    try {
      const answer = await client.change({ method: "POST", path: "/api/v1/service-requests", body: { kind }, queue: true,
        label: t(`guest.label_${kind}`) });
      if (answer.queued) waiting.set(kind, answer.key);
      else calls.put(answer.data, answer.position);
    } catch (error) {
      toast(explain(error), { tone: "bad" });
    }
    show();
  }

  client.on("sent", ({ key }, { data, position }) => {
    for (const [kind, one] of waiting) if (one === key) { waiting.delete(kind); calls.put(data, position); }
  });
  client.on("replayed", ({ refused }) => {
    for (const { change } of refused) for (const [kind, key] of waiting) if (key === change.key) waiting.delete(kind);
    show();
  });

  function show() {
    for (const { kind, show: draw } of buttons) {
      const open = openOf(kind);
      const said = draw(open?.acknowledged_at ? "coming" : open || waiting.has(kind) ? "called" : "idle");
      if (said) say(said);
    }
  }

  return { show, get open() { return KINDS.some(({ kind }) => openOf(kind)); } };
}

function makeButton({ kind, sign, ask }, call) {
  const mark = icon(sign);
  const text = el("span", {}, ask());
  const node = el("button", { class: "button large", type: "button", dataset: { call: kind, state: "idle" },
    onclick: () => { if (node.dataset.state === "idle") { node.dataset.state = "called"; call(kind); } } }, mark, text);

  // -> what is to be said aloud, when it is another state than before
  function show(state) {
    const before = node.dataset.shown;
    node.dataset.state = state;
    if (before === state) return null;
    node.dataset.shown = state;
    const words = state === "idle" ? ask() : t(`guest.${state}_${kind}`);
    text.textContent = words;
    setIcon(mark, { idle: sign, called: "hourglass", coming: "circle-check" }[state]);
    if (state === "idle") node.removeAttribute("aria-disabled");
    else node.setAttribute("aria-disabled", "true");
    return before && state !== "idle" ? words : null;
  }

  show("idle");
  return { kind, node, show };
}
