// The sockets of one thing (SPEC 5.4, seed 002): what each begins with, its actions under both
// names, its messages, and that nothing is lost or told twice.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, head, makeVenue, psql, seqOf, setTable, sql } from './lib/rig.mjs';
import { addLine, bulk, dish, opened, orderOf, pay, seat, setOrder } from './lib/entity.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

const open = (path, v, first, role = 'admin') => opened(sidecar, path, v, first, role);
const freeRate = (v) => sql(`delete from maitred.rate_window where venue = ${v.id}`);
const types = (c, from = 0) => c.got.slice(from).map((m) => m.type);

test('an order: order_status, get_status, update_status, order_update, order_items_update', async () => {
    const v = makeVenue(), id = addOrder(v), soup = dish(v);
    const c = await open(`/ws/orders/${id}/`, v, 'order_status');
    assert.deepEqual([c.got[0].order.id, c.got[0].order.order_status], [id, 'pending']);
    assert.equal((await c.ask({ action: 'get_status', requestId: 'g1' }, 'order_status')).requestId, 'g1');
    const refused = await c.ask({ action: 'update_status', status: 'in_progress', requestId: 'u0' }, 'error');
    assert.deepEqual(Object.keys(refused), ['type', 'code', 'detail', 'errors', 'requestId']);
    const ack = await c.ask({ action: 'update_status', status: 'confirmed', requestId: 'u1' }, 'ack');
    assert.deepEqual([ack.action, ack.data.order_status, ack.requestId], ['update_status', 'confirmed', 'u1']);
    const update = await c.wait('order_update');
    assert.equal(update.order.order_status, 'confirmed');
    assert.ok(seqOf(update.cursor) <= seqOf(ack.cursor), 'with the position that holds all of it');
    assert.ok(c.got.indexOf(ack) < c.got.indexOf(update), 'the reply precedes the event');
    addLine(v, id, soup);
    const lines = await c.wait('order_items_update');
    assert.deepEqual([lines.order_id, lines.items.length, lines.items[0].name, lines.order.total_price], [id, 1, 'Soup', 25]);
    await c.close();
});

test('an order\'s lines: items_list, get_items, items_updated, and nothing else', async () => {
    const v = makeVenue(), id = addOrder(v), soup = dish(v);
    addLine(v, id, soup);
    const c = await open(`/ws/orders/${id}/items/`, v, 'items_list');
    assert.deepEqual([c.got[0].order_id, c.got[0].items.length], [id, 1]);
    assert.equal((await c.ask({ action: 'get_items' }, 'items_list')).items.length, 1);
    setOrder(v, id, 'confirmed');
    addLine(v, id, soup);
    const m = await c.wait('items_updated');
    assert.deepEqual([m.order_id, m.items.length], [id, 2]);
    assert.deepEqual(types(c), ['items_list', 'items_list', 'items_updated']);
    await c.close();
});

test('a table: table_status, occupy and release under both names, table_update', async () => {
    const v = makeVenue(), [id] = v.tables;
    sql(`update maitred.dining_table set section = 'Terrace' where venue = ${v.id} and id = ${id}`);
    const c = await open(`/ws/tables/${id}/`, v, 'table_status', 'waiter');
    const { type, timestamp, cursor, ...shown } = c.got[0];
    assert.deepEqual(shown, { id, number: 1, label: 'T-01', capacity: 4, status: 'available', is_occupied: false,
        is_active: true, floor: 1, zone: 'Terrace', restaurant: v.id, session: null });
    for (const [action, occupied] of [['occupy', true], ['release', false], ['mark_occupied', true], ['mark_released', false]]) {
        const from = c.got.length;
        const ack = await c.ask({ action, requestId: action }, 'ack');
        assert.equal(ack.requestId, action);
        assert.equal(ack.data.status, occupied ? 'occupied' : 'available');
        const m = await c.wait('table_update', from);
        assert.equal(m.is_occupied, occupied);
        assert.ok(c.got.indexOf(ack) < c.got.indexOf(m));
        if (occupied) assert.deepEqual(Object.keys(m.session), ['id', 'session_code', 'guests_count', 'started_at']);
        else assert.equal(m.session, null);
        freeRate(v);
    }
    assert.equal((await c.ask({ action: 'get_status' }, 'table_status')).is_occupied, false);
    assert.equal(sql(`select distinct waiter_id from maitred.table_session where venue = ${v.id}`), String(v.accounts.waiter), 'who occupies it has it');
    await c.close();
});

