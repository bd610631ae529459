// notifications.test.mjs - notifications, service requests, waiters' tasks and histories over REST:
// each route, each refusal, who may what, guests, and another venue.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('notifications');
const api = '/api/v1', notifications = `${api}/notifications`, requests = `${api}/service-requests`;
let bistro, other, staff, theirs;
before(async () => {
    await stack.start();
    [bistro, other] = [new Venue('restaurant'), new Venue('restaurant')];
    staff = Object.fromEntries(Object.keys(bistro.accounts).map((role) => [role, as(stack, bistro.token(stack, role))]));
    theirs = as(stack, other.token(stack, 'admin'));
});
after(() => stack.stopAll());

let seats = 100;
function seat(waiter = 'null') {
    const number = seats++;
    const table = Number(sql(`insert into maitred.dining_table (venue, number, label, capacity, status)
        values (${bistro.id}, ${number}, 'S-${number}', 4, 'occupied') returning id`));
    const session = Number(sql(`update maitred.table_session set waiter_id = ${waiter} where table_id = ${table} returning id`));
    return { table, number, session };
}
const guest = (claims) => as(stack, bistro.token(stack, 'guest', { sub: 'guest', name: 'guest', ...claims }));
const refused = (answer, status, code, ...fields) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.code, code, answer.text);
    if (fields.length) assert.deepEqual(answer.json.errors.map((e) => e.field), fields, answer.text);
};
const send = async (body, who = staff.manager) => {
    const answer = await who.post(notifications, body);
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
};
const every = (status, code, answers) => answers.forEach((answer) => refused(answer, status, code));

test('a notification is sent, found at its Location, listed, and acknowledged once', async () => {
    const made = await staff.manager.post(notifications, { waiter_id: bistro.accounts.waiter, kind: 'alert', priority: 'urgent', text: 'Table 4 waits', data: { table: 4 } });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.location, `${notifications}/${made.json.id}`);
    assert.deepEqual((await staff.kitchen.get(made.headers.location)).json, made.json);
    assert.deepEqual([made.json.created_by, made.json.data, made.json.acknowledged_by], ['manager', { table: 4 }, null]);
    const listed = await staff.waiter.get(`${notifications}?waiter=${bistro.accounts.waiter}&kind=alert,bill_requested`);
    assert.deepEqual(listed.json.map((n) => n.id), [made.json.id]);
    assert.equal(listed.headers['x-total-count'], '1');
    const acknowledge = (who) => who.post(`${made.headers.location}/acknowledge`);
    const first = await acknowledge(staff.waiter);
    assert.equal(first.status, 200, first.text);
    assert.equal(first.json.acknowledged_by, 'waiter');
    assert.deepEqual((await acknowledge(staff.admin)).json, first.json);
    assert.deepEqual((await staff.waiter.get(`${notifications}?waiter=${bistro.accounts.waiter}`)).json, []);
});

test('every bad field of a notification is named at once', async () => {
    refused(await staff.waiter.post(notifications, { waiter_id: 'x', kind: 'party', priority: 'now', text: '', data: [], colour: 1 }), 422, 'invalid_field',
        'waiter_id', 'kind', 'priority', 'text', 'data', 'colour');
    refused(await staff.waiter.post(notifications, {}), 422, 'invalid_field', 'text');
    refused(await staff.waiter.post(notifications, { text: 'x', data: { long: 'x'.repeat(2048) } }), 422, 'invalid_field', 'data');
    refused(await staff.waiter.post(notifications, { text: 'x', waiter_id: other.accounts.waiter }), 404, 'waiter_not_found', 'waiter_id');
    refused(await staff.waiter.get(`${notifications}?kind=party&limit=0`), 422, 'invalid_field', 'kind', 'limit');
    refused(await staff.waiter.post(`${notifications}/999999999/acknowledge`), 404, 'not_found');
});

