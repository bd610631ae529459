// accounts.test.mjs - accounts, tickets and guests' tokens: who may make them, what they open, what
// ends them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ended, heard, profile, refused, socket } from './lib/access.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as, roles } from './lib/venue.mjs';

const stack = new Stack('accounts');
before(() => stack.start());
after(() => stack.stopAll());

let addresses = 0;
const login = (venue, username, password) => as(stack).post('/api/auth/login',
    { username, password, venue: venue.slug }, { 'x-forwarded-for': `10.9.0.${addresses++}` });

// ------------------------------------------------------------------ accounts

test('an administrator adds an account, it logs in, changes take effect at once', async () => {
    const venue = new Venue('restaurant');
    const admin = as(stack, venue.token(stack, 'admin'));
    const made = await admin.post('/api/accounts', { username: 'Eve.1', role: 'waiter', email: 'eve@example.org',
        password: 'a long word' });
    assert.equal(made.status, 201, made.text);
    const path = `/api/accounts/${made.json.id}`;
    assert.equal(made.headers.location, path);
    assert.deepEqual({ ...made.json, id: 0, createdAt: '' }, { id: 0, username: 'Eve.1', displayName: 'Eve.1',
        email: 'eve@example.org', role: 'waiter', active: true, hasPassword: true, apiKeys: 0, lastLoginAt: null, createdAt: '' });
    assert.ok(!made.text.includes('$y$') && !made.text.includes('a long word'));
    const opened = await login(venue, 'eve.1', 'a long word');
    assert.equal(opened.status, 200, opened.text);
    const eve = as(stack, opened.json.token);
    const changed = await admin.patch(path, { role: 'viewer', displayName: 'Eve', email: '' });
    assert.deepEqual([changed.status, changed.json.role, changed.json.displayName, changed.json.email], [200, 'viewer', 'Eve', null]);
    refused(await ended(eve), 'role_changed', 401);
    const again = await login(venue, 'eve.1', 'a long word');
    assert.equal(again.json.user.role, 'viewer');
    assert.equal((await admin.patch(path, { password: 'another word' })).status, 200);
    refused(await ended(as(stack, again.json.token)), 'role_changed', 401);
    refused(await login(venue, 'eve.1', 'a long word'), 'bad_credentials', 401);
    const third = await login(venue, 'eve.1', 'another word');
    assert.equal(third.status, 200);
    assert.equal((await admin.patch(path, { active: false })).json.active, false);
    refused(await ended(as(stack, third.json.token)), 'role_changed', 401);
    refused(await login(venue, 'eve.1', 'another word'), 'bad_credentials', 401);
    assert.equal((await admin.get(path)).json.active, false);
});

test('the list of accounts is paged and searched', async () => {
    const venue = new Venue('hotel');
    const admin = as(stack, venue.token(stack, 'admin'));
    const all = await admin.get('/api/accounts');
    assert.deepEqual(all.json.map((a) => a.username), [...roles].sort());
    assert.equal(all.headers['x-total-count'], '6');
    const page = await admin.get('/api/accounts?limit=2&page=2');
    assert.deepEqual(page.json.map((a) => a.username), ['kitchen', 'manager']);
    assert.match(page.headers.link, /rel="next"/);
    assert.deepEqual((await admin.get('/api/accounts?role=waiter,viewer&search=VIEW')).json.map((a) => a.username), ['viewer']);
    assert.equal((await admin.get('/api/accounts', { 'if-none-match': all.headers.etag })).status, 304);
});

test('every bad member of an account is named', async () => {
    const admin = as(stack, new Venue('restaurant').token(stack, 'admin'));
    const bad = await admin.post('/api/accounts', { username: '', role: 'boss', password: 'short', hash: 'x' });
    assert.equal(bad.status, 422);
    assert.deepEqual(bad.json.errors.map((e) => `${e.field} ${e.code}`).sort(),
        ['hash unknown', 'password length', 'role enum', 'username length']);
    assert.ok(!bad.text.includes('short'));
    refused(await admin.post('/api/accounts', { username: 'not good', role: 'viewer' }), 'invalid_field', 422);
    refused(await admin.post('/api/accounts', { username: 'ADMIN', role: 'viewer' }), 'username_taken', 409);
    refused(await admin.post('/api/accounts', { username: 'x', role: 'viewer', email: 'nowhere' }), 'invalid_field', 422);
});