test('one requestId does one thing in one place: the same at another table is another', async () => {
    const v = makeVenue(), [a, b] = [await open(`/ws/tables/${v.tables[0]}/`, v, 'table_status'), await open(`/ws/tables/${v.tables[1]}/`, v, 'table_status')];
    const first = await a.ask({ action: 'occupy', requestId: 'same' }, 'ack');
    const again = await a.ask({ action: 'occupy', requestId: 'same' }, 'ack');
    assert.deepEqual([again.data, again.cursor], [first.data, first.cursor]);
    assert.equal((await b.ask({ action: 'occupy', requestId: 'same' }, 'error')).code, 'idempotency_key_reused');
    assert.equal((await b.ask({ action: 'occupy', requestId: 'other' }, 'ack')).data.id, v.tables[1]);
    await a.close();
    await b.close();
});

test('a session: session_status, update_guests_count, session_update, close_session, table_closed', async () => {
    const v = makeVenue(), id = seat(v);
    const c = await open(`/ws/tables/sessions/${id}/`, v, 'session_status');
    const { type, timestamp, cursor, ...shown } = c.got[0];
    assert.deepEqual(Object.keys(shown), ['id', 'session_code', 'guests_count', 'started_at', 'last_active', 'closed_at', 'state', 'table_id', 'table_number']);
    assert.deepEqual([shown.id, shown.guests_count, shown.state, shown.table_id, shown.table_number], [id, 1, 'open', v.tables[0], 1]);
    const ack = await c.ask({ action: 'update_guests_count', guests_count: 3 }, 'ack');
    assert.equal(ack.data.guests_count, 3);
    assert.equal((await c.wait('session_update')).guests_count, 3);
    assert.equal((await c.ask({ action: 'get_status' }, 'session_status')).guests_count, 3);
    sql(`update maitred.dining_table set section = 'Terrace' where venue = ${v.id} and id = ${v.tables[0]}`); // not the session's business
    const done = await c.ask({ action: 'close_session' }, 'ack');
    assert.equal(done.data.state, 'closed');
    const m = await c.wait('table_closed');
    assert.deepEqual([m.session_id, m.table_id, m.table_number], [id, v.tables[0], 1]);
    assert.equal(types(c).filter((t) => t === 'session_update').length, 1);
    assert.equal((await c.ask({ action: 'close_session' }, 'error')).code, 'session_closed');
    assert.equal((await c.ask({ action: 'update_guests_count', guests_count: 3 }, 'error')).code, 'session_closed');
    sql(`begin; update maitred.table_session set state = 'open' where venue = ${v.id} and id = ${id};
        update maitred.dining_table set status = 'occupied' where venue = ${v.id} and id = ${v.tables[0]}; commit`);
    assert.equal((await c.wait((x) => x.type === 'session_update' && x.guests_count === 3, c.got.indexOf(m))).state, 'open');
    await c.close();
});

