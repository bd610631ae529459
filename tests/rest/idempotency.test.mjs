// idempotency.test.mjs - a write with a key happens once, whoever repeats it and however often.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('idempotency');
let venue, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    admin = as(stack, venue.token(stack, 'admin'));
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const body = { customerName: 'Once Only', partySize: 2, date: '2027-02-03T19:00:00Z' };
const count = () => Number(sql(`select count(*) from maitred.reservation where venue = ${venue.id}`));
const events = () => Number(sql(`select seq from feed.counter where venue = ${venue.id}`));

test('the same write again is the same answer, and happens once', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await admin.post(list, body, key);
    assert.equal(first.status, 201, first.text);
    const [rows, seq] = [count(), events()];
    for (let i = 0; i < 3; i++) {
        const again = await admin.post(list, body, key);
        assert.equal(again.status, 201, again.text);
        assert.equal(again.text, first.text);
        assert.equal(again.headers.location, first.headers.location);
    }
    assert.deepEqual([count(), events()], [rows, seq]);
});

test('ten at once with one key are one write', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const before = count();
    const answers = await Promise.all(Array.from({ length: 10 }, () => admin.post(list, body, key)));
    for (const answer of answers) {
        assert.equal(answer.status, 201, answer.text);
        assert.equal(answer.text, answers[0].text);
    }
    assert.equal(count(), before + 1);
});

test('the key with another body, path or query is 422', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const made = (await admin.post(list, body, key)).json;
    for (const [target, other] of [[list, { ...body, partySize: 3 }], [`${list}/${made.id}/cancel`, {}],
        [`${list}/${made.id}/no-show`, body]]) {
        const answer = await admin.post(target, other, key);
        assert.equal(answer.status, 422, answer.text);
        assert.ok(['idempotency_key_reused', 'invalid_field'].includes(answer.json.code), answer.text);
    }
    assert.equal((await admin.post(`${list}/${made.id}/cancel`, {}, key)).json.code, 'idempotency_key_reused');
    assert.equal((await admin.get(`${list}/${made.id}`)).json.status, made.status);
});

test("another account's key of the same name is another key", async () => {
    const key = { 'idempotency-key': randomUUID() };
    const mine = await admin.post(list, body, key);
    const theirs = await as(stack, venue.token(stack, 'manager')).post(list, body, key);
    assert.equal(theirs.status, 201, theirs.text);
    assert.notEqual(theirs.json.id, mine.json.id);
});

test('a write that failed keeps nothing: the same key works when it can', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const bad = await admin.post(`${list}/res999999/cancel`, {}, key);
    assert.equal(bad.status, 404);
    const good = await admin.post(list, body, key);
    assert.equal(good.status, 201, good.text);
});

test('a bad key is named beside the other bad fields', async () => {
    const answer = await admin.post(list, { ...body, partySize: 0 }, { 'idempotency-key': 'x'.repeat(200) });
    assert.deepEqual(answer.json.errors.map((e) => e.field).sort(), ['Idempotency-Key', 'partySize']);
});

test('the key with another If-Match is another write', async () => {
    const made = (await admin.post(list, body)).json;
    const key = randomUUID();
    const write = (version) => admin.patch(`${list}/${made.id}`, { partySize: 6 },
        { 'idempotency-key': key, 'if-match': `"${version}"` });
    assert.equal((await write(made.version)).status, 200);
    assert.equal((await write(made.version)).status, 200);
    assert.equal((await write(made.version + 1)).json.code, 'idempotency_key_reused');
});

test('a key is 1 to 128 visible characters', async () => {
    for (const key of ['x'.repeat(129), 'a b', 'ä']) {
        const answer = await admin.post(list, body, { 'idempotency-key': key });
        assert.equal(answer.status, 422, answer.text);
        assert.equal(answer.json.errors[0].field, 'Idempotency-Key');
    }
});
