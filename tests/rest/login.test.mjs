// login.test.mjs - tokens, cookies and keys: how they are got, how they end, what they do not open.
import assert from 'node:assert/strict';
import { generateKeyPairSync, createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as, password, roles } from './lib/venue.mjs';

const stack = new Stack('login');
before(() => stack.start());
after(() => stack.stopAll());

const profile = '/api/user/profile';
const nobody = () => as(stack);
// Each test its own address: attempts are counted per address too.
let addresses = 0;
const from = () => ({ 'x-forwarded-for': `10.1.${addresses >> 8}.${addresses++ & 255}` });
const login = (venue, username, word = password, headers = from()) =>
    nobody().post('/api/auth/login', { username, password: word, venue: venue.slug }, headers);
const refused = (answer, code, status = 401) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(answer.json.code, code);
};
const cookieOf = (answer) => answer.headers['set-cookie']?.[0] ?? '';

test('each role logs in and is told who it is', async () => {
    const venue = new Venue('restaurant');
    for (const role of roles) {
        const answer = await login(venue, role);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(Object.keys(answer.json).sort(), ['expiresAt', 'token', 'user']);
        assert.equal(answer.json.user.role, role);
        assert.equal(answer.json.user.venue.slug, venue.slug);
        const life = Date.parse(answer.json.expiresAt) - Date.now();
        assert.ok(life > 3590e3 && life <= 3601e3, String(life));
        const me = await as(stack, answer.json.token).get(profile);
        assert.equal(me.json.role, role);
    }
});

test('the cookie is HttpOnly and strict, and Secure only behind https', async () => {
    const venue = new Venue('restaurant');
    const plain = cookieOf(await login(venue, 'admin'));
    assert.match(plain, /^maitred_token=[\w.-]+; Max-Age=36\d\d; Path=\/; HttpOnly; SameSite=Strict$/);
    const secure = cookieOf(await login(venue, 'admin', password, { ...from(), 'x-forwarded-proto': 'https' }));
    assert.match(secure, /; Secure$/);
});

test('a wrong password, an unknown name and an unknown venue look alike', async () => {
    const venue = new Venue('restaurant');
    const answers = [await login(venue, 'admin', 'wrong'), await login(venue, 'nobody'),
        await login({ slug: 'no-such-venue' }, 'admin')];
    for (const answer of answers) {
        refused(answer, 'bad_credentials');
        assert.equal(answer.json.detail, answers[0].json.detail);
        assert.equal(cookieOf(answer), '');
    }
});

test('an inactive account or venue does not log in', async () => {
    const venue = new Venue('restaurant');
    sql(`update maitred.account set active = false where id = ${venue.accounts.waiter}`);
    refused(await login(venue, 'waiter'), 'bad_credentials');
    sql(`update maitred.venue set active = false where id = ${venue.id}`);
    refused(await login(venue, 'admin'), 'bad_credentials');
});

test('every missing or bad member of a login is named', async () => {
    const fields = async (body) => (await nobody().post('/api/auth/login', body)).json.errors
        .map((e) => `${e.field} ${e.code}`).sort();
    assert.deepEqual(await fields({}), ['password required', 'username required', 'venue required']);
    assert.deepEqual(await fields({ username: 7, venue: 'x', hue: 1 }), ['hue unknown', 'username type']);
});

test('the sixth failure in five minutes is told to wait, and so is the right password then', async () => {
    const venue = new Venue('restaurant');
    for (let i = 0; i < 5; i++) refused(await login(venue, 'manager', `wrong ${i}`), 'bad_credentials');
    const wait = await login(venue, 'manager');
    refused(wait, 'rate_limited', 429);
    const seconds = Number(wait.headers['retry-after']);
    assert.ok(seconds > 200 && seconds <= 300, wait.headers['retry-after']);
    assert.equal((await login(venue, 'admin')).status, 200);
});

test('twenty failures from one address stop it, whatever names it tries', async () => {
    const venue = new Venue('restaurant');
    const here = from();
    for (let i = 0; i < 20; i++) refused(await login(venue, `name${i}`, 'x', here), 'bad_credentials');
    refused(await login(venue, 'admin', password, here), 'rate_limited', 429);
    assert.equal((await login(venue, 'admin')).status, 200);
    // What a client writes itself in front of the proxy's own entry is not believed.
    const forged = { 'x-forwarded-for': `9.9.9.9, ${here['x-forwarded-for']}` };
    refused(await login(venue, 'admin', password, forged), 'rate_limited', 429);
});

