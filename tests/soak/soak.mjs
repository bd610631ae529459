#!/usr/bin/env node
// soak.mjs - a house full of clients, for MINUTES, in which things break all the time; then the checker.
//
// Needs a running stack with two sidecars (run.sh; environment of tests/house/lib/house.mjs, and RT_PORT_B). CLIENTS of
// all sorts come and go over both sidecars and the web server (load.mjs); `maitred simulate` is both venues' life, and
// psql the hotel's desk; sidecars are killed and PostgreSQL restarts (lib/chaos.mjs). In the last third of the time
// the sidecars are spared, and their memory looked at. In the end everybody reaches the last position, and STORM of
// them come back at once from where they stood some time before. Prints TAP.
import { fork, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Psql, sql, token, web } from '../house/lib/house.mjs';
import { Chaos } from './lib/chaos.mjs';
import { Memory } from './lib/memory.mjs';

const env = process.env;
const seconds = Number(env.MINUTES ?? 60) * 60, count = Number(env.CLIENTS ?? 2000), storm = Number(env.STORM ?? 5000), speed = Number(env.SPEED ?? 60);
const long = seconds >= 600, GROWTH_KB = long ? 4096 : 16384;
const PROGRAMS = ['stats', 'reservations', 'rooms', 'menu', 'tables', 'orders', 'accounts'];
const sidecars = [{ name: 'realtime', port: env.MAITRED_RT_PORT }, { name: 'realtime-b', port: env.RT_PORT_B }];
const books = join(env.MAITRED_DIR, 'books');
mkdirSync(books, { recursive: true });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const began = Date.now();
const say = (text) => console.log(`# ${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${text}`);
let failed = 0;
const report = (good, name) => { if (!good) failed++; console.log(`${good ? 'ok' : 'not ok'} - ${name}`); };

// ---- who comes

const CHANNELS = {
    restaurant: ['restaurant_tables', 'restaurant_orders', 'restaurant_reservations', 'floor:1', 'restaurant_notifications'],
    hotel: ['hotel_reservations', 'hotel_rooms', 'hotel_notifications'],
};
const FIGURES = { restaurant: ['restaurant_stats', 'restaurant_metrics'], hotel: ['hotel_stats'] };
const ROLES = [['admin', false], ['manager', false], ['viewer', true]];
const venues = [['bistro', 'restaurant'], ['grand', 'hotel']].map(([slug, kind]) => ({ slug, kind,
    id: Number(sql(`select id from maitred.venue where slug = '${slug}'`)), tokens: Object.fromEntries(ROLES.map(([role]) => [role, token(slug, role)])) }));
function headOf(n) {
    const i = Math.floor(n / 2), { id, kind, tokens } = venues[n % 2], [role, masked] = ROLES[i % 3], all = CHANNELS[kind];
    // Two of its venue's, and one in seven hears figures as well; a viewer has neither orders nor notifications.
    const channels = [all[i % all.length], all[(i + 1 + Math.floor(i / all.length) % (all.length - 1)) % all.length], ...(i % 7 ? [] : FIGURES[kind])]
        .filter((name) => role !== 'viewer' || !/orders|notifications/.test(name));
    return { venue: id, kind, role, masked, token: tokens[role], channels: channels.length ? channels : [all[0]] };
}

// ---- the load

class Load {
    constructor(i) {
        const pace = long ? { stay: 40000, away: 5000, forget: 0.04 } : { stay: 4000, away: 500, forget: 0.04 };
        this.book = join(books, `book-${i}`);
        this.state = { faults: [] };
        this.faults = [];
        this.child = fork(new URL('./load.mjs', import.meta.url).pathname,
            [this.book, JSON.stringify([...sidecars.map((s) => s.port), env.MAITRED_PORT]), JSON.stringify(pace)]);
        this.gone = new Promise((done) => this.child.once('exit', done));
        this.child.on('message', ({ state, done }) => {
            this.state = state;
            this.faults.push(...state.faults);
            if (done === this.asked) this.done();
        });
    }
    ask(what, more = {}) {
        this.asked = what;
        this.child.send({ do: what, ...more });
        return new Promise((done, failed) => { this.done = done; this.gone.then(() => failed(new Error('the load ended'))); });
    }
}
const loads = Array.from({ length: count > 400 ? 2 : 1 }, (_, i) => new Load(i));
const all = (what, more) => Promise.all(loads.map((load) => load.ask(what, more)));
const sum = (key) => loads.reduce((n, load) => n + load.state[key], 0);
const within = (promise, ms) => Promise.race([promise.then(() => true), sleep(ms).then(() => false)]);

