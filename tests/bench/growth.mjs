// growth.mjs - the cost of a delivered message, memory and waits, as connections and venues grow (growth.sh).
//
// Each row is measured in every round and told as the median of the rounds, a ratio as that of the rounds' own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidOf, sql, token } from '../house/lib/house.mjs';
import { all, delivered, fields, least, load, median, noted, oneTable, rateFor, restarted, rssKiB, sizes } from './lib/tools.mjs';

const rtPort = process.env.MAITRED_RT_PORT, rounds = Number(process.env.ROUNDS ?? 3), most = 1000 * Number(process.env.MOST ?? 180);
const venueCounts = process.env.VENUES.split(' ').map(Number), shared = Math.min(1000, sizes.at(-1));
const { one, touch, bearer } = oneTable();

const measured = new Map(); // name of a row -> its figures of each round
const note = (name, figures) => measured.set(name, [...(measured.get(name) ?? []), figures]);
const ms = (us) => us / 1e3;

// ------------------------------------------------------------------ connections

const paths = [
    { name: 'WebSocket', path: '/ws', again: true },
    { name: 'Socket.IO', path: '/socket.io/?EIO=4&transport=websocket', again: true },
    { name: 'event stream', path: '/events' },
    { name: 'long poll', path: '/poll' },
];

// A dashboard's clients: ready when the subscription is acknowledged, of use when the first figures are here.
async function figuresOf(clients) {
    const { tool } = await load(rtPort, '/ws', bearer, 'restaurant_stats', clients);
    await all(tool, clients);
    const { first_p95_us, first_max_us } = fields(await tool.ask('waits'));
    await tool.end();
    return { first_p95: ms(first_p95_us), first_max: ms(first_max_us) };
}

async function connections({ name, path, again }, clients, floorOf) {
    await restarted();
    const empty = rssKiB(pidOf('realtime')), rate = rateFor(clients);
    const { tool } = await load(rtPort, path, bearer, one, clients);
    const opened = fields(await tool.ask('waits'));
    const d = await delivered(tool, touch, rate, clients), kib = (rssKiB(pidOf('realtime')) - empty) / clients;
    const anew = again ? fields(await tool.ask('again')) : {};
    await tool.end();
    const floor = await floorOf(d, rate);
    note(`${clients} ${name}`, { cpu_us: d.cost, floor, ratio: d.cost / floor, kib, ready_p95: ms(opened.ready_p95_us), ready_max: ms(opened.ready_max_us),
        again_p95: ms(anew.join_p95_us), again_max: ms(anew.join_max_us),
        event_p50: ms(d.got.p50_us), event_p95: ms(d.got.p95_us), event_p99: ms(d.got.p99_us) });
}

// ------------------------------------------------------------------ venues

const realtimeCalls = () => Number(sql(`select coalesce(sum(calls), 0) from pg_stat_statements where toplevel and userid = 'maitred_realtime'::regrole`));
let first; // id of the first venue of ours; the others follow it
const seats = [];

function venuesMake(upTo) {
    sql(`insert into maitred.venue (slug, kind, name) select 'growth-' || g, 'restaurant', 'Growth' from generate_series(${seats.length + 1}, ${upTo}) g order by g;
        insert into maitred.floor select id, 1, 'Ground' from maitred.venue v where slug like 'growth-%' and not exists (select from maitred.floor f where f.venue = v.id);
        insert into maitred.dining_table (venue, number, label, capacity)
            select id, 1, 'T-1', 4 from maitred.venue v where slug like 'growth-%' and not exists (select from maitred.dining_table t where t.venue = v.id);
        insert into maitred.account (venue, username, display_name, role)
            select id, 'admin', 'Admin', 'admin' from maitred.venue v where slug like 'growth-%' and not exists (select from maitred.account a where a.venue = v.id)`);
    first ??= Number(sql(`select id from maitred.venue where slug = 'growth-1'`));
    const tables = sql(`select t.id from maitred.dining_table t join maitred.venue v on v.id = t.venue where slug like 'growth-%' order by v.id`).split('\n');
    for (let n = seats.length; n < upTo; n++) seats.push(`${token(`growth-${n + 1}`, 'admin')} table:${tables[n]}`);
}

// As many clients and commits, in ever more venues: what is left to share gets less.
async function venues(count) {
    const rate = rateFor(shared), file = join(process.env.MAITRED_DIR, 'seats'), each = shared / count;
    writeFileSync(file, seats.slice(0, count).join('\n'));
    const { tool } = await load(rtPort, '/ws', `@${file}`, '-', shared);
    const before = realtimeCalls(), began = performance.now();
    const d = await delivered(tool, `\\set v random(${first}, ${first + count - 1})\nupdate maitred.dining_table set ${noted} where venue = :v and number = 1;\n`, rate, each);
    const seconds = (performance.now() - began) / 1e3, calls = realtimeCalls() - before;
    await tool.end();
    const floor = await least(each, d.size, d.commits, rate);
    note(`${count} venues`, { cpu_us: d.cost, floor, ratio: d.cost / floor, commit_us: d.cpu / d.commits, statements: calls / d.commits, statements_per_s: calls / seconds,
        event_p50: ms(d.got.p50_us), event_p95: ms(d.got.p95_us), event_p99: ms(d.got.p99_us) });
}

// ------------------------------------------------------------------ all of it

sql('create extension if not exists pg_stat_statements');
const due = (round, began, within = most) => round < rounds && (round === 0 || performance.now() - began < within);
for (let round = 0, began = performance.now(); due(round, began); round++)
    for (const clients of sizes) {
        let floor; // of this round, taken behind the first
        const floorOf = async (d, rate) => (floor ??= await least(clients, d.size, d.commits, rate));
        for (const path of paths) await connections(path, clients, floorOf);
        note(`${clients} first figures`, await figuresOf(clients));
    }
for (const count of venueCounts) {
    venuesMake(count);
    await restarted();
    for (let round = 0, began = performance.now(); due(round, began, most / 6); round++) await venues(count);
}

for (const [name, list] of measured)
    console.log(name.padEnd(20), Object.keys(list[0]).filter((key) => !Number.isNaN(list[0][key]))
        .map((key) => `${key} ${median(list.map((figures) => figures[key])).toFixed(2)}`).join('  '));

console.log(`rounds had: ${measured.get(`${sizes[0]} WebSocket`).length}`);
// What the requirements ask of the tables page, whoever else is there: the medians, and the worst of all clients of all rounds.
console.log('limits, ms: connected 2000, event 500 (p95), room changed 100');
for (const clients of sizes)
    for (const { name } of paths.filter((p) => p.again)) {
        const list = measured.get(`${clients} ${name}`), mid = (key) => median(list.map((f) => f[key])).toFixed(1), worst = (key) => Math.max(...list.map((f) => f[key])).toFixed(1);
        console.log(`${clients} ${name}: connected p95 ${mid('ready_p95')}, max ${worst('ready_max')}; event p95 ${mid('event_p95')}; room changed p95 ${mid('again_p95')}, max ${worst('again_max')}`);
    }
