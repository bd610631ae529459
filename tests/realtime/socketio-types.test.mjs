// socketio-types.test.mjs - what the sidecar really says over Socket.IO is what the types for front ends say:
// every event and answer is written down as a literal of its type, and the compiler looks for what is missing
// and what is too much.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import { complaints } from '../lib/types.mjs';
import { Sidecar, makeVenue, setTable, sql, token, top, until } from './lib/rig.mjs';

let sidecar, venue, socket;
const said = new Map();     // event -> what it came with, each [data, offset]
const answers = [];         // [type, answer]
before(async () => {
    // Long enough for two steps to leave together.
    sidecar = await new Sidecar({ tables_gather_ms: 200 }).start();
    venue = makeVenue();
    socket = io(`http://127.0.0.1:${sidecar.port}`, { auth: { token: token(venue) }, reconnectionDelay: 50 });
    socket.onAny((event, ...args) => said.set(event, [...(said.get(event) ?? []), args]));
    await until(() => said.has('tables:connected'), 'it is connected');
});
after(async () => {
    socket.close();
    await sidecar.stop();
});

async function ask(type, event, message) {
    const answer = await socket.timeout(20000).emitWithAck(event, message);
    answers.push([type, answer]);
    return answer;
}
const hears = (event, n = 1) => until(() => (said.get(event)?.length ?? 0) >= n, `${event}, got ${[...said.keys()]}`);

test('all that the types name is said', async () => {
    const [first] = venue.tables;
    const joined = await ask('JoinAnswer', 'tables:join', { floor: null });
    await ask('StatusAnswer', 'table:update_status', { tableId: first, status: 'occupied' });
    await hears('table:status_changed');
    await ask('StatusAnswer', 'table:update_status', { tableId: first, status: 'available', notes: 'wiped' });
    await hears('table:status_changed', 2);
    sql(`begin; update maitred.dining_table set status = 'reserved' where venue = ${venue.id}; commit`);
    await hears('tables:batch_update');
    const made = sql(`insert into maitred.dining_table (venue, number, label, capacity) values (${venue.id}, 50, 'T-50', 2) returning id`);
    await hears('table:created');
    sql(`update maitred.dining_table set capacity = 3, name = 'Bar', section = 'Inside', position = '{"x":1}' where id = ${made}`);
    await hears('table:updated');
    sql(`update maitred.dining_table set active = false where id = ${made}`);
    await hears('table:deleted');
    await ask('SyncAnswer', 'tables:sync', { lastEventId: joined.eventId });
    await hears('tables:sync_response');
    setTable(venue, 'occupied');
    await ask('SyncAnswer', 'tables:sync', { lastEventId: null });
    await hears('tables:sync_response', 2);
    await ask('LeaveAnswer', 'tables:leave', { floor: null });
    for (const [event, message] of [['tables:join', { floor: 99 }], ['tables:join', {}],
        ['table:update_status', { tableId: first, status: 'reserved' }], ['tables:nothing', {}]])
        assert.equal((await ask('Refusal', event, message)).ok, false);
    socket.emit('tables:join', { floor: 99 });
    await hears('error');
});

test('each is a literal of its type', () => {
    const types = join(top, 'www/lib/socketio-events');
    const lines = [`import type * as t from ${JSON.stringify(types)};`];
    const literal = (type, value) => lines.push(`export const c${lines.length}: ${type} = ${JSON.stringify(value)};`);
    for (const [event, all] of said)
        for (const args of all) literal(`Parameters<t.ServerToClientEvents[${JSON.stringify(event)}]>`, args);
    for (const [type, answer] of answers) literal(`t.${type}`, answer);
    assert.deepEqual([...said.keys()].sort(), ['error', 'table:created', 'table:deleted', 'table:status_changed', 'table:updated',
        'tables:batch_update', 'tables:connected', 'tables:sync_response']);
    const path = join(top, 'tests/realtime/said.ts');
    assert.deepEqual(complaints(path, lines.join('\n')).map((c) => `${c} in ${lines[/:(\d+) /.exec(c)?.[1] - 1]}`), []);
});

test('a refusal to connect carries one, too', async () => {
    const stranger = io(`http://127.0.0.1:${sidecar.port}`, { auth: { token: 'rubbish' }, forceNew: true });
    let refused;
    stranger.on('connect_error', (error) => { refused = error.data ?? refused; });
    await until(() => refused, 'it is refused');
    stranger.close();
    const text = `import type { Refusal } from ${JSON.stringify(join(top, 'www/lib/socketio-events'))};
        export const refusal: Refusal = ${JSON.stringify(refused)};`;
    assert.deepEqual(complaints(join(top, 'tests/realtime/refused.ts'), text), []);
});
