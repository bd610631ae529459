// Eight writers commit while clients subscribe, break off and come back at random, over two
// sidecars; what each client got is then held against the event table: complete, ordered, once.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, eventsOf, head, makeVenue, psql, rows, seqOf, sql, until } from './lib/rig.mjs';

const WRITERS = 8, CLIENTS = 12, ROUNDS = 3, COMMITS = 30;
let sidecars;
before(async () => { sidecars = await Promise.all([new Sidecar({ ring_events: 64 }).start(), new Sidecar().start()]); });
after(() => Promise.all(sidecars.map((s) => s.stop())));

const channelsOf = (event, venue) => {
    if (event.type.startsWith('table.')) return ['restaurant_tables', `floor:${event.refs.floor}`, `table:${event.entity}`];
    if (event.type.startsWith('order.')) return ['restaurant_orders'];
    if (event.type.startsWith('notification.')) return ['restaurant_notifications'];
    return [];
};
const random = (n) => Math.floor(Math.random() * n);

// Commits of all kinds, some of several rows, some rolled back.
function script(venue, n) {
    const table = () => venue.tables[random(2)];
    const kinds = [
        () => `update maitred.dining_table set status_note = 'n${random(1e6)}' where venue = ${venue.id} and id = ${table()};`,
        () => `insert into maitred.customer_order (venue, order_number, status) values (${venue.id}, 'C-' || gen_random_uuid(), 'pending');`,
        () => `insert into maitred.notification (venue, kind, text) values (${venue.id}, 'alert', 'x');`,
        () => `begin; ${venue.tables.map((id) => `update maitred.dining_table set status_note = 'b${random(1e6)}'
            where venue = ${venue.id} and id = ${id};`).join(' ')} commit;`,
        () => `begin; update maitred.dining_table set status_note = 'lost' where venue = ${venue.id} and id = ${table()}; rollback;`,
        () => `insert into maitred.customer (venue, name) values (${venue.id}, 'Nobody');`,
    ];
    return Array.from({ length: n }, () => kinds[random(kinds.length)]()).join('\n');
}

// Only what it had acknowledged counts: each connection goes on from the cursor of the last message.
async function follow(venue, wanted, log, done) {
    let session, cursor, last;
    while (!last) {
        last = done();
        const sidecar = sidecars[random(2)], byUrl = session && random(2);
        const c = sidecar.client(venue, 'admin', byUrl ? { session, cursor } : {});
        await c.opened;
        if (!session) await c.subscribe(...wanted);
        else if (!byUrl) await c.resume(session, cursor);
        const from = c.got.length, enough = random(40);
        log.start ??= seqOf(c.got[0].cursor);
        if (last) await c.reached(head(venue));
        else await until(() => c.got.length >= from + enough || done(), 'some messages');
        await c.close();
        session = c.session ?? session; // it may have been cut before the first word
        cursor = c.cursor ?? cursor;
        log.resyncs += c.got.filter((m) => m.type === 'resync' || m.type === 'error').length;
        log.seqs.push(...c.events.map((m) => seqOf(m.cursor)));
    }
}

test('8 writers, 12 restless clients on two sidecars: complete, ordered, once', async (t) => {
    const venue = makeVenue();
    let writing = WRITERS;
    const logs = Array.from({ length: CLIENTS }, () => ({ seqs: [], resyncs: 0 }));
    const choices = [['restaurant_tables'], ['restaurant_orders', `table:${venue.tables[0]}`], ['floor:1', 'restaurant_notifications'],
        ['restaurant_tables', 'floor:2', 'restaurant_orders', 'restaurant_stats', 'restaurant_metrics']];
    const clients = logs.map((log, i) => follow(venue, log.wanted = choices[i % 4], log, () => writing === 0));
    await until(() => logs.every((log) => log.start !== undefined), 'all have subscribed');
    await Promise.all(Array.from({ length: WRITERS }, async () => {
        for (let i = 0; i < ROUNDS; i++) await psql(script(venue, COMMITS));
        writing--;
    }));
    await Promise.all(clients);
    const events = eventsOf(venue);
    assert.deepEqual(events.map((e) => e.seq), events.map((e, i) => i + 1), 'the table itself is gapless');
    assert.ok(events.length > 300);
    for (const log of logs) {
        assert.equal(log.resyncs, 0);
        const due = events.filter((e) => e.seq > log.start && channelsOf(e).some((c) => log.wanted.includes(c)));
        assert.deepEqual(log.seqs, due.map((e) => e.seq));
    }
    t.diagnostic(`${events.length} events, ${logs.reduce((n, log) => n + log.seqs.length, 0)} deliveries`);
});

// Under load the follower goes without the bell; every way back to sleep must lose nothing. The safety
// poll is out of reach here: a bell that was wrongly left out would never be made up for.
test('with and without the bell, and on every way between them: complete, ordered, once', async (t) => {
    const own = await new Sidecar({ feed_poll_ms: 600000 }).start(), venue = makeVenue();
    const c = own.client(venue);
    await c.opened;
    const start = seqOf((await c.subscribe('restaurant_tables')).cursor);
    let awake = 0;
    const me = () => rows("select asleep from feed.follower where name like 'sidecar-%'");
    // The other sidecars of this file sleep, and would keep the bell ringing.
    await Promise.all(sidecars.map((s) => s.stop()));
    for (let round = 0; round < 3; round++) {
        const bursts = Array.from({ length: 4 }, (_, w) => psql(`set synchronous_commit = off;\n` + Array.from({ length: 400 }, (_, i) =>
            `update maitred.dining_table set status_note = 'r${round}-${w}-${i}' where venue = ${venue.id} and id = ${venue.tables[w % 2]};`).join('\n')));
        let over = false;
        Promise.all(bursts).then(() => { over = true; });
        while (!over) {
            awake += me().some((f) => !f.asleep);
            await new Promise((done) => setTimeout(done, 20));
        }
        // Lone commits into the way back to sleep, wherever it is just now.
        for (let i = 0; i < 4; i++) {
            await new Promise((done) => setTimeout(done, Math.random() * 120));
            sql(`update maitred.dining_table set status_note = 'lone ${round} ${i}' where venue = ${venue.id} and id = ${venue.tables[0]}`);
        }
        await c.reached(head(venue));
    }
    await until(() => me().every((f) => f.asleep), 'asleep again');
    const all = eventsOf(venue, start).filter((e) => e.type.startsWith('table.')).map((e) => e.seq);
    assert.deepEqual(c.events.map((m) => seqOf(m.cursor)), all);
    t.diagnostic(`${all.length} events, seen awake ${awake} times`);
    assert.ok(awake > 0, 'it was awake under load');
    sql(`insert into feed.follower (name, asleep) values ('sidecar-dead', true)`);
    await c.close();
    await own.stop();
    assert.deepEqual(me().length, 1, 'said goodbye');
    sidecars = [await new Sidecar().start()];
    await until(() => rows("select 1 from feed.follower where name = 'sidecar-dead'").length === 0, 'the dead are forgotten');
});