test('logging out ends the token at once, in every program, and takes the cookie', async () => {
    const venue = new Venue('restaurant');
    const { token } = (await login(venue, 'admin')).json;
    const me = as(stack, token);
    assert.equal((await me.get('/api/dashboard/stats')).status, 200);
    const out = await me.post('/api/auth/logout');
    assert.equal(out.status, 204, out.text);
    assert.match(cookieOf(out), /^maitred_token=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict/);
    for (const path of [profile, '/api/dashboard/stats', '/api/restaurant/reservations'])
        refused(await me.get(path), 'token_revoked');
    refused(await me.post('/api/auth/refresh'), 'token_revoked');
});

test('refresh gives a new token with the role of now', async () => {
    const venue = new Venue('restaurant');
    const first = (await login(venue, 'admin')).json;
    const second = await as(stack, first.token).post('/api/auth/refresh');
    assert.equal(second.status, 200, second.text);
    assert.notEqual(second.json.token, first.token);
    assert.equal(second.json.user.role, 'admin');
    assert.match(cookieOf(second), /^maitred_token=\w/);
    assert.equal((await as(stack, second.json.token).get(profile)).status, 200);
    assert.equal((await as(stack, first.token).get(profile)).status, 200);
});

// What psql changed is known when the sidecar has heard of it: within a second (SPEC section 2).
const ended = (me, path) => until(async () => {
    const answer = await me.get(path);
    return answer.status !== 200 && answer;
}, `${path} is refused`, 1000);

const atOnce = {
    demotion: ["role = 'viewer'", 'role_changed'],
    deactivation: ['active = false', 'role_changed'],
    'a new password': ["password_hash = '$y$j75$x$y'", 'role_changed'],
};
for (const [what, [change, code]] of Object.entries(atOnce)) {
    test(`${what} in psql ends the account's tokens at once`, async () => {
        const venue = new Venue('restaurant');
        const me = as(stack, venue.token(stack, 'manager', { iat: Math.floor(Date.now() / 1000) - 60 }));
        for (const path of [profile, '/api/dashboard/stats']) assert.equal((await me.get(path)).status, 200);
        sql(`update maitred.account set ${change} where id = ${venue.accounts.manager}`);
        for (const path of [profile, '/api/dashboard/stats']) refused(await ended(me, path), code);
    });
}

test('closing a venue ends all of its tokens at once', async () => {
    const venue = new Venue('restaurant');
    const me = as(stack, venue.token(stack, 'admin'));
    assert.equal((await me.get(profile)).status, 200);
    sql(`update maitred.venue set active = false where id = ${venue.id}`);
    refused(await ended(me, profile), 'role_changed');
});

test('who was demoted logs in again with what is left', async () => {
    const venue = new Venue('restaurant');
    sql(`update maitred.account set role = 'viewer' where id = ${venue.accounts.manager}`);
    const { token, user } = (await login(venue, 'manager')).json;
    assert.equal(user.role, 'viewer');
    const me = as(stack, token);
    assert.equal((await me.get(profile)).json.role, 'viewer');
    assert.equal((await me.post('/api/restaurant/reservations', {})).status, 403);
});

