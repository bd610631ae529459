// The floor plan over Socket.IO (SPEC 5.5) with the real socket.io-client: who may come, rooms, what is
// told and how it is worded, batches, answers, the limit of updates.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Floor, closeAll, floorAt } from './lib/floor.mjs';
import { Sidecar, makeVenue, rows, seqOf, setTable, sql, ticket, token, until } from './lib/rig.mjs';

const TRANSPORTS = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

let sidecar, url;
before(async () => {
    sidecar = await new Sidecar().start();
    url = `http://127.0.0.1:${sidecar.port}`;
});
after(() => { closeAll(); return sidecar.stop(); });

const floor = (venue, room, more = {}, at = url) => floorAt(at, venue, room, more);

for (const [name, transports] of Object.entries(TRANSPORTS)) {
    test(`by ${name}: connect, join, hear, step, leave`, async () => {
        const venue = makeVenue(), f = await floor(venue, undefined, { transports });
        const [connected] = f.all('tables:connected');
        assert.equal(connected.socketId, f.socket.id);
        assert.match(connected.eventId, /^[0-9a-f]{8}v\d+-\d+$/);
        const joined = await f.join(1);
        assert.deepEqual(Object.keys(joined), ['ok', 'floor', 'eventId']);
        assert.equal(joined.floor, 1);
        const answer = await f.ask('table:update_status', { tableId: venue.tables[0], status: 'reserved', notes: 'VIP' });
        assert.equal(answer.ok, true);
        assert.equal(answer.table.status, 'reserved');
        const told = await f.wait('table:status_changed');
        assert.deepEqual({ ...told, updatedAt: null }, { tableId: venue.tables[0], tableNumber: 'T-01', oldStatus: 'available',
            newStatus: 'reserved', updatedBy: 'admin', updatedAt: null, notes: 'VIP', version: answer.table.version, eventId: answer.eventId });
        assert.deepEqual(await f.ask('tables:leave', { floor: 1 }), { ok: true, floor: 1 });
        const other = await floor(venue, null);
        setTable(venue, 'available');
        await other.told(1); // the sidecar has it behind it
        other.close();
        await f.join(null);
        setTable(venue, 'reserved');
        await f.told(2);
        assert.deepEqual(f.changes.map(([, , d]) => d.newStatus), ['reserved', 'reserved']);
        assert.equal(f.changes[1][2].updatedBy, 'system');
        if (name === 'upgrade') await until(() => f.socket.io.engine.transport.name === 'websocket', 'upgraded');
        f.close();
    });
}

test('who is refused is told why, and what passes by itself is no refusal', async () => {
    const venue = makeVenue(), hotel = makeVenue('hotel');
    await (await floor(venue, null)).close();
    const refused = async (v, more) => (await new Floor(url, v, more).refused());
    const forged = token(venue).replace(/.{6}$/, 'AAAAAA');
    const guest = token(venue, 'guest', { sub: 'guest', role: 'guest', name: 'guest', session: 1 });
    for (const [v, more, status, code] of [[venue, { bearer: null }, 401, 'unauthenticated'], [venue, { bearer: forged }, 401, 'token_invalid'],
        [venue, { bearer: token(venue, 'admin', { exp: 1000 }) }, 401, 'token_expired'], [venue, { bearer: guest }, 403, 'forbidden'],
        [hotel, {}, 404, 'not_found']]) {
        for (const transports of Object.values(TRANSPORTS)) {
            const refusal = await refused(v, { ...more, transports });
            assert.deepEqual([refusal.ok, refusal.status, refusal.code], [false, status, code]);
            assert.equal(refusal.message, refusal.detail);
        }
    }
    assert.doesNotMatch(sidecar.log(), new RegExp(forged.split('.')[1]));
});

test('the token may come with the handshake as well: header, query, and the cookie of our own pages', async () => {
    const venue = makeVenue(), bearer = token(venue, 'waiter');
    await (await floor(venue)).close();
    for (const more of [{ extraHeaders: { authorization: `Bearer ${bearer}` } }, { query: { token: bearer } },
        { extraHeaders: { cookie: `maitred_token=${bearer}`, origin: url } }])
        for (const transports of [['polling'], ['websocket']]) {
            const f = await floor(venue, 1, { bearer: null, transports, ...more });
            f.close();
        }
    const foreign = await new Floor(url, venue, { bearer: null,
        extraHeaders: { cookie: `maitred_token=${bearer}`, origin: 'https://elsewhere.example' } }).refused();
    assert.equal(foreign.status, 401);
    assert.doesNotMatch(sidecar.log(), new RegExp(bearer.split('.')[2]));
});

