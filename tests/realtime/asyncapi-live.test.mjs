// asyncapi-live.test.mjs - what is really said on every endpoint is what /asyncapi.json names there: each
// message of it at least once, by the schema that it has there, and no other message.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, head, makeVenue, seqOf, setTable, sql, until } from './lib/rig.mjs';
import { addLine, bulk, connect, dish, guestToken, orderOf, pay, seat, setOrder } from './lib/entity.mjs';
import { blocks, get } from './lib/listen.mjs';
import { Contract } from './lib/asyncapi.mjs';

let sidecar, contract, running, refusals = 0;
before(async () => {
    sidecar = await new Sidecar().start();
    running = true;
    contract = new Contract(await (await fetch(`http://127.0.0.1:${sidecar.port}/asyncapi.json`)).json());
});
after(() => running && sidecar.stop());

// ------------------------------------------------------------------ clients

// Every socket, by the id of its channel in the document: `of` is what it is a client of there.
const clients = [];
async function at(channel, address, venue, first, role = 'admin', bearer = undefined) {
    const c = connect(sidecar, address, venue, role, bearer);
    clients.push({ channel, c });
    await c.opened;
    if (first) await c.wait(first);
    return c;
}
const channelOf = (c) => clients.find((x) => x.c === c).channel;

// What a client says by the document is held against it, too.
function ask(c, message, fits) {
    contract.asked(channelOf(c), message);
    return c.ask(message, fits);
}
const ack = (c, action, more = {}) => ask(c, { action, ...more }, (m) => m.type === 'ack' && m.data);

// Without a member that the document requires an action is refused for just that, or for want of the right.
async function strict(c) {
    const channel = channelOf(c), taken = contract.taken(channel);
    for (const [key, , { payload, examples }] of contract.messages(channel).filter(([name, , { payload }]) => taken.has(name) && payload?.type === 'object'))
        for (const name of payload.required.filter((member) => examples[0].payload[member] !== undefined && !/^(action|type)$/.test(member))) {
            const { [name]: gone, ...less } = examples[0].payload;
            assert.notEqual(contract.wrong(`${channel}.${key}`, less), '', `${key} without ${name}`);
            assert.match((await c.ask(less, 'error')).code, /^(missing_field|forbidden)$/, `${key} without ${name}`);
            refusals += 1;
        }
}

async function smallTalk(c) {
    await strict(c);
    await ask(c, { action: 'ping', requestId: 'p' }, 'pong');
    await ask(c, 'ping', (m) => m === 'pong');
    await ask(c, '"ping"', (m) => m === 'pong');
    if (contract.taken(channelOf(c)).has('ping_by_type')) await ask(c, { type: 'ping' }, 'pong');
    await c.ask({ action: 'dance', requestId: 'd' }, 'error');
}

// Everything that was heard there is by the document, and the document holds nothing that was not.
async function complete(...channels) {
    for (const { channel, c } of clients.filter((x) => channels.includes(x.channel))) {
        for (const message of c.got) contract.heard(channel, message);
        await c.close();
    }
    assert.deepEqual(contract.problems.splice(0), []);
    for (const channel of channels)
        assert.deepEqual(contract.missing(channel, [...contract.said(channel), ...contract.taken(channel)]), []);
}

// ------------------------------------------------------------------ what happens

const notify = (v) => sql(`insert into maitred.notification (venue, kind, text) values (${v.id}, 'alert', 'Hello')`);
const call = (v, session, kind = 'call_waiter') => sql(`insert into maitred.service_request (venue, session_id, kind, text)
    values (${v.id}, ${session}, '${kind}', 'please')`);
const broadcast = (v) => sql(`select api.broadcast_create((${v.id}, ${v.accounts.admin}, 'admin', 'admin', null, null, false)::api.caller,
    'high', 'Kitchen closes', '{"at": "22:00"}')`);
const steps = (v, order, ...all) => all.forEach((status) => setOrder(v, order, status));
const soon = (v) => addReservation(v, { at: "clock_timestamp() + interval '20 minutes'" });

function menuLives(v) {
    const id = dish(v);
    sql(`update maitred.menu_item set available = false where venue = ${v.id} and id = ${id};
        update maitred.menu_category set sort = sort + 1 where venue = ${v.id}`);
    return id;
}

function restaurantLives(v) {
    menuLives(v);
    const id = addReservation(v), session = seat(v), order = orderOf(v, session);
    sql(`update maitred.reservation set party_size = 6 where venue = ${v.id} and id = ${id}`);
    addLine(v, order, dish(v));
    steps(v, order, 'confirmed', 'preparing', 'ready');
    pay(v, order);
    call(v, session);
    notify(v);
    setTable(v, 'available');
    sql(`update maitred.dining_table set active = false where venue = ${v.id} and id = ${v.tables[1]}`);
    return order;
}

