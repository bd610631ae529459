// front.test.mjs - the door of the real sidecar: tokens by every way, refusals before the upgrade, limits,
// the status pages, SIGHUP, and what a stopped database means to those who come.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import WebSocket from 'ws';
import { Sidecar, addOrder, makeVenue, psql, setTable, sql, token, until } from './lib/rig.mjs';

let sidecar, venue;
before(async () => {
    sidecar = await new Sidecar({ max_per_account: 3 }).start();
    venue = makeVenue();
    const c = sidecar.client(venue); // the venue was founded a moment ago: wait until it is known
    await c.opened;
    await c.close();
});
after(() => sidecar.stop());

const http = (path) => `http://127.0.0.1:${sidecar.port}${path}`;

// What an attempt to open ends in: { ws } or { status, headers, problem }.
async function attempt({ query = '', protocols = [], headers = {} } = {}) {
    const ws = new WebSocket(`ws://127.0.0.1:${sidecar.port}/ws${query}`, protocols, { headers });
    return new Promise((done) => {
        ws.on('open', () => done({ ws }));
        ws.on('error', () => {});
        ws.on('unexpected-response', (_, res) => {
            let text = '';
            res.on('data', (d) => { text += d; });
            res.on('end', () => done({ status: res.statusCode, headers: res.headers, problem: JSON.parse(text) }));
        });
    });
}
async function leave(ws) {
    ws.close();
    await once(ws, 'close');
}
const makeKey = (account) => {
    const key = `mk_${randomBytes(32).toString('base64url')}`;
    const hash = createHash('sha256').update(key).digest('hex');
    sql(`insert into maitred.api_key (venue, account_id, hash, label) values (${venue.id}, ${account}, '${hash}', 'test')`);
    return key;
};

test('a token comes by header, query, subprotocol or cookie', async () => {
    const jwt = token(venue);
    const ways = {
        header: { headers: { Authorization: `Bearer ${jwt}` } },
        query: { query: `?token=${jwt}` },
        subprotocol: { protocols: ['bearer', jwt] },
        cookie: { headers: { Cookie: `x=1; maitred_token=${jwt}`, Origin: `http://127.0.0.1:${sidecar.port}` } },
        key: { query: `?token=${makeKey(venue.accounts.manager)}` },
    };
    for (const [name, how] of Object.entries(ways)) {
        const { ws, status } = await attempt(how);
        assert.ok(ws, `${name}: ${status}`);
        assert.equal(ws.protocol, name === 'subprotocol' ? 'bearer' : '');
        ws.send('ping');
        assert.equal(String((await once(ws, 'message'))[0]), 'pong');
        await leave(ws);
    }
});

test('bad tokens are a 401 with a problem body before the upgrade', async () => {
    const now = Math.floor(Date.now() / 1000);
    const bad = {
        unauthenticated: {},
        token_invalid: { query: '?token=rubbish' },
        token_expired: { query: `?token=${token(venue, 'admin', { iat: now - 100, exp: now - 1 })}` },
    };
    for (const [code, how] of Object.entries(bad)) {
        const { status, headers, problem } = await attempt(how);
        assert.equal(status, 401, code);
        assert.equal(problem.code, code);
        assert.equal(headers['www-authenticate'], 'Bearer');
        assert.ok(headers['x-request-id']);
    }
    const { status, problem } = await attempt({ query: `?token=mk_${randomBytes(32).toString('base64url')}` });
    assert.equal(status, 401);
    assert.equal(problem.code, 'token_invalid');
});

test('the cookie of another site\'s page is a 403', async () => {
    const { status, problem } = await attempt({ headers: { Cookie: `maitred_token=${token(venue)}`, Origin: 'https://evil.example' } });
    assert.equal(status, 403);
    assert.equal(problem.code, 'origin_refused');
});

test('one connection too many is a 429, and its place is free again afterwards', async () => {
    const query = `?token=${token(venue, 'waiter')}`;
    const three = await Promise.all([1, 2, 3].map(() => attempt({ query })));
    const { status, problem } = await attempt({ query });
    assert.equal(status, 429);
    assert.equal(problem.code, 'too_many_connections');
    await leave(three[0].ws);
    const again = await until(async () => (await attempt({ query })).ws, 'a place is free');
    const other = await attempt({ query: `?token=${token(venue, 'kitchen')}` });
    assert.ok(other.ws, 'another account is not concerned');
    await Promise.all([again, other.ws, three[1].ws, three[2].ws].map(leave));
});

