// cgi.test.mjs - the same programs as plain CGI, on an inherited socket, and against a FastCGI
// client that sends what no web server does.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Stack, bin } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue } from './lib/venue.mjs';
import { Connection, cgiAnswer, request } from './lib/fcgi.mjs';

const stack = new Stack('cgi');
let venue, token;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    token = venue.token(stack, 'admin');
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const body = JSON.stringify({ customerName: 'By CGI', partySize: 2, date: '2027-02-03T19:00:00Z' });
// As CGI a program reads no option (its command line may be the query): MAITRED_CONFIG it is.
const variables = (more = {}) => ({ GATEWAY_INTERFACE: 'CGI/1.1', REQUEST_METHOD: 'GET', REQUEST_URI: '/',
    SERVER_PROTOCOL: 'HTTP/1.1', REMOTE_ADDR: '127.0.0.1', HTTP_AUTHORIZATION: `Bearer ${token}`, ...more });
const socket = (name) => `${stack.run}/${name}.sock`;

function cgi(name, env, input = '', args = []) {
    return cgiAnswer(execFileSync(`${bin}/maitred-${name}`, args,
        { env: { ...process.env, MAITRED_CONFIG: stack.config, ...env }, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] }));
}

test('a program started by a web server as CGI answers the one request', () => {
    const got = cgi('accounts', variables({ REQUEST_URI: '/api/user/profile' }));
    assert.equal(got.headers.status, '200 OK');
    assert.equal(got.headers['content-type'], 'application/json');
    assert.equal(JSON.parse(got.text).role, 'admin');
    assert.match(got.head, /^(?:[\w-]+: [^\r\n]+(?:\r\n|$))+$/);
    const made = cgi('reservations', variables({ REQUEST_METHOD: 'POST', REQUEST_URI: list,
        CONTENT_TYPE: 'application/json', CONTENT_LENGTH: String(Buffer.byteLength(body)) }), `${body}trailing rubbish`);
    assert.equal(made.status, 201, made.text);
    assert.match(made.headers.location, /^\/api\/restaurant\/reservations\/res\d+$/);
});

test('a chunked body that Apache passes on without its length is read to its end', () => {
    const chunked = (input) => cgi('reservations', variables({ REQUEST_METHOD: 'POST', REQUEST_URI: list,
        CONTENT_TYPE: 'application/json', HTTP_TRANSFER_ENCODING: 'chunked' }), input);
    assert.equal(chunked(body).status, 201);
    assert.equal(chunked(`{"customerName":"${'x'.repeat(262144)}"}`).status, 413);
});

test('as CGI it names errors the same way', () => {
    assert.equal(cgi('stats', variables({ REQUEST_URI: '/api/nothing' })).headers.status, '404 Not Found');
    assert.equal(cgi('stats', variables({ REQUEST_URI: '/api/dashboard/stats', HTTP_AUTHORIZATION: '' })).status, 401);
    assert.equal(cgi('stats', variables({ REQUEST_URI: '' })).status, 400);
    assert.equal(cgi('reservations', variables({ REQUEST_METHOD: 'POST', REQUEST_URI: list,
        CONTENT_TYPE: 'application/json', CONTENT_LENGTH: '50' }), body.slice(0, 20)).status, 400);
});

// A web server splits a query without "=" into words of the command line (RFC 3875 section 4.4).
test('as CGI a query is never taken for options', () => {
    for (const args of [['--help'], ['--routes'], ['--config', '/nowhere'], ['--socket', `${stack.run}/query.sock`]]) {
        const got = cgi('accounts', variables({ REQUEST_URI: `/api/user/profile?${args.join('+')}` }), '', args);
        assert.equal(got.status, 200, args.join(' '));
        assert.equal(JSON.parse(got.text).role, 'admin');
    }
    assert.equal(fs.existsSync(`${stack.run}/query.sock`), false);
});