// ---- who writes, and who looks

let writing = true, lives = 0;
async function simulate({ slug, kind }) {
    const pace = kind === 'hotel' ? 10 * speed : speed; // an hour of a hotel is a quiet one
    const log = openSync(join(env.MAITRED_DIR, 'log', `simulate-${slug}.log`), 'a');
    while (writing) {
        const child = spawn(join(env.MAITRED_BUILD, 'maitred'), ['simulate', slug, '--speed', pace], { stdio: ['ignore', log, log], env: { ...env, MAITRED_CONFIG: join(env.MAITRED_DIR, 'maitred.conf') } });
        const ended = new Promise((done) => child.once('exit', done));
        simulate.children.add(child);
        lives++;
        await ended; // with the database, or with us
        simulate.children.delete(child);
        if (writing) await sleep(500);
    }
}
simulate.children = new Set();
// A hotel is full one day, and its calendar is ours: who writes on are the people at its desk, by psql.
async function desk({ id }) {
    const session = new Psql(), one = 'order by random() limit 1';
    for (let n = 0; writing; n++) {
        await session.run(n % 2 ? `update maitred.room set note = 'n${n}' where (venue, id) = (select venue, id from maitred.room where venue = ${id} ${one})`
            : `update maitred.booking set special_requests = 'n${n}' where (venue, id) = (select venue, id from maitred.booking where venue = ${id} ${one})`);
        await sleep(300 * Math.random());
    }
    session.stop();
}
const PAGES = ['dashboard/stats', 'restaurant/reservations', 'hotel/rooms', 'restaurant/menu/items', 'tables', 'v1/orders', 'user/profile'];
const seen = {};
let looks = 0;
const looking = setInterval(() => {
    const { tokens } = venues[looks % 2];
    fetch(`${web}/api/${PAGES[looks++ % PAGES.length]}`, { headers: { authorization: `Bearer ${tokens.manager}` } })
        .then(async (answer) => { seen[answer.status] = (seen[answer.status] ?? 0) + 1; await answer.arrayBuffer(); }, () => { seen.failed = (seen.failed ?? 0) + 1; });
}, 200);

// ---- the run

const heads = () => Object.fromEntries(sql(`select venue, seq from feed.counter where venue in (${venues.map((v) => v.id)})`).split('\n').map((line) => line.split('|').map(Number)));
const calls = () => new Map(sql(`select regexp_replace(query, '\\s+', ' ', 'g'), sum(calls) from pg_stat_statements
    where toplevel and userid = 'maitred_realtime'::regrole group by 1`).split('\n').map((line) => { const at = line.lastIndexOf('|'); return [line.slice(0, at), Number(line.slice(at + 1))]; }));
