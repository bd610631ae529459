// What the page says of a reservation in words: state, lateness, source, refusals.

import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
import { showErrors } from "../ui/form.js";
import { t, tOr } from "../ui/i18n.js";
import { TONES, lateBy } from "./party.js";

export const statusText = (one) => tOr(`reservations.status_${one.status}`, one.statusText ?? one.status);
export const sourceText = (source) => tOr(`reservations.source_${source}`, source);
export const partyText = (n) => t("reservations.guests", { n });

export function badge(text, tone) {
  return el("span", { class: "badge", dataset: { tone } }, text);
}

export const statusBadge = (one) => badge(statusText(one), TONES[one.status] ?? "");

export function lateText(one) {
  const n = lateBy(one, Date.now());
  return n ? t("reservations.late", { n }) : null;
}

const ownReason = (error) => tOr(`reservations.error_${error.code}`, "");
export const reason = (error) => ownReason(error) || explain(error);

// `places`: by the name of a field that is no single input, what shows its error. The rest goes to the form.
export function showRefusal(dialog, error, places = {}) {
  const own = ownReason(error);
  const fields = error.fields.map((one) => ({ ...one, detail: own || one.detail }));
  const [placed, others] = [fields.filter(({ field }) => places[field]), fields.filter(({ field }) => !places[field])];
  for (const { field, detail } of placed) places[field](detail);
  const left = showErrors(dialog.form, others);
  const rest = fields.length ? left.join(" ") : reason(error);
  dialog.notices.replaceChildren(...(rest ? [el("div", { class: "banner", role: "alert", dataset: { tone: "bad" } }, rest)] : []));
}
