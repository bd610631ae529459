// handshake.test.mjs - the opening handshake (RFC 6455 section 4) and everything the front refuses.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';
import { startEcho } from './lib/echo.mjs';
import { Peer, TEXT, frame, openPeer } from './lib/raw.mjs';

let server;
before(async () => { server = await startEcho(); });
after(() => server.stop());

async function answer(headers, options) {
    const p = new Peer(server.port);
    p.send(p.request(headers, options));
    const res = await p.response();
    p.destroy();
    return res;
}

const good = {
    'Upgrade in capitals': { Upgrade: 'WebSocket', Connection: 'UPGRADE' },
    'Connection with more than one word': { Connection: 'keep-alive, Upgrade' },
    'two Connection lines': { Connection: ['keep-alive', 'Upgrade'] },
    'Upgrade with more than one word': { Upgrade: 'h2c, websocket' },
    'a subprotocol that we do not speak': { 'Sec-WebSocket-Protocol': 'chat' },
    'an extension that we do not speak': { 'Sec-WebSocket-Extensions': 'x-webkit-deflate-frame' },
};
for (const [name, headers] of Object.entries(good))
    test(`opens with ${name}`, async () => {
        const p = await openPeer(server.port, headers);
        assert.equal(p.opened.headers['sec-websocket-protocol'], undefined);
        assert.equal(p.opened.headers['sec-websocket-extensions'], undefined);
        p.send(frame(TEXT, 'x'));
        assert.equal((await p.frame()).payload.toString(), 'x');
        p.destroy();
    });