function hotelLives(v) {
    const other = addReservation(v);
    sql(`update maitred.reservation set party_size = 5 where venue = ${v.id} and id = ${other};
        insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
            values (${v.id}, 'Jane Doe', ${v.roomType}, maitred.today(${v.id}), maitred.today(${v.id}) + 2, 'confirmed');
        update maitred.booking set special_requests = 'a cot' where venue = ${v.id};
        update maitred.room set housekeeping = 'dirty' where venue = ${v.id} and id = ${v.rooms[0]};
        insert into maitred.service_request (venue, kind, text) values (${v.id}, 'call_waiter', 'towels')`);
    notify(v);
    menuLives(v);
    const order = addOrder(v);
    steps(v, order, 'confirmed');
    sql(`update maitred.customer_order set notes = 'to room 101' where venue = ${v.id} and id = ${order}`);
}

// ------------------------------------------------------------------ channels

const channelsOf = (v, order) => (v.kind === 'hotel' ? ['hotel_stats', 'hotel_reservations', 'hotel_notifications', 'hotel_rooms', 'hotel_orders', 'hotel_metrics', 'hotel_menu']
    : ['restaurant_stats', 'restaurant_reservations', 'restaurant_notifications', 'restaurant_tables', 'restaurant_orders', 'restaurant_metrics',
        'restaurant_menu', 'floor:1', `table:${v.tables[0]}`, `order:${order}`]);

// A client of one channel of /ws alone.
async function listener(v, name, role = 'admin', bearer = undefined) {
    const c = await at('ws', '/ws', v, undefined, role, bearer);
    await ask(c, { action: 'subscribe', channels: [name] }, (m) => m.status === 'subscribed');
    return { name, c };
}

async function streamed(v, names) {
    const stream = { got: [] };
    const answer = await get(sidecar, v, '/events', { channels: names.join() });
    stream.over = (async () => { for await (const { data } of blocks(answer)) if (data) stream.got.push(JSON.parse(data)); })();
    await until(() => stream.got.length, 'the stream is open');
    return stream;
}

// Polls on from `since` until the venue's last event has come, whatever it is.
async function polled(v, names, answers, since) {
    let cursor = since;
    do {
        const from = cursor ? { since: cursor, timeout: 1 } : {};
        answers.push(await (await get(sidecar, v, '/poll', { channels: names.join(), ...from })).json());
        cursor = answers.at(-1).cursor;
    } while (seqOf(cursor) < head(v));
    return cursor;
}

// One venue: a client a channel, those who see less, a stream and a poll of all channels.
async function channelsLive(kind, streams, answers) {
    const v = makeVenue(kind), next = addOrder(makeVenue()) + 1, names = channelsOf(v, next);
    const alone = [];
    for (const name of names) alone.push(await listener(v, name));
    const less = kind === 'hotel' ? [await listener(v, 'hotel_reservations', 'viewer')]
        : [await listener(v, 'restaurant_orders', 'kitchen'), await listener(v, 'restaurant_reservations', 'viewer'),
            await listener(v, `order:${next}`, 'guest', guestToken(v, { order: next }))];
    const stream = await streamed(v, names);
    streams.push(stream);
    const since = await polled(v, names, answers);
    if (kind === 'hotel') hotelLives(v);
    else assert.equal(restaurantLives(v), next, 'the order that is listened to');
    soon(v);
    await alone.find(({ name }) => /reservations$/.test(name)).c.wait('upcoming_reservation');
    const later = await polled(v, names, answers, since);
    for (const { c } of [...alone, ...less]) await c.reached(head(v));
    bulk(v);
    await polled(v, names, answers, later);
    for (const { name, c } of alone) if (!/stats|metrics/.test(name)) await c.wait('snapshot');
    await until(() => stream.got.filter((m) => m.type === 'snapshot').length >= names.length - 2, 'the stream\'s snapshots');
    return alone;
}

