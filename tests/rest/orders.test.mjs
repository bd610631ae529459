// orders.test.mjs - /api/v1/orders: each route, each refusal, who may what, guests, two waiters at
// once, and items that are not available.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('orders');
const orders = '/api/v1/orders';
let bistro, other, staff, theirs;
before(async () => {
    await stack.start();
    [bistro, other] = [new Venue('restaurant'), new Venue('restaurant')];
    for (const venue of [bistro, other]) menu(venue);
    staff = Object.fromEntries(Object.keys(bistro.accounts).map((role) => [role, as(stack, bistro.token(stack, role))]));
    theirs = as(stack, other.token(stack, 'admin'));
});
after(() => stack.stopAll());

function menu(venue) {
    const category = sql(`insert into maitred.menu_category (venue, name) values (${venue.id}, 'Mains') returning id`);
    venue.items = Object.fromEntries(sql(`insert into maitred.menu_item (venue, category_id, name, price, available)
        values (${venue.id}, ${category}, 'Soup', 450, true), (${venue.id}, ${category}, 'Roast', 1999, true),
        (${venue.id}, ${category}, 'Oysters', 3000, false), (${venue.id}, ${category}, 'Truffle', 9000, false)
        returning name, id`).split('\n').map((row) => row.split('|')).map(([name, id]) => [name, Number(id)]));
}
const items = (...names) => names.map((name) => ({ menu_item_id: bistro.items[name], quantity: 1 }));
const place = async (body = {}, who = staff.waiter) => {
    const answer = await who.post(orders, { items: items('Soup'), ...body });
    assert.equal(answer.status, 201, answer.text);
    return answer.json;
};
// An open session at a table of its own.
let seats = 100;
function seat() {
    const number = seats++;
    const table = Number(sql(`insert into maitred.dining_table (venue, number, label, capacity, status)
        values (${bistro.id}, ${number}, 'S-${number}', 4, 'occupied') returning id`));
    return { table, number, session: Number(sql(`select id from maitred.table_session where table_id = ${table} and state = 'open'`)) };
}
const guest = (claims) => as(stack, bistro.token(stack, 'guest', { sub: 'guest', name: 'guest', ...claims }));
const refused = (answer, status, code, ...fields) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.code, code, answer.text);
    if (fields.length) assert.deepEqual(answer.json.errors.map((e) => e.field), fields, answer.text);
    return answer.json;
};

test('an order is placed at the prices of the menu, found at its Location, and listed', async () => {
    const at = seat();
    const made = await staff.waiter.post(orders, { table_id: at.table, customer_name: 'Ada Byron', customer_phone: '+43 1 5550199',
        estimated_time: 25, notes: 'birthday', items: [{ menu_item_id: bistro.items.Roast, quantity: 2, notes: 'rare' }, ...items('Soup')] });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.location, `${orders}/${made.json.id}`);
    const order = (await staff.waiter.get(made.headers.location)).json;
    assert.deepEqual(order, made.json);
    assert.deepEqual([order.order_number, order.restaurant_id, order.table_number, order.session_id, order.order_status, order.payment_status,
        order.total_price, order.customer_name], [`ORD-${order.id}`, bistro.id, at.number, at.session, 'pending', 'pending', 44.48, 'Ada Byron']);
    assert.deepEqual(order.items.map((i) => [i.name, i.quantity, i.unit_price, i.notes, i.status]),
        [['Roast', 2, 19.99, 'rare', 'placed'], ['Soup', 1, 4.5, null, 'placed']]);
    const listed = await staff.waiter.get(`${orders}?session=${at.session}`);
    assert.deepEqual(listed.json, [order]);
    assert.equal(listed.headers['x-total-count'], '1');
});

