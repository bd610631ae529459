// kept.test.mjs - answers kept in a program's memory: an unchanged GET costs no query, and what it
// gives is what the database would say: never stale, never another's.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { request } from './lib/fcgi.mjs';
import { Stack, bin, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('kept');
const list = '/api/restaurant/reservations', all = `${list}?limit=200`, today = '/api/dashboard/reservations/today';
let venue, admin, hotel;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    hotel = new Venue('hotel');
    admin = as(stack, venue.token(stack, 'admin'));
    await pageKnows(venue);
    await pageKnows(hotel);
});
after(() => stack.stopAll());

const named = () => `Guest ${randomBytes(4).toString('hex')}`;
function bookInPsql(name = named(), id = venue.id) {
    sql(`insert into maitred.reservation (venue, customer_name, contact_number, party_size, starts_at)
        values (${id}, '${name}', '+43 1 5550123', 2, now() + interval '2 days')`);
    return name;
}
const calls = () => Number(sql(`select coalesce(sum(s.calls), 0) from pg_stat_statements s
    join pg_roles r on r.oid = s.userid where r.rolname = 'maitred_rest'`));

// How many calls of api functions `work` makes.
async function queries(work) {
    const n = calls();
    const result = await work();
    return [calls() - n, result];
}

async function pageKnows(of) {
    await stack.sidecarReady(); // it learns of a venue from its events
    sql(`update maitred.venue set name = name || '.' where id = ${of.id}`);
    const me = as(stack, of.token(stack, 'admin'));
    await until(async () => {
        await me.get('/api/user/profile');
        return (await queries(() => me.get('/api/user/profile')))[0] === 0;
    }, 'the positions page knows the venue');
}

// Asks until the answer comes from memory (the clock's bucket may turn in between).
async function warm(me, path) {
    return until(async () => {
        await me.get(path);
        const [n, answer] = await queries(() => me.get(path));
        return n === 0 && answer;
    }, `${path} is kept`);
}

const seq = (answer) => Number(answer.headers['x-feed-position'].split('-')[1]);
const names = (answer) => answer.json.map((r) => r.customerName);

test('a hundred unconditional GETs are no query, and each is the whole answer', async () => {
    for (let i = 0; i < 3; i++) bookInPsql();
    const path = `${list}/res${sql(`select max(id) from maitred.reservation where venue = ${venue.id}`)}`;
    const first = await until(async () => (await admin.get(path)).status === 200 && warm(admin, path), 'it is there');
    const [n, answers] = await queries(async () => {
        const got = [];
        for (let i = 0; i < 100; i++) got.push(await admin.get(path));
        return got;
    });
    assert.equal(n, 0);
    const variable = ['x-request-id', 'date'];
    for (const answer of answers) {
        assert.equal(answer.status, 200);
        assert.equal(answer.text, first.text);
        for (const [name, value] of Object.entries(first.headers))
            if (!variable.includes(name)) assert.equal(answer.headers[name], value, name);
    }
    assert.equal(new Set(answers.map((a) => a.headers['x-request-id'])).size, 100);
});

test('a kept list has its count and links, HEAD has no body, and a known tag is a 304', async () => {
    const path = `${list}?limit=1&page=2`;
    const kept = await warm(admin, path);
    assert.match(kept.headers.link, /limit=1>; rel="next"/);
    assert.ok(Number(kept.headers['x-total-count']) >= 3);
    const [n, [head, same, any]] = await queries(async () => [await admin.head(path),
        await admin.get(path, { 'if-none-match': kept.headers.etag }), await admin.get(path, { 'if-none-match': '*' })]);
    assert.equal(n, 0);
    assert.deepEqual([head.status, head.text, head.headers.link], [200, '', kept.headers.link]);
    assert.deepEqual([same.status, same.text, any.status, any.text], [304, '', 304, '']);
    assert.equal(same.headers.link, undefined);
});

test('a commit in psql is in the answer as soon as the sidecar has read it', async () => {
    for (let i = 0; i < 20; i++) {
        await admin.get(all);
        const name = bookInPsql();
        await until(async () => names(await admin.get(all)).includes(name), `commit ${i} is seen`, 1000);
    }
});