sql('create extension if not exists pg_stat_statements');
const first = heads();
const memory = new Memory([...sidecars.map((s) => s.name), ...PROGRAMS], long ? 2000 : 250);
const writers = [...venues.map(simulate), desk(venues[1])];
const heard = await within(all('clients', { heads: Array.from({ length: Math.ceil(count / loads.length) }, (_, n) => headOf(n)), over: Math.min(60, seconds / 10) * 1000 }), 120000);
if (!heard) {
    for (const load of loads) for (const text of load.faults.slice(0, 5)) say(text);
    report(false, 'every client is heard out within two minutes');
    for (const child of [...loads.map((load) => load.child), ...simulate.children]) child.kill();
    process.exit(1);
}
say(`${sum('clients')} clients are there`);
const chaos = new Chaos(sidecars, seconds, say);
const telling = setInterval(() => {
    let now;
    try { now = heads(); } catch { return; } // PostgreSQL is away just now
    const cpu = loads.map((load) => Math.round(load.state.cpuMs / 10 / ((Date.now() - began) / 1000)));
    say(`events ${Object.entries(now).map(([v, seq]) => seq - first[v]).join(' + ')}, messages ${sum('messages')}, visits ${sum('visits')}, refused ${sum('refused')}, load ${cpu.join(' and ')} % of a core`);
}, long ? 60000 : 10000);
await sleep(seconds * 2000 / 3);
chaos.spare();
say('the sidecars are spared from now on');
await sleep(seconds * 1000 / 3);
await chaos.stop();
await all('mark');
await sleep(5000); // so that those who come back have missed something
clearInterval(telling);
writing = false;
for (const child of simulate.children) child.kill('SIGTERM');
await Promise.all(writers);
const ends = heads(), events = Object.keys(ends).reduce((n, v) => n + ends[v] - first[v], 0);
const arrived = await within(all('finish', { heads: ends }), 120000);
const took = Math.round((Date.now() - began) / 1000);
say(`${sum('messages')} messages in all, ${sum('visits')} visits, ${sum('starts')} starts, ${lives} lives of simulate, pages ${JSON.stringify(seen)}`);
report(chaos.lost.length === 0 && chaos.kills > 1 && chaos.restarts.fast > 0 && chaos.restarts.immediate > 0,
    `${chaos.kills} kills of sidecars, ${chaos.restarts.fast} fast and ${chaos.restarts.immediate} immediate restarts of PostgreSQL: all came back ${chaos.lost.join(', ')}`);
report(arrived, `all ${count} clients reach the last position after ${events} events in ${took} s`);

const before = calls(), stormBegan = Date.now();
const stormed = await within(all('storm', { count: Math.ceil(storm / loads.length), batch: Math.ceil(1000 / loads.length), heads: ends }), 180000);
const stormMs = Date.now() - stormBegan, more = [...calls()].map(([query, n]) => [n - (before.get(query) ?? 0), query]).filter(([n]) => n > 0).sort((a, b) => b[0] - a[0]);
const leases = more.filter(([, query]) => /lease_write/.test(query)).reduce((n, [m]) => n + m, 0), others = more.reduce((n, [m]) => n + m, 0) - leases;
for (const [n, query] of more.slice(0, 8)) say(`storm: ${n} x ${query.slice(0, 100)}`);
report(stormed && leases < storm / 5 && others < 100, `a storm of ${storm} reconnects in ${stormMs} ms: ${leases} statements for the list of connections (those of 50 ms in one), ${others} others`);
clearInterval(looking);
memory.stop();

await all('end').catch(() => {});
await Promise.all(loads.map((load) => load.gone));
const faults = loads.flatMap((load) => load.faults);
for (const text of faults.slice(0, 10)) say(text.slice(0, 300));
report(faults.length === 0, `no client was refused for good, or told of an error: ${faults.length}`);
writeFileSync(join(books, 'ends.json'), JSON.stringify(ends));
const check = spawnSync('node', ['--max-old-space-size=8000', new URL('./checker.mjs', import.meta.url).pathname, ...loads.map((load) => load.book)],
    { encoding: 'utf8' });
console.log((check.stdout + check.stderr).trimEnd().replace(/^/gm, '# '));
report(check.status === 0, 'the checker finds every log complete, ordered and without duplicates');
const verdict = JSON.parse(check.stdout.split('\n')[0] || '{"delivered":0,"resyncs":-1}');
report(verdict.delivered > 20 * count, `clients were delivered ${verdict.delivered} events`);
report(verdict.resyncs === 0 && verdict.snapshots === 0, 'nobody needed a snapshot');
const judged = memory.judge(long ? seconds * 1000 / 6 : 6000);
for (const life of judged) say(`${life.name.padEnd(13)} ${life.seconds} s: ${life.first} kB in its first third, ${life.last} in its last, ${life.most} at most`);
report(sidecars.every(({ name }) => judged.some((life) => life.name === name)) && judged.every((life) => life.last - life.first < GROWTH_KB),
    `memory is flat: nobody took ${GROWTH_KB} kB more in the last third of its life than in the first`);
writeFileSync(join(env.MAITRED_DIR, 'soak.json'), JSON.stringify({ seconds, count, events, verdict, stormMs, leases, others, judged, kills: chaos.kills, restarts: chaos.restarts }, null, 1));
process.exit(failed ? 1 : 0);
