// cache.test.mjs - conditional GETs: when a 304 costs no query, and when it must not be a 304.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, sql } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Venue, as } from './lib/venue.mjs';

const stack = new Stack('cache');
let venue, admin;
before(async () => {
    await stack.start();
    venue = new Venue('restaurant');
    admin = as(stack, venue.token(stack, 'admin'));
    await pageKnows(venue, admin);
});
after(() => stack.stopAll());

const list = '/api/restaurant/reservations';
const slow = '/api/user/profile'; // has no clock bucket: its tag changes by events alone
const writeInPsql = (id = venue.id) => sql(`insert into maitred.reservation
    (venue, customer_name, party_size, starts_at) values (${id}, 'By psql', 2, now() + interval '2 days')`);
// Calls of api functions by the REST role: what a 304 must leave alone.
const calls = () => Number(sql(`select coalesce(sum(s.calls), 0) from pg_stat_statements s
    join pg_roles r on r.oid = s.userid where r.rolname = 'maitred_rest'`));

async function tagOf(me, path) {
    const answer = await me.get(path);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers.etag, /^W\/"[0-9a-f]{16}"$/);
    return answer.headers.etag;
}

// The page learns of a venue from its events; then a 304 needs no query.
async function pageKnows(of, me) {
    await stack.sidecarReady();
    sql(`update maitred.venue set name = name || '.' where id = ${of.id}`);
    await until(async () => {
        const tag = await tagOf(me, slow);
        const n = calls();
        return (await me.get(slow, { 'if-none-match': tag })).status === 304 && calls() === n;
    }, 'the positions page knows the venue', 60000); // other files' programs are counted, too
}

// The list's tag also changes with the minute; a test that a minute ended in says nothing, and is done again.
function inOneMinute(name, f) {
    const minute = () => Math.floor(Date.now() / 60000);
    test(name, async () => {
        for (;;) {
            const began = minute();
            try {
                return await f();
            } catch (error) {
                if (minute() === began) throw error;
            }
        }
    });
}

inOneMinute('a 304 leaves pg_stat_statements as it was, a hundred times over', async () => {
    const tag = await tagOf(admin, list);
    const n = calls();
    for (let i = 0; i < 100; i++) {
        const answer = await admin.get(list, { 'if-none-match': tag });
        assert.equal(answer.status, 304);
        assert.equal(answer.text, '');
        assert.equal(answer.headers.etag, tag);
        assert.match(answer.headers['x-feed-position'], /^[0-9a-f]{8}v\d+-\d+$/);
        assert.equal(answer.headers['content-type'], undefined);
    }
    assert.equal(calls(), n);
});

// At once: as soon as the sidecar has heard the NOTIFY, which psql does not wait for.
test('a commit in psql is a 200 at once', async () => {
    for (let i = 0; i < 20; i++) {
        const tag = await tagOf(admin, list);
        writeInPsql();
        const answer = await until(async () => {
            const now = await admin.get(list, { 'if-none-match': tag });
            return now.status === 200 && now;
        }, `a 200 after commit ${i}`, 1000);
        assert.notEqual(answer.headers.etag, tag);
    }
});

test('a write over REST is a 200 at once, in another program too', async () => {
    for (let i = 0; i < 20; i++) {
        const [tag, figures] = [await tagOf(admin, list), await tagOf(admin, '/api/dashboard/reservations/today')];
        const made = await admin.post(list, { customerName: 'By REST', partySize: 2, date: new Date().toISOString() });
        assert.equal(made.status, 201, made.text);
        const [a, b] = await Promise.all([admin.get(list, { 'if-none-match': tag }),
            admin.get('/api/dashboard/reservations/today', { 'if-none-match': figures })]);
        assert.deepEqual([a.status, b.status], [200, 200]);
        const seq = (answer) => Number(answer.headers['x-feed-position'].split('-')[1]);
        assert.ok(seq(a) >= seq(made) && seq(b) >= seq(made));
    }
});

test('a change elsewhere leaves the answer unchanged: other area, other venue', async () => {
    const other = new Venue('restaurant');
    const tag = await tagOf(admin, slow);
    writeInPsql();
    writeInPsql(other.id);
    await until(async () => {
        const answer = await admin.get('/api/restaurant/reservations?limit=1');
        return answer.json[0];
    }, 'the reservation is there');
    const answer = await admin.get(slow, { 'if-none-match': tag });
    assert.equal(answer.status, 304);
});