test('a write over REST is in the very next answer, in another program too', async () => {
    for (let i = 0; i < 20; i++) {
        await Promise.all([admin.get(all), admin.get(today)]);
        const customerName = named();
        const made = await admin.post(list, { customerName, partySize: 2, date: new Date().toISOString() });
        assert.equal(made.status, 201, made.text);
        for (const path of [all, today]) {
            const answer = await admin.get(path);
            assert.ok(names(answer).includes(customerName), path);
            assert.ok(seq(answer) >= seq(made));
        }
    }
});

test('a change of another area leaves the answer kept, and its position goes on', async () => {
    const kept = await warm(admin, all);
    sql(`update maitred.dining_table set name = 'At the window' where venue = ${venue.id}`);
    const [n, answer] = await queries(() => until(async () => {
        const now = await admin.get(all);
        return seq(now) > seq(kept) && now;
    }, 'the position has moved'));
    assert.equal(n, 0);
    assert.equal(answer.text, kept.text);
    assert.equal(answer.headers.etag, kept.headers.etag);
});

test('another venue has its own, and nobody without a token has any', async () => {
    const other = new Venue('restaurant');
    await pageKnows(other);
    const me = as(stack, other.token(stack, 'admin'));
    const mine = bookInPsql(named(), other.id), theirs = bookInPsql();
    await until(async () => names(await admin.get(all)).includes(theirs) && names(await me.get(all)).includes(mine),
        'both are seen');
    await warm(admin, all);
    const answer = await warm(me, all);
    assert.deepEqual(names(answer), [mine]);
    for (const nobody of [as(stack), as(stack, 'nonsense'), as(stack, `${venue.token(stack, 'admin')}x`)])
        assert.equal((await nobody.get(all)).status, 401);
    assert.equal((await as(stack, venue.token(stack, 'kitchen')).get(all)).status, 403);
});

test('who sees masked is given masked, whoever asked before; who sees alike shares', async () => {
    bookInPsql();
    const [viewer, manager] = ['viewer', 'manager'].map((role) => as(stack, venue.token(stack, role)));
    const open = await warm(admin, all), masked = await warm(viewer, all);
    assert.match(open.text, /5550123/);
    assert.doesNotMatch(masked.text, /5550123/);
    assert.equal((await warm(admin, all)).text, open.text);
    const [n, shared] = await queries(() => manager.get(all));
    assert.deepEqual([n, shared.text], [0, open.text]);
});

test('an answer that is refused to a role is not given to it from memory', async () => {
    const front = as(stack, hotel.token(stack, 'frontdesk')), waiter = as(stack, hotel.token(stack, 'waiter'));
    const kept = await warm(front, today);
    assert.equal(kept.status, 200);
    assert.equal((await waiter.get(today)).status, 403);
    assert.equal((await waiter.get(today, { 'if-none-match': kept.headers.etag })).status, 403);
    assert.equal((await waiter.get(today)).status, 403); // the refusal was not kept either
});

test('what is about the caller is the caller\'s, guests apart', async () => {
    const path = '/api/user/profile';
    const mine = await warm(admin, path);
    const manager = await warm(as(stack, venue.token(stack, 'manager')), path);
    assert.deepEqual([mine.json.role, manager.json.role], ['admin', 'manager']);
    const guest = (claims) => as(stack, venue.token(stack, 'guest', { sub: 'guest', role: 'guest', ...claims }));
    for (const claims of [{ session: 1 }, { session: 2 }, { order: 1 }]) {
        const answer = await guest(claims).get(path);
        assert.equal(answer.json?.role, 'guest', answer.text);
        assert.notEqual(answer.headers.etag, mine.headers.etag);
        assert.equal((await queries(() => guest({ session: 3 + Math.random() * 1e9 | 0 }).get(path)))[0] > 0, true);
    }
});

test('a token that was logged out is refused at once, and others go on from memory', async () => {
    const token = venue.token(stack, 'manager'), leaving = as(stack, token);
    const kept = await warm(leaving, all);
    assert.equal((await leaving.post('/api/auth/logout')).status, 204);
    const refused = await leaving.get(all);
    assert.deepEqual([refused.status, refused.json.code], [401, 'token_revoked']);
    assert.equal((await leaving.get(all, { 'if-none-match': kept.headers.etag })).status, 401);
    assert.equal((await admin.get(all)).status, 200);
});

