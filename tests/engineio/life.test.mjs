// life.test.mjs - heartbeats, clients that vanish, and the server's own end.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { Socket } from 'engine.io-client';
import { TEXT, frame, openPeer } from '../ws/lib/raw.mjs';
import { SEPARATOR, closing, openPolling, openProbe, openWebSocket, packet, query, text, until, upgrade, withServer } from './lib/session.mjs';

const beats = { 'ping-interval-ms': 300, 'ping-timeout-ms': 200 };
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

test('who answers pings stays, by polls', () => withServer(beats, async ({ port }) => {
    const s = await openPolling(port);
    for (let i = 0; i < 4; i++) {
        assert.equal((await s.poll()).text, '2');
        assert.equal((await s.post('3')).text, 'ok');
    }
    await s.post('4hello');
    assert.equal((await s.poll()).text, '4hello');
}));

test('who answers pings stays, by WebSocket, and is not pinged as one', () => withServer(beats, async ({ port }) => {
    const p = await openWebSocket(port);
    for (let i = 0; i < 4; i++) {
        assert.equal(await text(p), '2');
        p.send(packet('3'));
    }
    p.destroy();
}));

test('who polls but does not answer pings is closed, and the waiting poll told', () => withServer(beats, async ({ port }) => {
    const s = await openPolling(port);
    assert.equal((await s.poll()).text, '2');
    assert.equal((await s.poll()).text, '1');
    await s.isOver();
}));

test('when interval and timeout are over a session is', () => withServer(beats, async ({ port }) => {
    await Promise.all(Array.from({ length: 50 }, async () => {
        const s = await openPolling(port);
        await sleep(500); // the deadline is counted from before the answer that has just come
        await until(async () => (await s.poll()).status === 400, 'it is over'); // at once, unless the server stood still
        await s.isOver();
    }));
}));

test('a silent WebSocket is cut off, and its id with it', () => withServer(beats, async ({ port }) => {
    const p = await openWebSocket(port);
    assert.equal(await text(p), '2');
    assert.ok((await p.frame()).ended);
    const probe = await openPeer(port, {}, { path: query('websocket') });
    probe.destroy();
    p.destroy();
}));

test('a packet while a ping is out is a sign of life', () => withServer(
    { 'ping-interval-ms': 200, 'ping-timeout-ms': 1000 }, async ({ port }) => {
        const s = await openPolling(port);
        assert.equal((await s.poll()).text, '2');
        for (let i = 0; i < 8; i++) { // for longer than the ping may stay without an answer
            await sleep(200);
            assert.equal((await s.post(`4${i}`)).text, 'ok', `message ${i}`);
        }
        assert.equal((await s.post('3')).text, 'ok');
        assert.equal((await s.poll()).text, Array.from({ length: 8 }, (_, i) => `4${i}`).join(SEPARATOR));
    }));

test('a ping that was out at the way over may be answered there', () => withServer(beats, async ({ port }) => {
    const s = await openPolling(port);
    assert.equal((await s.poll()).text, '2');
    const p = await upgrade(s);
    p.send(packet('3'));
    for (let i = 0; i < 3; i++) {
        assert.equal(await text(p), '2');
        p.send(packet('3'));
    }
    p.destroy();
}));

test('engine.io-client stays connected by every way, for many heartbeats', () => withServer(beats, async ({ port }) => {
    await Promise.all([['polling'], ['websocket'], ['polling', 'websocket']].map(async (transports) => {
        const socket = new Socket(`http://127.0.0.1:${port}`, { transports });
        let pings = 0;
        socket.on('close', (why) => { if (pings < 6) pings = why; });
        socket.on('ping', () => { pings++; });
        await until(() => pings >= 6 || typeof pings === 'string', 'six heartbeats', 10000);
        assert.equal(socket.readyState, 'open', `${transports}: ${pings}`);
        socket.close();
    }));
}));

test('a slow reader is not given up as long as it takes something', () => withServer(
    { 'ping-interval-ms': 300, 'ping-timeout-ms': 1000 }, async ({ port }) => {
        const p = await openWebSocket(port);
        let bytes = 0;
        p.socket.removeAllListeners('data');
        p.socket.pause();
        p.socket.on('data', (d) => { bytes += d.length; p.socket.pause(); });
        const message = frame(TEXT, `4${'x'.repeat(500000)}`);
        for (let i = 0; i < 100; i++) p.send(message); // far more than the kernel keeps, and read within minutes
        for (let i = 0; i < 150; i++) { // no pong in all the while
            await sleep(20);
            p.socket.resume();
        }
        assert.ok(!p.ended, 'still there');
        assert.ok(bytes > 0);
        p.destroy();
    }));

test('a reader that stops altogether is given up', () => withServer(
    { 'ping-interval-ms': 300, 'ping-timeout-ms': 300 }, async (server) => {
        const before = descriptors(server.pid);
        const p = await openWebSocket(server.port);
        p.socket.pause();
        const message = frame(TEXT, `4${'x'.repeat(500000)}`);
        for (let i = 0; i < 60; i++) p.send(message);
        await until(() => descriptors(server.pid) > before, 'it is there');
        await until(() => descriptors(server.pid) <= before, 'it is gone', 12000);
        p.destroy();
    }));

test('two thousand sessions, opened and left alone, leave nothing', () => withServer(
    { 'ping-interval-ms': 300, 'ping-timeout-ms': 2000 }, async (server) => {
        const before = descriptors(server.pid);
        const left = [], sockets = [];
        for (let round = 0; round < 20; round++) {
            const some = await Promise.all(Array.from({ length: 100 }, () => openPolling(server.port)));
            left.push(some[0]);
            for (const [i, s] of some.entries()) {
                if (i % 10 === 1) sockets.push(await openProbe(s));
                if (i % 10 === 2) sockets.push(await upgrade(s));
                if (i % 10 === 3) { // a poll, and the client is gone
                    const c = connect({ port: server.port, host: '127.0.0.1' });
                    c.write(`GET ${s.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
                    c.on('error', () => {});
                    await once(c, 'connect');
                    setTimeout(() => c.destroy(), i % 7);
                }
            }
            for (const p of sockets.splice(0)) if (round % 2) p.destroy(); else p.socket.pause();
        }
        await until(async () => (await left.at(-1).poll()).status === 400, 'the last one is over');
        for (const s of left) assert.equal((await s.poll()).status, 400);
        await until(() => descriptors(server.pid) <= before + 20, 'no descriptor is left', 15000); // fetch keeps some
        const s = await openPolling(server.port);
        assert.equal((await s.post('4hello')).text, 'ok');
    })); // and the sanitizer looks on at the end

test('a server that stops says so: polls are answered, WebSockets closed', () => withServer({}, async (server) => {
    const s = await openPolling(server.port), idle = await openPolling(server.port);
    const p = await openWebSocket(server.port), probing = await openPolling(server.port);
    const probe = await openProbe(probing);
    probe.send(packet('2probe'));
    assert.equal(await text(probe), '3probe');
    const waiting = s.poll();
    await sleep(50);
    server.signal('SIGTERM');
    assert.equal((await waiting).text, '1');
    assert.equal(await closing(p), 1012);
    await closing(probe);
    assert.ok(idle);
    const [code] = await server.ended;
    assert.equal(code, 0);
}));
