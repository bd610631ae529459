// rig.mjs - what the realtime tests stand on: the real sidecar as a process, real `ws` clients,
// the cluster that run.sh made, and a venue of its own for every test.
import { spawn } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { PsqlSync } from '../../lib/psql.mjs';

export const top = path.resolve(new URL('.', import.meta.url).pathname, '../../..');
export const work = process.env.MAITRED_TEST_DIR;
export const binary = process.env.MAITRED_SIDECAR;
const keyDir = path.join(work, 'keys');
const key = fs.readFileSync(path.join(keyDir, 'test.hs256'));

export async function until(condition, what, ms = 20000) {
    const end = Date.now() + ms;
    for (let pause = 5;; pause = Math.min(1.5 * pause, 50)) { // what is asked may cost a process
        const value = await condition();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${ms} ms: ${typeof what === 'function' ? what() : what}`);
        await new Promise((done) => setTimeout(done, pause));
    }
}

// ---------------------------------------------------------------- database

const session = new PsqlSync();
export const sql = (text) => session.script(text);

export const rows = (text) => JSON.parse(sql(`select coalesce(json_agg(x), '[]') from (${text}) x`));

// Statements one after the other in one psql, each its own transaction; resolves at its end.
export async function psql(script) {
    const child = spawn('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1'],
        { stdio: ['pipe', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
    child.stdin.end(script);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(errors);
}

let serial = 0;

// A venue of the test's own: two tables on two floors, a room type with three rooms, an account a role.
// Its business day began six hours ago, so that "in three hours" is the same one at any time of the day.
export function makeVenue(kind = 'restaurant') {
    const slug = `v${process.pid}-${++serial}`;
    const made = sql(`begin;
        insert into maitred.venue (slug, kind, name, business_day_cutoff) values
            ('${slug}', '${kind}', 'Test', (now() at time zone 'UTC')::time - interval '6 hours') returning id as v \\gset
        insert into maitred.floor (venue, number, name) values (:v, 1, 'Ground'), (:v, 2, 'Upper');
        insert into maitred.dining_table (venue, number, label, floor, capacity)
            values (:v, 1, 'T-01', 1, 4), (:v, 2, 'T-02', 2, 2);
        with t as (insert into maitred.room_type (venue, name) values (:v, 'Double') returning id)
            insert into maitred.room (venue, room_type_id, number)
            select :v, t.id, n::text from t, generate_series(101, 103) n;
        insert into maitred.account (venue, username, display_name, role) select :v, r, r, r
            from unnest(array['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer']) r;
        commit;
        select json_build_object('id', :v,
            'accounts', (select json_object_agg(username, id) from maitred.account where venue = :v),
            'tables', (select json_agg(id order by id) from maitred.dining_table where venue = :v),
            'rooms', (select json_agg(id order by id) from maitred.room where venue = :v),
            'roomType', (select id from maitred.room_type where venue = :v))`);
    return { slug, kind, ...JSON.parse(made) };
}

export const addReservation = (venue, more = {}) => {
    const r = { name: 'John Smith', phone: '+49 170 1234567', email: 'john@example.org', party: 4,
        at: "clock_timestamp() + interval '3 hours'", status: 'confirmed', ...more };
    return Number(sql(`insert into maitred.reservation
        (venue, customer_name, contact_number, email, party_size, starts_at, status)
        values (${venue.id}, '${r.name}', '${r.phone}', '${r.email}', ${r.party}, ${r.at}, '${r.status}') returning id`));
};

export const addOrder = (venue, status = 'pending') => Number(sql(`insert into maitred.customer_order
    (venue, order_number, table_id, customer_name, customer_phone, status) values
    (${venue.id}, 'N-${process.pid}-${++serial}', ${venue.tables[0]}, 'John Smith', '+49 170 1234567', '${status}') returning id`));

export const setTable = (venue, status, i = 0) =>
    sql(`update maitred.dining_table set status = '${status}' where venue = ${venue.id} and id = ${venue.tables[i]}`);

export const head = (venue) => Number(sql(`select seq from feed.counter where venue = ${venue.id}`));
export const seqOf = (cursor) => Number(/^[0-9a-f]{8}v\d+-(\d+)$/.exec(cursor)[1]);

// What the event table says, with the message that /ws makes of it.
export function eventsOf(venue, after = 0) {
    return rows(`select seq, type, entity, refs, data from feed.log
        where venue = ${venue.id} and seq > ${after} order by seq`);
}

// `immediate` is what a crash leaves behind: no goodbye, recovery at the start.
export async function restartPostgres(mode = 'fast') {
    const child = spawn('bash', ['-c', `source tests/lib/cluster.sh; cd /; cluster_as "$CLUSTER_BIN/pg_ctl" \
        -D "$MAITRED_PG_DIR/data" -l "$MAITRED_PG_DIR/data/server.log" -m ${mode} -w -t 60 restart`],
        { cwd: top, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error('PostgreSQL did not restart');
}

// ---------------------------------------------------------------- tokens

const b64 = (data) => Buffer.from(data).toString('base64url');

export function token(venue, role = 'admin', more = {}) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'maitred', aud: 'maitred', sub: String(venue.accounts[role]), name: role,
        slug: venue.slug, role, venue: venue.id, jti: randomBytes(8).toString('hex'), iat: now,
        exp: now + 3600, ...more };
    const body = `${b64(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid: 'test' }))}.${b64(JSON.stringify(claims))}`;
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
}

// A ticket as the accounts program would have it stored, for a token of that account.
export function ticket(venue, role) {
    const text = `mt_${randomBytes(32).toString('base64url')}`, now = Math.floor(Date.now() / 1000);
    sql(`select api.ticket_create((${venue.id}, ${venue.accounts[role]}, '${role}', '${role}', null, null, false)::api.caller,
        '${createHash('sha256').update(text).digest('hex')}', '${randomBytes(8).toString('hex')}', ${now}, ${now + 600}, '0')`);
    return text;
}

// ---------------------------------------------------------------- the sidecar

// A test file that is ended early (a time limit) must leave none behind: the next files would meet its follower.
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
process.once('SIGTERM', () => process.exit(1));

export class Sidecar {
    constructor(settings = {}) {
        this.dir = fs.mkdtempSync(path.join(work, 'sidecar-'));
        this.settings = settings;
    }

    // `more`: descriptors that the process gets as 3 and so on.
    async start(program = binary, more = []) {
        const set = { database: `host=${process.env.PGHOST} port=${process.env.PGPORT} dbname=${process.env.PGDATABASE}`,
            key_dir: keyDir, positions_file: `${this.dir}/positions`, state_dir: this.dir,
            rt_port: 0, feed_poll_ms: 2000, drain_seconds: 0, log_level: 'debug', ...this.settings };
        const config = `${this.dir}/maitred.conf`;
        fs.writeFileSync(config, Object.entries(set).map(([k, v]) => `${k} = ${v}\n`).join(''));
        fs.writeFileSync(`${this.dir}/log`, '');
        const log = fs.openSync(`${this.dir}/log`, 'a');
        this.child = spawn(program, ['--config', config], { stdio: ['ignore', log, log, ...more] });
        fs.closeSync(log);
        const child = this.child;
        running.add(child);
        this.exited = once(child, 'exit').finally(() => running.delete(child));
        await until(() => {
            if (this.child.exitCode !== null || this.child.signalCode) throw new Error(`sidecar died:\n${this.log()}`);
            // A port of its own, given by the kernel: other suites may run beside this one.
            this.port = Number(/msg=ready port=(\d+)/.exec(this.log())?.[1]);
            return this.port;
        }, 'the sidecar is ready');
        return this;
    }

    async ready() {
        try {
            return (await fetch(`http://127.0.0.1:${this.port}/readyz`)).ok;
        } catch {
            return false;
        }
    }

    log() {
        return fs.readFileSync(`${this.dir}/log`, 'utf8');
    }

    // The first row of that name, or the one whose labels hold `label`.
    async metric(name, label = '') {
        const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text();
        return Number(new RegExp(`^${name}(?:\\{[^}]*${label}[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1]);
    }

    async kill() {
        this.child.kill('SIGKILL');
        await this.exited;
    }

    // A clean end, with whatever a sanitizer had to say.
    async stop() {
        this.child.kill('SIGTERM');
        const [code, signal] = await this.exited;
        if (code !== 0) throw new Error(`sidecar ended with ${code ?? signal}:\n${this.log().slice(-6000)}`);
    }

    client(venue, role = 'admin', query = {}, bearer = token(venue, role)) {
        const url = new URL(`ws://127.0.0.1:${this.port}/ws`);
        for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
        return new Client(url, bearer);
    }
}

// ---------------------------------------------------------------- a client

import WebSocket from 'ws';

export class Client {
    constructor(url, bearer) {
        this.got = []; // every message in order of arrival, texts as they are
        this.closed = new Promise((done) => { this.over = done; });
        this.opened = new Promise((done, failed) => this.#connect(url, bearer, done, failed, Date.now() + 20000));
        this.opened.catch(() => {});
    }

    // A 503 says "not yet" (the venue was founded a moment ago): again, as any client would.
    #connect(url, bearer, done, failed, end) {
        this.ws = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}` } });
        this.ws.on('message', (data) => this.#take(String(data)));
        this.ws.on('open', () => {
            this.ws.on('close', (code, reason) => {
                this.code = code;
                this.reason = String(reason);
                this.over(code);
            });
            done(this);
        });
        this.ws.on('error', (error) => {
            this.error = error;
            if (!/ 503$/.test(error.message) || Date.now() > end) failed(error);
            else setTimeout(() => this.#connect(url, bearer, done, failed, end), 20);
        });
    }

    #take(text) {
        let message = text;
        try { message = JSON.parse(text); } catch { /* "pong" */ }
        this.got.push(message);
        if (message.session) this.session = message.session;
        if (message.cursor) this.cursor = message.cursor;
    }

    send(message) {
        this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    // In one segment, so that the server reads all before it does anything else.
    sendTogether(...messages) {
        this.ws._socket.cork();
        for (const message of messages) this.send(message);
        this.ws._socket.uncork();
    }

    // The first message from index `from` on that fits.
    find(fits, from = 0) {
        return this.got.slice(from).find((m) => (typeof fits === 'string' ? m.type === fits : fits(m)));
    }

    wait(fits, from = 0, ms = 10000) {
        return until(() => {
            const found = this.find(fits, from);
            if (!found && this.code !== undefined) throw new Error(`closed with ${this.code} ${this.reason}`);
            return found;
        }, () => `message ${fits}, got ${JSON.stringify(this.got.slice(-5)).slice(0, 1500)}`, ms);
    }

    // Sends and waits for the next message that fits.
    async ask(message, fits) {
        const from = this.got.length;
        this.send(message);
        return this.wait(fits, from);
    }

    subscribe(...channels) {
        return this.ask({ action: 'subscribe', channels }, (m) => m.status === 'subscribed');
    }

    resume(session = this.session, cursor = this.cursor) {
        return this.ask({ action: 'resume', session, cursor }, (m) => m.status === 'subscribed' || m.type === 'error');
    }

    // The position that a pong acknowledges has reached `seq`: nothing before it can still come.
    reached(seq) {
        return until(async () => {
            if (seqOf((await this.ask({ action: 'ping' }, 'pong')).cursor) >= seq) return true;
            await new Promise((done) => setTimeout(done, 30)); // 50 messages a second are allowed
            return false;
        }, `position ${seq}`);
    }

    // Events in the order of arrival, without answers and figures.
    get events() {
        return this.got.filter((m) => m.cursor && m.type &&
            !/^(pong|error|resync|snapshot|stats_update|metrics_update|room_availability_update)$/.test(m.type));
    }

    async close() {
        this.ws.terminate();
        await this.closed;
    }
}

// One client that remembers where a lost one was.
export async function comeBack(sidecar, venue, lost, role = 'admin', bearer = undefined) {
    const c = sidecar.client(venue, role, {}, bearer);
    await c.opened;
    await c.resume(lost.session, lost.cursor);
    return c;
}