const ticketWays = { payload: (text) => ({ auth: { ticket: text } }), query: (text) => ({ query: { ticket: text } }) };

for (const [name, transports] of Object.entries(TRANSPORTS)) {
    test(`by ${name}: a ticket opens one connection, in the payload and with the handshake`, async () => {
        const venue = makeVenue();
        await (await floor(venue)).close();
        for (const way of Object.values(ticketWays)) {
            const text = ticket(venue, 'waiter'), more = { bearer: null, transports, ...way(text) };
            const f = await floor(venue, 1, more);
            if (name === 'upgrade') await until(() => f.socket.io.engine.transport.name === 'websocket', 'it is upgraded');
            const answer = await f.ask('table:update_status', { tableId: venue.tables[0], status: 'reserved' });
            assert.deepEqual([answer.ok, answer.table.updatedBy], [true, 'waiter']);
            setTable(venue, 'available');
            const again = await new Floor(url, venue, more).refused();
            assert.deepEqual([again.status, again.code], [401, 'token_invalid']);
            assert.doesNotMatch(sidecar.log(), new RegExp(text));
            f.close();
        }
    });

    test(`by ${name}: a ticket that two sidecars are asked for at once opens one connection`, async () => {
        const second = await new Sidecar().start(), venue = makeVenue(), urls = [url, `http://127.0.0.1:${second.port}`];
        await Promise.all(urls.map(async (at) => (await floor(venue, undefined, {}, at)).close())); // both know the venue
        for (const way of Object.values(ticketWays)) {
            const more = { bearer: null, transports, ...way(ticket(venue, 'waiter')) };
            const asked = [...urls, ...urls].map((at) => new Floor(at, venue, more));
            await until(() => asked.every((f) => f.socket.connected || f.errors.some((e) => e.data)), 'each has an answer');
            assert.deepEqual(asked.map((f) => f.errors[0]?.data.code ?? 'open').sort(), ['open', 'token_invalid', 'token_invalid', 'token_invalid']);
            for (const f of asked) f.close();
        }
        assert.equal(sql(`select count(*) from maitred.ticket where venue = ${venue.id}`), '0');
        await second.stop();
    });
}

test('a client of tickets comes back with a new one, and recovers; another role ends it', async () => {
    const venue = makeVenue();
    await (await floor(venue)).close();
    const f = await floor(venue, 1, { bearer: null, auth: (give) => give({ ticket: ticket(venue, 'manager') }) });
    f.cut();
    await f.wait('tables:connected', 2);
    assert.equal(f.socket.recovered, true);
    const lost = new Promise((done) => f.socket.once('disconnect', done));
    sql(`update maitred.account set role = 'waiter' where venue = ${venue.id} and username = 'manager'`);
    await lost;
    f.close();
});

test('a ticket is no token, and a token no ticket', async () => {
    const venue = makeVenue();
    await (await floor(venue)).close();
    for (const auth of [{ token: ticket(venue, 'waiter') }, { ticket: token(venue) }, { ticket: ticket(venue, 'waiter').slice(0, -1) }]) {
        const refusal = await new Floor(url, venue, { bearer: null, auth }).refused();
        assert.deepEqual([refusal.status, refusal.code], [401, 'token_invalid']);
    }
});

test('a viewer hears and may not step; the refusal without an answer is an event', async () => {
    const venue = makeVenue(), f = await floor(venue, null, { role: 'viewer' });
    const step = { tableId: venue.tables[0], status: 'reserved' };
    const refusal = await f.ask('table:update_status', step);
    assert.deepEqual([refusal.ok, refusal.status, refusal.code], [false, 403, 'forbidden']);
    f.socket.emit('table:update_status', step);
    assert.deepEqual(await f.wait('error'), refusal);
    f.close();
});

