// table-writes.test.mjs - /api/tables and /api/floors: lists, one table, changes, steps of status, many
// at once, layouts; what is refused, to whom, and that another venue's tables are not there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fieldsOf, refused, rested } from './lib/refusal.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('table-writes');
let other;
before(async () => {
    await stack.start();
    other = new Venue('restaurant');
});
after(() => stack.stopAll());

const tables = '/api/tables';
function house() {
    const venue = new Venue('restaurant');
    return { venue, ids: venue.tables, me: (role) => as(stack, venue.token(stack, role)) };
}
const table = (number, more = {}) => ({ number, label: `X-${number}`, capacity: 4, floor: 1, ...more });

test('a table is made, read, changed, replaced, deleted', async () => {
    const { me } = house();
    const admin = me('admin');
    const made = await admin.post(tables, { number: 21, tableNumber: 'T-21', name: 'By the window', capacity: 6,
        minCapacity: 2, floor: 1, section: 'Bar', position: { x: 10, y: 20, shape: 'round' } });
    assert.equal(made.status, 201, made.text);
    const { id } = made.json;
    assert.equal(made.headers.location, `${tables}/${id}`);
    const { updatedAt, ...rest } = made.json;
    assert.match(updatedAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(rest, { id, tableNumber: 'T-21', number: 21, name: 'By the window', capacity: 6, minCapacity: 2,
        floor: 1, section: 'Bar', status: 'available', notes: null, position: { x: 10, y: 20, shape: 'round' },
        version: 1, isActive: true, updatedBy: 'admin', session: null });
    const path = `${tables}/${id}`;
    assert.deepEqual((await me('kitchen').get(path)).json, made.json);
    const changed = await admin.patch(path, { section: '', capacity: 8 });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual([changed.json.section, changed.json.capacity, changed.json.name, changed.json.version],
        [null, 8, 'By the window', 2]);
    const put = await admin.call('PUT', path, table(21));
    assert.deepEqual([put.json.name, put.json.minCapacity, put.json.position, put.json.tableNumber],
        [null, 1, {}, 'X-21'], put.text);
    assert.equal((await admin.call('DELETE', path)).status, 204);
    for (const answer of [await admin.get(path), await admin.patch(path, { capacity: 2 }),
        await admin.call('DELETE', path)]) refused(answer, 404, 'table_not_found');
    assert.equal((await admin.post(tables, table(21))).status, 201, 'number and label are free again');
});

test('every bad field of a table is named at once, and nothing is made', async () => {
    const { venue, ids, me } = house();
    const admin = me('admin');
    refused(await admin.post(tables, {}), 422, 'invalid_field', 'capacity', 'floor', 'label', 'number');
    refused(await admin.post(tables, { number: 0, label: '', capacity: 21, floor: 11, minCapacity: 0, hue: 'red' }),
        422, 'invalid_field', 'capacity', 'floor', 'hue', 'label', 'minCapacity', 'number');
    refused(await admin.post(tables, table(22, { label: 'T 22' })), 422, 'invalid_field', 'tableNumber');
    refused(await admin.post(tables, table(22, { minCapacity: 5 })), 422, 'invalid_field', 'minCapacity');
    refused(await admin.post(tables, table(22, { floor: 9 })), 422, 'unknown_floor', 'floor');
    refused(await admin.post(tables, table(1)), 409, 'number_taken', 'number');
    refused(await admin.post(tables, table(22, { label: 'T-1' })), 409, 'label_taken', 'tableNumber');
    refused(await admin.patch(`${tables}/${ids[1]}`, { number: 1 }), 409, 'number_taken', 'number');
    refused(await admin.call('PUT', `${tables}/${ids[1]}`, { capacity: 4 }), 422, 'invalid_field', 'floor', 'label', 'number');
    assert.equal(sql(`select count(*) from maitred.dining_table where venue = ${venue.id}`), '6');
});

test('the list: its filters, its order, its pages', async () => {
    const { ids, me } = house();
    const admin = me('admin');
    await admin.patch(`${tables}/${ids[0]}`, { section: 'Garden', name: 'Oak' });
    await admin.patch(`${tables}/${ids[5]}/status`, { status: 'reserved' });
    const list = async (query) => (await admin.get(`${tables}?${query}`)).json;
    const numbers = async (query) => (await list(query)).items.map((t) => t.number);
    assert.deepEqual(await numbers(''), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await numbers('status=reserved,occupied'), [6]);
    assert.deepEqual(await numbers('section=Garden'), [1]);
    assert.deepEqual(await numbers('search=oak'), [1]);
    assert.deepEqual(await numbers('search=T-3'), [3]);
    assert.deepEqual(await numbers('floor=2'), []);
    assert.deepEqual(await numbers('sortBy=tableNumber&sortOrder=desc'), [6, 5, 4, 3, 2, 1]);
    assert.deepEqual((await numbers('sortBy=status'))[5], 6);
    const second = await admin.get(`${tables}?page=2&limit=4&floor=1`);
    assert.deepEqual([second.json.total, second.json.page, second.json.limit, second.json.items.length], [6, 2, 4, 2]);
    assert.equal(second.headers['x-total-count'], '6');
    assert.match(second.headers.link, /<\/api\/tables\?floor=1&page=1&limit=4>; rel="prev"/);
    const odd = refused(await admin.get(`${tables}?status=broken&floor=0&sortBy=hue&limit=201`), 422, 'invalid_field');
    assert.deepEqual(fieldsOf(odd), ['floor', 'limit', 'sortBy', 'status']);
});

test('a write by an old version is refused with the table as it is', async () => {
    const { venue, ids, me } = house();
    const path = `${tables}/${ids[0]}`;
    const admin = me('admin');
    assert.equal((await admin.patch(path, { capacity: 5, version: 1 })).json.version, 2);
    for (const call of [() => admin.patch(path, { capacity: 6 }, { 'if-match': '"1"' }),
        () => admin.patch(path, { capacity: 6, version: 1 }),
        () => admin.call('PUT', path, { ...table(1), version: 1 }),
        () => admin.patch(`${path}/status`, { status: 'reserved', version: 1 }),
        () => admin.call('DELETE', path, undefined, { 'if-match': '"1"' })]) {
        rested(venue);
        const late = refused(await call(), 409, 'version_conflict');
        assert.deepEqual([late.json.current.id, late.json.current.capacity, late.json.current.version], [ids[0], 5, 2]);
    }
    assert.equal((await admin.call('DELETE', path, undefined, { 'if-match': '"2"' })).status, 204);
});

test('a step of status: the session it opens, the note it carries, the steps that there are', async () => {
    const { venue, ids, me } = house();
    const step = (role, id, body) => { rested(venue); return me(role).patch(`${tables}/${id}/status`, body); };
    const taken = await step('waiter', ids[0], { status: 'occupied', notes: 'birthday' });
    assert.equal(taken.status, 200, taken.text);
    assert.deepEqual([taken.json.status, taken.json.notes, taken.json.session.state, taken.json.updatedBy],
        ['occupied', 'birthday', 'open', 'waiter']);
    const never = refused(await step('waiter', ids[0], { status: 'reserved' }), 409, 'invalid_transition', 'status');
    assert.deepEqual(never.json.current, { from: 'occupied', to: 'reserved', allowed: ['available'] }, never.text);
    refused(await step('waiter', ids[0], { status: 'maintenance' }), 409, 'invalid_transition');
    const left = await step('frontdesk', ids[0], { status: 'available' });
    assert.deepEqual([left.json.session, left.json.notes], [null, null]);
    refused(await step('waiter', ids[0], { status: 'cosy', notes: 'x'.repeat(501) }), 422, 'invalid_field', 'notes', 'status');
    refused(await step('waiter', ids[0], {}), 422, 'invalid_field', 'status');
    refused(await step('waiter', ids[0], { status: 'occupied', emergency: true }), 403, 'forbidden', 'emergency');
});

test('the sixth update in a second is told to slow down; an emergency of those in charge passes', async () => {
    const { venue, ids, me } = house();
    rested(venue);
    const calls = await Promise.all(ids.map((id) => me('manager').patch(`${tables}/${id}/status`, { status: 'reserved' })));
    const slow = calls.filter((answer) => answer.status === 429);
    assert.equal(slow.length, 1, calls.map((answer) => answer.status).join());
    assert.equal(slow[0].json.detail, 'Too many requests. Please slow down.');
    assert.ok(Number(slow[0].headers['retry-after']) >= 1);
    const id = ids[calls.findIndex((answer) => answer.status === 429)];
    assert.equal((await me('manager').patch(`${tables}/${id}/status`, { status: 'reserved', emergency: true })).status, 200);
});

test('deleting waits for the guests, the orders and the reservations', async () => {
    const { venue, ids, me } = house();
    const drop = (id) => me('admin').call('DELETE', `${tables}/${id}`);
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[0]}`);
    refused(await drop(ids[0]), 409, 'table_occupied');
    sql(`insert into maitred.customer_order (venue, table_id) values (${venue.id}, ${ids[1]})`);
    refused(await drop(ids[1]), 409, 'table_has_orders');
    venue.reservation('Ada', "now() + interval '1 day'");
    sql(`update maitred.reservation set table_id = ${ids[2]} where venue = ${venue.id}`);
    refused(await drop(ids[2]), 409, 'table_has_reservations');
    assert.equal((await drop(ids[3])).status, 204);
});

test('many at once: one that is refused does not undo the others', async () => {
    const { venue, ids, me } = house();
    const bulk = (body, role = 'admin') => { rested(venue); return me(role).patch(`${tables}/bulk`, body); };
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[0]}`);
    const answer = await bulk({ tableIds: [ids[0], ids[1], other.tables[0]], updates: { status: 'reserved', section: 'Hall' } });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.success, answer.json.failed], [1, 2]);
    assert.deepEqual(answer.json.errors.map((e) => [e.tableId, e.code]),
        [[ids[0], 'invalid_transition'], [other.tables[0], 'table_not_found']]);
    assert.equal((await me('admin').get(`${tables}/${ids[1]}`)).json.section, 'Hall');
    assert.equal((await me('admin').get(`${tables}/${ids[0]}`)).json.section, null);
    refused(await bulk({ tableIds: [ids[1]], updates: {} }), 422, 'missing_field', 'updates');
    const odd = refused(await bulk({ tableIds: [], updates: { hue: 1, capacity: 0 } }), 422, 'invalid_field');
    assert.deepEqual(fieldsOf(odd), ['tableIds', 'updates.capacity', 'updates.hue']);
    refused(await bulk({ tableIds: [ids[1]], updates: { capacity: 2 } }, 'waiter'), 403, 'forbidden');
});

