// Long polls (SPEC 5.6): at once when there is something, else when it comes, else empty; and one
// position for every transport and sidecar.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { Sidecar, addOrder, addReservation, head, makeVenue, psql, restartPostgres, rows, seqOf, setTable, sql, token, until } from './lib/rig.mjs';
import { Source, blocks, get, urlOf } from './lib/listen.mjs';

let sidecars;
before(async () => { sidecars = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all(sidecars.map((s) => s.stop())));

async function poll(on, venue, channels, more = {}, bearer = token(venue)) {
    const answer = await get(on, venue, '/poll', { channels, ...more }, {}, bearer);
    return { status: answer.status, ...await answer.json() };
}
// Where the venue stands, when all that its making was has come.
const start = (on, venue, channels) => until(async () => {
    const answer = await poll(on, venue, channels);
    return seqOf(answer.cursor) >= head(venue) && answer;
}, 'all has come');
const polls = (on) => on.metric('maitred_connections', 'poll');
const flicker = (venue, times) => psql(Array.from({ length: times }, (_, i) =>
    `update maitred.dining_table set status_note = 'n${i}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));

test('without a position it answers at once where the venue stands', async () => {
    const [a] = sidecars, venue = makeVenue();
    setTable(venue, 'occupied');
    const first = await start(a, venue, 'restaurant_tables,restaurant_orders');
    assert.deepEqual([first.status, first.events], [200, []]);
});

test('with a position: what came after it, on these channels, in order; then nothing until something comes', async () => {
    const [a, b] = sidecars, venue = makeVenue();
    const first = await start(a, venue, 'restaurant_orders');
    addOrder(venue);
    addReservation(venue); // not its channel
    addOrder(venue);
    const found = [];
    let since = first.cursor;
    while (seqOf(since) < head(venue)) {
        const answer = await poll(b, venue, 'restaurant_orders', { since, timeout: 1 });
        found.push(...answer.events);
        since = answer.cursor;
    }
    assert.deepEqual(found.map((m) => m.type), ['order_created', 'order_created']);
    assert.ok(seqOf(found[0].cursor) < seqOf(found[1].cursor));
    assert.deepEqual(await poll(a, venue, 'restaurant_orders', { since, timeout: 0 }), { status: 200, cursor: since, events: [] });
    const waiting = poll(a, venue, 'restaurant_orders', { since });
    await until(async () => (await polls(a)) === 1, 'it waits');
    addReservation(venue);
    const id = addOrder(venue);
    const got = await waiting;
    assert.deepEqual(got.events.map((m) => [m.type, m.order.id]), [['order_created', id]]);
    assert.equal(seqOf(got.cursor), head(venue));
});

test('a message is the one of /ws', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    const c = a.client(venue);
    await c.opened;
    await c.subscribe('restaurant_tables');
    setTable(venue, 'occupied');
    const answer = await poll(a, venue, 'restaurant_tables', { since: first.cursor });
    assert.deepEqual(answer.events, [await c.wait('table_update')]);
    await c.close();
});

test('the position of a quiet channel moves on at the end of its time', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    addReservation(venue);
    const answer = await until(async () => {
        const x = await poll(a, venue, 'restaurant_tables', { since: first.cursor, timeout: 1 });
        return seqOf(x.cursor) === head(venue) && x;
    }, 'it moves on');
    assert.deepEqual(answer.events, []);
});

test('figures: as they are, then only when they change', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_stats');
    assert.deepEqual(first.events.map((m) => m.type), ['stats_update']);
    assert.deepEqual((await poll(a, venue, 'restaurant_stats', { since: first.cursor, timeout: 1 })).events, []);
    const waiting = poll(a, venue, 'restaurant_stats', { since: first.cursor });
    addReservation(venue);
    const second = await waiting;
    assert.deepEqual(second.events.map((m) => m.type), ['stats_update']);
    assert.notDeepEqual(second.events[0].stats, first.events[0].stats);
    const hotel = makeVenue('hotel'), both = await poll(a, hotel, 'hotel_stats,hotel_rooms');
    assert.deepEqual(both.events.map((m) => m.type).sort(), ['room_availability_update', 'stats_update']);
});

test('one position on every transport: WebSocket, poll, event stream, WebSocket again, on two sidecars', async () => {
    const [a, b] = sidecars, venue = makeVenue(), seqs = [];
    const c = a.client(venue);
    await c.opened;
    await c.subscribe('restaurant_tables');
    await flicker(venue, 10);
    await c.reached(head(venue));
    seqs.push(...c.events.map((m) => seqOf(m.cursor)));
    await c.close();
    await flicker(venue, 10);
    let since = c.cursor;
    while (seqOf(since) < head(venue)) {
        const answer = await poll(b, venue, 'restaurant_tables', { since });
        seqs.push(...answer.events.map((m) => seqOf(m.cursor)));
        since = answer.cursor;
    }
    await flicker(venue, 10);
    const s = new Source(() => urlOf(a, '/events', { channels: 'restaurant_tables', since }), token(venue));
    await s.wait((m) => m.id && seqOf(m.id) === head(venue));
    seqs.push(...s.got.filter((m) => m.event === 'table_update').map((m) => seqOf(m.id)));
    s.close();
    await flicker(venue, 10);
    const again = b.client(venue);
    await again.opened;
    await again.resume(c.session, s.got.at(-1).id);
    await again.reached(head(venue));
    seqs.push(...again.events.map((m) => seqOf(m.cursor)));
    assert.deepEqual(seqs, Array.from({ length: 40 }, (_, i) => seqs[0] + i));
    await again.close();
});

test('a position of another epoch: told, and a snapshot, in one answer', async () => {
    const [a] = sidecars, venue = makeVenue();
    await poll(a, venue, 'restaurant_tables');
    setTable(venue, 'occupied');
    const answer = await poll(a, venue, 'restaurant_tables', { since: `00000000v${venue.id}-1` });
    assert.deepEqual(answer.events.map((m) => m.type), ['resync', 'snapshot']);
    assert.equal(answer.events[1].data.length, 2);
    assert.ok(seqOf(answer.cursor) >= head(venue));
    assert.deepEqual((await poll(a, venue, 'restaurant_tables', { since: answer.cursor, timeout: 0 })).events, []);
});

test('a waiting poll is told of a bulk change', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    const waiting = poll(a, venue, 'restaurant_tables', { since: first.cursor });
    await until(async () => (await polls(a)) > 0, 'it waits');
    sql(`insert into maitred.dining_table (venue, number, label, floor, capacity)
        select ${venue.id}, n, 'B-' || n, 1, 2 from generate_series(100, 700) n`);
    const answer = await waiting;
    assert.deepEqual(answer.events.map((m) => m.type), ['resync', 'snapshot']);
    assert.equal(answer.events[1].data.length, 603);
});

test('16 writers commit, pollers and streams come and go: nobody misses one, nobody gets one twice', async () => {
    const venue = makeVenue();
    const first = await start(sidecars[0], venue, 'restaurant_tables,restaurant_orders');
    let writing = true;
    const ask = async (i) => {
        const seqs = [];
        let since = first.cursor;
        for (let n = i; writing || seqOf(since) < head(venue); n++) {
            const answer = await poll(sidecars[n % 2], venue, 'restaurant_tables,restaurant_orders', { since, timeout: 1 });
            seqs.push(...answer.events.map((m) => seqOf(m.cursor)));
            since = answer.cursor;
        }
        return seqs;
    };
    const hear = async (i) => {
        const seqs = [];
        let since = first.cursor;
        for (let n = i; writing || seqOf(since) < head(venue); n++) {
            const s = new Source(() => urlOf(sidecars[n % 2], '/events', { channels: 'restaurant_tables,restaurant_orders', since }), token(venue));
            await s.wait('subscribed');
            const want = Math.min(seqOf(since) + 40, writing ? Infinity : head(venue));
            await until(() => !writing || s.got.some((m) => m.id && seqOf(m.id) >= want), 'some events');
            await s.wait((m) => !writing && m.id && seqOf(m.id) >= head(venue) || m.id && seqOf(m.id) >= want);
            seqs.push(...s.got.filter((m) => /^(table_update|order_)/.test(m.event)).map((m) => seqOf(m.id)));
            since = s.got.at(-1).id;
            s.close();
        }
        return seqs;
    };
    const listeners = [0, 1, 2, 3].map(ask).concat([0, 1].map(hear));
    const writers = Array.from({ length: 16 }, (_, w) => psql(Array.from({ length: 25 }, (_, i) => i % 5
        ? `update maitred.dining_table set status_note = 'w${w}-${i}' where venue = ${venue.id} and id = ${venue.tables[w % 2]};`
        : `insert into maitred.customer_order (venue, order_number, table_id) values (${venue.id}, 'W${w}-${i}', ${venue.tables[0]});`).join('\n')));
    await Promise.all(writers);
    writing = false;
    const want = rows(`select seq from feed.log where venue = ${venue.id} and seq > ${seqOf(first.cursor)}
        and area in ('tables', 'orders') and type ~ '^(table|order)[.]' order by seq`).map((e) => e.seq);
    assert.equal(want.length, 16 * 25);
    for (const seqs of await Promise.all(listeners)) assert.deepEqual(seqs, want);
});

test('within the ring polls cost the database nothing', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    await flicker(venue, 20);
    await until(async () => seqOf((await poll(a, venue, 'restaurant_tables')).cursor) === head(venue), 'all have come');
    await poll(a, venue, 'restaurant_tables', { since: first.cursor });
    // But for what goes by the sidecars' own clocks, however long this takes.
    const calls = () => Number(sql(`select sum(calls) from pg_stat_statements where toplevel and userid = 'maitred_realtime'::regrole
        and query !~ 'pg_stat|feed_heads|feed_probe|feed_maintenance|lease|due_'`));
    const before = calls();
    const answers = await Promise.all(Array.from({ length: 200 }, () => poll(a, venue, 'restaurant_tables', { since: first.cursor })));
    for (const answer of answers) assert.equal(answer.events.length, 20);
    assert.ok(calls() - before < 10, `${calls() - before} queries`); // of 200 polls
});

// A connection by hand: what is written, and each answer's head and body.
function wire(port) {
    const socket = net.connect(port, '127.0.0.1');
    let got = '', closed = false;
    socket.on('data', (data) => { got += data; });
    socket.on('close', () => { closed = true; });
    socket.on('error', () => {});
    return {
        socket,
        write: (text) => socket.write(text),
        closed: () => closed,
        async answer() {
            let head;
            await until(() => (head = /^(.*?)\r\n\r\n/s.exec(got)) && got.length >= head[0].length + Number(/content-length: (\d+)/i.exec(head[1])[1]), () => `an answer in ${got}`);
            const length = Number(/content-length: (\d+)/i.exec(head[1])[1]), body = got.slice(head[0].length, head[0].length + length);
            got = got.slice(head[0].length + length);
            return { status: Number(head[1].split(' ')[1]), id: /x-request-id: (\S+)/i.exec(head[1])?.[1], head: head[1], body: body && JSON.parse(body) };
        },
    };
}
const bearers = new Map(); // the same to the letter each time, as clients send it
const bearerOf = (venue) => bearers.get(venue.id) ?? bearers.set(venue.id, token(venue, 'admin', { jti: `wire-${venue.id}` })).get(venue.id);
const question = (venue, since, more = '', version = '1.1') => `GET /poll?channels=restaurant_tables&since=${since}&timeout=60 HTTP/${version}\r\n` +
    `Host: h\r\nAuthorization: Bearer ${bearerOf(venue)}\r\n${more}\r\n`;

test('the same question again, from where the last answer stood, goes on; any other is read anew', async () => {
    const [a] = sidecars, venue = makeVenue(), { cursor } = await start(a, venue, 'restaurant_tables'), w = wire(a.port);
    const told = [];
    let since = cursor, id;
    for (let nth = 1; nth <= 4; nth++) {
        w.write(question(venue, since));
        if (nth % 2) await until(async () => (await polls(a)) > 0, 'it waits'); // else there may be something already
        setTable(venue, nth % 2 ? 'occupied' : 'available');
        const answer = await w.answer();
        id ??= answer.id;
        assert.deepEqual([answer.status, answer.id], [200, nth === 1 ? id : `${id}.${nth}`]); // it was known
        told.push(...answer.body.events.map((m) => m.cursor));
        since = answer.body.cursor;
    }
    assert.equal(new Set(told).size, 4);
    w.write(question(venue, cursor)); // from the beginning
    const anew = await w.answer();
    assert.deepEqual([anew.body.events.map((m) => m.cursor), anew.id.includes('.')], [told, false]);
    w.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    assert.equal((await w.answer()).status, 200);
    w.socket.destroy();
});

test('what comes between two questions is in the next answer', async () => {
    const [a] = sidecars, venue = makeVenue(), { cursor } = await start(a, venue, 'restaurant_tables'), w = wire(a.port);
    w.write(question(venue, cursor));
    await until(async () => (await polls(a)) > 0, 'it waits');
    setTable(venue, 'occupied');
    const { body } = await w.answer();
    await flicker(venue, 3);
    await start(a, venue, 'restaurant_tables');
    w.write(question(venue, body.cursor));
    const next = await w.answer();
    assert.deepEqual([next.id.includes('.'), next.body.events.map((m) => seqOf(m.cursor))], [true, [1, 2, 3].map((n) => seqOf(body.cursor) + n)]);
    w.socket.destroy();
});

test('what comes right behind a question is not lost: the connection ends with the answer', async () => {
    const [a] = sidecars, venue = makeVenue(), { cursor } = await start(a, venue, 'restaurant_tables'), w = wire(a.port);
    setTable(venue, 'occupied');
    w.write(question(venue, cursor) + 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    const { body, head: text } = await w.answer();
    assert.deepEqual([body.events.length, /connection: close/i.test(text)], [1, true]);
    await until(w.closed, 'it is closed');
});

test('questions in pieces, after others, and of HTTP/1.0', async () => {
    const [a] = sidecars, venue = makeVenue(), { cursor } = await start(a, venue, 'restaurant_tables'), w = wire(a.port);
    setTable(venue, 'occupied');
    w.write(question(venue, cursor));
    const first = await w.answer();
    for (const path of ['/healthz', '/readyz', '/healthz']) {
        w.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
        assert.equal((await w.answer()).status, 200);
    }
    const text = question(venue, first.body.cursor);
    w.write(text.slice(0, 70));
    await get(a, venue, '/healthz', {});
    w.write(text.slice(70));
    await until(async () => (await polls(a)) > 0, 'it waits');
    setTable(venue, 'available');
    const answer = await w.answer();
    assert.deepEqual([answer.body.events.length, /connection: close/i.test(answer.head)], [1, false]);
    w.socket.destroy();
    const old = wire(a.port);
    old.write(question(venue, cursor, '', '1.0'));
    const last = await old.answer();
    assert.deepEqual([last.body.events.length, /connection: close/i.test(last.head)], [2, true]);
    await until(old.closed, 'it is closed');
});

test('whose token is revoked between two questions is refused, on the same connection', async () => {
    const [a] = sidecars, venue = makeVenue(), { cursor } = await start(a, venue, 'restaurant_tables'), w = wire(a.port);
    setTable(venue, 'occupied');
    w.write(question(venue, cursor));
    const { body } = await w.answer();
    sql(`insert into maitred.revoked_token (venue, account_id, jti, expires_at)
        values (${venue.id}, ${venue.accounts.admin}, 'wire-${venue.id}', clock_timestamp() + interval '1 hour')`);
    await until(async () => (await get(a, venue, '/poll', { channels: 'restaurant_tables' }, {}, bearerOf(venue))).status === 401, 'it is known');
    w.write(question(venue, body.cursor));
    assert.equal((await w.answer()).status, 401);
    w.socket.destroy();
});

test('bad questions name the field', async () => {
    const [a] = sidecars, venue = makeVenue();
    await poll(a, venue, 'restaurant_tables');
    for (const timeout of ['-1', '61', 'x', '1.5']) {
        const answer = await poll(a, venue, 'restaurant_tables', { timeout });
        assert.deepEqual([answer.status, answer.errors[0].field], [422, 'timeout']);
    }
    assert.equal((await poll(a, venue, '')).errors[0].field, 'channels');
    assert.equal((await poll(a, venue, 'restaurant_tables', { since: 'x' })).code, 'invalid_cursor');
    assert.equal((await poll(a, venue, 'restaurant_stats', {}, token(venue, 'kitchen'))).status, 403);
    const answer = await fetch(urlOf(a, '/poll', { channels: 'restaurant_tables' }));
    assert.deepEqual([answer.status, answer.headers.get('www-authenticate')], [401, 'Bearer']);
    const post = await fetch(urlOf(a, '/poll', { channels: 'restaurant_tables' }), { method: 'POST' });
    assert.equal(post.status, 405);
});

test('waiting may take longer than a handshake, for polls and for streams', async () => {
    const own = await new Sidecar({ handshake_timeout_ms: 200, ping_interval_ms: 400 }).start(), venue = makeVenue();
    const first = await start(own, venue, 'restaurant_tables');
    const answer = await poll(own, venue, 'restaurant_tables', { since: first.cursor, timeout: 1 });
    assert.deepEqual(answer, { status: 200, cursor: first.cursor, events: [] });
    let said = 0;
    for await (const block of blocks(await get(own, venue, '/events', { channels: 'restaurant_tables' })))
        if (block.comment && ++said === 3) break;
    assert.equal(said, 3);
    await own.stop();
});

test('no more at once than an account may have: 429, and when to come again', async () => {
    const own = await new Sidecar({ max_per_account: 2 }).start(), venue = makeVenue();
    const first = await start(own, venue, 'restaurant_tables');
    const waiting = [1, 2].map(() => poll(own, venue, 'restaurant_tables', { since: first.cursor }));
    await until(async () => (await polls(own)) === 2, 'they wait');
    const third = await get(own, venue, '/poll', { channels: 'restaurant_tables', since: first.cursor });
    assert.deepEqual([third.status, third.headers.get('retry-after'), (await third.json()).code], [429, '2', 'too_many_connections']);
    setTable(venue, 'occupied');
    for (const answer of await Promise.all(waiting)) assert.equal(answer.events.length, 1);
    assert.equal((await poll(own, venue, 'restaurant_tables', { since: first.cursor })).status, 200);
    await own.stop();
});

test('thousands parked: bounded, nobody else waits for them, and all are gone when they leave', async () => {
    const own = await new Sidecar({ max_per_venue: 2000, max_per_account: 2000 }).start(), crowded = makeVenue(), calm = makeVenue();
    const listener = own.client(calm, 'admin');
    await listener.opened;
    await listener.subscribe('restaurant_tables');
    const { cursor } = await start(own, crowded, 'restaurant_tables');
    const question = `GET /poll?channels=restaurant_tables&timeout=60&since=${cursor} HTTP/1.1\r\n` +
        `Host: h\r\nAuthorization: Bearer ${token(crowded)}\r\n\r\n`;
    const sockets = [], said = [];
    for (let i = 0; i < 2500; i++) {
        const socket = net.connect(own.port, '127.0.0.1', () => socket.write(question));
        socket.on('data', (data) => said.push(String(data)));
        socket.on('error', () => {});
        sockets.push(socket);
    }
    await until(() => said.length >= 500, () => `${said.length} were refused`);
    assert.equal(said.length, 500);
    assert.ok(said.every((text) => /^HTTP\/1\.1 429 /.test(text) && /Retry-After: \d/.test(text)));
    assert.equal(await polls(own), 2000);
    setTable(calm, 'reserved');
    await listener.wait('table_update');
    for (const socket of sockets) socket.destroy();
    await until(async () => (await polls(own)) === 0, 'all have left');
    assert.equal((await get(own, crowded, '/poll', { channels: 'restaurant_tables' })).status, 200);
    await listener.close();
    await own.stop();
});

test('who leaves is forgotten; a sidecar that goes answers those who wait', async () => {
    const own = await new Sidecar().start(), venue = makeVenue();
    const first = await start(own, venue, 'restaurant_tables');
    const leaving = new AbortController();
    const left = fetch(urlOf(own, '/poll', { channels: 'restaurant_tables', since: first.cursor, token: token(venue) }), { signal: leaving.signal }).catch((e) => e.name);
    await until(async () => (await polls(own)) === 1, 'it waits');
    leaving.abort();
    assert.equal(await left, 'AbortError');
    await until(async () => (await polls(own)) === 0, 'it is forgotten');
    const waiting = poll(own, venue, 'restaurant_tables', { since: first.cursor });
    await until(async () => (await polls(own)) === 1, 'it waits');
    await own.stop();
    assert.deepEqual(await waiting, { status: 200, cursor: first.cursor, events: [] });
});

test('a token that ends while a poll waits: answered, and the next one refused', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    const bearer = token(venue, 'admin', { jti: `poll-${venue.id}` });
    const waiting = poll(a, venue, 'restaurant_tables', { since: first.cursor }, bearer);
    await until(async () => (await polls(a)) > 0, 'it waits');
    sql(`insert into maitred.revoked_token (venue, account_id, jti, expires_at)
        values (${venue.id}, ${venue.accounts.admin}, 'poll-${venue.id}', clock_timestamp() + interval '1 hour')`);
    assert.deepEqual((await waiting).events, []);
    assert.equal((await poll(a, venue, 'restaurant_tables', { since: first.cursor }, bearer)).status, 401);
});

test('while the database is away a poll with a position waits on, and misses nothing', async () => {
    const [a] = sidecars, venue = makeVenue(), first = await start(a, venue, 'restaurant_tables');
    await restartPostgres('immediate');
    await until(async () => { try { setTable(venue, 'occupied'); return true; } catch { return false; } }, 'the database is back');
    const answer = await poll(a, venue, 'restaurant_tables', { since: first.cursor });
    assert.deepEqual(answer.events.map((m) => m.type), ['table_update']);
});