test('only administrators, and only of their own venue', async () => {
    const venue = new Venue('restaurant'), other = new Venue('restaurant');
    const stranger = as(stack, other.token(stack, 'admin'));
    const path = `/api/accounts/${venue.accounts.viewer}`;
    refused(await stranger.get(path), 'not_found', 404);
    refused(await stranger.patch(path, { role: 'admin' }), 'not_found', 404);
    for (const role of roles.filter((r) => r !== 'admin')) {
        const me = as(stack, venue.token(stack, role));
        refused(await me.get('/api/accounts'), 'forbidden', 403);
        refused(await me.get(path), 'forbidden', 403);
        refused(await me.patch(path, { role: 'admin' }), 'forbidden', 403);
        refused(await me.post('/api/accounts', { username: 'x', role: 'admin' }), 'forbidden', 403);
    }
    assert.equal(sql(`select role from maitred.account where id = ${venue.accounts.viewer}`), 'viewer');
});

test('the last active administrator stays, also when two demote each other at once', async () => {
    const venue = new Venue('restaurant');
    const admin = as(stack, venue.token(stack, 'admin'));
    const path = (role) => `/api/accounts/${venue.accounts[role]}`;
    refused(await admin.patch(path('admin'), { role: 'manager' }), 'last_admin', 409);
    refused(await admin.patch(path('admin'), { active: false }), 'last_admin', 409);
    assert.equal((await admin.get(profile)).status, 200);
    sql(`update maitred.account set role = 'admin', not_before = '-infinity' where id = ${venue.accounts.manager}`);
    const second = as(stack, venue.token(stack, 'admin', { sub: String(venue.accounts.manager), iat: Math.floor(Date.now() / 1000) + 2 }));
    const answers = await Promise.all([admin.patch(path('manager'), { role: 'viewer' }), second.patch(path('admin'), { role: 'viewer' })]);
    assert.ok(answers.some((a) => a.status === 200), answers.map((a) => a.text).join());
    assert.equal(sql(`select count(*) from maitred.account where venue = ${venue.id} and role = 'admin' and active`), '1');
});

test('an account is made once for an Idempotency-Key, whose record tells nothing of the password', async () => {
    const venue = new Venue('restaurant');
    const admin = as(stack, venue.token(stack, 'admin'));
    const body = { username: 'once', role: 'viewer', password: 'the password' };
    const key = { 'idempotency-key': 'account-1' };
    const first = await admin.post('/api/accounts', body, key), second = await admin.post('/api/accounts', body, key);
    assert.deepEqual([first.status, second.status, second.text], [201, 201, first.text]);
    refused(await admin.post('/api/accounts', { ...body, password: 'another one' }, key), 'idempotency_key_reused', 422);
    const hash = sql(`select request_hash from maitred.idempotency where venue = ${venue.id}`);
    assert.notEqual(hash, createHash('sha256').update(`POST /api/accounts?\n\n${JSON.stringify(body)}`).digest('hex'));
});

// ------------------------------------------------------------------ tickets

test('a ticket opens one socket through the web server, and logging out closes it', async () => {
    const venue = await heard(stack, new Venue('restaurant'));
    const { token } = (await as(stack).post('/api/auth/login', { apiKey: venue.apiKey('manager') })).json;
    const me = as(stack, token);
    const made = await me.post('/api/auth/ticket');
    assert.equal(made.status, 200, made.text);
    assert.deepEqual(Object.keys(made.json).sort(), ['expiresAt', 'ticket']);
    assert.ok(Date.parse(made.json.expiresAt) - Date.now() < 31e3);
    assert.ok(!sql('select string_agg(t::text, \'\') from maitred.ticket t').includes(made.json.ticket));
    const c = socket(stack, `?ticket=${made.json.ticket}`);
    assert.equal(await c.opened, 101);
    assert.equal(await socket(stack, `?ticket=${made.json.ticket}`).opened, 401);
    refused(await me.get(profile, { authorization: `Bearer ${made.json.ticket}` }), 'token_invalid', 401);
    const begun = Date.now();
    assert.equal((await me.post('/api/auth/logout')).status, 204);
    assert.equal(await c.closed, 4003);
    assert.ok(Date.now() - begun < 1000, `${Date.now() - begun} ms`);
    for (const name of ['sidecar', 'accounts']) assert.ok(!stack.log(name).includes(made.json.ticket), name);
});

