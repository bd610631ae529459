// websocket.test.mjs - packets by WebSocket: a session that begins so, and one that goes over to it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { deflateRawSync } from 'node:zlib';
import { Socket } from 'engine.io-client';
import { BINARY, TEXT, frame, openPeer } from '../ws/lib/raw.mjs';
import { BAD, SEPARATOR, closing, openPolling, openProbe, openWebSocket, packet, query, text, until, upgrade, withServer } from './lib/session.mjs';

test('text, binary, and binary in base64 come back', () => withServer({}, async ({ port }) => {
    const p = await openWebSocket(port);
    p.send(packet('4hello'), frame(BINARY, Buffer.from([1, 2, 0, 255])), packet('bAQID'), packet('4'), packet('4€'));
    assert.equal(await text(p), '4hello');
    for (const want of [[1, 2, 0, 255], [1, 2, 3]]) {
        const f = await p.frame();
        assert.deepEqual([f.opcode, [...f.payload]], [BINARY, want]);
    }
    assert.equal(await text(p), '4');
    assert.equal(await text(p), '4€');
    p.destroy();
}));

test('what is no packet closes it, and a close packet too', () => withServer({}, async ({ port }) => {
    for (const [bad, code] of [['abc', 1002], ['', 1002], ['7', 1002], ['2', 1002], ['b*', 1002], ['1', 1005]]) {
        const p = await openWebSocket(port);
        p.send(packet(bad), packet('4unheard'));
        assert.equal(await closing(p), code, bad);
    }
}));

test('a message over the bound is closed with 1009 and no reason, compressed or not', () => withServer(
    { 'max-payload': 100 }, async ({ port }) => {
        for (const deflated of [false, true]) {
            const headers = deflated ? { 'Sec-WebSocket-Extensions': 'permessage-deflate' } : {};
            const p = await openPeer(port, headers, { path: query('websocket') });
            await p.frame(); // the open packet, perhaps compressed
            const message = (n) => {
                const body = Buffer.from(`4${'x'.repeat(n - 1)}`);
                const packed = deflateRawSync(body, { finishFlush: 2 }).subarray(0, -4);
                return deflated ? frame(TEXT, packed, { rsv: 4 }) : frame(TEXT, body);
            };
            p.send(message(100));
            assert.equal((await p.frame()).opcode, TEXT);
            p.send(message(101));
            assert.deepEqual(await p.closed(), { code: 1009, reason: '' });
        }
    }));

test('engine.io-client by WebSocket alone', () => withServer({}, async ({ port }) => {
    const socket = new Socket(`ws://127.0.0.1:${port}`, { transports: ['websocket'] });
    await once(socket, 'open');
    const got = [];
    socket.on('message', (m) => got.push(m));
    for (let i = 0; i < 1000; i++) socket.send(`text ${i}`);
    await until(() => got.length === 1000, 'all came back');
    assert.deepEqual(got, Array.from({ length: 1000 }, (_, i) => `text ${i}`));
    socket.close();
}));

test('the way over: a poll is let go, the rest comes by the WebSocket', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const waiting = s.poll();
    const p = await openProbe(s);
    p.send(packet('2probe'));
    assert.equal(await text(p), '3probe');
    assert.equal((await waiting).text, '6');
    assert.equal((await s.poll()).text, '6'); // another one is let go as well
    await s.post('4by post');
    assert.equal((await s.poll()).text, '4by post'); // until it is over, polls bring what there is
    await s.post('4queued', 'bAQI=');
    p.send(packet('5'), packet('4hello'));
    assert.equal(await text(p), '4queued');
    assert.deepEqual([...(await p.frame()).payload], [1, 2]);
    assert.equal(await text(p), '4hello');
    for (const res of [await s.poll(), await s.post('4late')]) assert.deepEqual([res.status, res.text], [400, BAD]);
    p.send(packet('4on and on'));
    assert.equal(await text(p), '4on and on');
    p.destroy();
    await until(async () => (await s.poll()).text !== BAD, 'the session is gone');
    await s.isOver();
}));

test('all of it in one breath', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    await s.post('4queued');
    const p = await openProbe(s);
    p.send(packet('2probe'), packet('5'), packet('4one'), frame(BINARY, 'two'), packet('4three'));
    for (const want of ['3probe', '4queued', '4one']) assert.equal(await text(p), want);
    assert.equal((await p.frame()).payload.toString(), 'two');
    assert.equal(await text(p), '4three');
    p.destroy();
}));

