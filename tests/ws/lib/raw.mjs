// raw.mjs - a WebSocket peer that may break every rule: sends the bytes it is told, reads frames.
import { connect } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';

export const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;

// One client frame. length: what the header claims; form: 7, 16 or 64 bits whatever the length.
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true, length, form } = {}) {
    const body = Buffer.from(payload);
    const n = length ?? body.length;
    const bits = form ?? (n < 126 ? 7 : n < 65536 ? 16 : 64);
    const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
    const m = mask ? 0x80 : 0;
    if (bits === 7) head.push(m | n);
    else if (bits === 16) head.push(m | 126, n >> 8, n & 255);
    else head.push(m | 127, ...Buffer.from(BigInt.asUintN(64, BigInt(n)).toString(16).padStart(16, '0'), 'hex'));
    if (!mask) return Buffer.concat([Buffer.from(head), body]);
    const key = randomBytes(4);
    const masked = Buffer.from(body.map((b, i) => b ^ key[i & 3]));
    return Buffer.concat([Buffer.from(head), key, masked]);
}

export function closePayload(code, reason = '') {
    return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}

function parse(buf) { // one server frame off the front, or null
    if (buf.length < 2) return null;
    let n = buf[1] & 127, at = 2;
    if (n === 126) { if (buf.length < 4) return null; n = buf.readUInt16BE(2); at = 4; }
    else if (n === 127) { if (buf.length < 10) return null; n = Number(buf.readBigUInt64BE(2)); at = 10; }
    if (buf.length < at + n) return null;
    assert.equal(buf[1] & 128, 0, 'a server frame is not masked');
    const payload = buf.subarray(at, at + n);
    return { size: at + n, fin: buf[0] >> 7, rsv: (buf[0] >> 4) & 7, opcode: buf[0] & 15, payload };
}

export class Peer {
    constructor(port, options = {}) {
        this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options });
        this.chunks = Buffer.alloc(0);
        this.ended = this.failed = false;
        this.waiters = [];
        this.key = randomBytes(16).toString('base64');
        this.socket.on('data', (d) => { this.chunks = Buffer.concat([this.chunks, d]); this.wake(); });
        this.socket.on('end', () => { this.ended = true; this.wake(); });
        this.socket.on('close', () => { this.ended = true; this.wake(); });
        this.socket.on('error', () => { this.failed = true; this.ended = true; this.wake(); });
    }

    wake() { for (const w of this.waiters.splice(0)) w(); }

    async next(take, what, bound = 5000) {
        const end = Date.now() + bound;
        for (;;) {
            const got = take();
            if (got !== null) return got;
            if (this.ended) return { ended: true };
            const left = end - Date.now();
            assert.ok(left > 0, `not within ${bound} ms: ${what}`);
            await new Promise((r) => { this.waiters.push(r); setTimeout(r, Math.min(left, 200)); });
        }
    }

    send(...parts) { this.socket.write(Buffer.concat(parts.map((p) => Buffer.from(p)))); return this; }

    // The lines of an upgrade request; a header that is null is left out, an array is sent as several lines.
    request(headers = {}, { method = 'GET', path = '/', version = 'HTTP/1.1' } = {}) {
        const all = {
            Host: '127.0.0.1', Upgrade: 'websocket', Connection: 'Upgrade',
            'Sec-WebSocket-Key': this.key, 'Sec-WebSocket-Version': '13', ...headers,
        };
        const lines = Object.entries(all).flatMap(([k, v]) => (v === null ? [] : [].concat(v).map((x) => `${k}: ${x}`)));
        return `${method} ${path} ${version}\r\n${lines.join('\r\n')}\r\n\r\n`;
    }

    async response() {
        const head = await this.next(() => {
            const at = this.chunks.indexOf('\r\n\r\n');
            if (at < 0) return null;
            const text = this.chunks.subarray(0, at).toString();
            this.chunks = this.chunks.subarray(at + 4);
            return text;
        }, 'a response');
        if (head.ended) return head;
        const [status, ...lines] = head.split('\r\n');
        const headers = {};
        for (const l of lines) headers[l.slice(0, l.indexOf(':')).toLowerCase()] = l.slice(l.indexOf(':') + 1).trim();
        return { status: Number(status.split(' ')[1]), headers };
    }

    async open(headers, options) {
        this.send(this.request(headers, options));
        const res = await this.response();
        assert.equal(res.status, 101);
        const accept = createHash('sha1').update(`${this.key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        assert.equal(res.headers['sec-websocket-accept'], accept);
        return res;
    }

    frame(bound) {
        return this.next(() => {
            const f = parse(this.chunks);
            if (f) this.chunks = this.chunks.subarray(f.size);
            return f;
        }, 'a frame', bound);
    }

    // The close frame's code (1005: none), then the end of the connection.
    async closed(bound) {
        const f = await this.frame(bound);
        assert.ok(!f.ended, 'the connection ended without a close frame');
        assert.equal(f.opcode, CLOSE, `a close frame, not opcode ${f.opcode} ${f.payload}`);
        const code = f.payload.length ? f.payload.readUInt16BE(0) : 1005;
        assert.ok((await this.frame(bound)).ended, 'nothing after the close frame');
        this.socket.end();
        return { code, reason: f.payload.subarray(2).toString() };
    }

    destroy() { this.socket.destroy(); }
}

export async function openPeer(port, headers, options) {
    const p = new Peer(port);
    p.opened = await p.open(headers, options);
    return p;
}
