// import.test.mjs - whole files imported, and every total compared with sums made from the CSVs by
// lib.mjs: in SQL, and in what the api functions answer. Runs on the fixture always and on the
// real exports too where they are (MAITRED_DATA, ../shared/data beside the checkout).
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figures, fresh, note, one, sql, tool, top, work } from '../cli/lib/tool.mjs';
import { billsOn, bookings, DAY, day, file, iso, orders, shift, stateOn, sum } from './lib.mjs';

const real = process.env.MAITRED_DATA ?? join(top, '..', 'shared', 'data');
const sets = [{ name: 'fixture', dir: join(top, 'tests', 'fixture'), rejects: { bookings: 15, orders: 20 } }];
if (existsSync(join(real, 'hotel_bookings.csv.gz')))
    sets.push({ name: 'real exports', dir: real, rejects: { bookings: 102, orders: 0 } });

const PIVOT = '2015-09-18'; // a day with guests in the house, in both sets
const db = fresh('imp');
const rows = (text) => sql(db.database, text);
const pairs = (text) => Object.fromEntries(rows(text).map(([k, n]) => [k, Number(n)]));

function venue(slug, kind, timezone) {
    const r = tool(['venue', 'create', slug, '--kind', kind, '--timezone', timezone], db);
    assert.equal(r.status, 0, r.err);
    return Number(one(db.database, `select id from maitred.venue where slug = '${slug}'`));
}

