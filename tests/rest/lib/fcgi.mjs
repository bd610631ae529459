// fcgi.mjs - a FastCGI 1.0 client, record by record: what no web server would send can be sent.
// request(socketPath, [[name, value], ...], bodyChunks, {padding, keep}) -> {status, headers, text}
import net from 'node:net';

const BEGIN = 1, PARAMS = 4, STDIN = 5, STDOUT = 6, END = 3;

export function record(type, content, padding = 0) {
    const head = Buffer.alloc(8);
    head[0] = 1;
    head[1] = type;
    head.writeUInt16BE(1, 2);
    head.writeUInt16BE(content.length, 4);
    head[6] = padding;
    return Buffer.concat([head, content, Buffer.alloc(padding)]);
}

function length(n) {
    if (n < 128) return Buffer.from([n]);
    const four = Buffer.alloc(4);
    four.writeUInt32BE((n | 0x80000000) >>> 0);
    return four;
}

function params(pairs) {
    return Buffer.concat(pairs.flatMap(([name, value]) => {
        const [n, v] = [Buffer.from(name), Buffer.from(value)];
        return [length(n.length), length(v.length), n, v];
    }));
}

function parse(bytes) {
    const out = [];
    for (let at = 0; at + 8 <= bytes.length;) {
        const size = bytes.readUInt16BE(at + 4), padding = bytes[at + 6];
        if (bytes[at + 1] === STDOUT) out.push(bytes.subarray(at + 8, at + 8 + size));
        at += 8 + size + padding;
    }
    return cgiAnswer(Buffer.concat(out).toString());
}

// A CGI answer: headers, blank line, body.
export function cgiAnswer(text) {
    const cut = text.indexOf('\r\n\r\n');
    const head = text.slice(0, cut);
    const headers = {};
    for (const line of head.split('\r\n')) {
        const colon = line.indexOf(':');
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { status: Number.parseInt(headers.status, 10), headers, head, text: text.slice(cut + 4) };
}

function opening(pairs, { padding = 0, keep = false } = {}) {
    return Buffer.concat([record(BEGIN, Buffer.from([0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0])),
        record(PARAMS, params(pairs), padding), record(PARAMS, Buffer.alloc(0))]);
}

function records(pairs, chunks, options = {}) {
    const { padding = 0 } = options;
    return Buffer.concat([
        opening(pairs, options),
        ...chunks.map((chunk) => record(STDIN, Buffer.from(chunk), padding)), record(STDIN, Buffer.alloc(0)),
    ]);
}

// One connection, kept when asked for with {keep: true}: ask() may then be called again.
export class Connection {
    #socket;
    #waiting = null;
    #bytes = Buffer.alloc(0);

    constructor(socketPath) {
        this.#socket = net.connect(socketPath);
        this.closed = new Promise((done) => this.#socket.on('close', done));
        this.#socket.on('error', () => {}); // 'close' follows
        this.#socket.on('data', (part) => {
            this.#bytes = Buffer.concat([this.#bytes, part]);
            if (!ended(this.#bytes)) return;
            this.#waiting.done(parse(this.#bytes));
            this.#bytes = Buffer.alloc(0);
        });
        this.closed.then(() => this.#waiting?.failed(new Error('the program closed the connection')));
    }

    ask(pairs, chunks = [], options = {}) {
        return new Promise((done, failed) => {
            this.#waiting = { done, failed };
            this.#socket.write(records(pairs, chunks, options));
        });
    }

    end() {
        this.#socket.destroy();
    }
}

export async function request(socketPath, pairs, chunks = [], options = {}) {
    const connection = new Connection(socketPath);
    try {
        return await connection.ask(pairs, chunks, options);
    } finally {
        connection.end();
    }
}

// A body that comes in pieces, one every `ms`; without an end unless {end: true}. The answer may come
// before it is all there.
export function slowly(socketPath, pairs, pieces, ms, { end = true } = {}) {
    const socket = net.connect(socketPath);
    let bytes = Buffer.alloc(0), next = 0;
    socket.write(opening(pairs));
    const timer = setInterval(() => {
        if (next < pieces.length) socket.write(record(STDIN, Buffer.from(pieces[next++])));
        else if (end && next++ === pieces.length) socket.write(record(STDIN, Buffer.alloc(0)));
    }, ms);
    return new Promise((done, failed) => {
        socket.on('error', failed);
        socket.on('close', () => failed(new Error('the program closed the connection')));
        socket.on('data', (part) => {
            bytes = Buffer.concat([bytes, part]);
            if (ended(bytes)) done(parse(bytes));
        });
    }).finally(() => { clearInterval(timer); socket.destroy(); });
}

function ended(bytes) {
    for (let at = 0; at + 8 <= bytes.length;) {
        const size = 8 + bytes.readUInt16BE(at + 4) + bytes[at + 6];
        if (at + size > bytes.length) return false;
        if (bytes[at + 1] === END) return true;
        at += size;
    }
    return false;
}
