// book.mjs - what a process of the load writes down: one record for each thing that a client was
// told, in the order in which it came, and each message's text once. Read by ../checker.mjs.
//
// A record has twelve bytes: seq, digest of the message, client, kind. 2,000 clients for an hour are
// some hundred megabytes so, and comparing what two clients got of one event is comparing a number.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { seqOf } from '../../house/lib/expected.mjs';

export const KIND = { event: 1, position: 2, start: 3, resync: 4, snapshot: 5 };
const SIZE = 12, BUFFER = SIZE * 65536, TEXTS_KEPT = 20000;

// Not of the log: figures, and what is about the client itself.
const CURRENT = /^(stats_update|metrics_update|room_availability_update|subscribed|error|close|resync|snapshot)$/;

// The same message is the same text on every transport once it was parsed and written again.
export const digestOf = (message) => createHash('sha1').update(JSON.stringify(message)).digest().readUInt32LE();

export class Book {
    constructor(path) {
        this.path = path;
        this.file = fs.openSync(`${path}.records`, 'w');
        this.texts = fs.openSync(`${path}.texts`, 'w');
        this.buffer = Buffer.alloc(BUFFER);
        this.used = 0;
        this.records = 0;
        this.known = [new Map(), new Map()]; // by what the reader may see: all, or masked
    }

    note(client, kind, seq, digest = 0) {
        const at = this.used;
        this.buffer.writeUInt32LE(seq, at);
        this.buffer.writeUInt32LE(digest, at + 4);
        this.buffer.writeUInt16LE(client, at + 8);
        this.buffer.writeUInt8(kind, at + 10);
        this.used += SIZE;
        this.records++;
        if (this.used === BUFFER) this.flush();
    }

    flush() {
        fs.writeSync(this.file, this.buffer, 0, this.used);
        this.used = 0;
    }

    // A message as a client has to know it. Thousands get the same text, so each is parsed once.
    read(text, masked) {
        const known = this.known[masked ? 1 : 0];
        let found = known.get(text);
        if (!found) {
            const message = JSON.parse(text);
            found = { type: message.type, status: message.status, code: message.code, channels: message.channels,
                session: message.session, cursor: message.cursor, seq: message.cursor ? seqOf(message.cursor) : null };
            if (message.status || message.type === 'pong') return found; // for one client alone
            if (!CURRENT.test(message.type)) {
                found.digest = digestOf(message);
                fs.writeSync(this.texts, `${JSON.stringify({ masked, message })}\n`);
            }
            if (known.size >= TEXTS_KEPT) known.clear();
            known.set(text, found);
        }
        return found;
    }

    close(clients) {
        this.flush();
        fs.closeSync(this.file);
        fs.closeSync(this.texts);
        fs.writeFileSync(`${this.path}.clients`, JSON.stringify(clients));
    }
}

// The records of a book, each client's in its order: [client, kind, seq, digest].
export function* records(path) {
    const file = fs.openSync(`${path}.records`, 'r'), buffer = Buffer.alloc(BUFFER);
    for (let n; (n = fs.readSync(file, buffer, 0, BUFFER)) > 0;)
        for (let at = 0; at + SIZE <= n; at += SIZE)
            yield [buffer.readUInt16LE(at + 8), buffer.readUInt8(at + 10), buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4)];
    fs.closeSync(file);
}
