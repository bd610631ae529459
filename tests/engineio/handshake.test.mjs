// handshake.test.mjs - how sessions open, and what is refused before there is one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Peer } from '../ws/lib/raw.mjs';
import { UNKNOWN, ask, openPolling, openWebSocket, query, refused, withServer } from './lib/session.mjs';

const TRANSPORT = refused(0, 'Transport unknown');
const METHOD = refused(2, 'Bad handshake method');
const BAD = refused(3, 'Bad request');
const PROTOCOL = refused(5, 'Unsupported protocol version');

test('the open packet says what the client needs, and nothing else', () => withServer({}, async ({ port }) => {
    const { status, headers, text } = await ask(port, query('polling'));
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/plain; charset=UTF-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('set-cookie'), null);
    assert.equal(text[0], '0');
    const { sid, ...rest } = JSON.parse(text.slice(1));
    assert.match(sid, /^[0-9a-f]{32}$/);
    assert.deepEqual(rest, { upgrades: ['websocket'], pingInterval: 60000, pingTimeout: 200, maxPayload: 1000000 });
    const peer = await openWebSocket(port);
    assert.deepEqual({ ...peer.open, sid: '' },
        { sid: '', upgrades: [], pingInterval: 60000, pingTimeout: 200, maxPayload: 1000000 });
    assert.notEqual(peer.open.sid, sid);
    peer.destroy();
}));

test('what is wrong with a request has a status, a code and a message', () => withServer({}, async ({ port }) => {
    const { sid } = await openPolling(port);
    const over = (more) => `/engine.io/?${new URLSearchParams(more)}`;
    const polling = { EIO: '4', transport: 'polling' };
    for (const [method, path, status, body] of [
        ['GET', over({}), 400, TRANSPORT],
        ['GET', over({ EIO: '4' }), 400, TRANSPORT],
        ['GET', over({ EIO: '4', transport: 'carrier' }), 400, TRANSPORT],
        ['GET', over({ EIO: '4', transport: 'webtransport' }), 400, TRANSPORT],
        ['GET', over({ transport: 'polling' }), 400, PROTOCOL],
        ['GET', over({ ...polling, EIO: '3' }), 400, PROTOCOL],
        ['GET', over({ ...polling, EIO: 'abc' }), 400, PROTOCOL],
        ['POST', over(polling), 400, METHOD],
        ['PUT', over(polling), 400, METHOD],
        ['DELETE', over(polling), 400, METHOD],
        ['PATCH', over(polling), 400, METHOD],
        ['GET', over({ ...polling, sid: 'nobody' }), 400, UNKNOWN],
        ['POST', over({ ...polling, sid: 'nobody' }), 400, UNKNOWN],
        ['PUT', over({ ...polling, sid: 'nobody' }), 400, UNKNOWN],
        ['GET', over({ ...polling, sid, EIO: '3' }), 400, BAD],
        ['PUT', over({ ...polling, sid }), 400, BAD],
        ['GET', over({ EIO: '4', transport: 'websocket' }), 400, BAD],
        ['GET', over({ EIO: '4', transport: 'websocket', sid }), 400, BAD],
    ]) {
        const res = await ask(port, path, { method });
        assert.deepEqual([res.status, res.text], [status, body], `${method} ${path}`);
        assert.equal(res.headers.get('content-type'), 'application/json');
    }
    const head = await fetch(`http://127.0.0.1:${port}${over(polling)}`, { method: 'HEAD' });
    assert.equal(head.status, 400);
    const still = await ask(port, over({ ...polling, sid }), { method: 'POST', body: '4still here' });
    assert.equal(still.text, 'ok');
}));

test('a WebSocket is refused before it is one', () => withServer({}, async ({ port }) => {
    const { sid } = await openPolling(port);
    for (const [path, headers] of [
        ['/engine.io/?transport=websocket', {}],
        ['/engine.io/?EIO=3&transport=websocket', {}],
        ['/engine.io/?EIO=4', {}],
        [query('websocket', { sid: 'nobody' }), {}],
        [query('websocket', { sid }), { 'Sec-WebSocket-Version': '8' }],
        [query('websocket'), { 'Sec-WebSocket-Key': 'short' }],
    ]) {
        const p = new Peer(port);
        p.send(p.request(headers, { path }));
        assert.equal((await p.response()).status, 400, path);
        p.destroy();
    }
}));

