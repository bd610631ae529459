// run.mjs - drives the benchmarks against a running house: fan-out CPU, delay, memory, commit rate.
//
// Server CPU is read from the kernel's scheduler statistics of the sidecar's one thread (ns), the floor's
// from getrusage of the floor. Prints one JSON line a figure, and a table at the end.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { pidOf, sql } from '../house/lib/house.mjs';
import { all, bell, bridge, cpuUs, delivered, least, load, note, noted, oneTable, pgbench, rateFor, restarted, rows, rssKiB, seconds, sizes } from './lib/tools.mjs';

const rtPort = process.env.MAITRED_RT_PORT;
const { venue, one: ONE, touch, bearer } = oneTable();
const many = (n) => sql(`select string_agg(id::text, ',') from (select id from maitred.dining_table where venue = ${venue} and active order by id limit ${n}) t`);
const touchMany = (n) => `update maitred.dining_table set ${noted} where venue = ${venue} and id in (${many(n)});\n`;

const SOCKETIO = '/socket.io/?EIO=4&transport=websocket';

// What one delivered message costs the sidecar, over the protocol of this path; each commit is `each` messages to a client.
async function over(path, clients, rate, { channels = ONE, script = touch, each = 1 } = {}) {
    const { tool } = await load(rtPort, path, bearer, channels, clients);
    const figures = await delivered(tool, script, rate, clients * each);
    await tool.end();
    return figures;
}

const ratio = (figure, clients, d, floor) => note({ figure, clients, bytes: d.size, commits: d.commits, cpu_us: +d.cost.toFixed(2), floor: +floor.toFixed(2), ratio: +(d.cost / floor).toFixed(2) });

async function fanout(clients) {
    const rate = rateFor(clients);
    const ws = await over('/ws', clients, rate), floor = await least(clients, ws.size, ws.commits, rate);
    ratio('CPU-us a delivered message, WebSocket', clients, ws, floor);
    const sio = await over(SOCKETIO, clients, rate);
    ratio('Socket.IO', clients, sio, floor);
    note({ figure: 'Socket.IO beside WebSocket', clients, ratio: +(sio.cost / ws.cost).toFixed(2) });
    ratio('event stream', clients, await over('/events', clients, rate), floor);
    ratio('long poll', clients, await over('/poll', clients, rate), floor);
    const several = many(16).split(',').map((id) => `table:${id}`).join(',');
    ratio('long poll, sixteen different events', clients, await over('/poll', clients, Math.max(2, rate / 4), { channels: several, script: touchMany(16) }), floor);
}

// Sixteen events of one commit, all to each client.
async function bursts(clients) {
    for (const [figure, path] of [['WebSocket', '/ws'], ['Socket.IO', SOCKETIO], ['event stream', '/events']]) {
        const d = await over(path, clients, Math.max(2, Math.floor(5000 / clients)), { channels: 'restaurant_tables', script: touchMany(16), each: 16 });
        note({ figure: `CPU-us a message, 16 due at once, ${figure}`, clients, cpu_us: +d.cost.toFixed(2), commits: d.commits });
    }
}

// As many commits as it may be, each to every client: the queues are bounded, and nobody may be closed.
async function sustained(clients, rate) {
    const { tool } = await load(rtPort, '/ws', bearer, 'restaurant_tables', clients);
    const spread = `\\set n random(1, 16)\nupdate maitred.dining_table set ${noted} where venue = ${venue} and id = (array[${many(16)}])[:n];\n`;
    tool.tell('reset');
    const { commits, tps } = pgbench(spread, { clients: 4, rate });
    const ended = performance.now(), got = await all(tool, commits * clients);
    note({ figure: 'sustained commits/s, each to all', clients, asked: rate, commits_per_s: Math.round(tps), messages: got.messages, drained_ms: Math.round(performance.now() - ended), p50_ms: got.p50_us / 1e3, p99_ms: got.p99_us / 1e3 });
    await tool.end();
}

