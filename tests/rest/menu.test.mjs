// menu.test.mjs - the menu over REST: each endpoint, each refusal, who may what.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as, roles } from './lib/venue.mjs';

const stack = new Stack('menu');
const categories = '/api/restaurant/menu/categories';
const items = '/api/restaurant/menu/items';
let bistro, other, admin, kitchen, theirs;
before(async () => {
    await stack.start();
    [bistro, other] = [new Venue('restaurant'), new Venue('restaurant')];
    admin = as(stack, bistro.token(stack, 'admin'));
    kitchen = as(stack, bistro.token(stack, 'kitchen'));
    theirs = as(stack, other.token(stack, 'admin'));
});
after(() => stack.stopAll());

let n = 0;
async function category(who = admin, more = {}) {
    const made = await who.post(categories, { name: `Category ${++n}`, ...more });
    assert.equal(made.status, 201, made.text);
    return made.json;
}
async function item(more = {}, who = admin) {
    const made = await who.post(items, { name: `Item ${++n}`, price: 12.5,
        categoryId: (more.categoryId ?? (await category(who)).id), ...more });
    assert.equal(made.status, 201, made.text);
    return made.json;
}

test('a category is made, read, changed and deleted', async () => {
    const made = await admin.post(categories, { name: 'Soups', description: 'Hot', sort: 3, color: '#aabbcc' });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.location, `${categories}/${made.json.id}`);
    assert.deepEqual(made.json, { id: made.json.id, name: 'Soups', description: 'Hot', sort: 3, color: '#aabbcc', isActive: true });
    assert.deepEqual((await admin.get(made.headers.location)).json, made.json);
    const changed = await admin.patch(made.headers.location, { description: '' });
    assert.deepEqual(changed.json, { ...made.json, description: '' });
    const gone = await admin.call('DELETE', made.headers.location);
    assert.equal(gone.status, 204, gone.text);
    assert.equal(gone.text, '');
    assert.ok(gone.headers['x-feed-position']);
    for (const again of [await admin.get(made.headers.location), await admin.patch(made.headers.location, { sort: 1 }),
        await admin.call('DELETE', made.headers.location)]) assert.equal(again.status, 404, again.text);
});

test('an item is made, read, changed and deleted', async () => {
    const { id: categoryId } = await category();
    const made = await admin.post(items, { name: 'Leek soup', description: 'Leek', price: 24.99, categoryId, popular: true,
        image: 'https://img.example/leek.jpg', sort: 2 });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.location, `${items}/${made.json.id}`);
    assert.deepEqual(made.json, { id: made.json.id, name: 'Leek soup', description: 'Leek', price: 24.99, categoryId,
        popular: true, image: 'https://img.example/leek.jpg', available: true, sort: 2, isActive: true });
    assert.deepEqual((await admin.get(made.headers.location)).json, made.json);
    const changed = await admin.patch(made.headers.location, { price: 5, available: false, image: '' });
    assert.deepEqual(changed.json, { ...made.json, price: 5, available: false, image: null });
    assert.equal((await admin.call('DELETE', made.headers.location)).status, 204);
    assert.equal((await admin.get(made.headers.location)).status, 404);
    assert.ok(!(await admin.get(items)).json.some((i) => i.id === made.json.id));
});

test('lists: by category, by what there is, in pages', async () => {
    const venue = new Venue('restaurant');
    const me = as(stack, venue.token(stack, 'admin'));
    const [second, first] = [await category(me, { sort: 2 }), await category(me, { sort: 1 })];
    const [c, b, a] = [await item({ categoryId: second.id, popular: true }, me), await item({ categoryId: first.id, sort: 5, available: false }, me),
        await item({ categoryId: first.id, sort: 4 }, me)];
    const ids = async (query) => (await me.get(`${items}${query}`)).json.map((i) => i.id);
    assert.deepEqual((await me.get(categories)).json.map((x) => x.id), [first.id, second.id]);
    assert.deepEqual(await ids(''), [a.id, b.id, c.id]);
    assert.deepEqual(await ids(`?categoryId=${first.id}`), [a.id, b.id]);
    assert.deepEqual(await ids('?available=false'), [b.id]);
    assert.deepEqual(await ids('?popular=true'), [c.id]);
    const page = await me.get(`${items}?limit=2`);
    assert.equal(page.headers['x-total-count'], '3');
    assert.match(page.headers.link, new RegExp(`<${items}\\?page=2&limit=2>; rel="next"`));
    assert.deepEqual(await ids('?limit=2&page=2'), [c.id]);
    assert.equal((await me.get(`${categories}?limit=0`)).status, 422);
    assert.equal((await me.get(`${items}?available=perhaps`)).json.errors[0].field, 'available');
});

