// Every message and every action of /ws (SPEC 5.1), as an unchanged client of S3 sees them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, head, makeVenue, seqOf, setTable, sql, token } from './lib/rig.mjs';
import { dish, guestToken, seat } from './lib/entity.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

async function listener(venue, role, ...channels) {
    const c = sidecar.client(venue, role);
    await c.opened;
    await c.subscribe(...channels);
    return c;
}

test('subscribe is acknowledged with what was granted, a session and a cursor', async () => {
    const venue = makeVenue(), c = sidecar.client(venue);
    await c.opened;
    const ack = await c.subscribe('restaurant_reservations', 'floor:2', 'restaurant_reservations');
    assert.deepEqual(ack.channels, ['restaurant_reservations', 'floor:2']);
    assert.equal(seqOf(ack.cursor), head(venue));
    assert.ok(ack.session.length > 40);
    await c.close();
});

test('unknown channels, those of another kind of venue and those the role lacks are named in one error', async () => {
    const venue = makeVenue(), c = sidecar.client(venue, 'kitchen');
    await c.opened;
    const ack = await c.subscribe('restaurant_orders', 'hotel_rooms', 'nonsense', 'restaurant_stats', 'floor:0');
    assert.deepEqual(ack.channels, ['restaurant_orders']);
    const error = await c.wait('error');
    assert.equal(error.code, 'unknown_channel');
    assert.deepEqual(error.channels, ['hotel_rooms', 'nonsense', 'restaurant_stats', 'floor:0']);
    assert.match(error.timestamp, ISO);
    addOrder(venue);
    await c.wait('order_created');
    assert.equal(c.got.filter((m) => m.type === 'error').length, 1);
    await c.close();
});

test('64 channels a connection, the 65th is refused by name', async () => {
    const venue = makeVenue(), c = sidecar.client(venue);
    await c.opened;
    const names = Array.from({ length: 66 }, (_, i) => `order:${i + 1}`);
    const ack = await c.subscribe(...names);
    assert.equal(ack.channels.length, 64);
    const error = await c.wait('error');
    assert.equal(error.code, 'too_many_subscriptions');
    assert.deepEqual(error.channels, ['order:65', 'order:66']);
    await c.ask({ action: 'unsubscribe', channels: ['order:1'] }, (m) => m.status === 'unsubscribed');
    assert.deepEqual((await c.subscribe('order:65')).channels, ['order:65']);
    await c.close();
});

test('ping as action, as text and as quoted text', async () => {
    const venue = makeVenue(), c = sidecar.client(venue);
    await c.opened;
    const pong = await c.ask({ action: 'ping', requestId: 'r-1' }, 'pong');
    assert.equal(pong.requestId, 'r-1');
    assert.equal(seqOf(pong.cursor), head(venue));
    assert.equal(await c.ask('ping', (m) => m === 'pong'), 'pong');
    assert.equal(await c.ask('"ping"', (m) => m === 'pong'), 'pong');
    await c.close();
});

test('what is not understood is answered by a code, and the connection stays', async () => {
    const venue = makeVenue(), c = sidecar.client(venue);
    await c.opened;
    const wrong = [
        ['{"action":', 'invalid_json'], ['[1]', 'invalid_json'], ['{}', 'missing_field'],
        [{ action: 7 }, 'invalid_field'], [{ action: 'dance' }, 'unknown_action'],
        [{ action: 'subscribe' }, 'missing_field'], [{ action: 'subscribe', channels: 'a' }, 'invalid_field'],
        [{ action: 'subscribe', channels: [] }, 'invalid_field'], [{ action: 'subscribe', channels: [1] }, 'invalid_field'],
        [{ action: 'ping', requestId: 'a b' }, 'invalid_field'], [{ action: 'resume', cursor: 'x' }, 'missing_field'],
        [{ action: 'resume', session: 'x', cursor: 'x' }, 'invalid_cursor'],
        [{ action: 'resume', session: 'x', cursor: `01234567v${venue.id}-1` }, 'invalid_session'],
        [{ action: 'resume', session: 'x', cursor: `01234567v${venue.id + 1}-1` }, 'invalid_cursor'],
        [{ action: 'unsubscribe', channels: ['floor:1'] }, 'unknown_channel'],
    ];
    for (const [message, code] of wrong) assert.equal((await c.ask(message, 'error')).code, code, JSON.stringify(message));
    await c.ask({ action: 'ping' }, 'pong');
    await c.close();
});

