// Everybody comes back at once (a router, a sidecar, a web server was away): inside the ring's window it
// costs the database no query a client (SPEC 5.1). 500 here; `make soak-live` has 5,000.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, head, makeVenue, psql, rows, seqOf, token, until } from './lib/rig.mjs';
import { blocks, get } from './lib/listen.mjs';

const CLIENTS = 500, MISSED = 20;
let sidecar;
before(async () => { sidecar = await new Sidecar({ max_per_account: 2 * CLIENTS }).start(); });
after(() => sidecar.stop());

const flicker = (venue, times) => psql(Array.from({ length: times }, (_, i) =>
    `update maitred.dining_table set status_note = 'n${i}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));
// What the sidecar asked; the list of connections is written in one statement for those of a moment.
const calls = () => Object.fromEntries(rows(`select query like '%lease_write%' as leases, sum(calls)::int as n from pg_stat_statements
    where toplevel and userid = 'maitred_realtime'::regrole group by 1`).map(({ leases, n }) => [leases ? 'leases' : 'others', n]));

// The seqs that one client is told who comes back from `lost`, by each way.
const WAYS = [
    async (venue, lost, bearer) => {
        const c = sidecar.client(venue, 'admin', { session: lost.session, cursor: lost.cursor }, bearer);
        await c.opened;
        await until(() => c.events.length >= MISSED, 'all that was missed');
        const seqs = c.events.map((m) => seqOf(m.cursor));
        await c.close();
        return seqs;
    },
    async (venue, lost, bearer) => {
        const answer = await get(sidecar, venue, '/events', { channels: 'restaurant_tables' }, { 'last-event-id': lost.cursor }, bearer);
        const seqs = [];
        for await (const { event, id } of blocks(answer)) {
            if (event === 'table_update') seqs.push(seqOf(id));
            if (seqs.length >= MISSED) break;
        }
        return seqs;
    },
    async (venue, lost, bearer) => {
        const answer = await get(sidecar, venue, '/poll', { channels: 'restaurant_tables', since: lost.cursor }, {}, bearer);
        return (await answer.json()).events.map((m) => seqOf(m.cursor));
    },
];

test(`${CLIENTS} come back at once by every way: all they missed, no query a client`, async (t) => {
    const venue = makeVenue(), lost = sidecar.client(venue), bearer = token(venue);
    await lost.opened;
    await lost.subscribe('restaurant_tables', 'restaurant_stats');
    await lost.reached(head(venue));
    await lost.close();
    const from = seqOf(lost.cursor), witness = sidecar.client(venue);
    await witness.opened;
    await witness.subscribe('restaurant_tables', 'restaurant_stats');
    await flicker(venue, MISSED);
    await witness.reached(head(venue));
    const before = calls(), want = Array.from({ length: MISSED }, (_, i) => from + 1 + i);
    const told = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => WAYS[i % 3](venue, lost, bearer)));
    const after = calls(), more = (which) => (after[which] ?? 0) - (before[which] ?? 0);
    for (const seqs of told) assert.deepEqual(seqs, want);
    t.diagnostic(`${more('leases')} statements for the list of connections, ${more('others')} others`);
    assert.ok(more('others') < 30, `${more('others')} queries`); // the sidecar's own clocks
    assert.ok(more('leases') < CLIENTS / 4, `${more('leases')} statements for the list of connections`);
    await witness.close();
});
