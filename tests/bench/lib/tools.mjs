// tools.mjs - what the benchmarks of live channels share: the load generator, commits at a rate, a process's costs.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pidOf, sql, token, until } from '../../house/lib/house.mjs';

export const seconds = Number(process.env.SECONDS_EACH ?? 10);
export const sizes = (process.env.CLIENTS ?? '100 1000 5000').split(' ').map(Number);
export const rows = [];
export const note = (row) => { rows.push(row); console.log(JSON.stringify(row)); };

export class Tool { // a child that answers lines
    constructor(command, args) {
        this.child = spawn(command, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
        this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    }
    async line() { const { value } = await this.lines.next(); return value; }
    ask(text) { this.child.stdin.write(text + '\n'); return this.line(); }
    tell(text) { this.child.stdin.write(text + '\n'); }
    async end() { this.tell('quit'); await new Promise((resolve) => this.child.once('exit', resolve)); }
}

export async function load(port, path, bearerOrNone, channels, clients) {
    const tool = new Tool(process.env.LOAD, ['127.0.0.1', port, path, bearerOrNone, channels, clients]);
    const [, , took] = (await tool.line()).split(' ');
    return { tool, took: Number(took) };
}

// The moment of the statement, in what every message about a table says.
export const noted = `status_note = 't0us=' || (extract(epoch from clock_timestamp()) * 1e6)::bigint`;

// A table that all are to hear of, the statement that changes it, and somebody who may hear.
export function oneTable() {
    const venue = Number(sql(`select id from maitred.venue where slug = 'bistro'`));
    const table = sql(`select id from maitred.dining_table where venue = ${venue} and active order by id limit 1`);
    return { venue, one: `table:${table}`, touch: `update maitred.dining_table set ${noted} where venue = ${venue} and id = ${table};\n`, bearer: token('bistro', 'admin') };
}

export const rateFor = (clients) => Math.max(5, Math.min(100, Math.floor(30000 / clients)));
export const cpuUs = (pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e3;
export const rssKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
export function median(values) {
    const sorted = values.slice().sort((a, b) => a - b), n = sorted.length;
    return (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}
export const fields = (line) => Object.fromEntries([...line.matchAll(/([a-z0-9_]+) (\d+)/g)].map(([, k, v]) => [k, Number(v)]));

// Commits at a rate, each with the moment of its statement in the message.
export function pgbench(script, { clients = 1, rate = 0, time = seconds }) {
    const file = join(process.env.MAITRED_DIR, 'bench.sql');
    writeFileSync(file, script);
    const out = execFileSync('pgbench', ['-n', '-M', 'prepared', '-f', file, '-c', clients, '-j', 1, '-T', time, ...(rate ? ['-R', rate] : [])].map(String), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { tps: Number(/tps = ([\d.]+)/.exec(out)[1]), commits: Number(/actually processed: (\d+)/.exec(out)[1]) };
}

// What the clients have got, once that is everything.
export async function all(tool, messages) {
    let got;
    await until(`${messages} messages came`, async () => { got = fields(await tool.ask('report')); return got.messages >= messages; }, 30)
        .catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(got)}`); });
    return got;
}

// What commits at a rate cost the sidecar until each has come to as many clients as it is for.
export async function delivered(tool, script, rate, clients) {
    const pid = pidOf('realtime');
    tool.tell('reset');
    const before = cpuUs(pid);
    const { commits } = pgbench(script, { rate });
    const got = await all(tool, Math.round(commits * clients)), cpu = cpuUs(pid) - before;
    return { commits, got, cpu, cost: cpu / got.messages, size: Math.round(got.bytes / got.messages) };
}

// A fresh process: memory that earlier clients left behind would hide what later ones need.
export async function restarted() {
    const old = pidOf('realtime');
    process.kill(old, 'SIGKILL');
    await until('the sidecar is back', async () => ![0, old].includes(pidOf('realtime')) && (await fetch(`http://127.0.0.1:${process.env.MAITRED_RT_PORT}/readyz`)).ok, 30);
}

// A notification on channel `bench` that tells when its statement ran, as long as a table's message is.
export const bell = `select pg_notify('bench', 't0us=' || (extract(epoch from clock_timestamp()) * 1e6)::bigint || repeat(' ', 430));\n`;

export const database = `dbname=${process.env.PGDATABASE ?? 'maitred'}`;

async function bare(...args) {
    const tool = new Tool(process.env.FLOOR, args);
    return { tool, port: Number((await tool.line()).split(' ')[1]) };
}

// The bare C program: its cost of as many sends of as many bytes.
export async function least(clients, size, commits, rate) {
    const floor = await bare();
    const { tool } = await load(floor.port, '/', '-', '-', clients);
    const sent = fields(await floor.tool.ask(`burst ${size} ${commits} ${Math.round(1e6 / rate)}`));
    await tool.end();
    await floor.tool.end();
    return sent.cpu_us / sent.sends;
}

// The same as a bridge: what is notified on `bench` goes to every client.
export async function bridge() {
    const { tool, port } = await bare(database);
    return { port, end: () => tool.end() };
}
