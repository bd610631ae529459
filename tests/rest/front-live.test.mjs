// front-live.test.mjs - the sidecar through the web server: which paths go there, a WebSocket that is
// used and not just opened, and what is answered while it is down.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('front-live');
let venue, token, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    token = venue.token(stack, 'admin');
    admin = as(stack, token);
    await until(async () => (await admin.get('/readyz')).status === 200, 'the sidecar is ready');
});
after(() => stack.stopAll());

const upgrade = (path, headers = {}) => stack.request('GET', path, { headers: {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers } });

async function opened(path) {
    const ws = new WebSocket(`ws://127.0.0.1:${stack.port}${path}`, ['bearer', token]);
    ws.got = [];
    ws.on('message', (data) => {
        const text = String(data);
        ws.got.push(text.startsWith('{') ? JSON.parse(text) : text);
    });
    await once(ws, 'open');
    ws.has = (wanted, what) => until(() => ws.got.find(wanted), what);
    return ws;
}

test('a WebSocket is upgraded through it, and refused before the upgrade without a token', async () => {
    const yes = await upgrade('/ws', { authorization: `Bearer ${token}` });
    assert.equal(yes.status, 101);
    assert.equal(yes.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    const no = await upgrade('/ws');
    assert.equal(no.status, 401, no.text);
    assert.equal(no.headers['content-type'], 'application/problem+json');
});

test('the protocol and the compression that were asked for come through', async () => {
    const ws = await opened('/ws');
    assert.equal(ws.protocol, 'bearer');
    assert.match(ws.extensions, /permessage-deflate/);
    ws.close();
});

test('what is written by REST arrives on a WebSocket, and 15 kB go the other way', async () => {
    const ws = await opened('/ws');
    ws.send(JSON.stringify({ action: 'subscribe', channels: ['restaurant_reservations'] }));
    await ws.has((m) => m.status === 'subscribed', 'the subscription');
    const made = await admin.post('/api/restaurant/reservations', { customerName: 'Through It All', partySize: 2,
        date: '2027-02-03T19:00:00Z' });
    assert.equal(made.status, 201, made.text);
    const news = await ws.has((m) => m.type === 'new_reservation', 'the reservation');
    assert.equal(news.reservation.id, made.json.id);
    ws.send(JSON.stringify({ action: 'subscribe', channels: [`x${'y'.repeat(15000)}`] }));
    await ws.has((m) => m.type === 'error', 'the refusal of a channel that is not there');
    ws.send('ping');
    await ws.has((m) => m === 'pong', 'the answer to a text ping');
    ws.close(1000);
    const [code] = await once(ws, 'close');
    assert.equal(code, 1000);
});

test('a close code of the sidecar reaches the client: 4003 after the logout', async () => {
    const ws = await opened('/admin/ws/dashboard');
    await ws.has((m) => m.type === 'tables_snapshot', 'the tables');
    const closed = once(ws, 'close');
    assert.equal((await admin.post('/api/auth/logout', {})).status, 204);
    assert.equal((await closed)[0], 4003);
    token = venue.token(stack, 'admin');
    admin = as(stack, token);
});

test('a message over the limit closes with 1009', async () => {
    const ws = await opened('/ws');
    const closed = once(ws, 'close');
    ws.send(JSON.stringify({ action: 'subscribe', channels: ['z'.repeat(20000)] }));
    assert.equal((await closed)[0], 1009);
});

test('a client that goes is gone for the sidecar too', async () => {
    const count = async () => Number(/maitred_connections\{[^}]*\} (\d+)/.exec(
        await (await fetch(`http://127.0.0.1:${stack.realtimePort}/metrics`)).text())?.[1] ?? 0);
    const before = await count(), ws = await opened('/ws');
    await until(async () => await count() === before + 1, 'one more connection');
    ws.terminate();
    await until(async () => await count() === before, 'one less');
});

test('an event stream comes through as it is written, and goes when the client goes', async () => {
    const gone = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${stack.port}/events?channels=restaurant_reservations`,
        { headers: { authorization: `Bearer ${token}` }, signal: gone.signal });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/event-stream; charset=utf-8']);
    let text = '';
    const read = (async () => { for await (const part of answer.body) text += Buffer.from(part).toString(); })().catch(() => {});
    await until(() => /event: subscribed\n/.test(text), 'the first block, before there is a second');
    const made = await admin.post('/api/restaurant/reservations', { customerName: 'Streamed', partySize: 2, date: '2027-02-04T19:00:00Z' });
    await until(() => text.includes('event: new_reservation\n') && text.includes(`"id":"${made.json.id}"`), 'the reservation');
    gone.abort();
    await read;
    await until(async () => { // two of the web servers notice only when they have to pass something on
        await admin.post('/api/restaurant/reservations', { customerName: 'Wakes it', partySize: 2, date: '2027-02-05T19:00:00Z' });
        return /protocol="events"\} 0/.test(await (await fetch(`http://127.0.0.1:${stack.realtimePort}/metrics`)).text());
    }, 'it is gone');
});

test('a long poll waits through it, and is answered when something comes', async () => {
    const first = await admin.get('/poll?channels=restaurant_reservations');
    assert.equal(first.status, 200, first.text);
    const waiting = admin.get(`/poll?channels=restaurant_reservations&since=${first.json.cursor}`);
    const made = await admin.post('/api/restaurant/reservations', { customerName: 'Polled', partySize: 2, date: '2027-02-06T19:00:00Z' });
    const found = [...(await waiting).json.events];
    for (let since = first.json.cursor; !found.some((m) => m.reservation.id === made.json.id);) { // what came before may be told first
        const next = (await admin.get(`/poll?channels=restaurant_reservations&since=${since}`)).json;
        found.push(...next.events);
        since = next.cursor;
    }
    const refused = await admin.get('/poll?channels=nonsense');
    assert.deepEqual([refused.status, refused.headers['content-type']], [403, 'application/problem+json']);
});

test('the health of the sidecar and its document are seen through it, its metrics are not', async () => {
    assert.equal((await admin.get('/healthz')).status, 200);
    assert.equal((await admin.get('/asyncapi.json')).json.asyncapi, '3.0.0');
    assert.equal((await admin.get('/metrics')).status, 404);
});

test('sockets below /api go to the sidecar too, not to a FastCGI program', async () => {
    await stack.stop('sidecar');
    for (const path of ['/api/v1/ws/orders/live', '/ws', '/events', '/poll', '/admin/ws/dashboard', '/socket.io/']) {
        const answer = await admin.get(path);
        assert.equal(answer.status, 503, path);
        assert.equal(answer.headers['content-type'], 'application/problem+json', path);
        assert.equal(answer.json.status, 503);
    }
    assert.equal((await admin.get('/api/v1/wsx')).status, 404);
    stack.startSidecar();
    await until(async () => (await admin.get('/readyz')).status === 200, 'the sidecar is back');
    const ws = await opened('/ws');
    ws.close();
    assert.equal((await admin.get('/api/v1/ws/orders/live/status')).json.restaurant_id, venue.id);
    for (const [path, first] of [['/api/v1/ws/orders/live', 'connection_established'], [`/ws/restaurants/${venue.id}/`, 'restaurant_status']]) {
        const live = await opened(path);
        await live.has((m) => m.type === first, first);
        live.close();
    }
});