test('tags are compared weakly, one of several, with the suffix of a compressing server', async () => {
    const tag = await tagOf(admin, slow);
    const bare = tag.slice(3, -1);
    for (const match of [tag, `"${bare}"`, `W/"${bare}-gzip"`, `W/"${bare};gzip"`, `"x", "y,z", ${tag}`,
        `W/"${bare}-br"`, '*'])
        assert.equal((await admin.get(slow, { 'if-none-match': match })).status, 304, match);
    for (const match of ['"x"', `"${bare}x"`, bare, `"${bare}`, '""', `"${bare.slice(1)}"`])
        assert.equal((await admin.get(slow, { 'if-none-match': match })).status, 200, match);
});

inOneMinute('the web server compresses, and its tag still matches', async () => {
    for (let i = 0; i < 30; i++) writeInPsql();
    const plain = await admin.get(`${list}?limit=200`);
    const zipped = await admin.get(`${list}?limit=200`, { 'accept-encoding': 'gzip' });
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    // lighttpd and Apache put a suffix to it; nginx leaves a weak tag as it is.
    assert.match(zipped.headers.etag, /^W\/"[0-9a-f]{16}(-gzip)?"$/);
    assert.equal(zipped.headers.etag.replace('-gzip', ''), plain.headers.etag);
    const again = await admin.get(`${list}?limit=200`, {
        'accept-encoding': 'gzip', 'if-none-match': zipped.headers.etag });
    assert.equal(again.status, 304);
});

test('"*" on something that is not there is its 404', async () => {
    assert.equal((await admin.get(`${list}/res999999999`, { 'if-none-match': '*' })).status, 404);
});

inOneMinute('what a viewer sees has another tag than what an admin sees', async () => {
    const viewer = as(stack, venue.token(stack, 'viewer'));
    const [mine, theirs] = [await tagOf(admin, list), await tagOf(viewer, list)];
    assert.notEqual(mine, theirs);
    assert.equal((await viewer.get(list, { 'if-none-match': mine })).status, 200);
    assert.equal((await as(stack, venue.token(stack, 'manager')).get(list, { 'if-none-match': mine })).status, 304);
});

test('a tag of one query, path, account or venue is none for another', async () => {
    const tag = await tagOf(admin, `${list}?status=pending`);
    for (const path of [list, `${list}?status=confirmed`, `${list}?status=pending&page=2`])
        assert.equal((await admin.get(path, { 'if-none-match': tag })).status, 200, path);
    const me = await tagOf(admin, slow);
    assert.equal((await as(stack, venue.token(stack, 'manager')).get(slow, { 'if-none-match': me })).status, 200);
    const other = new Venue('restaurant');
    assert.equal((await as(stack, other.token(stack, 'admin')).get(list, { 'if-none-match': tag })).status, 200);
});

test('never a 304 before the token is checked', async () => {
    const tag = await tagOf(admin, slow);
    assert.equal((await as(stack).get(slow, { 'if-none-match': tag })).status, 401);
    assert.equal((await as(stack, 'nonsense').get(slow, { 'if-none-match': tag })).status, 401);
    const kitchen = as(stack, venue.token(stack, 'kitchen'));
    assert.equal((await kitchen.get(list, { 'if-none-match': await tagOf(admin, list) })).status, 403);
});

test('bad arguments are no 304 either', async () => {
    const answer = await admin.get(`${list}?limit=0`, { 'if-none-match': await tagOf(admin, list) });
    assert.equal(answer.status, 422);
});

// The tag of an answer that is unchanged and yet costs a query: the page is not trusted. (That a query is made
// is not enough: the minute may have ended while the page was still good.)
const staleTag = () => until(async () => {
    const tag = await tagOf(admin, list), n = calls();
    return (await admin.get(list, { 'if-none-match': tag })).status === 304 && calls() > n && tag;
}, 'the database is asked, and says that nothing has changed');

test('without a sidecar the database is asked, and answers are right', async () => {
    await stack.stop('sidecar');
    const tag = await staleTag();
    writeInPsql();
    assert.equal((await admin.get(list, { 'if-none-match': tag })).status, 200);
    assert.notEqual(await staleTag(), tag);
    stack.startSidecar();
    await pageKnows(venue, admin);
});

test('a sidecar that died hard is no reason to trust its page', async () => {
    await stack.stop('sidecar', 'SIGKILL');
    const tag = await staleTag();
    writeInPsql();
    assert.equal((await admin.get(list, { 'if-none-match': tag })).status, 200);
    stack.startSidecar();
    await pageKnows(venue, admin);
});
