// What happens by itself (docs/rest.md, "By itself"): two sidecars on one database, and each thing is
// done once and told to every client, whichever sidecar it is at.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, eventsOf, head, makeVenue, psql, setTable, sql, token, until } from './lib/rig.mjs';

let sidecars;
before(async () => { sidecars = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all(sidecars.map((s) => s.stop())));

function venueWith(settings) {
    const venue = makeVenue();
    sql(`update maitred.venue set settings = '${JSON.stringify(settings)}' where id = ${venue.id}`);
    return venue;
}

// A client at each sidecar.
const listeners = (venue, role, ...channels) => Promise.all(sidecars.map(async (s) => {
    const c = s.client(venue, role);
    await c.opened;
    await c.subscribe(...channels);
    return c;
}));

// Whatever else were to come has come: each client has read up to the head, and the timer has nothing left.
async function settled(venue, clients) {
    await until(() => sql('select announced + escalated + released + expired from api.due_run(100)') === '0', 'nothing is due');
    for (const c of clients) await c.reached(head(venue));
}
const alerts = (c) => c.got.filter((m) => m.notification?.audience === 'managers');
const alertEvents = (venue) => eventsOf(venue).filter((e) => e.type === 'notification.created' && e.data.new.kind === 'alert');

test('a new order and a guest\'s call that nobody acknowledges become one alert each, on every sidecar', async () => {
    const venue = venueWith({ escalate_after_s: 1 }), clients = await listeners(venue, 'manager', 'restaurant_notifications');
    const order = addOrder(venue);
    sql(`insert into maitred.service_request (venue, table_id, kind, text) values (${venue.id}, ${venue.tables[1]}, 'call_waiter', 'water')`);
    for (const c of clients) {
        const first = (await c.wait((m) => m.notification?.kind === 'new_order')).notification;
        const alert = (await c.wait((m) => m.notification?.escalates === first.id)).notification;
        assert.deepEqual([alert.kind, alert.priority, alert.audience, alert.order_id, alert.waiter_id], ['alert', 'high', 'managers', order, null]);
        assert.match(alert.text, /^Not acknowledged for \d+ s: Table 1, order .*: new$/);
        const call = (await c.wait((m) => m.notification?.kind === 'call_waiter' && !m.notification.service_request)).notification;
        const second = (await c.wait((m) => m.notification?.escalates === call.id)).notification;
        assert.deepEqual([second.request_id, second.table_id], [call.request_id, venue.tables[1]]);
    }
    await settled(venue, clients);
    for (const c of clients) assert.equal(alerts(c).length, 2);
    assert.equal(alertEvents(venue).length, 2);
    // Seen to: both messages end, and everybody hears it.
    sql(`update maitred.notification set acknowledged_by = 'manager', acknowledged_at = clock_timestamp()
         where venue = ${venue.id} and audience = 'managers' and order_id = ${order}`);
    for (const c of clients)
        await c.wait((m) => m.notification?.kind === 'new_order' && m.notification.acknowledged_by === 'manager');
    for (const c of clients) await c.close();
});

test('what is acknowledged in time is no alert', async () => {
    const venue = venueWith({ escalate_after_s: 3 }), clients = await listeners(venue, 'manager', 'restaurant_notifications');
    const seen = addOrder(venue);
    sql(`update maitred.notification set acknowledged_by = 'waiter', acknowledged_at = clock_timestamp() where venue = ${venue.id} and order_id = ${seen}`);
    const other = addOrder(venue); // later: when this one has its alert, the first would have had it
    for (const c of clients) await c.wait((m) => m.notification?.audience === 'managers' && m.notification.order_id === other);
    await settled(venue, clients);
    for (const c of clients) assert.deepEqual(alerts(c).map((m) => m.notification.order_id), [other]);
    for (const c of clients) await c.close();
});

test('a reserved table is free again when its party has not come', async () => {
    const venue = venueWith({ reservation_grace_s: 1 }), clients = await listeners(venue, 'waiter', 'restaurant_tables');
    const id = addReservation(venue, { at: "clock_timestamp() + interval '1 second'" });
    sql(`update maitred.reservation set table_id = ${venue.tables[0]} where venue = ${venue.id} and id = ${id}`);
    setTable(venue, 'reserved');
    for (const c of clients) {
        await c.wait((m) => m.table?.status === 'reserved');
        const { table } = await c.wait((m) => m.table?.oldStatus === 'reserved');
        assert.deepEqual([table.id, table.status, table.updatedBy], [venue.tables[0], 'available', 'system']);
    }
    await settled(venue, clients);
    for (const c of clients) assert.equal(c.events.length, 2);
    for (const c of clients) await c.close();
});

test('a session that nobody uses expires: the table is free, its guests\' sockets close, restore opens it again', async () => {
    const venue = venueWith({ session_idle_s: 2 }), clients = await listeners(venue, 'waiter', 'restaurant_tables');
    setTable(venue, 'occupied');
    const session = Number(sql(`select id from maitred.table_session where venue = ${venue.id}`));
    const jti = `guest-${venue.slug}`;
    sql(`insert into maitred.guest_token (jti, venue, session_id, expires_at) values ('${jti}', ${venue.id}, ${session}, clock_timestamp() + interval '1 hour')`);
    const guest = sidecars[1].client(venue, 'guest', {}, token(venue, 'guest', { sub: 'guest', session, jti }));
    await guest.opened;
    for (const c of clients) {
        await c.wait((m) => m.table?.session?.id === session);
        const { table } = await c.wait((m) => m.table?.oldStatus === 'occupied');
        assert.deepEqual([table.status, table.session, table.updatedBy], ['available', null, 'system']);
    }
    assert.equal(await guest.closed, 4003);
    assert.equal(sql(`select state from maitred.table_session where venue = ${venue.id} and id = ${session}`), 'expired');
    sql(`update maitred.venue set settings = '{}' where id = ${venue.id}`);
    sql(`select (api.table_restore((${venue.id}, ${venue.accounts.manager}, 'manager', 'manager', null, null, false)::api.caller, ${venue.tables[0]})).status`);
    for (const c of clients) await c.wait((m) => m.table?.oldStatus === 'available' && m.table.session?.id === session);
    await settled(venue, clients);
    for (const c of clients) assert.deepEqual(c.events.map((m) => m.table.status), ['occupied', 'available', 'occupied']);
    for (const c of clients) await c.close();
});

test('many things at once, a sidecar that dies in the middle: each once', async () => {
    const venue = venueWith({ escalate_after_s: 1 }), dying = await new Sidecar().start();
    const clients = await listeners(venue, 'manager', 'restaurant_notifications'), many = 250;
    const one = `insert into maitred.notification (venue, kind, text) values (${venue.id}, 'new_order', 'many');\n`;
    await psql(one.repeat(many));
    await until(() => alertEvents(venue).length > 0, 'the first alerts');
    await dying.kill();
    await until(() => alertEvents(venue).length >= many, () => `${alertEvents(venue).length} alerts of ${many}`);
    await settled(venue, clients);
    for (const c of clients) {
        const about = alerts(c).map((m) => m.notification.escalates);
        assert.deepEqual([about.length, new Set(about).size], [many, many]);
    }
    for (const c of clients) await c.close();
});

test('an idle system writes nothing, with something far ahead', async () => {
    const venue = venueWith({ session_idle_s: 86400 }), clients = await listeners(venue, 'manager', 'restaurant_tables');
    setTable(venue, 'occupied');
    for (const c of clients) await c.wait((m) => m.table?.status === 'occupied');
    // What the timer does when it is asked, is no transaction that writes.
    assert.equal(sql(`begin; select announced + escalated + released + expired from api.due_run(100);
        select pg_current_xact_id_if_assigned() is null; commit`), '0\nt');
    assert.ok(Number(sql('select wait_ms from api.due_run(100)')) > 0);
    for (const c of clients) await c.close();
});
