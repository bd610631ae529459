// front.test.mjs - what a web server makes of a request on its way to the programs: one table for all,
// in which a row names a server only where it differs. Its own refusals are problem documents too.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Stack, front, top } from './lib/stack.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('front');
let token, admin;
before(async () => {
    await stack.start();
    token = new Venue('restaurant').token(stack, 'admin');
    admin = as(stack, token);
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations', me = '/api/user/profile';
const long = (n) => JSON.stringify({ customerName: 'x'.repeat(n - 19) });
const chunked = { 'transfer-encoding': 'chunked' };
const allowed = 'GET, HEAD, POST, OPTIONS';
const server = front.replace(/-.*/, '');

// what, [method, target, headers, body], status (by server where they differ), what else is in the answer
const table = [
    ['an escape in the path is read once', ['GET', '/api/d%61shboard/stats'], 200],
    ['an escape in the query is read once', ['GET', '/api/dashboard/trends?period=week%6Cy'], 200],
    ['an escaped ampersand parts nothing', ['GET', `${list}?status=pending%26limit%3D0`], 422, { fields: ['status'] }],
    ['a plus in the query is a space', ['GET', `${list}?search=a+b&limit=0`], 422, { fields: ['limit'] }],
    ['an encoded slash is refused', ['GET', '/api/dashboard%2Fstats'], 400],
    ['dot segments are refused', ['GET', '/api/dashboard/../dashboard/stats'], 400],
    ['encoded dot segments are refused', ['GET', '/api/dashboard/%2e%2e/dashboard/stats'], 400],
    ['dot segments that lead from a page to the API are refused', ['GET', '/login/../api/dashboard/stats'], 400],
    ['a double slash is refused', ['GET', '/api/dashboard//stats'], 400],
    ['a double slash in front is refused', ['GET', '//api/dashboard/stats'], 400],
    ['a bad escape is refused', ['GET', '/api/dashboard/stats%zz'], 400],
    ['an escaped NUL is refused', ['GET', '/api/dashboard/stats%00'], { else: 400, apache: 404 }],
    ['what is below /api and nobody has is not found', ['GET', '/api/nothing'], 404],
    ['/api alone is not found', ['GET', '/api'], 404],
    ['a parameter given twice reaches the program twice', ['GET', `${list}?limit=1&limit=2`], 422, { fields: ['limit'] }],
    ['a target of 7 kB is too long for the program', ['GET', `${me}?x=${'a'.repeat(7000)}`], 400],
    ['a target of 20 kB is too long', ['GET', `${me}?x=${'a'.repeat(20000)}`], { else: 414, lighttpd: 431 }],
    ['a header of 7 kB passes', ['GET', me, { 'x-other': 'a'.repeat(7000) }], 200],
    ['a header of 20 kB is too long', ['GET', me, { 'x-other': 'a'.repeat(20000) }], { else: 431, apache: 400 }],
    ['a Proxy header changes nothing', ['GET', me, { proxy: 'http://evil.example' }], 200],
    ['a header with an underscore changes nothing', ['GET', me, { x_request_id: 'a' }], 200],
    ['a list header given twice is one list', ['GET', me, { 'if-none-match': ['"a"', '"b"'] }], { else: 200, nginx: 400 }],
    ['a body of no length and no chunks is none', ['POST', list, { 'content-length': '0' }], 422, { fields: ['customerName', 'date', 'partySize'] }],
    ['a chunked body comes whole', ['POST', list, chunked, long(200000)], 422, { fields: ['customerName', 'date', 'partySize'] }],
    ['a small chunked body comes whole', ['POST', list, chunked, '{}'], 422, { fields: ['customerName', 'date', 'partySize'] }],
    ['a chunked body over the limit', ['POST', list, chunked, long(300000)], 413, { code: 'too_large' }],
    ['a body over the limit', ['POST', list, {}, long(300000)], 413, { code: 'too_large' }],
    ["a body over the web server's own limit", ['POST', list, {}, long(3000000)], 413, { code: 'too_large' }],
    ["a chunked body over the web server's own limit", ['POST', list, chunked, long(3000000)], 413, { code: 'too_large' }],
    ['a body that waits for 100 Continue', ['POST', list, { expect: '100-continue' }, '{}'], 422],
    ['a GET with a body', ['GET', list, {}, '{}'], { else: 200, lighttpd: 400 }],
    ['a range of an answer', ['GET', me, { range: 'bytes=0-3' }], { else: 200, lighttpd: 206 }],
    ['HEAD has no body', ['HEAD', me], 200, { empty: true }],
    ['HEAD of an error has none either', ['HEAD', '/api/user/nothing'], 404, { empty: true }],
    ['OPTIONS names the methods', ['OPTIONS', list], 204, { allow: allowed, empty: true }],
    ['PUT where there is none', ['PUT', list], 405, { allow: allowed }],
    ['DELETE with a body where there is none', ['DELETE', list, {}, '{}'], 405, { allow: allowed }],
    ['a method of WebDAV', ['PROPFIND', list], 405, { allow: allowed }],
    ['TRACE', ['TRACE', list], 405],
    ['a method that nobody knows', ['FOO', list], { else: 405, lighttpd: 501 }],
];

for (const [what, [method, target, headers = {}, body], statuses, { fields, code, allow, empty } = {}] of table) {
    test(what, async () => {
        const answer = await admin.call(method, target, body, {
            ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers,
            ...(headers['transfer-encoding'] && { 'content-length': [] }) });
        const { status } = answer, expected = statuses[server] ?? statuses.else ?? statuses;
        assert.equal(status, expected, answer.text);
        if (empty) assert.equal(answer.text, '');
        else if (status >= 400) {
            assert.equal(answer.headers['content-type'], 'application/problem+json');
            assert.equal(answer.json.status, status);
            for (const member of ['type', 'title', 'detail', 'code']) assert.ok(answer.json[member], member);
        }
        if (fields) assert.deepEqual(answer.json.errors.map((e) => e.field).sort(), fields);
        if (code) assert.equal(answer.json.code, code);
        if (allow) assert.equal(answer.headers.allow, allow);
    });
}

// Lines that no HTTP client would send. {token} is this run's.
function raw(lines, body = '') {
    return new Promise((done, failed) => {
        let text = '';
        const socket = net.connect(stack.port, '127.0.0.1', () =>
            socket.write(`${lines.join('\r\n').replaceAll('{token}', token)}\r\n\r\n${body}`));
        socket.on('data', (part) => { text += part; });
        socket.on('error', failed);
        socket.on('close', () => done({ status: Number(/^HTTP\/1.[01] (\d+)/.exec(text)?.[1]), text,
            type: /^content-type: *([^\r]*)/im.exec(text)?.[1] }));
    });
}
const bearer = 'Authorization: Bearer {token}', close = 'Connection: close', host = 'Host: a.example';
const post = [`POST ${list} HTTP/1.1`, host, close, bearer, 'Content-Type: application/json'];
const rawTable = [
    ['HTTP/1.0 without Host is served', [`GET ${me} HTTP/1.0`, bearer], '', 200],
    ['HTTP/1.1 without Host is not', [`GET ${me} HTTP/1.1`, close, bearer], '', 400],
    ['two Hosts', [`GET ${me} HTTP/1.1`, host, 'Host: b.example', close, bearer], '', 400],
    ['two Authorizations are no authorization', [`GET ${me} HTTP/1.1`, host, close, bearer, bearer], '', { else: 401, nginx: 400 }],
    ['the absolute form', [`GET http://a.example${me} HTTP/1.1`, host, close, bearer], '', 200],
    ['a target without its slash', [`GET ${me.slice(1)} HTTP/1.1`, host, close, bearer], '', 400],
    ['a space in the target', ['GET /api/user/pro file HTTP/1.1', host, close, bearer], '', 400],
    ['a write without any length', post, '', { else: 422, lighttpd: 411 }],
    ['a length that is no number', [...post, 'Content-Length: x'], '{}', 400],
    // Apache takes the chunks and forgets the length (RFC 9112 section 6.3).
    ['a length and chunks', [...post, 'Content-Length: 7', 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n', { else: 400, apache: 422 }],
    ['a chunk whose size is no number', [...post, 'Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n', 400],
];
for (const [what, lines, body, statuses] of rawTable) {
    test(what, async () => {
        const answer = await raw(lines, body), expected = statuses[server] ?? statuses.else ?? statuses;
        assert.equal(answer.status, expected, answer.text);
        if (expected >= 400) assert.equal(answer.type, 'application/problem+json');
    });
}

test("the web server's problem documents: each says its own status, and each server knows them all", () => {
    const dir = `${top}/deploy/errors`, catalogue = ['type', 'title', 'status', 'code', 'detail'];
    for (const file of fs.readdirSync(dir)) {
        const problem = JSON.parse(fs.readFileSync(`${dir}/${file}`, 'utf8'));
        assert.deepEqual(Object.keys(problem), catalogue, file);
        assert.equal(`${problem.status}.html`, file);
        assert.equal(problem.type, `/docs/errors#${problem.code}`);
    }
    const given = { lighttpd: /"(\d{3}\.html)" =>/g, apache: /ErrorDocument \d+ \/\.maitred\/(\d{3}\.html)/g };
    for (const [name, each] of Object.entries(given)) {
        const text = fs.readFileSync(`${top}/deploy/${name}/maitred.conf`, 'utf8');
        assert.deepEqual([...text.matchAll(each)].map((m) => m[1]), fs.readdirSync(dir).sort(), name);
    }
});

// The samples for Debian, their paths made ours, read by the server itself (lighttpd's within Debian's
// own configuration, which has set things before).
test('the site for Debian is one that the server takes', () => {
    const sample = (file) => fs.readFileSync(`${top}/deploy/${file}`, 'utf8').replaceAll('/usr/share/maitred/', `${top}/deploy/`)
        .replaceAll('/var/log/nginx', stack.run).replace('listen 80;', `listen 127.0.0.1:${stack.sparePort};`)
        .replace(/listen \[::\]:80;/, '').replaceAll('${APACHE_LOG_DIR}', stack.run);
    const file = `${stack.run}/site.conf`;
    const [text, program, ...args] = {
        lighttpd: () => [fs.readFileSync('/etc/lighttpd/lighttpd.conf', 'utf8').replace(/^include "[^]*?conf-enabled.*$/m,
            () => sample('lighttpd/50-maitred.conf')), 'lighttpd', '-tt', '-f', file],
        nginx: () => [`pid ${stack.run}/site.pid;\nevents { }\nhttp {\n${sample('nginx/site.conf')}}\n`, 'nginx', '-t', '-c', file],
        apache: () => [`${sample('apache/apache2.conf').replace(/^Include [^]*/m, '').replaceAll('${MAITRED_PORT}', stack.sparePort)
            .replaceAll('${MAITRED_RUN}', stack.run)}${sample('apache/site.conf')}`, 'apache2', '-t', '-f', file],
    }[server]();
    fs.writeFileSync(file, text);
    execFileSync(program, args, { stdio: 'pipe' });
});

test('problem documents are not there for whoever asks for them', async () => {
    for (const path of ['/.maitred/413.html', '/.maitred/', '/errors/413.html'])
        assert.ok([403, 404].includes((await stack.request('GET', path)).status), path);
});

test('pages are served with their types, checked again each time, and never framed', async () => {
    for (const [path, type] of [['/login/', 'text/html; charset=utf-8'], ['/lib/rest.js', 'text/javascript; charset=utf-8'],
        ['/favicon.svg', 'image/svg+xml']]) {
        const page = await stack.request('GET', path);
        assert.equal(page.status, 200, path);
        assert.equal(page.headers['content-type'], type);
        assert.equal(page.headers['cache-control'], 'no-cache');
        assert.equal(page.headers['x-frame-options'], 'DENY');
        const again = await stack.request('GET', path, { headers: { 'if-none-match': page.headers.etag } });
        assert.equal(again.status, 304, path);
    }
    const none = await stack.request('GET', '/no-such-page');
    assert.equal(none.status, 404);
    assert.match(none.headers['content-type'], /^text\/html/);
});

test('the access log has the request id and no query', async () => {
    await admin.get(`${me}?token=geheim`, { 'x-request-id': 'tie-the-logs' });
    await stack.stop('web'); // its log may be buffered
    assert.match(stack.accessLog(), /GET \/api\/user\/profile 200 \d+ [\d.]+ tie-the-logs/);
    assert.doesNotMatch(stack.accessLog(), /geheim/);
});