test('reservations: new, update, upcoming, in the words of S3', async () => {
    const venue = makeVenue(), c = await listener(venue, 'manager', 'restaurant_reservations');
    const id = addReservation(venue);
    const { reservation, ...envelope } = await c.wait('new_reservation');
    assert.match(envelope.timestamp, ISO);
    assert.equal(seqOf(envelope.cursor), head(venue));
    assert.deepEqual([reservation.id, reservation.customerName, reservation.customerInitials, reservation.guests, reservation.status],
        [`res${id}`, 'John Smith', 'JS', 4, 'Confirmed']);
    assert.match(reservation.date, ISO);
    assert.match(reservation.time, /^\d{1,2}:\d\d [AP]M$/);
    assert.ok(!('statusText' in reservation));
    sql(`update maitred.reservation set party_size = 6 where venue = ${venue.id} and id = ${id}`);
    assert.equal((await c.wait('reservation_update')).reservation.guests, 6);
    const soon = addReservation(venue, { at: "clock_timestamp() + interval '20 minutes'", name: 'David Wilson' });
    const upcoming = (await c.wait('upcoming_reservation')).reservation;
    assert.deepEqual([upcoming.id, upcoming.customerInitials, upcoming.status], [`res${soon}`, 'DW', 'Upcoming']);
    await c.close();
});

test('a hotel: bookings are its reservations, rooms and availability follow', async () => {
    const venue = makeVenue('hotel'), c = await listener(venue, 'frontdesk', 'hotel_reservations', 'hotel_rooms', 'hotel_stats');
    const first = await c.wait('room_availability_update');
    assert.equal(first.availability.totalRooms, 3);
    assert.equal(first.availability.availableRooms, 3);
    const id = Number(sql(`insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out, status, adults)
        values (${venue.id}, 'Mary Jones', ${venue.roomType}, ${venue.rooms[0]}, maitred.today(${venue.id}), maitred.today(${venue.id}) + 2, 'confirmed', 2) returning id`));
    const { reservation } = await c.wait('new_reservation');
    assert.deepEqual([reservation.id, reservation.customerName, reservation.customerInitials, reservation.guests, reservation.status],
        [`bkg${id}`, 'Mary Jones', 'MJ', 2, 'Confirmed']);
    assert.equal(reservation.time, '3:00 PM');
    const second = await c.wait((m) => m.type === 'room_availability_update' && m.availability.availableRooms === 2);
    assert.equal(second.availability.totalRooms, 3);
    sql(`update maitred.room set housekeeping = 'dirty' where venue = ${venue.id} and id = ${venue.rooms[1]}`);
    assert.equal((await c.wait('room_update')).room.housekeeping, 'dirty');
    // One figure that goes to two of its channels comes once.
    const figures = c.got.filter((m) => m.type === 'room_availability_update').map((m) => JSON.stringify(m.availability));
    assert.deepEqual(figures, [...new Set(figures)]);
    await c.close();
});

test('tables: the table with its old status, to its channel, its floor, its old floor and itself', async () => {
    const venue = makeVenue();
    const all = await listener(venue, 'waiter', 'restaurant_tables'), ground = await listener(venue, 'waiter', 'floor:1'),
        upper = await listener(venue, 'waiter', 'floor:2', 'restaurant_tables'), one = await listener(venue, 'viewer', `table:${venue.tables[1]}`);
    setTable(venue, 'occupied');
    for (const c of [all, ground, upper]) {
        const { table } = await c.wait('table_update');
        assert.deepEqual([table.id, table.tableNumber, table.status, table.oldStatus], [venue.tables[0], 'T-01', 'occupied', 'available']);
        assert.equal(table.session.guests_count, 1);
    }
    sql(`update maitred.dining_table set floor = 1 where venue = ${venue.id} and id = ${venue.tables[1]}`);
    for (const c of [all, ground, upper, one]) {
        const moved = await c.wait((m) => m.type === 'table_update' && m.table.id === venue.tables[1]);
        assert.deepEqual([moved.table.floor, moved.table.oldFloor], [1, 2]);
        assert.ok(!('oldStatus' in moved.table));
    }
    // In two rooms at once, and still each event once.
    await upper.reached(head(venue));
    assert.equal(upper.events.length, 2);
    assert.equal(one.events.length, 1);
    for (const c of [all, ground, upper, one]) await c.close();
});

