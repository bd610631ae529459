// Coming back (SPEC sections 4 and 5.1): exact, in order, once - over a killed sidecar, from the
// ring, from the table; and where that can't be had, told so and given snapshots.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, comeBack, eventsOf, head, makeVenue, psql, rows, seqOf, setTable, sql, token, until } from './lib/rig.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

async function listener(on, venue, role, ...channels) {
    const c = on.client(venue, role);
    await c.opened;
    await c.subscribe(...channels);
    return c;
}

const seqs = (c) => c.events.map((m) => seqOf(m.cursor));
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + 1 + i);

// So many commits in one call.
function flicker(venue, times) {
    sql(`do $$ begin for i in 1..${times} loop
        update maitred.dining_table set status_note = 'n' || i where venue = ${venue.id} and id = ${venue.tables[0]};
        commit;
    end loop; end $$`);
}

test('what happened while nobody was there comes exactly, in order and once, after kill -9', async () => {
    const own = await new Sidecar().start(), venue = makeVenue();
    const lost = await listener(own, venue, 'admin', 'restaurant_tables', 'restaurant_orders');
    setTable(venue, 'occupied');
    await lost.wait('table_update');
    await own.kill();
    const from = head(venue);
    flicker(venue, 30);
    addReservation(venue); // not its channel: filtered out, and acknowledged all the same
    addOrder(venue);
    await own.start();
    const c = await comeBack(own, venue, lost);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), [...range(from, from + 30), from + 32]);
    assert.equal(c.find('resync'), undefined);
    // The past, not the present.
    assert.deepEqual(c.events.slice(0, 3).map((m) => m.table.notes), ['n1', 'n2', 'n3']);
    await c.close();
    await own.stop();
});

test('within the ring a resume costs the database nothing', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'admin', 'restaurant_tables');
    flicker(venue, 3);
    await lost.reached(head(venue));
    await lost.close();
    const from = head(venue), witness = await listener(sidecar, venue, 'admin', 'restaurant_tables');
    flicker(venue, 20);
    await witness.reached(head(venue));
    const reads = () => sidecar.metric('maitred_replay_reads_total'), before = await reads();
    for (let i = 0; i < 5; i++) {
        const c = await comeBack(sidecar, venue, lost);
        await c.reached(head(venue));
        assert.deepEqual(seqs(c), range(from, from + 20));
        await c.close();
    }
    assert.equal(await reads(), before);
    await witness.close();
});

test('all of a venue coming back after a restart is one query', async () => {
    const own = await new Sidecar().start(), venue = makeVenue();
    const lost = await listener(own, venue, 'admin', 'restaurant_tables');
    await own.kill();
    const from = head(venue);
    flicker(venue, 20);
    await own.start();
    const storm = Array.from({ length: 40 }, () => own.client(venue, 'admin', { session: lost.session, cursor: lost.cursor }));
    for (const c of storm) {
        await c.opened;
        await c.reached(head(venue));
        assert.deepEqual(seqs(c), range(from, from + 20));
    }
    assert.equal(await own.metric('maitred_replay_reads_total'), 1);
    assert.equal(await own.metric('maitred_reconnects_total'), 40);
    for (const c of storm) await c.close();
    await own.stop();
});

test('beyond the ring the table is read, in batches, while events go on', async () => {
    const own = await new Sidecar({ ring_events: 16 }).start(), venue = makeVenue();
    const lost = await listener(own, venue, 'admin', 'restaurant_tables');
    await lost.close();
    const from = head(venue);
    flicker(venue, 300);
    const c = await comeBack(own, venue, lost);
    flicker(venue, 50);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), range(from, from + 350));
    assert.equal(await own.metric('maitred_resume_snapshots_total'), 0);
    await c.close();
    await own.stop();
});

test('session and cursor in the URL resume without another round trip', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'waiter', 'restaurant_orders');
    await lost.close();
    const id = addOrder(venue);
    const c = sidecar.client(venue, 'waiter', { session: lost.session, cursor: lost.cursor });
    assert.equal((await c.wait('order_created')).order.id, id);
    const ack = c.got[0];
    assert.deepEqual([ack.status, ack.channels, ack.cursor], ['subscribed', ['restaurant_orders'], lost.cursor]);
    await c.close();
});

