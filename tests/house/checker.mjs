#!/usr/bin/env node
// checker.mjs LOG... - compares what clients received with the event table, event by event.
//
// Reads PostgreSQL itself (psql, PG* environment) and shares no code with the sidecar: which channel
// an event belongs to (lib/expected.mjs), what its message must say, and in which order, is written
// down a second time from SPEC.md sections 4 and 5.1. A log is JSON lines: one head {client, venue,
// kind, masked}, then {sent: {...}} for what the client asked and {got: {...}} for what came.
// Exit 0 when every log is complete, ordered and free of duplicates; else says what is wrong.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { channelsOf, messageOf, seqOf } from './lib/expected.mjs';

function readEvents(venue) {
    const sql = `select json_build_object('seq', seq, 'type', type, 'entity', entity, 'refs', refs,
        'data', data, 'at', at) from feed.log where venue = ${Number(venue)} order by seq`;
    const text = execFileSync('psql', ['-X', '-A', '-t', '-c', sql], { maxBuffer: 1 << 30, encoding: 'utf8' });
    return text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

function parseLog(path) {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return { head: lines[0], lines: lines.slice(1) };
}

// What a message must say of its event's aggregate: the state then, not the state now.
function contentFaults(event, message, [type, key]) {
    const faults = [];
    if (message.type !== type) faults.push(`type ${message.type}, expected ${type}`);
    const want = event.data.new, got = message[key];
    if (!got) return [...faults, `has no ${key}`];
    if (String(got.id) !== String(want?.id)) faults.push(`${key}.id ${got.id}, expected ${want?.id}`);
    for (const field of ['order_status', 'version', 'total_price', 'guests'])
        if (want && field in want && field in got && got[field] !== want[field])
            faults.push(`${key}.${field} ${got[field]}, expected ${want[field]}`);
    if (key === 'table' && got.status !== want.status) faults.push(`table.status ${got.status}, expected ${want.status}`);
    return faults;
}

class Follower {
    constructor(name, head, events) {
        Object.assign(this, { name, head, events, position: null, resyncs: 0, delivered: 0 });
        this.channels = new Set();
        this.faults = [];
        this.at = 0; // index in events of the first one behind the position
    }
    fault(text) {
        this.faults.push(`${this.name}: ${text}`);
    }
    mine(event) {
        return messageOf(event) && channelsOf(event, this.head.kind).some((c) => this.channels.has(c));
    }
    // Every own event up to seq, except seq itself, has gone missing if it lies before us.
    moveTo(seq, why) {
        if (Number.isNaN(seq)) return this.fault(`${why} carries no position`);
        if (this.position !== null && seq < this.position)
            return this.fault(`${why} at ${seq} after position ${this.position}: out of order or twice`);
        while (this.at < this.events.length && this.events[this.at].seq <= seq) {
            const event = this.events[this.at++];
            if (event.seq > (this.position ?? Infinity) && this.mine(event))
                this.fault(`${event.type} ${event.entity} at ${event.seq} never came (${why} at ${seq})`);
        }
        this.position = seq;
    }
    restart(seq) {
        this.position = seq;
        this.at = this.events.findIndex((event) => event.seq > seq);
        if (this.at < 0) this.at = this.events.length;
    }
    log(message) {
        const seq = seqOf(message.cursor);
        if (this.position !== null && seq <= this.position)
            return this.fault(`${message.type} at ${seq} after position ${this.position}: out of order or twice`);
        this.moveTo(seq - 1, message.type);
        const event = this.events[this.at];
        if (event?.seq !== seq) return this.fault(`${message.type} at ${seq}: no such event`);
        if (!this.mine(event)) return this.fault(`${message.type} at ${seq}: not of its channels`);
        for (const text of contentFaults(event, message, messageOf(event))) this.fault(`at ${seq}: ${text}`);
        this.at++;
        this.position = seq;
        this.delivered++;
    }
    got(message) {
        if (message.status === 'subscribed') {
            for (const channel of message.channels ?? []) this.channels.add(channel);
            if (this.fresh) this.restart(seqOf(message.cursor));
            this.fresh = false;
        } else if (message.type === 'resync' || message.type === 'snapshot') {
            if (message.type === 'resync') this.resyncs++;
            if (this.position === null || seqOf(message.cursor) >= this.position) this.restart(seqOf(message.cursor));
            else this.fault(`${message.type} goes back to ${message.cursor}`);
        } else if (message.type === 'error') {
            this.fault(`error ${message.code}: ${message.detail}`);
        } else if (/^(pong|stats_update|metrics_update|room_availability_update)$/.test(message.type)) {
            if (message.cursor) this.moveTo(seqOf(message.cursor), message.type);
        } else if (message.cursor) this.log(message);
        else this.fault(`unknown message ${JSON.stringify(message).slice(0, 80)}`);
    }
    run(lines) {
        for (const line of lines) {
            if (line.sent?.action === 'subscribe') this.fresh = this.position === null || line.sent.fresh;
            if (line.got) this.got(line.got);
        }
        const head = this.events.at(-1)?.seq ?? 0;
        if (this.position === null) this.fault('never subscribed');
        else if (this.position < head) {
            this.moveTo(head, 'the end of the log');
            this.fault(`ends behind the last event ${head}`);
        }
        return this;
    }
}

const paths = process.argv.slice(2);
if (!paths.length) { console.error('usage: checker.mjs LOG...'); process.exit(2); }
const logs = paths.map((path) => ({ path, ...parseLog(path) }));
const events = new Map();
for (const { head } of logs) if (!events.has(head.venue)) events.set(head.venue, readEvents(head.venue));
const followers = logs.map(({ path, head, lines }) =>
    new Follower(path.split('/').at(-1), head, events.get(head.venue)).run(lines));
const faults = followers.flatMap((f) => f.faults);
const sum = (key) => followers.reduce((total, f) => total + f[key], 0);
console.log(JSON.stringify({ logs: logs.length, venues: events.size, delivered: sum('delivered'),
    resyncs: sum('resyncs'), faults: faults.length }));
for (const fault of faults.slice(0, 20)) console.log(fault);
process.exit(faults.length ? 1 : 0);
