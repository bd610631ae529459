// What the desk says of a stay in words: nights, party, states, refusals. Used by every part of the page.

import { el } from "../ui/dom.js";
import { t, tOr } from "../ui/i18n.js";
import { explain } from "../ui/explain.js";
import { TONES, daysBetween, lateSince } from "./stay.js";

export const nightsText = (from, to) => t("desk.nights", { n: daysBetween(from, to) });

export function partyText({ adults, children }) {
  const grown = t("desk.adults", { n: adults });
  return children ? `${grown}, ${t("desk.children", { n: children })}` : grown;
}

export const statusText = (booking) => tOr(`desk.status_${booking.status}`, booking.statusText ?? booking.status);
export const sourceText = (source) => tOr(`desk.source_${source}`, source);
export const roomStateText = (state) => tOr(`desk.room_${state}`, state);
export const ROOM_TONES = { dirty: "warn", clean: "accent", inspected: "good", out: "bad" };

// "24 Nov – 28 Nov"
export const stayText = (formats, { checkIn, checkOut }) => `${formats.day(checkIn)} \u2013 ${formats.day(checkOut)}`;

export function lateText(booking, today, formats) {
  const since = lateSince(booking, today);
  if (!since) return null;
  return booking.status === "checked_in" ? t("desk.overstayed", { day: formats.day(since) }) : t("desk.late", { day: formats.day(since) });
}

export function badge(text, tone) {
  return el("span", { class: "badge", dataset: { tone } }, text);
}

export const statusBadge = (booking) => badge(statusText(booking), TONES[booking.status] ?? "");

// The page's own words for a refusal, where it has some.
export const ownReason = (error) => tOr(`desk.error_${error.code}`, "");
export const reason = (error) => ownReason(error) || explain(error);
