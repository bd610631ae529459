// cluster.test.mjs - what holds over all sidecars, behind the web server: two and three of them, each with a
// state directory of its own. Everything is asked of each by itself and through the web server, at once; at
// the end one is killed while it holds all places. The table in docs/architecture.md names these tests.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const CAP = 5, PER_ACCOUNT = 12;

class House {
    constructor(n) {
        this.n = n;
        this.stack = new Stack(`cluster-${n}`, { max_per_account: PER_ACCOUNT }, { sidecars: n });
        this.open = [];
    }

    async start() {
        await this.stack.start();
        for (let i = 1; i < this.n; i++) this.stack.startSidecar(i);
        // The web server's, and each sidecar's own.
        this.ports = [this.stack.port, ...this.stack.sidecarPorts];
        for (const port of this.ports) await until(async () => (await this.get(port, '/readyz')).status === 200, 'all are ready');
        this.own = await this.venue();
    }

    async stop() {
        for (const c of this.open) c.terminate?.() ?? c.close();
        await this.stack.stopAll();
    }

    get(port, path, headers = {}) {
        return fetch(`http://127.0.0.1:${port}${path}`, { headers }).catch(() => ({}));
    }

    // A venue that all of them have heard of. In `own` an account that was full may be refused a second longer.
    async venue() {
        const venue = new Venue('restaurant');
        const headers = { authorization: `Bearer ${venue.token(this.stack, 'viewer')}` };
        for (const port of this.ports)
            await until(async () => (await this.get(port, '/poll?channels=restaurant_tables', headers)).status === 200, 'the venue is known');
        return venue;
    }

