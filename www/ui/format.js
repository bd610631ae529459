// Numbers, money, dates and times as people read them: Intl with the venue's zone and currency.
//
// One Formats a page, made from the profile. Components get it and format nothing themselves.

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const UNKNOWN = "\u2013";

export class Formats {
  constructor({ timezone = "UTC", currency = "EUR", businessDayCutoff = "00:00" } = {}, locale = globalThis.navigator?.language ?? "en") {
    const time = (options) => new Intl.DateTimeFormat(locale, { timeZone: timezone, ...options });
    const number = (options) => new Intl.NumberFormat(locale, options);
    const [hours, minutes] = businessDayCutoff.split(":").map(Number);
    this.timezone = timezone;
    this.cutoffMs = (hours * 60 + minutes) * 60_000;
    this.makers = {
      number: number({ maximumFractionDigits: 2 }),
      money: number({ style: "currency", currency }),
      percent: number({ style: "percent", maximumFractionDigits: 1 }),
      trend: number({ style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" }),
      time: time({ hour: "numeric", minute: "2-digit" }),
      second: time({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
      day: time({ day: "numeric", month: "short" }),
      month: new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" }),
      longDay: time({ weekday: "long", day: "numeric", month: "long" }),
      fullDay: new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" }),
      weekday: new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "short" }),
      isoDay: new Intl.DateTimeFormat("en-CA", { timeZone: timezone }),
      plainDay: new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short" }),
    };
  }

  number(value) { return this.#make("number", value); }
  money(value) { return this.#make("money", value); }
  percent(value) { return this.#make("percent", value, 100); }
  trend(value) { return this.#make("trend", value, 100); }

  time(iso) { return this.#moment("time", iso); }
  seconds(iso) { return this.#moment("second", iso); }

  // The business day that a moment belongs to: before the venue's cutoff it is still yesterday.
  longDay(date) { return this.makers.longDay.format(date - this.cutoffMs); }

  // Of a calendar day: "December 2026".
  month(day) { return this.makers.month.format(new Date(`${day}T00:00:00Z`)); }

  // A calendar day ("2026-11-20") has no zone and must not be shifted by one.
  day(text) {
    if (DAY.test(text ?? "")) return this.makers.plainDay.format(new Date(`${text}T00:00:00Z`));
    return this.#moment("day", text);
  }

  // "Thursday, November 26", of a calendar day.
  fullDay(text) { return this.makers.fullDay.format(new Date(`${text}T00:00:00Z`)); }

  // "Thu", of a moment that stands for a calendar day: its UTC date.
  weekday(date) { return this.makers.weekday.format(date); }

  // The same as an <input type=date> wants it.
  isoDay(date) { return this.makers.isoDay.format(date - this.cutoffMs); }

  // By kind, as the tables of figures name it: "number", "money" or "percent".
  as(kind, value) { return this[kind](value); }

  #make(kind, value, divisor = 1) {
    const known = value !== null && value !== undefined && Number.isFinite(Number(value));
    return known ? this.makers[kind].format(Number(value) / divisor) : UNKNOWN;
  }

  #moment(kind, iso) {
    return INSTANT.test(iso ?? "") ? this.makers[kind].format(new Date(iso)) : UNKNOWN;
  }
}

const UNITS = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];

// "12s ago", "vor 3 Min.": how long ago something was, in the largest unit that fits.
export function agoText(then, now, locale) {
  let amount = Math.max(0, Math.round((now - then) / 1000));
  for (const [unit, many] of UNITS) {
    if (amount < many) return new Intl.RelativeTimeFormat(locale, { style: "narrow", numeric: "auto" }).format(-amount, unit);
    amount = Math.floor(amount / many);
  }
  return "";
}

// 125 minutes -> "2h 5m", "2 Std. 5 Min.": how long something lasts.
export function spanText(ms, locale) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  const part = (value, unit) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(value);
  const hours = Math.floor(minutes / 60);
  return hours ? `${part(hours, "hour")} ${part(minutes % 60, "minute")}` : part(minutes, "minute");
}

// A reservation's time: formatted here when `date` is a moment, else as the server wrote it.
export function reservationTime(formats, reservation) {
  return INSTANT.test(reservation.date ?? "") ? formats.time(reservation.date) : reservation.time ?? UNKNOWN;
}