test('figures and floors', async () => {
    const { venue, ids, me } = house();
    sql(`insert into maitred.floor values (${venue.id}, 2, 'Terrace')`);
    sql(`update maitred.dining_table set floor = 2, section = 'Sun' where id in (${ids[4]}, ${ids[5]})`);
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[4]}`);
    sql(`update maitred.dining_table set status = 'maintenance' where id = ${ids[5]}`);
    const stats = (await me('viewer').get(`${tables}/stats`)).json;
    assert.deepEqual({ ...stats, floors: stats.floors.length }, { total: 6, available: 4, occupied: 1, reserved: 0,
        maintenance: 1, occupancyRate: 20, seats: 24, guests: 1, floors: 2 });
    assert.deepEqual([stats.floors[1].floor, stats.floors[1].name, stats.floors[1].occupied, stats.floors[1].occupancyRate],
        [2, 'Terrace', 1, 100]);
    assert.deepEqual((await me('waiter').get('/api/floors')).json,
        [{ number: 1, name: 'Ground', tables: 4, sections: [] }, { number: 2, name: 'Terrace', tables: 2, sections: ['Sun'] }]);
});

test('a layout is saved in whole or not at all', async () => {
    const { ids, me } = house();
    const save = (places, role = 'manager', floor = 1) =>
        me(role).call('PUT', `/api/floors/${floor}/layout`, { tables: places });
    const places = ids.slice(0, 3).map((id, x) => ({ id, position: { x, y: 0 } }));
    const saved = await save(places);
    assert.equal(saved.status, 200, saved.text);
    assert.deepEqual([saved.json.floor, saved.json.moved, saved.json.tables.map((t) => t.position.x)], [1, 3, [0, 1, 2]]);
    assert.equal((await save(places)).json.moved, 0);
    const late = refused(await save([{ ...places[0], position: { x: 9 } }, { ...places[1], position: { x: 9 }, version: 1 }]),
        409, 'version_conflict', 'tables');
    assert.deepEqual(late.json.current.map((t) => t.id), [ids[1]]);
    refused(await save([{ id: ids[0], position: { x: 9 } }, { id: other.tables[0], position: { x: 9 } }]), 404, 'table_not_found');
    const odd = refused(await save([{ id: 'x' }, { id: ids[0], position: 7, hue: 1 }]), 422, 'invalid_field');
    assert.ok(fieldsOf(odd).includes('tables[0].id') && fieldsOf(odd).includes('tables[1].hue'), odd.text);
    refused(await save(places, 'manager', 7), 404, 'floor_not_found');
    refused(await save(places, 'waiter'), 403, 'forbidden');
    assert.deepEqual((await me('admin').get(`${tables}/${ids[0]}`)).json.position, { x: 0, y: 0 });
});

test('another venue\'s tables answer as if there were none, and rights are by role', async () => {
    const { venue, ids, me } = house();
    const theirs = `${tables}/${other.tables[0]}`;
    for (const call of [me('admin').get(theirs), me('admin').patch(theirs, { capacity: 2 }), me('admin').call('PUT', theirs, table(9)),
        me('admin').patch(`${theirs}/status`, { status: 'reserved' }), me('admin').call('DELETE', theirs)])
        refused(await call, 404, 'table_not_found');
    for (const role of ['waiter', 'kitchen', 'frontdesk', 'viewer']) {
        assert.equal((await me(role).get(tables)).status, 200, role);
        refused(await me(role).post(tables, table(30)), 403, 'forbidden');
        refused(await me(role).call('DELETE', `${tables}/${ids[0]}`), 403, 'forbidden');
        rested(venue);
        assert.equal((await me(role).patch(`${tables}/${ids[0]}/status`, { status: 'available' })).status,
            ['waiter', 'frontdesk'].includes(role) ? 200 : 403, role);
    }
    refused(await as(stack, venue.token(stack, 'guest', { sub: 'guest', session: 1 })).get(tables), 403, 'forbidden');
});

test('a write with an Idempotency-Key is done once', async () => {
    const { me } = house();
    const key = { 'idempotency-key': `k-${process.pid}-${Date.now()}` };
    const first = await me('admin').post(tables, table(40), key);
    const again = await me('admin').post(tables, table(40), key);
    assert.deepEqual([again.status, again.json], [201, first.json]);
    refused(await me('admin').post(tables, table(41), key), 422, 'idempotency_key_reused');
});