test('a session is the account\'s own, its permissions are asked again, and a forged one is refused', async () => {
    const venue = makeVenue(), other = makeVenue();
    const lost = await listener(sidecar, venue, 'manager', 'restaurant_orders', 'restaurant_stats');
    await lost.close();
    for (const [who, role] of [[venue, 'admin'], [other, 'manager']]) {
        const c = sidecar.client(who, role);
        await c.opened;
        const cursor = lost.cursor.replace(/v\d+-/, `v${who.id}-`);
        assert.equal((await c.resume(lost.session, cursor)).code, 'invalid_session');
        assert.equal((await c.resume(lost.session, `${lost.cursor.split('v')[0]}v${who.id + 1000}-1`)).code, 'invalid_cursor');
        await c.close();
    }
    const forged = sidecar.client(venue, 'manager');
    await forged.opened;
    const i = lost.session.length - 3;
    const bent = lost.session.slice(0, i) + (lost.session[i] === 'A' ? 'B' : 'A') + lost.session.slice(i + 1);
    assert.equal((await forged.resume(bent, lost.cursor)).code, 'invalid_session');
    await forged.close();
    // The same account, by now only a waiter: no figures any more.
    const less = sidecar.client(venue, 'waiter', {}, token(venue, 'waiter', { sub: String(venue.accounts.manager) }));
    await less.opened;
    const ack = await less.resume(lost.session, lost.cursor);
    assert.deepEqual(ack.channels, ['restaurant_orders']);
    assert.deepEqual((await less.wait('error')).channels, ['restaurant_stats']);
    await less.close();
});

test('trimmed: told so, snapshots of its log channels, and live from there', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'viewer', 'restaurant_tables', 'restaurant_reservations', 'restaurant_stats');
    await lost.close();
    addReservation(venue, { name: 'Theodora Quixote' });
    flicker(venue, 5);
    const upTo = head(venue);
    sql(`delete from feed.event where venue = ${venue.id} and seq <= ${upTo - 2};
         update feed.counter set trimmed_below = ${upTo - 1} where venue = ${venue.id}`);
    const fresh = await new Sidecar().start();
    const c = await comeBack(fresh, venue, lost, 'viewer');
    const snapshot = await c.wait((m) => m.type === 'snapshot' && m.channel === 'restaurant_reservations');
    const resync = c.find('resync');
    assert.deepEqual(resync.channels, ['restaurant_tables', 'restaurant_reservations', 'restaurant_stats']);
    const told = c.got.filter((m) => m.type === 'snapshot');
    assert.deepEqual(told.map((m) => m.channel), ['restaurant_tables', 'restaurant_reservations']);
    assert.equal(seqOf(told.at(-1).cursor), upTo);
    // Until the last snapshot is there, a client that breaks off must meet the resync again.
    assert.equal(told[0].cursor, lost.cursor);
    assert.equal(told[0].data.length, 2);
    assert.equal(snapshot.data.length, 1);
    assert.doesNotMatch(JSON.stringify(snapshot.data), /Theodora/);
    await c.wait('stats_update');
    flicker(venue, 3);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), range(upTo, upTo + 3));
    await c.close();
    await fresh.stop();
});

test('another epoch, and a position that never was: resync', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'admin', 'restaurant_tables');
    await lost.close();
    for (const cursor of [`deadbeefv${venue.id}-0`, lost.cursor.replace(/-\d+$/, '-999999')]) {
        const c = sidecar.client(venue);
        await c.opened;
        await c.resume(lost.session, cursor);
        assert.equal((await c.wait('resync')).cursor, cursor);
        assert.equal(seqOf((await c.wait('snapshot')).cursor), head(venue));
        setTable(venue, sql(`select case status when 'available' then 'reserved' else 'available' end
            from maitred.dining_table where id = ${venue.tables[0]} and venue = ${venue.id}`));
        assert.equal(seqOf((await c.wait('table_update')).cursor), head(venue));
        await c.close();
    }
});

test('a bulk change is one resync with snapshots, live and in a replay', async () => {
    const venue = makeVenue(), c = await listener(sidecar, venue, 'admin', 'restaurant_orders'),
        lost = await listener(sidecar, venue, 'admin', 'restaurant_orders'), quiet = await listener(sidecar, venue, 'admin', 'restaurant_stats');
    await lost.close();
    const crowd = await Promise.all(Array.from({ length: 20 }, () => listener(sidecar, venue, 'manager', 'restaurant_orders')));
    const masked = await listener(sidecar, venue, 'kitchen', 'restaurant_orders');
    const reads = () => Number(sql(`select coalesce(sum(calls), 0) from pg_stat_statements where query like '%channel_snapshots(%' and toplevel`));
    addOrder(venue);
    await c.reached(head(venue));
    const before = reads();
    sql(`insert into maitred.customer_order (venue, order_number, status)
         select ${venue.id}, 'B-' || n, 'pending' from generate_series(1, 600) n`);
    assert.equal(head(venue) - seqOf(lost.cursor), 3); // an order, its message, one resync
    for (const client of [c, ...crowd, masked]) assert.equal((await client.wait('snapshot')).data.length, 601);
    assert.equal(reads(), before + 2, 'one read for all who see the same');
    assert.match(JSON.stringify(c.find('snapshot').data), /John Smith/);
    assert.doesNotMatch(JSON.stringify(masked.find('snapshot').data), /John Smith/);
    const back = await comeBack(sidecar, venue, lost);
    for (const client of [c, back]) {
        const snapshot = await client.wait('snapshot');
        assert.equal(snapshot.data.length, 601);
        assert.equal(seqOf(snapshot.cursor), head(venue));
        assert.equal(client.got.filter((m) => m.type === 'resync').length, 1);
    }
    await quiet.wait('resync'); // figures only: no snapshot, but the client may show more than figures
    addOrder(venue);
    for (const client of [c, back]) {
        await client.reached(head(venue));
        assert.equal(seqOf(client.events.at(-1).cursor), head(venue) - 1); // its message is behind it
    }
    assert.equal(c.events.length, 2);
    for (const client of [c, back, quiet, masked, ...crowd]) await client.close();
});

