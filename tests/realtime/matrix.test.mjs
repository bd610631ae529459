// Who may hear and do what: every channel and every path x every role and guest, on every transport and
// by every way a token can come; and no venue's words ever reach another. The paths are read from the
// sidecar's own table, the rights from docs/ws.md and docs/permissions.md.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createHmac } from 'node:crypto';
import WebSocket from 'ws';
import { everyone, grant } from '../lib/permissions.mjs';
import { Sidecar, addOrder, addReservation, head, makeVenue, seqOf, setTable, sql, token, top, until } from './lib/rig.mjs';
import { connect, dish, guestToken, orderOf, seat } from './lib/entity.mjs';
import { Source, get, urlOf } from './lib/listen.mjs';

let sidecar;
const venues = {};
before(async () => {
    sidecar = await new Sidecar().start();
    for (const kind of ['restaurant', 'hotel']) venues[kind] = [furnished(kind, 'own'), furnished(kind, 'other')];
    await until(async () => {
        for (const v of Object.values(venues).flat()) {
            const answer = await get(sidecar, v, '/poll', { channels: v.kind === 'hotel' ? 'hotel_rooms' : 'restaurant_tables' });
            if (seqOf((await answer.json()).cursor) < head(v)) return false;
        }
        return true;
    }, 'all venues are known');
});
after(() => sidecar.stop());

// A word that is in everything a venue has, and nowhere else.
const canary = (v) => `Canary${v.id}Bird`;
function furnished(kind, what) {
    const v = makeVenue(kind);
    v.what = what;
    v.reservation = addReservation(v, { name: canary(v), email: `${canary(v)}@example.org` });
    dish(v);
    if (kind === 'hotel') return v;
    v.session = seat(v);
    v.order = orderOf(v, v.session);
    return v;
}

// Everything of the venue moves, and says the word.
function stir(v) {
    const word = canary(v);
    sql(`update maitred.reservation set special_requests = '${word} ' || coalesce(version, 0) where venue = ${v.id};
        update maitred.dining_table set status_note = '${word} ' || version where venue = ${v.id};
        update maitred.menu_item set description = '${word} ' || clock_timestamp() where venue = ${v.id};
        update maitred.room set note = '${word} ' || version where venue = ${v.id};
        update maitred.customer_order set notes = '${word} ' || version, customer_name = '${word}' where venue = ${v.id};
        insert into maitred.notification (venue, kind, text) values (${v.id}, 'alert', '${word}')`);
}

// ------------------------------------------------------------------ the tables

const rights = new Map(); // channel -> capability
for (const line of fs.readFileSync(`${top}/docs/ws.md`, 'utf8').split('\n')) {
    const [, names, , right] = /^\| (`[a-z_:`, A-Z]+) \| (.*) \| ([a-z_., ]+) \|$/.exec(line) ?? [];
    if (!names) continue;
    const all = right.split(', ');
    names.split(', ').forEach((name, i) => rights.set(name.replaceAll('`', ''), all[i] ?? all[0]));
}
const named = (name, v) => name.replace(/^floor:N$/, 'floor:1').replace(/^table:ID$/, `table:${v.tables[0]}`).replace(/^order:ID$/, `order:${v.order ?? 1}`);
const hotelOnly = (name) => name.startsWith('hotel_');