test('the list takes states and their aliases, a table, a day, and pages', async () => {
    const at = seat(), made = [];
    for (let i = 0; i < 4; i++) made.push((await place({ table_id: at.table })).id);
    for (const [id, status] of [[made[0], 'cancelled'], [made[1], 'confirmed'], [made[1], 'in_progress']])
        assert.equal((await staff.admin.patch(`${orders}/${id}/status`, { status, emergency: true })).status, 200);
    const ids = async (query) => (await staff.viewer.get(`${orders}?${query}`)).status === 403 &&
        (await staff.waiter.get(`${orders}?table=${at.table}&${query}`)).json.map((o) => o.id);
    assert.deepEqual(await ids(''), [...made].reverse());
    assert.deepEqual(await ids('status=in_progress,canceled'), [made[1], made[0]]);
    assert.deepEqual(await ids('status=preparing'), [made[1]]);
    assert.deepEqual(await ids('date=2001-01-01'), []);
    const page = await staff.waiter.get(`${orders}?table=${at.table}&limit=3&page=2`);
    assert.deepEqual(page.json.map((o) => o.id), [made[0]]);
    assert.equal(page.headers['x-total-count'], '4');
    assert.match(page.headers.link, /rel="first".*rel="prev".*rel="last"/);
    refused(await staff.waiter.get(`${orders}?status=eaten&limit=999&date=x`), 422, 'invalid_field', 'status', 'date', 'limit');
});

test('what is not available or unknown is refused, all of it by name, and nothing is stored', async () => {
    const before = (await staff.waiter.get(orders)).headers['x-total-count'];
    const gone = refused(await staff.waiter.post(orders, { items: items('Soup', 'Oysters', 'Truffle') }), 409, 'item_unavailable',
        'items[1].menu_item_id', 'items[2].menu_item_id');
    assert.match(gone.detail, /Oysters.*Truffle/);
    assert.deepEqual(gone.current.items.map((i) => [i.name, i.reason]), [['Oysters', 'item_unavailable'], ['Truffle', 'item_unavailable']]);
    refused(await staff.waiter.post(orders, { items: [{ menu_item_id: other.items.Soup }, { menu_item_id: 987654321 }] }), 422, 'unknown_item',
        'items[0].menu_item_id', 'items[1].menu_item_id');
    const order = await place();
    refused(await staff.waiter.post(`${orders}/${order.id}/items`, { items: items('Truffle') }), 409, 'item_unavailable', 'items[0].menu_item_id');
    assert.equal((await staff.waiter.get(orders)).headers['x-total-count'], String(Number(before) + 1));
});

test('every bad field is named at once; prices are not a client\'s to say', async () => {
    refused(await staff.waiter.post(`${orders}?x=1`, { table_id: 'T', customer_phone: 5, items: [{ menu_item_id: 1, quantity: 0, price: 1 }, 7], total_price: 1 }),
        422, 'invalid_field', 'table_id', 'customer_phone', 'items[0].price', 'items[0].quantity', 'items[1]', 'total_price', 'x');
    refused(await staff.waiter.post(orders, {}), 422, 'invalid_field', 'items');
    refused(await staff.waiter.post(orders, { items: items('Soup'), customer_phone: 'call me' }), 422, 'invalid_field', 'customer_phone');
    refused(await staff.waiter.post(orders, { items: items('Soup'), table_id: other.tables[0] }), 404, 'table_not_found', 'table_id');
    refused(await staff.waiter.post(orders, { items: items('Soup'), session_id: 999999999 }), 404, 'session_not_found', 'session_id');
});

test('steps: the allowed ones, aliases, refusals that name what is allowed, and a history', async () => {
    const order = await place();
    const step = (status, who = staff.manager, more = {}) => who.patch(`${orders}/${order.id}/status`, { status, ...more });
    assert.deepEqual(refused(await step('delivered'), 409, 'invalid_transition', 'status').current.allowed, ['cancelled', 'confirmed']);
    for (const [said, is] of [['confirmed', 'confirmed'], ['in_progress', 'preparing'], ['ready', 'ready'], ['delivered', 'served']])
        assert.equal((await step(said, staff.manager, { emergency: true })).json.order_status, is);
    refused(await step('canceled', staff.manager, { emergency: true }), 409, 'invalid_transition', 'status');
    assert.equal((await step('paid', staff.manager, { emergency: true, note: 'cash' })).json.order_status, 'completed');
    refused(await step('fried'), 422, 'invalid_field', 'status');
    const history = await staff.manager.get(`/api/v1/history/orders/${order.id}`);
    assert.deepEqual(history.json.map((h) => [h.actor, h.old_status, h.new_status, h.note])[0], ['manager', 'served', 'completed', 'cash']);
    assert.equal(history.headers['x-total-count'], '5');
});