test('snapshot and live stream join without gap or overlap while others write', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'admin', 'restaurant_tables', `table:${venue.tables[0]}`);
    await lost.close();
    let writing = true;
    const writer = (async () => {
        while (writing) await psql(Array.from({ length: 50 }, (_, i) => `update maitred.dining_table
            set status_note = 'w${i}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));
    })();
    for (let i = 0; i < 15; i++) {
        const c = sidecar.client(venue);
        await c.opened;
        await c.resume(lost.session, `deadbeefv${venue.id}-0`);
        await c.wait((m) => m.type === 'snapshot' && m.channel.startsWith('table:'));
        const at = seqOf(c.got.filter((m) => m.type === 'snapshot').at(-1).cursor);
        await until(() => c.events.length >= 20, 'twenty events');
        assert.deepEqual(seqs(c).slice(0, 20), range(at, at + 20));
        const state = c.find((m) => m.type === 'snapshot' && m.channel === 'restaurant_tables').data.find((t) => t.id === venue.tables[0]);
        assert.equal(c.events[0].table.version, state.version + 1);
        await c.close();
    }
    writing = false;
    await writer;
});

test('a channel more in the middle of a resync misses nothing', async () => {
    const venue = makeVenue(), lost = await listener(sidecar, venue, 'admin', 'restaurant_orders');
    await lost.close();
    for (let i = 0; i < 10; i++) {
        const c = sidecar.client(venue);
        await c.opened;
        c.sendTogether({ action: 'resume', session: lost.session, cursor: `deadbeefv${venue.id}-0` },
            { action: 'subscribe', channels: ['restaurant_tables'] });
        const writing = psql(Array.from({ length: 10 }, (_, n) => `update maitred.dining_table
            set status_note = 's${i}-${n}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));
        const ofTables = (m) => m.type === 'snapshot' && m.channel === 'restaurant_tables';
        await c.wait(ofTables);
        await writing;
        await c.reached(head(venue));
        const at = seqOf(c.got.filter(ofTables).at(-1).cursor);
        assert.deepEqual(seqs(c), range(at, head(venue)));
        await c.close();
    }
});

test('a restored database is another epoch: every client of it starts anew', async () => {
    const own = await new Sidecar({ feed_poll_ms: 200 }).start(), venue = makeVenue();
    const c = await listener(own, venue, 'admin', 'restaurant_tables');
    flicker(venue, 10);
    await c.reached(head(venue));
    const epoch = c.cursor.slice(0, 8), at = head(venue);
    sql(`begin; delete from feed.event where venue = ${venue.id} and seq > ${at - 5};
         update feed.counter set seq = ${at - 5} where venue = ${venue.id}; commit`);
    await c.wait('resync');
    const snapshot = await c.wait('snapshot');
    assert.notEqual(snapshot.cursor.slice(0, 8), epoch);
    assert.equal(seqOf(snapshot.cursor), at - 5);
    flicker(venue, 2);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c).slice(-2), [at - 4, at - 3]);
    assert.equal(rows('select epoch from feed.state')[0].epoch, snapshot.cursor.slice(0, 8));
    await c.close();
    await own.stop();
});

test('an event taken out of the table is noticed: no silent hole', async () => {
    const own = await new Sidecar({ feed_poll_ms: 200 }).start(), venue = makeVenue();
    const c = await listener(own, venue, 'admin', 'restaurant_tables');
    flicker(venue, 2);
    await c.reached(head(venue));
    sql(`begin; update feed.counter set seq = seq + 3 where venue = ${venue.id}; commit`); // three that never were
    await c.wait('resync');
    await c.wait('snapshot');
    flicker(venue, 1);
    await c.reached(head(venue));
    assert.equal(seqs(c).at(-1), head(venue));
    assert.equal(eventsOf(venue).at(-1).seq, head(venue));
    await c.close();
    await own.stop();
});
