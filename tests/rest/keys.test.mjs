// keys.test.mjs - API keys, signing keys that rotate, and those of an outside provider: what they
// open, and that what ends them ends it at once, whoever is asking meanwhile.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync, createHmac, randomBytes, sign } from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { ended, heard, profile, refused, reload, socket } from './lib/access.mjs';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('keys', { provider_issuers: 'https://id.example' });
const provider = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
before(async () => {
    await stack.start();
    for (const alg of Object.keys(provider))
        fs.writeFileSync(`${stack.dir}/keys/out-${alg}.${alg.toLowerCase()}.pem`,
            provider[alg].publicKey.export({ type: 'spki', format: 'pem' }));
    await reload(stack);
});
after(() => stack.stopAll());

// ------------------------------------------------------------------ API keys

test('an API key is shown once, works at once, and is revoked at once', async () => {
    const venue = new Venue('restaurant');
    const me = as(stack, venue.token(stack, 'waiter', { iat: Math.floor(Date.now() / 1000) - 5 }));
    const made = await me.post('/api/auth/api-keys', { label: 'till' }, { 'idempotency-key': 'k1' });
    assert.equal(made.status, 201, made.text);
    assert.match(made.json.key, /^mk_[\w-]{43}$/);
    assert.equal(made.headers.location, `/api/auth/api-keys/${made.json.id}`);
    assert.ok(!sql(`select row_to_json(k)::text from maitred.api_key k where id = ${made.json.id}`).includes(made.json.key));
    // The stored answer of the Idempotency-Key never held it.
    const again = await me.post('/api/auth/api-keys', { label: 'till' }, { 'idempotency-key': 'k1' });
    assert.deepEqual([again.status, again.json.id, again.json.key], [201, made.json.id, null]);
    assert.ok(!sql(`select string_agg(body, '') from maitred.idempotency where venue = ${venue.id}`).includes('mk_'));
    const list = (await me.get('/api/auth/api-keys')).json;
    assert.deepEqual(list.map((k) => [k.id, k.label, k.revokedAt, 'key' in k]), [[made.json.id, 'till', null, false]]);
    const byKey = as(stack, made.json.key);
    assert.equal((await byKey.get(profile)).json.role, 'waiter');
    refused(await as(stack, venue.token(stack, 'manager')).call('DELETE', `/api/auth/api-keys/${made.json.id}`), 'not_found', 404);
    assert.equal((await me.call('DELETE', `/api/auth/api-keys/${made.json.id}`)).status, 204);
    refused(await byKey.get(profile), 'token_invalid', 401);
    // What was opened by it ends too, and so does everything else of the account (docs/rest.md).
    refused(await ended(me), 'role_changed', 401);
});

test('an administrator makes, lists and revokes the keys of others', async () => {
    const venue = new Venue('restaurant'), other = new Venue('restaurant');
    const admin = as(stack, venue.token(stack, 'admin')), viewer = venue.accounts.viewer;
    const made = await admin.post('/api/auth/api-keys', { account: viewer, label: 'screen' });
    assert.deepEqual([made.status, made.json.account], [201, viewer]);
    assert.equal((await as(stack, made.json.key).get(profile)).json.role, 'viewer');
    assert.equal((await admin.get(`/api/auth/api-keys?account=${viewer}`)).json.length, 1);
    assert.equal((await admin.get('/api/auth/api-keys')).json.length, 0);
    const manager = as(stack, venue.token(stack, 'manager'));
    refused(await manager.get(`/api/auth/api-keys?account=${viewer}`), 'forbidden', 403);
    refused(await manager.post('/api/auth/api-keys', { account: viewer }), 'forbidden', 403);
    const stranger = as(stack, other.token(stack, 'admin'));
    refused(await stranger.get(`/api/auth/api-keys?account=${viewer}`), 'not_found', 404);
    refused(await stranger.post('/api/auth/api-keys', { account: viewer }), 'not_found', 404);
    refused(await stranger.call('DELETE', `/api/auth/api-keys/${made.json.id}`), 'not_found', 404);
    assert.equal((await admin.call('DELETE', `/api/auth/api-keys/${made.json.id}`)).status, 204);
    refused(await as(stack, made.json.key).get(profile), 'token_invalid', 401);
});

// Asks again and again, over two programs and the sidecar, until all three have refused ten times in a row.
async function insist(headers, seen) {
    const ask = {
        accounts: async () => (await stack.request('GET', profile, { headers })).status,
        stats: async () => (await stack.request('GET', '/api/dashboard/stats', { headers })).status,
        sidecar: async () => {
            const c = socket(stack, '', headers), status = await c.opened;
            // An account may have so many: the first ones stay, and those of the last moment.
            if (status === 101) seen.sockets.push(c);
            if (seen.sockets.length > 100) seen.sockets.splice(20, 1)[0].ws.terminate();
            return status;
        },
    };
    for (let refusals = 0; refusals < 10;) {
        const round = await Promise.all(Object.entries(ask).map(async ([name, f]) => {
            const begun = Date.now(), status = await f();
            seen.answers.push({ name, begun, status });
            return status;
        }));
        refusals = round.every((status) => status === 401) ? refusals + 1 : 0;
        if (Date.now() > seen.until) throw new Error(`still answered: ${round}`);
    }
}