test('orders: created, status changed, other changes; only whoever may see figures sees metrics', async () => {
    const venue = makeVenue(), c = await listener(venue, 'manager', 'restaurant_orders', 'restaurant_metrics');
    assert.equal((await c.wait('metrics_update')).metrics.orders, 0);
    const id = addOrder(venue);
    const created = await c.wait('order_created');
    assert.deepEqual([created.order.id, created.order.order_status, created.order.restaurant_id], [id, 'pending', venue.id]);
    const own = await listener(venue, 'kitchen', `order:${id}`);
    sql(`update maitred.customer_order set status = 'confirmed' where venue = ${venue.id} and id = ${id}`);
    assert.equal((await c.wait('order_status_changed')).order.order_status, 'confirmed');
    await own.wait('order_status_changed');
    sql(`update maitred.customer_order set notes = 'no onions' where venue = ${venue.id} and id = ${id}`);
    assert.equal((await c.wait('order_update')).order.notes, 'no onions');
    await c.wait((m) => m.type === 'metrics_update' && m.metrics.orders === 1);
    await c.close();
    await own.close();
});

test('a hotel has orders and their figures alike, and channels of the other kind of house are not known', async () => {
    const venue = makeVenue('hotel'), c = await listener(venue, 'manager', 'hotel_orders', 'hotel_metrics');
    assert.equal((await c.wait('metrics_update')).metrics.orders, 0);
    const id = addOrder(venue);
    assert.equal((await c.wait('order_created')).order.id, id);
    sql(`update maitred.customer_order set status = 'confirmed' where venue = ${venue.id} and id = ${id}`);
    await c.wait('order_status_changed');
    await c.wait((m) => m.type === 'metrics_update' && m.metrics.orders === 1);
    c.send({ action: 'subscribe', channels: ['restaurant_orders', 'restaurant_menu'] });
    assert.deepEqual((await c.wait('error')).channels, ['restaurant_orders', 'restaurant_menu']);
    await c.close();
});

test('the menu: what is out, what is new and what is deleted, to whoever may read it, guests too', async () => {
    const venue = makeVenue(), c = await listener(venue, 'kitchen', 'restaurant_menu'),
        guest = sidecar.client(venue, 'guest', {}, guestToken(venue, { session: seat(venue) }));
    await guest.opened;
    await guest.subscribe('restaurant_menu');
    const id = dish(venue), category = Number(sql(`select category_id from maitred.menu_item where id = ${id}`));
    for (const one of [c, guest]) {
        assert.equal((await one.wait('menu_category_update')).category.id, category);
        assert.deepEqual([(await one.wait('menu_item_update')).item].map((x) => [x.id, x.available]), [[id, true]]);
    }
    sql(`update maitred.menu_item set available = false where venue = ${venue.id} and id = ${id}`);
    for (const one of [c, guest]) await one.wait((m) => m.type === 'menu_item_update' && m.item.id === id && !m.item.available);
    sql(`update maitred.menu_item set active = false where venue = ${venue.id} and id = ${id}`);
    await c.wait((m) => m.type === 'menu_item_update' && m.item.id === id && !m.item.isActive);
    await c.close();
    await guest.close();
});

test('notifications and service requests', async () => {
    const venue = makeVenue(), c = await listener(venue, 'waiter', 'restaurant_notifications');
    sql(`insert into maitred.notification (venue, kind, priority, text, data)
         values (${venue.id}, 'alert', 'urgent', 'Kitchen on fire', '{"a":[1,{"b":null}]}')`);
    const { notification } = await c.wait('notification');
    assert.deepEqual([notification.kind, notification.priority, notification.text, notification.data],
        ['alert', 'urgent', 'Kitchen on fire', { a: [1, { b: null }] }]);
    sql(`insert into maitred.service_request (venue, kind, text) values (${venue.id}, 'call_waiter', 'Table 1')`);
    const call = await c.wait((m) => m.type === 'notification' && m.notification.kind === 'call_waiter');
    assert.equal(call.notification.service_request, true);
    await c.close();
});