const bad = {
    'no Upgrade': [426, { Upgrade: null }],
    'another Upgrade': [426, { Upgrade: 'h2c' }],
    'no Connection': [400, { Connection: null }],
    'Connection without upgrade': [400, { Connection: 'keep-alive' }],
    'no key': [400, { 'Sec-WebSocket-Key': null }],
    'a short key': [400, { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
    'a key that is not base64': [400, { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' }],
    'a key of 18 bytes': [400, { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAAA' }],
    'two keys': [400, { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] }],
    'no version': [400, { 'Sec-WebSocket-Version': null }],
    'version 8': [426, { 'Sec-WebSocket-Version': '8' }],
    'version 14': [426, { 'Sec-WebSocket-Version': '14' }],
    'no Host': [400, { Host: null }],
};
for (const [name, [status, headers]] of Object.entries(bad))
    test(`${name}: ${status}`, async () => {
        const res = await answer(headers);
        assert.equal(res.status, status);
        if (status === 426) assert.equal(res.headers['sec-websocket-version'], '13');
        if (status === 426) assert.equal(res.headers.upgrade, 'websocket');
    });

test('a POST is 405 with Allow, an unknown path 404, each with a problem body', async () => {
    const post = await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', body: 'x' });
    assert.equal(post.status, 405);
    assert.equal(post.headers.get('allow'), 'GET');
    const lost = await fetch(`http://127.0.0.1:${server.port}/nowhere?token=secret`);
    assert.equal(lost.status, 404);
    assert.match(lost.headers.get('content-type'), /^application\/problem\+json/);
    const problem = await lost.json();
    assert.equal(problem.code, 'not_found');
    assert.ok(!JSON.stringify(problem).includes('secret'));
});

test('HTTP/1.0 can not upgrade', async () => {
    const res = await answer({}, { version: 'HTTP/1.0' });
    assert.notEqual(res.status, 101);
});

test('no token: 401 before the upgrade, naming Bearer', async () => {
    const res = await answer({}, { path: '/guarded' });
    assert.equal(res.status, 401);
    assert.equal(res.headers['www-authenticate'], 'Bearer');
});

const origins = {
    'another origin': [403, 'https://evil.example'],
    'no origin': [403, null],
    'the origin null': [403, 'null'],
    'a host that only begins like ours': [403, 'http://127.0.0.1.evil.example'],
    'our own origin': [503, 'http://127.0.0.1'], // gets as far as the token, which nobody here can check
    'our own origin by its default port': [503, 'http://127.0.0.1:80'],
};
for (const [name, [status, Origin]] of Object.entries(origins))
    test(`the cookie from ${name}: ${status}`, async () => {
        const res = await answer({ Origin, Cookie: 'a=b; maitred_token=x.y.z' }, { path: '/guarded' });
        assert.equal(res.status, status);
    });

test('behind a proxy the outer host counts for the origin', async () => {
    const res = await answer({ Origin: 'https://front.example', 'X-Forwarded-Host': 'front.example', Cookie: 'maitred_token=x' },
        { path: '/guarded' });
    assert.equal(res.status, 503);
});

test('a token is looked for in header, query and subprotocol', async () => {
    const ways = [[{ Authorization: 'Bearer x.y.z' }, '/guarded'], [{}, '/guarded?token=x.y.z'],
        [{ 'Sec-WebSocket-Protocol': 'bearer, x.y.z' }, '/guarded']];
    for (const [headers, path] of ways) assert.equal((await answer(headers, { path })).status, 503, path);
});

test('the address comes from X-Forwarded-For or Forwarded, from the right', async () => {
    const said = async (headers) => (await (await fetch(`http://127.0.0.1:${server.port}/hello/7`, { headers })).text()).trim();
    assert.equal(await said({}), '127.0.0.1 7');
    assert.equal(await said({ 'X-Forwarded-For': '198.51.100.7' }), '198.51.100.7 7');
    assert.equal(await said({ 'X-Forwarded-For': '6.6.6.6, 198.51.100.7, 127.0.0.1' }), '198.51.100.7 7');
    assert.equal(await said({ 'X-Forwarded-For': '198.51.100.7, <script>' }), '127.0.0.1 7');
    assert.equal(await said({ Forwarded: 'for=6.6.6.6, for="[2001:db8::1]:4711";proto=https' }), '2001:db8::1 7');
});

test('a request id is taken over when it is one, else made', async () => {
    const id = async (given) => (await answer({ 'X-Request-Id': given })).headers['x-request-id'];
    assert.equal(await id('abc-123.x_y'), 'abc-123.x_y');
    assert.match(await id('no good; id'), /^[0-9a-f]{16}$/);
    assert.match(await id(null), /^[0-9a-f]{16}$/);
});

// RFC 6455 section 4.1: the client must wait. What came with the request could not be kept, so it is not taken.
test('frames right behind the handshake are refused', async () => {
    const p = new Peer(server.port);
    p.send(Buffer.concat([Buffer.from(p.request()), frame(TEXT, 'early')]));
    const { status } = await p.response();
    assert.equal(status, 400);
    p.destroy();
});

test('a handshake in small pieces opens', async () => {
    const p = new Peer(server.port);
    for (const b of p.request()) {
        p.send(b);
        await new Promise((r) => setImmediate(r));
    }
    assert.equal((await p.response()).status, 101);
    p.destroy();
});

test('who drips the request head is cut off at the deadline', async () => {
    const strict = await startEcho({ 'handshake-timeout-ms': 700 });
    const p = new Peer(strict.port);
    const drip = setInterval(() => p.socket.writable && p.send('a'), 60);
    p.send('GET / HTTP/1.1\r\nX: ');
    const began = Date.now();
    const f = await p.frame(5000);
    clearInterval(drip);
    assert.ok(f.ended);
    assert.ok(Date.now() - began >= 500);
    p.destroy();
    await strict.stop();
});

test('a request head over 16 KiB is refused', async () => {
    const res = await answer({ 'X-Large': 'x'.repeat(20000) });
    assert.ok(res.ended || res.status >= 400, JSON.stringify(res));
});

test('a kept connection serves several requests', async () => {
    const p = new Peer(server.port);
    for (let i = 0; i < 3; i++) {
        p.send(`GET /hello/${i} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const res = await p.response();
        assert.equal(res.status, 200);
        await p.next(() => { const n = Number(res.headers['content-length']); if (p.chunks.length < n) return null; p.chunks = p.chunks.subarray(n); return true; }, 'the body');
    }
    p.destroy();
});

test('the ws client opens, echoes and closes', async () => {
    const ws = new WebSocket(server.url);
    await once(ws, 'open');
    ws.send('hello');
    const [data, binary] = await once(ws, 'message');
    assert.equal(data.toString(), 'hello');
    assert.equal(binary, false);
    ws.close(4321, 'enough');
    const [code, reason] = await once(ws, 'close');
    assert.equal(code, 4321);
    assert.equal(reason.toString(), 'enough');
});