test('what is malformed is refused by field, and costs nobody the connection', async () => {
    const venue = makeVenue(), f = await floor(venue, null);
    for (const [event, data, status, code] of [['tables:join', {}, 422, 'missing_field'], ['tables:join', { floor: 'two' }, 422, 'invalid_field'],
        ['tables:join', { floor: 77 }, 404, 'floor_not_found'], ['tables:join', { floor: 1, session: 'mine' }, 422, 'invalid_field'],
        ['tables:join', null, 400, 'invalid_request'], ['tables:sync', { lastEventId: 7 }, 422, 'invalid_field'],
        ['tables:sync', { lastEventId: 'yesterday' }, 400, 'invalid_cursor'], ['tables:sync', { lastEventId: `00000000v${venue.id + 1}-1` }, 400, 'invalid_cursor'],
        ['table:update_status', { tableId: venue.tables[0], status: 'burning' }, 422, 'invalid_field'],
        ['table:update_status', { tableId: 1e15, status: 'reserved' }, 404, 'table_not_found'], ['tables:burn', {}, 400, 'unknown_action']]) {
        const answer = await f.ask(event, data);
        assert.deepEqual([answer.ok, answer.status, answer.code], [false, status, code], `${event} ${JSON.stringify(data)}`);
    }
    const { id } = f.socket, deep = JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`);
    for (const data of [{ notes: '\ud800' }, { notes: '\0' }, { tableId: 1e20 }, { notes: deep }]) {
        const answer = await f.ask('table:update_status', { tableId: venue.tables[0], status: 'reserved', ...data });
        assert.deepEqual([answer.ok, answer.status, answer.code], [false, 400, 'invalid_json'], JSON.stringify(data));
    }
    f.socket.emit('tables:join', { floor: '\udc00' });
    assert.equal((await f.wait('error')).code, 'invalid_json');
    assert.ok((await f.ask('tables:leave', { floor: 2 })).ok); // what was not joined
    assert.equal(f.socket.id, id);
    f.close();
});

test('an old version is refused; another venue\'s table is not there', async () => {
    const venue = makeVenue(), other = makeVenue(), f = await floor(venue, null);
    const { table } = await f.ask('table:update_status', { tableId: venue.tables[0], status: 'reserved' });
    const late = await f.ask('table:update_status', { tableId: venue.tables[0], status: 'available', version: table.version - 1 });
    assert.deepEqual([late.status, late.code], [409, 'version_conflict']);
    const theirs = await f.ask('table:update_status', { tableId: other.tables[0], status: 'reserved' });
    assert.deepEqual([theirs.status, theirs.code], [404, 'table_not_found']);
    f.close();
});

test('rooms: only what is told there; switching floors; both rooms tell once', async () => {
    const venue = makeVenue(), one = await floor(venue, 1), all = await floor(venue, null), both = await floor(venue, 1);
    await both.join(null);
    setTable(venue, 'reserved', 1);
    setTable(venue, 'reserved', 0);
    await Promise.all([one.told(1), all.told(2), both.told(2)]);
    await one.ask('tables:leave', { floor: 1 });
    await one.join(2);
    setTable(venue, 'available', 0);
    setTable(venue, 'available', 1);
    await Promise.all([one.told(2), all.told(4), both.told(4)]);
    const tables = (f) => f.changes.map(([, , d]) => d.tableId);
    assert.deepEqual(tables(one), [venue.tables[0], venue.tables[1]]);
    assert.deepEqual(tables(both), tables(all));
    assert.deepEqual(tables(all), [1, 0, 0, 1].map((i) => venue.tables[i]));
    for (const f of [one, all, both]) f.close();
});

test('a table\'s life: created, updated with only what changed, moved between floors, deleted', async () => {
    const venue = makeVenue(), one = await floor(venue, 1), two = await floor(venue, 2), all = await floor(venue, null);
    const both = await floor(venue, 1);
    await both.join(2);
    const id = Number(sql(`insert into maitred.dining_table (venue, number, label, floor, capacity)
        values (${venue.id}, 50, 'T-50', 1, 4) returning id`));
    const made = await one.wait('table:created');
    const rest = rows(`select maitred.table_json(${venue.id}, ${id}) as doc`)[0].doc;
    assert.deepEqual(made, rest); // the Table of the REST API
    sql(`update maitred.dining_table set capacity = 6 where venue = ${venue.id} and id = ${id}`);
    assert.deepEqual((await one.wait('table:updated')).changes, { capacity: 6 });
    sql(`update maitred.dining_table set floor = 2 where venue = ${venue.id} and id = ${id}`);
    assert.deepEqual(Object.keys(await one.wait('table:deleted')).sort(), ['deletedAt', 'deletedBy', 'eventId', 'tableId', 'tableNumber']);
    assert.equal((await two.wait('table:created')).floor, 2);
    assert.deepEqual((await all.wait('table:updated', 2)).changes, { floor: 2 });
    assert.deepEqual((await both.wait('table:updated', 2)).changes, { floor: 2 });
    sql(`update maitred.dining_table set active = false where venue = ${venue.id} and id = ${id}`);
    const gone = await two.wait('table:deleted');
    assert.deepEqual([gone.tableId, gone.tableNumber, gone.deletedBy], [id, 'T-50', 'system']);
    await all.wait('table:deleted');
    assert.equal(one.changes.length, 3);
    for (const f of [one, two, all, both]) f.close();
});

test('a status that changes with something else is two events of one position', async () => {
    const venue = makeVenue(), f = await floor(venue, null);
    sql(`update maitred.dining_table set status = 'reserved', capacity = 8 where venue = ${venue.id} and id = ${venue.tables[0]}`);
    await f.told(2);
    assert.deepEqual(f.changes.map(([, event]) => event), ['table:status_changed', 'table:updated']);
    assert.equal(f.changes[0][0], f.changes[1][0]);
    assert.deepEqual(f.changes[1][2].changes, { capacity: 8 });
    const offsets = f.got.slice(-2).map(([, , offset]) => seqOf(offset));
    assert.equal(offsets[0], offsets[1] - 1); // who breaks off between them meets both again
    f.close();
});

const moreTables = (venue, n) => sql(`insert into maitred.dining_table (venue, number, label, floor, capacity)
    select ${venue.id}, n, 'B-' || n, 1, 2 from generate_series(101, ${100 + n}) n returning id`).split('\n').map(Number);

test('ten steps of one commit are one batch, in order; one alone leaves as itself', async () => {
    const venue = makeVenue(), tables = moreTables(venue, 10), f = await floor(venue, 1), other = await floor(venue, null);
    sql(`update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = any(array[${tables}])`);
    const batch = await f.wait('tables:batch_update');
    assert.equal(batch.length, 10);
    assert.deepEqual(batch.map((e) => e.tableId).sort((a, b) => a - b), tables);
    assert.deepEqual(Object.keys(batch[0]).sort(), ['eventId', 'oldStatus', 'status', 'tableId', 'tableNumber', 'updatedAt', 'updatedBy', 'version']);
    const seqs = batch.map((e) => seqOf(e.eventId));
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
    assert.equal(f.got.at(-1)[2], batch.at(-1).eventId);
    assert.deepEqual(await other.wait('tables:batch_update'), batch);
    setTable(venue, 'reserved');
    await f.wait('table:status_changed');
    f.close();
    other.close();
});

test('the clock of a venue: a long burst leaves as few batches, at most a hundred steps each', async () => {
    const own = await new Sidecar({ tables_gather_ms: 300, tables_flush_ms: 300 }).start();
    const venue = makeVenue(), tables = moreTables(venue, 250);
    const f = await new Floor(`http://127.0.0.1:${own.port}`, venue).connected();
    await f.join(null);
    sql(`update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = any(array[${tables}])`);
    await f.told(250);
    assert.ok(f.all('tables:batch_update').every((b) => b.length <= 100));
    assert.equal(f.all('tables:batch_update').filter((b) => b.length === 100).length, 2);
    assert.equal(f.all('tables:batch_update').length, 3);
    f.close();
    await own.stop();
});

