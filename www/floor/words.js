// How a table's states and times are said, and the steps between its states (docs/rest.md, "Tables").

import { t } from "../ui/i18n.js";

export const STATUSES = ["available", "reserved", "occupied", "maintenance"];

const STEPS = {
  available: ["occupied", "reserved", "maintenance"],
  occupied: ["available"],
  reserved: ["occupied", "available", "maintenance"],
  maintenance: ["available"],
};

const WORDS = {
  available: () => t("floor.available"),
  reserved: () => t("floor.reserved"),
  occupied: () => t("floor.occupied"),
  maintenance: () => t("floor.maintenance"),
};

export const TONES = { available: "good", reserved: "warn", occupied: "bad", maintenance: "" };

export const stepsFrom = (status) => STEPS[status] ?? [];
export const statusWord = (status) => WORDS[status]?.() ?? status;

// How long a party has been there: "45 min", "1 h 05".
export function ageText(since, now = Date.now()) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60000));
  if (minutes < 60) return t("floor.minutes", { n: minutes });
  return t("floor.hours", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") });
}

export const guestsOf = (table) => table.session?.guests_count ?? 0;

// All of it for those who do not see the plan.
export function spoken(table) {
  const parts = [t("floor.tableName", { label: table.tableNumber }), statusWord(table.status)];
  if (table.session) parts.push(t("floor.guestsOf", { n: guestsOf(table), of: table.capacity }), ageText(table.session.started_at));
  else parts.push(t("floor.seats", { n: table.capacity }));
  if (table.section) parts.push(table.section);
  return parts.join(", ");
}