test("a waiter's tasks: their own and everybody's, whoever of the staff asks", async () => {
    const [own, all, anothers] = [await send({ waiter_id: bistro.accounts.waiter, text: 'own', priority: 'low' }), await send({ text: 'all', priority: 'high' }),
        await send({ waiter_id: bistro.accounts.frontdesk, text: "another's" })];
    const tasks = (who, role) => who.get(`${api}/waiters/${bistro.accounts[role]}/tasks`);
    const mine = (await tasks(staff.waiter, 'waiter')).json.map((n) => n.id);
    assert.deepEqual(mine.filter((id) => [own.id, all.id, anothers.id].includes(id)), [all.id, own.id]);
    assert.deepEqual((await tasks(staff.manager, 'waiter')).json.map((n) => n.id), mine);
    assert.deepEqual((await tasks(staff.frontdesk, 'waiter')).json.map((n) => n.id), mine);
    assert.ok((await tasks(staff.waiter, 'frontdesk')).json.some((n) => n.id === anothers.id));
    refused(await tasks(staff.viewer, 'viewer'), 403, 'forbidden');
    refused(await tasks(theirs, 'waiter'), 404, 'not_found');
    refused(await staff.admin.get(`${api}/waiters/999999999/tasks`), 404, 'not_found');
    await staff.waiter.post(`${notifications}/${all.id}/acknowledge`);
    assert.ok(!(await tasks(staff.waiter, 'waiter')).json.some((n) => n.id === all.id));
});

test('a guest calls, the waiter is told, acknowledges and resolves', async () => {
    const at = seat(bistro.accounts.waiter), own = guest({ session: at.session });
    const call = await own.post(requests, { kind: 'call_waiter', text: 'more water' });
    assert.equal(call.status, 201, call.text);
    assert.equal(call.headers.location, `${requests}/${call.json.id}`);
    assert.deepEqual([call.json.table_id, call.json.session_id, call.json.waiter_id, call.json.text], [at.table, at.session, null, 'more water']);
    assert.deepEqual((await own.get(call.headers.location)).json, call.json);
    const again = await own.post(requests, { kind: 'call_waiter' });
    assert.deepEqual([again.status, again.json, again.headers.location], [201, call.json, call.headers.location]);
    const bill = await own.post(requests, { kind: 'ask_for_bill' });
    assert.deepEqual([bill.status, bill.json.kind], [201, 'bill_requested']);
    assert.deepEqual((await own.get(requests)).json.map((r) => r.id), [bill.json.id, call.json.id]);
    const told = (await staff.waiter.get(`${api}/waiters/${bistro.accounts.waiter}/tasks`)).json.find((n) => n.request_id === call.json.id);
    assert.equal(told.text, `Table ${at.number} calls: more water`);
    assert.equal((await staff.waiter.post(`${notifications}/${told.id}/acknowledge`)).status, 200);
    const seen = await staff.waiter.get(call.headers.location);
    assert.deepEqual([seen.json.acknowledged_by, seen.json.waiter_id], ['waiter', bistro.accounts.waiter]);
    const done = await staff.waiter.post(`${call.headers.location}/resolve`);
    assert.equal(done.status, 200, done.text);
    assert.ok(done.json.resolved_at);
    assert.deepEqual((await staff.frontdesk.patch(`${call.headers.location}/resolve`)).json, done.json);
    assert.deepEqual((await own.get(requests)).json.map((r) => r.id), [bill.json.id]);
});

test("guests see and touch nothing but their own table's calls", async () => {
    const [mine, next] = [seat(), seat()], own = guest({ session: mine.session });
    const theirCall = (await guest({ session: next.session }).post(requests, { kind: 'call_waiter', text: 'Canary' })).json;
    const listed = await own.get(requests);
    assert.deepEqual([listed.json, listed.headers['x-total-count']], [[], '0']);
    refused(await own.get(`${requests}/${theirCall.id}`), 404, 'not_found');
    refused(await own.post(requests, { kind: 'call_waiter', session_id: next.session }), 404, 'session_not_found', 'session_id');
    refused(await own.post(requests, { kind: 'call_waiter', table_id: next.table }), 404, 'table_not_found', 'table_id');
    every(403, 'forbidden', [await own.post(`${requests}/${theirCall.id}/resolve`), await own.get(notifications), await own.post(notifications, { text: 'x' }),
        await own.get(`${notifications}/1`), await own.post(`${notifications}/1/acknowledge`), await own.get(`${api}/waiters/1/tasks`), await own.get(`${api}/history/tables/${mine.table}`)]);
    sql(`update maitred.dining_table set status = 'available' where id = ${mine.table}`);
    refused(await own.post(requests, { kind: 'call_waiter' }), 409, 'session_closed', 'session_id');
});

test('the staff call for a table; a call from nowhere or of an unknown kind is refused', async () => {
    const at = seat();
    const made = await staff.waiter.post(requests, { kind: 'bill_requested', table_id: at.table, priority: 'high' });
    assert.deepEqual([made.status, made.json.session_id, made.json.created_by], [201, at.session, 'waiter']);
    refused(await staff.waiter.post(requests, { kind: 'call_waiter' }), 422, 'required', 'table_id');
    refused(await staff.waiter.post(requests, { kind: 'sing', priority: 1, text: 2, x: 3 }), 422, 'invalid_field', 'kind', 'priority', 'text', 'x');
    refused(await staff.waiter.post(requests, { kind: 'call_waiter', table_id: other.tables[0] }), 404, 'table_not_found', 'table_id');
});

