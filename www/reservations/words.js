// What the page says of a reservation in words: state, lateness, source, refusals.

import { el } from "../ui/dom.js";
import { explain } from "../ui/explain.js";
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

// The page's own words for a refusal, where it has some.
export const ownReason = (error) => tOr(`reservations.error_${error.code}`, "");
export const reason = (error) => ownReason(error) || explain(error);