    // A WebSocket; what becomes of it: `state` 101, or the status of the refusal; `code` once it is closed.
    socket(port, path, token, query = '') {
        const ws = new WebSocket(`ws://127.0.0.1:${port}${path}${query}`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
        ws.got = [];
        ws.on('message', (data) => ws.got.push(String(data)));
        ws.on('open', () => { ws.state = 101; });
        ws.on('close', (code) => { ws.code = code; });
        ws.on('unexpected-response', (request, response) => { ws.state = response.statusCode; request.destroy(); });
        ws.on('error', () => { ws.state ??= 0; });
        this.open.push(ws);
        return ws;
    }

    async settle(sockets) {
        await until(() => sockets.every((ws) => ws.state !== undefined), 'each is answered');
        return sockets;
    }
}

const alive = (sockets) => sockets.filter((ws) => ws.state === 101 && ws.readyState === 1);
const rows = (venue, what = 'true') => Number(sql(`select count(*) from maitred.connections_now() c where c.venue = ${venue.id} and ${what}`));
const close = async (venue, sockets) => {
    for (const ws of sockets) ws.terminate();
    await until(() => rows(venue) === 0, 'nobody is left');
};

// What the clients of one kind are, how many of them may be, how many ask at once at each, and that one is in for
// good. All dashboards together meet no bound but their own.
const dashboard = { path: '/admin/ws/dashboard', most: CAP, each: 3, in: (ws) => ws.got.some((text) => text.includes('tables_snapshot')) };
const account = { path: '/ws', most: PER_ACCOUNT, each: 6, in: () => true };

// Those that are open are in, and the database knows them and no others: none of them is still to be refused.
const agreed = (venue, kind, sockets) => until(() => {
    const open = alive(sockets);
    return open.every(kind.in) && rows(venue) === open.length;
}, 'the database agrees');

// `most` stay, whoever else comes is told, and the database counts the same.
async function full(house, venue, kind, sockets) {
    await house.settle(sockets);
    await agreed(venue, kind, sockets);
    assert.equal(alive(sockets).length, kind.most);
    for (const ws of sockets.filter((x) => !alive(sockets).includes(x)))
        assert.ok(ws.state === 429 || await until(() => ws.code, 'it is closed') === 4008, `${ws.state} ${ws.code}`);
}
const come = (house, ports, venue, kind, each) => ports.flatMap((port) => Array.from({ length: each }, () =>
    house.socket(port, kind.path, venue.token(house.stack, 'admin'))));

async function places(house, kind) {
    const venue = house.own, sockets = come(house, house.ports, venue, kind, kind.each);
    await full(house, venue, kind, sockets);
    sockets.push(...come(house, house.ports, venue, kind, 1));
    await full(house, venue, kind, sockets);
    const [gone] = alive(sockets);
    gone.terminate();
    sockets.splice(sockets.indexOf(gone), 1);
    await until(async () => {
        sockets.push(...await house.settle(come(house, [house.stack.port], venue, kind, 1)));
        await agreed(venue, kind, sockets);
        return alive(sockets).length === kind.most;
    }, 'its place is free');
    await full(house, venue, kind, sockets);
    await close(venue, sockets);
}

const truths = {
    'five admin connections': (house) => places(house, dashboard),
    'the connections of an account': (house) => places(house, account),

    async 'counts and lists'(house) {
        const venue = house.own, admin = { authorization: `Bearer ${venue.token(house.stack, 'manager')}` };
        const sockets = await house.settle(house.ports.map((port) => house.socket(port, '/ws', venue.token(house.stack, 'waiter'))));
        const ask = async (port, what) => (await house.get(port, `/api/v1/ws/orders/live/${what}`, admin)).json();
        for (const port of house.ports) {
            await until(async () => (await ask(port, 'status')).active_connections === sockets.length, 'all are counted');
            const { connections } = await ask(port, 'connections');
            assert.equal(connections.length, sockets.length);
            assert.equal(new Set(connections.map((c) => c.sidecar)).size, house.n);
        }
        await close(venue, sockets);
    },

    // Four updates that are still to come leave one place in the second, however slow this machine is.
    async 'five updates a second'(house) {
        const venue = await house.venue(), token = venue.token(house.stack, 'admin'), id = venue.accounts.admin;
        const clients = house.ports.map((port) => io(`http://127.0.0.1:${port}`, { transports: ['polling'], forceNew: true, auth: { token } }));
        house.open.push(...clients);
        await until(() => clients.every((c) => c.connected), 'all are connected');
        sql(`insert into maitred.rate_window (venue, account_id, moments)
            values (${venue.id}, ${id}, array_fill(clock_timestamp() + interval '1 hour', array[4]))`);
        const update = (i) => ({ tableId: venue.tables[i], status: 'reserved' });
        const rest = as(house.stack, token);
        const answers = await Promise.all([
            ...clients.map((c, i) => c.timeout(20000).emitWithAck('table:update_status', update(i)).then((a) => (a.ok ? 200 : a.status))),
            rest.patch(`/api/tables/${venue.tables[5]}/status`, { status: 'reserved' }).then((a) => a.status),
        ]);
        assert.deepEqual(answers.sort(), [200, ...Array(answers.length - 1).fill(429)]);
        assert.equal(sql(`select count(*) from maitred.dining_table where venue = ${venue.id} and status = 'reserved'`), '1');
        for (const c of clients) c.close();
    },

    async 'a ticket opens one'(house) {
        const venue = house.own, me = as(house.stack, venue.token(house.stack, 'manager'));
        const { ticket } = (await me.post('/api/auth/ticket')).json;
        const sockets = await house.settle(house.ports.flatMap((port) => [1, 2].map(() => house.socket(port, '/ws', null, `?ticket=${ticket}`))));
        assert.deepEqual(sockets.map((ws) => ws.state).sort(), [101, ...Array(sockets.length - 1).fill(401)]);
        await close(venue, sockets);
    },

    async 'a revoked token'(house) {
        const venue = house.own, token = venue.token(house.stack, 'manager');
        const sockets = await house.settle(house.ports.map((port) => house.socket(port, '/ws', token)));
        assert.equal(alive(sockets).length, sockets.length);
        assert.equal((await as(house.stack, token).post('/api/auth/logout', {})).status, 204);
        await until(() => sockets.every((ws) => ws.code === 4003), 'all are closed');
        for (const port of house.ports) {
            const [late] = await house.settle([house.socket(port, '/ws', token)]);
            assert.equal(late.state, 401);
        }
    },

    'what happens by itself, once': (house) => once(house),

    // The last one holds all places, is killed, and everything holds among the others; then it takes part again.
    async 'a kill -9'(house) {
        const admins = house.own, accounts = await house.venue(), last = house.n - 1;
        const dying = house.stack.sidecarPorts[last], others = house.ports.filter((port) => port !== dying);
        for (const [venue, kind] of [[admins, dashboard], [accounts, account]])
            await full(house, venue, kind, [...come(house, [dying], venue, kind, kind.most)]);
        for (const [venue, kind] of [[admins, dashboard], [accounts, account]]) {
            const late = await house.settle(come(house, others, venue, kind, 1));
            await until(() => late.every((ws) => ws.state === 429 || ws.code === 4008), 'there is no room');
        }
        await house.stack.stop(house.stack.sidecarName(last), 'SIGKILL');
        for (const [venue, kind] of [[admins, dashboard], [accounts, account]]) {
            const sockets = [];
            await until(async () => {
                sockets.push(...await house.settle(come(house, others, venue, kind, kind.each)));
                await agreed(venue, kind, sockets);
                return alive(sockets).length === kind.most;
            }, 'its places are free');
            await full(house, venue, kind, sockets);
            await close(venue, sockets);
        }
        await once(house, others);
        house.stack.startSidecar(last);
        await until(async () => (await house.get(dying, '/readyz')).status === 200, 'it is back');
        await places(house, account);
    },
};

// What each timer does is told once: `due` makes it due at once, `told` counts the events that it made.
const freed = (venue, table) => `venue = ${venue.id} and type = 'table.updated' and actor = 'system' and entity = ${venue.tables[table]}
    and data -> 'new' ->> 'status' = 'available'`;
const timers = {
    'an alert': {
        settings: { escalate_after_s: 1 },
        due: (venue) => `insert into maitred.service_request (venue, table_id, kind, text) values (${venue.id}, ${venue.tables[1]}, 'call_waiter', 'water')`,
        told: (venue) => `venue = ${venue.id} and type = 'notification.created' and data -> 'new' ->> 'kind' = 'alert'`,
    },
    'a table whose party has not come': {
        settings: { reservation_grace_s: 60 },
        due: (venue) => `insert into maitred.reservation (venue, customer_name, party_size, starts_at, status, source, table_id)
            values (${venue.id}, 'Late', 2, clock_timestamp() - interval '59 seconds', 'confirmed', 'phone', ${venue.tables[2]});
            update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = ${venue.tables[2]}`,
        told: (venue) => freed(venue, 2),
        after: (venue) => `update maitred.reservation set status = 'no_show' where venue = ${venue.id}`,
    },
    'a session that nobody uses': {
        settings: { session_idle_s: 1 },
        due: (venue) => `update maitred.dining_table set status = 'occupied' where venue = ${venue.id} and id = ${venue.tables[3]}`,
        told: (venue) => freed(venue, 3),
    },
};

// All sidecars are told at once that it is due, one does it.
async function once(house, ports = house.ports) {
    const venue = house.own;
    const sockets = await house.settle(ports.map((port) => house.socket(port, '/ws', venue.token(house.stack, 'manager'))));
    assert.equal(alive(sockets).length, sockets.length);
    for (const [name, timer] of Object.entries(timers)) {
        const told = () => Number(sql(`select count(*) from feed.log where ${timer.told(venue)}`)), before = told();
        sql(`update maitred.venue set settings = '${JSON.stringify(timer.settings)}' where id = ${venue.id}; ${timer.due(venue)}`);
        await until(() => told() > before, name);
        await until(() => sql('select announced + escalated + released + expired from api.due_run(100)') === '0', 'nothing is due');
        assert.equal(told(), before + 1, name);
        if (timer.after) sql(timer.after(venue));
    }
    await close(venue, sockets);
}

for (const n of [2, 3]) {
    describe(`${n} sidecars`, () => {
        const house = new House(n);
        before(() => house.start());
        after(() => house.stop());
        for (const [name, holds] of Object.entries(truths)) test(`${n} sidecars: ${name}`, () => holds(house));
    });
}
