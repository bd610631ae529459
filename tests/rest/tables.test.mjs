// tables.test.mjs - the tables program: each endpoint, each refusal, to whom and to whom not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refused, rested } from './lib/refusal.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';
import { until } from './lib/wait.mjs';

const stack = new Stack('tables');
let other;
before(async () => {
    await stack.start();
    other = new Venue('restaurant');
});
after(() => stack.stopAll());

const steps = '/admin/api/tables';
// A venue of the test's own; me(role) calls in the name of that role.
function house() {
    const venue = new Venue('restaurant');
    return { venue, ids: venue.tables, me: (role) => as(stack, venue.token(stack, role)) };
}
const status = (id) => sql(`select status from maitred.dining_table where id = ${id}`);

// --- the admin dashboard's list and the deprecated operations

test('the admin list shows every table as free, occupied or disabled', async () => {
    const { venue, ids, me } = house();
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[0]}`);
    sql(`update maitred.dining_table set status = 'maintenance' where id = ${ids[1]}`);
    sql(`update maitred.dining_table set status = 'reserved' where id = ${ids[2]}`);
    const answer = await me('waiter').get(steps);
    assert.equal(answer.status, 200, answer.text);
    const { tables } = answer.json;
    assert.deepEqual(tables.map((t) => t.id), ids);
    assert.deepEqual(tables.map((t) => t.status), ['occupied', 'disabled', 'free', 'free', 'free', 'free']);
    assert.match(tables[0].session.last_active, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal(tables[0].session.id,
        Number(sql(`select id from maitred.table_session where venue = ${venue.id}`)));
    assert.deepEqual(tables[2], { id: ids[2], number: 3, status: 'free', reserved: true, session: null });
    assert.deepEqual(tables[3], { id: ids[3], number: 4, status: 'free', session: null });
    assert.equal(answer.headers.deprecation, undefined);
});

test('disable, enable, close, restore and move answer with the table as it is then', async () => {
    const { venue, ids, me } = house();
    const [admin, waiter] = [me('admin'), me('waiter')];
    assert.equal((await admin.post(`${steps}/${ids[0]}/disable`)).json.status, 'disabled');
    const enabled = await admin.post(`${steps}/${ids[0]}/enable`);
    assert.deepEqual(enabled.json, { id: ids[0], number: 1, status: 'free', session: null });
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[0]}`);
    const [first] = (await admin.get(steps)).json.tables;
    assert.equal((await waiter.post(`${steps}/${ids[0]}/close`, {})).json.status, 'free');
    assert.equal((await waiter.post(`${steps}/${ids[0]}/restore`)).json.session.id, first.session.id);
    const moved = await waiter.post(`${steps}/move`, { from: ids[0], to: ids[4] });
    assert.equal(moved.status, 200, moved.text);
    assert.deepEqual(moved.json.tables.map((t) => [t.id, t.status, t.session?.id]),
        [[ids[0], 'free', undefined], [ids[4], 'occupied', first.session.id]]);
    const back = await waiter.post(`${steps}/move`, { from_table_id: ids[4], to_table_id: ids[0] });
    assert.deepEqual(back.json.tables.map((t) => t.id), [ids[4], ids[0]], back.text);
    assert.equal(sql(`select count(*) from maitred.table_session where venue = ${venue.id}`), '1');
});

