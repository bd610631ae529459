#!/usr/bin/env node
// faults.mjs - kills each part of a working house in turn and proves that nothing was lost by it.
//
// Needs a running stack (see house.mjs for its environment). FAULTS: how many kills (20), CLIENTS
// (200). While 16 writers write: kill -9 of the sidecar, of a REST program, of a PostgreSQL backend, of the
// postmaster, in turn. Afterwards the checker compares every client's log with the event table,
// and every reservation that REST acknowledged is there exactly once. Prints TAP.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { maitred, password, pidOf, sql, token, until, socketUrl, web } from './lib/house.mjs';
import { LoggedClient } from './lib/follower.mjs';
import { prepareVenue, Writers } from './lib/writers.mjs';

const faults = Number(process.env.FAULTS ?? 20), count = Number(process.env.CLIENTS ?? 200);
const logs = process.env.LOGS ?? join(process.env.MAITRED_DIR, 'logs-of-clients');
mkdirSync(logs, { recursive: true });
let failed = 0;
const report = (good, name) => { if (!good) failed++; console.log(`${good ? 'ok' : 'not ok'} - ${name}`); };

const venues = ['bistro', 'faults-a', 'faults-b'].map((slug) => {
    if (slug !== 'bistro' && !sql(`select 1 from maitred.venue where slug = '${slug}'`)) {
        maitred(['venue', 'create', slug, '--kind', 'restaurant']);
        maitred(['user', 'add', slug, 'admin', '--role', 'admin', '--password-stdin'], `${password}\n`);
    }
    const id = Number(sql(`select id from maitred.venue where slug = '${slug}'`));
    return { slug, token: token(slug, 'admin'), ...prepareVenue(id) };
});
const CHANNELS = ['restaurant_reservations', 'restaurant_tables', 'restaurant_orders', 'restaurant_notifications', 'floor:1', 'restaurant_stats'];
const clients = Array.from({ length: count }, (_, i) => {
    const venue = venues[i % venues.length];
    const channels = CHANNELS.filter((_, c) => (i >> (c % 4)) % 2 || c === i % CHANNELS.length);
    return new LoggedClient({ url: socketUrl, token: venue.token, channels,
        log: join(logs, `client-${String(i).padStart(4, '0')}.jsonl`),
        head: { client: i, venue: venue.id, kind: 'restaurant' } });
});
await until('all clients are subscribed', () => clients.every((client) => client.session), 60);
const writers = new Writers(venues, venues.map((venue) => ({ venue: venue.id, token: venue.token })));
const pinger = setInterval(() => clients.forEach((client, i) => Math.random() < 0.2 && client.ping()), 1000);

const healthy = async () => (await fetch(`http://127.0.0.1:${process.env.MAITRED_RT_PORT}/readyz`)).ok &&
    (await fetch(`${web}/api/restaurant/reservations?limit=1`, { headers: { authorization: `Bearer ${venues[0].token}` } })).ok;
const KILLS = [
    ['the sidecar', () => pidOf('realtime')],
    ['a REST program', () => pidOf('reservations')],
    ['a PostgreSQL backend', () => Number(sql(`select pid from pg_stat_activity where usename = 'maitred_realtime' order by random() limit 1`))],
    ['the postmaster', () => pidOf('postgres')],
];
for (let i = 0; i < faults; i++) {
    const [what, victim] = KILLS[i % KILLS.length];
    const commits = writers.commits, pid = await until('a victim', victim);
    process.kill(pid, 'SIGKILL');
    for (let c = 0; c < 5; c++) clients[Math.floor(Math.random() * count)].cut();
    const back = await until(`${what} is back`, async () => {
        try { process.kill(pid, 0); if (what !== 'a PostgreSQL backend') return false; } catch { /* gone */ }
        return (await healthy()) && writers.commits > commits + 20;
    }, 60).catch((error) => { console.log(`# ${error.message}`); return false; });
    report(back, `kill ${i + 1}: ${what} is killed and all come back`);
}
clearInterval(pinger);
await writers.stop();
const heads = new Map(sql('select venue, seq from feed.counter').split('\n').map((line) => line.split('|').map(Number)));
const caughtUp = await until('every client is at the last event', () => {
    clients.forEach((client) => client.seq < heads.get(client.head.venue) && client.ping());
    return clients.every((client) => client.seq >= heads.get(client.head.venue));
}, 60).catch(() => false);
report(caughtUp, `all ${count} clients reach the last position`);
await Promise.all(clients.map((client) => client.stop()));

const files = readdirSync(logs).map((name) => join(logs, name));
const check = spawnSync('node', [new URL('./checker.mjs', import.meta.url).pathname, ...files], { encoding: 'utf8' });
console.log(check.stdout.trimEnd().replace(/^/gm, '# '));
report(check.status === 0, 'the checker finds no loss, no reordering, no duplicate');
const verdict = JSON.parse(check.stdout.split('\n')[0] || '{"delivered":0,"resyncs":-1}');
report(verdict.delivered > 20 * count, `clients were delivered ${verdict.delivered} events`);
report(verdict.resyncs === 0, 'no client needed a snapshot');
const kept = new Set(sql(`select venue || ' ' || customer_name from maitred.reservation where customer_name like 'rest-${process.pid}-%'`).split('\n'));
const doubled = sql(`select count(*) from (select 1 from maitred.reservation where customer_name like 'rest-${process.pid}-%' group by venue, customer_name having count(*) > 1) x`);
report(writers.acked.length > 0 && writers.acked.every(({ venue, name }) => kept.has(`${venue} ${name}`)) && doubled === '0',
    `${writers.acked.length} acknowledged reservations are there exactly once`);
const gaps = sql('select count(*) from (select venue, count(*) n, min(seq) a, max(seq) b from feed.log group by venue) x where n <> b - a + 1');
report(gaps === '0', 'seq is gapless in every venue');
console.log(`# commits by psql ${writers.commits}, by REST ${writers.acked.length}, reconnects ${clients.reduce((n, c) => n + c.connects - 1, 0)}`);
process.exit(failed ? 1 : 0);