test('the path may do without its last slash', () => withServer({}, async ({ port }) => {
    assert.equal((await ask(port, '/engine.io?EIO=4&transport=polling')).status, 200);
    assert.equal((await ask(port, '/engine.io/more?EIO=4&transport=polling')).status, 404);
}));

test('a language may refuse whom it will', () => withServer({ profile: 'C' }, async ({ port }) => {
    const res = await ask(port, query('polling', { deny: '1' }));
    assert.deepEqual([res.status, res.text], [403, refused(4, 'Forbidden')]);
    const p = new Peer(port);
    p.send(p.request({}, { path: query('websocket', { deny: '1' }) }));
    assert.equal((await p.response()).status, 403);
    p.destroy();
}));

test('a handshake may wait, and who leaves meanwhile leaves nothing', () => withServer({ profile: 'B' }, async ({ port }) => {
    const path = '/socket.io/?EIO=4&transport=polling';
    const gone = new AbortController();
    const left = ask(port, path, { signal: gone.signal }).catch((e) => e.name);
    gone.abort();
    assert.equal(await left, 'AbortError');
    assert.equal((await ask(port, path)).text[0], '0');
}));

test('the cookies of a handshake', async () => {
    await withServer({ profile: 'C' }, async ({ port }) => {
        const { headers } = await ask(port, query('polling'));
        const cookies = headers.getSetCookie();
        assert.equal(cookies.length, 4);
        assert.equal(cookies[1], '2=2; Path=/; HttpOnly; Secure; SameSite=Strict');
        const p = new Peer(port);
        p.send(p.request({}, { path: query('websocket') }));
        assert.match((await p.response()).headers['set-cookie'], /^4=4/); // the last of the four
        p.destroy();
    });
    await withServer({}, async ({ port }) => {
        const { headers, text } = await ask(port, query('polling'));
        const { sid } = JSON.parse(text.slice(1));
        assert.match(sid, /^[0-9a-f]{32}\.left-2$/);
        assert.deepEqual(headers.getSetCookie(), [`way=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
        const poll = await ask(port, query('polling', { sid }), { method: 'POST', body: '4x' });
        assert.equal(poll.headers.get('set-cookie'), null);
    }, { MAITRED_ENGINEIO_COOKIE: 'way', MAITRED_SIDECAR_ROUTE: 'left-2' });
});

test('pages of which sites may read, and whose cookies count', async () => {
    const page = 'https://shop.example';
    const allow = async (port, method, origin, path = query('polling')) => {
        const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
        const { status, headers: h } = await ask(port, path, { method, headers });
        return [status, h.get('access-control-allow-origin'), h.get('access-control-allow-credentials')];
    };
    await withServer({}, async ({ port }) => { // any
        assert.deepEqual(await allow(port, 'GET', page), [200, '*', null]);
        assert.deepEqual(await allow(port, 'GET', page, query('polling', { sid: 'x' })), [400, '*', null]);
        assert.deepEqual(await allow(port, 'OPTIONS', page), [204, '*', null]);
    });
    await withServer({}, async ({ port }) => {
        assert.deepEqual(await allow(port, 'GET', page), [200, page, 'true']);
        assert.deepEqual(await allow(port, 'GET', 'https://other.example'), [200, null, null]);
        assert.deepEqual(await allow(port, 'OPTIONS', page), [204, page, 'true']);
        assert.deepEqual(await allow(port, 'OPTIONS', 'https://other.example'), [204, null, null]);
        const { headers } = await ask(port, query('polling'), {
            method: 'OPTIONS', headers: { Origin: page, 'Access-Control-Request-Method': 'POST' },
        });
        assert.equal(headers.get('access-control-allow-methods'), 'GET, POST');
        assert.match(headers.get('access-control-allow-headers'), /Content-Type/);
    }, { MAITRED_ALLOWED_ORIGINS: page });
});

test('one address may hold so many sessions, and a probe is one more for its time', () => withServer({}, async ({ port }) => {
    const first = await openPolling(port);
    await openPolling(port);
    const third = await ask(port, query('polling'));
    assert.equal(third.status, 429);
    assert.equal(third.headers.get('retry-after'), '2');
    assert.equal((await first.post('1')).text, 'ok');
    await openPolling(port);
}, { MAITRED_MAX_PER_ADDRESS: '2' }));
