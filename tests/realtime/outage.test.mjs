// The database goes away, or its bell does: clients see a delay, never a hole (SPEC section 4).
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, head, makeVenue, restartPostgres, seqOf, sql, until } from './lib/rig.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar().start(); });
after(() => sidecar.stop());

const seqs = (c) => c.events.map((m) => seqOf(m.cursor));
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + 1 + i);
// Those of n orders behind `from`: their messages have others between them.
function told(venue, from, n) {
    const found = sql(`select seq from feed.log where venue = ${venue.id} and seq > ${from}
        and type = 'order.created' order by seq`).split('\n').map(Number);
    assert.equal(found.length, n);
    return found;
}

async function listener(venue, ...channels) {
    const c = sidecar.client(venue);
    await c.opened;
    await c.subscribe(...channels);
    return c;
}

const killBackends = (who) => sql(`select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = '${who}'`);

for (const mode of ['fast', 'immediate'])
    test(`PostgreSQL restarts (${mode}): a delay, no hole, figures come back`, async () => {
        const venue = makeVenue(), c = await listener(venue, 'restaurant_orders', 'restaurant_metrics');
        const from = head(venue);
        addOrder(venue);
        await c.wait('order_created');
        await restartPostgres(mode);
        for (let i = 0; i < 5; i++) addOrder(venue);
        await c.reached(head(venue));
        assert.deepEqual(seqs(c), told(venue, from, 6));
        await c.wait((m) => m.type === 'metrics_update' && m.metrics.orders === 6);
        assert.equal(c.code, undefined);
        assert.equal(c.find('resync'), undefined);
        await until(() => sidecar.ready(), 'ready again');
        await c.close();
    });

test('a lost LISTEN connection: what was committed meanwhile comes in order', async () => {
    const venue = makeVenue(), c = await listener(venue, 'restaurant_orders'), from = head(venue);
    killBackends('maitred-feed');
    for (let i = 0; i < 3; i++) addOrder(venue);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), told(venue, from, 3));
    await c.close();
});

test('a feed connection that stands but does not answer is noticed: cached answers end, nothing is lost', async () => {
    const own = await new Sidecar({ feed_poll_ms: 500 }).start(), venue = makeVenue(), from = head(venue);
    const c = own.client(venue);
    await c.opened;
    await c.subscribe('restaurant_orders');
    // The newest: ours, whatever other sidecars are about.
    const pid = Number(sql(`select pid from pg_stat_activity where application_name = 'maitred-feed'
        order by backend_start desc limit 1`));
    process.kill(pid, 'SIGSTOP');
    try {
        addOrder(venue);
        await until(() => /the database does not answer the feed/.test(own.log()), 'the silence is noticed');
    } finally {
        process.kill(pid, 'SIGCONT');
    }
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), told(venue, from, 1));
    await c.close();
    await own.stop();
});

test('a resume asked while the database is away waits for it', async () => {
    const own = await new Sidecar({ ring_events: 16 }).start(), venue = makeVenue();
    const lost = own.client(venue);
    await lost.opened;
    await lost.subscribe('restaurant_tables');
    await lost.reached(head(venue)); // the venue's own beginning is told
    await lost.close();
    const from = seqOf(lost.cursor);
    sql(`do $$ begin for i in 1..60 loop update maitred.dining_table set status_note = 'n' || i
        where venue = ${venue.id} and id = ${venue.tables[0]}; commit; end loop; end $$`);
    const c = own.client(venue);
    await c.opened;
    killBackends('maitred-replay');
    await c.resume(lost.session, lost.cursor);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), range(from, from + 60));
    await c.close();
    await own.stop();
});

test('no bell at all: the safety poll reads, and one line says so', async () => {
    const venue = makeVenue(), c = await listener(venue, 'restaurant_orders'), from = head(venue);
    // As behind a pooler: the probe is never heard.
    assert.match(sidecar.log(), /LISTEN works/);
    sql("alter function api.feed_probe(text) rename to feed_probe_away");
    try {
        killBackends('maitred-feed');
        await until(() => /LISTEN does not work/.test(sidecar.log()), 'it noticed');
    } finally {
        sql("alter function api.feed_probe_away(text) rename to feed_probe");
    }
    addOrder(venue);
    await c.reached(head(venue));
    assert.deepEqual(seqs(c), told(venue, from, 1));
    assert.equal(sidecar.log().match(/LISTEN does not work/g).length, 1);
    await c.close();
});

test('SIGTERM in the middle of everything: 1012 for all, exit 0, nothing leaks', async () => {
    const own = await new Sidecar({ ring_events: 16 }).start(), venue = makeVenue();
    const lost = own.client(venue);
    await lost.opened;
    await lost.subscribe('restaurant_tables', 'restaurant_stats');
    await lost.close();
    sql(`do $$ begin for i in 1..60 loop update maitred.dining_table set status_note = 'n' || i
        where venue = ${venue.id} and id = ${venue.tables[0]}; commit; end loop; end $$`);
    const clients = [own.client(venue), own.client(venue), own.client(venue)];
    for (const c of clients) await c.opened;
    await clients[0].subscribe('restaurant_orders', 'restaurant_metrics');
    killBackends('maitred-replay');
    killBackends('maitred-actions');
    clients[1].send({ action: 'resume', session: lost.session, cursor: lost.cursor });
    clients[2].send({ action: 'resume', session: lost.session, cursor: `deadbeefv${venue.id}-1` });
    await clients[2].wait('resync');
    await own.stop();
    assert.deepEqual(await Promise.all(clients.map((c) => c.closed)), [1012, 1012, 1012]);
});
