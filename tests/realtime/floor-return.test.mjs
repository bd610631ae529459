// Coming back to the floor plan (SPEC 5.5): connection state recovery from the feed and tables:sync, with
// the real socket.io-client: exact, in order, once - over a killed sidecar, on another one, any number of
// times; and where that can't be had, a fresh start and all tables.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Floor, closeAll, floorAt } from './lib/floor.mjs';
import { bulk } from './lib/entity.mjs';
import { Sidecar, head, makeVenue, psql, rows, seqOf, setTable, sql, token, until } from './lib/rig.mjs';

let sidecar, url;
before(async () => {
    sidecar = await new Sidecar().start();
    url = `http://127.0.0.1:${sidecar.port}`;
});
after(() => { closeAll(); return sidecar.stop(); });

const floor = (venue, room, more = {}, at = url) => floorAt(at, venue, room, more);

// Steps of the first table, each its own commit; returns the positions' seqs.
function steps(venue, n) {
    const from = head(venue);
    sql(`do $$ begin for i in 1..${n} loop
        update maitred.dining_table set status = case when status = 'available' then 'reserved' else 'available' end
            where venue = ${venue.id} and id = ${venue.tables[0]};
        commit;
    end loop; end $$`);
    return rows(`select seq from feed.log where venue = ${venue.id} and seq > ${from} and type like 'table.%' order by seq`).map((r) => r.seq);
}

const seqs = (f, from = 0) => f.changes.map(([id]) => seqOf(id)).filter((seq) => seq > from);

// What the client would send if it came back by itself, for a client made by hand.
const memory = (f) => ({ pid: f.socket._pid, offset: f.socket._lastOffset });

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    test(`over a kill -9 of the sidecar nothing is lost (${transports})`, async () => {
        const own = await new Sidecar({ rt_port: 0 }).start(), venue = makeVenue();
        const f = await floor(venue, 1, { transports }, `http://127.0.0.1:${own.port}`), id = f.socket.id;
        const heard = steps(venue, 3);
        await f.told(3);
        own.settings.rt_port = own.port;
        await own.kill();
        const missed = steps(venue, 20);
        setTable(venue, 'reserved', 1); // another floor's
        await own.start();
        await f.told(23);
        assert.equal(f.socket.recovered, true);
        assert.equal(f.socket.id, id);
        const after = steps(venue, 2); // the rooms are its own again
        await f.told(25);
        assert.deepEqual(seqs(f), [...heard, ...missed, ...after]);
        assert.equal(f.all('tables:sync_response').length, 0);
        f.close();
        await own.stop();
    });
}

test('one that was told nothing but tables:connected recovers, too', async () => {
    const venue = makeVenue(), f = await floor(venue, null);
    f.cut();
    const missed = steps(venue, 4);
    await f.told(4);
    assert.equal(f.socket.recovered, true);
    assert.deepEqual(seqs(f), missed);
    f.close();
});

test('without a room there is nothing to miss, and the client recovers all the same', async () => {
    const venue = makeVenue(), f = await floor(venue);
    f.cut();
    await f.wait('tables:connected', 2);
    assert.equal(f.socket.recovered, true);
    await f.join(1);
    const heard = steps(venue, 1);
    await f.told(1);
    assert.deepEqual(seqs(f), heard);
    f.close();
});

test('another sidecar does it as well, and the same memory is good any number of times', async () => {
    const second = await new Sidecar().start(), venue = makeVenue(), f = await floor(venue, 1);
    steps(venue, 2);
    await f.told(2);
    const back = memory(f);
    f.lose();
    const missed = steps(venue, 5);
    for (const at of [second.port, sidecar.port, second.port]) {
        const g = new Floor(`http://127.0.0.1:${at}`, venue, { auth: { token: token(venue), ...back } });
        await g.told(5);
        assert.deepEqual(seqs(g), missed);
        assert.equal(g.all('tables:connected')[0].socketId, g.socket.id);
        assert.equal(g.all('tables:connected')[0].eventId, back.offset);
        g.lose();
    }
    await second.stop();
});

test('the memory is its account\'s: another one begins anew', async () => {
    const venue = makeVenue(), other = makeVenue(), f = await floor(venue, 1);
    const back = memory(f), id = f.socket.id;
    f.lose();
    steps(venue, 2);
    for (const bearer of [token(venue, 'waiter'), token(other)]) {
        const g = await new Floor(url, venue, { auth: { token: bearer, ...back } }).connected();
        assert.notEqual(g.socket.id, id);
        assert.notEqual(g.socket._pid, back.pid);
        assert.equal(g.changes.length, 0);
        g.close();
    }
    for (const [pid, offset] of [['forged', back.offset], [back.pid, 'yesterday'], [back.pid, `00000000v${venue.id}-1`]]) {
        const g = await new Floor(url, venue, { auth: { token: token(venue), pid, offset } }).connected();
        assert.notEqual(g.socket.id, id);
        g.close();
    }
});

