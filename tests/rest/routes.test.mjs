// routes.test.mjs - every route of the four programs: what it answers, to whom, and to whom not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('routes');
let bistro, grand, other, admin, hotel;
before(async () => {
    await stack.start();
    [bistro, grand, other] = [new Venue('restaurant'), new Venue('hotel'), new Venue('restaurant')];
    admin = as(stack, bistro.token(stack, 'admin'));
    hotel = as(stack, grand.token(stack, 'admin'));
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const soon = () => new Date(Date.now() + 20 * 60e3).toISOString();
const later = (hours) => new Date(Date.now() + hours * 3600e3).toISOString();
const party = (more = {}) => ({ customerName: 'Ada Byron', date: later(30), partySize: 2, source: 'phone',
    contactNumber: '+43 1 5550199', ...more });

const figures = [
    ['/api/dashboard/stats', ['reservationsToday', 'prepaidReservations', 'expectedGuests', 'pendingPayments',
        'pendingPaymentsTrend', 'reservationsTrend', 'prepaidTrend', 'guestsTrend']],
    ['/api/dashboard/trends', ['chartData']],
    ['/api/dashboard/customers/frequency', ['newCustomers', 'returningCustomers', 'totalCustomers']],
    ['/api/dashboard/revenue/by-category', ['categories']],
    ['/api/dashboard/reservations/sources', ['website', 'mobile', 'walkIn', 'total', 'counts']],
];
for (const [path, keys] of figures) {
    test(`GET ${path} has its members, weekly and monthly`, async () => {
        for (const query of path.endsWith('stats') ? [''] : ['', '?period=weekly', '?period=monthly']) {
            const answer = await admin.get(path + query);
            assert.equal(answer.status, 200, answer.text);
            assert.match(answer.headers['content-type'], /^application\/json/);
            for (const key of keys) assert.ok(key in answer.json, `${path}${query} lacks ${key}`);
        }
    });
}

test('trends have a day for each of the seven, and of the thirty', async () => {
    assert.equal((await admin.get('/api/dashboard/trends?period=weekly')).json.chartData.length, 7);
    assert.equal((await admin.get('/api/dashboard/trends?period=monthly')).json.chartData.length, 30);
});

test('a hotel has its own figures: occupancy, breakdown, availability', async () => {
    const stats = await hotel.get('/api/dashboard/stats');
    assert.equal(stats.status, 200, stats.text);
    for (const key of ['occupancyRate', 'adr', 'revpar']) assert.ok(key in stats.json, key);
    const breakdown = await hotel.get('/api/dashboard/hotel/revenue-breakdown?period=monthly');
    assert.deepEqual(Object.keys(breakdown.json).sort(), ['roomTypes', 'services', 'totalRevenue']);
    const rooms = await hotel.get('/api/hotel/rooms/availability?startDate=2026-12-01&endDate=2026-12-03');
    assert.equal(rooms.status, 200, rooms.text);
    assert.equal(rooms.json.totalRooms, 5);
    assert.equal(rooms.json.availableRooms, 5);
    assert.deepEqual(rooms.json.roomTypes.map((t) => t.total).sort(), [2, 3]);
});

test('the calendar says of each night what the availability says of it', async () => {
    const { json } = await hotel.get('/api/hotel/rooms/calendar?startDate=2026-12-01&endDate=2026-12-03');
    const night = async (from, to) => ({ date: from, ...(await hotel.get(`/api/hotel/rooms/availability?startDate=${from}&endDate=${to}`)).json });
    assert.deepEqual(json.nights, [await night('2026-12-01', '2026-12-02'), await night('2026-12-02', '2026-12-03')]);
});

test('a room availability range that ends before it begins is refused', async () => {
    const answer = await hotel.get('/api/hotel/rooms/availability?startDate=2026-12-05&endDate=2026-12-03');
    assert.equal(answer.status, 422, answer.text);
});

test('an unknown period is a bad field, by its name', async () => {
    const answer = await admin.get('/api/dashboard/trends?period=hourly');
    assert.equal(answer.status, 422);
    assert.equal(answer.json.errors[0].field, 'period');
});

test("today's reservations read as people read them", async () => {
    const id = bistro.reservation('Grace Hopper', `'${bistro.today()} 19:00Z'`);
    const answer = await admin.get('/api/dashboard/reservations/today');
    const row = answer.json.find((r) => String(r.id).endsWith(String(id)));
    assert.equal(row.customerName, 'Grace Hopper');
    assert.equal(row.customerInitials, 'GH');
    assert.equal(row.status, 'Confirmed');
    assert.equal(row.time, '7:00 PM');
});

test('a reservation is made, read, changed, listed, cancelled', async () => {
    const made = await admin.post(list, party());
    assert.equal(made.status, 201, made.text);
    assert.match(made.json.id, /^res\d+$/);
    assert.equal(made.headers.location, `${list}/${made.json.id}`);
    assert.equal(made.reason, 'Created');
    const got = await admin.get(`${list}/${made.json.id}`);
    assert.deepEqual(got.json, made.json);
    assert.deepEqual((await admin.get(`${list}/${made.json.id.slice(3)}`)).json, made.json);
    const changed = await admin.patch(`${list}/${made.json.id}`, { partySize: 5 });
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.json.partySize, 5);
    assert.equal(changed.json.customerName, 'Ada Byron');
    const found = await admin.get(`${list}?status=pending,confirmed&limit=200`);
    assert.ok(found.json.some((r) => r.id === made.json.id));
    const gone = await admin.post(`${list}/${made.json.id}/cancel`, { reason: 'ill' });
    assert.equal(gone.json.status, 'cancelled');
    assert.equal((await admin.post(`${list}/${made.json.id}/cancel`)).status, 409);
});

test('a write by an old version is refused with the present state, by If-Match and by body', async () => {
    const made = (await admin.post(list, party())).json;
    const path = `${list}/${made.id}`;
    const version = made.version;
    const first = await admin.patch(path, { partySize: 3 }, { 'if-match': `"${version}"` });
    assert.equal(first.status, 200, first.text);
    for (const [body, headers] of [[{ partySize: 4 }, { 'if-match': `"${version}"` }],
        [{ partySize: 4, version }, {}]]) {
        const late = await admin.patch(path, body, headers);
        assert.equal(late.status, 409, late.text);
        assert.equal(late.json.code, 'version_conflict');
        assert.equal(late.json.current.partySize, 3);
    }
    const odd = await admin.patch(path, { partySize: 4 }, { 'if-match': '"abc"' });
    assert.equal(odd.status, 422);
    assert.equal(odd.json.errors[0].field, 'If-Match');
});

test("a conflict's present state reaches the caller, and no name, phone or e-mail the server's log", async () => {
    const guest = { customerName: 'Logcanary Guest', contactNumber: '+43 1 7654321', email: 'logcanary@example.org' };
    const path = `${list}/${(await admin.post(list, party({ ...guest, tableId: bistro.tables[5] }))).json.id}`;
    const late = await admin.patch(path, { partySize: 4, version: 99 });
    assert.equal(late.json.current.customerName, guest.customerName);
    const taken = await admin.post(list, party({ ...guest, tableId: bistro.tables[5] }));
    assert.equal(taken.status, 409, taken.text);
    const log = fs.readFileSync(`${process.env.MAITRED_TEST_DIR}/pg/data/server.log`, 'utf8');
    assert.match(log, /version_conflict/);
    assert.doesNotMatch(log, /logcanary|7654321/i);
});

test('seating, no-show and a table that is taken', async () => {
    const [one, two] = [(await admin.post(list, party())).json, (await admin.post(list, party())).json];
    const seated = await admin.post(`${list}/${one.id}/seat`, { tableId: bistro.tables[0], guestCount: 2 });
    assert.equal(seated.status, 200, seated.text);
    assert.equal(seated.json.status, 'seated');
    assert.equal(sql(`select status from maitred.dining_table where id = ${bistro.tables[0]}`), 'occupied');
    assert.equal((await admin.post(`${list}/${two.id}/seat`, { tableId: bistro.tables[0] })).status, 409);
    const missed = await admin.post(`${list}/${two.id}/no-show`);
    assert.equal(missed.json.status, 'no_show');
});

test('upcoming holds those of the next half hour', async () => {
    const near = (await admin.post(list, party({ customerName: 'Soon Guest', date: soon() }))).json;
    const far = (await admin.post(list, party({ date: later(5) }))).json;
    const ids = (await admin.get('/api/reservations/upcoming')).json.map((r) => [r.id, r.status]);
    assert.ok(ids.some(([id, status]) => id === near.id && status === 'Upcoming'));
    assert.ok(!ids.some(([id]) => id === far.id));
});

test('lists page: total, links that can be followed, bounds', async () => {
    const venue = new Venue('restaurant');
    const me = as(stack, venue.token(stack, 'admin'));
    for (let i = 0; i < 5; i++) venue.reservation(`Guest ${i}`, `now() + interval '${i + 1} days'`);
    const seen = new Set();
    let next = `${list}?status=confirmed&limit=2`;
    for (let page = 1; next; page++) {
        const answer = await me.get(next);
        assert.equal(answer.headers['x-total-count'], '5');
        for (const row of answer.json) seen.add(row.id);
        const links = Object.fromEntries([...answer.headers.link.matchAll(/<([^>]+)>; rel="(\w+)"/g)]
            .map(([, url, rel]) => [rel, url]));
        assert.equal(links.last, `${list}?status=confirmed&page=3&limit=2`);
        assert.equal('prev' in links, page > 1);
        next = links.next;
    }
    assert.equal(seen.size, 5);
    for (const bad of ['limit=0', 'limit=201', 'limit=x', 'page=0'])
        assert.equal((await me.get(`${list}?${bad}`)).status, 422, bad);
});

test('the profile names the account and its venue', async () => {
    const { status, json } = await admin.get('/api/user/profile');
    assert.equal(status, 200);
    assert.equal(json.businessName, 'Test restaurant');
    assert.equal(json.role, 'admin');
    assert.equal(json.businessType, 'restaurant');
    assert.equal(json.venue.slug, bistro.slug);
    for (const key of ['id', 'email', 'onboarded', 'profileImage']) assert.ok(key in json, key);
});

test('a viewer sees names, phones and e-mails masked, in every list', async () => {
    const venue = new Venue('restaurant');
    const viewer = as(stack, venue.token(stack, 'viewer'));
    const id = venue.reservation('Wilhelmina Unmasked', venue.soon(20));
    for (const path of [list, `${list}/res${id}`, '/api/reservations/upcoming', '/api/dashboard/reservations/today']) {
        const answer = await viewer.get(path);
        assert.equal(answer.status, 200, answer.text);
        assert.doesNotMatch(answer.text, /Unmasked|234567/, path);
    }
    assert.match((await as(stack, venue.token(stack, 'admin')).get(list)).text, /Wilhelmina Unmasked/);
});

test('a waiter can seat, and nothing else', async () => {
    const waiter = as(stack, bistro.token(stack, 'waiter'));
    const made = (await admin.post(list, party())).json;
    assert.equal((await waiter.get(list)).status, 200);
    for (const refused of [waiter.post(list, party()), waiter.patch(`${list}/${made.id}`, { partySize: 3 }),
        waiter.post(`${list}/${made.id}/cancel`), waiter.get('/api/dashboard/stats')]) {
        const answer = await refused;
        assert.equal(answer.status, 403, answer.text);
        assert.equal(answer.json.code, 'forbidden');
    }
    const seated = await waiter.post(`${list}/${made.id}/seat`, { tableId: bistro.tables[1] });
    assert.equal(seated.status, 200, seated.text);
});

test("a hotel's cards are its bookings: a waiter reads them neither as today's nor as upcoming", async () => {
    const may = { admin: 200, manager: 200, waiter: 403, kitchen: 403, frontdesk: 200, viewer: 200 };
    for (const path of ['/api/dashboard/reservations/today', '/api/reservations/upcoming'])
        for (const [role, status] of Object.entries(may)) {
            const answer = await as(stack, grand.token(stack, role)).get(path);
            assert.equal(answer.status, status, `${role} ${path}: ${answer.text}`);
        }
});

test('the kitchen reads no reservations and no figures', async () => {
    const kitchen = as(stack, bistro.token(stack, 'kitchen'));
    for (const path of [list, '/api/dashboard/stats', '/api/reservations/upcoming'])
        assert.equal((await kitchen.get(path)).status, 403, path);
    assert.equal((await kitchen.get('/api/user/profile')).status, 200);
});

test("another venue's ids do not exist", async () => {
    const theirs = `${list}/res${other.reservation('Not Yours', "now() + interval '1 day'")}`;
    for (const answer of [await admin.get(theirs), await admin.patch(theirs, { partySize: 3 }),
        await admin.post(`${theirs}/seat`, { tableId: bistro.tables[2] }), await admin.post(`${theirs}/cancel`),
        await admin.post(`${theirs}/no-show`)]) {
        assert.equal(answer.status, 404, answer.text);
        assert.equal(answer.headers['content-type'], 'application/problem+json');
    }
    const mine = (await admin.post(list, party())).json;
    const foreign = await admin.post(`${list}/${mine.id}/seat`, { tableId: other.tables[0] });
    assert.ok([404, 422].includes(foreign.status), foreign.text);
    assert.equal(sql(`select status from maitred.dining_table where id = ${other.tables[0]}`), 'available');
});

test('every bad field of a write is named at once', async () => {
    const answer = await admin.post(`${list}?colour=red`, { customerName: '', date: 'tomorrow', partySize: 0,
        source: 'carrier pigeon', surprise: 1, contactNumber: 7 });
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.status, 422);
    assert.deepEqual(answer.json.errors.map((e) => e.field).sort(),
        ['colour', 'contactNumber', 'customerName', 'date', 'partySize', 'source', 'surprise']);
    for (const e of answer.json.errors) assert.ok(e.code && e.detail, JSON.stringify(e));
});

test('a table reserved twice at one time is a conflict', async () => {
    const date = later(80);
    const body = party({ date, tableId: bistro.tables[3] });
    assert.equal((await admin.post(list, body)).status, 201);
    const second = await admin.post(list, body);
    assert.equal(second.status, 409, second.text);
    assert.equal(second.json.code, 'table_not_available');
});
