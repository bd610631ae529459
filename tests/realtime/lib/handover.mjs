// handover.mjs - sidecars that are no children of ours: what a takeover leaves behind. Known by their log.
// And a REST program beside them, which tells whether the positions page is any good.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { request } from '../../rest/lib/fcgi.mjs';
import { Sidecar, binary, sql, token, until } from './rig.mjs';

const begun = [];
const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };

export async function startSidecar(settings = {}, ...how) {
    const s = new Sidecar(settings);
    begun.push(s);
    return s.start(...how);
}

// Of the processes that have said in this log that they are ready, all in order.
const readyPids = (s) => [...s.log().matchAll(/pid=(\d+) msg=ready/g)].map((m) => Number(m[1]));
export const serving = (s) => readyPids(s).at(-1);

// One that has ended and that nobody has waited for counts as gone.
export const gone = (pid) => !/^State:\s+[^Z]/m.test(read(`/proc/${pid}/status`));

// For after(): a test that failed leaves nothing.
export function stopAll() {
    for (const s of begun)
        for (const [, pid] of s.log().matchAll(/pid=(\d+)/g))
            if (read(`/proc/${pid}/cmdline`).includes(s.dir)) process.kill(Number(pid), 'SIGKILL');
    for (const { child } of programs) child.kill('SIGKILL');
}

// Resolves with the successor's pid when it has begun; see breakConfig.
export async function begin(s) {
    const successors = () => [...s.log().matchAll(/successor=(\d+)/g)].map((m) => Number(m[1])), before = successors().length;
    process.kill(serving(s), 'SIGUSR2');
    return until(() => successors()[before], () => `a successor begins in ${s.log().slice(-2000)}`);
}

// Resolves with the successor's pid, when it has said that it is ready.
export async function succeed(s) {
    const next = await begin(s);
    await until(() => serving(s) === next, () => `the successor is ready in ${s.log().slice(-2000)}`);
    return next;
}

export async function takeOver(s) {
    const before = serving(s), next = await succeed(s);
    await until(() => gone(before), 'the predecessor has gone');
    return next;
}

export async function end(s) {
    const last = serving(s);
    process.kill(last, 'SIGTERM');
    await until(() => gone(last), 'it has gone');
    assert.doesNotMatch(s.log(), /ERROR: |runtime error/);
}

// From now on whoever starts by this file finds no database; the answer mends it.
export function breakConfig(s) {
    const config = `${s.dir}/maitred.conf`, text = fs.readFileSync(config, 'utf8');
    fs.writeFileSync(config, text.replace(/dbname=\S+/, 'dbname=nowhere'));
    return () => fs.writeFileSync(config, text);
}
export const triesInVain = (s, pid) => until(() => s.log().includes(`pid=${pid} msg="database connection lost"`), 'it finds no database');

export const pageFile = (s) => fs.statSync(`${s.dir}/positions`).ino;
export const pagesBeside = (s) => fs.readdirSync(s.dir).filter((name) => /^positions\.\d+$/.test(name));

// ---------------------------------------------------------------- a REST program

const programs = [];
const calls = () => Number(sql(`select coalesce(sum(s.calls), 0) from pg_stat_statements s
    join pg_roles r on r.oid = s.userid where r.rolname = 'maitred_rest'`));

export class Program {
    constructor(s, venue) {
        this.venue = venue;
        this.socket = `${s.dir}/accounts.sock`;
        this.params = [['REQUEST_METHOD', 'GET'], ['REQUEST_URI', '/api/user/profile'], ['SERVER_PROTOCOL', 'HTTP/1.1'],
            ['REMOTE_ADDR', '127.0.0.1'], ['HTTP_AUTHORIZATION', `Bearer ${token(venue)}`]];
        const log = fs.openSync(`${s.dir}/accounts.log`, 'a');
        this.child = spawn(path.join(path.dirname(binary), 'maitred-accounts'),
            ['--config', `${s.dir}/maitred.conf`, '--socket', this.socket], { stdio: ['ignore', log, log] });
        fs.closeSync(log);
        programs.push(this);
    }

    get() {
        return request(this.socket, this.params);
    }

    // With a page that may be believed, an answer that is known already costs no query.
    async kept() {
        const n = calls(), answer = await this.get().catch(() => ({}));
        return answer.status === 200 && calls() === n;
    }

    // A page learns of a venue by its events.
    async learns() {
        sql(`update maitred.venue set name = name || '.' where id = ${this.venue.id}`);
        await until(() => this.kept(), 'the program answers from memory');
        return this;
    }

    // A hundred answers without one query.
    async unharmed() {
        const n = calls();
        for (let i = 0; i < 100; i++) assert.equal((await this.get()).status, 200);
        assert.equal(calls() - n, 0);
    }
}