test('a viewer gets names, phones and e-mails masked, in events and in the words of the others nothing is missing', async () => {
    const venue = makeVenue(), plain = await listener(venue, 'manager', 'restaurant_reservations'),
        masked = await listener(venue, 'viewer', 'restaurant_reservations');
    addReservation(venue, { name: 'Theodora Quixote', phone: '+49 170 7654321', email: 'theodora@example.org' });
    const open = (await plain.wait('new_reservation')).reservation, hidden = (await masked.wait('new_reservation')).reservation;
    assert.equal(open.customerName, 'Theodora Quixote');
    assert.equal(open.email, 'theodora@example.org');
    assert.doesNotMatch(JSON.stringify(hidden), /Theodora|Quixote|7654321|theodora@example/);
    assert.deepEqual([hidden.id, hidden.guests, hidden.status], [open.id, open.guests, open.status]);
    await plain.close();
    await masked.close();
});

test('after unsubscribe nothing comes, and pongs still move on', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_orders', 'restaurant_tables');
    const ack = await c.ask({ action: 'unsubscribe', channels: ['restaurant_orders'], requestId: 'u1' }, (m) => m.status === 'unsubscribed');
    assert.deepEqual([ack.channels, ack.requestId], [['restaurant_orders'], 'u1']);
    addOrder(venue);
    await c.reached(head(venue));
    assert.equal(c.events.length, 0);
    await c.close();
});

test('a guest hears the own order and nothing else', async () => {
    const venue = makeVenue(), own = addOrder(venue), other = addOrder(venue);
    const bearer = token(venue, 'guest', { sub: 'guest', order: own });
    const c = sidecar.client(venue, 'guest', {}, bearer);
    await c.opened;
    const ack = await c.subscribe(`order:${own}`, `order:${other}`, 'restaurant_orders', 'restaurant_tables', 'restaurant_stats');
    assert.deepEqual(ack.channels, [`order:${own}`]);
    sql(`insert into maitred.payment (venue, order_id, amount, method, status, created_by) values (${venue.id}, ${own}, 500, 'cash', 'completed', 'Wanda')`);
    sql(`update maitred.customer_order set status = 'confirmed', notes = 'difficult people', updated_by = 'Wanda' where venue = ${venue.id}`);
    const { order } = await c.wait('order_status_changed');
    assert.deepEqual([order.id, order.notes, order.updated_by, order.waiter_id, order.payments[0].created_by, order.payments[0].amount], [own, null, null, null, null, 5]);
    await c.reached(head(venue));
    assert.doesNotMatch(JSON.stringify(c.got), /Wanda|difficult/);
    assert.deepEqual(c.events.map((m) => m.type), ['order_update', 'order_status_changed']);
    // The session is bound to the order: another guest can't resume it.
    const stranger = sidecar.client(venue, 'guest', {}, token(venue, 'guest', { sub: 'guest', order: other }));
    await stranger.opened;
    assert.equal((await stranger.resume(c.session, c.cursor)).code, 'invalid_session');
    for (const client of [c, stranger]) await client.close();
});

test('another venue hears nothing', async () => {
    const venue = makeVenue(), other = makeVenue(), c = await listener(other, 'admin', 'restaurant_orders', `order:${1}`);
    const id = addOrder(venue);
    const spy = await listener(other, 'admin', `order:${id}`);
    sql(`update maitred.customer_order set status = 'confirmed' where venue = ${venue.id} and id = ${id}`);
    const witness = addOrder(other);
    await c.wait((m) => m.type === 'order_created' && m.order.id === witness);
    assert.equal(c.events.length, 1);
    assert.equal(spy.events.length, 0);
    await c.close();
    await spy.close();
});

test('figures: sent on subscription, and once more only when one has changed', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_stats');
    const first = await c.wait('stats_update');
    assert.equal(first.stats.reservationsToday, 0);
    assert.equal(seqOf(first.cursor), head(venue));
    addReservation(venue, { at: "clock_timestamp() + interval '2 seconds'", party: 3 });
    const next = await c.wait((m) => m.type === 'stats_update' && m.stats.reservationsToday === 1);
    assert.equal(next.stats.expectedGuests, 3);
    // A second subscriber gets the same figures at once, without a query.
    const second = await listener(venue, 'manager', 'restaurant_stats');
    assert.deepEqual((await second.wait('stats_update')).stats, next.stats);
    await c.close();
    await second.close();
});