test('/ws, /events and /poll: each channel says what the document has there', async () => {
    const streams = [], answers = [], { operations } = contract.document;
    const alone = [...await channelsLive('restaurant', streams, answers), ...await channelsLive('hotel', streams, answers)];
    for (const { name, c } of alone) {
        const told = operations[`ws.${name.replace(/:.*/, '')}`].messages.map(({ $ref }) => $ref.split('/').at(-1));
        const heard = new Set(c.got.map((m) => m.type).filter((type) => type && !/^(pong|resync|snapshot|error)$/.test(type)));
        assert.deepEqual([...heard].sort(), told.sort(), name);
    }
    const { c } = alone[0];
    await smallTalk(c);
    await ask(c, { action: 'resume', session: c.session, cursor: c.cursor }, (m) => m.status === 'subscribed');
    await ask(c, { action: 'unsubscribe', channels: ['restaurant_stats'], requestId: 'u' }, (m) => m.status === 'unsubscribed');
    await complete('ws');

    // A poll's answer, then every message in one.
    for (const answer of answers) contract.heard('poll', answer);
    const inPoll = contract.document.components.messages['poll.answer'].payload.properties.events.items.anyOf.map(({ $ref }) => $ref.split('/').at(-2));
    const events = answers.flatMap((answer) => answer.events);
    assert.deepEqual(inPoll.filter((name) => !events.some((m) => contract.wrong(name, m) === '')), []);
    contract.seen.add('poll question');
    await complete('poll');

    running = false;
    await sidecar.stop(); // a stream says why it ends
    for (const stream of streams) {
        await stream.over;
        for (const message of stream.got) contract.heard('events', message);
    }
    await complete('events');
    await sidecar.start();
    running = true;
});

// ------------------------------------------------------------------ dashboards

test('/admin/ws/dashboard', async () => {
    const v = makeVenue(), [t1, t2] = v.tables;
    setTable(v, 'occupied');
    const c = await at('admin_ws_dashboard', '/admin/ws/dashboard', v, 'tables_snapshot', 'manager');
    const told = (table, status) => (m) => m.type === 'table_update' && m.table.id === table && m.table.status === status;
    await ask(c, { action: 'close_table', table_id: t1 }, told(t1, 'free'));
    await ask(c, { action: 'restore_table', table_id: t1, requestId: 'r' }, told(t1, 'occupied'));
    await ask(c, { action: 'move_table', from_table_id: t1, to: t2 }, told(t2, 'occupied'));
    await ask(c, { action: 'disable_table', table_id: t1 }, told(t1, 'disabled'));
    await ask(c, { action: 'enable_table', table_id: t1 }, told(t1, 'free'));
    setTable(v, 'reserved');
    await c.wait((m) => m.table?.reserved);
    setTable(v, 'available');
    sql(`update maitred.dining_table set active = false where venue = ${v.id} and id = ${t1}`);
    await c.wait((m) => m.deleted);
    await smallTalk(c);
    await complete('admin_ws_dashboard');
});

test('/api/v1/ws/orders/live', async () => {
    const v = makeVenue(), channel = 'api_v1_ws_orders_live';
    const c = await at(channel, '/api/v1/ws/orders/live', v, 'connection_established');
    const kitchen = await at(channel, `/api/v1/ws/orders/live?restaurant_id=${v.id}`, v, 'connection_established', 'kitchen');
    const order = addOrder(v);
    steps(v, order, 'confirmed');
    for (const x of [c, kitchen]) await x.wait('order_status_changed');
    await smallTalk(c);
    bulk(v);
    await c.wait('resync');
    for (const what of ['status', 'connections']) {
        const body = await (await get(sidecar, v, `/api/v1/ws/orders/live/${what}`)).json();
        assert.equal(contract.wrong(`${channel}_${what}.answer`, body), '');
        contract.seen.add(`${channel}_${what} answer`);
    }
    await complete(channel);
});

// ------------------------------------------------------------------ sockets of one thing

test('an order and its items, by staff and by guests', async () => {
    const v = makeVenue(), session = seat(v), order = orderOf(v, session), soup = dish(v);
    const c = await at('ws_orders_id', `/ws/orders/${order}`, v, 'order_status', 'waiter');
    const guest = await at('ws_orders_id', `/ws/orders/${order}/`, v, 'order_status', 'guest', guestToken(v, { session }));
    const items = await at('ws_orders_id_items', `/ws/orders/${order}/items`, v, 'items_list', 'kitchen');
    await ask(c, { action: 'get_status', requestId: 's' }, 'order_status');
    await ack(c, 'update_status', { status: 'confirmed', note: 'at once', requestId: 'u' });
    await c.wait('order_update');
    addLine(v, order, soup);
    await c.wait('order_items_update');
    await items.wait('items_updated');
    await ask(items, { action: 'get_items' }, 'items_list');
    await ack(guest, 'place_order', { items: [{ menu_item_id: soup, quantity: 2 }], requestId: 'o' });
    await ack(guest, 'call_waiter', { text: 'more water' });
    await ack(guest, 'ask_for_bill');
    for (const x of [c, guest, items]) await smallTalk(x);
    await complete('ws_orders_id', 'ws_orders_id_items');
});

