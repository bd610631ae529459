// http.test.mjs - what every route shares: paths, methods, bodies, headers, other sites' pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('http');
let venue, token, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    token = venue.token(stack, 'admin');
    admin = as(stack, token);
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const problem = (answer, status, code) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.status, status);
    if (code) assert.equal(answer.json.code, code);
    for (const member of ['type', 'title', 'detail']) assert.ok(answer.json[member], member);
};

test('an unknown path is a problem document, in every program and in none', async () => {
    for (const path of ['/api/dashboard/nothing', `${list}/res1/eat`, '/api/hotel/nothing', '/api/user',
        '/api/nothing', '/api/dashboardx/stats'])
        problem(await admin.get(path), 404, 'not_found');
});

test('a known path with another method names those it takes', async () => {
    const answer = await admin.call('DELETE', list);
    problem(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.allow, 'GET, HEAD, POST, OPTIONS');
    const stats = await admin.post('/api/dashboard/stats', {});
    problem(stats, 405);
    assert.equal(stats.headers.allow, 'GET, HEAD, OPTIONS');
    assert.equal((await admin.get(`${list}/1/seat`)).headers.allow, 'POST, OPTIONS');
});

test('HEAD has the headers of GET and no body', async () => {
    // The venue is new: the sidecar may still be on its way to the position that the database has said.
    const [get, head] = await until(async () => {
        const all = [];
        for (const method of ['get', 'head', 'get']) all.push(await admin[method]('/api/user/profile'));
        return all[0].headers['x-feed-position'] === all[2].headers['x-feed-position'] && all;
    }, 'the position stands still');
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['etag', 'x-feed-position', 'content-type', 'content-length', 'cache-control'])
        assert.equal(head.headers[name], get.headers[name], name);
});

test('dot segments, double and encoded slashes, bad escapes are refused', async () => {
    for (const path of ['/api/dashboard/../dashboard/stats', '/api/dashboard/./stats', '/api/dashboard/%2e%2e/stats',
        '/api/dashboard//stats', '/api/dashboard%2Fstats', '/api/dashboard/stats%5c', '/api/dashboard/%00stats',
        '/api/dashboard/sta%ff', '/api/dashboard/stats%0a']) {
        const answer = await admin.get(path);
        assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
        assert.notEqual(answer.json?.reservationsToday, 0, path);
    }
    assert.equal((await admin.get('/api/dashboard/trends?period=%ff')).status, 400);
});

test('an escaped letter is that letter, and a trailing slash is nothing', async () => {
    assert.equal((await admin.get('/api/d%61shboard/stats')).status, 200);
    assert.equal((await admin.get('/api/dashboard/stats/')).status, 200);
    assert.equal((await admin.get('/api/dashboard/trends?period=week%6Cy')).status, 200);
});

test('a parameter given twice is one too many; an unknown one is ignored by reads', async () => {
    const twice = await admin.get('/api/dashboard/trends?period=weekly&period=monthly');
    problem(twice, 422);
    assert.deepEqual(twice.json.errors.map((e) => [e.field, e.code]), [['period', 'duplicate']]);
    assert.equal((await admin.get('/api/dashboard/trends?_=123')).status, 200);
});

test('a body over 256 KiB is 413, one at the limit is not', async () => {
    const fill = (n) => `{"customerName":"${'x'.repeat(n - 19)}"}`;
    problem(await admin.post(list, fill(262145)), 413, 'too_large');
    problem(await admin.post(list, fill(900000)), 413, 'too_large');
    problem(await admin.post(list, fill(262144)), 422);
});