test('past retention it begins anew, and is given all tables when it asks', async () => {
    const venue = makeVenue(), f = await floor(venue, 1);
    steps(venue, 3);
    await f.told(3);
    f.lose();
    steps(venue, 5);
    // As upkeep leaves it when the days of these events were dropped.
    sql(`update feed.counter set trimmed_below = ${head(venue)} where venue = ${venue.id}; notify maitred_feed`);
    await sidecar.kill();
    sidecar.settings.rt_port = Number(new URL(url).port);
    await sidecar.start();
    f.socket.io.reconnection(true);
    f.socket.connect();
    await f.wait('tables:connected', 2);
    assert.equal(f.socket.recovered, false);
    await f.join(1);
    const answer = await f.ask('tables:sync', { lastEventId: f.all('tables:connected')[0].eventId });
    assert.equal(answer.ok, true);
    const response = await f.wait('tables:sync_response');
    assert.deepEqual([response.events, response.tables.map((t) => t.id)], [[], [venue.tables[0]]]); // its rooms' only
    assert.deepEqual(response.tables[0], rows(`select maitred.table_json(${venue.id}, ${venue.tables[0]}) as doc`)[0].doc);
    assert.equal(f.got.at(-1)[2], answer.eventId);
    f.close();
});

test('tables:sync tells what was missed in order, and what happens meanwhile once', async () => {
    const venue = makeVenue(), before = await floor(venue, 1), last = before.all('tables:connected')[0].eventId;
    const missed = steps(venue, 6);
    await before.told(6);
    const f = await floor(venue, 1);
    const answer = f.ask('tables:sync', { lastEventId: last });
    const later = steps(venue, 4);
    assert.equal((await answer).ok, true);
    await f.told(10);
    const response = f.all('tables:sync_response')[0];
    assert.equal(response.tables.length, 0);
    assert.equal(response.events[0].event, 'table:status_changed');
    assert.deepEqual(seqs(f), [...missed, ...later]);
    assert.deepEqual(response.events.map((e) => e.data), before.changes.slice(0, response.events.length).map(([, , data]) =>
        data.newStatus ? data : { ...response.events.find((e) => e.eventId === data.eventId).data }));
    before.close();
    f.close();
});

test('a bulk change: all tables of its rooms, unasked', async () => {
    const venue = makeVenue(), f = await floor(venue, 1), both = await floor(venue, null);
    bulk(venue);
    const response = await f.wait('tables:sync_response');
    const all = rows(`select id, floor from maitred.dining_table where venue = ${venue.id} and active`);
    assert.deepEqual(response.tables.map((t) => t.id).sort((a, b) => a - b), all.filter((t) => t.floor === 1).map((t) => t.id).sort((a, b) => a - b));
    assert.equal((await both.wait('tables:sync_response')).tables.length, all.length);
    const heard = steps(venue, 2);
    await f.told(2);
    assert.deepEqual(seqs(f), heard);
    f.close();
    both.close();
});

test('sixteen writers, clients that break off all the time: every log complete, in order, once', async () => {
    const second = await new Sidecar().start(), venue = makeVenue(), urls = [url, `http://127.0.0.1:${second.port}`];
    const clients = await Promise.all([['websocket'], ['polling'], ['polling', 'websocket'], ['websocket']].map((transports, i) =>
        floor(venue, i % 2 ? 1 : null, { transports }, urls[i % 2])));
    const from = Math.max(...await Promise.all(clients.map(async (f) => seqOf((await f.join(1)).eventId))));
    const begin = head(venue);
    sql(`insert into maitred.dining_table (venue, number, label, floor, capacity)
        select ${venue.id}, n, 'W-' || n, 1, 2 from generate_series(201, 216) n`);
    const tables = rows(`select id from maitred.dining_table where venue = ${venue.id} and number > 200`).map((r) => r.id);
    // socket.io-client, closed while it upgrades, keeps what still comes and emits it behind its next CONNECT,
    // which has asked for the same again: no network breaks like that.
    const whole = (f) => f.socket.connected && !f.socket.io.engine.upgrading;
    let writing = true;
    const cutting = (async () => {
        while (writing) {
            for (const f of clients) if (whole(f) && Math.random() < 0.5) f.cut();
            await new Promise((done) => setTimeout(done, 120));
        }
    })();
    await Promise.all(tables.map((id) => psql(`do $$ begin for i in 1..25 loop
        update maitred.dining_table set status = case when status = 'available' then 'reserved' else 'available' end
            where venue = ${venue.id} and id = ${id};
        commit; perform pg_sleep(0.04 + random() * 0.08);
    end loop; end $$`)));
    writing = false;
    await cutting;
    const expected = rows(`select seq from feed.log where venue = ${venue.id} and seq > ${begin} and type like 'table.%' order by seq`).map((r) => r.seq);
    assert.equal(expected.length, 16 + 16 * 25);
    for (const f of clients) {
        await until(() => seqs(f, begin).at(-1) === expected.at(-1), () => `${seqs(f, begin).length} of ${expected.length}`);
        assert.deepEqual(seqs(f, begin), expected);
    }
    assert.ok(from <= begin);
    for (const f of clients) f.close();
    await second.stop();
});