// ------------------------------------------------------------------ guests

test('a guest\'s token ends with its table session, everywhere', async () => {
    const venue = await heard(stack, new Venue('restaurant')), other = new Venue('restaurant');
    const waiter = as(stack, venue.token(stack, 'waiter'));
    sql(`update maitred.dining_table set status = 'occupied' where id = ${venue.tables[0]}`);
    const session = Number(sql(`select id from maitred.table_session where venue = ${venue.id} and state = 'open'`));
    const made = await waiter.post('/api/auth/guest', { session_id: session });
    assert.equal(made.status, 200, made.text);
    assert.deepEqual(Object.keys(made.json).sort(), ['expiresAt', 'token']);
    const claims = JSON.parse(Buffer.from(made.json.token.split('.')[1], 'base64url'));
    assert.deepEqual([claims.role, claims.sub, claims.session, claims.venue], ['guest', 'guest', session, venue.id]);
    assert.equal(claims.exp, Math.floor(Date.parse(made.json.expiresAt) / 1000));
    const guest = as(stack, made.json.token);
    assert.equal((await guest.get(profile)).json.role, 'guest');
    refused(await guest.get('/api/dashboard/stats'), 'forbidden', 403);
    refused(await guest.get('/api/accounts'), 'forbidden', 403);
    refused(await guest.get('/api/auth/api-keys'), 'forbidden', 403);
    refused(await guest.post('/api/auth/guest', { session_id: session }), 'forbidden', 403);
    refused(await guest.post('/api/auth/refresh'), 'role_changed', 401);
    const ticket = (await guest.post('/api/auth/ticket')).json.ticket;
    const c = socket(stack, `?ticket=${ticket}`);
    assert.equal(await c.opened, 101);
    refused(await as(stack, other.token(stack, 'waiter')).post('/api/auth/guest', { session_id: session }), 'not_found', 404);
    sql(`update maitred.dining_table set status = 'available' where id = ${venue.tables[0]}`);
    for (const path of [profile, '/api/dashboard/stats'])
        refused(await until(async () => {
            const answer = await guest.get(path);
            return answer.status === 401 && answer;
        }, 'the guest is out', 1000), 'token_revoked', 401);
    assert.equal(await c.closed, 4003);
    refused(await waiter.post('/api/auth/guest', { session_id: session }), 'session_closed', 409);
});

test('who may make guests\' tokens, for what', async () => {
    const venue = new Venue('restaurant'), other = new Venue('restaurant');
    const order = Number(sql(`insert into maitred.customer_order (venue, order_number, customer_name)
        values (${venue.id}, 'G-1', 'Ann') returning id`));
    for (const [role, status] of [['admin', 200], ['manager', 200], ['waiter', 200], ['frontdesk', 200], ['kitchen', 403], ['viewer', 403]])
        assert.equal((await as(stack, venue.token(stack, role)).post('/api/auth/guest', { order_id: order })).status, status, role);
    refused(await as(stack, other.token(stack, 'admin')).post('/api/auth/guest', { order_id: order }), 'not_found', 404);
    const admin = as(stack, venue.token(stack, 'admin'));
    refused(await admin.post('/api/auth/guest', {}), 'invalid_field', 422);
    refused(await admin.post('/api/auth/guest', { order_id: order, session_id: 1 }), 'invalid_field', 422);
    refused(await admin.post('/api/auth/guest', { order_id: 99999999 }), 'not_found', 404);
    const guest = (await admin.post('/api/auth/guest', { orderId: order })).json.token;
    assert.equal(JSON.parse(Buffer.from(guest.split('.')[1], 'base64url')).order, order);
    // A guest may leave by itself.
    assert.equal((await as(stack, guest).post('/api/auth/logout')).status, 204);
    refused(await as(stack, guest).get(profile), 'token_revoked', 401);
});
