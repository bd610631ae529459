// responder.mjs - a FastCGI 1.0 application that stands where a program would, so that a test sees
// what a web server makes of a request, and can answer what no program of ours ever would.
//   const stood = await new Responder(socketPath).listen();
//   stood.answer = (request, connection) => 'Status: 200 OK\r\n\r\n...' (or nothing: then silence)
// `request` is {params: [[name, value], ...], env, body, keep, records}. stood.seen holds all of them.
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { record } from './fcgi.mjs';

const BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6;

function pairs(bytes) {
    const out = [];
    let at = 0;
    const length = () => {
        const n = bytes[at] < 128 ? bytes[at] : bytes.readUInt32BE(at) & 0x7fffffff;
        at += bytes[at] < 128 ? 1 : 4;
        return n;
    };
    while (at < bytes.length) {
        const n = length(), v = length();
        out.push([bytes.toString('utf8', at, at + n), bytes.toString('utf8', at + n, at + n + v)]);
        at += n + v;
    }
    return out;
}

export class Responder {
    seen = [];
    connections = new Set();
    answer = ({ params, body, keep }) =>
        `Status: 200 OK\r\nContent-Type: application/json\r\n\r\n${JSON.stringify({ params, body: body.length, keep })}`;

    constructor(path) {
        this.path = path;
        this.server = net.createServer((socket) => this.#serve(socket));
    }

    async listen() {
        fs.rmSync(this.path, { force: true });
        this.server.listen(this.path);
        await once(this.server, 'listening');
        fs.chmodSync(this.path, 0o666);
        return this;
    }

    #serve(socket) {
        let bytes = Buffer.alloc(0), request;
        this.connections.add(socket);
        socket.on('close', () => this.connections.delete(socket));
        socket.on('error', () => {});
        socket.on('data', (part) => {
            bytes = Buffer.concat([bytes, part]);
            while (bytes.length >= 8) {
                const size = bytes.readUInt16BE(4), whole = 8 + size + bytes[6];
                if (bytes.length < whole) return;
                const content = bytes.subarray(8, 8 + size);
                if (bytes[1] === BEGIN)
                    request = { keep: content[2] & 1, head: [], input: [], records: 0, aborted: false };
                else if (bytes[1] === ABORT) request.aborted = true;
                else if (bytes[1] === PARAMS) request.head.push(content);
                else if (bytes[1] === STDIN && size) request.records++, request.input.push(content);
                else if (bytes[1] === STDIN) this.#whole(request, socket);
                bytes = bytes.subarray(whole);
            }
        });
    }

    #whole(request, socket) {
        request.params = pairs(Buffer.concat(request.head));
        request.env = Object.fromEntries(request.params);
        request.body = Buffer.concat(request.input);
        this.seen.push(request);
        const text = this.answer(request, socket);
        if (text === undefined) return;
        socket.write(record(STDOUT, Buffer.from(text)));
        socket.write(record(STDOUT, Buffer.alloc(0)));
        socket.write(record(END, Buffer.alloc(8)));
        if (!request.keep) socket.end();
    }

    async close() {
        for (const socket of this.connections) socket.destroy();
        this.server.close();
        await once(this.server, 'close');
    }
}
