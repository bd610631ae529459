// sidecars.test.mjs - three sidecars behind the web server: a session of Socket.IO that polls stays with the
// one that it began at, upgrades there, and comes back on another one when that goes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const CLIENTS = 8;
const stack = new Stack('sidecars', {}, { sidecars: 3 });
const sockets = [];
let venue, admin;
before(async () => {
    await stack.start();
    for (const i of [1, 2]) stack.startSidecar(i);
    venue = new Venue('restaurant');
    admin = as(stack, venue.token(stack, 'admin'));
    for (const port of stack.sidecarPorts)
        await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => ({}))).status === 200, 'all are ready');
});
after(async () => {
    for (const socket of sockets) socket.close();
    await stack.stopAll();
});

// A client that has joined the floor; what it was told, and by which sidecar, is kept.
async function joined(transports) {
    const socket = io(stack.url, { transports, forceNew: true, auth: { token: venue.token(stack, 'waiter') },
        reconnectionDelay: 50, reconnectionDelayMax: 500 });
    sockets.push(socket);
    socket.told = [];
    socket.lost = [];
    const told = (id, status) => socket.told.push(`${id} ${status}`);
    socket.on('table:status_changed', (change) => told(change.tableId, change.newStatus));
    socket.on('tables:batch_update', (entries) => entries.forEach((e) => told(e.tableId, e.status)));
    socket.on('disconnect', (reason) => socket.lost.push(reason));
    await until(() => socket.connected, 'it is connected');
    assert.deepEqual((await socket.timeout(10000).emitWithAck('tables:join', { floor: 1 })).ok, true);
    return socket;
}

// What the sidecars say of the connections that are over, and why.
const closings = () => [0, 1, 2].flatMap((i) => stack.log(stack.sidecarName(i)).split('\n')
    .filter((line) => /msg="connection closed"|level=(warn|error)/.test(line))).join('\n');
const routeOf = (socket) => socket.io.engine.id.split('.')[1];
const set = (i, status) => sql(`update maitred.dining_table set status = '${status}' where id = ${venue.tables[i]}`);
const hears = (socket, i, status) => until(() => socket.told.includes(`${venue.tables[i]} ${status}`), `${status} is told`);

test('whoever polls stays with the sidecar that has the session; each has some', async () => {
    const polling = await Promise.all(Array.from({ length: CLIENTS }, () => joined(['polling'])));
    const ids = polling.map((s) => s.io.engine.id);
    assert.deepEqual([...new Set(polling.map(routeOf))].sort(), ['a', 'b', 'c']);
    for (const status of ['reserved', 'available', 'occupied']) {
        set(0, status);
        await Promise.all(polling.map((s) => hears(s, 0, status)));
    }
    const answers = await Promise.all(polling.map((s) => s.timeout(10000).emitWithAck('tables:leave', { floor: null })));
    assert.ok(answers.every((a) => a.ok));
    assert.deepEqual(polling.map((s) => s.io.engine.id), ids);
    const lost = polling.flatMap((s) => s.lost);
    assert.deepEqual(lost, [], lost.length ? `lost: ${lost}\n${closings()}` : undefined);
});

test('the upgrade to a WebSocket goes to the same sidecar', async () => {
    const both = await Promise.all(Array.from({ length: CLIENTS }, () => joined(['polling', 'websocket'])));
    await until(() => both.every((s) => s.io.engine.transport.name === 'websocket'), 'all have upgraded');
    set(1, 'reserved');
    await Promise.all(both.map((s) => hears(s, 1, 'reserved')));
    assert.deepEqual(both.flatMap((s) => s.lost), []);
});

test('a session of none is refused, and everything else may come to any', async () => {
    const answer = await admin.get('/socket.io/?EIO=4&transport=polling&sid=nobody.d');
    assert.deepEqual([answer.status, answer.json.code], [400, 1]);
    for (let i = 0; i < 4; i++) assert.equal((await admin.get('/poll?channels=restaurant_tables')).status, 200);
});

test('when a sidecar goes, its clients come back on the others and miss nothing', async () => {
    const before = sockets.filter((s) => routeOf(s) === 'b');
    assert.ok(before.length > 0);
    await stack.stop('sidecar-b', 'SIGKILL');
    set(2, 'reserved');
    await Promise.all(sockets.map((s) => hears(s, 2, 'reserved')));
    assert.ok(sockets.every((s) => routeOf(s) !== 'b'));
    assert.ok(before.every((s) => s.recovered), 'as if it had never been away');
    stack.startSidecar(1);
    await until(async () => (await joined(['polling']).then((s) => routeOf(s))) === 'b', 'it takes part again');
});
