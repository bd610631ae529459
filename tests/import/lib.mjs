// lib.mjs - the other side of the comparison: reads the CSV files with a parser of its own, judges
// rows by the rules of the documentation, and sums. Shares nothing with the importer.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { windows1252 } from '../lib/windows1252.mjs';

export function file(dir, name) {
    const path = [`${name}.csv.gz`, `${name}.csv`].map((n) => join(dir, n)).find(existsSync);
    if (!path) throw new Error(`${name} is not in ${dir}`);
    return path;
}

function decode(bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
        return windows1252(bytes);
    }
}

// RFC 4180 by one state: inside quotes or not.
function records(text) {
    const rows = [];
    let row = [], field = '', quoted = false, line = 1, begun = 1;
    const endRow = () => {
        row.push(field);
        if (row.length > 1 || row[0] !== '') rows.push({ line: begun, row });
        row = [];
        field = '';
    };
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (c === '\n') line++;
        if (quoted) {
            if (c !== '"') field += c;
            else if (text[i + 1] === '"') { field += c; i++; } else quoted = false;
        } else if (c === '"') quoted = true;
        else if (c === ',') { row.push(field); field = ''; }
        else if (c === '\n') { endRow(); begun = line; }
        else if (c !== '\r') field += c;
    }
    if (field !== '' || row.length) endRow();
    return rows;
}

export function table(path) {
    let bytes = readFileSync(path);
    if (path.endsWith('.gz')) bytes = gunzipSync(bytes);
    const [head, ...rows] = records(decode(bytes));
    return rows.map(({ line, row }) => ({
        line, whole: row.length === head.row.length,
        ...Object.fromEntries(head.row.map((name, i) => [name, row[i]])),
    }));
}

export const DAY = 86400000;
const utc = (y, m, d) => {
    const t = new Date(Date.UTC(y, m - 1, d));
    return t.getUTCMonth() === m - 1 && t.getUTCDate() === d ? t.getTime() : NaN;
};
export const iso = (t) => new Date(t).toISOString().slice(0, 10);
export const day = (text) => utc(...text.split('-').map(Number));
const nothing = (s) => s === undefined || /^(|NULL|NA|N\/A)$/i.test(s.trim());
const whole = (s) => (/^\d+(\.0+)?$/.test(s ?? '') ? parseInt(s, 10) : NaN);
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December'];

function booking(r) {
    const nights = whole(r.stays_in_weekend_nights) + whole(r.stays_in_week_nights);
    const count = (s) => (nothing(s) ? 0 : whole(s));
    const status = { 'Check-Out': 'checked_out', Canceled: 'cancelled', 'No-Show': 'no_show' }[r.reservation_status];
    const [m, d, y] = (r.reservation_status_date ?? '').split('/').map(Number);
    const reserved = nothing(r.reserved_room_type) ? '' : r.reserved_room_type.trim();
    const assigned = nothing(r.assigned_room_type) ? '' : r.assigned_room_type.trim();
    const arrival = utc(whole(r.arrival_date_year), MONTHS.indexOf(r.arrival_date_month) + 1,
        whole(r.arrival_date_day_of_month));
    return {
        line: r.line, hotel: r.hotel, arrival, nights, status, leaves: arrival + nights * DAY,
        type: status === 'checked_out' ? assigned || reserved : reserved || assigned,
        adults: whole(r.adults), guests: whole(r.adults) + count(r.children) + count(r.babies),
        children: count(r.children) + count(r.babies),
        rate: nothing(r.adr) ? NaN : Math.round(Number(r.adr) * 100), reported: utc(y, m, d),
    };
}

export function bookings(dir) {
    const all = table(file(dir, 'hotel_bookings'));
    const good = all.filter((r) => r.whole).map(booking).filter((b) => !nothing(b.hotel) && b.arrival
        && b.nights > 0 && b.nights <= 400 && b.guests > 0 && b.adults <= 60 && b.children <= 60
        && b.status && b.reported && b.type && b.rate >= 0 && b.rate <= 500000);
    return { good, rejected: all.length - good.length };
}

// The state of a booking once the history is moved so that `today` is today.
export function stateOn(b, today) {
    if (b.status === 'cancelled') return b.status;
    if (b.status === 'no_show') return b.arrival >= today ? 'confirmed' : 'no_show';
    if (b.arrival > today || (b.arrival === today && b.line % 2 === 0)) return 'confirmed';
    if (b.leaves > today || (b.leaves === today && b.line % 3 === 0)) return 'checked_in';
    return 'checked_out';
}

export function orders(dir) {
    const types = new Map(), pizzas = new Map(), bills = new Map(), details = new Set();
    let rejected = 0;
    const keep = (map, key, good, value) => {
        if (good && !nothing(key) && !map.has(key)) map.set(key, value);
        else rejected++;
    };
    for (const r of table(file(dir, 'pizza_pizza_types')))
        keep(types, r.PizzaTypeID, !nothing(r.Name) && !nothing(r.Category), r);
    for (const r of table(file(dir, 'pizza_pizzas')))
        keep(pizzas, r.PizzaID, types.has(r.PizzaTypeID) && /^\d+(\.\d+)?$/.test(r.Price), {
            name: `${types.get(r.PizzaTypeID)?.Name} (${r.Size})`, cents: Math.round(Number(r.Price) * 100),
            category: types.get(r.PizzaTypeID)?.Category, about: types.get(r.PizzaTypeID)?.Ingredients });
    for (const r of table(file(dir, 'pizza_orders'))) {
        const [d, m, y] = r.Date.split('-').map(Number);
        keep(bills, r.OrderID, !Number.isNaN(utc(y, m, d)) && /^([01]?\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(r.Time),
            { day: utc(y, m, d), time: r.Time, lines: [] });
    }
    for (const r of table(file(dir, 'pizza_order_details'))) {
        const bill = bills.get(r.OrderID), pizza = pizzas.get(r.PizzaID), n = whole(r.Quantity);
        if (bill && pizza && n >= 1 && n <= 999 && !nothing(r.OrderDetailsID) && !details.has(r.OrderDetailsID)) {
            bill.lines.push({ pizza, n });
            details.add(r.OrderDetailsID);
        } else rejected++;
    }
    for (const [id, bill] of bills)
        if (!bill.lines.length) { bills.delete(id); rejected++; }
    return { bills: [...bills.values()], lines: details.size, rejected, pizzas: [...pizzas.values()] };
}

// The whole weeks that --shift-to-today moves by, so that `anchor` lands on `today` or in the six days behind.
export const shift = (anchor, today) => Math.ceil((today - anchor) / DAY / 7) * 7 * DAY;

// The bills as they stand after --shift-to-today: with `at`, their new day. Those that would lie behind
// `newest` ("YYYY-MM-DD HH:MM:SS" of the last order there is) have gone back by the history's length.
export function billsOn(bills, today, newest) {
    const days = bills.map((b) => b.day);
    const last = days.reduce((a, b) => Math.max(a, b)), first = days.reduce((a, b) => Math.min(a, b));
    const by = shift(last, today), turn = Math.ceil(((last - first) / DAY + 1) / 7) * 7 * DAY;
    return bills.map((b) => ({ ...b, at: `${iso(b.day + by)} ${b.time}` > newest ? b.day + by - turn : b.day + by }));
}

// Sums by a key: sum([[key, n], ...]) -> {key: total}, keys in order.
export function sum(pairs) {
    const total = {};
    for (const [key, n] of pairs) total[key] = (total[key] ?? 0) + n;
    return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)));
}
