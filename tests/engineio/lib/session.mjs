// session.mjs - a server for Engine.IO, and sessions on it by raw requests and raw WebSockets.
import assert from 'node:assert/strict';
import { startServer } from '../../lib/serve.mjs';
import { CLOSE, TEXT, frame, openPeer } from '../../ws/lib/raw.mjs';

export { until } from '../../lib/serve.mjs';

const binary = process.env.SIO_CONFORMANCE ?? 'build/tests/conformance/sio-conformance';
export const SEPARATOR = '\x1e';

// Runs f with a server of this profile (A unless the flags say otherwise; a busy machine may need longer than
// the second that A gives for a request to come), then ends it.
export async function withServer(flags, f, env = {}) {
    const server = await startServer(binary, { profile: 'A', 'ping-interval-ms': 60000, 'connect-timeout-ms': 10000, ...flags }, { MAITRED_DRAIN_SECONDS: '0', ...env });
    try {
        await f(server);
        // What a test leaves: a server that stops keeps it for the two seconds in which it may still ask why.
        await Promise.all(opened.map(([port, sid]) => new Polling(port, sid).post('1').catch(() => {})));
    } finally {
        opened.length = 0;
        await server.stop();
    }
}

export const query = (transport, more = {}) =>
    `/engine.io/?${new URLSearchParams({ EIO: '4', transport, ...more })}`;

// { status, headers, text } of one request
const opened = []; // the sessions of this server that began by polling: [port, sid]
export async function ask(port, path, options = {}) {
    const res = await fetch(`http://127.0.0.1:${port}${path}`, options), text = await res.text();
    const sid = /^0\{"sid":"([^"]+)"/.exec(text)?.[1];
    if (sid) opened.push([port, sid]);
    return { status: res.status, headers: res.headers, text };
}

export const refused = (code, message) => JSON.stringify({ code, message });
export const UNKNOWN = refused(1, 'Session ID unknown');
export const BAD = refused(3, 'Bad request');

// A session that polls: poll() and post() answer as ask() does.
export class Polling {
    constructor(port, sid) { Object.assign(this, { port, sid, path: query('polling', { sid }) }); }
    poll(options) { return ask(this.port, this.path, options); }
    post(...packets) { return ask(this.port, this.path, { method: 'POST', body: packets.join(SEPARATOR) }); }

    // What several polls bring until there are n packets.
    async packets(n) {
        const all = [];
        while (all.length < n) {
            const { status, text } = await this.poll();
            assert.equal(status, 200, text);
            all.push(...text.split(SEPARATOR));
        }
        return all;
    }

    async isOver() {
        const { status, text } = await this.poll();
        assert.deepEqual([status, text], [400, UNKNOWN]);
    }
}

export async function openPolling(port) {
    const { status, text } = await ask(port, query('polling'));
    assert.equal(status, 200, text);
    return new Polling(port, JSON.parse(text.split(SEPARATOR)[0].slice(1)).sid);
}

export const packet = (text) => frame(TEXT, text);

export async function text(peer, bound) { // the next text message
    const f = await peer.frame(bound);
    assert.ok(!f.ended, 'the connection ended');
    assert.equal(f.opcode, TEXT, `${f.opcode} ${f.payload}`);
    return f.payload.toString();
}

// The server closes: its code (1005: none), answered as the protocol says, and the end.
export async function closing(peer) {
    const f = await peer.frame();
    assert.ok(!f.ended, 'the connection ended without a close frame');
    assert.equal(f.opcode, CLOSE, `${f.opcode} ${f.payload}`);
    peer.send(frame(CLOSE, f.payload));
    assert.ok((await peer.frame()).ended, 'nothing after the close frame');
    peer.destroy();
    return f.payload.length ? f.payload.readUInt16BE(0) : 1005;
}

// A session on a WebSocket of its own, behind its open packet.
export async function openWebSocket(port) {
    const peer = await openPeer(port, {}, { path: query('websocket') });
    peer.open = JSON.parse((await text(peer)).slice(1));
    return peer;
}

export const openProbe = (session) =>
    openPeer(session.port, {}, { path: query('websocket', { sid: session.sid }) });

// The session goes over to a WebSocket, whose peer is returned.
export async function upgrade(session) {
    const peer = await openProbe(session);
    peer.send(packet('2probe'));
    assert.equal(await text(peer), '3probe');
    peer.send(packet('5'));
    return peer;
}