test('SIGHUP takes over limits', async () => {
    const config = `${sidecar.dir}/maitred.conf`;
    const text = fs.readFileSync(config, 'utf8');
    const query = `?token=${token(venue, 'viewer')}`;
    fs.writeFileSync(config, text.replace(/max_per_account = \d+/, 'max_per_account = 1'));
    sidecar.child.kill('SIGHUP');
    await until(() => sidecar.log().includes('settings and keys taken over'), 'the settings are taken over');
    const one = await attempt({ query });
    assert.equal((await attempt({ query })).status, 429);
    fs.writeFileSync(config, text);
    sidecar.child.kill('SIGHUP');
    const two = await until(async () => (await attempt({ query })).ws, 'the old limit is back');
    await Promise.all([one.ws, two].map(leave));
});

test('a broadcast reaches deflating and plain clients alike', async () => {
    const clients = [false, true, { serverMaxWindowBits: 9 }].map((perMessageDeflate) => new WebSocket(
        `ws://127.0.0.1:${sidecar.port}/ws?token=${token(venue)}`, { perMessageDeflate }));
    const got = clients.map(() => []);
    clients.forEach((ws, i) => ws.on('message', (d) => got[i].push(String(d))));
    await Promise.all(clients.map((ws) => once(ws, 'open')));
    for (const ws of clients) ws.send('{"action":"subscribe","channels":["restaurant_orders"]}');
    await until(() => got.every((g) => g.some((m) => m.includes('"subscribed"'))), 'all have subscribed');
    const id = addOrder(venue);
    const order = (g) => g.find((m) => m.includes('"order_created"') && JSON.parse(m).order.id === id);
    await until(() => got.every(order), 'all have heard');
    assert.equal(new Set(got.map(order)).size, 1);
    await Promise.all(clients.map(leave));
});

test('healthz, readyz and metrics need no token', async () => {
    assert.equal((await fetch(http('/healthz'))).status, 200);
    const ready = await (await fetch(http('/readyz'))).json();
    assert.deepEqual([ready.ready, ready.reasons], [true, []]);
    const c = sidecar.client(venue, 'manager');
    await c.opened;
    await c.subscribe('restaurant_tables');
    const before = await sidecar.metric('maitred_events_total');
    setTable(venue, 'occupied');
    await c.wait('table_update');
    await until(async () => await sidecar.metric('maitred_connections') === 1, 'those before have gone');
    const res = await fetch(http('/metrics'));
    assert.match(res.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
    const text = await res.text();
    assert.match(text, /^maitred_connections\{protocol="channels"\} 1$/m);
    assert.match(text, /^maitred_room_members\{room="restaurant_tables"\} 1$/m);
    assert.match(text, /^maitred_database_up 1$/m);
    assert.match(text, /^maitred_broadcast_latency_seconds_bucket\{le="\+Inf"\} [1-9]\d*$/m);
    assert.ok(await sidecar.metric('maitred_events_total') > before);
    for (const line of text.trim().split('\n')) // each line is help, type or a sample
        assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"\})? [-+0-9.e]+)$/);
    await c.close();
});

test('clients that leave while the database is asked about their key leave nothing behind', async () => {
    const key = makeKey(venue.accounts.frontdesk);
    const descriptors = () => fs.readdirSync(`/proc/${sidecar.child.pid}/fd`).length;
    const few = descriptors();
    const lock = psql('begin; lock table maitred.api_key in access exclusive mode; select pg_sleep(1); commit;');
    await until(() => sql(`select count(*) from pg_locks where relation = 'maitred.api_key'::regclass
        and mode = 'AccessExclusiveLock' and granted`) === '1', 'the table is locked');
    for (let i = 0; i < 60; i++) {
        const s = net.connect(sidecar.port, '127.0.0.1');
        await once(s, 'connect');
        s.write(`GET /ws?token=${key} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
        await new Promise((r) => setImmediate(r));
        if (i % 2) s.resetAndDestroy(); else s.destroy();
    }
    await lock;
    await until(() => descriptors() <= few, 'all descriptors are free');
    await until(async () => await sidecar.metric('maitred_connections') === 0, 'nobody is left');
});
test('tokens and keys never reach the log', async () => {
    const jwt = token(venue), key = makeKey(venue.accounts.admin);
    for (const how of [{ query: `?token=${jwt}` }, { query: `?token=${key}` }, { protocols: ['bearer', jwt] },
        { query: `?token=${jwt}x` }, { headers: { Authorization: `Bearer ${jwt}y` } }]) {
        const { ws } = await attempt(how);
        if (ws) await leave(ws);
    }
    await fetch(http(`/nowhere?token=${jwt}`));
    const log = sidecar.log();
    for (const secret of [jwt, jwt.split('.')[2], key, key.slice(3)]) assert.ok(!log.includes(secret));
    assert.ok(!log.includes('token='), 'no query strings');
});
