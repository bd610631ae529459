// A sidecar under ./demo's supervisor, beside the house's own: whoever takes over (SIGUSR2) is looked after as its
// predecessor was, and one is never two.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { until } from './lib/house.mjs';

const env = process.env, top = path.resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const dir = fs.mkdtempSync(`${env.MAITRED_DIR}/supervised-`), config = `${dir}/maitred.conf`, log = `${dir}/log`;
const own = { rt_port: 0, positions_file: `${dir}/positions`, state_dir: dir, drain_seconds: 1, log_level: 'debug' };
fs.writeFileSync(config, fs.readFileSync(`${env.MAITRED_DIR}/maitred.conf`, 'utf8').split('\n')
    .filter((line) => !(line.split(' ')[0] in own)).concat(Object.entries(own).map(([k, v]) => `${k} = ${v}`)).join('\n') + '\n');

const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const logged = (word) => [...read(log).matchAll(new RegExp(`pid=(\\d+) msg=${word}`, 'g'))].map((m) => Number(m[1]));
const kept = () => Number(read(`${dir}/realtime.pid`));
const port = () => Number(/msg=ready port=(\d+)/g.exec(read(log).slice(read(log).lastIndexOf('msg=ready')))[1]);
function sidecars() {
    try {
        return execFileSync('pgrep', ['-f', `^[^ ]*maitred-realtime --config ${config}`], { encoding: 'utf8' }).trim().split('\n').map(Number);
    } catch { return []; }
}
let supervisor;
const supervisors = [];
after(() => {
    for (const child of supervisors) child.kill('SIGKILL');
    for (const pid of sidecars()) process.kill(pid, 'SIGKILL');
});

async function up() {
    fs.writeFileSync(log, '');
    const out = fs.openSync(log, 'a');
    supervisor = spawn(`${top}/deploy/setup/supervise.sh`, [dir, 'realtime', 'TERM', `${env.MAITRED_BUILD}/maitred-realtime`, '--config', config],
        { stdio: ['ignore', out, out], detached: true, env: { ...env, MAITRED_RT_PORT: '0' } });
    fs.closeSync(out);
    supervisors.push(supervisor);
    return until('the sidecar is ready', () => logged('ready')[0]);
}
async function takeOver() {
    const before = kept();
    process.kill(before, 'SIGUSR2');
    await until('the successor is kept', () => kept() !== before && logged('ready').at(-1) === kept());
    assert.deepEqual(sidecars(), [kept()]);
    return kept();
}
async function down() {
    const ended = once(supervisor, 'exit');
    supervisor.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(sidecars(), []);
    assert.deepEqual(fs.readdirSync(dir).filter((file) => /\.(pid|supervisor)$|positions\.\d/.test(file)), []);
}

test('the successor is kept, and so is its own; when it is killed another is started', async () => {
    const first = await up();
    assert.equal(kept(), first);
    await takeOver();
    const third = await takeOver();
    assert.doesNotMatch(read(log), /msg=restarting/);
    process.kill(third, 'SIGKILL');
    await until('another is ready', () => kept() !== third && logged('ready').at(-1) === kept());
    assert.deepEqual(sidecars(), [kept()]);
    assert.equal(read(log).match(/msg=restarting/g).length, 1);
    await takeOver();
    await down();
});

test('a stop in the middle of a takeover stops both', async () => {
    const first = await up();
    const guest = net.connect(port(), '127.0.0.1'); // the old one waits for its question
    guest.on('error', () => {});
    await once(guest, 'connect');
    assert.equal((await fetch(`http://127.0.0.1:${port()}/healthz`, { headers: { connection: 'close' } })).status, 200); // who came before has been let in
    process.kill(first, 'SIGUSR2');
    await until('it drains', () => logged('draining').includes(first));
    assert.equal(sidecars().length, 2);
    assert.equal(kept(), first);
    await down();
    guest.destroy();
});

test('a successor that fails changes nothing, and one whose predecessor is killed is kept', async () => {
    const first = await up(), text = read(config);
    fs.writeFileSync(config, text.replace(/dbname=\S+/, 'dbname=nowhere'));
    const begin = async () => {
        const seen = logged('"a successor starts"').length;
        process.kill(first, 'SIGUSR2');
        await until('it begins', () => logged('"a successor starts"').length > seen);
        const next = Number([...read(log).matchAll(/successor=(\d+)/g)].at(-1)[1]);
        await until('it has no database', () => logged('"database connection lost"').includes(next));
        return next;
    };
    process.kill(await begin(), 'SIGKILL');
    await until('the log says so', () => /the successor ended; this one goes on/.test(read(log)));
    assert.deepEqual([kept(), ...sidecars()], [first, first]);
    const heir = await begin();
    process.kill(first, 'SIGKILL');
    await until('it is kept', () => kept() === heir);
    assert.deepEqual(sidecars(), [heir]);
    fs.writeFileSync(config, text);
    process.kill(heir, 'SIGKILL');
    await until('another is ready', () => kept() !== heir && logged('ready').at(-1) === kept());
    await down();
});
