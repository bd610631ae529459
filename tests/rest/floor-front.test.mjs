// floor-front.test.mjs - the floor plan over Socket.IO through the web server, by each transport: the real
// socket.io-client connects, joins, switches floors, gets a burst as one batch, is refused its sixth update
// and a forged token, and goes on after a kill -9 of the sidecar.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue } from './lib/venue.mjs';

const TRANSPORTS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };
const stack = new Stack('floor-front');
const sockets = [];
const ready = () => until(async () => (await fetch(`${stack.url}/readyz`).catch(() => ({}))).status === 200, 'the sidecar is ready');
before(async () => {
    await stack.start();
    await ready();
});
after(async () => {
    for (const socket of sockets) socket.close();
    await stack.stopAll();
});

function client(venue, transports, token = venue.token(stack, 'admin')) {
    const socket = io(stack.url, { transports, forceNew: true, auth: { token }, reconnectionDelay: 50, reconnectionDelayMax: 500 });
    sockets.push(socket);
    socket.got = [];
    socket.onAny((event, data) => socket.got.push([event, data]));
    return socket;
}

// A venue with a second floor, and ten tables more on the first.
function house() {
    const venue = new Venue('restaurant');
    sql(`insert into maitred.floor (venue, number, name) values (${venue.id}, 2, 'Upper')`);
    venue.upper = Number(sql(`insert into maitred.dining_table (venue, number, label, floor, capacity) values (${venue.id}, 50, 'U-1', 2, 4) returning id`));
    venue.ten = sql(`insert into maitred.dining_table (venue, number, label, floor, capacity)
        select ${venue.id}, n, 'B-' || n, 1, 2 from generate_series(101, 110) n returning id`).split('\n').map(Number);
    return venue;
}
const set = (tables, status) => sql(`update maitred.dining_table set status = '${status}' where id = any(array[${tables}])`);
const named = (socket, event) => socket.got.filter(([name]) => name === event).map(([, data]) => data);
const told = (socket) => socket.got.flatMap(([event, data]) =>
    event === 'tables:batch_update' ? data.map((e) => e.tableId) : event === 'table:status_changed' ? [data.tableId] : []);

for (const [name, transports] of Object.entries(TRANSPORTS)) {
    test(`by ${name}: floors, a burst as one batch, the sixth update, a kill -9, a forged token`, async () => {
        const venue = house(), socket = client(venue, transports);
        const ask = (event, data) => socket.timeout(20000).emitWithAck(event, data);
        await until(() => named(socket, 'tables:connected').length, 'it is connected');
        assert.equal((await ask('tables:join', { floor: 1 })).ok, true);

        set([...venue.ten], 'reserved');
        await until(() => told(socket).length === 10, 'ten steps');
        assert.deepEqual(named(socket, 'tables:batch_update').map((b) => b.length), [10]);

        assert.equal((await ask('tables:leave', { floor: 1 })).ok, true);
        assert.equal((await ask('tables:join', { floor: 2 })).ok, true);
        set([venue.tables[0]], 'reserved');
        set([venue.upper], 'reserved');
        await until(() => told(socket).length === 11, 'the other floor');
        assert.equal(told(socket).at(-1), venue.upper);

        const answers = await Promise.all(venue.ten.slice(0, 6).map((tableId) => ask('table:update_status', { tableId, status: 'available' })));
        assert.deepEqual(answers.filter((a) => !a.ok).map((a) => [a.status, a.detail]), [[429, 'Too many requests. Please slow down.']]);

        const id = socket.id;
        await stack.stop('sidecar', 'SIGKILL');
        set([venue.upper], 'available');
        set([venue.upper], 'reserved');
        stack.startSidecar();
        await until(() => told(socket).length === 13, 'what was missed');
        assert.equal(socket.recovered, true);
        assert.equal(socket.id, id);
        if (name === 'upgrade') await until(() => socket.io.engine.transport.name === 'websocket', 'it is upgraded');
        socket.close();

        const forged = client(venue, transports, venue.token(stack, 'admin').replace(/.{8}$/, 'AAAAAAAA'));
        const refusal = await new Promise((done) => forged.on('connect_error', (error) => error.data && done(error.data)));
        assert.deepEqual([refusal.ok, refusal.status, refusal.code], [false, 401, 'token_invalid']);
        forged.close();
    });
}
