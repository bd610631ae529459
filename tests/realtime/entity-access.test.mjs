// Who may open the sockets of one thing and do what there (SPEC 5.4): roles, guests, other venues, what is
// not there.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, head, makeVenue, setTable, sql, token } from './lib/rig.mjs';
import { connect, dish, guestToken, opened, orderOf, refusal, seat } from './lib/entity.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

const open = (path, v, first, role = 'admin', bearer = undefined) => opened(sidecar, path, v, first, role, bearer);
const roles = ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer'];

// What a socket that was opened for nothing ends in: [code of the error, close code].
async function vain(path, v, role = 'admin', bearer = undefined) {
    const c = connect(sidecar, path, v, role, bearer);
    await c.opened;
    const code = await c.closed;
    return [c.got.filter((m) => m.type !== 'connection').map((m) => `${m.type} ${m.code}`).join(), code];
}
const gone = ['error not_found', 4404];

test('each path has its right: 403 before the upgrade for those without it', async () => {
    const v = makeVenue(), hotel = makeVenue('hotel'), id = addOrder(v), session = seat(v);
    const may = [
        [v, `/ws/orders/${id}/`, ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']],
        [v, `/ws/orders/${id}/items/`, ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']],
        [v, `/ws/tables/${v.tables[0]}/`, roles],
        [v, `/ws/tables/sessions/${session}/`, roles],
        [v, `/ws/waiters/${v.accounts.waiter}/`, ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']],
        [v, `/ws/restaurants/${v.id}/notifications/`, ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']],
        [v, `/ws/restaurants/${v.id}/`, ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk']],
        [hotel, `/ws/hotels/${hotel.id}/`, ['admin', 'manager', 'frontdesk', 'viewer']],
    ];
    for (const [venue, path, allowed] of may)
        for (const role of roles)
            assert.equal(await refusal(sidecar, path, venue, role), allowed.includes(role) ? 101 : 403, `${role} ${path}`);
    assert.equal(await refusal(sidecar, `/ws/orders/${id}/`, v, 'admin', 'no.token.atall'), 401);
});

test('an action needs its own right', async () => {
    const v = makeVenue(), id = addOrder(v), session = seat(v);
    const viewer = await open(`/ws/tables/${v.tables[0]}/`, v, 'table_status', 'viewer');
    for (const action of ['occupy', 'release', 'mark_occupied', 'mark_released'])
        assert.equal((await viewer.ask({ action }, 'error')).code, 'forbidden');
    const kitchen = await open(`/ws/orders/${id}/`, v, 'order_status', 'kitchen');
    assert.equal(kitchen.got[0].order.customer_name, 'J. S.');
    assert.equal((await kitchen.ask({ action: 'update_status', status: 'confirmed' }, 'error')).code, 'forbidden');
    sql(`update maitred.customer_order set status = 'confirmed' where venue = ${v.id} and id = ${id}`);
    assert.equal((await kitchen.wait('order_update')).order.customer_name, 'J. S.');
    assert.equal((await kitchen.ask({ action: 'update_status', status: 'preparing' }, 'ack')).data.order_status, 'preparing');
    const cook = await open(`/ws/tables/sessions/${session}/`, v, 'session_status', 'kitchen');
    for (const message of [{ action: 'close_session' }, { action: 'update_guests_count', guests_count: 2 }])
        assert.equal((await cook.ask(message, 'error')).code, 'forbidden');
    await Promise.all([viewer, kitchen, cook].map((c) => c.close()));
});

test('what is malformed, another venue\'s or of the wrong kind of venue does not exist', async () => {
    const v = makeVenue(), other = makeVenue(), hotel = makeVenue('hotel');
    for (const path of ['/ws/orders/x/', '/ws/orders/0/', '/ws/orders/-1/', '/ws/orders/99999999999999999999/', '/ws/orders/01/',
        '/ws/tables/sessions/', '/ws/tables/1.5/', `/ws/restaurants/${other.id}/`, `/ws/restaurants/${other.id}/notifications/`,
        `/ws/hotels/${v.id}/`, `/ws/hotels/${hotel.id}/`, '/ws/restaurants/999999999/'])
        assert.equal(await refusal(sidecar, path, v), 404, path);
    assert.equal(await refusal(sidecar, `/ws/restaurants/${hotel.id}/`, hotel), 404);
    assert.equal(await refusal(sidecar, `/ws/hotels/${other.id}/`, hotel), 404);
});

test('another venue\'s id and one that nobody has look alike: an error, then 4404', async () => {
    const v = makeVenue(), other = makeVenue(), id = addOrder(other), session = seat(other);
    const both = [[`/ws/orders/${id}/`, '/ws/orders/999999999/'], [`/ws/orders/${id}/items/`, '/ws/orders/999999999/items/'],
        [`/ws/tables/${other.tables[0]}/`, '/ws/tables/999999999/'], [`/ws/tables/sessions/${session}/`, '/ws/tables/sessions/999999999/'],
        [`/ws/waiters/${other.accounts.waiter}/`, '/ws/waiters/999999999/']];
    for (const paths of both)
        for (const path of paths) assert.deepEqual(await vain(path, v), gone, path);
});

test('a guest of a session: the own session and its orders, nothing else', async () => {
    const v = makeVenue(), mine = seat(v), theirs = seat(v, 1);
    const [own, foreign] = [orderOf(v, mine), orderOf(v, theirs)], bearer = guestToken(v, { session: mine });
    sql(`update maitred.customer_order set notes = 'difficult people' where venue = ${v.id} and id = ${own}`);
    const c = await open(`/ws/orders/${own}/`, v, 'order_status', 'guest', bearer);
    for (const path of [`/ws/tables/${v.tables[0]}/`, `/ws/waiters/${v.accounts.waiter}/`, `/ws/restaurants/${v.id}/`,
        `/ws/restaurants/${v.id}/notifications/`, `/ws/hotels/${v.id}/`])
        assert.equal(await refusal(sidecar, path, v, 'guest', bearer), 403, path);
    assert.equal(await refusal(sidecar, `/ws/tables/sessions/${theirs}/`, v, 'guest', bearer), 404);
    for (const path of [`/ws/orders/${foreign}/`, `/ws/orders/${foreign}/items/`]) assert.deepEqual(await vain(path, v, 'guest', bearer), gone);
    sql(`update maitred.customer_order set status = 'confirmed' where venue = ${v.id} and id = ${own}`);
    await c.wait('order_update');
    assert.doesNotMatch(JSON.stringify(c.got), /difficult people|waiter_id|updated_by/);
    assert.equal((await c.ask({ action: 'update_status', status: 'cancelled' }, 'error')).code, 'forbidden');
    await c.close();
});

test('a guest of one order: that order; the session behind it is the staff\'s', async () => {
    const v = makeVenue(), session = seat(v), [own, other] = [orderOf(v, session), orderOf(v, session)];
    const bearer = guestToken(v, { order: own });
    const c = await open(`/ws/orders/${own}/`, v, 'order_status', 'guest', bearer);
    await (await open(`/ws/orders/${own}/items/`, v, 'items_list', 'guest', bearer)).close();
    assert.equal(await refusal(sidecar, `/ws/orders/${other}/`, v, 'guest', bearer), 404);
    assert.equal(await refusal(sidecar, `/ws/tables/sessions/${session}/`, v, 'guest', bearer), 404);
    assert.equal((await c.ask({ action: 'call_waiter' }, 'ack')).data.kind, 'call_waiter');
    assert.equal((await c.ask({ action: 'place_order', items: [{ menu_item_id: dish(v) }] }, 'error')).code, 'forbidden');
    await c.close();
});

test('a guest places orders, calls the waiter and asks for the bill, once each', async () => {
    const v = makeVenue(), session = seat(v, 0, v.accounts.waiter), soup = dish(v), other = seat(v, 1);
    const waiter = await open(`/ws/waiters/${v.accounts.waiter}/`, v, 'tasks_list', 'waiter');
    const c = await open(`/ws/tables/sessions/${session}/`, v, 'session_status', 'guest', guestToken(v, { session }));
    const order = { action: 'place_order', items: [{ menu_item_id: soup, quantity: 2, notes: 'no onions' }], requestId: 'o1' };
    const placed = await c.ask(order, 'ack'), again = await c.ask(order, 'ack');
    assert.deepEqual([placed.data.order_status, placed.data.session_id, placed.data.total_price, placed.data.waiter_id], ['pending', session, 25, null]);
    assert.equal(again.data.id, placed.data.id);
    assert.equal((await waiter.wait('order_notification')).notification.order_id, placed.data.id);
    const call = await c.ask({ action: 'call_waiter', text: 'more water' }, 'ack'), twice = await c.ask({ action: 'call_waiter' }, 'ack');
    assert.deepEqual([call.data.kind, call.data.session_id, twice.data.id], ['call_waiter', session, call.data.id]);
    assert.match((await waiter.wait('task_notification')).message, /more water/);
    assert.equal((await c.ask({ action: 'ask_for_bill' }, 'ack')).data.kind, 'bill_requested');
    await waiter.wait((m) => m.type === 'task_notification' && m.notification.kind === 'bill_requested');
    assert.equal((await c.wait('call_update')).call.acknowledged_at, null);
    const { id: message } = (await waiter.wait('task_notification')).notification;
    await waiter.ask({ action: 'acknowledge', notification_id: message }, 'ack');
    const taken = await c.wait((m) => m.type === 'call_update' && m.call.id === call.data.id && m.call.acknowledged_at);
    assert.deepEqual(Object.keys(taken.call), ['id', 'kind', 'text', 'order_id', 'created_at', 'acknowledged_at', 'resolved_at']);
    sql(`update maitred.service_request set resolved_at = clock_timestamp() where venue = ${v.id} and id = ${call.data.id}`);
    await c.wait((m) => m.type === 'call_update' && m.call.id === call.data.id && m.call.resolved_at);
    sql(`update maitred.menu_item set available = false where venue = ${v.id} and id = ${soup}`);
    assert.equal((await c.wait((m) => m.type === 'menu_item_update' && m.item.id === soup)).item.available, false);
    sql(`update maitred.menu_item set available = true where venue = ${v.id} and id = ${soup}`);
    sql(`update maitred.menu_category set name = 'Soups of the day' where venue = ${v.id} and id = (select category_id from maitred.menu_item where id = ${soup})`);
    assert.equal((await c.wait((m) => m.type === 'menu_category_update' && m.category.name === 'Soups of the day')).category.isActive, true);
    const refused = [[{ action: 'place_order', items: [] }, 'invalid_field'], [{ action: 'place_order' }, 'missing_field'],
        [{ action: 'place_order', items: order.items, session_id: other }, 'invalid_field'],
        [{ action: 'call_waiter', kind: 'bill_requested' }, 'invalid_field'],
        [{ action: 'close_session' }, 'forbidden'], [{ action: 'update_guests_count', guests_count: 9 }, 'forbidden']];
    for (const [message, code] of refused) assert.equal((await c.ask(message, 'error')).code, code, JSON.stringify(message));
    await c.close();
    await waiter.close();
});

test('guests of a session that is closed are told table_closed, then their sockets close with 4003', async () => {
    const v = makeVenue(), session = seat(v), order = orderOf(v, session), bearer = guestToken(v, { session });
    const c = await open(`/ws/tables/sessions/${session}/`, v, 'session_status', 'guest', bearer);
    const d = await open(`/ws/orders/${order}/`, v, 'order_status', 'guest', bearer);
    setTable(v, 'available');
    assert.equal(await c.closed, 4003);
    assert.equal(c.got.at(-1).type, 'table_closed');
    assert.equal(c.got.at(-1).session_id, session);
    assert.equal(await d.closed, 4003);
    assert.equal(await refusal(sidecar, `/ws/tables/sessions/${session}/`, v, 'guest', bearer), 401);
});

test('the staff may open a session that is over, and nobody else\'s messages come through', async () => {
    const v = makeVenue(), over = seat(v);
    setTable(v, 'available');
    const c = await open(`/ws/tables/sessions/${over}/`, v, 'session_status', 'frontdesk');
    assert.equal(c.got[0].state, 'closed');
    const next = seat(v);
    const d = await open(`/ws/tables/sessions/${next}/`, v, 'session_status', 'frontdesk');
    sql(`update maitred.table_session set guest_count = 4 where venue = ${v.id} and id = ${next}`);
    assert.equal((await d.wait('session_update')).guests_count, 4);
    await c.reached(head(v));
    assert.deepEqual(c.got.map((m) => m.type).filter((t) => t !== 'pong'), ['session_status']);
    await c.close();
    await d.close();
});

test('a revoked token and a new role close them like all others', async () => {
    const v = makeVenue(), bearer = token(v, 'waiter'), c = await open(`/ws/tables/${v.tables[0]}/`, v, 'table_status', 'waiter', bearer);
    const { jti } = JSON.parse(Buffer.from(bearer.split('.')[1], 'base64url'));
    sql(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
        values ('${jti}', ${v.id}, ${v.accounts.waiter}, now() + interval '1 hour')`);
    assert.equal(await c.closed, 4003);
    const d = await open(`/ws/waiters/${v.accounts.kitchen}/`, v, 'tasks_list', 'kitchen');
    sql(`update maitred.account set role = 'viewer' where venue = ${v.id} and username = 'kitchen'`);
    assert.equal(await d.closed, 4004);
});
