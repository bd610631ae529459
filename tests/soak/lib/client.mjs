// client.mjs - one client of the soak: it comes, stays a while, goes without a word, and comes back
// by another way to another sidecar, from where it stood. What it is told goes into the book.
import { KIND } from './book.mjs';
import { seqOf } from '../../house/lib/expected.mjs';
import { poll, socket, stream } from './ways.mjs';

const pick = (list) => list[Math.floor(Math.random() * list.length)];
// What passes by itself. A web server says the others of a sidecar that is gone (lighttpd 500, when it went before its answer).
const LATER = new Set([429, 503]), WEB_LATER = new Set([500, 502, 504]);
// What a client of each sort does; one in two takes whatever there is.
const SORTS = [[socket, stream, poll], [socket], [socket, stream, poll], [socket, stream, poll], [stream], [socket], [socket, poll, stream], [poll]];

export class Client {
    constructor(no, head, book, ports, pace) {
        Object.assign(this, { no, head, book, ports, pace, at: null, cursor: null, session: null, stopped: false }); // ports: the web server's last
        this.ways = SORTS[Math.floor(no / 2) % SORTS.length];
        this.channels = head.channels;
        this.headers = { authorization: `Bearer ${head.token}` };
        this.counts = { visits: 0, refused: 0, starts: 0, messages: 0 };
        this.faults = [];
        this.delay = 100;
    }

    get seq() { return this.cursor ? seqOf(this.cursor) : -1; }

    // ---- what the ways call

    came() {
        this.counts.visits++;
        this.delay = 100;
    }

    refused(status) {
        this.counts.refused++;
        if (!LATER.has(status) && !(this.at === this.ports.at(-1) && WEB_LATER.has(status))) this.faults.push(`refused with ${status}`);
    }

    stand(cursor) {
        const seq = seqOf(cursor);
        if (Number.isNaN(seq)) return this.faults.push(`a position is ${cursor}`);
        this.book.note(this.no, this.cursor === null ? KIND.start : KIND.position, seq);
        if (this.cursor === null) this.counts.starts++;
        this.cursor = cursor;
        if (seq >= this.target) this.arrive();
    }

    take(text) {
        const m = this.book.read(text, this.head.masked);
        this.counts.messages++;
        if (m.session) this.session = m.session;
        if (m.type === 'error') return this.faults.push(text);
        if (m.type === 'close') return;
        if ((m.status ?? m.type) === 'subscribed' && m.channels.length !== this.channels.length) this.faults.push(`hears ${m.channels}`);
        if (!m.digest && m.type !== 'resync' && m.type !== 'snapshot') return this.stand(m.cursor);
        this.book.note(this.no, m.digest ? KIND.event : KIND[m.type], m.seq, m.digest);
        this.cursor = m.cursor;
        if (m.seq >= this.target) this.arrive();
    }

    // ---- its life

    async live() {
        while (!this.stopped) {
            const way = this.cursor && !this.session ? pick(this.ways.filter((w) => w !== socket)) ?? socket : pick(this.ways);
            const ports = this.ports.filter((port) => port !== this.at);
            this.at = pick(ports.length ? ports : this.ports);
            await this.visit(way, this.at);
            if (!this.stopped) await this.pause();
            if (!this.hurry && Math.random() < this.pace.forget) this.cursor = this.session = null;
        }
        this.over = true;
    }

    async visit(way, port) {
        const stay = setTimeout(() => this.hurry || this.leave?.(), this.pace.stay * (0.2 + 1.6 * Math.random()));
        const asks = setInterval(() => (this.hurry || Math.random() < 0.1) && this.ask?.(), 1000);
        await way(this, port);
        clearTimeout(stay);
        clearInterval(asks);
        this.leave = this.ask = null;
    }

    // Away for a while; longer when there was nobody to come to.
    pause() {
        const ms = this.hurry ? this.delay : Math.max(this.delay, this.pace.away * 2 * Math.random());
        this.delay = Math.min(this.delay * 2, 2000);
        return new Promise((done) => setTimeout(done, ms));
    }

    // On to this position and no further.
    finish(target) {
        Object.assign(this, { target, hurry: true });
        if (this.seq >= target) this.arrive();
        else this.ask?.();
    }

    arrive() {
        this.stopped = true;
        this.leave?.();
    }
}
