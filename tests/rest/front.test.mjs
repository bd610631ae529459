// front.test.mjs - the sample lighttpd configuration: who gets which path, and what it adds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('front');
let venue, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    admin = as(stack, venue.token(stack, 'admin'));
    await until(async () => (await admin.get('/readyz')).status === 200, 'the sidecar is ready');
});
after(() => stack.stopAll());

const upgrade = (path, headers = {}) => stack.request('GET', path, { headers: {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers } });

test('a WebSocket is upgraded through it, and refused before the upgrade without a token', async () => {
    const token = venue.token(stack, 'admin');
    const yes = await upgrade('/ws', { authorization: `Bearer ${token}` });
    assert.equal(yes.status, 101);
    assert.equal(yes.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    const no = await upgrade('/ws');
    assert.equal(no.status, 401, no.text);
    assert.equal(no.headers['content-type'], 'application/problem+json');
});

test('the health of the sidecar is seen through it, its metrics are not', async () => {
    assert.equal((await admin.get('/healthz')).status, 200);
    assert.equal((await admin.get('/metrics')).status, 404);
});

test('sockets below /api go to the sidecar too, not to a FastCGI program', async () => {
    await stack.stop('sidecar');
    for (const path of ['/api/v1/ws/orders/live', '/ws', '/events', '/poll', '/admin/ws/dashboard', '/socket.io/'])
        assert.equal((await admin.get(path)).status, 503, path);
    assert.equal((await admin.get('/api/v1/wsx')).status, 404);
    stack.startSidecar();
    await until(async () => (await admin.get('/readyz')).status === 200, 'the sidecar is back');
});

test('pages are served with their types, checked again each time, and never framed', async () => {
    for (const [path, type] of [['/login/', 'text/html; charset=utf-8'], ['/lib/rest.js', 'text/javascript; charset=utf-8'],
        ['/favicon.svg', 'image/svg+xml']]) {
        const page = await stack.request('GET', path);
        assert.equal(page.status, 200, path);
        assert.equal(page.headers['content-type'], type);
        assert.equal(page.headers['cache-control'], 'no-cache');
        assert.equal(page.headers['x-frame-options'], 'DENY');
        const again = await stack.request('GET', path, { headers: { 'if-none-match': page.headers.etag } });
        assert.equal(again.status, 304, path);
    }
});

test('the access log has the request id and no query', async () => {
    await admin.get('/api/user/profile?token=geheim', { 'x-request-id': 'tie-the-logs' });
    await stack.stop('web'); // its log may be buffered
    assert.match(stack.accessLog(), /GET \/api\/user\/profile 200 \d+ [\d.]+ tie-the-logs/);
    assert.doesNotMatch(stack.accessLog(), /geheim/);
});