test('the sixth step in a second is one too many', async () => {
    const made = [];
    for (let i = 0; i < 8; i++) made.push(await place());
    const answers = await Promise.all(made.map((order) => staff.frontdesk.patch(`${orders}/${order.id}/status`, { status: 'confirmed' })));
    const late = answers.filter((a) => a.status === 429);
    assert.ok(late.length >= 1, answers.map((a) => a.status).join());
    assert.equal(late[0].json.detail, 'Too many requests. Please slow down.');
    assert.ok(late[0].headers['retry-after']);
    refused(await staff.frontdesk.patch(`${orders}/${made[0].id}/status`, { status: 'preparing', emergency: true }), 403, 'forbidden', 'emergency');
});

test('an older version is refused with the order as it is now, If-Match or in the body', async () => {
    const order = await place();
    const changed = await staff.waiter.patch(`${orders}/${order.id}`, { notes: 'window', version: order.version });
    assert.equal(changed.status, 200, changed.text);
    assert.ok(changed.json.version > order.version);
    for (const answer of [await staff.manager.patch(`${orders}/${order.id}`, { notes: 'door', version: order.version }),
        await staff.manager.patch(`${orders}/${order.id}`, { notes: 'door' }, { 'if-match': `"${order.version}"` }),
        await staff.manager.patch(`${orders}/${order.id}/status`, { status: 'confirmed' }, { 'if-match': String(order.version) })])
        assert.deepEqual(refused(answer, 409, 'version_conflict').current, changed.json);
    assert.equal((await staff.manager.patch(`${orders}/${order.id}/status`, { status: 'confirmed' }, { 'if-match': String(changed.json.version) })).status, 200);
});

test('two waiters append to one order at once: nobody loses a line', async () => {
    const order = await place();
    const second = as(stack, bistro.token(stack, 'frontdesk'));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? second : staff.waiter).post(`${orders}/${order.id}/items`, { items: items(i % 2 ? 'Roast' : 'Soup') })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [201]);
    const now = (await staff.waiter.get(`${orders}/${order.id}`)).json;
    assert.equal(now.items.length, 21);
    assert.equal(now.total_price, 11 * 4.5 + 199.9);
});

test('the same Idempotency-Key places one order', async () => {
    const body = { items: items('Soup'), customer_name: 'Once' }, key = { 'idempotency-key': 'place-1' };
    const [first, again] = [await staff.waiter.post(orders, body, key), await staff.waiter.post(orders, body, key)];
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.deepEqual([again.json, again.headers.location], [first.json, first.headers.location]);
    refused(await staff.waiter.post(orders, { ...body, customer_name: 'Twice' }, key), 422, 'idempotency_key_reused');
});

test('lines: steps, void, and what is neither', async () => {
    const order = await place({ items: items('Soup', 'Roast') });
    const line = (n, body, who = staff.waiter) => who.patch(`${orders}/${order.id}/items/${order.items[n].id}`, body);
    assert.equal((await line(0, { status: 'ready' }, staff.kitchen)).json.items[0].status, 'ready');
    assert.equal((await line(0, { status: 'delivered' })).json.items[0].status, 'served');
    assert.deepEqual(refused(await line(0, { void: true }), 409, 'invalid_transition', 'status').current.allowed, []);
    assert.equal((await line(1, { void: true })).json.total_price, 4.5);
    refused(await line(1, {}), 422, 'required', 'status');
    refused(await line(1, { quantity: 5 }), 422, 'invalid_field', 'quantity');
    refused(await staff.waiter.patch(`${orders}/${order.id}/items/999999999`, { void: true }), 404, 'not_found');
});