test('a body of unknown length is read to its end', async () => {
    const body = Buffer.from(JSON.stringify({ customerName: 'Chunked Guest', partySize: 2,
        date: '2027-01-05T19:00:00Z' }));
    const answer = await stack.request('POST', list, { body, headers: {
        authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' } });
    assert.equal(answer.status, 201, answer.text);
});

test('a body that is not application/json is 415, one that is not JSON is 400', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])
        problem(await admin.post(list, '{}', { 'content-type': type }), 415, 'unsupported_media_type');
    problem(await admin.post(list, '{}', { 'content-type': 'Application/JSON; charset=utf-8' }), 422);
    for (const text of ['{', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{"a":1}{', '{"a":"\\u0000"}', '{"a":1,"a":2}'])
        problem(await admin.post(list, text), 400, 'invalid_json');
    for (const text of ['[]', '1', '"x"', 'null']) problem(await admin.post(list, text), 400);
});

test('a request id is taken over when it is harmless, else made, and said in the problem', async () => {
    const mine = await admin.get('/api/user/profile', { 'x-request-id': 'abc-123.X_y' });
    assert.equal(mine.headers['x-request-id'], 'abc-123.X_y');
    for (const bad of ['a b', 'x'.repeat(65), 'a"b', 'a=b']) {
        const answer = await admin.get('/api/nothing', { 'x-request-id': bad });
        assert.match(answer.headers['x-request-id'], /^[0-9a-f]{20}$/);
        assert.match(answer.text, new RegExp(answer.headers['x-request-id']));
    }
    await admin.get('/api/user/nothing', { 'x-request-id': 'find-me-in-the-log' });
    assert.match(stack.log('accounts'), /find-me-in-the-log/);
});

test('no token, query or body ever reaches a log', async () => {
    await admin.post(`${list}?token=geheim1`, { customerName: 'geheim2', geheim3: 1 });
    await admin.get('/api/user/profile?token=geheim1');
    for (const name of ['accounts', 'reservations'])
        assert.doesNotMatch(stack.log(name), new RegExp(`geheim|${token.slice(-20)}`));
});

test('answers are private, checked again each time, and vary by who asks', async () => {
    for (const answer of [await admin.get('/api/user/profile'), await as(stack).get('/api/user/profile')]) {
        assert.equal(answer.headers['cache-control'], 'private, no-cache');
        // A compressing web server adds Accept-Encoding.
        assert.deepEqual(answer.headers.vary.split(/, ?/).filter((name) => name !== 'Accept-Encoding'),
            ['Authorization', 'Cookie', 'Origin']);
        assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    }
});

test('the Proxy header changes nothing', async () => {
    assert.equal((await admin.get('/api/user/profile', { proxy: 'http://evil.example' })).status, 200);
});

test('a preflight is answered for configured origins only, and needs no token', async () => {
    const ask = (origin) => stack.request('OPTIONS', list, { headers: { origin,
        'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' } });
    for (const origin of ['https://shop.example', 'http://other.example:8080']) {
        const yes = await ask(origin);
        assert.equal(yes.status, 204, yes.text);
        assert.equal(yes.headers['access-control-allow-origin'], origin);
        assert.equal(yes.headers['access-control-allow-methods'], 'GET, HEAD, POST, OPTIONS');
        assert.match(yes.headers['access-control-allow-headers'], /Authorization.*Idempotency-Key/);
    }
    for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null'])
        assert.equal((await ask(origin)).headers['access-control-allow-origin'], undefined, origin);
    assert.equal((await stack.request('OPTIONS', '/api/dashboard/nothing')).status, 404);
});

test('answers to a configured origin may be read by its pages, errors too', async () => {
    for (const path of ['/api/user/profile', '/api/nothing']) {
        const answer = await admin.get(path, { origin: 'https://shop.example' });
        assert.equal(answer.headers['access-control-allow-origin'], 'https://shop.example');
        assert.match(answer.headers['access-control-expose-headers'], /ETag.*X-Feed-Position/);
    }
});

test('header blocks stay under 4 kB', async () => {
    const answer = await admin.get(`${list}?status=${'pending,'.repeat(200)}pending&limit=1`, {
        origin: 'https://shop.example' });
    assert.ok(Object.entries(answer.headers).reduce((n, [k, v]) => n + k.length + String(v).length + 4, 0) < 4096);
});