test('a session that moves to another table is not closed; a table\'s next session is none of its business', async () => {
    const v = makeVenue(), [t1, t2] = v.tables, id = seat(v);
    const c = await open(`/ws/tables/sessions/${id}/`, v, 'session_status');
    sql(`select api.table_move((${v.id}, ${v.accounts.admin}, 'admin', 'admin', null, null, false)::api.caller, ${t1}, ${t2})`);
    assert.equal((await c.wait('session_update')).table_id, t2);
    seat(v, 0);
    // One transaction that ends it and opens the next at its table.
    sql(`begin; update maitred.dining_table set status = 'available' where venue = ${v.id} and id = ${t2};
        update maitred.dining_table set status = 'occupied' where venue = ${v.id} and id = ${t2}; commit`);
    assert.equal((await c.wait('table_closed')).session_id, id);
    await c.reached(head(v));
    assert.deepEqual(types(c).filter((t) => t !== 'pong'), ['session_status', 'session_update', 'table_closed']);
    await c.close();
});

test('a waiter: connection, tasks_list, both names of get_tasks, acknowledge, each kind of message', async () => {
    const v = makeVenue(), mine = v.accounts.waiter, session = seat(v, 0, mine);
    sql(`insert into maitred.notification (venue, waiter_id, kind, text) values (${v.id}, ${mine}, 'alert', 'Old news')`);
    const c = await open(`/ws/waiters/${mine}/`, v, 'tasks_list', 'waiter');
    assert.deepEqual(types(c), ['connection', 'tasks_list']);
    assert.deepEqual([c.got[0].status, c.got[0].waiter_id], ['connected', mine]);
    assert.deepEqual(c.got[1].tasks.map((t) => t.text), ['Old news']);
    const order = Number(sql(`insert into maitred.customer_order (venue, table_id, session_id, status)
        values (${v.id}, ${v.tables[0]}, ${session}, 'pending') returning id`));
    const told = await c.wait('order_notification');
    assert.deepEqual([told.notification.kind, told.notification.order_id, told.notification.waiter_id], ['new_order', order, mine]);
    for (const status of ['confirmed', 'preparing', 'ready']) setOrder(v, order, status);
    assert.equal((await c.wait((m) => m.type === 'order_notification' && m.notification.kind === 'order_ready')).priority, 'high');
    pay(v, order);
    const paid = await c.wait('payment_notification');
    assert.deepEqual([paid.notification.data.amount, paid.notification.data.method], [25, 'card']);
    sql(`insert into maitred.service_request (venue, session_id, kind) values (${v.id}, ${session}, 'call_waiter')`);
    const task = await c.wait('task_notification');
    assert.equal(task.notification.kind, 'call_waiter');
    sql(`insert into maitred.notification (venue, kind, priority, text) values (${v.id}, 'alert', 'urgent', 'Fire drill')`);
    const alert = await c.wait('alert');
    assert.deepEqual([alert.message, alert.priority], ['Fire drill', 'urgent']);
    for (const action of ['get_tasks', 'get_pending_tasks'])
        assert.ok((await c.ask({ action }, 'tasks_list')).tasks.some((t) => t.id === task.notification.id));
    const from = c.got.length;
    const ack = await c.ask({ action: 'acknowledge', notification_id: task.notification.id }, 'ack');
    assert.equal(ack.data.acknowledged_by, 'waiter');
    assert.equal((await c.wait('notification_update', from)).notification.acknowledged_by, 'waiter');
    assert.ok((await c.ask({ action: 'get_tasks' }, 'tasks_list')).tasks.every((t) => t.id !== task.notification.id));
    assert.equal((await c.ask({ action: 'acknowledge' }, 'error')).detail, 'notification_id is required');
    await c.close();
});

test('a waiter hears of the own sessions and of what is for all, not of a colleague\'s', async () => {
    const v = makeVenue(), [me, other] = [v.accounts.waiter, v.accounts.manager];
    const [here, there] = [seat(v, 0, me), seat(v, 1, other)];
    const c = await open(`/ws/waiters/${me}/`, v, 'tasks_list', 'waiter'), d = await open(`/ws/waiters/${other}/`, v, 'tasks_list', 'manager');
    const call = (session) => sql(`insert into maitred.service_request (venue, session_id, kind) values (${v.id}, ${session}, 'call_waiter')`);
    call(there);
    call(here);
    addOrder(v); // of nobody's session
    for (const [x, session] of [[c, here], [d, there]]) {
        await x.wait('order_notification');
        await x.reached(head(v));
        assert.deepEqual(x.got.filter((m) => m.type === 'task_notification').map((m) => m.notification.session_id), [session]);
    }
    await c.close();
    await d.close();
});

