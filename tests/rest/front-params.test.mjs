// front-params.test.mjs - what a web server hands to a FastCGI program, and what it makes of an answer
// that no program of ours would give: an application of the test's own stands at the program's socket.
// The programs are written for these differences; a new version of a server that moves is seen here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Responder } from './lib/responder.mjs';
import { Stack, front } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const stack = new Stack('front-params');
const list = '/api/restaurant/reservations';
let stood;
before(async () => {
    await stack.start();
    await stack.stop('reservations');
    stood = await new Responder(`${stack.run}/reservations.sock`).listen();
});
after(async () => {
    await stood?.close();
    await stack.stopAll();
});

const plain = () => 'Status: 200 OK\r\nContent-Type: application/json\r\n\r\n{}';
async function handed(method, target, options = {}) {
    stood.answer = plain;
    stood.seen.length = 0;
    const answer = await stack.request(method, target, options);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(stood.seen.length, 1);
    return stood.seen[0];
}
async function made(text) {
    stood.answer = () => text;
    return await stack.request('GET', list);
}
const problem = (answer, ...statuses) => {
    assert.ok(statuses.includes(answer.status), `${answer.status} ${answer.text}`);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.status, answer.status);
};

test('REQUEST_URI is what the client sent, whatever was made of the other variables', async () => {
    for (const target of [`${list}/%41b?status=%70ending&a=b+c`, `${list}//x`, `${list}/x%2Fy`, `${list}/./x`])
        assert.equal((await handed('GET', target)).env.REQUEST_URI, target);
});

test('Authorization, Cookie, Origin and If-None-Match arrive', async () => {
    const { env } = await handed('GET', list, { headers: { authorization: 'Bearer x', cookie: 'a=1; b=2',
        origin: 'https://a.example', 'if-none-match': 'W/"x"', 'idempotency-key': 'k', host: 'a.example:8080' } });
    assert.deepEqual([env.HTTP_AUTHORIZATION, env.HTTP_COOKIE, env.HTTP_ORIGIN, env.HTTP_IF_NONE_MATCH,
        env.HTTP_IDEMPOTENCY_KEY, env.HTTP_HOST], ['Bearer x', 'a=1; b=2', 'https://a.example', 'W/"x"', 'k', 'a.example:8080']);
    assert.equal(env.REMOTE_ADDR, '127.0.0.1');
    assert.equal(env.REQUEST_METHOD, 'GET');
});

test('a Proxy header sets no HTTP_PROXY', async () => {
    const { params } = await handed('GET', list, { headers: { proxy: 'http://evil.example' } });
    assert.deepEqual(params.filter(([name, value]) => name === 'HTTP_PROXY' && value), []);
});

test('the length of a request without a body is nought or not there', async () => {
    const { env, body } = await handed('GET', list);
    assert.equal(env.CONTENT_LENGTH, { lighttpd: '0' }[front]);
    assert.equal(body.length, 0);
});

test('a body comes whole, chunked or not, and its length is right or not there', async () => {
    for (const size of [3, 300000, 1000000]) {
        for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': String(size) }]) {
            const { env, body } = await handed('POST', list, { headers, body: 'x'.repeat(size) });
            assert.equal(body.length, size);
            assert.ok([String(size), '', undefined].includes(env.CONTENT_LENGTH), env.CONTENT_LENGTH);
        }
    }
});

test('connections are not kept: a kept one would hold a thread', async () => {
    assert.equal((await handed('GET', list)).keep, 0);
    await until(() => stood.connections.size === 0, 'the connection is closed');
});

test('a header block just under 4 kB passes, Status and reason, Location and cookies too', async () => {
    const answer = await made(`Status: 201 Created\r\nLocation: ${list}/res1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n` +
        `Content-Type: application/json\r\nX-Long: ${'x'.repeat(3800)}\r\n\r\n{}`);
    assert.equal(answer.status, 201);
    assert.equal(answer.reason, 'Created');
    assert.equal(answer.headers.location, `${list}/res1`);
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.equal(answer.headers['x-long'].length, 3800);
});

test('an error that the program describes is passed on as it is', async () => {
    for (const status of [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]) {
        const answer = await made(`Status: ${status} Because\r\nContent-Type: application/problem+json\r\n` +
            `Retry-After: 7\r\n\r\n{"status":${status},"mine":true}`);
        assert.equal(answer.status, status);
        assert.deepEqual(answer.json, { status, mine: true });
        assert.equal(answer.headers['retry-after'], '7');
    }
});

test('a program that dies over a request: a problem document, and no second program is asked', async () => {
    stood.seen.length = 0;
    stood.answer = (_request, connection) => { connection.destroy(); };
    problem(await stack.request('POST', list, { body: '{}' }), 500, 502, 503);
    assert.equal(stood.seen.length, 1);
});

test('an answer that is none is never taken for a good one', async () => {
    const answer = await made('no header at all');
    if (front !== 'apache') problem(answer, 500, 502, 503);
    else assert.deepEqual([answer.status, answer.json], [200, undefined]); // it is text, for Apache
});

test('nobody listens: 503, to be tried again after a second, and the next program is found by itself', async () => {
    await stood.close();
    const down = await stack.request('GET', list);
    problem(down, 503);
    assert.equal(down.headers['retry-after'], front === 'lighttpd' ? undefined : '1'); // it can't
    assert.equal(down.json.code, 'unavailable');
    await stood.listen();
    await until(async () => (await made(plain())).status === 200, 'the next program is asked'); // lighttpd: within a second
});