test('a table', async () => {
    const v = makeVenue(), c = await at('ws_tables_id', `/ws/tables/${v.tables[0]}`, v, 'table_status', 'waiter');
    await ack(c, 'occupy', { notes: 'birthday' });
    await c.wait((m) => m.type === 'table_update' && m.session);
    await ask(c, { action: 'get_status' }, 'table_status');
    await ack(c, 'mark_released');
    await c.wait((m) => m.type === 'table_update' && !m.session);
    await smallTalk(c);
    await complete('ws_tables_id');
});

test('a table\'s session, by staff and by guests', async () => {
    const v = makeVenue(), session = seat(v), soup = dish(v), address = `/ws/tables/sessions/${session}`;
    const c = await at('ws_tables_sessions_id', address, v, 'session_status', 'waiter');
    const guest = await at('ws_tables_sessions_id', address, v, 'session_status', 'guest', guestToken(v, { session }));
    await ask(c, { action: 'get_status' }, 'session_status');
    await ack(c, 'update_guests_count', { guests_count: 3 });
    await c.wait('session_update');
    await ack(guest, 'place_order', { items: [{ menu_item_id: soup }] });
    await ack(guest, 'call_waiter');
    await ack(guest, 'ask_for_bill', { text: 'by card' });
    menuLives(v);
    for (const x of [c, guest]) await smallTalk(x);
    sql(`update maitred.customer_order set status = 'cancelled' where venue = ${v.id}`);
    await ack(c, 'close_session');
    await c.wait('table_closed');
    assert.equal(await guest.closed, 4003);
    await complete('ws_tables_sessions_id');
});

// What comes to a waiter, or to all of them.
async function messagesCome(v, c, session) {
    const order = orderOf(v, session);
    await c.wait('order_notification');
    pay(v, order);
    await c.wait('payment_notification');
    call(v, session);
    const { notification } = await c.wait('task_notification');
    notify(v);
    await c.wait('alert');
    await ack(c, 'acknowledge', { notification_id: notification.id, requestId: 'a' });
    await c.wait('notification_update');
    await smallTalk(c);
}

test('a waiter', async () => {
    const v = makeVenue(), mine = v.accounts.waiter, session = seat(v, 0, mine);
    const c = await at('ws_waiters_id', `/ws/waiters/${mine}`, v, 'tasks_list', 'waiter');
    await messagesCome(v, c, session);
    await ask(c, { action: 'get_tasks' }, 'tasks_list');
    await ask(c, { action: 'get_pending_tasks' }, 'tasks_list');
    await complete('ws_waiters_id');
});

test('a restaurant\'s notifications', async () => {
    const v = makeVenue(), session = seat(v, 0, v.accounts.waiter), channel = 'ws_restaurants_id_notifications';
    const c = await at(channel, `/ws/restaurants/${v.id}/notifications`, v, 'connection', 'manager');
    await messagesCome(v, c, session);
    bulk(v);
    await c.wait('resync');
    await complete(channel);
});

test('a restaurant', async () => {
    const v = makeVenue(), c = await at('ws_restaurants_id', `/ws/restaurants/${v.id}`, v, 'restaurant_status');
    const order = addOrder(v);
    steps(v, order, 'confirmed', 'preparing', 'ready');
    pay(v, order);
    broadcast(v);
    for (const type of ['new_order', 'order_ready', 'payment_completed', 'broadcast']) await c.wait(type);
    await ask(c, { action: 'get_status' }, 'restaurant_status');
    await smallTalk(c);
    await complete('ws_restaurants_id');
});

test('a hotel', async () => {
    const v = makeVenue('hotel'), c = await at('ws_hotels_id', `/ws/hotels/${v.id}`, v, 'hotel_status');
    const viewer = await at('ws_hotels_id', `/ws/hotels/${v.id}`, v, 'hotel_status', 'viewer');
    hotelLives(v);
    broadcast(v);
    for (const x of [c, viewer]) for (const type of ['booking_update', 'room_update', 'broadcast']) await x.wait(type);
    await ask(c, { action: 'get_status' }, 'hotel_status');
    await smallTalk(c);
    await complete('ws_hotels_id');
});

test('these were all channels of the document', () => {
    assert.ok(refusals > 10, String(refusals));
    const unheard = Object.keys(contract.document.channels).filter((channel) => ![...contract.seen].some((name) => name.startsWith(`${channel} `)));
    assert.deepEqual(unheard, []);
});