// From the first byte to the answer (Socket.IO: of CONNECT); the load itself runs on the same two cores.
async function handshakes(clients) {
    for (const [figure, path] of [['WebSocket', '/ws'], ['Socket.IO', SOCKETIO], ['event stream', '/events']]) {
        const pid = pidOf('realtime'), before = cpuUs(pid);
        const { tool, took } = await load(rtPort, path, bearer, '-', clients);
        const cost = (cpuUs(pid) - before) / clients;
        await tool.end();
        note({ figure: `handshakes/s with a verified token, ${figure}`, clients, handshakes_per_s: Math.round(clients / took), cpu_us: +cost.toFixed(1) });
    }
}

// All of them come back at once, each with ten events to get.
async function resumes(clients) {
    const ws = new WebSocket(`ws://127.0.0.1:${rtPort}/ws`, { headers: { authorization: `Bearer ${bearer}` } });
    await once(ws, 'open');
    ws.send(JSON.stringify({ action: 'subscribe', channels: [ONE] }));
    const { session, cursor } = JSON.parse(String((await once(ws, 'message'))[0]));
    ws.close();
    for (let i = 0; i < 10; i++) sql(touch);
    const began = performance.now();
    const { tool } = await load(rtPort, `/ws?session=${session}&cursor=${cursor}`, bearer, 'resume', clients);
    await all(tool, 10 * clients);
    note({ figure: 'resumes, ten missed events each', clients, seconds: +((performance.now() - began) / 1e3).toFixed(2) });
    await tool.end();
}

// Beside a program that does nothing but LISTEN and send.
async function delay(clients, rate) {
    const bare = await bridge();
    const figure = async (name, port, path, token, script) => {
        const { tool } = await load(port, path, token, token === '-' ? '-' : ONE, clients);
        tool.tell('reset');
        const { commits } = pgbench(script, { rate }), got = await all(tool, commits * clients);
        await tool.end();
        note({ figure: name, clients, rate, p50: got.p50_us / 1e3, p95: got.p95_us / 1e3, p99: got.p99_us / 1e3 });
    };
    await figure('statement to client, ms', rtPort, '/ws', bearer, touch);
    await figure('the same through a bare bridge', bare.port, '/', '-', bell);
    await bare.end();
}

async function memory(clients) {
    for (const [figure, path] of [['WebSocket', '/ws'], ['Socket.IO', SOCKETIO], ['event stream', '/events']]) {
        await restarted();
        const pid = pidOf('realtime'), before = rssKiB(pid);
        const { tool } = await load(rtPort, path, bearer, ONE, clients);
        const after = rssKiB(pid), idle = cpuUs(pid);
        const idling = seconds < 5 ? seconds : 20; // their pings among them
        await new Promise((done) => setTimeout(done, 1000 * idling));
        note({ figure: `KiB RSS an idle ${figure}`, clients, kib: +((after - before) / clients).toFixed(2), cpu_percent: +((cpuUs(pid) - idle) / idling / 1e4).toFixed(2) });
        await tool.end();
    }
}

// The same update with and without the feed's triggers (a replica session fires none of them), twice in turn.
function commitRate() {
    const spread = `\\set n random(1, 20)\nupdate maitred.dining_table set status_note = 'n' || :n where venue = ${venue} and number = :n;\n`;
    const figures = { with: [], without: [] };
    for (let i = 0; i < 2; i++) {
        figures.without.push(pgbench(`set session_replication_role = replica;\n${spread}`, { clients: 8, time: Math.ceil(seconds / 2) }).tps);
        figures.with.push(pgbench(`set session_replication_role = origin;\n${spread}`, { clients: 8, time: Math.ceil(seconds / 2) }).tps);
    }
    const best = (list) => Math.round(Math.max(...list));
    note({ figure: 'commits/s, 8 writers, one venue', with_feed: best(figures.with), without_triggers: best(figures.without), ratio: +(best(figures.with) / best(figures.without)).toFixed(2) });
}

const most = sizes.at(-1), middle = Math.min(1000, most);
await memory(most);
for (const clients of sizes) await fanout(clients);
await bursts(middle);
await handshakes(most);
await resumes(most);
await delay(middle, 100);
await sustained(middle, 1000);
commitRate();
writeFileSync(join(process.env.MAITRED_DIR, 'figures.json'), JSON.stringify(rows, null, 1));