test('what is no step splits the batch, so that everything keeps its order', async () => {
    const own = await new Sidecar({ tables_gather_ms: 500, tables_flush_ms: 500 }).start();
    const venue = makeVenue(), tables = moreTables(venue, 6);
    const f = await new Floor(`http://127.0.0.1:${own.port}`, venue).connected();
    await f.join(1);
    sql(`do $$ begin
        update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = ${tables[0]}; commit;
        update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = ${tables[1]}; commit;
        update maitred.dining_table set capacity = 3 where venue = ${venue.id} and id = ${tables[2]}; commit;
        update maitred.dining_table set status = 'reserved' where venue = ${venue.id} and id = ${tables[3]}; commit;
    end $$`);
    await f.told(4);
    assert.deepEqual(f.got.slice(1).map(([event]) => event), ['tables:batch_update', 'table:updated', 'table:status_changed']);
    const seqs = f.changes.map(([id]) => seqOf(id));
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
    f.close();
    await own.stop();
});

test('the sixth update within a second is refused, over all connections of an account; an emergency passes', async () => {
    const venue = makeVenue(), tables = moreTables(venue, 8), f = await floor(venue, null, { role: 'manager' });
    const more = await floor(venue, null, { role: 'manager', transports: ['polling'] });
    const step = (i, by = f, extra = {}) => by.ask('table:update_status', { tableId: tables[i], status: 'reserved', ...extra });
    const answers = await Promise.all([step(0), step(1), step(2), step(3, more), step(4, more), step(5), step(6, more)]);
    const refused = answers.filter((a) => !a.ok);
    assert.equal(refused.length, 2);
    assert.deepEqual([refused[0].status, refused[0].code, refused[0].detail], [429, 'rate_limited', 'Too many requests. Please slow down.']);
    assert.ok((await step(7, f, { emergency: true })).ok);
    await f.told(6);
    f.close();
    more.close();
});

