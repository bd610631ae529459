// /api/v1/ws/orders/live (SPEC 5.3, seed 001): new orders and their status, and whom it is for.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, head, makeVenue, psql, seqOf, sql } from './lib/rig.mjs';
import { addLine, bulk, connect, dish, guestToken, opened, pay, refusal, setOrder } from './lib/entity.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

const live = '/api/v1/ws/orders/live';
const open = (v, role = 'admin', path = live) => opened(sidecar, path, v, 'connection_established', role);

test('it greets, tells new orders and steps of their status, each whole and once', async () => {
    const v = makeVenue(), c = await open(v), soup = dish(v);
    const hello = c.find('connection_established');
    assert.equal(hello.restaurant_id, v.id);
    assert.equal(typeof hello.message, 'string');
    const id = addOrder(v);
    const { order, timestamp, cursor } = await c.wait('order_created');
    assert.deepEqual(Object.keys(order), ['id', 'order_number', 'restaurant_id', 'table_number', 'customer_name',
        'customer_phone', 'order_status', 'payment_status', 'payment_method', 'total_price', 'estimated_time', 'version',
        'created_at', 'updated_at', 'items']);
    assert.deepEqual([order.id, order.restaurant_id, order.table_number, order.order_status, order.items], [id, v.id, 1, 'pending', []]);
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.ok(seqOf(cursor) > 0);
    addLine(v, id, soup); // no step of the status
    setOrder(v, id, 'confirmed');
    const step = await c.wait('order_status_changed');
    assert.equal(step.order.order_status, 'confirmed');
    assert.deepEqual(Object.keys(step.order.items[0]), ['id', 'menu_item_id', 'name', 'quantity', 'unit_price', 'notes', 'status']);
    assert.deepEqual([step.order.items[0].name, step.order.items[0].quantity, step.order.items[0].unit_price, step.order.total_price], ['Soup', 2, 12.5, 25]);
    pay(v, id);
    assert.equal((await c.wait((m) => m.order?.payment_status === 'paid' || m.order?.payment_status === 'completed')).type, 'order_status_changed');
    assert.equal(c.events.filter((m) => m.type === 'order_created').length, 1);
    assert.equal(c.events.filter((m) => m.type === 'order_status_changed').length, 2);
    await c.close();
});

test('ping in every spelling; anything else is an error', async () => {
    const v = makeVenue(), c = await open(v);
    await c.ask('ping', (m) => m === 'pong');
    await c.ask('"ping"', (m) => m === 'pong');
    assert.match((await c.ask({ type: 'ping' }, 'pong')).cursor, new RegExp(`v${v.id}-`));
    assert.equal((await c.ask({ action: 'ping', requestId: 'p1' }, 'pong')).requestId, 'p1');
    for (const [message, code] of [[{ action: 'dance' }, 'unknown_action'], [{}, 'missing_field'], ['{', 'invalid_json']])
        assert.equal((await c.ask(message, 'error')).code, code);
    await c.close();
});

test('restaurant_id may stand beside the token; another than the token\'s is 404', async () => {
    const v = makeVenue(), other = makeVenue();
    for (const path of [`${live}?restaurant_id=${v.id}`, `${live}/?restaurant_id=${v.id}`, `${live}/`])
        await (await open(v, 'admin', path)).close();
    for (const id of [other.id, 999999999, 'x', `0${v.id}`])
        assert.equal(await refusal(sidecar, `${live}?restaurant_id=${id}`, v), 404, String(id));
});

test('who may: those who read orders, masked for the kitchen; no viewer and no guest', async () => {
    const v = makeVenue(), id = addOrder(v);
    assert.equal(await refusal(sidecar, live, v, 'viewer'), 403);
    assert.equal(await refusal(sidecar, live, v, 'guest', guestToken(v, { order: id })), 403);
    const [kitchen, waiter] = [await open(v, 'kitchen'), await open(v, 'waiter')];
    addOrder(v);
    assert.equal((await waiter.wait('order_created')).order.customer_name, 'John Smith');
    const { order } = await kitchen.wait('order_created');
    assert.equal(order.customer_name, 'J. S.');
    assert.doesNotMatch(order.customer_phone, /1234567/);
    await kitchen.close();
    await waiter.close();
});

test('another restaurant\'s orders never show', async () => {
    const mine = makeVenue(), theirs = makeVenue(), c = await open(mine), d = await open(theirs);
    const other = addOrder(theirs);
    await d.wait('order_created');
    addOrder(mine);
    await c.wait('order_created');
    await c.reached(head(mine));
    assert.ok(c.got.every((m) => m.order?.id !== other));
    await c.close();
    await d.close();
});

test('a bulk change says resync, and what comes after it is told', async () => {
    const v = makeVenue(), c = await open(v);
    bulk(v);
    const m = await c.wait('resync');
    assert.equal(m.restaurant_id, v.id);
    const id = addOrder(v);
    assert.equal((await c.wait('order_created')).order.id, id);
    await c.close();
});

test('every commit from the greeting on is heard, also those of the moment of connecting', async () => {
    const v = makeVenue();
    await (await open(v)).close();
    const script = Array.from({ length: 40 }, (_, i) => `insert into maitred.customer_order (venue, order_number, customer_name, status)
        values (${v.id}, 'B-${i}', 'Ann', 'pending');`).join('\n');
    const c = connect(sidecar, live, v), writing = psql(script);
    await c.opened;
    const from = seqOf((await c.wait('connection_established')).cursor);
    await writing;
    await c.reached(head(v));
    const seqs = sql(`select string_agg(seq::text, ',' order by seq) from feed.log where venue = ${v.id} and type = 'order.created' and seq > ${from}`);
    assert.equal(c.events.filter((m) => m.type === 'order_created').map((m) => seqOf(m.cursor)).join(), seqs);
    await c.close();
});
