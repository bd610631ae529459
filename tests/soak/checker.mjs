#!/usr/bin/env node
// checker.mjs BOOK... - compares what each client of a soak was told with the event table.
//
// Reads PostgreSQL itself (psql, PG* environment) and knows from SPEC.md alone (../house/lib/expected.mjs)
// which event is whose. Every client: each event of its channels between its first position and its last, once,
// in order, and none before a position that promised it. Every message: the text that was written down first for its
// event says what the event table says, and every other client got the same. ends.json beside the books says how far
// each venue had come. Exit 0 when it is so.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { KIND, digestOf, records } from './lib/book.mjs';
import { channelsOf, messageOf, seqOf } from '../house/lib/expected.mjs';

const books = process.argv.slice(2);
if (!books.length) { console.error('usage: checker.mjs BOOK...'); process.exit(2); }
const faults = [];
const fault = (text) => { if (count.faults++ < 20) faults.push(text); };
const count = { faults: 0, clients: 0, delivered: 0, positions: 0, starts: 0, resyncs: 0, snapshots: 0, texts: 0 };

// ---- the events

const lines = (stream) => createInterface({ input: stream, crlfDelay: Infinity });
async function* rows(sql) {
    const psql = spawn('psql', ['-X', '-A', '-t', '-c', `copy (${sql}) to stdout (format csv, quote E'\\x01', delimiter E'\\x02')`], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((done) => psql.once('exit', done));
    for await (const line of lines(psql.stdout)) yield JSON.parse(line);
    if (await ended) throw new Error('psql failed');
}

// A venue's events by their seq (gapless, so the place is seq - first) and which channels each is on.
async function readVenue(id, kind, channels) {
    const v = { id, kind, first: null, on: [], event: [], digests: [[], []], resyncs: 0 };
    const bit = new Map([...channels].map((name, i) => [name, 1 << i]));
    if (channels.size > 31) throw new Error('more channels than bits');
    for await (const event of rows(`select json_build_object('seq', seq, 'type', type, 'entity', entity, 'refs', refs,
            'data', data) from feed.log where venue = ${Number(id)} order by seq`)) {
        v.first ??= event.seq;
        if (event.seq !== v.first + v.on.length) fault(`venue ${id}: the table has no ${v.first + v.on.length}`);
        v.resyncs += event.type === 'resync';
        v.on.push(messageOf(event) ? channelsOf(event, kind).reduce((bits, name) => bits | (bit.get(name) ?? 0), 0) : 0);
        v.event.push(JSON.stringify(event));
    }
    v.bits = (names) => names.reduce((bits, name) => bits | bit.get(name), 0);
    return v;
}

const PERSONAL = /name|phone|mail|contact|initials|customerId|specialRequests/i;

// What a message must say of its event: all that the table says, as it was then. How guests are masked is
// tests/realtime's to check (canaries).
function textFaults(event, message, masked) {
    const [type, key] = messageOf(event) ?? ['nothing', 'nothing'];
    const want = event.data.new ?? event.data.old, got = message[key];
    if (message.type !== type || !got) return [`is ${message.type}, expected ${type}`];
    return Object.keys(want).filter((name) => name !== 'statusText' && !(key === 'reservation' && name === 'status') && !(masked && PERSONAL.test(name)))
        .filter((name) => !isDeepStrictEqual(got[name], want[name]))
        .map((name) => `${key}.${name} is ${JSON.stringify(got[name])}, expected ${JSON.stringify(want[name])}`);
}

async function readTexts(book, venues) {
    for await (const line of lines(fs.createReadStream(`${book}.texts`))) {
        const { masked, message } = JSON.parse(line), seq = seqOf(message.cursor);
        const v = venues.get(Number(/v(\d+)-/.exec(message.cursor)[1])), at = seq - v.first;
        const side = masked ? 1 : 0;
        if (v.event[at] === undefined) { fault(`venue ${v.id}: ${message.type} at ${seq}: no such event`); continue; }
        for (const text of textFaults(JSON.parse(v.event[at]), message, masked)) fault(`venue ${v.id} at ${seq}: ${text}`);
        const digest = digestOf(message);
        if ((v.digests[side][at] ??= digest) !== digest) fault(`venue ${v.id} at ${seq}: told in two ways`);
        count.texts++;
    }
}

// ---- the clients

class Follower {
    constructor(book, head, v) {
        Object.assign(this, { name: `${book.split('/').at(-1)} client ${head.no} (${head.role})`, v, bits: v.bits(head.channels), side: head.masked ? 1 : 0, position: null });
    }
    fault(text) { fault(`${this.name}: ${text}`); }
    // Whatever of its own lies between where it stood and seq has gone missing.
    moveTo(seq, why) {
        if (this.position === null) return this.fault(`${why} at ${seq} before it began`);
        if (seq < this.position) return this.fault(`${why} at ${seq} after ${this.position}: out of order`);
        for (let at = this.position + 1 - this.v.first, end = seq - this.v.first; at <= end; at++)
            if (this.v.on[at] & this.bits) this.fault(`an event at ${at + this.v.first} never came (${why} at ${seq})`);
        this.position = seq;
    }
    event(seq, digest) {
        if (seq <= this.position) return this.fault(`an event at ${seq} after ${this.position}: out of order or twice`);
        this.moveTo(seq - 1, 'an event');
        const at = seq - this.v.first;
        if (!(this.v.on[at] & this.bits)) this.fault(`an event at ${seq} that is not of its channels`);
        else if (this.v.digests[this.side][at] !== digest) this.fault(`an event at ${seq} says something else than others were told`);
        this.position = seq;
        count.delivered++;
    }
    record(kind, seq, digest) {
        if (kind === KIND.event) return this.event(seq, digest);
        if (kind === KIND.position) { count.positions++; return this.moveTo(seq, 'a position'); }
        if (kind === KIND.start) { count.starts++; this.position = seq; return; }
        if (kind === KIND.resync) {
            count.resyncs++;
            this.told = true;
            if (!this.v.resyncs) this.fault(`a resync at ${seq}, which nothing asked for`);
            return;
        }
        count.snapshots++;
        if (!this.told) this.fault(`a snapshot at ${seq} without a resync`);
        this.position = Math.max(this.position, seq);
    }
}

const heads = books.map((book) => JSON.parse(fs.readFileSync(`${book}.clients`)));
const kinds = new Map(), channels = new Map();
for (const head of heads.flat()) {
    kinds.set(head.venue, head.kind);
    if (!channels.has(head.venue)) channels.set(head.venue, new Set());
    for (const name of head.channels) channels.get(head.venue).add(name);
}
const venues = new Map();
for (const [id, kind] of kinds) venues.set(id, await readVenue(id, kind, channels.get(id)));
for (const book of books) await readTexts(book, venues);
// Where the run ended: everybody has to have got there.
const ends = JSON.parse(fs.readFileSync(join(dirname(books[0]), 'ends.json')));
for (const [i, book] of books.entries()) {
    const followers = heads[i].map((head) => new Follower(book, head, venues.get(head.venue)));
    for (const [client, kind, seq, digest] of records(book)) followers[client].record(kind, seq, digest);
    for (const f of followers) if (!(f.position >= ends[f.v.id])) f.fault(`ends at ${f.position}, before ${ends[f.v.id]}`);
    count.clients += followers.length;
}
console.log(JSON.stringify({ ...count, events: [...venues.values()].reduce((n, v) => n + v.on.length, 0) }));
for (const text of faults) console.log(text);
process.exit(count.faults ? 1 : 0);
