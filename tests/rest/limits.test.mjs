// limits.test.mjs - too many requests, too large and too slow ones, and more at once than there are
// threads: everybody gets an answer, and nobody's costs another's.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { reload } from './lib/access.mjs';
import { cgiAnswer, slowly } from './lib/fcgi.mjs';
import { Stack, bin, front, programs, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const threads = 4;
const stack = new Stack('limits', { threads, body_timeout_s: 2 });
before(() => stack.start());
after(() => stack.stopAll());

const profile = '/api/user/profile', stats = '/api/dashboard/stats', list = '/api/restaurant/reservations';
const at = (hour) => ({ customerName: 'In Time', partySize: 2, date: `2027-02-03T${String(hour).padStart(2, '0')}:00:00Z` });

// Other limits, as an operator sets them: the file, and SIGHUP.
async function limits(account, address) {
    Object.assign(stack.settings, { requests_per_second_account: account, requests_per_second_address: address });
    stack.configure();
    await reload(stack, programs);
}
async function under(account, address, f) {
    await limits(account, address);
    try { await f(); } finally { await limits(0, 0); }
}
const slowDown = (answer) => {
    assert.equal(answer.status, 429);
    assert.equal(answer.json.code, 'rate_limited');
    assert.equal(answer.json.detail, 'Too many requests. Please slow down.');
    assert.ok(Number(answer.headers['retry-after']) >= 1, answer.headers['retry-after']);
};
// How many of `n` at once pass; the others must be told to slow down.
async function passed(n, ask) {
    const began = Date.now(), answers = await Promise.all(Array.from({ length: n }, (_, i) => ask(i)));
    for (const answer of answers.filter((a) => a.status === 429)) slowDown(answer);
    return { n: answers.filter((a) => a.status !== 429).length, seconds: (Date.now() - began) / 1000 };
}
// Five seconds' worth at once, and what has flowed back meanwhile.
const allowance = (got, rate) => assert.ok(got.n >= 5 * rate && got.n <= 5 * rate + rate * got.seconds + 1, JSON.stringify(got));

test('an account has one allowance over all programs, however it logs in; others have their own', () => under(2, 0, async () => {
    const venue = new Venue('restaurant');
    const ways = [as(stack, venue.token(stack, 'waiter')), as(stack, venue.token(stack, 'waiter')), as(stack, venue.apiKey('waiter'))];
    allowance(await passed(60, (i) => ways[i % 3].get([profile, stats, list, '/api/tables'][i % 4])), 2);
    const refused = await until(async () => {
        const answer = await ways[0].post('/api/auth/ticket');
        return answer.status === 429 && answer;
    }, 'it is over');
    const seconds = Number(refused.headers['retry-after']);
    assert.equal((await as(stack, venue.token(stack, 'manager')).get(stats)).status, 200);
    await until(async () => (await ways[0].get(profile)).status === 200, 'it may again', 1000 * seconds + 20000);
}));

test('what costs no query counts too', () => under(2, 0, async () => {
    const me = as(stack, new Venue('restaurant').token(stack, 'admin'));
    const tag = (await me.get(profile)).headers.etag;
    allowance(await passed(40, () => me.get(profile, { 'if-none-match': tag })).then((got) => ({ ...got, n: got.n + 1 })), 2);
}));

test('the guests of one table count together', () => under(2, 0, async () => {
    const venue = new Venue('restaurant');
    const guest = (session) => as(stack, venue.token(stack, 'guest', { sub: 'guest', name: 'guest', session }));
    allowance(await passed(40, () => guest(1).get(profile)), 2);
    assert.equal((await guest(2).get(profile)).status, 200);
}));

test('an address has an allowance whether or not it has a token; a network of IPv6 is one', () => under(0, 2, async () => {
    const me = as(stack, new Venue('restaurant').token(stack, 'admin'));
    const from = (address) => ({ 'x-forwarded-for': address });
    for (const address of [() => '192.0.2.1', (i) => `2001:db8:0:7::${i + 1}`, (i) => `192.0.2.${i}, 192.0.2.77`])
        allowance(await passed(40, (i) => (i % 2 ? me : as(stack)).get(profile, from(address(i)))), 2);
    for (const address of ['192.0.2.2', '2001:db8:0:8::1']) assert.equal((await me.get(profile, from(address))).status, 200);
    // The log says whose they are, once a second, not once a request.
    const said = () => stack.log('accounts').split('\n').filter((line) => line.includes('msg="too many requests"'));
    const before = said().length, began = Date.now();
    let refusals = 0;
    await until(async () => {
        refusals += (await me.get(profile, from('192.0.2.1'))).status === 429;
        return said().length > before + 1;
    }, 'the log says it');
    assert.match(said().at(-1), / address=192\.0\.2\.1( |$)/);
    assert.ok(said().length - before <= 2 + (Date.now() - began) / 1000 && refusals > 2, `${refusals}`);
}));

// --- large ones

// Writes what it is given as it is; gives the status line and the rest when the server has answered.
async function raw(text) {
    const socket = net.connect(stack.port, '127.0.0.1');
    let got = '';
    socket.setEncoding('utf8').on('data', (part) => { got += part; }).on('error', () => {});
    socket.write(text);
    await until(() => /\r\n\r\n/.test(got) || socket.closed, 'an answer');
    socket.destroy();
    return { status: Number(/^HTTP\/1\.\d (\d+)/.exec(got)?.[1]), text: got };
}

test('a body that says that it is far too large is refused at once, without being read', async () => {
    const token = new Venue('restaurant').token(stack, 'admin');
    const answer = await raw(`POST ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n{');
    assert.equal(answer.status, 413, answer.text);
    assert.match(answer.text, /application\/problem\+json/);
});

test('a header or a path that is too long is refused, and the next request is served', async () => {
    const me = as(stack, new Venue('restaurant').token(stack, 'admin'));
    for (const long of [`GET ${profile} HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(70000)}\r\n\r\n`,
        `GET ${profile}?x=${'x'.repeat(70000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET ${profile}?x=${'x'.repeat(5000)} HTTP/1.1\r\nHost: x\r\n\r\n`]) {
        const answer = await raw(long);
        assert.ok([400, 413, 414, 431].includes(answer.status), answer.text);
        if (process.env.MAITRED_SHOW) sql(`select 1`), process.stderr.write(`SHOW ${front}: ${answer.status}\n`);
        assert.equal((await me.get(profile)).status, 200);
    }
});

// --- slow ones

const variables = (token, more = {}) => Object.entries({ REQUEST_METHOD: 'POST', REQUEST_URI: list, SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_ADDR: '127.0.0.1', CONTENT_TYPE: 'application/json', HTTP_AUTHORIZATION: `Bearer ${token}`, ...more });

test('a body that comes too slowly is 408: one that stops, and one that trickles', async () => {
    const token = new Venue('restaurant').token(stack, 'admin');
    const pieces = [['{"customerName":'], Array.from({ length: 600 }, () => ' ')];
    for (const answer of await Promise.all(pieces.map((some) => slowly(`${stack.run}/reservations.sock`, variables(token), some, 20, { end: false })))) {
        assert.equal(answer.status, 408, answer.text);
        assert.equal(JSON.parse(answer.text).code, 'body_timeout');
    }
    // As plain CGI too.
    const child = spawn(`${bin}/maitred-reservations`, [], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env,
        MAITRED_CONFIG: stack.config, GATEWAY_INTERFACE: 'CGI/1.1', CONTENT_LENGTH: '100', ...Object.fromEntries(variables(token)) } });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
    child.stdin.write('{"customerName":');
    await once(child, 'close');
    assert.equal(cgiAnswer(text).status, 408, text);
});

test('slow senders at the web server hold no thread', async () => {
    const venue = new Venue('restaurant'), me = as(stack, venue.token(stack, 'admin'));
    const senders = Array.from({ length: 4 * threads }, () => {
        const socket = net.connect(stack.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write(`POST ${list} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${venue.token(stack, 'admin')}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"customerName":');
        return socket;
    });
    await Promise.all(senders.map((socket) => socket.connecting && once(socket, 'connect')));
    // Two seconds are what one of them could hold a thread for at most; all in turn would be eight.
    for (let i = 0; i < 50; i++) assert.equal((await me.post(list, at(i % 24))).status, 201);
    for (const socket of senders) socket.destroy();
    assert.equal(sql(`select count(*) from maitred.reservation where venue = ${venue.id}`), '50');
});

// --- more at once than threads

// A reservation that somebody else is at, for as long as `f` takes. Who waits for a lock gives up
// after three seconds: not here, where the machine may be busy.
async function locked(venue, f) {
    const patience = (set) => sql(`alter role maitred_rest set lock_timeout = '${set}';
        select pg_terminate_backend(pid, 20000) from pg_stat_activity where usename = 'maitred_rest'`);
    patience('60s');
    const psql = spawn('psql', ['-X', '-q', '-At'], { stdio: ['pipe', 'pipe', 'inherit'] });
    psql.stdin.write(`begin; select 'locked' from maitred.reservation where venue = ${venue.id} for update;\n`);
    await once(psql.stdout, 'data');
    try {
        await f(() => psql.stdin.end('commit;\n'));
    } finally {
        psql.kill();
        patience('3s');
    }
}

test('four times the threads at once, half of them waiting for a lock: all are answered', async () => {
    const venue = new Venue('restaurant'), me = as(stack, venue.token(stack, 'admin'));
    const id = (await me.post(list, at(12))).json.id;
    await locked(venue, async (unlock) => {
        let answered = 0;
        const count = (answer) => { answered++; return answer; };
        const slow = Array.from({ length: 2 * threads }, (_, i) => me.patch(`${list}/${id}`, { partySize: i + 10 }).then(count));
        const waiting = () => Number(sql(`select count(*) from pg_stat_activity where usename = 'maitred_rest' and wait_event_type = 'Lock'`));
        await until(() => waiting() === threads, 'every thread waits');
        const fast = Array.from({ length: 2 * threads }, () => me.get(`${list}/${id}`).then(count));
        const elsewhere = await Promise.all(Array.from({ length: 2 * threads }, () => me.get(stats)));
        assert.deepEqual([...new Set(elsewhere.map((a) => a.status))], [200]); // another program's threads are its own
        assert.equal(answered, 0);
        unlock();
        const all = await Promise.all([...slow, ...fast]);
        assert.deepEqual([...new Set(all.map((a) => a.status))], [200], all.map((a) => a.text).join());
    });
    assert.equal(Number(sql(`select count(*) from feed.log where venue = ${venue.id} and type = 'reservation.updated'`)), 2 * threads);
});

test('four times the threads at once, half of them slow senders: all are answered', async () => {
    const venue = new Venue('restaurant'), token = venue.token(stack, 'admin'), me = as(stack, token);
    const body = (i) => JSON.stringify(at(i)), pieces = (text) => text.match(/.{1,4}/gs);
    const slow = Array.from({ length: 2 * threads }, (_, i) =>
        slowly(`${stack.run}/reservations.sock`, variables(token), pieces(body(i)), 10, { end: true }));
    const fast = Array.from({ length: 2 * threads }, (_, i) => me.post(list, at(i)));
    const all = await Promise.all([...slow, ...fast]);
    assert.deepEqual([...new Set(all.map((a) => a.status))], [201], all.map((a) => a.text).join());
    assert.equal(sql(`select count(*) from maitred.reservation where venue = ${venue.id}`), String(4 * threads));
});

test('a crowd: 64 at once, reads, writes and refusals, each gets its own answer', async () => {
    const venues = Array.from({ length: 4 }, () => new Venue('restaurant'));
    const people = venues.map((v) => as(stack, v.token(stack, 'admin')));
    const ask = [
        async (me, v) => assert.equal((await me.get(profile)).json.venue.slug, v.slug),
        async (me, v, i) => assert.equal((await me.post(list, { ...at(i % 24), customerName: `N${i}` })).json.customerName, `N${i}`),
        async (me) => assert.equal((await me.get(`${list}/res1`)).status, 404),
        async (me) => assert.equal((await me.post(list, '{')).status, 400),
    ];
    await Promise.all(Array.from({ length: 256 }, (_, i) => ask[i >> 2 & 3](people[i % 4], venues[i % 4], i)));
    for (const v of venues) assert.equal(sql(`select count(*) from maitred.reservation where venue = ${v.id}`), '16');
});