test('without a waiting poll, and with one that waits at the very end', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const p = await openProbe(s);
    const waiting = s.poll();
    await new Promise((r) => setTimeout(r, 20)); // it must be there first
    p.send(packet('5')); // no probe at all: the reference lets it pass
    assert.equal((await waiting).text, '6');
    p.send(packet('4hello'));
    assert.equal(await text(p), '4hello');
    p.destroy();
}));

test('a second WebSocket is closed and does not disturb the first', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const first = await openProbe(s), second = await openProbe(s);
    assert.equal(await closing(second), 1005);
    first.send(packet('2probe'));
    assert.equal(await text(first), '3probe');
    first.send(packet('5'), packet('4hello'));
    assert.equal(await text(first), '4hello');
    const third = await openProbe(s);
    assert.equal(await closing(third), 1005);
    const own = await openWebSocket(port);
    const probe = await openPeer(port, {}, { path: query('websocket', { sid: own.open.sid }) });
    assert.equal(await closing(probe), 1005);
    first.send(packet('4still'));
    assert.equal(await text(first), '4still');
    first.destroy();
    own.destroy();
}));

async function unchanged(s) {
    await s.post('4hello');
    assert.equal((await s.poll()).text, '4hello');
    const p = await nextProbe(s);
    p.send(packet('5'));
    p.send(packet('4hello'));
    assert.equal(await text(p), '4hello');
    p.destroy();
}
// As soon as the end of the one before was noticed, and if it says its word in time.
const nextProbe = (s) => until(async () => {
    const p = await openProbe(s);
    p.send(packet('2probe'));
    return (await p.frame()).opcode === TEXT && p;
}, 'a next probe is taken');

test('a probe that says something else, or leaves, changes nothing', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    for (const wrong of ['4hello', '2', 'abc', '']) {
        const p = await openProbe(s);
        p.send(packet(wrong));
        assert.equal(await closing(p), 1002, wrong);
    }
    const gone = await openProbe(s);
    gone.send(packet('2probe'));
    assert.equal(await text(gone), '3probe');
    gone.destroy();
    await unchanged(s);
}));

test('a probe that says nothing more is closed when its time is up, which changes nothing', () => withServer(
    { 'connect-timeout-ms': 300 }, async ({ port }) => {
        const s = await openPolling(port);
        assert.equal(await closing(await nextProbe(s)), 1005);
        await unchanged(s);
    }));

test('a session that ends takes its probe along', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const p = await openProbe(s);
    p.send(packet('2probe'));
    assert.equal(await text(p), '3probe');
    await s.post('1');
    assert.equal(await closing(p), 1005);
    await s.isOver();
}));

test('over and over under traffic: nothing is lost, nothing overtakes', () => withServer({}, async ({ port }) => {
    await Promise.all(Array.from({ length: 30 }, async (_, n) => {
        const socket = new Socket(`http://127.0.0.1:${port}`);
        const got = [], upgraded = once(socket, 'upgrade');
        socket.on('message', (m) => got.push(m));
        await once(socket, 'open');
        let sent = 0, over = false;
        upgraded.then(() => { over = true; });
        for (let after = 0; after < 50; after += over ? 1 : 0) {
            socket.send(`${n}:${sent++}`);
            await new Promise((r) => setImmediate(r));
        }
        await upgraded;
        await until(() => got.length === sent, `client ${n}: ${sent} messages`);
        assert.deepEqual(got, Array.from({ length: sent }, (_, i) => `${n}:${i}`));
        socket.close();
    }));
}));

test('several packets of one payload go over in order', () => withServer({}, async ({ port }) => {
    for (let i = 0; i < 20; i++) {
        const s = await openPolling(port);
        const p = await openProbe(s);
        p.send(packet('2probe'));
        assert.equal(await text(p), '3probe');
        const posted = s.post(...Array.from({ length: 50 }, (_, k) => `4${k}`));
        const polled = s.poll();
        await posted;
        p.send(packet('5'), packet('4end'));
        const got = [];
        while (got.at(-1) !== '4end') got.push(await text(p));
        const before = (await polled).text.split(SEPARATOR).filter((k) => k !== '6' && k !== BAD); // it may be late
        assert.deepEqual([...before, ...got], [...Array.from({ length: 50 }, (_, k) => `4${k}`), '4end']);
        p.destroy();
    }
}));
