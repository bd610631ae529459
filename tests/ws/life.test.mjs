// life.test.mjs - how connections live and end: slow readers, silent peers, rates, hand-over, drain.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { startEcho, until } from './lib/echo.mjs';
import { CLOSE, PING, TEXT, closePayload, frame, openPeer } from './lib/raw.mjs';

async function withEcho(flags, f) {
    const server = await startEcho(flags);
    try { await f(server); } finally { await server.stop(); }
}
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

test('a reader that is too slow is closed with 1013 when it reads on', () => withEcho({ 'queue-bytes': 262144 }, async (server) => {
    const p = await openPeer(server.port, {}, { path: '/burst' });
    p.socket.pause();
    for (let i = 0; i < 60; i++) { // far more than socket buffers and queue hold
        p.send(frame(TEXT, 'burst 16 65536'));
        await new Promise((r) => setTimeout(r, 5));
    }
    p.socket.resume();
    for (;;) {
        const f = await p.frame(10000);
        assert.ok(!f.ended, 'ended without a close frame');
        if (f.opcode !== CLOSE) { assert.equal(f.payload.length, 65536); continue; }
        assert.equal(f.payload.readUInt16BE(0), 1013);
        assert.match(f.payload.subarray(2).toString(), /resume/);
        break;
    }
    p.destroy();
}));

test('a reader that never reads on is given up', () => withEcho(
    { 'queue-bytes': 262144, 'ping-interval-ms': 300, 'ping-timeout-ms': 300 }, async (server) => {
        const before = descriptors(server.pid);
        const p = await openPeer(server.port, {}, { path: '/burst' });
        p.socket.pause();
        p.send(frame(TEXT, 'burst 200 65536'));
        await until(() => descriptors(server.pid) > before, 'the connection is there');
        await until(() => descriptors(server.pid) <= before, 'the connection is gone', 12000);
        p.destroy();
    }));

test('one large answer is no reason to close, however slowly it is read', () => withEcho(
    { 'queue-bytes': 65536 }, async (server) => {
        const p = await openPeer(server.port, {}, { path: '/burst' });
        p.socket.pause();
        p.send(frame(TEXT, 'burst 1 1048576'), frame(TEXT, 'after it'));
        await new Promise((r) => setTimeout(r, 200));
        p.socket.resume();
        assert.equal((await p.frame(10000)).payload.length, 1048576);
        assert.equal((await p.frame(10000)).payload.toString(), 'after it');
        p.destroy();
    }));

test('a peer that floods and does not read is made to wait, and loses nothing', () => withEcho(
    { 'queue-bytes': 262144 }, async (server) => {
        const p = await openPeer(server.port);
        p.socket.pause();
        const sent = 400;
        for (let i = 0; i < sent; i++) p.send(frame(TEXT, String(i).padEnd(16384, '.')));
        await new Promise((r) => setTimeout(r, 300));
        p.socket.resume();
        for (let i = 0; i < sent; i++) {
            const f = await p.frame(10000);
            assert.equal(f.opcode, TEXT, `message ${i}`);
            assert.equal(parseInt(f.payload.toString(), 10), i);
        }
        p.destroy();
    }));

test('a half-open peer is pinged and given up; one that answers stays', () => withEcho(
    { 'ping-interval-ms': 300, 'ping-timeout-ms': 1000 }, async (server) => {
        const silent = await openPeer(server.port);
        const alive = new WebSocket(server.url); // answers pings by itself
        await once(alive, 'open');
        const began = Date.now();
        const ping = await silent.frame();
        assert.equal(ping.opcode, PING);
        assert.ok(Date.now() - began >= 150, `pinged after ${Date.now() - began} ms`);
        assert.ok((await silent.frame()).ended, 'the silent one is cut off');
        assert.ok(Date.now() - began >= 1150, `cut off after ${Date.now() - began} ms`);
        for (let i = 0; i < 4; i++) await once(alive, 'ping');
        assert.equal(alive.readyState, WebSocket.OPEN);
        alive.close();
        await once(alive, 'close');
    }));

test('more messages a second than allowed are closed with 1008', () => withEcho({ 'messages-per-second': 5 }, async (server) => {
    const p = await openPeer(server.port);
    p.send(...Array.from({ length: 7 }, (_, i) => frame(TEXT, `m${i}`)));
    for (let i = 0; i < 5; i++) assert.equal((await p.frame()).payload.toString(), `m${i}`);
    const f = await p.frame();
    assert.equal(f.opcode, CLOSE);
    assert.equal(f.payload.readUInt16BE(0), 1008);
    p.send(frame(CLOSE, closePayload(1008)));
    assert.ok((await p.frame()).ended);
    p.destroy();
}));

test('pings count against the rate too', () => withEcho({ 'messages-per-second': 5 }, async (server) => {
    const p = await openPeer(server.port);
    p.send(...Array.from({ length: 6 }, () => frame(PING, '')));
    for (;;) {
        const f = await p.frame();
        assert.ok(!f.ended);
        if (f.opcode === CLOSE) { assert.equal(f.payload.readUInt16BE(0), 1008); break; }
    }
    p.destroy();
}));

test('sockets taken over are one descriptor each, and all come back', () => withEcho({}, async (server) => {
    const before = descriptors(server.pid);
    const all = await Promise.all(Array.from({ length: 100 }, () => openPeer(server.port)));
    await until(() => descriptors(server.pid) === before + 100, 'one descriptor each');
    for (const p of all) p.send(frame(TEXT, 'still here'));
    for (const p of all) assert.equal((await p.frame()).payload.toString(), 'still here');
    all.forEach((p, i) => (i % 3 === 0 ? p.destroy() : i % 3 === 1 ? p.socket.resetAndDestroy() : p.send(frame(CLOSE, closePayload(1000)))));
    for (const [i, p] of all.entries()) if (i % 3 === 2) await p.closed();
    await until(() => descriptors(server.pid) === before, 'all given back');
}));

test('a peer that never ends its side after the closing handshake is cut off', () => withEcho({}, async (server) => {
    const before = descriptors(server.pid);
    const p = await openPeer(server.port);
    await until(() => descriptors(server.pid) === before + 1, 'the connection is there');
    p.send(frame(CLOSE, closePayload(1000)));
    assert.equal((await p.frame()).opcode, CLOSE);
    assert.ok((await p.frame()).ended);
    await until(() => descriptors(server.pid) === before, 'given up', 6000); // our side is still open here
    p.destroy();
}));

test('SIGTERM: nobody new, all closed with 1012 and a hint, exit status 0', () => withEcho({ 'drain-seconds': 2 }, async (server) => {
    const all = Array.from({ length: 20 }, () => new WebSocket(server.url));
    await Promise.all(all.map((ws) => once(ws, 'open')));
    const began = Date.now();
    const ends = all.map((ws) => once(ws, 'close').then(([code, reason]) => ({ code, reason: reason.toString(), at: Date.now() - began })));
    server.signal('SIGTERM');
    await until(() => new Promise((done) => {
        const s = connect(server.port, '127.0.0.1', () => { s.destroy(); done(false); });
        s.on('error', () => done(true));
    }), 'new connections are refused');
    const closed = await Promise.all(ends);
    for (const { code, reason } of closed) {
        assert.equal(code, 1012);
        assert.match(reason, /^restart; retry in \d+ s$/);
    }
    const spread = Math.max(...closed.map((c) => c.at)) - Math.min(...closed.map((c) => c.at));
    assert.ok(spread > 500, `spread over ${spread} ms`);
    const [code] = await server.ended;
    assert.equal(code, 0);
}));