test('each step says in its own words why it can not be', async () => {
    const { venue, ids, me } = house();
    const admin = me('admin');
    const step = async (what, id, body) => { rested(venue); return admin.post(`${steps}/${id}/${what}`, body); };
    const move = async (body) => { rested(venue); return admin.post(`${steps}/move`, body); };
    sql(`update maitred.dining_table set status = 'occupied' where id = ${ids[0]}`);
    sql(`update maitred.dining_table set status = 'maintenance' where id = ${ids[1]}`);
    const closed = refused(await step('close', ids[2]), 409, 'no_active_session');
    assert.equal(closed.json.current.id, ids[2]);
    refused(await step('disable', ids[1]), 409, 'already_disabled');
    refused(await step('disable', ids[0]), 409, 'table_occupied');
    refused(await step('enable', ids[0]), 409, 'not_disabled');
    refused(await step('restore', ids[0]), 409, 'table_occupied');
    refused(await step('restore', ids[2]), 409, 'no_session_to_restore');
    refused(await move({ from: ids[0], to: ids[0] }), 422, 'same_table', 'to');
    refused(await move({ from: ids[0], to: 1e9 }), 404, 'table_not_found', 'to');
    refused(await move({ from: 1e9, to: ids[0] }), 404, 'table_not_found', 'from');
    refused(await move({ from: ids[0], to: ids[1] }), 409, 'target_unavailable', 'to');
    refused(await move({ from: ids[3], to: ids[4] }), 409, 'no_session_to_move', 'from');
    refused(await move({ from: ids[0] }), 422, 'invalid_field', 'to');
    const odd = refused(await move({ from: 'x', surprise: 1 }), 422, 'invalid_field');
    assert.deepEqual(odd.json.errors.map((e) => e.field).sort(), ['from', 'surprise', 'to']);
    refused(await step('close', 'x'), 422, 'invalid_field', 'id');
    for (const what of ['close', 'disable', 'enable', 'restore'])
        refused(await step(what, other.tables[0]), 404, 'table_not_found');
    refused(await move({ from: ids[0], to: other.tables[0] }), 404, 'table_not_found', 'to');
});

test('every answer of a deprecated operation says so, and where to go', async () => {
    const { venue, ids, me } = house();
    const id = ids[0];
    const authorization = `Bearer ${venue.token(stack, 'admin')}`;
    const noJson = { body: '{', headers: { authorization, 'content-type': 'application/json', 'content-length': 1 }, pastPrism: true };
    const calls = [
        [me('admin').post(`${steps}/${id}/disable`), 200, `/api/tables/${id}/status`],
        [me('admin').post(`${steps}/${id}/close`), 409, `/api/tables/${id}/status`],
        [me('admin').post(`${steps}/1000000000/enable`), 404, '/api/tables/1000000000/status'],
        [me('kitchen').post(`${steps}/${id}/enable`), 403, `/api/tables/${id}/status`],
        [me('admin').post(`${steps}/a%20b%3E/enable`), 422, '/api/tables/a%20b%3E/status'],
        [as(stack).post(`${steps}/${id}/restore`), 401, '/admin/ws/dashboard'],
        [stack.request('POST', `${steps}/move`, noJson), 400, '/admin/ws/dashboard'],
    ];
    for (const [call, wanted, successor] of calls) {
        const { status: got, headers, text } = await call;
        assert.equal(got, wanted, text);
        assert.match(headers.deprecation, /^@\d{10}$/); // RFC 9745
        const sunset = new Date(headers.sunset); // RFC 8594
        assert.equal(sunset.toUTCString(), headers.sunset);
        assert.ok(sunset.getTime() > Number(headers.deprecation.slice(1)) * 1000);
        assert.equal(headers.link, `<${successor}>; rel="successor-version"`);
    }
});

test('who may do a step: operating is for the floor, taking a table out of use for those in charge', async () => {
    const { venue, ids, me } = house();
    const may = { admin: 'oa', manager: 'oa', waiter: 'o', kitchen: '', frontdesk: 'o', viewer: '' };
    for (const [role, rights] of Object.entries(may)) {
        assert.equal((await me(role).get(steps)).status, 200, role);
        for (const [what, right] of [['close', 'o'], ['restore', 'o'], ['disable', 'a'], ['enable', 'a']]) {
            rested(venue);
            const answer = await me(role).post(`${steps}/${ids[5]}/${what}`);
            assert.equal(answer.status === 403, !rights.includes(right), `${role} ${what}: ${answer.text}`);
        }
        const moved = await me(role).post(`${steps}/move`, { from: ids[0], to: ids[0] });
        assert.equal(moved.status, rights.includes('o') ? 422 : 403, `${role} move`);
    }
});