test('what is for managers reaches a manager\'s own socket and no waiter\'s', async () => {
    const v = makeVenue();
    const c = await open(`/ws/waiters/${v.accounts.waiter}/`, v, 'tasks_list', 'waiter'), d = await open(`/ws/waiters/${v.accounts.manager}/`, v, 'tasks_list', 'manager');
    sql(`insert into maitred.notification (venue, kind, text, audience) values (${v.id}, 'alert', 'Nobody comes', 'managers')`);
    assert.equal((await d.wait('alert')).message, 'Nobody comes');
    await c.reached(head(v));
    assert.equal(c.find('alert'), undefined);
    assert.deepEqual([(await c.ask({ action: 'get_tasks' }, 'tasks_list')).tasks.length, (await d.ask({ action: 'get_tasks' }, 'tasks_list')).tasks.length], [0, 1]);
    await c.close();
    await d.close();
});

test('a restaurant\'s notifications: connection, acknowledge, everybody\'s messages', async () => {
    const v = makeVenue(), session = seat(v, 0, v.accounts.waiter);
    const c = await open(`/ws/restaurants/${v.id}/notifications/`, v, 'connection', 'manager');
    assert.equal(c.got[0].restaurant_id, v.id);
    sql(`insert into maitred.service_request (venue, session_id, kind) values (${v.id}, ${session}, 'bill_requested')`);
    const task = await c.wait('task_notification');
    const order = orderOf(v, session);
    await c.wait('order_notification');
    pay(v, order);
    await c.wait('payment_notification');
    sql(`insert into maitred.notification (venue, waiter_id, kind, text) values (${v.id}, ${v.accounts.waiter}, 'alert', 'Hello')`);
    await c.wait('alert');
    assert.equal((await c.ask({ action: 'acknowledge', notification_id: task.notification.id }, 'ack')).data.acknowledged_by, 'manager');
    await c.wait('notification_update');
    assert.equal((await c.ask({ action: 'get_tasks' }, 'error')).code, 'unknown_action');
    await c.close();
});

test('a restaurant: restaurant_status, get_status, new_order, order_ready, payment_completed, broadcast', async () => {
    const v = makeVenue();
    seat(v);
    const c = await open(`/ws/restaurants/${v.id}/`, v, 'restaurant_status', 'waiter');
    const shown = ({ restaurant_id, name, active_orders, occupied_tables }) => [restaurant_id, name, active_orders, occupied_tables];
    assert.deepEqual(shown(c.got[0]), [v.id, 'Test', 0, 1]);
    const id = addOrder(v);
    assert.equal((await c.wait('new_order')).order.id, id);
    for (const status of ['confirmed', 'preparing', 'ready']) setOrder(v, id, status);
    assert.equal((await c.wait('order_ready')).order.order_status, 'ready');
    pay(v, id);
    const paid = await c.wait('payment_completed');
    assert.deepEqual([paid.order_id, paid.payment.amount], [id, 25]);
    assert.deepEqual(shown(await c.ask({ action: 'get_status' }, 'restaurant_status')), [v.id, 'Test', 1, 1]);
    sql(`select api.broadcast_create((${v.id}, ${v.accounts.admin}, 'admin', 'admin', null, null, false)::api.caller, 'high', 'Kitchen closes', '{"at": "22:00"}')`);
    const told = await c.wait('broadcast');
    assert.deepEqual([told.message, told.priority, told.sent_by, told.data], ['Kitchen closes', 'high', 'admin', { at: '22:00' }]);
    await c.reached(head(v));
    assert.deepEqual(types(c).filter((t) => t !== 'pong'), ['restaurant_status', 'new_order', 'order_ready', 'payment_completed', 'restaurant_status', 'broadcast']);
    await c.close();
});