test('payments: in part, what is due, later steps, and no more than once', async () => {
    const order = await place({ items: items('Roast') });
    const pay = (body) => staff.waiter.post(`${orders}/${order.id}/payments`, body);
    const part = await pay({ amount: 9.99, method: 'cash' });
    assert.deepEqual([part.status, part.json.payment_status, part.json.payment_method], [201, 'partial', 'cash']);
    const pending = (await pay({ method: 'card', status: 'pending' })).json;
    assert.deepEqual([pending.payment_status, pending.payments[1].amount, pending.payments[1].status], ['partial', 10, 'pending']);
    const later = (status) => staff.waiter.patch(`${orders}/${order.id}/payments/${pending.payments[1].id}`, { status });
    assert.deepEqual(refused(await later('refunded'), 409, 'invalid_transition', 'status').current.allowed, ['completed', 'failed']);
    assert.equal((await later('completed')).json.payment_status, 'paid');
    assert.equal(refused(await pay({ method: 'cash' }), 409, 'order_paid').current.payment_status, 'paid');
    assert.equal((await later('refunded')).json.payment_status, 'partial');
    refused(await pay({ amount: 0, method: 'cash' }), 422, 'invalid_field', 'amount');
    refused(await pay({ amount: 1, method: 'Bad Method' }), 422, 'invalid_field', 'method');
    refused(await pay({ amount: 1 }), 422, 'invalid_field', 'method');
});

test('who may what', async () => {
    const order = await place({ customer_name: 'Ada Byron', customer_phone: '+43 1 5550199' });
    const one = `${orders}/${order.id}`;
    const may = { admin: 'rwp', manager: 'rwp', waiter: 'rwp', frontdesk: 'rwp', kitchen: 'r', viewer: '' };
    for (const [role, rights] of Object.entries(may)) {
        const expect = (right, answer) => assert.equal(answer.status === 403, !rights.includes(right), `${role}: ${answer.text}`);
        expect('r', await staff[role].get(one));
        expect('r', await staff[role].get(orders));
        expect('w', await staff[role].patch(one, { notes: role }));
        expect('w', await staff[role].post(orders, { items: items('Soup') }));
        expect('w', await staff[role].post(`${one}/items`, { items: items('Soup') }));
        expect('p', await staff[role].post(`${one}/payments`, { amount: 0.01, method: 'cash' }));
    }
    for (const role of ['admin', 'manager', 'frontdesk', 'viewer']) assert.equal((await staff[role].get(`${orders}/stats`)).status, 200, role);
    for (const role of ['waiter', 'kitchen']) assert.equal((await staff[role].get(`${orders}/stats`)).status, 403, role);
    const cooked = (await staff.kitchen.get(one)).json;
    assert.deepEqual([cooked.customer_name, cooked.customer_phone], ['A. B.', '+** * *****99']);
    refused(await staff.kitchen.patch(`${one}/status`, { status: 'confirmed' }), 403, 'forbidden', 'status');
    assert.equal((await staff.manager.patch(`${one}/status`, { status: 'confirmed', emergency: true })).status, 200);
    assert.equal((await staff.kitchen.patch(`${one}/status`, { status: 'preparing' })).status, 200);
    for (const item of [{ status: 'served' }, { void: true }]) refused(await staff.kitchen.patch(`${one}/items/${order.items[0].id}`, item), 403, 'forbidden', 'status');
    refused(await staff.viewer.patch(`${one}/status`, { status: 'preparing' }), 403, 'forbidden');
});

