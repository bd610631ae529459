// What happens by itself (docs/rest.md, "By itself"): two sidecars on one database, and each thing is
// done once and told to every client, whichever sidecar it is at.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, eventsOf, head, makeVenue, psql, setTable, sql, until } from './lib/rig.mjs';
import { guestToken, opened } from './lib/entity.mjs';

let sidecars;
before(async () => { sidecars = await Promise.all([new Sidecar().start(), new Sidecar().start()]); });
after(() => Promise.all(sidecars.map((s) => s.stop())));

const set = (venue, settings) => sql(`update maitred.venue set settings = '${JSON.stringify(settings)}' where id = ${venue.id}`);
function venueWith(settings) {
    const venue = makeVenue();
    set(venue, settings);
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
    const panel = (role) => opened(sidecars[0], `/ws/waiters/${venue.accounts[role]}/`, venue, 'tasks_list', role);
    const boss = await panel('manager'), waiter = await panel('waiter');
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
    await boss.wait((m) => m.type === 'alert' && m.priority === 'high' && /^Not acknowledged for/.test(m.message));
    await waiter.reached(head(venue));
    assert.equal(waiter.find('alert'), undefined);
    // Seen to: both messages end, and everybody hears it.
    sql(`update maitred.notification set acknowledged_by = 'manager', acknowledged_at = clock_timestamp()
         where venue = ${venue.id} and audience = 'managers' and order_id = ${order}`);
    for (const c of clients)
        await c.wait((m) => m.notification?.kind === 'new_order' && m.notification.acknowledged_by === 'manager');
    for (const c of [...clients, boss, waiter]) await c.close();
});

test('what is acknowledged in time is no alert', async () => {
    const venue = makeVenue(), clients = await listeners(venue, 'manager', 'restaurant_notifications');
    const seen = addOrder(venue);
    sql(`update maitred.notification set acknowledged_by = 'waiter', acknowledged_at = clock_timestamp() where venue = ${venue.id} and order_id = ${seen}`);
    set(venue, { escalate_after_s: 1 });
    const other = addOrder(venue); // later: when this one has its alert, the first would have had it
    for (const c of clients) await c.wait((m) => m.notification?.audience === 'managers' && m.notification.order_id === other);
    await settled(venue, clients);
    for (const c of clients) assert.deepEqual(alerts(c).map((m) => m.notification.order_id), [other]);
    for (const c of clients) await c.close();
});

test('a reserved table is free again when its party has not come', async () => {
    const venue = venueWith({ reservation_grace_s: 60 }), clients = await listeners(venue, 'waiter', 'restaurant_tables');
    const id = addReservation(venue);
    sql(`update maitred.reservation set table_id = ${venue.tables[0]} where venue = ${venue.id} and id = ${id}`);
    setTable(venue, 'reserved');
    // They should have come 59 seconds ago: one second is left.
    sql(`update maitred.reservation set starts_at = clock_timestamp() - interval '59 seconds' where venue = ${venue.id} and id = ${id}`);
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
    const venue = makeVenue(), clients = await listeners(venue, 'waiter', 'restaurant_tables');
    setTable(venue, 'occupied');
    const session = Number(sql(`select id from maitred.table_session where venue = ${venue.id}`));
    const guest = await opened(sidecars[1], `/ws/tables/sessions/${session}/`, venue, 'session_status', 'guest', guestToken(venue, { session }));
    set(venue, { session_idle_s: 1 });
    for (const c of clients) {
        await c.wait((m) => m.table?.session?.id === session);
        const { table } = await c.wait((m) => m.table?.oldStatus === 'occupied');
        assert.deepEqual([table.status, table.session, table.updatedBy], ['available', null, 'system']);
    }
    assert.equal(await guest.closed, 4003);
    assert.ok(guest.find('table_closed'), 'told before the socket closes');
    assert.equal(sql(`select state from maitred.table_session where venue = ${venue.id} and id = ${session}`), 'expired');
    set(venue, {});
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
    // What the timer does when it is asked, is no transaction that writes; once what other tests left is done.
    await until(() => sql(`begin; select announced + escalated + released + expired from api.due_run(100);
        select pg_current_xact_id_if_assigned() is null; commit`) === '0\nt', 'it writes nothing');
    assert.ok(Number(sql('select wait_ms from api.due_run(100)')) > 0);
    for (const c of clients) await c.close();
});