test('expired, early, foreign and forged tokens open nothing', async () => {
    const venue = new Venue('restaurant');
    const now = Math.floor(Date.now() / 1000);
    const good = venue.token(stack, 'admin');
    assert.equal((await as(stack, good).get(profile)).status, 200);
    refused(await as(stack, venue.token(stack, 'admin', { exp: now })).get(profile), 'token_expired');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
        .export({ type: 'spki', format: 'pem' });
    const [head, body] = good.split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT","kid":"a"}').toString('base64url')}.${body}.`;
    const bad = {
        'not yet': venue.token(stack, 'admin', { nbf: now + 600, iat: now + 600 }),
        'no exp': venue.token(stack, 'admin', { exp: undefined }),
        'exp a float': venue.token(stack, 'admin', { exp: now + 60.5 }),
        'other issuer': venue.token(stack, 'admin', { iss: 'elsewhere' }),
        'other audience': venue.token(stack, 'admin', { aud: 'elsewhere' }),
        'unknown key': venue.token(stack, 'admin', {}, { kid: 'b' }),
        'other algorithm': venue.token(stack, 'admin', {}, { alg: 'HS512' }),
        'no signature': `${head}.${body}.`,
        'alg none': none,
        'another key': `${head}.${body}.${createHmac('sha256', rsa).update(`${head}.${body}`).digest('base64url')}`,
        'cut': good.slice(0, -2),
    };
    for (const [what, token] of Object.entries(bad)) {
        const answer = await as(stack, token).get(profile);
        assert.equal(answer.json?.code, 'token_invalid', what);
        assert.equal(answer.status, 401, what);
        assert.match(answer.headers['www-authenticate'], /^Bearer .*error="invalid_token"/, what);
    }
    refused(await nobody().get(profile), 'unauthenticated');
});

test('a token says its account: a role that the account does not have opens nothing', async () => {
    const venue = new Venue('restaurant');
    await stack.stop('sidecar');
    try {
        const token = venue.token(stack, 'admin', { sub: String(venue.accounts.viewer) });
        await until(async () => (await as(stack, token).get(profile)).status === 401, 'the database is asked');
    } finally {
        stack.startSidecar();
    }
});

test('an API key is a bearer and a login, until it is revoked', async () => {
    const venue = new Venue('restaurant');
    const key = venue.apiKey('frontdesk');
    const me = as(stack, key);
    assert.equal((await me.get(profile)).json.role, 'frontdesk');
    assert.equal((await me.get(profile)).status, 200);
    const opened = await nobody().post('/api/auth/login', { apiKey: key }, from());
    assert.equal(opened.status, 200, opened.text);
    assert.equal(opened.json.user.role, 'frontdesk');
    assert.equal((await as(stack, opened.json.token).get(profile)).status, 200);
    assert.equal((await me.post('/api/auth/logout')).status, 400);
    sql(`update maitred.api_key set revoked_at = now() where venue = ${venue.id}`);
    refused(await ended(me, profile), 'token_invalid');
    // What was opened by the key goes with it, and does not come back by a renewal.
    refused(await ended(as(stack, opened.json.token), profile), 'role_changed');
    refused(await as(stack, opened.json.token).post('/api/auth/refresh'), 'role_changed');
    assert.equal((await login(venue, 'frontdesk')).status, 200);
    refused(await nobody().post('/api/auth/login', { apiKey: key }, from()), 'bad_credentials');
    refused(await nobody().post('/api/auth/login', { apiKey: 'mk_x' }, from()), 'bad_credentials');
});

test('a cookie reads from anywhere and writes only from our own pages', async () => {
    const venue = new Venue('restaurant');
    const { token } = (await login(venue, 'admin')).json;
    const cookie = `theme=dark; maitred_token=${token}`;
    const host = `127.0.0.1:${stack.port}`;
    const write = (headers) => nobody().patch('/api/restaurant/reservations/res1', { partySize: 2 },
        { cookie, ...headers });
    assert.equal((await nobody().get(profile, { cookie })).status, 200);
    for (const headers of [{ origin: `http://${host}` }, { 'sec-fetch-site': 'same-origin' },
        { origin: 'https://shop.example', 'sec-fetch-site': 'cross-site' }])
        assert.equal((await write(headers)).status, 404, JSON.stringify(headers));
    for (const headers of [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' }, { origin: `http://127.0.0.1:${stack.port + 1}` },
        { origin: `http://evil.example`, 'sec-fetch-site': 'same-origin' }])
        refused(await write(headers), 'origin_refused', 403);
    const bearer = await as(stack, token).patch('/api/restaurant/reservations/res1', { partySize: 2 },
        { origin: 'https://evil.example' });
    assert.equal(bearer.status, 404);
});

test('a cookie that opens nothing any more is taken back', async () => {
    const answer = await nobody().get(profile, { cookie: 'maitred_token=nonsense' });
    refused(answer, 'token_invalid');
    assert.match(cookieOf(answer), /^maitred_token=; Max-Age=0/);
});
