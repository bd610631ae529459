// soak.test.mjs - the programs' memory stays flat: MAITRED_SOAK requests (30000; `make soak-rest` a
// million) of every kind, each program's own memory before and after. What is kept on purpose
// (answers, verified tokens, API keys, allowances) is bounded, and full before it is measured.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Stack, programs, sql } from './lib/stack.mjs';
import { Venue, password } from './lib/venue.mjs';

const total = Number(process.env.MAITRED_SOAK ?? 30000), warm = Math.min(100000, Math.floor(total / 3));
// kB that a program may take more in the end. In a short run a thread may meet its first large body late.
const grows = total < 1e6 ? 4096 : 1024;
const stack = new Stack('soak', { answer_cache_bytes: 262144, log_level: 'error',
    requests_per_second_account: 100000, requests_per_second_address: 100000 });
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
let venues, reservations, people;
before(async () => {
    await stack.start();
    venues = [new Venue('restaurant'), new Venue('restaurant'), new Venue('hotel')];
    reservations = venues.map((v) => v.reservation('Soaked', "now() + interval '1 day'"));
    people = venues.map((v) => ['admin', 'viewer'].map((role) => v.token(stack, role)).concat(v.apiKey('manager')));
    sql(`update maitred.dining_table set status = 'occupied' where id = ${venues[0].tables[0]}`);
});
after(() => { agent.destroy(); return stack.stopAll(); });

const large = JSON.stringify({ customerName: 'x'.repeat(270000) });
const list = '/api/restaurant/reservations';
const reads = ['/api/user/profile', '/api/dashboard/stats', '/api/dashboard/trends?period=weekly', list, '/api/tables', '/api/floors',
    '/api/restaurant/menu/items', '/api/reservations/upcoming', '/admin/api/tables', '/api/v1/orders', '/api/hotel/rooms'];
const tags = new Map();

// One request: what it is, whose it is and which answers are right for it.
const kinds = [
    { often: 40, make: (i, who) => ['GET', reads[i % reads.length], { ...who, 'if-none-match': tags.get(`${who.authorization} ${i % reads.length}`) ?? '"x"' }], right: [200, 304, 403] },
    { often: 20, make: (i, who) => ['GET', `/api/tables?search=s${i}`, who], right: [200] },
    { often: 10, make: (i, who, v) => ['GET', '/api/user/profile', { authorization: `Bearer ${v.token(stack, 'viewer')}` }], right: [200] },
    { often: 8, make: (i) => ['GET', '/api/dashboard/stats', { authorization: `Bearer ${randomBytes(40).toString('base64url')}` }], right: [401] },
    { often: 6, make: (i, who) => ['GET', `${list}/res${i}`, who], right: [200, 404] },
    { often: 5, make: (i, who) => ['POST', list, who, JSON.stringify({ customerName: i, partySize: 'many', [`k${i}`]: [] })], right: [403, 422] },
    { often: 4, make: (i, who) => ['POST', list, who, `{"a":${'['.repeat(i % 200)}`], right: [400, 403] },
    { often: 3, make: (i, who, v, n) => ['PATCH', `${list}/${reservations[n]}`, who, JSON.stringify({ partySize: 1 + i % 9 })], right: [200, 403, 404] },
    { often: 2, make: (i, who) => ['POST', '/api/auth/ticket', who], right: [200] },
    { often: 1, make: (i, who) => ['PATCH', '/api/nothing/here', who, '{}'], right: [404] },
    { often: 0.5, make: (i, who) => ['POST', list, who, large], right: [403, 413] },
    { often: 0.02, make: (i, who, v) => ['POST', '/api/auth/login', {}, JSON.stringify({ username: 'waiter', password, venue: v.slug })], right: [200] },
];
const weight = kinds.reduce((sum, kind) => sum + kind.often, 0);
function kindOf(i) {
    // The golden ratio spreads them evenly and the same way each time.
    let at = (i * 0.6180339887498949) % 1 * weight;
    return kinds.find((kind) => (at -= kind.often) < 0) ?? kinds[0];
}

const seen = new Map();
async function one(i) {
    const n = i % venues.length, kind = kindOf(i), bearer = people[n][i % 3];
    const [method, path, headers, body] = kind.make(i, { authorization: `Bearer ${bearer}` }, venues[n], n);
    const address = { 'x-forwarded-for': `10.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}` };
    const answer = await stack.request(method, path, { agent, body, headers: { ...headers, ...address,
        ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }) } });
    assert.ok(kind.right.includes(answer.status), `${method} ${path.slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 300)}`);
    seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
    if (kind === kinds[0] && answer.headers.etag) tags.set(`${headers.authorization} ${i % reads.length}`, answer.headers.etag);
}

async function run(from, to) {
    let next = from;
    await Promise.all(Array.from({ length: 16 }, async () => { while (next < to) await one(next++); }));
}

// What is the program's own: shared pages and files are not.
const memory = () => Object.fromEntries(programs.map((name) => [name,
    Number(/RssAnon:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${stack.children.get(name).pid}/status`, 'utf8'))[1])]));

test(`memory is flat over ${total} requests`, async (t) => {
    await run(0, warm);
    const first = memory(), began = Date.now();
    for (let at = warm; at < total; at += 100000) {
        await run(at, Math.min(at + 100000, total));
        if (total > 100000) t.diagnostic(`${Math.min(at + 100000, total)} requests: ${JSON.stringify(memory())} kB`);
    }
    const last = memory();
    for (const status of [200, 304, 400, 401, 403, 404, 413, 422]) assert.ok(seen.get(status) > 0, `no ${status} among the answers`);
    const more = Object.fromEntries(programs.map((name) => [name, last[name] - first[name]]));
    t.diagnostic(`${JSON.stringify(Object.fromEntries(seen))}, ${Math.round((total - warm) / (Date.now() - began) * 1000)} a second, kB more: ${JSON.stringify(more)}`);
    assert.ok(Object.values(more).every((kB) => kB < grows), `${JSON.stringify(first)} kB became ${JSON.stringify(last)} kB`);
});
