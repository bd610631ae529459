// import.test.mjs - what REST answers about imported files, against sums made from the CSVs alone.
//
// Two venues of its own in the house, filled by `maitred import` from MAITRED_DATA (the real exports
// where they are, else the fixture); the sums come from tests/import/lib.mjs, which shares nothing
// with the importer. What REST can't be asked yet (single orders, bookings) tests/import compares in SQL.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { maitred, rest, sql, token } from './lib/house.mjs';
import { billsOn, bookings, DAY, day, file, orders, shift, stateOn, sum } from '../import/lib.mjs';

const top = new URL('../..', import.meta.url).pathname;
const real = process.env.MAITRED_DATA ?? join(top, '..', 'shared', 'data');
const dir = existsSync(join(real, 'hotel_bookings.csv.gz')) ? real : join(top, 'tests', 'fixture');
const PIVOT = '2015-09-18'; // a day with guests in the house, in both sets

function venue(slug, kind, zone, ...load) {
    maitred(['venue', 'create', slug, '--kind', kind, '--timezone', zone]);
    maitred(['user', 'add', slug, 'admin', '--role', 'admin', '--no-password']);
    maitred(['import', ...load, '--venue', slug, '--encoding', 'auto']);
    const id = sql(`select id from maitred.venue where slug = '${slug}'`);
    return { id, token: token(slug, 'admin'), today: day(sql(`select maitred.today(${id})`)) };
}
async function get(v, path) {
    const answer = await rest('GET', `/api/dashboard/${path}`, v.token);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
}
const cents = (list, name, amount) => sum(list.map((x) => [x[name], Math.round(x[amount] * 100)]).filter(([, n]) => n > 0));

test('REST answers the sums of the bookings file', async () => {
    const v = venue('sums-hotel', 'hotel', 'Europe/Lisbon', 'bookings', `--shift-to-today=${PIVOT}`, file(dir, 'hotel_bookings'));
    const by = shift(day(PIVOT), v.today), fileToday = v.today - by;
    const coming = bookings(dir).good.map((b) => ({ ...b, state: stateOn(b, fileToday) }))
        .filter((b) => b.state !== 'cancelled' && b.state !== 'no_show');
    const arriving = (at) => coming.filter((b) => b.arrival === at);
    const stats = await get(v, 'stats');
    assert.equal(stats.reservationsToday, arriving(fileToday).length);
    assert.equal(stats.expectedGuests, arriving(fileToday).reduce((n, b) => n + b.guests, 0));
    const { chartData } = await get(v, 'trends?period=monthly');
    assert.equal(chartData.length, 30);
    chartData.forEach((point, i) => {
        const at = fileToday - (29 - i) * DAY;
        assert.equal(point.value1, arriving(at).length, `arrivals ${29 - i} days ago`);
        assert.equal(point.value2, arriving(at - 30 * DAY).length, `arrivals ${59 - i} days ago`);
        assert.equal(point.guests, arriving(at).reduce((n, b) => n + b.guests, 0));
    });
    assert.ok(chartData.some((point) => point.value1 > 0));
    const revenue = coming.flatMap((b) => Array.from({ length: b.nights }, (_, i) => [b.arrival + i * DAY, b]))
        .filter(([night]) => night > fileToday - 30 * DAY && night <= fileToday)
        .map(([, b]) => [`Room type ${b.type}`, b.rate]);
    const told = await get(v, 'hotel/revenue-breakdown?period=monthly');
    assert.deepEqual(cents(told.roomTypes, 'type', 'revenue'), sum(revenue.filter(([, n]) => n > 0)));
});

test('REST answers the sums of the order files', async () => {
    const v = venue('sums-shop', 'restaurant', 'Europe/Berlin', 'orders', '--shift-to-today',
        '--orders', file(dir, 'pizza_orders'), '--details', file(dir, 'pizza_order_details'),
        '--pizzas', file(dir, 'pizza_pizzas'), '--types', file(dir, 'pizza_pizza_types'));
    const newest = sql(`select to_char(max(created_at) at time zone 'Europe/Berlin', 'YYYY-MM-DD HH24:MI:SS')
        from maitred.customer_order where venue = ${v.id}`);
    const bills = billsOn(orders(dir).bills, v.today, newest);
    const billed = (list) => list.reduce((n, b) => n + b.lines.reduce((m, l) => m + l.n * l.pizza.cents, 0), 0);
    const { chartData } = await get(v, 'trends?period=monthly');
    chartData.forEach((point, i) => {
        const at = v.today - (29 - i) * DAY;
        assert.equal(Math.round(point.revenue * 100), billed(bills.filter((b) => b.at === at)), `revenue ${29 - i} days ago`);
    });
    assert.ok(chartData.some((point) => point.revenue > 0));
    const { categories } = await get(v, 'revenue/by-category?period=monthly');
    const total = categories.reduce((n, c) => n + Math.round(c.amount * 100), 0);
    assert.equal(total, chartData.reduce((n, point) => n + Math.round(point.revenue * 100), 0));
    assert.equal(categories.reduce((n, c) => n + c.percentage, 0), 100);
    const known = new Set(bills.flatMap((b) => b.lines.map((l) => l.pizza.category)));
    assert.ok(categories.every((c) => known.has(c.name)));
});