function load(args, set, what) {
    const begun = Date.now();
    const r = tool(['import', ...args], db);
    assert.equal(r.status, 0, r.err);
    note(`${set.name}: ${what} in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    return figures(r.out);
}

const orderFiles = (dir) => ['--orders', file(dir, 'pizza_orders'), '--details',
    file(dir, 'pizza_order_details'), '--pizzas', file(dir, 'pizza_pizzas'), '--types',
    file(dir, 'pizza_pizza_types'), '--encoding', 'auto'];

function answer(call, v) {
    return JSON.parse(one(db.database,
        `select (api.${call.replace('$', `(${v},1,'test','admin',null,null,false)::api.caller`)}).body`));
}

// Today of a venue as a UTC midnight.
const today = (v) => day(one(db.database, `select maitred.today(${v})`));

for (const [no, set] of sets.entries()) {
    const hotel = bookings(set.dir);
    const shop = orders(set.dir);

    test(`${set.name}: bookings add up`, () => {
        const v = venue(`h${no}`, 'hotel', 'Europe/Lisbon');
        const rejectFile = join(work, `rejects-${no}.csv`);
        const n = load(['bookings', '--venue', `h${no}`, '--rejects', rejectFile, file(set.dir, 'hotel_bookings')],
            set, 'bookings');
        assert.equal(n['bookings added'], hotel.good.length);
        assert.equal(hotel.rejected, set.rejects.bookings);
        assert.equal(n['rejected rows'], set.rejects.bookings);
        assert.equal(readFileSync(rejectFile, 'utf8').trim().split('\n').length, set.rejects.bookings + 1);
        assert.deepEqual(pairs(`select status, count(*) from maitred.booking where venue = ${v} group by 1 order by 1`),
            sum(hotel.good.map((b) => [b.status, 1])));
        const arrivals = sum(hotel.good.map((b) => [iso(b.arrival), 1]));
        assert.deepEqual(pairs(`select check_in, count(*) from maitred.booking where venue = ${v} group by 1 order by 1`), arrivals);
        assert.deepEqual(pairs(`select t.name, sum(b.total_amount) from maitred.booking b join maitred.room_type t
            on t.venue = b.venue and t.id = b.room_type_id where b.venue = ${v} group by 1 order by 1`),
        sum(hotel.good.map((b) => [`Room type ${b.type}`, b.rate * b.nights])));
        assert.equal(Number(one(db.database, `select sum(adults + children) from maitred.booking where venue = ${v}`)),
            hotel.good.reduce((s, b) => s + b.guests, 0));
    });

    test(`${set.name}: rooms of a type are as many as its fullest night held`, () => {
        const v = Number(one(db.database, `select id from maitred.venue where slug = 'h${no}'`));
        const nights = {};
        for (const b of hotel.good) {
            nights[b.type] ??= {};
            for (let i = 0; b.status === 'checked_out' && i < b.nights; i++)
                nights[b.type][b.arrival + i * DAY] = (nights[b.type][b.arrival + i * DAY] ?? 0) + 1;
        }
        const peaks = Object.entries(nights).map(([t, n]) => [`Room type ${t}`, Math.max(1, ...Object.values(n))]);
        assert.deepEqual(pairs(`select t.name, count(*) from maitred.room r join maitred.room_type t
            on t.venue = r.venue and t.id = r.room_type_id where r.venue = ${v} group by 1 order by 1`), sum(peaks));
        assert.deepEqual(rows(`select a.id from maitred.booking a join maitred.booking b on b.venue = a.venue
            and b.room_id = a.room_id and b.id > a.id and a.nights && b.nights
            where a.venue = ${v} and a.status not in ('cancelled', 'no_show') and b.status not in ('cancelled', 'no_show')`), []);
        assert.equal(one(db.database, `select count(*) from maitred.booking where venue = ${v}
            and status = 'checked_out' and room_id is null`), '0');
    });

    test(`${set.name}: a hotel whose ${PIVOT} is today answers with the file's own figures`, () => {
        const v = venue(`hs${no}`, 'hotel', 'Europe/Lisbon');
        load(['bookings', '--venue', `hs${no}`, `--shift-to-today=${PIVOT}`, file(set.dir, 'hotel_bookings')], set, 'bookings, shifted');
        const now = today(v), by = shift(day(PIVOT), now), fileToday = now - by;
        const live = hotel.good.map((b) => ({ ...b, state: stateOn(b, fileToday) }));
        assert.deepEqual(pairs(`select status, count(*) from maitred.booking where venue = ${v} group by 1 order by 1`),
            sum(live.map((b) => [b.state, 1])));
        const counts = live.filter((b) => b.state !== 'cancelled' && b.state !== 'no_show');
        assert.ok(counts.some((b) => b.state === 'checked_in'), 'somebody is in the house');
        const stats = answer('dashboard_stats($)', v);
        const arriving = counts.filter((b) => b.arrival === fileToday);
        assert.equal(stats.reservationsToday, arriving.length);
        assert.equal(stats.expectedGuests, arriving.reduce((s, b) => s + b.guests, 0));
        // The nights of the last thirty days, by room type.
        const revenue = {};
        for (const b of counts)
            for (let i = 0; i < b.nights; i++) {
                const night = b.arrival + i * DAY;
                if (night > fileToday - 30 * DAY && night <= fileToday)
                    revenue[`Room type ${b.type}`] = (revenue[`Room type ${b.type}`] ?? 0) + b.rate;
            }
        const told = answer("hotel_revenue_breakdown($, 'monthly')", v);
        assert.deepEqual(sum(told.roomTypes.map((t) => [t.type, Math.round(t.revenue * 100)])),
            sum(Object.entries(revenue).filter(([, cents]) => cents > 0)));
        assert.equal(one(db.database, `select count(*) from maitred.booking where venue = ${v} and created_at > now()`), '0');
        assert.equal(one(db.database, `select count(*) from maitred.booking where venue = ${v}
            and status = 'checked_in' and room_id is null`), '0');
    });

    test(`${set.name}: orders add up`, () => {
        const v = venue(`r${no}`, 'restaurant', 'Europe/Berlin');
        const n = load(['orders', '--venue', `r${no}`, ...orderFiles(set.dir)], set, 'orders');
        assert.equal(n['orders added'], shop.bills.length);
        assert.equal(n['lines added'], shop.lines);
        assert.equal(n['items added'], shop.pizzas.length);
        assert.equal(n['rejected rows'], set.rejects.orders);
        assert.equal(shop.rejected, set.rejects.orders);
        const lines = shop.bills.flatMap((b) => b.lines);
        assert.deepEqual(pairs(`select c.name, sum(i.quantity * i.unit_price) from maitred.order_item i
            join maitred.menu_item m on m.venue = i.venue and m.id = i.menu_item_id
            join maitred.menu_category c on c.venue = m.venue and c.id = m.category_id
            where i.venue = ${v} group by 1 order by 1`), sum(lines.map((l) => [l.pizza.category, l.n * l.pizza.cents])));
        const total = lines.reduce((s, l) => s + l.n * l.pizza.cents, 0);
        for (const [tab, column] of [['customer_order', 'total_price'], ['payment', 'amount']])
            assert.equal(Number(one(db.database, `select sum(${column}) from maitred.${tab} where venue = ${v}`)), total);
        assert.deepEqual(rows(`select name from maitred.menu_item where venue = ${v} order by name collate "C"`).map(([x]) => x),
            shop.pizzas.map((p) => p.name).sort());
        // A local time of the file is that time in the venue's zone.
        assert.deepEqual(pairs(`select to_char(created_at at time zone 'Europe/Berlin', 'YYYY-MM-DD'), count(*)
            from maitred.customer_order where venue = ${v} group by 1 order by 1`), sum(shop.bills.map((b) => [iso(b.day), 1])));
        const about = rows(`select description from maitred.menu_item where venue = ${v} order by description collate "C"`).map(([x]) => x);
        assert.deepEqual(about, shop.pizzas.map((p) => p.about).sort());
        assert.ok(about.some((text) => text.startsWith('\u2018Nduja')), 'a Windows-1252 byte came out right');
    });

    test(`${set.name}: a history that ends today answers with the file's own figures`, () => {
        const v = venue(`rs${no}`, 'restaurant', 'Europe/Berlin');
        load(['orders', '--venue', `rs${no}`, '--shift-to-today', ...orderFiles(set.dir)], set, 'orders, shifted');
        const now = today(v);
        // The instant that parted past and future when it was imported.
        const [clock, date] = rows(`select to_char(max(created_at) at time zone 'Europe/Berlin', 'HH24:MI:SS'),
            (max(created_at) at time zone 'Europe/Berlin')::date from maitred.customer_order where venue = ${v}`)[0];
        const moved = billsOn(shop.bills, now, `${date} ${clock}`);
        assert.equal(one(db.database, `select count(*) from maitred.customer_order where venue = ${v} and created_at > now()`), '0');
        assert.ok(now - day(date) <= 7 * DAY, 'the history ends within this week');
        assert.ok(moved.every((b) => (b.at - b.day) % (7 * DAY) === 0), 'weekdays are kept');
        const week = moved.filter((b) => b.at > now - 7 * DAY && b.at <= now).flatMap((b) => b.lines);
        const told = answer("revenue_by_category($, 'weekly')", v);
        assert.deepEqual(sum(told.categories.map((c) => [c.name, Math.round(c.amount * 100)])),
            sum(week.map((l) => [l.pizza.category, l.n * l.pizza.cents])));
        assert.ok(week.length > 0);
    });

    test(`${set.name}: a second run adds nothing and says so`, () => {
        const before = rows('select c.venue, c.seq from feed.counter c order by 1');
        const b = load(['bookings', '--venue', `h${no}`, file(set.dir, 'hotel_bookings')], set, 'bookings again');
        assert.equal(b['bookings added'], 0);
        assert.equal(b['bookings there already'], hotel.good.length);
        const o = load(['orders', '--venue', `rs${no}`, '--shift-to-today', ...orderFiles(set.dir)], set, 'orders again');
        assert.equal(o['orders added'] + o['lines added'] + o['payments added'], 0);
        assert.equal(o['orders there already'], shop.bills.length);
        assert.deepEqual(rows('select c.venue, c.seq from feed.counter c order by 1'), before, 'and no event either');
    });

    test(`${set.name}: a big import is one resync, a small one its events`, () => {
        for (const slug of [`h${no}`, `r${no}`]) {
            const types = rows(`select l.type from feed.log l join maitred.venue v on v.id = l.venue
                where v.slug = '${slug}' and l.actor = 'import'`).map(([t]) => t);
            assert.ok(types.length === 1 ? types[0] === 'resync' : !types.includes('resync'), String(types.slice(0, 5)));
        }
    });
}