const sessionsOf = (venue) => rows(`select session from maitred.socket_session where venue = ${venue.id}`).map((r) => r.session);

test('the rooms are a row from the first join to the last leave', async () => {
    const venue = makeVenue(), f = await floor(venue, 1), g = await floor(venue, 2), [kept, gone] = [f.socket.id, g.socket.id];
    assert.deepEqual(sessionsOf(venue).sort(), [kept, gone].sort());
    await g.ask('tables:leave', { floor: 2 });
    assert.deepEqual(sessionsOf(venue), [kept]);
    f.close();
    g.close();
});

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
    test(`who leaves for good leaves no row, and begins anew (${transports})`, async () => {
        const venue = makeVenue(), f = await floor(venue, 1, { transports }), g = await floor(venue, 1, { role: 'waiter', transports });
        const { id } = f.socket, back = memory(f);
        f.socket.disconnect();
        await until(() => sessionsOf(venue).length === 1, 'the row is gone');
        assert.deepEqual(sessionsOf(venue), [g.socket.id]); // whose line breaks may come back
        g.cut();
        await g.wait('tables:connected', 2);
        assert.equal(g.socket.recovered, true);
        f.socket.connect(); // socket.io-client still says what it was given
        await f.wait('tables:connected', 2);
        assert.equal(f.socket.recovered, false);
        assert.notEqual(f.socket.id, id);
        const again = await new Floor(url, venue, { transports, auth: { token: token(venue), ...back } }).connected();
        assert.notEqual(again.socket.id, id);
        const heard = steps(venue, 1);
        await g.told(1);
        assert.deepEqual([seqs(g), seqs(f), seqs(again)], [heard, [], []]);
        for (const one of [f, g, again]) one.close();
    });
}

test('one that leaves while its join is on its way leaves no row either', async () => {
    const venue = makeVenue(), f = await floor(venue);
    f.socket.emit('tables:join', { floor: 1 });
    f.socket.disconnect();
    await until(() => Number(sql(`select count(*) from maitred.socket_leaver where venue = ${venue.id}`)), 'it is ended');
    assert.deepEqual(sessionsOf(venue), []);
});

test('a client that hears nothing moves on all the same: it recovers when what it heard last is long gone', async () => {
    const own = await new Sidecar({ tables_renew_s: 1 }).start(), venue = makeVenue(), at = `http://127.0.0.1:${own.port}`;
    const f = await floor(venue, 2, {}, at), old = memory(f);
    steps(venue, 5); // another floor's
    const tell = () => sql(`update maitred.dining_table set status = case when status = 'available' then 'reserved' else 'available' end
        where venue = ${venue.id} and id = ${venue.tables[1]}`);
    // Time passes: the row is no longer fresh, and what the client has heard is written down.
    const written = (seq) => until(() => {
        sql(`update maitred.socket_session set renewed_at = renewed_at - interval '7 hours' where venue = ${venue.id}`);
        return seqOf(sql(`select coalesce(heard, '00000000v1-0') from maitred.socket_session where venue = ${venue.id}`)) >= seq;
    }, `heard up to ${seq}`);
    const trim = (below) => sql(`update feed.counter set trimmed_below = ${below} where venue = ${venue.id}; notify maitred_feed`);
    tell();
    await f.told(1);
    const before = head(venue);
    const [last] = seqs(f);
    steps(venue, 5);
    const quiet = head(venue);
    await written(quiet);
    trim(quiet);
    own.settings.rt_port = own.port;
    await own.kill();
    tell();
    const [missed] = [head(venue)];
    await own.start();
    await f.told(2);
    assert.equal(f.socket.recovered, true);
    assert.deepEqual(seqs(f), [last, missed]);
    assert.equal(f.all('tables:connected')[1].eventId, f.got.find(([, data]) => data?.eventId)[1].eventId.replace(/\d+$/, quiet));
    assert.ok(last <= before && before < quiet);
    // One that has not got all that was told by then is not spared anything.
    const g = await new Floor(at, venue, { auth: { token: token(venue), ...old } }).connected();
    assert.notEqual(g.socket.id, f.socket.id);
    assert.equal(g.changes.length, 0);
    f.close();
    g.close();
    await own.stop();
});