test('a broadcast reaches waiters as an alert and is nobody\'s task', async () => {
    const v = makeVenue(), c = await open(`/ws/waiters/${v.accounts.waiter}/`, v, 'tasks_list', 'waiter');
    sql(`select api.broadcast_create((${v.id}, ${v.accounts.admin}, 'admin', 'admin', null, null, false)::api.caller, null, 'Team meeting', null)`);
    assert.equal((await c.wait('alert')).message, 'Team meeting');
    assert.deepEqual((await c.ask({ action: 'get_tasks' }, 'tasks_list')).tasks, []);
    await c.close();
});

test('a hotel: hotel_status, get_status, booking_update, room_update, broadcast', async () => {
    const v = makeVenue('hotel');
    const c = await open(`/ws/hotels/${v.id}/`, v, 'hotel_status'), masked = await open(`/ws/hotels/${v.id}/`, v, 'hotel_status', 'viewer');
    assert.deepEqual([c.got[0].hotel_id, c.got[0].name, c.got[0].rooms, c.got[0].in_house], [v.id, 'Test', 3, 0]);
    const booking = sql(`insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        values (${v.id}, 'Jane Doe', ${v.roomType}, maitred.today(${v.id}), maitred.today(${v.id}) + 2, 'confirmed') returning id`);
    const m = await c.wait('booking_update');
    assert.deepEqual([m.booking.id, m.booking.guestName], [`bkg${booking}`, 'Jane Doe']);
    assert.equal((await masked.wait('booking_update')).booking.guestName, 'J. D.');
    sql(`update maitred.room set housekeeping = 'dirty' where venue = ${v.id} and id = ${v.rooms[0]}`);
    assert.deepEqual([(await c.wait('room_update')).room.id, c.find('room_update').room.housekeeping], [v.rooms[0], 'dirty']);
    sql(`insert into maitred.notification (venue, kind, text, resolved_at) values (${v.id}, 'broadcast', 'Lift is out', now())`);
    assert.equal((await c.wait('broadcast')).message, 'Lift is out');
    assert.equal((await c.ask({ action: 'get_status' }, 'hotel_status')).arrivals_today, 1);
    await c.close();
    await masked.close();
});

test('with and without the slash at the end', async () => {
    const v = makeVenue(), hotel = makeVenue('hotel'), id = addOrder(v), session = seat(v);
    const paths = [[`/ws/orders/${id}`, 'order_status'], [`/ws/orders/${id}/items`, 'items_list'], [`/ws/tables/${v.tables[0]}`, 'table_status'],
        [`/ws/tables/sessions/${session}`, 'session_status'], [`/ws/waiters/${v.accounts.waiter}`, 'tasks_list'],
        [`/ws/restaurants/${v.id}/notifications`, 'connection'], [`/ws/restaurants/${v.id}`, 'restaurant_status'], [`/ws/hotels/${hotel.id}`, 'hotel_status']];
    for (const [path, first] of paths)
        for (const slash of ['', '/'])
            await (await open(path + slash, path.includes('hotels') ? hotel : v, first)).close();
});

test('errors name what is wrong; ping is answered everywhere', async () => {
    const v = makeVenue(), id = addOrder(v), c = await open(`/ws/orders/${id}/`, v, 'order_status');
    const refused = [
        [{ action: 'update_status' }, 'missing_field'], [{ action: 'update_status', status: 'eaten' }, 'invalid_field'],
        [{ action: 'update_status', status: 'confirmed', id: 5 }, 'invalid_field'], [{ action: 'dance' }, 'unknown_action'],
        [{ status: 'confirmed' }, 'missing_field'], ['[1]', 'invalid_json'], ['{"action":', 'invalid_json'],
        [{ action: 'update_status', status: 'confirmed', version: 99 }, 'version_conflict'],
    ];
    for (const [message, code] of refused) assert.equal((await c.ask(message, 'error')).code, code, JSON.stringify(message));
    assert.equal(sql(`select status from maitred.customer_order where venue = ${v.id} and id = ${id}`), 'pending');
    await c.ask('ping', (m) => m === 'pong');
    await c.ask('"ping"', (m) => m === 'pong');
    assert.match((await c.ask({ action: 'ping' }, 'pong')).cursor, new RegExp(`v${v.id}-`));
    await c.close();
});