// What ends it races with requests that carry it: the work goes on while the database commits.
async function race(t, bearer, change) {
    const seen = { answers: [], sockets: [], until: Date.now() + 30000 };
    const all = Promise.all(Array.from({ length: 3 }, () => insist({ authorization: `Bearer ${bearer}` }, seen)));
    await until(() => ['accounts', 'stats', 'sidecar'].every((name) => seen.answers.filter(
        (a) => a.name === name && [101, 200].includes(a.status)).length >= 3), 'it is used');
    await promisify(execFile)('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-c', change]);
    const committed = Date.now();
    await all;
    const last = Math.max(...seen.answers.filter((a) => a.status !== 401).map((a) => a.begun));
    t.diagnostic(`the last request that was answered began ${last - committed} ms after the commit`);
    assert.deepEqual([...new Set(seen.answers.map((a) => a.status))].sort(), [101, 200, 401]);
    return Promise.all(seen.sockets.map((c) => c.closed));
}

test('a key that is revoked while it is in use everywhere is refused everywhere soon after, and keeps no socket', async (t) => {
    for (let round = 0; round < 3; round++) {
        const venue = await heard(stack, new Venue('restaurant')), bearer = venue.apiKey('manager');
        const codes = await race(t, bearer, `update maitred.api_key set revoked_at = clock_timestamp() where venue = ${venue.id}`);
        assert.deepEqual([...new Set(codes)], [4003]);
    }
});

test('a token that every program has verified before is refused soon after its revocation', async (t) => {
    const venue = await heard(stack, new Venue('restaurant')), jti = randomBytes(8).toString('hex');
    const codes = await race(t, venue.token(stack, 'manager', { jti }), `insert into maitred.revoked_token
        (jti, venue, account_id, expires_at) values ('${jti}', ${venue.id}, ${venue.accounts.manager}, now() + interval '1 hour')`);
    assert.deepEqual([...new Set(codes)], [4003]);
});

test('... and of another role of its account', async (t) => {
    const venue = await heard(stack, new Venue('restaurant'));
    const bearer = venue.token(stack, 'manager', { iat: Math.floor(Date.now() / 1000) - 5 });
    const codes = await race(t, bearer, `update maitred.account set role = 'waiter' where id = ${venue.accounts.manager}`);
    assert.ok(codes.every((code) => [4003, 4004].includes(code)), codes.join());
});

test('... and when it runs out', async () => {
    const venue = new Venue('restaurant');
    const me = as(stack, venue.token(stack, 'manager', { exp: Math.floor(Date.now() / 1000) + 3 }));
    assert.equal((await me.get(profile)).status, 200);
    assert.equal((await me.get(profile)).status, 200);
    refused(await until(async () => {
        const answer = await me.get(profile);
        return answer.status !== 200 && answer;
    }, 'it has run out'), 'token_expired', 401);
});

// ------------------------------------------------------------------ keys

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function outside(venue, role, { alg = 'ES256', header = {}, ...claims } = {}) {
    const now = Math.floor(Date.now() / 1000);
    const text = `${base64({ alg, typ: 'JWT', kid: `out-${alg}`, ...header })}.${base64({ iss: 'https://id.example',
        aud: 'maitred-test', sub: String(venue.accounts[role]), venue: venue.id, iat: now, exp: now + 600,
        jti: randomBytes(8).toString('hex'), ...claims })}`;
    const key = { key: provider[alg].privateKey, dsaEncoding: 'ieee-p1363' };
    return `${text}.${sign('sha256', text, key).toString('base64url')}`;
}

test('an outside provider says who, the database says what', async () => {
    const venue = await heard(stack, new Venue('restaurant')), other = new Venue('restaurant');
    for (const alg of ['RS256', 'ES256']) {
        const me = as(stack, outside(venue, 'viewer', { alg, role: 'admin', name: 'root', slug: other.slug }));
        assert.deepEqual(await me.get(profile).then((a) => [a.status, a.json.role, a.json.username]), [200, 'viewer', 'viewer'], alg);
        assert.equal((await me.get('/api/dashboard/stats')).status, 200);
        refused(await me.get('/api/accounts'), 'forbidden', 403);
        refused(await me.post('/api/accounts', { username: 'x', role: 'admin' }), 'forbidden', 403);
    }
    const now = Math.floor(Date.now() / 1000);
    const bad = {
        'a foreign venue': [{ venue: other.id }, 'role_changed'], 'no such account': [{ sub: '99999999' }, 'role_changed'],
        'a guest': [{ sub: 'guest', role: 'guest', session: 1 }, 'token_invalid'], 'our issuer': [{ iss: 'maitred-test' }, 'token_invalid'],
        'another audience': [{ aud: 'shop' }, 'token_invalid'], 'not yet': [{ nbf: now + 600 }, 'token_invalid'],
        'expired': [{ exp: now - 1 }, 'token_expired'], 'no end': [{ exp: undefined }, 'token_invalid'],
        'the other key': [{ header: { kid: 'out-RS256' } }, 'token_invalid'],
    };
    for (const [what, [claims, code]] of Object.entries(bad)) {
        const answer = await as(stack, outside(venue, 'viewer', claims)).get(profile);
        assert.deepEqual([answer.status, answer.json.code], [401, code], what);
    }
    // Renewed, it is a token of ours with the role of the account.
    const own = (await as(stack, outside(venue, 'viewer', { role: 'admin' })).post('/api/auth/refresh')).json.token;
    assert.equal(JSON.parse(Buffer.from(own.split('.')[1], 'base64url')).role, 'viewer');
    // Another role of the account is the token's too, once it is newer than the change.
    const before = outside(venue, 'viewer', { iat: now - 60 });
    assert.equal((await as(stack, before).get(profile)).status, 200);
    sql(`update maitred.account set role = 'waiter' where id = ${venue.accounts.viewer}`);
    refused(await ended(as(stack, before)), 'role_changed', 401);
    await until(async () => (await as(stack, outside(venue, 'viewer')).get(profile)).json.role === 'waiter', 'the new role');
});