test('who may what', async () => {
    const at = seat(), note = await send({ text: 'all' });
    const call = (await staff.waiter.post(requests, { kind: 'call_waiter', table_id: at.table })).json;
    for (const role of ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']) for (const [answer, status] of [
        [await staff[role].get(notifications), 200], [await staff[role].get(`${notifications}/${note.id}`), 200], [await staff[role].post(notifications, { text: role }), 201],
        [await staff[role].post(`${notifications}/${note.id}/acknowledge`), 200], [await staff[role].get(requests), 200], [await staff[role].get(`${requests}/${call.id}`), 200],
        [await staff[role].post(requests, { kind: 'call_waiter', table_id: at.table }), 201]]) assert.equal(answer.status, status, `${role}: ${answer.text}`);
    every(403, 'forbidden', [await staff.viewer.get(notifications), await staff.viewer.get(`${notifications}/${note.id}`), await staff.viewer.post(notifications, { text: 'x' }),
        await staff.viewer.post(`${notifications}/${note.id}/acknowledge`), await staff.viewer.get(requests), await staff.viewer.get(`${requests}/${call.id}`),
        await staff.viewer.post(requests, { kind: 'call_waiter', table_id: at.table }), await staff.viewer.post(`${requests}/${call.id}/resolve`)]);
    const anybody = as(stack, null);
    for (const answer of [await anybody.get(notifications), await anybody.get(requests), await anybody.get(`${api}/history/tables/${at.table}`)]) assert.equal(answer.status, 401);
});

test("another venue's messages and calls do not exist", async () => {
    const at = seat(), note = await send({ text: 'Canary' });
    const call = (await staff.waiter.post(requests, { kind: 'call_waiter', table_id: at.table })).json;
    every(404, 'not_found', [await theirs.get(`${notifications}/${note.id}`), await theirs.post(`${notifications}/${note.id}/acknowledge`),
        await theirs.get(`${requests}/${call.id}`), await theirs.post(`${requests}/${call.id}/resolve`)]);
    for (const list of [notifications, requests]) assert.deepEqual((await theirs.get(list)).json, [], list);
});

test('histories: of tables, orders, reservations and bookings, for those who lead', async () => {
    const at = seat(), hotel = new Venue('hotel'), theHotel = as(stack, hotel.token(stack, 'manager'));
    sql(`update maitred.dining_table set status = 'available' where id = ${at.table}`);
    const reservation = bistro.reservation('Ada', `now() + interval '1 day'`);
    assert.equal((await staff.manager.post(`/api/restaurant/reservations/${reservation}/cancel`, { reason: 'ill' })).status, 200);
    const booking = Number(sql(`insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        values (${hotel.id}, 'G', ${hotel.types[0]}, current_date + 1, current_date + 2, 'confirmed') returning id`));
    sql(`update maitred.booking set status = 'cancelled' where id = ${booking}`);
    const order = Number(sql(`insert into maitred.customer_order (venue) values (${bistro.id}) returning id`));
    sql(`update maitred.customer_order set status = 'confirmed' where id = ${order}`);
    for (const [who, path, from, to] of [[staff.manager, `tables/${at.table}`, 'occupied', 'available'], [staff.admin, `orders/${order}`, 'pending', 'confirmed'],
        [staff.manager, `reservations/res${reservation}`, 'confirmed', 'cancelled'], [theHotel, `bookings/bkg${booking}`, 'confirmed', 'cancelled']]) {
        const past = await who.get(`${api}/history/${path}`);
        assert.equal(past.status, 200, past.text);
        assert.deepEqual(Object.keys(past.json[0]).sort(), ['actor', 'at', 'id', 'new_status', 'note', 'old_status']);
        assert.deepEqual([past.json[0].old_status, past.json[0].new_status], [from, to], path);
        assert.ok(Number(past.headers['x-total-count']) >= 1);
        every(404, 'not_found', [await theirs.get(`${api}/history/${path}`)]);
    }
    for (const role of ['waiter', 'kitchen', 'frontdesk', 'viewer']) refused(await staff[role].get(`${api}/history/orders/${order}`), 403, 'forbidden');
    refused(await staff.admin.get(`${api}/history/orders/x?limit=201`), 422, 'invalid_field', 'id', 'limit');
    assert.equal((await staff.admin.get(`${api}/history/customers/1`)).status, 404);
});