test('an account whose role changes is refused, kept answers or not', async () => {
    const waiter = as(stack, venue.token(stack, 'waiter', { iat: Math.floor(Date.now() / 1000) - 5 }));
    await warm(waiter, all);
    sql(`update maitred.account set role = 'kitchen' where id = ${venue.accounts.waiter}`);
    await until(async () => (await waiter.get(all)).status === 401, 'the token is refused', 1000);
    sql(`update maitred.account set role = 'waiter' where id = ${venue.accounts.waiter}`);
});

test('errors are not kept', async () => {
    const id = Number(sql(`select nextval(pg_get_serial_sequence('maitred.reservation', 'id'))`)) + 1;
    const path = `${list}/res${id}`;
    for (let i = 0; i < 2; i++) assert.equal((await admin.get(path)).status, 404);
    const name = bookInPsql();
    assert.equal(Number(sql(`select max(id) from maitred.reservation where venue = ${venue.id}`)), id);
    await until(async () => (await admin.get(path)).json.customerName === name, 'it is there');
});

test('a bad question is refused although a good one like it is kept', async () => {
    await warm(admin, `${list}?limit=2`);
    for (const query of ['limit=2&limit=2', 'limit=2&limit=3', 'limit=0', 'limit=2&date=x'])
        assert.equal((await admin.get(`${list}?${query}`)).status, 422, query);
    const [n, answer] = await queries(() => admin.get(`${list}?limit=2&_=${Date.now()}`));
    assert.deepEqual([n, answer.status], [0, 200]); // what nobody reads makes no other answer
});

test('another epoch: nothing from before is given any more', async () => {
    const old = await warm(admin, all);
    sql(`update feed.state set epoch = '${randomBytes(4).toString('hex')}'`);
    const name = bookInPsql();
    const answer = await until(async () => {
        const now = await admin.get(all);
        return names(now).includes(name) && now;
    }, 'the new epoch\'s answer');
    assert.notEqual(answer.headers['x-feed-position'].slice(0, 8), old.headers['x-feed-position'].slice(0, 8));
    assert.notEqual(answer.headers.etag, old.headers.etag);
    await pageKnows(venue);
});

test('32 clients, writers among them: whoever starts after a write was answered sees it', async () => {
    const done = new Set();
    let writing = true, asked = 0;
    const reader = async (path) => {
        while (writing) {
            const before = [...done];
            const answer = await admin.get(path);
            assert.equal(answer.status, 200, answer.text);
            const seen = new Set(names(answer));
            for (const name of before) assert.ok(seen.has(name), `${path} lacks ${name}`);
            asked++;
        }
    };
    const writer = async () => {
        for (let i = 0; i < 15; i++) {
            const customerName = named();
            const made = await admin.post(list, { customerName, partySize: 2, date: new Date().toISOString() });
            assert.equal(made.status, 201, made.text);
            done.add(customerName);
        }
    };
    const day = `${list}?limit=200&date=${venue.today()}`;
    const readers = Array.from({ length: 29 }, (_, i) => reader([day, today, `${day}&status=pending,confirmed`][i % 3]));
    await Promise.all([writer(), writer(), writer()]).finally(() => { writing = false; });
    await Promise.all(readers);
    assert.ok(asked > 30, `${asked} answers`);
});

test('a program that is told to keep nothing asks each time', async () => {
    const socket = `${stack.run}/plain.sock`;
    stack.spawn('plain', `${bin}/maitred-reservations`, ['--config', stack.config, '--socket', socket],
        { MAITRED_ANSWER_CACHE_BYTES: '0' });
    const ask = () => request(socket, [['REQUEST_METHOD', 'GET'], ['REQUEST_URI', all],
        ['HTTP_AUTHORIZATION', `Bearer ${venue.token(stack, 'admin')}`]]);
    await until(() => ask().then((a) => a.status === 200, () => false), 'it answers', 20000, () => stack.died('plain'));
    for (let i = 0; i < 3; i++) assert.ok((await queries(ask))[0] > 0);
});

test('while the page is not to be believed nothing is given from memory', async () => {
    await warm(admin, all);
    await stack.stop('sidecar');
    await until(async () => (await queries(() => admin.get(all)))[0] > 0, 'the page is stale');
    for (let i = 0; i < 10; i++) {
        const name = bookInPsql();
        assert.ok(names(await admin.get(all)).includes(name));
    }
    stack.startSidecar();
    await pageKnows(venue);
    await warm(admin, all);
});
