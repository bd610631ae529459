// writers.mjs - a house at work: writers over several venues by psql and by REST, until stopped.
//
// psql writers change tables, reservations and orders, some two venues in one transaction, in opposite
// order; REST writers create reservations with an Idempotency-Key and repeat the request with the
// same key until it was answered, so that each must exist exactly once in the end.
import { Psql, rest, sql } from './house.mjs';

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const touchTable = (venue, id = pick(venue.tables.slice(2))) => `update maitred.dining_table set name = 'Table ' || floor(random() * 1000)
    where venue = ${venue.id} and id = ${id}`;
const touchReservation = (venue) => `update maitred.reservation set special_requests = 'wish ' || floor(random() * 1000)
    where venue = ${venue.id} and id = ${pick(venue.reservations)}`;
const touchOrder = (venue) => `update maitred.customer_order set estimated_time = floor(random() * 60)
    where venue = ${venue.id} and id = ${pick(venue.orders)}`;
const newReservation = (venue) => `insert into maitred.reservation (venue, customer_name, party_size, starts_at)
    values (${venue.id}, 'Writer ' || floor(random() * 1000), 2, now() + random() * interval '20 days')`;

const KINDS = [
    (venue) => touchTable(venue),
    (venue) => touchReservation(venue),
    (venue) => touchOrder(venue),
    (venue) => newReservation(venue),
    (venue) => { // twice the same row and another: one event each; rows in one order, so that rows never deadlock
        const [a, b] = [pick(venue.tables.slice(2)), pick(venue.tables.slice(2))].sort((x, y) => x - y);
        return `begin; ${touchTable(venue, a)}; ${touchTable(venue, b)}; ${touchTable(venue, b)}; ${touchReservation(venue)}; commit`;
    },
];

// What there is to write on; a venue that lacks something gets it.
export function prepareVenue(id) {
    sql(`insert into maitred.floor (venue, number, name) select ${id}, n, 'Floor ' || n from generate_series(1, 2) n on conflict do nothing;
        insert into maitred.dining_table (venue, number, label, floor, capacity)
            select ${id}, 9900 + n, 'W-' || n, 1 + n % 2, 4 from generate_series(1, 6) n
            where not exists (select 1 from maitred.dining_table where venue = ${id} and label = 'W-1');
        insert into maitred.reservation (venue, customer_name, party_size, starts_at)
            select ${id}, 'Guest ' || n, 2, now() + interval '10 days' from generate_series(1, 6) n;
        insert into maitred.customer_order (venue, order_number) select ${id}, 'W-' || gen_random_uuid() from generate_series(1, 6) n`);
    const ids = (table, where = 'true') => sql(`select string_agg(id::text, ',') from (select id from ${table} where venue = ${id} and ${where} order by id desc limit 6) x`).split(',').map(Number);
    return { id, tables: ids('maitred.dining_table', "label like 'W-%'"), reservations: ids('maitred.reservation'), orders: ids('maitred.customer_order') };
}

export class Writers {
    constructor(venues, tokens, { psql = 12, rest: restWriters = 4 } = {}) {
        Object.assign(this, { venues, tokens, commits: 0, acked: [], stopped: false });
        this.sessions = Array.from({ length: psql }, () => new Psql());
        this.running = [
            ...this.sessions.map((session, i) => this.write(session, i)),
            ...Array.from({ length: restWriters }, (_, i) => this.create(i)),
        ];
    }
    async write(session, i) {
        while (!this.stopped) {
            // Two venues in opposite order: rows of its own, so that only the counters could deadlock.
            const [a, b] = i % 8 === 3 ? [this.venues[0], this.venues[1]] : [this.venues[1], this.venues[0]];
            const own = i % 8 === 3 ? 0 : 1;
            const statement = i % 4 === 3 ? `begin; ${touchTable(a, a.tables[own])}; ${touchTable(b, b.tables[own])}; commit` : pick(KINDS)(pick(this.venues));
            if (await session.run(statement)) this.commits++;
            await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
        }
    }
    async create(i) {
        for (let n = 0; !this.stopped; n++) {
            const { venue, token } = pick(this.tokens);
            const name = `rest-${process.pid}-${i}-${n}`;
            const body = { customerName: name, date: new Date(Date.now() + 864e5 * 5).toISOString(), partySize: 2, source: 'website', contactNumber: '+49 30 1234567' };
            let answer = null;
            while (answer?.status !== 201) {
                answer = await rest('POST', '/api/restaurant/reservations', token, body, { 'idempotency-key': name }).catch(() => null);
                if (answer && answer.status < 500 && answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
                if (answer?.status !== 201) await new Promise((resolve) => setTimeout(resolve, 200));
            }
            this.acked.push({ venue, name });
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    }
    async stop() {
        this.stopped = true;
        await Promise.all(this.running);
        for (const session of this.sessions) session.stop();
    }
}
