// Moments and the venue's wall clock: what <input type=date> and <input type=time> hold, and the moment that it is.

const parts = new Map(); // zone -> format

function clockAt(ms, timeZone) {
  if (!parts.has(timeZone)) {
    parts.set(timeZone, new Intl.DateTimeFormat("en-CA", { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit" }));
  }
  const found = Object.fromEntries(parts.get(timeZone).formatToParts(ms).map(({ type, value }) => [type, value]));
  return { day: `${found.year}-${found.month}-${found.day}`, time: `${found.hour}:${found.minute}`, second: found.second };
}

export const dayOf = (iso, timeZone) => clockAt(Date.parse(iso), timeZone).day;
export const timeOf = (iso, timeZone) => clockAt(Date.parse(iso), timeZone).time;

// A time that a change of the clocks leaves out becomes the one an hour later.
export function momentOf(day, time, timeZone) {
  const wall = Date.parse(`${day}T${time}:00Z`);
  const offsetAt = (ms) => {
    const clock = clockAt(ms, timeZone);
    return Date.parse(`${clock.day}T${clock.time}:${clock.second}Z`) - Math.floor(ms / 1000) * 1000;
  };
  const first = wall - offsetAt(wall);
  return new Date(wall - offsetAt(first)).toISOString();
}
