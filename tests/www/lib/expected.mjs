// What every figure of a dashboard must be, from the REST answers: {key: {value, text}}.
//
// The text is formatted here a second time, by Intl and not by the page's code.

const PERIODIC = {
  trends: "/api/dashboard/trends",
  frequency: "/api/dashboard/customers/frequency",
  sources: "/api/dashboard/reservations/sources",
};
const STATS_KIND = { pendingPayments: "money", adr: "money", revpar: "money", occupancyRate: "percent" };

function formatter(currency) {
  const money = new Intl.NumberFormat("en-US", { style: "currency", currency });
  const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 });
  const trend = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
  const arrow = (value) => (value > 0 ? "▲ " : value < 0 ? "▼ " : "");
  return {
    money: (value) => money.format(value),
    number: (value) => number.format(value),
    percent: (value) => percent.format(value / 100),
    trend: (value) => arrow(value) + trend.format(value / 100),
  };
}

export async function expectedFigures(api, { kind, period = "weekly", range, nights }) {
  const profile = await api.get("/api/user/profile");
  const format = formatter(profile.venue.currency);
  const expected = new Map();
  const add = (key, value, as) => expected.set(key, { value: String(value ?? ""), text: value == null ? "\u2013" : format[as](value) });
  addStats(await api.get("/api/dashboard/stats"), add);
  for (const [name, path] of Object.entries(PERIODIC)) {
    ADDERS[name](await api.get(`${path}?period=${period}`), add);
  }
  if (kind === "hotel") {
    addRooms(await api.get(`/api/dashboard/hotel/revenue-breakdown?period=${period}`), add);
    addAvailability(await api.get(`/api/hotel/rooms/availability?startDate=${range[0]}&endDate=${range[1]}`), add);
    addCalendar(await api.get(`/api/hotel/rooms/calendar?startDate=${nights[0]}&endDate=${nights[1]}`), add);
  } else {
    addCategories(await api.get(`/api/dashboard/revenue/by-category?period=${period}`), add);
  }
  return expected;
}

function addStats(stats, add) {
  for (const [key, value] of Object.entries(stats)) {
    add(key, value, key.endsWith("Trend") ? "trend" : STATS_KIND[key] ?? "number");
  }
}

const ADDERS = {
  trends({ chartData }, add) {
    chartData.forEach((point, index) => {
      for (const key of ["value1", "value2", "value3", "guests"]) add(`trends.${index}.${key}`, point[key], "number");
      add(`trends.${index}.revenue`, point.revenue, "money");
    });
  },
  frequency({ newCustomers, returningCustomers, totalCustomers }, add) {
    add("frequency.totalCustomers", totalCustomers, "number");
    for (const [key, value] of Object.entries({ newCustomers, returningCustomers })) {
      add(`frequency.${key}`, value, "number");
      add(`frequency.${key}.share`, totalCustomers ? (value / totalCustomers) * 100 : 0, "percent");
    }
  },
  sources(answer, add) {
    for (const [key, value] of Object.entries(answer)) {
      if (key === "total" || key === "counts") continue;
      add(`sources.${key}`, value, "percent");
      add(`sources.counts.${key}`, answer.counts[key], "number");
    }
  },
};

function addCategories({ categories }, add) {
  for (const { name, amount, percentage } of categories) {
    add(`revenue.${name}.amount`, amount, "money");
    add(`revenue.${name}.percentage`, percentage, "percent");
  }
}

function addRooms({ roomTypes, services, totalRevenue }, add) {
  add("revenue.totalRevenue", totalRevenue, "money");
  for (const { type, revenue, percentage } of [...roomTypes, ...services]) {
    add(`revenue.${type}.revenue`, revenue, "money");
    add(`revenue.${type}.percentage`, percentage, "percent");
  }
}

function addAvailability({ roomTypes, ...summary }, add) {
  for (const key of ["totalRooms", "availableRooms"]) add(`availability.${key}`, summary[key], "number");
  add("availability.occupancyRate", summary.occupancyRate, "percent");
  for (const { type, total, available } of roomTypes) {
    add(`availability.${type}.total`, total, "number");
    add(`availability.${type}.available`, available, "number");
  }
}

function addCalendar({ nights }, add) {
  for (const { date, availableRooms, occupancyRate, roomTypes } of nights) {
    add(`calendar.${date}`, availableRooms, "number");
    add(`calendar.${date}.occupancyRate`, occupancyRate, "percent");
    for (const { type, available } of roomTypes) add(`calendar.${date}.${type}`, available, "number");
  }
}

// The differences between what a page shows and what it should; `others` are figures of no REST answer.
export function differences(shown, expected, others = /^metrics\./) {
  const wrong = [];
  const seen = new Set();
  for (const { key, value, text } of shown.filter(({ key }) => !others.test(key))) {
    seen.add(key);
    const want = expected.get(key);
    if (!want) wrong.push(`${key}: shown as ${text}, but no answer has it`);
    else if (want.value !== value || normal(want.text) !== normal(text)) {
      wrong.push(`${key}: shown ${value} "${text}", expected ${want.value} "${want.text}"`);
    }
  }
  return { wrong, count: seen.size };
}

function normal(text) {
  return text.replace(/\s/g, " ");
}
