// run.mjs - drives the benchmarks against a running house: fan-out CPU, delay, memory, commit rate.
//
// Server CPU is read from the kernel's scheduler statistics of the sidecar's one thread (ns), the floor's
// from getrusage of the floor. Prints one JSON line a figure, and a table at the end.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pidOf, sql, token, until } from '../house/lib/house.mjs';

const seconds = Number(process.env.SECONDS_EACH ?? 10);
const sizes = (process.env.CLIENTS ?? '100 1000 5000').split(' ').map(Number);
const rtPort = process.env.MAITRED_RT_PORT, floorPort = 20000 + (process.pid % 20000);
const venue = Number(sql(`select id from maitred.venue where slug = 'bistro'`));
const bearer = token('bistro', 'admin');
const table = sql(`select id from maitred.dining_table where venue = ${venue} and active order by id limit 1`);
const rows = [];
const note = (row) => { rows.push(row); console.log(JSON.stringify(row)); };

class Tool { // a child that answers lines
    constructor(command, args) {
        this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    }
    async line() { const { value } = await this.lines.next(); return value; }
    ask(text) { this.child.stdin.write(text + '\n'); return this.line(); }
    tell(text) { this.child.stdin.write(text + '\n'); }
    async end() { this.tell('quit'); await new Promise((resolve) => this.child.once('exit', resolve)); }
}
const wsload = async (port, path, bearerOrNone, channel, clients) => {
    const tool = new Tool(process.env.WSLOAD, ['127.0.0.1', port, path, bearerOrNone, channel, clients].map(String));
    const [, , took] = (await tool.line()).split(' ');
    return { tool, took: Number(took) };
};
const cpuUs = (pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e3;
const rssKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const fields = (line) => Object.fromEntries([...line.matchAll(/([a-z0-9_]+) (\d+)/g)].map(([, k, v]) => [k, Number(v)]));

// Commits at a rate, each with the moment of its statement in the message.
function pgbench(script, { clients = 1, rate = 0, time = seconds }) {
    const file = join(process.env.MAITRED_DIR, 'bench.sql');
    writeFileSync(file, script);
    const out = execFileSync('pgbench', ['-n', '-M', 'prepared', '-f', file, '-c', clients, '-j', 1, '-T', time, ...(rate ? ['-R', rate] : [])].map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { tps: Number(/tps = ([\d.]+)/.exec(out)[1]), commits: Number(/actually processed: (\d+)/.exec(out)[1]) };
}
const touch = `update maitred.dining_table set status_note = 't0us=' || (extract(epoch from clock_timestamp()) * 1e6)::bigint where venue = ${venue} and id = ${table};\n`;

// What the clients have got, once that is everything.
async function all(tool, messages) {
    let got;
    await until(`${messages} messages came`, async () => { got = fields(await tool.ask('report')); return got.messages >= messages; }, 30)
        .catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(got)}`); });
    return got;
}

const SOCKETIO = '/socket.io/?EIO=4&transport=websocket';

// What one delivered message costs the sidecar, over the protocol of this path.
async function delivered(path, clients, rate) {
    const { tool } = await wsload(rtPort, path, bearer, `table:${table}`, clients);
    const pid = pidOf('realtime');
    tool.tell('reset');
    const before = cpuUs(pid);
    const { commits } = pgbench(touch, { rate });
    const got = await all(tool, commits * clients);
    const cost = (cpuUs(pid) - before) / got.messages, size = Math.round(got.bytes / got.messages);
    await tool.end();
    return { cost, size, commits };
}

async function fanout(clients) {
    const rate = Math.max(5, Math.min(100, Math.floor(30000 / clients)));
    const { cost: ours, size, commits } = await delivered('/ws', clients, rate);
    const floor = new Tool(process.env.FLOOR, [floorPort]);
    await floor.line(); // listening
    const load = (await wsload(floorPort, '/', '-', '-', clients)).tool;
    const sent = fields(await floor.ask(`burst ${size} ${commits} ${Math.round(1e6 / rate)}`));
    await load.end();
    await floor.end();
    const least = sent.cpu_us / sent.sends;
    note({ figure: 'server CPU-us per delivered message', clients, bytes: size, commits, maitred: +ours.toFixed(2), floor: +least.toFixed(2), ratio: +(ours / least).toFixed(2) });
    const sio = await delivered(SOCKETIO, clients, rate);
    note({ figure: 'the same over Socket.IO', clients, bytes: sio.size, commits: sio.commits, maitred: +sio.cost.toFixed(2), websocket: +ours.toFixed(2), ratio: +(sio.cost / ours).toFixed(2) });
}

// From the first byte to CONNECT's answer; the load itself runs on the same two cores.
async function handshakes(clients) {
    const pid = pidOf('realtime'), before = cpuUs(pid);
    const { tool, took } = await wsload(rtPort, SOCKETIO, bearer, '-', clients);
    const cost = (cpuUs(pid) - before) / clients;
    await tool.end();
    note({ figure: 'Socket.IO handshakes/s by WebSocket', clients, handshakes_per_s: Math.round(clients / took), cpu_us: +cost.toFixed(1) });
}

async function delay(clients, rate) {
    const { tool } = await wsload(rtPort, '/ws', bearer, `table:${table}`, clients);
    tool.tell('reset');
    const { commits } = pgbench(touch, { rate });
    const got = await all(tool, commits * clients);
    await tool.end();
    note({ figure: 'statement to client, ms', clients, rate, p50: got.p50_us / 1e3, p95: got.p95_us / 1e3, p99: got.p99_us / 1e3 });
}

async function memory(clients) {
    const pid = pidOf('realtime'), before = rssKiB(pid);
    const { tool, took } = await wsload(rtPort, '/ws', bearer, `table:${table}`, clients);
    const after = rssKiB(pid);
    await tool.end();
    note({ figure: 'KiB RSS an idle WebSocket', clients, kib: +((after - before) / clients).toFixed(2), handshakes_per_s: Math.round(clients / took) });
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

await memory(sizes.at(-1)); // first: memory that earlier clients left behind would hide it
for (const clients of sizes) await fanout(clients);
await handshakes(sizes.at(-1));
await delay(Math.min(1000, sizes.at(-1)), 100);
commitRate();
writeFileSync(join(process.env.MAITRED_DIR, 'figures.json'), JSON.stringify(rows, null, 1));