test('state, then everything after it: no gap and no overlap while writers write', async () => {
    const v = makeVenue(), id = addOrder(v), soup = dish(v);
    await (await open(`/ws/orders/${id}/items/`, v, 'items_list')).close();
    const writing = psql(Array.from({ length: 60 }, () => `insert into maitred.order_item (venue, order_id, menu_item_id, quantity)
        values (${v.id}, ${id}, ${soup}, 1);`).join('\n'));
    const clients = [];
    for (let i = 0; i < 8; i++) clients.push(await open(`/ws/orders/${id}/items/`, v, 'items_list'));
    await writing;
    for (const c of clients) {
        await c.reached(head(v));
        const first = c.got.find((m) => m.type === 'items_list'), later = c.got.filter((m) => m.type === 'items_updated');
        assert.deepEqual(later.map((m) => m.items.length), Array.from({ length: 60 - first.items.length }, (_, i) => first.items.length + 1 + i));
        assert.ok(later.every((m) => seqOf(m.cursor) > seqOf(first.cursor)));
        await c.close();
    }
});

test('a bulk change is the state again, and resync where there is none', async () => {
    const v = makeVenue(), id = addOrder(v), session = seat(v);
    const all = [[`/ws/orders/${id}/`, 'order_status'], [`/ws/tables/sessions/${session}/`, 'session_status'],
        [`/ws/waiters/${v.accounts.waiter}/`, 'tasks_list'], [`/ws/restaurants/${v.id}/`, 'restaurant_status'], [`/ws/restaurants/${v.id}/notifications/`, 'resync']];
    const clients = await Promise.all(all.map(([path, first]) => open(path, v, first === 'resync' ? 'connection' : first)));
    const from = clients.map((c) => c.got.length);
    bulk(v);
    await Promise.all(clients.map((c, i) => c.wait(all[i][1], from[i])));
    setOrder(v, id, 'confirmed');
    assert.equal((await clients[0].wait('order_update')).order.order_status, 'confirmed');
    await Promise.all(clients.map((c) => c.close()));
});

test('what is deleted is told once more; a table in maintenance is no longer occupied', async () => {
    const v = makeVenue(), [id] = v.tables, c = await open(`/ws/tables/${id}/`, v, 'table_status');
    setTable(v, 'maintenance');
    assert.equal((await c.wait('table_update')).status, 'maintenance');
    setTable(v, 'available');
    sql(`update maitred.dining_table set active = false where venue = ${v.id} and id = ${id}`);
    const gone = await c.wait((m) => m.deleted);
    assert.deepEqual([gone.type, gone.id, gone.is_active], ['table_update', id, false]);
    bulk(v); // the state is read again, and there is none
    assert.equal(await c.closed, 4404);
    assert.equal(c.got.at(-1).code, 'not_found');
});

test('an encoding is shared: all clients of one table get the same message', async () => {
    const v = makeVenue(), clients = [];
    for (let i = 0; i < 5; i++) clients.push(await open(`/ws/tables/${v.tables[0]}/`, v, 'table_status', ['admin', 'waiter', 'viewer'][i % 3]));
    setTable(v, 'occupied');
    const got = await Promise.all(clients.map((c) => c.wait('table_update')));
    assert.equal(new Set(got.map((m) => JSON.stringify(m))).size, 1);
    await Promise.all(clients.map((c) => c.close()));
});