test('a category with items is not deleted: 409 says what is in the way', async () => {
    const { id } = await category();
    const inside = await item({ categoryId: id });
    const kept = await admin.call('DELETE', `${categories}/${id}`);
    assert.equal(kept.status, 409, kept.text);
    assert.equal(kept.json.code, 'category_not_empty');
    assert.deepEqual(kept.json.current, { count: 1, items: [{ id: inside.id, name: inside.name }] });
    assert.equal((await admin.call('DELETE', `${items}/${inside.id}`)).status, 204);
    assert.equal((await admin.call('DELETE', `${categories}/${id}`)).status, 204);
    const late = await admin.post(items, { name: 'Late', price: 1, categoryId: id });
    assert.equal(late.status, 404, late.text);
    assert.equal(late.json.errors[0].field, 'categoryId');
});

test('the kitchen says what there is, and nothing else', async () => {
    const { id, categoryId } = await item();
    const off = await kitchen.patch(`${items}/${id}/availability`, { available: false });
    assert.equal(off.status, 200, off.text);
    assert.equal(off.json.available, false);
    assert.equal((await kitchen.get(`${items}/${id}`)).json.available, false);
    assert.equal((await kitchen.patch(`${items}/${id}/availability`, { available: true })).json.available, true);
    for (const refused of [kitchen.patch(`${items}/${id}`, { price: 1 }), kitchen.patch(`${items}/${id}`, { available: false }),
        kitchen.post(items, { name: 'X', price: 1, categoryId }), kitchen.call('DELETE', `${items}/${id}`),
        kitchen.patch(`${categories}/${categoryId}`, { name: 'X' })]) {
        const answer = await refused;
        assert.equal(answer.status, 403, answer.text);
        assert.match(answer.json.detail, /kitchen lacks the right menu\.write/);
    }
    const extra = await kitchen.patch(`${items}/${id}/availability`, { available: false, price: 0 });
    assert.equal(extra.status, 422, extra.text);
    assert.equal(extra.json.errors[0].field, 'price');
    const none = await kitchen.patch(`${items}/${id}/availability`, {});
    assert.deepEqual(none.json.errors.map((e) => [e.field, e.code]), [['available', 'required']]);
});

test('every role reads, admin and manager write, the kitchen and they say what there is', async () => {
    const made = await item();
    for (const role of roles) {
        const me = as(stack, bistro.token(stack, role));
        const writes = ['admin', 'manager'].includes(role);
        for (const path of [categories, `${categories}/${made.categoryId}`, items, `${items}/${made.id}`])
            assert.equal((await me.get(path)).status, 200, `${role} ${path}`);
        assert.equal((await me.patch(`${items}/${made.id}`, { sort: 1 })).status, writes ? 200 : 403, role);
        assert.equal((await me.post(categories, { name: `Of ${role}` })).status, writes ? 201 : 403, role);
        assert.equal((await me.patch(`${items}/${made.id}/availability`, { available: true })).status,
            writes || role === 'kitchen' ? 200 : 403, role);
    }
    const nobody = as(stack, null);
    for (const path of [categories, items]) assert.equal((await nobody.get(path)).status, 401, path);
});

test('a guest reads the menu of the house, and changes nothing', async () => {
    const made = await item();
    sql(`update maitred.dining_table set status = 'occupied' where id = ${bistro.tables[0]}`);
    const session = Number(sql(`select id from maitred.table_session where table_id = ${bistro.tables[0]}`));
    const guest = as(stack, bistro.token(stack, 'guest', { sub: 'guest', session }));
    const seen = await guest.get(items);
    assert.equal(seen.status, 200, seen.text);
    assert.ok(seen.json.some((i) => i.id === made.id));
    assert.equal((await guest.patch(`${items}/${made.id}/availability`, { available: false })).status, 403);
});

