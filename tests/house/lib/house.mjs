// house.mjs - a running house (./demo's stack) as tests see it: psql, REST, tokens, waiting.
// Environment: MAITRED_DIR, MAITRED_PORT, MAITRED_RT_PORT, MAITRED_BUILD, PGHOST, PGDATABASE, PGUSER.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PsqlSync } from '../../lib/psql.mjs';

const env = process.env;
export const web = `http://127.0.0.1:${env.MAITRED_PORT}`;
export const socketUrl = `ws://127.0.0.1:${env.MAITRED_PORT}/ws`;
export const directUrl = `ws://127.0.0.1:${env.MAITRED_RT_PORT}/ws`;
export const password = 'maitred-demo';

const session = new PsqlSync();
export const sql = (text) => session.ask(text);
export function maitred(args, input = '') {
    return execFileSync(`${env.MAITRED_BUILD}/maitred`, args, { encoding: 'utf8', input, env: { ...env, MAITRED_CONFIG: `${env.MAITRED_DIR}/maitred.conf` } }).trim();
}
export const token = (venue, account) => maitred(['token', venue, account]);
export const pidOf = (name) => Number(readFileSync(`${env.MAITRED_DIR}/run/${name}.pid`, 'utf8'));

export async function until(what, condition, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        let value;
        try { value = await condition(); } catch { value = undefined; }
        if (value) return value;
        if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
}
export async function rest(method, path, bearer, body, headers = {}) {
    const response = await fetch(web + path, {
        method,
        // A kept connection may have been closed while a test waited for another process.
        headers: { connection: 'close', authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
        body: body ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
}

// A psql session that stays open and is fed statements; started again when its backend dies.
export class Psql {
    constructor() {
        this.start();
    }
    start() {
        this.child = spawn('psql', ['-X', '-q', '-A', '-t'], { stdio: ['pipe', 'pipe', 'ignore'] });
        this.child.stdin.on('error', () => {});
        this.child.on('exit', () => { this.dead = true; this.pending?.(false); });
        this.dead = false;
        this.child.stdout.setEncoding('utf8').on('data', (text) => { if (text.includes('done')) this.pending?.(true); });
    }
    // True when the server said that the statement (in its own transaction) went through.
    run(statement) {
        if (this.dead) this.start();
        return new Promise((resolve) => {
            this.pending = (ok) => { this.pending = null; resolve(ok); };
            this.child.stdin.write(`${statement};\nselect 'done';\n`);
        });
    }
    stop() {
        this.child.stdin.end();
        this.child.kill();
    }
}
