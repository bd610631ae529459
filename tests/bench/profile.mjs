// profile.mjs - samples of the sidecar while single messages leave, told by what it was doing (profile.sh).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pidOf } from '../house/lib/house.mjs';
import { delivered, load, oneTable, rateFor, sizes } from './lib/tools.mjs';

const clients = sizes[0], data = join(process.env.MAITRED_DIR, 'perf.data'), { one, touch, bearer } = oneTable();

// The first that fits a sample's stack, which begins with where it was.
const kernel = (dso) => dso.startsWith('['), sends = (stack) => /sys_send(to|msg)\b|\b__send\b/.test(stack) && !/unix_stream/.test(stack);
const parts = [
    ['kernel, send: the reader\'s half, on loopback', (stack, dso) => kernel(dso) && sends(stack) && /do_softirq/.test(stack)],
    ['kernel, send: the sender\'s half', (stack, dso) => kernel(dso) && sends(stack)],
    ['kernel, the rest: waiting, reading, the database', (stack, dso) => kernel(dso)],
    ['our own functions', (stack, dso) => dso.endsWith('/maitred-realtime')],
    ['libraries', () => true],
];

const { tool } = await load(process.env.MAITRED_RT_PORT, '/ws', bearer, one, clients);
const perf = spawn('perf', ['record', '-q', '-e', 'cpu-clock', '-F', '4000', '-g', '-p', pidOf('realtime'), '-o', data], { stdio: ['ignore', 'ignore', 'inherit'] });
const { cost } = await delivered(tool, touch, rateFor(clients), clients);
perf.kill('SIGINT');
await once(perf, 'exit');
await tool.end();

const stacks = execFileSync('perf', ['script', '-i', data, '-F', 'ip,sym,dso'], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
    .split(/\n\s*\n/).map((stack) => stack.trim()).filter(Boolean);
const count = new Map(parts.map(([name]) => [name, 0])), own = new Map();
for (const stack of stacks) {
    const [, symbol, dso] = /^\w+ (\S+).*\((.*)\)/.exec(stack), [name] = parts.find(([, fits]) => fits(stack, dso));
    count.set(name, count.get(name) + 1);
    if (name === 'our own functions') own.set(symbol, (own.get(symbol) ?? 0) + 1);
}
const told = ([name, n]) => console.log(`${(100 * n / stacks.length).toFixed(1).padStart(5)} %  ${(cost * n / stacks.length).toFixed(2)} us  ${name}`);
console.log(`${clients} WebSockets, ${stacks.length} samples, ${cost.toFixed(2)} us a message`);
[...count].forEach(told);
console.log('of our own:');
[...own].sort((a, b) => b[1] - a[1]).slice(0, 8).forEach(told);
