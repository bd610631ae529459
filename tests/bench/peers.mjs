// peers.mjs - the same load on what else there is: each peer LISTENs to the same notifications (tools.mjs) and
// sends them to as many clients; the sidecar and the bare C bridge in the same run, in turn.
//
// CPU is the peer's process, of nchan nginx alone without the process that posts to it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pidOf, until } from '../house/lib/house.mjs';
import { Tool, all, bell, bridge, cpuUs, fields, least, load, note, oneTable, pgbench, rateFor, rssKiB, sizes } from './lib/tools.mjs';

const here = new URL('./peers/', import.meta.url).pathname, dir = join(process.env.MAITRED_DIR, 'peers');
const { one, touch, bearer } = oneTable();
mkdirSync(dir, { recursive: true });

async function node(kind, port) {
    const tool = new Tool('node', [join(here, 'serve.mjs'), kind, port]);
    await tool.line(); // listening
    return { tool, pid: tool.child.pid, cpu: async () => fields(await tool.ask('cpu')).cpu_us, end: () => tool.end() };
}

async function nchan(port) {
    const conf = join(dir, 'nchan.conf');
    writeFileSync(conf, readFileSync(join(here, 'nchan.conf.in'), 'utf8').replaceAll('@DIR@', dir).replaceAll('@PORT@', port));
    const nginx = spawn('nginx', ['-c', conf], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until('nchan listens', () => fetch(`http://127.0.0.1:${port}/publish`), 10);
    const poster = await node('none', port);
    return { pid: nginx.pid, cpu: () => cpuUs(nginx.pid), end: async () => { await poster.end(); nginx.kill('SIGTERM'); await new Promise((done) => nginx.once('exit', done)); } };
}

const port = Number(process.env.PEER_PORT), SOCKETIO = '/socket.io/?EIO=4&transport=websocket';
const peers = [
    { name: 'maitred, WebSocket', port: process.env.MAITRED_RT_PORT, path: '/ws', ours: one },
    { name: 'maitred, Socket.IO', port: process.env.MAITRED_RT_PORT, path: SOCKETIO, ours: one },
    { name: 'bare C bridge', path: '/', start: async () => { const b = await bridge(); return { ...b, cpu: null }; } },
    { name: 'nchan', path: '/', start: () => nchan(port) },
    { name: 'ws', path: '/', start: () => node('ws', port) },
    { name: 'Fastify and pg', path: '/', start: () => node('fastify', port) },
    { name: 'socket.io', path: SOCKETIO, start: () => node('socket.io', port) },
];

async function measure(peer, clients) {
    const rate = rateFor(clients), served = peer.start ? await peer.start() : { cpu: () => cpuUs(pidOf('realtime')), pid: pidOf('realtime'), end: async () => {} };
    const before = served.pid ? rssKiB(served.pid) : 0;
    const { tool, took } = await load(served.port ?? peer.port ?? port, peer.path, peer.ours ? bearer : '-', peer.ours ?? '-', clients);
    const kib = served.pid ? (rssKiB(served.pid) - before) / clients : undefined;
    tool.tell('reset');
    const cpu = served.cpu ? await served.cpu() : 0;
    const { commits } = pgbench(peer.ours ? touch : bell, { rate });
    const got = await all(tool, commits * clients), cost = served.cpu ? (await served.cpu() - cpu) / got.messages : undefined;
    await tool.end();
    await served.end();
    return { peer: peer.name, clients, bytes: Math.round(got.bytes / got.messages), commits, rate, cost, kib, opened_per_s: Math.round(clients / took), p50_ms: got.p50_us / 1e3, p99_ms: got.p99_us / 1e3 };
}

for (const clients of sizes) {
    const rate = rateFor(clients), floor = await least(clients, 450, 4 * rate, rate);
    note({ peer: 'bare C loop', clients, cpu_us: +floor.toFixed(2) });
    for (const peer of peers) {
        const m = await measure(peer, clients).catch((error) => ({ peer: peer.name, clients, failed: error.message.slice(0, 200) }));
        if (m.cost !== undefined) Object.assign(m, { cpu_us: +m.cost.toFixed(2), ratio: +(m.cost / floor).toFixed(2) });
        if (m.kib !== undefined) m.kib = +m.kib.toFixed(1);
        delete m.cost;
        note(m);
    }
}
