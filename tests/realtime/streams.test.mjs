// Event streams (SPEC 5.6, CONFORMANCE section 4): what a real EventSource sees, and the bytes on the
// wire.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';
import { Sidecar, addOrder, addReservation, head, makeVenue, psql, seqOf, setTable, sql, token, until } from './lib/rig.mjs';
import { Source, blocks, get, urlOf } from './lib/listen.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar({ ping_interval_ms: 400 }).start(); });
after(() => sidecar.stop());

const known = (venue) => get(sidecar, venue, '/poll', { channels: venue.kind === 'hotel' ? 'hotel_rooms' : 'restaurant_tables' });
const source = (on, venue, channels, more = {}, bearer = token(venue)) => new Source(() => urlOf(on, '/events', { channels, ...more }), bearer);
const flicker = (venue, times) => psql(Array.from({ length: times }, (_, i) =>
    `update maitred.dining_table set status_note = 'n${i}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));
const streams = (on) => on.metric('maitred_connections', 'events');

test('the head and the blocks are what the HTML standard wants', async () => {
    const venue = makeVenue();
    await known(venue);
    const answer = await get(sidecar, venue, '/events', { channels: 'restaurant_reservations' });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    assert.equal(answer.headers.get('x-accel-buffering'), 'no');
    const stream = blocks(answer), next = async () => (await stream.next()).value;
    assert.match((await next()).retry, /^\d+$/);
    const ack = await next();
    assert.equal(ack.event, 'subscribed');
    assert.deepEqual(JSON.parse(ack.data).channels, ['restaurant_reservations']);
    addReservation(venue);
    let block = await next();
    while (block.comment) block = await next();
    assert.equal(block.event, 'new_reservation');
    const message = JSON.parse(block.data);
    assert.deepEqual([message.type, message.cursor, message.reservation.customerName], ['new_reservation', block.id, 'John Smith']);
    await stream.return();
});

test('a message is the one of /ws, to the letter', async () => {
    const venue = makeVenue(), c = sidecar.client(venue);
    await c.opened;
    await c.subscribe('restaurant_orders', 'restaurant_tables');
    const s = source(sidecar, venue, 'restaurant_orders,restaurant_tables');
    await s.wait('subscribed');
    addOrder(venue);
    setTable(venue, 'occupied');
    for (const type of ['order_created', 'table_update']) {
        const { event, id, ...message } = await s.wait(type);
        assert.deepEqual(message, await c.wait(type));
        assert.deepEqual([event, id], [type, message.cursor]);
    }
    s.close();
    await c.close();
});

test('a quiet channel\'s position moves on by blocks of nothing but an id', async () => {
    const venue = makeVenue();
    await known(venue);
    const answer = await get(sidecar, venue, '/events', { channels: 'restaurant_tables' }), stream = blocks(answer);
    addReservation(venue); // not its channel
    for await (const block of stream) {
        if (!block.comment || seqOf(block.id) < head(venue)) continue;
        assert.deepEqual([block.event, block.data], [undefined, undefined]);
        break;
    }
});

test('figures come at once, and again when they change', async () => {
    const venue = makeVenue();
    await known(venue);
    const s = source(sidecar, venue, 'restaurant_stats');
    const first = await s.wait('stats_update'), at = s.got.length;
    addReservation(venue);
    const second = await s.wait('stats_update', at);
    assert.notDeepEqual(second.stats, first.stats);
    s.close();
});

test('whose stream breaks goes on where it was, on another sidecar, each event once', async () => {
    const own = await new Sidecar().start(), venue = makeVenue();
    let at = own;
    const s = source(own, venue, 'restaurant_tables');
    const moving = new Source(() => urlOf(at, '/events', { channels: 'restaurant_tables' }), token(venue));
    await Promise.all([s, moving].map((x) => x.wait('subscribed')));
    await flicker(venue, 10);
    await moving.wait((m) => m.table?.notes === 'n9');
    s.close();
    at = sidecar;
    await own.kill();
    await flicker(venue, 20);
    await moving.wait((m) => m.table?.notes === 'n19');
    const seqs = moving.got.filter((m) => m.table?.notes).map((m) => seqOf(m.id));
    assert.deepEqual(seqs, Array.from({ length: 30 }, (_, i) => seqs[0] + i));
    assert.ok(moving.requests.length >= 2 && moving.requests.at(-1).last, 'it came back with Last-Event-ID');
    assert.equal(moving.find('resync'), undefined);
    moving.close();
});

test('a position of another epoch is a snapshot, and the client is told', async () => {
    const venue = makeVenue();
    await known(venue);
    setTable(venue, 'occupied');
    const s = source(sidecar, venue, 'restaurant_tables', { since: `00000000v${venue.id}-1` });
    const told = await s.wait('resync'), snapshot = await s.wait('snapshot');
    assert.deepEqual(told.channels, ['restaurant_tables']);
    assert.equal(snapshot.channel, 'restaurant_tables');
    assert.equal(snapshot.data.length, 2);
    assert.ok(seqOf(snapshot.id) >= head(venue));
    s.close();
});

test('what is refused ends an EventSource, and says which field', async () => {
    const venue = makeVenue(), other = makeVenue();
    await known(venue);
    await known(other);
    const ask = async (query, bearer = token(venue), headers = {}) => {
        const answer = await get(sidecar, venue, '/events', query, headers, bearer), body = await answer.json();
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        return [answer.status, body.code, body.errors?.map((e) => e.field)];
    };
    const good = { channels: 'restaurant_tables' };
    assert.deepEqual(await ask({}), [422, 'invalid_field', ['channels']]);
    assert.deepEqual(await ask({ channels: 'nonsense,restaurant_tables' }), [403, 'invalid_field', ['channels']]);
    assert.deepEqual(await ask({ channels: 'hotel_rooms' }), [403, 'invalid_field', ['channels']]);
    assert.deepEqual(await ask({ channels: 'restaurant_stats' }, token(venue, 'kitchen')), [403, 'invalid_field', ['channels']]);
    assert.deepEqual((await ask(good, 'nonsense')).slice(0, 2), [401, 'token_invalid']);
    assert.deepEqual((await ask({ ...good, since: 'nonsense' })).slice(0, 2), [400, 'invalid_cursor']);
    assert.deepEqual((await ask({ ...good, since: `00000000v${other.id}-1` })).slice(0, 2), [400, 'invalid_cursor']);
    assert.deepEqual((await ask(good, token(venue), { 'last-event-id': 'nonsense' })).slice(0, 2), [400, 'invalid_cursor']);
    const many = Array.from({ length: 65 }, (_, i) => `table:${i + 1}`).join(',');
    assert.deepEqual((await ask({ channels: many })).slice(0, 2), [422, 'too_many_subscriptions']);
    const s = source(sidecar, venue, 'nonsense');
    await until(() => s.es.readyState === 2, 'it gave up');
    assert.deepEqual(s.requests.map((r) => r.status), [403]);
});

test('who comes when there is no room is told in a stream when to come again', async () => {
    const own = await new Sidecar({ max_per_account: 1 }).start(), venue = makeVenue();
    await until(async () => (await get(own, venue, '/poll', { channels: 'restaurant_tables' })).ok, 'the venue is known');
    const first = source(own, venue, 'restaurant_tables');
    await first.wait('subscribed');
    const answer = await get(own, venue, '/events', { channels: 'restaurant_tables' });
    const text = await answer.text();
    assert.equal(answer.status, 200);
    assert.match(text, /^retry: \d+\n: too_many_connections\n\n$/);
    const second = source(own, venue, 'restaurant_tables');
    await until(() => second.requests.length > 0, 'it has tried');
    first.close();
    await second.wait('subscribed');
    second.close();
    await own.stop();
});

test('a token that is revoked ends the stream with a reason; the next attempt is final', async () => {
    const venue = makeVenue(), bearer = token(venue, 'admin', { jti: `stream-${venue.id}` });
    await known(venue);
    const s = source(sidecar, venue, 'restaurant_tables', {}, bearer);
    await s.wait('subscribed');
    sql(`insert into maitred.revoked_token (venue, account_id, jti, expires_at) values (${venue.id}, ${venue.accounts.admin}, 'stream-${venue.id}', clock_timestamp() + interval '1 hour')`);
    assert.equal((await s.wait('close')).code, 4003);
    await until(() => s.es.readyState === 2, 'it gave up');
    assert.equal(s.requests.at(-1).status, 401);
});

test('who leaves is noticed, and who does not read is let go', async () => {
    const own = await new Sidecar({ queue_bytes: 65536 }).start(), venue = makeVenue();
    await until(async () => (await get(own, venue, '/poll', { channels: 'restaurant_tables' })).ok, 'the venue is known');
    await until(async () => (await streams(own)) === 0, 'nobody is there');
    const answer = await get(own, venue, '/events', { channels: 'restaurant_tables' });
    assert.equal(await streams(own), 1);
    await answer.body.cancel();
    await until(async () => (await streams(own)) === 0, 'it is gone');
    const deaf = net.connect(own.port, '127.0.0.1');
    await once(deaf, 'connect');
    deaf.pause();
    deaf.write(`GET /events?channels=restaurant_tables&token=${token(venue)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(async () => (await streams(own)) === 1, 'it listens');
    const note = 'x'.repeat(200);
    await until(async () => {
        await psql(Array.from({ length: 400 }, (_, i) =>
            `update maitred.dining_table set status_note = '${note}${i % 7}' where venue = ${venue.id} and id = ${venue.tables[0]};`).join('\n'));
        return (await streams(own)) === 0;
    }, 'the slow one is let go', 60000);
    deaf.destroy();
    await own.stop();
});

test('a draining sidecar ends its streams with when to come back', async () => {
    const own = await new Sidecar().start(), venue = makeVenue();
    await until(async () => (await get(own, venue, '/poll', { channels: 'restaurant_tables' })).ok, 'the venue is known');
    const answer = await get(own, venue, '/events', { channels: 'restaurant_tables' }), stream = blocks(answer);
    await stream.next();
    await stream.next();
    const stopped = own.stop();
    const last = [];
    for await (const block of stream) last.push(block);
    const close = last.find((b) => b.event === 'close');
    assert.equal(JSON.parse(close.data).code, 1012);
    assert.match(close.retry, /^\d+$/);
    await stopped;
});

test('pages of other sites may read only where they are listed', async () => {
    const own = await new Sidecar({ allowed_origins: 'https://pages.example' }).start(), venue = makeVenue();
    await until(async () => (await get(own, venue, '/poll', { channels: 'restaurant_tables' })).ok, 'the venue is known');
    const query = { channels: 'restaurant_tables' };
    for (const path of ['/events', '/poll']) {
        const listed = await get(own, venue, path, query, { origin: 'https://pages.example' });
        assert.equal(listed.headers.get('access-control-allow-origin'), 'https://pages.example');
        assert.equal(listed.headers.get('access-control-allow-credentials'), 'true');
        await listed.body.cancel();
        const stranger = await get(own, venue, path, query, { origin: 'https://evil.example' });
        assert.equal(stranger.headers.get('access-control-allow-origin'), null);
        await stranger.body.cancel();
        const preflight = await fetch(urlOf(own, path, query), { method: 'OPTIONS', headers: { origin: 'https://pages.example',
            'access-control-request-method': 'GET', 'access-control-request-headers': 'last-event-id' } });
        assert.equal(preflight.status, 204);
        assert.match(preflight.headers.get('access-control-allow-headers'), /Last-Event-ID/);
    }
    const cookie = (more) => fetch(urlOf(own, '/poll', query), { headers: { cookie: `maitred_token=${token(venue)}`, ...more } });
    assert.equal((await cookie({})).status, 200);
    assert.equal((await cookie({ 'sec-fetch-site': 'same-origin' })).status, 200);
    assert.equal((await cookie({ 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal((await cookie({ origin: 'https://evil.example' })).status, 403);
    assert.equal((await cookie({ origin: 'https://pages.example' })).status, 200);
    await own.stop();
});