test("another venue's menu does not exist", async () => {
    const foreign = await item({}, theirs);
    const mine = await item();
    for (const answer of [await admin.get(`${items}/${foreign.id}`), await admin.patch(`${items}/${foreign.id}`, { price: 1 }),
        await admin.patch(`${items}/${foreign.id}/availability`, { available: false }), await admin.call('DELETE', `${items}/${foreign.id}`),
        await admin.get(`${categories}/${foreign.categoryId}`), await admin.patch(`${categories}/${foreign.categoryId}`, { sort: 1 }),
        await admin.call('DELETE', `${categories}/${foreign.categoryId}`), await admin.get(`${items}?categoryId=${foreign.categoryId}`),
        await admin.post(items, { name: 'X', price: 1, categoryId: foreign.categoryId }),
        await admin.patch(`${items}/${mine.id}`, { categoryId: foreign.categoryId })]) {
        assert.equal(answer.status, 404, answer.text);
        assert.equal(answer.headers['content-type'], 'application/problem+json');
    }
    assert.deepEqual((await theirs.get(`${items}/${foreign.id}`)).json, foreign);
    assert.ok(!(await admin.get(items)).json.some((i) => i.id === foreign.id));
});

test('every bad field is named at once, and nothing is half written', async () => {
    const { id } = await category();
    const before = (await admin.get(items)).headers['x-total-count'];
    const answer = await admin.post(`${items}?x=1`, { name: '', price: -1, categoryId: 'soup', popular: 'yes', image: 5,
        available: 1, sort: 1.5, description: 'x'.repeat(2001), allergens: [] });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.json.errors.map((e) => e.field).sort(), ['allergens', 'available', 'categoryId', 'description', 'image',
        'name', 'popular', 'price', 'sort', 'x']);
    for (const image of ['javascript:alert(1)', '//evil.example/a.png', 'data:text/html,x']) {
        const refused = await admin.post(items, { name: 'X', price: 1, categoryId: id, image });
        assert.equal(refused.status, 422, image);
        assert.equal(refused.json.errors[0].field, 'image');
    }
    const colour = await admin.patch(`${categories}/${id}`, { color: 'red' });
    assert.equal(colour.json.errors[0].field, 'color');
    assert.equal((await admin.post(items, { name: 'X', price: 1.23456, categoryId: id })).json.errors[0].field, 'price');
    assert.equal((await admin.get(items)).headers['x-total-count'], before);
});

test('two categories of one name are refused', async () => {
    const { name } = await category();
    const twice = await admin.post(categories, { name });
    assert.equal(twice.status, 409, twice.text);
    assert.equal(twice.json.code, 'name_taken');
});

test('a write with a key happens once, a delete too', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = { name: `Once ${randomUUID()}` };
    const [first, again] = [await admin.post(categories, body, key), await admin.post(categories, body, key)];
    assert.equal(again.text, first.text);
    const path = `${categories}/${first.json.id}`;
    const gone = { 'idempotency-key': randomUUID() };
    assert.equal((await admin.call('DELETE', path, undefined, gone)).status, 204);
    assert.equal((await admin.call('DELETE', path, undefined, gone)).status, 204);
    assert.equal((await admin.call('DELETE', path)).status, 404);
});

test('an unchanged menu is 304, and a click on a table does not change it', async () => {
    const { etag } = (await admin.get(items)).headers;
    sql(`update maitred.dining_table set name = 'window' where id = ${bistro.tables[3]}`);
    assert.equal((await admin.get(items, { 'if-none-match': etag })).status, 304);
    await item();
    assert.equal((await admin.get(items, { 'if-none-match': etag })).status, 200);
});

test('a hotel has a menu too: room service', async () => {
    const grand = new Venue('hotel');
    const desk = as(stack, grand.token(stack, 'manager'));
    const made = await item({}, desk);
    assert.deepEqual((await as(stack, grand.token(stack, 'frontdesk')).get(items)).json, [made]);
});

test('methods that are not there: 405 says which are', async () => {
    const answer = await admin.call('PUT', `${items}/1`, {});
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.allow, 'GET, HEAD, PATCH, DELETE, OPTIONS');
});