test('the answer precedes the event on the actor\'s own connection', async () => {
    const venue = makeVenue(), f = await floor(venue, null), order = [];
    f.socket.onAny((event) => order.push(event));
    for (const status of ['reserved', 'available', 'reserved']) {
        const answer = await new Promise((done) => f.socket.emit('table:update_status', { tableId: venue.tables[0], status },
            (a) => { order.push('answer'); done(a); }));
        await f.told(order.filter((x) => x === 'answer').length);
        assert.equal(f.changes.at(-1)[0], answer.eventId);
    }
    assert.deepEqual(order, ['answer', 'table:status_changed', 'answer', 'table:status_changed', 'answer', 'table:status_changed']);
    f.close();
});

test('a revoked token and a changed role end the connection within a second', async () => {
    const venue = makeVenue(), jti = `gone-${process.pid}-${Date.now()}`;
    const f = await floor(venue, null, { bearer: token(venue, 'waiter', { jti }) }), g = await floor(venue, null, { role: 'frontdesk' });
    const gone = (x) => new Promise((done) => x.socket.once('disconnect', done));
    const both = Promise.all([gone(f), gone(g)]);
    sql(`insert into maitred.revoked_token (jti, venue, expires_at) values ('${jti}', ${venue.id}, now() + interval '1 hour')`);
    sql(`update maitred.account set role = 'viewer' where venue = ${venue.id} and username = 'frontdesk'`);
    assert.deepEqual(await both, ['transport close', 'transport close']);
    const refusal = await f.refused();
    assert.equal(refusal.code, 'token_revoked');
    g.close();
});

test('nothing of another venue is ever told', async () => {
    const venue = makeVenue(), other = makeVenue(), f = await floor(venue, null), theirs = await floor(other, null);
    sql(`update maitred.dining_table set status_note = 'Canary', status = 'reserved' where venue = ${other.id}`);
    setTable(venue, 'reserved');
    await theirs.told(2);
    await f.told(1);
    assert.doesNotMatch(JSON.stringify(f.got), /Canary/);
    f.close();
    theirs.close();
});

test('the clients of this sidecar are counted like others', async () => {
    const venue = makeVenue(), f = await floor(venue, null), g = await floor(venue, null, { transports: ['polling'] });
    await until(() => sql(`select count(*) from maitred.connection_lease where venue = ${venue.id}`) === '2', 'two rows');
    assert.ok(await sidecar.metric('maitred_connections', 'protocol="socket.io"') >= 2);
    f.close();
    g.close();
    await until(() => sql(`select count(*) from maitred.connection_lease where venue = ${venue.id}`) === '0', 'none left');
});
