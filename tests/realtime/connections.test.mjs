// GET /api/v1/ws/orders/live/status and /connections (SPEC 5.3): counts and lists over all sidecars, and
// that an idle system writes nothing for them.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, makeVenue, restartPostgres, sql, token, until } from './lib/rig.mjs';
import { connect, guestToken, opened, seat } from './lib/entity.mjs';

let one, two;
before(async () => { [one, two] = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all([one.stop(), two.stop()]));

const live = '/api/v1/ws/orders/live';
async function ask(sidecar, what, v, role = 'admin', headers = { authorization: `Bearer ${token(v, role)}` }) {
    const res = await fetch(`http://127.0.0.1:${sidecar.port}${live}/${what}`, { headers });
    return { status: res.status, type: res.headers.get('content-type'), body: await res.json() };
}
const count = async (sidecar, v) => (await ask(sidecar, 'status', v)).body.active_connections;
const list = async (sidecar, v) => (await ask(sidecar, 'connections', v)).body.connections;
const open = (sidecar, v, role = 'admin') => opened(sidecar, live, v, 'connection_established', role);

test('status and connections know both sidecars, whichever is asked', async () => {
    const v = makeVenue(), a = await open(one, v), b = await open(two, v, 'waiter'), c = await opened(two, `/ws/tables/${v.tables[0]}/`, v, 'table_status', 'viewer');
    for (const sidecar of [one, two]) {
        await until(async () => await count(sidecar, v) === 3, 'three');
        const { status, type, body } = await ask(sidecar, 'status', v);
        assert.deepEqual([status, type], [200, 'application/json']);
        assert.deepEqual(Object.keys(body), ['restaurant_id', 'active_connections', 'realtime_service_running', 'total_system_connections']);
        assert.deepEqual([body.restaurant_id, body.realtime_service_running], [v.id, true]);
        assert.ok(body.total_system_connections >= 3);
        const all = await list(sidecar, v);
        assert.deepEqual(Object.keys(all[0]), ['id', 'account', 'role', 'protocol', 'connected_at', 'last_seen', 'address', 'sidecar', 'queued']);
        assert.deepEqual(all.map((x) => [x.account, x.role, x.protocol, x.address]).sort(), [['admin', 'admin', 'orders', '127.0.0.1'],
            ['viewer', 'viewer', 'entity', '127.0.0.1'], ['waiter', 'waiter', 'orders', '127.0.0.1']]);
        assert.equal(new Set(all.map((x) => x.id)).size, 3);
        assert.equal(new Set(all.map((x) => x.sidecar)).size, 2);
    }
    await b.close();
    for (const sidecar of [one, two]) await until(async () => await count(sidecar, v) === 2, 'one less');
    await Promise.all([a, c].map((x) => x.close()));
    await until(async () => await count(one, v) === 0, 'nobody');
    assert.deepEqual(await list(one, v), []);
});

test('only the caller\'s own restaurant is listed; the system\'s count holds all', async () => {
    const mine = makeVenue(), theirs = makeVenue(), a = await open(one, mine), b = await open(one, theirs);
    await until(async () => await count(two, mine) === 1 && await count(two, theirs) === 1, 'both');
    assert.deepEqual((await list(two, mine)).map((x) => x.account), ['admin']);
    assert.ok((await ask(two, 'status', mine)).body.total_system_connections >= 2);
    await a.close();
    await b.close();
});

test('who may: status who reads orders, the list who reads the audit; no guest, no stranger', async () => {
    const v = makeVenue(), c = await open(one, v);
    const guest = { authorization: `Bearer ${guestToken(v, { session: seat(v) })}` };
    const statuses = async (what) => Promise.all(['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer'].map(async (r) => (await ask(one, what, v, r)).status));
    assert.deepEqual(await statuses('status'), [200, 200, 200, 200, 200, 403]);
    assert.deepEqual(await statuses('connections'), [200, 200, 403, 403, 403, 403]);
    for (const what of ['status', 'connections']) {
        const refused = await ask(one, what, v, 'guest', guest);
        assert.deepEqual([refused.status, refused.body.code, refused.type], [403, 'forbidden', 'application/problem+json']);
        assert.equal((await ask(one, what, v, 'admin', {})).status, 401);
    }
    const cookie = { cookie: `maitred_token=${token(v, 'admin')}` };
    assert.equal((await ask(one, 'status', v, 'admin', cookie)).status, 200, 'the login page\'s cookie');
    const post = await fetch(`http://127.0.0.1:${one.port}${live}/status`, { method: 'POST' });
    assert.equal(post.status, 405);
    await c.close();
});

test('a guest is listed as such', async () => {
    const v = makeVenue(), session = seat(v);
    const c = await opened(one, `/ws/tables/sessions/${session}/`, v, 'session_status', 'guest', guestToken(v, { session }));
    await until(async () => await count(two, v) === 1, 'the guest');
    assert.deepEqual((await list(two, v)).map((x) => [x.account, x.role]), [['guest', 'guest']]);
    await c.close();
});

test('an idle system writes nothing: no row changes but when somebody asks', async () => {
    const v = makeVenue(), a = await open(one, v), b = await open(two, v);
    await until(async () => await count(one, v) === 2, 'both');
    const rows = () => sql(`select string_agg(xmin::text || ' ' || last_seen, ',' order by sidecar) from maitred.connection_lease where venue = ${v.id}`);
    const before = rows();
    for (let i = 0; i < 20; i++) for (const c of [a, b]) await c.ask('ping', (m) => m === 'pong');
    assert.equal(rows(), before, 'messages are not written down');
    await list(one, v);
    assert.notEqual(rows(), before);
    await a.close();
    await b.close();
});

test('what was seen last: at once of the sidecar that is asked, of the other one when asked again', async () => {
    const v = makeVenue(), b = await open(two, v);
    await until(async () => await count(one, v) === 1, 'it');
    sql(`update maitred.connection_lease set last_seen = '2000-01-01' where venue = ${v.id}`); // as after a long time
    await until(async () => !(await list(one, v))[0].last_seen.startsWith('2000'), 'the other sidecar has written');
    sql(`update maitred.connection_lease set last_seen = '2000-01-01' where venue = ${v.id}`);
    assert.ok(!(await list(two, v))[0].last_seen.startsWith('2000'), 'its own it knows');
    await b.close();
});

test('the connections of a killed sidecar do not count, and whoever joins removes them', async () => {
    const v = makeVenue(), third = await new Sidecar().start();
    for (let i = 0; i < 3; i++) await open(third, v);
    await until(async () => await count(one, v) === 3, 'three');
    await third.kill();
    await until(async () => await count(one, v) === 0, 'they are gone with it');
    assert.deepEqual(await list(two, v), []);
    const fourth = await new Sidecar().start();
    await until(() => sql(`select count(*) from maitred.connection_lease where venue = ${v.id}`) === '0', 'the rows too');
    await fourth.stop();
});

test('many at once are few statements', async () => {
    const v = makeVenue();
    await (await open(one, v)).close();
    const calls = () => Number(sql("select coalesce(sum(calls), 0) from pg_stat_statements where query like '%lease_write(%' and toplevel"));
    const before = calls();
    const clients = await Promise.all(Array.from({ length: 60 }, (_, i) => connect(one, live, v, ['admin', 'waiter', 'manager'][i % 3]).opened));
    await until(async () => await count(two, v) === 60, 'all of them');
    assert.ok(calls() - before < 30, `${calls() - before} statements`);
    await Promise.all(clients.map((c) => c.close()));
    await until(async () => await count(two, v) === 0, 'none');
});

test('after a restart of the database the count is right again; while it is away the answer is 503', async () => {
    const v = makeVenue(), a = await open(one, v), b = await open(two, v);
    await until(async () => await count(one, v) === 2, 'both');
    const statuses = new Set();
    const restarting = restartPostgres('immediate');
    await Promise.all([restarting, until(async () => { statuses.add((await ask(one, 'status', v)).status); return statuses.has(503); }, '503')]);
    await until(async () => (await ask(one, 'status', v)).status === 200 && await count(one, v) === 2, 'both again');
    assert.deepEqual([...statuses].filter((s) => s !== 200), [503]);
    await a.close();
    await b.close();
});