test('behind lighttpd mod_cgi', async () => {
    const port = stack.sparePort;
    const dir = `${stack.dir}/cgi-bin`;
    fs.mkdirSync(dir);
    fs.writeFileSync(`${dir}/reservations`, `#!/bin/sh\nMAITRED_CONFIG="${stack.config}" exec "${bin}/maitred-reservations" "$@"\n`,
        { mode: 0o755 });
    fs.writeFileSync(`${stack.dir}/cgi.conf`, `
        server.modules = ( "mod_alias", "mod_cgi" )
        server.bind = "127.0.0.1"
        server.port = ${port}
        server.document-root = "${dir}"
        server.errorlog = "${stack.run}/cgi.error.log"
        alias.url = ( "/api/restaurant/reservations" => "${dir}/reservations" )
        cgi.assign = ( "" => "" )\n`);
    stack.spawn('lighttpd-cgi', 'lighttpd', ['-D', '-f', `${stack.dir}/cgi.conf`]);
    const ask = (method, path, data) => new Promise((done, failed) => {
        const r = http.request({ host: '127.0.0.1', port, method, path, agent: false, headers: {
            authorization: `Bearer ${token}`, 'content-type': 'application/json',
            ...(data && { 'content-length': Buffer.byteLength(data) }) } }, async (answer) => {
            let text = '';
            for await (const part of answer) text += part;
            done({ status: answer.statusCode, headers: answer.headers, text });
        });
        r.on('error', failed);
        r.end(data);
    });
    await until(() => ask('GET', '/').catch(() => null), 'the second lighttpd listens');
    const made = await ask('POST', list, body);
    assert.equal(made.status, 201, made.text);
    const id = JSON.parse(made.text).id;
    const got = await ask('GET', `${list}/${id}`);
    assert.equal(got.status, 200, got.text);
    assert.equal(JSON.parse(got.text).id, id);
    assert.equal((await ask('HEAD', list)).text, '');
    await stack.stop('lighttpd-cgi');
});

// Listens, then runs the program twice on descriptor 0 of the same socket, saying each pid.
const handOver = `use IO::Socket::UNIX; $| = 1;
    my $s = IO::Socket::UNIX->new(Local => shift, Listen => 64) or die; open STDIN, '<&', $s or die;
    for (1, 2) { my $pid = fork; exec @ARGV or die unless $pid; print "$pid\n"; waitpid $pid, 0; print "exit $?\n" }`;

