// Who may stay: revoked tokens and changed accounts close their open sockets within a second, on
// every sidecar (SPEC section 2).
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Sidecar, makeVenue, sql, ticket, token, until } from './lib/rig.mjs';

let sidecars;
before(async () => { sidecars = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all(sidecars.map((s) => s.stop())));

const jtiOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')).jti;

async function open(sidecar, venue, role, bearer) {
    const c = sidecar.client(venue, role, {}, bearer);
    await c.opened;
    return c;
}

// The code it was closed with, and that it took less than a second from the commit.
async function closedSoon(clients, change) {
    const begun = Date.now();
    change();
    const committed = Date.now();
    const codes = await Promise.all(clients.map((c) => c.closed));
    assert.ok(Date.now() - committed < 1000, `${Date.now() - committed} ms after the commit (${committed - begun} ms)`);
    return codes;
}

async function refused(sidecar, venue, role, bearer) {
    const c = sidecar.client(venue, role, {}, bearer);
    await assert.rejects(c.opened, / 401$/);
}

test('a revoked token closes its sockets on every sidecar with 4003, and opens no more', async () => {
    const venue = makeVenue(), bearer = token(venue, 'waiter'), other = token(venue, 'waiter');
    const mine = await Promise.all(sidecars.map((s) => open(s, venue, 'waiter', bearer)));
    const stays = await open(sidecars[0], venue, 'waiter', other);
    const codes = await closedSoon(mine, () => sql(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
        values ('${jtiOf(bearer)}', ${venue.id}, ${venue.accounts.waiter}, now() + interval '1 hour')`));
    assert.deepEqual(codes, [4003, 4003]);
    for (const sidecar of sidecars) await refused(sidecar, venue, 'waiter', bearer);
    await stays.ask({ action: 'ping' }, 'pong');
    await stays.close();
});

test('revoked while no sidecar ran: known at its start', async () => {
    const venue = makeVenue(), bearer = token(venue, 'waiter');
    sql(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
        values ('${jtiOf(bearer)}', ${venue.id}, ${venue.accounts.waiter}, now() + interval '1 hour')`);
    const late = await new Sidecar().start();
    await refused(late, venue, 'waiter', bearer);
    await late.stop();
});

test('what is committed while a sidecar starts is known to it', async () => {
    const venue = makeVenue(), bearer = token(venue, 'waiter'), late = new Sidecar();
    // It waits for the epoch, and looks at the heads only then: to the feed the revocation is the past.
    const hand = spawn('psql', ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    hand.stdin.write('begin; lock feed.state in access exclusive mode; select 1;\n');
    await once(hand.stdout, 'data');
    const started = late.start();
    try {
        await until(() => sql(`select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%api.feed_epoch_check(%'`), 'it waits');
        hand.stdin.write(`insert into maitred.revoked_token (jti, venue, account_id, expires_at)
            values ('${jtiOf(bearer)}', ${venue.id}, ${venue.accounts.waiter}, now() + interval '1 hour'); commit;\n`);
    } finally {
        hand.stdin.end();
    }
    await started;
    await refused(late, venue, 'waiter', bearer);
    await late.stop();
});

test('a venue that the feed has not told of yet is asked for; one that is not there is refused', async () => {
    const slug = `silent-${process.pid}`;
    // Replicated rows fire no triggers: no event ever tells of them.
    const venue = { slug, ...JSON.parse(sql(`begin; set local session_replication_role = replica;
        insert into maitred.venue (slug, kind, name) values ('${slug}', 'restaurant', 'Silent') returning id as v \\gset
        insert into maitred.account (venue, username, display_name, role) values (:v, 'admin', 'admin', 'admin') returning id as a \\gset
        commit; select json_build_object('id', :v, 'accounts', json_build_object('admin', :a))`)) };
    const ask = (bearer) => fetch(`http://127.0.0.1:${sidecars[0].port}/poll?channels=restaurant_tables`,
        { headers: { authorization: `Bearer ${bearer}` } });
    assert.equal((await ask(token(venue))).status, 200);
    const nowhere = await ask(token({ ...venue, id: 987654321 }));
    assert.deepEqual([nowhere.status, (await nowhere.json()).code], [401, 'token_revoked']);
});

test('another role: 4004 for the account alone, and the old token is refused', async () => {
    const venue = makeVenue(), bearer = token(venue, 'manager', { iat: Math.floor(Date.now() / 1000) - 5 });
    const mine = await Promise.all(sidecars.map((s) => open(s, venue, 'manager', bearer))), stays = await open(sidecars[0], venue, 'admin');
    const codes = await closedSoon(mine, () => sql(`update maitred.account set role = 'waiter' where venue = ${venue.id} and username = 'manager'`));
    assert.deepEqual(codes, [4004, 4004]);
    for (const sidecar of sidecars) await refused(sidecar, venue, 'manager', bearer);
    await stays.ask({ action: 'ping' }, 'pong');
    await stays.close();
});

test('an account made inactive is out with 4003', async () => {
    const venue = makeVenue(), c = await open(sidecars[0], venue, 'viewer');
    assert.deepEqual(await closedSoon([c], () => sql(`update maitred.account set active = false where venue = ${venue.id} and username = 'viewer'`)), [4003]);
    await refused(sidecars[0], venue, 'viewer');
});

test('a closed venue: all of its sockets, nobody else\'s', async () => {
    const venue = makeVenue(), other = makeVenue(), mine = [await open(sidecars[0], venue, 'admin'), await open(sidecars[1], venue, 'viewer')],
        stays = await open(sidecars[0], other, 'admin');
    assert.deepEqual(await closedSoon(mine, () => sql(`update maitred.venue set active = false where id = ${venue.id}`)), [4003, 4003]);
    await refused(sidecars[0], venue, 'admin');
    await stays.ask({ action: 'ping' }, 'pong');
    await stays.close();
});

test('an erased venue: its sockets close, nobody else\'s', async () => {
    const gone = makeVenue(), stays = makeVenue(), mine = [await open(sidecars[0], gone, 'admin'), await open(sidecars[1], gone, 'admin')],
        b = await open(sidecars[1], stays, 'admin');
    assert.deepEqual(await closedSoon(mine, () => sql(`select maitred.erase_venue('${gone.slug}', '${gone.slug}')`)), [4003, 4003]);
    await refused(sidecars[1], gone, 'admin');
    await b.ask({ action: 'ping' }, 'pong');
    await b.close();
});

test('an API key is a bearer, until it is revoked', async () => {
    const venue = makeVenue(), key = `mk_${'k'.repeat(40)}${String(venue.id).padStart(3, '0').slice(-3)}`;
    const id = sql(`insert into maitred.api_key (venue, account_id, hash, label) values (${venue.id}, ${venue.accounts.admin},
        '${createHash('sha256').update(key).digest('hex')}', 'test') returning id`);
    const c = await open(sidecars[0], venue, 'admin', key);
    assert.deepEqual((await c.subscribe('restaurant_stats')).channels, ['restaurant_stats']);
    const codes = await closedSoon([c], () => sql(`update maitred.api_key set revoked_at = now() where venue = ${venue.id} and id = ${id}`));
    assert.deepEqual(codes, [4003]);
    await refused(sidecars[0], venue, 'admin', key);
});

test('a token that runs out closes its socket by itself', async () => {
    const venue = makeVenue(), now = Math.floor(Date.now() / 1000);
    const c = await open(sidecars[0], venue, 'admin', token(venue, 'admin', { exp: now + 3 }));
    assert.equal(await c.closed, 4003);
    await until(() => Date.now() / 1000 >= now + 3, 'not before its time');
});

test('a ticket that two sidecars are asked for at once opens one socket', async () => {
    const venue = makeVenue();
    await Promise.all(sidecars.map(async (s) => (await open(s, venue, 'admin')).close())); // both know the venue
    for (let i = 0; i < 10; i++) {
        const query = { ticket: ticket(venue, 'waiter') };
        const asked = [...sidecars, ...sidecars].map((s) => s.client(venue, 'waiter', query, ''));
        const answers = await Promise.allSettled(asked.map((c) => c.opened));
        assert.deepEqual(answers.map((a) => a.reason?.message.slice(-3) ?? 'open').sort(), ['401', '401', '401', 'open']);
        await asked[answers.findIndex((a) => a.status === 'fulfilled')].close();
    }
    assert.equal(sql(`select count(*) from maitred.ticket where venue = ${venue.id}`), '0');
});

test('the socket of a ticket is its account\'s: another role closes it', async () => {
    const venue = makeVenue();
    await (await open(sidecars[1], venue, 'admin')).close();
    const c = sidecars[1].client(venue, 'manager', { ticket: ticket(venue, 'manager') }, '');
    await c.opened;
    assert.deepEqual((await c.subscribe('restaurant_stats')).channels, ['restaurant_stats']);
    assert.deepEqual(await closedSoon([c], () => sql(`update maitred.account set role = 'waiter' where venue = ${venue.id} and username = 'manager'`)), [4004]);
});