test("another venue's orders do not exist", async () => {
    const order = await place();
    const one = `${orders}/${order.id}`;
    for (const answer of [await theirs.get(one), await theirs.patch(one, { notes: 'x' }), await theirs.patch(`${one}/status`, { status: 'confirmed' }),
        await theirs.post(`${one}/items`, { items: [{ menu_item_id: other.items.Soup }] }), await theirs.patch(`${one}/items/${order.items[0].id}`, { void: true }),
        await theirs.post(`${one}/payments`, { method: 'cash' }), await theirs.patch(`${one}/payments/1`, { status: 'failed' })])
        refused(answer, 404, 'not_found');
    assert.deepEqual((await theirs.get(orders)).json, []);
    assert.deepEqual((await theirs.get(`${orders}?table=${bistro.tables[0]}`)).json, []);
});

test('a guest orders for the own session, reads its orders, and nothing else', async () => {
    const [mine, next] = [seat(), seat()];
    const own = guest({ session: mine.session });
    await place({ table_id: mine.table, notes: 'VIP' });
    const neighbour = await place({ table_id: next.table, customer_name: 'Canary Neighbour' });
    const made = await own.post(orders, { items: items('Roast'), customer_name: 'Gus' });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual([made.json.session_id, made.json.table_number], [mine.session, mine.number]);
    const seen = await own.get(orders);
    assert.equal(seen.headers['x-total-count'], '2');
    for (const order of seen.json) assert.deepEqual([order.notes, order.waiter_id, order.updated_by], [null, null, null]);
    assert.ok(!seen.text.includes('Canary') && !seen.text.includes('VIP'));
    assert.deepEqual((await own.get(`${orders}?session=${next.session}`)).json, []);
    refused(await own.get(`${orders}/${neighbour.id}`), 404, 'not_found');
    refused(await own.post(orders, { items: items('Soup'), session_id: next.session }), 404, 'session_not_found', 'session_id');
    refused(await own.post(orders, { items: items('Soup'), table_id: next.table }), 404, 'table_not_found', 'table_id');
    refused(await own.post(orders, { items: items('Soup'), status: 'confirmed' }), 403, 'forbidden', 'status');
    const one = `${orders}/${made.json.id}`;
    for (const answer of [await own.patch(one, { notes: 'x' }), await own.patch(`${one}/status`, { status: 'cancelled' }), await own.post(`${one}/items`, { items: items('Soup') }),
        await own.patch(`${one}/items/${made.json.items[0].id}`, { void: true }), await own.post(`${one}/payments`, { method: 'cash' }), await own.get(`${orders}/stats`),
        await own.get(`/api/v1/history/orders/${made.json.id}`)])
        refused(answer, 403, 'forbidden');
    const reader = guest({ order: made.json.id });
    assert.equal((await reader.get(one)).json.id, made.json.id);
    assert.deepEqual((await reader.get(orders)).json.map((o) => o.id), [made.json.id]);
    refused(await reader.get(`${orders}/${seen.json[1].id}`), 404, 'not_found');
    refused(await reader.post(orders, { items: items('Soup') }), 403, 'forbidden');
    sql(`update maitred.dining_table set status = 'available' where id = ${mine.table}`);
    refused(await own.post(orders, { items: items('Soup') }), 409, 'session_closed', 'session_id');
});

test('a 304 until something of the orders changes; another waiter of the table is such a change', async () => {
    const at = seat(), order = await place({ table_id: at.table }), one = `${orders}/${order.id}`;
    const tag = (await staff.waiter.get(one)).headers.etag;
    assert.equal((await staff.waiter.get(one, { 'if-none-match': tag })).status, 304);
    sql(`update maitred.table_session set waiter_id = ${bistro.accounts.waiter} where id = ${at.session}`);
    let now;
    do now = await staff.waiter.get(one, { 'if-none-match': tag }); while (now.status === 304); // until the sidecar has read it
    assert.equal(now.json.waiter_id, bistro.accounts.waiter);
    await staff.waiter.post(`${one}/items`, { items: items('Soup') });
    const grown = await staff.waiter.get(one, { 'if-none-match': now.headers.etag });
    assert.equal(grown.json.items.length, 2);
});