const paths = [...fs.readFileSync(`${top}/realtime/endpoints.c`, 'utf8').matchAll(/\{"GET", "([^"]+)", CAP_([A-Z_]+),\s+&(\w+)_proto,\s+&way_(\w+)/g)]
    .map(([, path, cap, , way]) => ({ path, way, capability: cap.toLowerCase().replace('_', '.') }));
const idOf = { '/ws/orders': 'order', '/ws/tables/sessions': 'session', '/ws/tables': (v) => v.tables[0], '/ws/waiters': (v) => v.accounts.waiter };
function pathOf(row, v) {
    const before = row.path.split('/{id}')[0], id = idOf[before] ?? 'id';
    return row.path.replace('{id}', typeof id === 'function' ? id(v) : v[id] ?? v.id) + (row.way === 'websocket' ? '' : `?channels=${v.kind}_${v.kind === 'hotel' ? 'rooms' : 'tables'}`);
}
const venueOf = (path, i = 0) => venues[path.includes('/hotels/') ? 'hotel' : 'restaurant'][i];
const tokenOf = (v, role) => (role === 'guest' ? guestToken(v, { order: v.order ?? 1 }) : token(v, role));

test('the tables are whole', () => {
    assert.equal(rights.size, 17);
    for (const capability of rights.values()) grant('admin', capability);
    assert.ok(paths.length >= 13, JSON.stringify(paths));
});

// ------------------------------------------------------------------ channels

test('each channel x each role: the same answer by WebSocket, event stream and poll', async () => {
    const problems = [];
    for (const [v] of Object.values(venues))
        for (const role of everyone) {
            const bearer = tokenOf(v, role), wanted = [...rights.keys()].map((name) => named(name, v));
            const c = connect(sidecar, '/ws', v, role, bearer);
            await c.opened;
            const granted = new Set((await c.subscribe(...wanted)).channels);
            await c.close();
            for (const [name, capability] of rights) {
                const channel = named(name, v), may = grant(role, capability);
                const fits = v.kind === 'hotel' ? hotelOnly(name) : !hotelOnly(name);
                const want = fits && Boolean(may) && (may !== 'own' || name === 'order:ID');
                if (granted.has(channel) !== want) problems.push(`${role} ${channel} by /ws`);
                for (const path of ['/events', '/poll']) {
                    const answer = await get(sidecar, v, path, { channels: channel }, {}, bearer);
                    if (answer.status !== (want ? 200 : 403)) problems.push(`${role} ${channel} by ${path}: ${answer.status}`);
                    await answer.body.cancel();
                }
            }
        }
    assert.deepEqual(problems, []);
});

// ------------------------------------------------------------------ paths

// The status of an attempt, whichever way its row is served.
async function attempt(row, target, { headers = {}, protocols = [] } = {}) {
    if (row.way !== 'websocket') {
        const answer = await fetch(`http://127.0.0.1:${sidecar.port}${target}`, { headers });
        await answer.body.cancel();
        return answer.status;
    }
    const ws = new WebSocket(`ws://127.0.0.1:${sidecar.port}${target}`, protocols, { headers });
    return new Promise((done) => {
        ws.on('open', () => { ws.terminate(); done(200); });
        ws.on('unexpected-response', (request, response) => { request.destroy(); done(response.statusCode); });
        ws.on('error', () => {});
    });
}
const joined = (target, name, value) => `${target}${target.includes('?') ? '&' : '?'}${name}=${value}`;
const carriers = {
    header: (target, jwt) => [target, { headers: { authorization: `Bearer ${jwt}` } }],
    query: (target, jwt) => [joined(target, 'token', jwt)],
    cookie: (target, jwt) => [target, { headers: { cookie: `maitred_token=${jwt}`, origin: `http://127.0.0.1:${sidecar.port}` } }],
    subprotocol: (target, jwt) => [target, { protocols: ['bearer', jwt] }],
};
const ways = (row) => Object.entries(carriers).filter(([name]) => row.way === 'websocket' || name !== 'subprotocol');

// The guest of an order: that order, but no session, and no live orders, which are for staff.
const guests = (path) => (path.includes('/live') ? 403 : path.startsWith('/ws/orders/') ? 200 : 404);

test('each path x each role, by header, query, subprotocol and cookie', async () => {
    const problems = [];
    for (const row of paths)
        for (const role of everyone) {
            const v = venueOf(row.path), target = pathOf(row, v), may = grant(role, row.capability);
            if (role === 'guest' && row.way !== 'websocket') continue; // by channel, above
            for (const [name, carry] of ways(row)) {
                const status = await attempt(row, ...carry(target, tokenOf(v, role)));
                if (status !== (may === 'own' ? guests(row.path) : may ? 200 : 403)) problems.push(`${role} ${target} by ${name}: ${status}`);
            }
        }
    assert.deepEqual(problems, []);
});

test('no token, an expired, a revoked, a forged one, one of nobody: 401 on each path, by each way', async () => {
    const problems = [], now = Math.floor(Date.now() / 1000);
    const [v] = venues.restaurant, jti = `revoked-${v.id}`;
    sql(`insert into maitred.revoked_token (venue, account_id, jti, expires_at)
        values (${v.id}, ${v.accounts.admin}, '${jti}', clock_timestamp() + interval '1 hour')`);
    const [head64, body64] = token(v).split('.');
    const bad = {
        none: '', rubbish: 'a.b.c', expired: token(v, 'admin', { iat: now - 100, exp: now - 1 }), revoked: token(v, 'admin', { jti }),
        forged: `${head64}.${body64}.${createHmac('sha256', 'another key').update(`${head64}.${body64}`).digest('base64url')}`,
        unsigned: `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body64}.`,
        audience: token(v, 'admin', { aud: 'elsewhere' }), 'ticket that never was': 'mt_0000000000000000000000000000000000000000000',
    };
    const known = { way: 'websocket' };
    await until(async () => await attempt(known, ...carriers.header('/ws', bad.revoked)) === 401, 'the revocation is known');
    for (const row of paths)
        for (const [kind, jwt] of Object.entries(bad))
            for (const [name, carry] of ways(row)) {
                const target = pathOf(row, v);
                const status = await attempt(row, ...(jwt ? carry(target, jwt) : [target]));
                if (status !== 401) problems.push(`${kind} ${target} by ${name}: ${status}`);
            }
    assert.deepEqual(problems, []);
});

test('the neighbour with this venue\'s ids is told that there is nothing, on each path', async () => {
    const problems = [];
    for (const row of paths.filter(({ path }) => path.includes('{id}'))) {
        const target = pathOf(row, venueOf(row.path)), other = venueOf(row.path, 1);
        for (const role of ['admin', 'manager']) {
            const c = connect(sidecar, target, other, role);
            const end = await c.opened.then(() => c.closed, (e) => Number(/ (\d{3})$/.exec(e.message)[1]));
            if (![404, 4404].includes(end)) problems.push(`${role} ${target}: ${end}`);
            if (c.got.some((m) => !['error', 'connection'].includes(m.type))) problems.push(`${role} ${target} got ${JSON.stringify(c.got)}`);
        }
    }
    assert.deepEqual(problems, []);
});

// ------------------------------------------------------------------ canaries

test('nobody hears a word of another venue, whatever is listened to and however', async () => {
    const listeners = [];
    for (const [kind, pair] of Object.entries(venues))
        for (const v of pair)
            for (const role of everyone.filter((r) => r !== 'guest')) {
                const mine = [...rights].filter(([name, capability]) => grant(role, capability) && (kind === 'hotel') === hotelOnly(name)).map(([name]) => named(name, v));
                if (!mine.length) continue;
                const c = connect(sidecar, '/ws', v, role);
                await c.opened;
                await c.subscribe(...mine, ...[...rights.keys()].map((name) => named(name, pair.find((o) => o !== v)))); // and what it may not have
                const s = new Source(() => urlOf(sidecar, '/events', { channels: mine.join() }), token(v, role));
                await s.wait('subscribed');
                const first = await (await get(sidecar, v, '/poll', { channels: mine.join() }, {}, token(v, role))).json();
                listeners.push({ v, role, mine, c, s, since: first.cursor, polled: first.events });
            }
    const sockets = [];
    for (const row of paths.filter((r) => r.path.includes('{id}') || /orders.live|dashboard/.test(r.path)))
        for (const i of [0, 1]) {
            const v = venueOf(row.path, i), c = connect(sidecar, pathOf(row, v), v);
            await c.opened;
            sockets.push({ v, c });
        }
    for (const v of Object.values(venues).flat()) stir(v);
    for (const l of listeners) {
        await l.c.reached(head(l.v));
        while (seqOf(l.since) < head(l.v)) {
            const answer = await (await get(sidecar, l.v, '/poll', { channels: l.mine.join(), since: l.since, timeout: 1 }, {}, token(l.v, l.role))).json();
            l.polled.push(...answer.events);
            l.since = answer.cursor;
        }
        const last = l.polled.findLast((m) => !/_update$/.test(m.type) || m.type === 'table_update');
        if (last) await l.s.wait((m) => m.cursor === last.cursor);
    }
    const received = [...listeners.flatMap((l) => [['/ws', l.v, l.c.got], ['/events', l.v, l.s.got], ['/poll', l.v, l.polled]]),
        ...sockets.map(({ v, c }) => [c.ws.url, v, c.got])];
    for (const [where, v, got] of received) {
        const words = new Set(JSON.stringify(got).match(/Canary\d+Bird/g) ?? []);
        words.delete(canary(v));
        assert.deepEqual([...words], [], `${where} of venue ${v.id}`);
    }
    // The word does come through where it may, else this would prove nothing.
    for (const way of ['/ws', '/events', '/poll'])
        for (const v of venues.restaurant)
            assert.ok(received.some(([where, of, got]) => where === way && of === v && JSON.stringify(got).includes(canary(v))), `${way} ${v.id}`);
    for (const l of listeners) { l.s.close(); await l.c.close(); }
    for (const { c } of sockets) await c.close();
});
