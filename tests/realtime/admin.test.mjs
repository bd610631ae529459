// /admin/ws/dashboard (SPEC 5.2, seed 000): snapshot, updates, actions and refusals, the cap over two
// sidecars, idle close.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Client, Sidecar, makeVenue, rows, setTable, sql, token, until } from './lib/rig.mjs';

let one, two, venue;
before(async () => { [one, two] = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all([one.stop(), two.stop()]));

function dashboard(sidecar, venue, role = 'admin', bearer = token(venue, role)) {
    return new Client(new URL(`ws://127.0.0.1:${sidecar.port}/admin/ws/dashboard`), bearer);
}
async function opened(sidecar, venue, role = 'admin', bearer = undefined) {
    const c = dashboard(sidecar, venue, role, bearer);
    await c.opened;
    await c.wait('tables_snapshot');
    return c;
}
const update = (table, more = {}) => (m) => m.type === 'table_update' && m.table.id === table &&
    Object.entries(more).every(([key, value]) => m.table[key] === value);
const act = (c, action, more) => c.ask({ action, ...more }, (m) => m.type === 'error' || m.type === 'table_update');
const codeOf = async (c, message) => (await c.ask(message, 'error')).code;
const leases = (v) => Number(sql(`select count(*) from maitred.connection_lease where kind = 'admin' and venue = ${v.id}`));

test('the snapshot holds every table in this socket\'s words', async () => {
    const v = makeVenue();
    setTable(v, 'occupied');
    setTable(v, 'reserved', 1);
    const c = await opened(one, v);
    const [first, second] = c.find('tables_snapshot').tables;
    assert.deepEqual(Object.keys(first), ['id', 'number', 'status', 'session']);
    assert.equal(first.status, 'occupied');
    assert.match(first.session.last_active, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(second, { id: v.tables[1], number: 2, status: 'free', reserved: true, session: null });
    setTable(v, 'maintenance', 1);
    await c.wait(update(v.tables[1], { status: 'disabled' }));
    await c.close();
});

test('the snapshot says what GET /admin/api/tables says', async () => {
    const v = makeVenue();
    setTable(v, 'occupied');
    const c = await opened(one, v);
    const answer = JSON.parse(sql(`select (api.tables_admin_list((${v.id}, ${v.accounts.admin}, 'admin', 'admin', null, null, false)::api.caller)).body`));
    assert.deepEqual(c.find('tables_snapshot').tables, answer.tables);
    await c.close();
});

test('close, restore, disable, enable, move: the update is the answer, to every admin alike', async () => {
    const v = makeVenue(), [t1, t2] = v.tables;
    setTable(v, 'occupied');
    const actor = await opened(one, v), other = await opened(two, v);
    const both = async (table, more) => (await Promise.all([actor, other].map((c) => c.wait(update(table, more)))))[0];
    const session = actor.find('tables_snapshot').tables[0].session.id;
    actor.send({ action: 'close_table', table_id: t1 });
    assert.equal((await both(t1, { status: 'free' })).table.session, null);
    actor.send({ action: 'restore_table', table_id: t1 });
    assert.equal((await both(t1, { status: 'occupied' })).table.session.id, session);
    const from = [actor.got.length, other.got.length];
    actor.send({ action: 'move_table', from: t1, to: t2 });
    for (const [i, c] of [actor, other].entries()) {
        await c.wait(update(t2, { status: 'occupied' }), from[i]);
        const moved = c.got.slice(from[i]).filter((m) => m.type === 'table_update');
        assert.deepEqual(moved.map((m) => [m.table.id, m.table.status]), [[t1, 'free'], [t2, 'occupied']]);
        assert.equal(moved[1].table.session.id, session);
    }
    actor.send({ action: 'disable_table', table_id: t1 });
    await both(t1, { status: 'disabled' });
    sql(`delete from maitred.rate_window where venue = ${v.id}`); // that was five in a second
    actor.send({ action: 'enable_table', table_id: t1 });
    await other.wait(update(t1, { status: 'free' }), other.got.findIndex(update(t1, { status: 'disabled' })));
    assert.equal(actor.find('error'), undefined);
    await actor.close();
    await other.close();
});

test('what can not be done is an error with its code, and nothing changes', async () => {
    const v = makeVenue(), other = makeVenue(), [t1, t2] = v.tables;
    const c = await opened(one, v);
    const refused = [
        [{ action: 'close_table', table_id: t1 }, 'no_active_session'],
        [{ action: 'enable_table', table_id: t1 }, 'not_disabled'],
        [{ action: 'restore_table', table_id: t1 }, 'no_session_to_restore'],
        [{ action: 'move_table', from: t1, to: t1 }, 'same_table'],
        [{ action: 'move_table', from: t1, to: t2 }, 'no_session_to_move'],
        [{ action: 'move_table', from_table_id: t1, to_table_id: other.tables[0] }, 'table_not_found'],
        [{ action: 'close_table', table_id: other.tables[0] }, 'table_not_found'],
        [{ action: 'close_table' }, 'missing_field'],
        [{ action: 'close_table', table_id: 'twelve' }, 'invalid_field'],
        [{ action: 'close_table', table_id: t1, colour: 'red' }, 'invalid_field'],
        [{ table_id: t1 }, 'missing_field'],
        [{ action: 'dance' }, 'unknown_action'],
        [[1], 'invalid_json'],
        ['{"action":', 'invalid_json'],
    ];
    for (const [message, code] of refused) assert.equal(await codeOf(c, message), code, JSON.stringify(message));
    const named = await c.ask({ action: 'close_table', table_id: -1, requestId: 'r1' }, 'error');
    assert.equal(named.errors[0].field, 'table_id');
    assert.match(named.detail, /^table_id /);
    assert.equal(named.requestId, 'r1');
    setTable(v, 'maintenance');
    await c.wait(update(t1, { status: 'disabled' }));
    assert.equal(await codeOf(c, { action: 'disable_table', table_id: t1 }), 'already_disabled');
    setTable(v, 'occupied', 1);
    await c.wait(update(t2, { status: 'occupied' }));
    assert.equal(await codeOf(c, { action: 'disable_table', table_id: t2 }), 'table_occupied');
    assert.equal(await codeOf(c, { action: 'restore_table', table_id: t2 }), 'table_occupied');
    assert.equal(await codeOf(c, { action: 'move_table', from: t2, to: t1 }), 'target_unavailable');
    assert.equal(sql(`select status from maitred.dining_table where id = ${other.tables[0]}`), 'available');
    await c.close();
});

test('the sixth update in a second is refused, as everywhere', async () => {
    const v = makeVenue(), c = await opened(one, v);
    setTable(v, 'occupied');
    for (let i = 0; i < 6; i++) c.send({ action: i % 2 ? 'restore_table' : 'close_table', table_id: v.tables[0] });
    const error = await c.wait('error');
    assert.equal(error.code, 'rate_limited');
    assert.equal(error.detail, 'Too many requests. Please slow down.');
    await c.close();
});

test('ping in three spellings', async () => {
    const v = makeVenue(), c = await opened(one, v);
    await c.ask('ping', (m) => m === 'pong');
    await c.ask('"ping"', (m) => m === 'pong');
    assert.match((await c.ask({ action: 'ping' }, 'pong')).cursor, new RegExp(`^[0-9a-f]{8}v${v.id}-\\d+$`));
    await c.close();
});

test('who may not: 403 for other roles, 401 without a good token', async () => {
    const v = makeVenue();
    for (const role of ['waiter', 'kitchen', 'frontdesk', 'viewer'])
        await assert.rejects(dashboard(one, v, role).opened, / 403$/, role);
    await (await opened(one, v, 'manager')).close();
    await assert.rejects(dashboard(one, v, 'admin', token(v, 'admin', { exp: 1 })).opened, / 401$/);
    await assert.rejects(dashboard(one, v, 'admin', 'no.token.atall').opened, / 401$/);
});

test('a table of another venue never shows', async () => {
    const mine = makeVenue(), theirs = makeVenue(), c = await opened(one, mine), d = await opened(one, theirs);
    setTable(theirs, 'occupied');
    await d.wait(update(theirs.tables[0]));
    setTable(mine, 'occupied');
    await c.wait(update(mine.tables[0]));
    assert.ok(c.got.every((m) => !JSON.stringify(m).includes(`"id":${theirs.tables[0]},`)));
    await c.close();
    await d.close();
});

test('new and deleted tables show, a bulk change is a snapshot again', async () => {
    const v = makeVenue(), c = await opened(one, v);
    const made = Number(sql(`insert into maitred.dining_table (venue, number, label, capacity) values (${v.id}, 9, 'T-09', 4) returning id`));
    await c.wait(update(made, { status: 'free' }));
    sql(`update maitred.dining_table set active = false where venue = ${v.id} and id = ${made}`);
    assert.ok((await c.wait((m) => m.deleted)).table.id === made);
    const from = c.got.length;
    sql(`insert into maitred.dining_table (venue, number, label, capacity) select ${v.id}, n, 'B-' || n, 2 from generate_series(100, 800) n`);
    assert.equal((await c.wait('tables_snapshot', from)).tables.length, 2 + 701);
    await c.close();
});

test('five a restaurant over all sidecars; the sixth: an error, then 4008; a place comes free', async () => {
    const v = makeVenue(), own = makeVenue();
    const five = [];
    for (let i = 0; i < 5; i++) five.push(await opened(i % 2 ? one : two, v));
    for (const sidecar of [one, two]) {
        const sixth = dashboard(sidecar, v);
        assert.equal(await sixth.closed, 4008);
        assert.deepEqual(sixth.got.map((m) => [m.type, m.code]), [['error', 'too_many_connections']]);
    }
    await (await opened(one, own)).close();
    await five[0].close();
    await until(() => leases(v) === 4, 'the place is free');
    five[0] = await opened(one, v);
    assert.equal(leases(v), 5);
    await Promise.all(five.map((c) => c.close()));
    await until(() => leases(v) === 0, 'no lease is left');
});

test('the places of a killed sidecar are free', async () => {
    const v = makeVenue(), third = await new Sidecar().start();
    for (let i = 0; i < 5; i++) await opened(third, v);
    assert.equal(await dashboard(one, v).closed, 4008);
    await third.kill();
    // The server notices the dead connection by itself; until then the lock stands.
    const c = await until(async () => {
        const d = dashboard(one, v);
        await d.opened;
        await until(() => d.find('tables_snapshot') || d.code, 'answer');
        return d.code ? null : d;
    }, 'a place');
    assert.equal(leases(v), 1);
    await c.close();
});

test('leases that were lost with the feed connection are written anew', async () => {
    const v = makeVenue(), c = await opened(one, v);
    sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'maitred-feed';
        delete from maitred.connection_lease where venue = ${v.id}`);
    await until(() => leases(v) === 1, 'the lease is back');
    setTable(v, 'occupied');
    await c.wait(update(v.tables[0], { status: 'occupied' }));
    await c.close();
});

test('without an action for a while: 1001; a ping does not count', async () => {
    const short = await new Sidecar({ admin_idle_s: 1 }).start(), v = makeVenue();
    const c = await opened(short, v), busy = await opened(short, v);
    const beat = setInterval(() => {
        if (c.ws.readyState === 1) c.send('ping');
        if (busy.ws.readyState === 1) busy.send({ action: 'close_table', table_id: v.tables[0] });
    }, 100);
    assert.equal(await c.closed, 1001);
    assert.equal(busy.code, undefined);
    clearInterval(beat);
    await busy.close();
    await short.stop();
});

test('a revoked token closes it with 4003', async () => {
    const v = makeVenue(), bearer = token(v, 'admin'), c = await opened(one, v, 'admin', bearer);
    const { jti } = JSON.parse(Buffer.from(bearer.split('.')[1], 'base64url'));
    sql(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
        values ('${jti}', ${v.id}, ${v.accounts.admin}, now() + interval '1 hour')`);
    assert.equal(await c.closed, 4003);
});
