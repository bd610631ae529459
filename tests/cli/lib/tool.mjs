// tool.mjs - runs the maitred tool and psql for the suites of tests/cli and tests/import.
// Each test file makes a database of its own with fresh(); everything lives in MAITRED_TEST_DIR.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

export const top = process.env.MAITRED_TOP;
export const work = mkdtempSync(join(process.env.MAITRED_TEST_DIR, 'w-'));
const TOOL = process.env.MAITRED_TOOL;

// Answers {status, out, err, signal}; never throws: the tests look at the status.
export function tool(args, { input, env = {} } = {}) {
    const r = spawnSync(TOOL, args, { input: input ?? '', encoding: 'utf8', env: { ...process.env, ...env } });
    return { status: r.status, out: r.stdout, err: r.stderr, signal: r.signal };
}

// The same, while the test goes on: .child to kill, .done to wait for.
export function toolAsync(args, { env = {} } = {}) {
    const child = spawn(TOOL, args, { env: { ...process.env, ...env } });
    let out = '', err = '';
    child.stdout.on('data', (d) => (out += d));
    child.stderr.on('data', (d) => (err += d));
    const done = new Promise((ok) =>
        child.on('close', (status, signal) => ok({ status, signal, out, err })));
    return { child, done };
}

// Rows of a query as arrays of strings.
export function sql(database, text) {
    const r = spawnSync('psql', ['-X', '-q', '-At', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-d', database,
        '-c', text], { encoding: 'utf8' });
    if (r.status !== 0) throw new Error(r.stderr);
    return r.stdout.split('\n').filter((l) => l !== '').map((l) => l.split('\t'));
}
// A remark in the suite's output (the reporter passes on test results only).
export const note = (text) => appendFileSync(join(process.env.MAITRED_TEST_DIR, 'notes'), `# ${text}\n`);
export const one = (database, text) => sql(database, text)[0]?.[0];

let databases = 0;
// A configuration and a migrated database; the answer has env for tool() and the names.
export function fresh(label, { migrate = true } = {}) {
    const database = `${label}${++databases}`;
    const config = join(work, `${database}.conf`);
    const keys = join(work, `${database}-keys`);
    const conninfo = `host=${process.env.PGHOST} user=${process.env.PGUSER} dbname=${database}`;
    const r = tool(['init', '--config', config, '--database', conninfo, '--key-dir', keys,
        ...(migrate ? ['--create-database'] : [])]);
    if (r.status !== 0) throw new Error(r.err);
    return { database, config, keys, conninfo, env: { MAITRED_CONFIG: config } };
}

// The figures that an import prints, by their names.
export function figures(out) {
    const found = {};
    for (const line of out.split('\n')) {
        const m = /^([a-z][a-z ]*?)\s{2,}(\d+)/.exec(line) ?? /^(rejected rows)\s+(\d+)/.exec(line);
        if (m) found[m[1]] = Number(m[2]);
    }
    return found;
}

export async function until(what, seconds = 20) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const value = await what();
        if (value) return value;
        if (Date.now() > end) throw new Error('it did not come');
        await new Promise((ok) => setTimeout(ok, 20));
    }
}