test('a listening socket on descriptor 0 is served, and is still good after SIGTERM', async () => {
    const path = `${stack.run}/inherited.sock`;
    const parent = spawn('perl', ['-e', handOver, path, `${bin}/maitred-accounts`, '--config', stack.config],
        { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    parent.stdout.on('data', (part) => { said += part; });
    const line = (n) => until(() => said.split('\n').length > n && said.split('\n')[n], `line ${n} of ${said}`);
    for (const at of [0, 2]) {
        const pid = Number(await line(at));
        const answer = await request(path, Object.entries(variables({ REQUEST_URI: '/api/user/profile' })));
        assert.equal(answer.status, 200, answer.text);
        process.kill(pid, 'SIGTERM');
        assert.equal(await line(at + 1), 'exit 0');
    }
});

test('variables that come twice, the last one and the first header counting', async () => {
    const twice = [...Object.entries(variables({ REQUEST_URI: '/api/nothing' })), ['REQUEST_URI', '/api/user/profile'],
        ['SCRIPT_NAME', '/x'], ['SCRIPT_NAME', '/y'], ['HTTP_AUTHORIZATION', 'Bearer other']];
    assert.equal((await request(socket('accounts'), twice)).status, 200);
    const tag = (await request(socket('accounts'), Object.entries(variables({ REQUEST_URI: '/api/user/profile' })))).headers.etag;
    const tags = [...Object.entries(variables({ REQUEST_URI: '/api/user/profile' })),
        ['HTTP_IF_NONE_MATCH', '"x"'], ['HTTP_IF_NONE_MATCH', tag]];
    assert.equal((await request(socket('accounts'), tags)).status, 304);
});

test('a body without length, in many small padded records', async () => {
    const pairs = Object.entries(variables({ REQUEST_METHOD: 'POST', REQUEST_URI: list, CONTENT_LENGTH: '',
        CONTENT_TYPE: 'application/json', HTTP_TRANSFER_ENCODING: 'chunked' }));
    const answer = await request(socket('reservations'), pairs, body.match(/.{1,3}/gs), { padding: 5 });
    assert.equal(answer.status, 201, answer.text);
});

test('a kept connection carries one request after the other, bodies unread or not', async () => {
    const connection = new Connection(socket('accounts'));
    const get = Object.entries(variables({ REQUEST_URI: '/api/user/profile' }));
    for (let i = 0; i < 3; i++) {
        assert.equal((await connection.ask(get, [], { keep: true })).status, 200);
        assert.equal((await connection.ask(get, ['a body that a GET does not read'], { keep: true })).status, 200);
        const wrong = Object.entries(variables({ REQUEST_METHOD: 'DELETE', REQUEST_URI: '/api/user/profile' }));
        assert.equal((await connection.ask(wrong, ['x'.repeat(60000), 'y'], { keep: true })).status, 405);
    }
    assert.equal((await connection.ask(get)).status, 200);
    await connection.closed;
});

test('a web server that keeps its connections does not keep the program from stopping', async () => {
    const kept = Array.from({ length: 4 }, () => new Connection(socket('rooms')));
    const ask = Object.entries(variables({ REQUEST_URI: '/api/nothing' }));
    for (const connection of kept) assert.equal((await connection.ask(ask, [], { keep: true })).status, 404);
    assert.equal(await stack.stop('rooms'), 0);
    await Promise.all(kept.map((connection) => connection.closed));
    await stack.startProgram('rooms');
});

test('HTTP_PROXY, PATH_INFO and QUERY_STRING are not believed', async () => {
    const answer = await request(socket('accounts'), Object.entries(variables({ REQUEST_URI: '/api/user/profile',
        HTTP_PROXY: 'http://evil.example', PATH_INFO: '/api/auth/logout', SCRIPT_NAME: '', QUERY_STRING: 'a=b' })));
    assert.equal(answer.status, 200, answer.text);
});

test('what two programs might read differently is refused by the program itself', async () => {
    for (const target of ['/api/dashboard/../user/profile', '/api/./user/profile', '/api/%2e%2e/api/user/profile',
        '/api//user/profile', '/api%2Fuser/profile', '/api/user%5cprofile', '/api/%00user/profile', '/api/user/profile%ff',
        '/api/user/profile%zz', '/api/user/profile%4', '/api/user/profile?a=%ff', '/api/user/profile?a=%00', 'api/user/profile',
        '/api/user/profile?%', '*', `/api/user/profile?${'x'.repeat(4100)}`, '/api/user\\profile', '/api/user/profile?a=%ed%a0%80']) {
        const answer = await request(socket('accounts'), Object.entries(variables({ REQUEST_URI: target })));
        assert.equal(answer.status, 400, `${target}: ${answer.text}`);
        assert.equal(JSON.parse(answer.text).code, 'invalid_request');
    }
});

test('the absolute form of a target is its path', async () => {
    const answer = await request(socket('accounts'), Object.entries(variables({
        REQUEST_URI: 'http://elsewhere.example/api/user/profile?x=1' })));
    assert.equal(answer.status, 200, answer.text);
});

test('a prefix in front of every path is configured, and comes back in Location', () => {
    const env = { MAITRED_URI_PREFIX: '/house' };
    assert.equal(cgi('accounts', variables({ ...env, REQUEST_URI: '/house/api/user/profile' })).status, 200);
    assert.equal(cgi('accounts', variables({ ...env, REQUEST_URI: '/api/user/profile' })).status, 404);
    assert.equal(cgi('accounts', variables({ ...env, REQUEST_URI: '/houses/api/user/profile' })).status, 404);
    const made = cgi('reservations', variables({ ...env, REQUEST_METHOD: 'POST', REQUEST_URI: `/house${list}`,
        CONTENT_TYPE: 'application/json', CONTENT_LENGTH: String(Buffer.byteLength(body)) }), body);
    assert.match(made.headers.location, /^\/house\/api\/restaurant\/reservations\/res\d+$/);
});

test('two bodies at the limit and over it, whatever CONTENT_LENGTH says', async () => {
    const fill = (n) => [`{"customerName":"${'x'.repeat(n - 19)}"}`.slice(0, 60000),
        ...`{"customerName":"${'x'.repeat(n - 19)}"}`.slice(60000).match(/.{1,60000}/gs)];
    const ask = (n, length) => request(socket('reservations'), Object.entries(variables({ REQUEST_METHOD: 'POST',
        REQUEST_URI: list, CONTENT_TYPE: 'application/json', CONTENT_LENGTH: length })), fill(n));
    assert.equal((await ask(262144, '')).status, 422);
    assert.equal((await ask(262145, '')).status, 413);
    assert.equal((await ask(262145, '10')).status, 413);
});

test('without a socket and without a request it says what it needs', () => {
    assert.throws(() => execFileSync(`${bin}/maitred-stats`, ['--config', stack.config],
        { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH } }), { status: 1 });
    assert.match(execFileSync(`${bin}/maitred-stats`, ['--help'], { encoding: 'utf8' }), /--socket[\s\S]*threads/);
});