test('an outside token opens a socket with the role of its account', async () => {
    const venue = await heard(stack, new Venue('restaurant'));
    const token = outside(venue, 'manager', { role: 'admin' });
    const c = socket(stack, '?channels=', { authorization: `Bearer ${token}` });
    assert.equal(await c.opened, 101);
    assert.equal(await socket(stack, '', { authorization: `Bearer ${outside(venue, 'manager', { venue: 1 })}` }).opened, 401);
    assert.equal((await as(stack, token).post('/api/auth/logout')).status, 204);
    assert.equal(await c.closed, 4003);
});

test('keys rotate: two at once, the newest signs, a removed one opens nothing and closes its sockets', async () => {
    const venue = await heard(stack, new Venue('restaurant'));
    const kidOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
    const old = venue.token(stack, 'admin');
    assert.equal(kidOf((await as(stack, old).post('/api/auth/refresh')).json.token), 'a');
    fs.writeFileSync(`${stack.dir}/keys/b.hs256`, randomBytes(48), { mode: 0o600 });
    await reload(stack);
    const fresh = (await as(stack, old).post('/api/auth/refresh')).json.token;
    assert.equal(kidOf(fresh), 'b');
    const both = [old, fresh].map((token) => as(stack, token));
    for (const me of both)
        for (const path of [profile, '/api/dashboard/stats']) assert.equal((await me.get(path)).status, 200);
    const sockets = [old, fresh].map((token) => socket(stack, '', { authorization: `Bearer ${token}` }));
    const byTicket = socket(stack, `?ticket=${(await both[0].post('/api/auth/ticket')).json.ticket}`);
    assert.deepEqual(await Promise.all([...sockets, byTicket].map((c) => c.opened)), [101, 101, 101]);
    fs.renameSync(`${stack.dir}/keys/a.hs256`, `${stack.dir}/a.away`);
    try {
        await reload(stack);
        for (const path of [profile, '/api/dashboard/stats']) {
            refused(await both[0].get(path), 'token_invalid', 401);
            assert.equal((await both[1].get(path)).status, 200);
        }
        assert.deepEqual([await sockets[0].closed, await byTicket.closed], [4003, 4003]);
        assert.equal(sockets[1].ws.readyState, WebSocket.OPEN);
        assert.equal(await socket(stack, '', { authorization: `Bearer ${old}` }).opened, 401);
    } finally {
        fs.renameSync(`${stack.dir}/a.away`, `${stack.dir}/keys/a.hs256`);
        fs.unlinkSync(`${stack.dir}/keys/b.hs256`);
        await reload(stack);
    }
    sockets[1].ws.terminate();
    // A broken folder is refused as a whole: the keys that were loaded stay.
    fs.writeFileSync(`${stack.dir}/keys/short.hs256`, 'short');
    stack.children.get('accounts').kill('SIGHUP');
    await until(() => stack.log('accounts').includes('reload refused'), 'it says so');
    assert.equal((await both[0].get(profile)).status, 200);
    fs.unlinkSync(`${stack.dir}/keys/short.hs256`);
    await reload(stack);
});

test('an unsigned or re-signed copy of an outside token opens nothing', async () => {
    const venue = new Venue('restaurant'), good = outside(venue, 'admin');
    assert.equal((await as(stack, good).get(profile)).status, 200);
    const [, body] = good.split('.'), pem = provider.ES256.publicKey.export({ type: 'spki', format: 'pem' });
    for (const header of [{ alg: 'none', kid: 'out-ES256' }, { alg: 'HS256', kid: 'out-ES256' }, { alg: 'HS256', kid: 'a' }]) {
        const text = `${base64(header)}.${body}`;
        for (const key of [pem, '']) {
            const forged = `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
            refused(await as(stack, forged).get(profile), 'token_invalid', 401);
        }
        refused(await as(stack, `${text}.`).get(profile), 'token_invalid', 401);
    }
});
