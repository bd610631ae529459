// matrix.test.mjs - every operation x every role and guest x own venue, another's ids, no token, an
// expired, a revoked and a forged one. What is expected is read from the tables: the operations from
// the OpenAPI document, the rights from docs/permissions.md. What any venue's accounts were answered
// is searched for the canaries of all the others. (fifty.test.mjs says some of it by hand.)
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Furnished } from './lib/furnished.mjs';
import { everyone, grant } from '../lib/permissions.mjs';
import { operations, query } from './lib/operations.mjs';
import { Stack } from './lib/stack.mjs';
import { as } from './lib/venue.mjs';

const stack = new Stack('matrix');
const venues = {};
let all;
before(async () => {
    await stack.start();
    for (const kind of ['restaurant', 'hotel']) venues[kind] = [new Furnished(kind), new Furnished(kind)];
    all = await operations(stack);
});
after(() => stack.stopAll());

// The two venues whose operation it is: the one that owns the ids, and the neighbour.
const pair = (op) => venues[op.path.includes('/hotel') ? 'hotel' : 'restaurant'];
const tokenOf = (venue, role, claims) =>
    role === 'guest' ? venue.guest(stack, claims) : venue.token(stack, role, claims);

// Who received what: searched for canaries when everybody has been answered.
const received = [];
async function call(op, owner, asker, token, body) {
    const target = owner.path(op.path) + query(op);
    for (;;) {
        const answer = await as(stack, token).call(op.method, target, op.write ? body ?? {} : undefined);
        if (answer.status === 429 && answer.headers['retry-after']) {
            await sleep(1000 * answer.headers['retry-after']);
            continue;
        }
        received.push({ op, asker, text: JSON.stringify(answer.headers) + answer.text });
        return answer;
    }
}

const problems = [];
const expect = (holds, op, who, answer) => {
    if (!holds) problems.push(`${op.method} ${op.path}, ${who}: ${answer.status} ${answer.text.slice(0, 200)}`);
};
const settle = () => assert.deepEqual(problems.splice(0), []);
// A member that no operation knows: whoever gets as far as this was let in, and nothing was done.
const harmless = { 'no-such-member': 1 };

test('the tables are whole: each operation has its right, each path something to ask for', () => {
    assert.ok(all.length > 40, `${all.length} operations`);
    for (const op of all) {
        assert.ok(op.capability, op.id);
        pair(op)[0].path(op.path);
        for (const role of everyone) grant(role, op.capability);
    }
});

test('each role in its own venue: whom the table grants it gets in, and nobody else', async () => {
    for (const op of all) {
        const [own] = pair(op);
        for (const role of everyone) {
            const may = grant(role, op.capability);
            const answer = await call(op, own, own, tokenOf(own, role), harmless);
            if (!may) expect(answer.status === 403 && answer.json.code === 'forbidden', op, role, answer);
            else if (op.write) expect(answer.status === 422 && answer.text.includes('no-such-member'), op, role, answer);
            else if (may === 'own') expect([200, 404].includes(answer.status), op, role, answer);
            else expect(answer.status === 200, op, role, answer);
        }
    }
    settle();
});

// With a body that is right as far as can be told from outside, so that it gets to the id itself.
test('the neighbour with this venue\'s ids finds nothing, whoever asks, and nothing has changed', async () => {
    const before = Object.values(venues).map(([own]) => own.digest());
    for (const op of all.filter(({ path, capability }) => path.includes('{') && capability !== 'public')) {
        const [own, other] = pair(op);
        if (/\/floors\/\{/.test(op.path)) continue; // a floor's number means the caller's own
        for (const role of everyone) {
            const answer = await call(op, own, other, tokenOf(other, role), op.example);
            expect(answer.status === (grant(role, op.capability) ? 404 : 403), op, `${role} of the neighbour`, answer);
        }
    }
    settle();
    assert.deepEqual(Object.values(venues).map(([own]) => own.digest()), before);
});

test('what has no id answers the neighbour about the neighbour', async () => {
    for (const op of all.filter(({ path, write }) => !path.includes('{') && !write)) {
        const [own, other] = pair(op);
        for (const role of everyone.filter((role) => grant(role, op.capability))) {
            const answer = await call(op, own, other, tokenOf(other, role));
            expect(answer.status === 200, op, `${role} of the neighbour`, answer);
        }
    }
    settle();
});

const past = () => Math.floor(Date.now() / 1000) - 7200;
const resigned = (token, key) => {
    const signed = token.split('.').slice(0, 2).join('.');
    return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};
const unsigned = (token) => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${token.split('.')[1]}.`;
const promoted = (token) => {
    const [head, body, mark] = token.split('.');
    const claims = { ...JSON.parse(Buffer.from(body, 'base64url')), role: 'admin', name: 'mallory' };
    return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), mark].join('.');
};
const bad = {
    'no token': () => undefined,
    'an expired token': (own, role) => tokenOf(own, role, { iat: past(), nbf: past(), exp: past() + 3600 }),
    'a token that is not valid yet': (own, role) => tokenOf(own, role, { nbf: past() + 14400, exp: past() + 20000 }),
    'a token of another key': (own, role) => resigned(tokenOf(own, role), randomBytes(48)),
    'an unsigned token': (own, role) => unsigned(tokenOf(own, role)),
    'a token that was rewritten': (own, role) => promoted(tokenOf(own, role)),
    'a token of another audience': (own, role) => tokenOf(own, role, { aud: 'elsewhere' }),
};
for (const [what, make] of Object.entries(bad)) {
    test(`${what} opens nothing but what is public`, async () => {
        for (const op of all.filter(({ capability }) => capability !== 'public')) {
            const [own] = pair(op);
            for (const role of what === 'no token' ? ['nobody'] : everyone)
                await refused(op, own, `${role} with ${what}`, make(own, role));
        }
        settle();
    });
}

async function refused(op, own, who, token) {
    const answer = await call(op, own, null, token, op.example);
    expect(answer.status === 401 && answer.headers['content-type'] === 'application/problem+json' &&
        answer.headers['www-authenticate'], op, who, answer);
}

test('a token that was logged out opens nothing, of any role', async () => {
    for (const kind of Object.keys(venues)) {
        const [own] = venues[kind];
        for (const role of everyone) {
            const token = tokenOf(own, role);
            const out = await as(stack, token).post('/api/auth/logout');
            assert.equal(out.status, 204, `${role}: ${out.text}`);
            for (const op of all.filter((op) => pair(op)[0] === own && op.capability !== 'public'))
                await refused(op, own, `${role}, logged out`, token);
        }
    }
    settle();
});

test('the canaries are in what the venue itself reads', () => {
    // Figures and states: there is no word of anybody's in them.
    const wordless = /\/(stats|trends|frequency|sources)$|^\/admin\/api\/tables$|openapi\.json$/;
    const silent = all.filter((op) => !op.write && !wordless.test(op.path)).filter((op) => {
        const [own] = pair(op);
        return !received.some((r) => r.op === op && r.asker === own && own.canaries.some((c) => r.text.includes(c)));
    });
    assert.deepEqual(silent.map((op) => op.path), []);
});

test('no canary of a venue is in what anybody else was answered', () => {
    const found = [];
    for (const owner of Object.values(venues).flat()) {
        for (const { op, asker, text } of received.filter((r) => r.asker !== owner)) {
            const canary = owner.canaries.find((word) => text.includes(word));
            if (canary) found.push(`${op.method} ${op.path} told ${asker?.slug ?? 'a stranger'} ${canary}`);
        }
    }
    assert.ok(received.length > 2000, `${received.length} answers`);
    assert.deepEqual(found, []);
});
