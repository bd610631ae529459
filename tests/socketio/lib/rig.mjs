// rig.mjs - a server for Socket.IO, real clients on each transport, and raw packets on a WebSocket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Manager } from 'socket.io-client';
import { startServer } from '../../lib/serve.mjs';
import { BINARY, CLOSE, TEXT, frame, openPeer } from '../../ws/lib/raw.mjs';

const binary = process.env.SIO_CONFORMANCE ?? 'build/tests/conformance/sio-conformance';

// Runs f with a server of this profile (A unless the flags say otherwise; a busy machine may need longer than
// the second that A gives for a word to come), then ends it.
export async function withServer(flags, f) {
    // Sessions that nobody polls any more are not waited for at its end.
    const server = await startServer(binary, { profile: 'A', 'ping-interval-ms': 60000, 'connect-timeout-ms': 10000, ...flags }, { MAITRED_DRAIN_SECONDS: '0' });
    try { await f(server); } finally { await server.stop(); }
}

export const TRANSPORTS = {
    polling: ['polling'],
    websocket: ['websocket'],
    'polling, then websocket': ['polling', 'websocket'],
};

// One session of socket.io-client; it is closed when f has ended.
export async function withManager(server, transports, f, options = {}) {
    const manager = new Manager(`http://127.0.0.1:${server.port}`, {
        transports, forceNew: true, reconnection: false, autoConnect: false, ...options,
    });
    try { await f(manager); } finally { manager._close(); }
}

// A connected socket of this namespace.
export async function joined(manager, namespace, options) {
    const socket = manager.socket(namespace, options);
    const came = next(socket, 'connect');
    socket.connect();
    await came;
    return socket;
}

// The arguments of the next event; when the client says connect_error instead, that is thrown.
export async function next(socket, event) {
    const lost = new AbortController();
    const late = setTimeout(() => lost.abort(new Error(`no ${event} came`)), 10000);
    const failed = (e) => lost.abort(e);
    if (event !== 'connect_error') socket.on('connect_error', failed);
    try {
        return await once(socket, event, { signal: lost.signal });
    } catch (e) {
        throw lost.signal.reason ?? e;
    } finally {
        clearTimeout(late);
        socket.off('connect_error', failed);
    }
}

/* ------------------------------------------------------------------ raw packets */

// A session on a WebSocket, behind its open packet: say("0{}"), attach(bytes), hear() -> "0{...}" or bytes.
export class Raw {
    static async open(server) {
        const raw = new Raw();
        raw.peer = await openPeer(server.port, {}, { path: '/socket.io/?EIO=4&transport=websocket' });
        assert.match(await raw.text(), /^0{"sid":/);
        return raw;
    }

    say(...packets) { this.peer.send(...packets.map((p) => frame(TEXT, `4${p}`))); return this; }
    attach(bytes) { this.peer.send(frame(BINARY, bytes)); return this; }

    async text() {
        const f = await this.peer.frame();
        assert.ok(!f.ended, 'the connection ended');
        assert.equal(f.opcode, TEXT, `${f.opcode} ${f.payload}`);
        return f.payload.toString();
    }

    async hear() {
        const text = await this.text();
        assert.equal(text[0], '4', text);
        return text.slice(1);
    }

    // Joins and passes over what /, and /custom, say on connection. Returns CONNECT's payload.
    async join(namespace = '/', auth = '') {
        this.say(namespace === '/' ? `0${auth}` : `0${namespace},${auth}`);
        const answer = await this.hear();
        if (namespace !== '/own' && !auth.includes('pid')) await this.hear();
        return JSON.parse(answer.slice(answer.indexOf('{')));
    }

    // The server closes, as the reference does it: with a close frame that holds no code.
    async isClosed(what) {
        let f = await this.peer.frame();
        while (!f.ended && f.opcode === TEXT) f = await this.peer.frame();
        assert.ok(!f.ended, `${what}: the connection ended without a close frame`);
        assert.equal(f.opcode, CLOSE, `${what}: ${f.opcode} ${f.payload}`);
        assert.equal(f.payload.length, 0, `${what}: a code in the close frame`);
        this.peer.send(frame(CLOSE));
        assert.ok((await this.peer.frame()).ended, `${what}: something behind the close frame`);
        this.peer.destroy();
    }

    destroy() { this.peer.destroy(); }
}
