// Figures (SPEC 5.1): computed only while somebody listens, at most once per interval and venue, and
// sent only when one has changed; newest replaces older. And what the sidecar does by the clock.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, addOrder, addReservation, eventsOf, head, makeVenue, psql, rows, seqOf, sql, until } from './lib/rig.mjs';

let sidecar;
before(async () => { sidecar = await new Sidecar({ stats_interval_ms: 400 }).start(); });
after(() => sidecar.stop());

async function listener(venue, role, ...channels) {
    const c = sidecar.client(venue, role);
    await c.opened;
    await c.subscribe(...channels);
    return c;
}

const calls = (what) => Number(sql(`select coalesce(sum(calls), 0) from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where query like '%api.${what}(%' and rolname = 'maitred_realtime'`));

test('nobody listens, nothing is computed', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_orders', 'restaurant_reservations');
    const before = [calls('dashboard_stats'), calls('order_stats'), calls('room_availability')];
    for (let i = 0; i < 3; i++) addReservation(venue, { at: `clock_timestamp() + interval '${i + 3} hours'` });
    addOrder(venue);
    await c.reached(head(venue));
    const figures = await listener(venue, 'admin', 'restaurant_metrics'); // goes the same way, and later
    await figures.wait('metrics_update');
    assert.deepEqual([calls('dashboard_stats'), calls('order_stats'), calls('room_availability')], [before[0], before[1] + 1, before[2]]);
    await c.close();
    await figures.close();
});

test('a burst of changes is a few sets of figures, and the last one is right', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_metrics');
    await c.wait('metrics_update');
    const before = calls('order_stats'), begun = Date.now();
    await psql(Array.from({ length: 200 }, (_, i) => `insert into maitred.customer_order (venue, order_number, status)
        values (${venue.id}, 'M-${i}', 'pending');`).join('\n'));
    await c.wait((m) => m.type === 'metrics_update' && m.metrics.orders === 200);
    const most = Math.ceil((Date.now() - begun) / 400) + 1, made = calls('order_stats') - before;
    assert.ok(made <= most, `${made} computations, at most ${most}`);
    assert.ok(c.got.filter((m) => m.type === 'metrics_update').length <= made + 1);
    await c.close();
});

test('what does not change a figure is not sent, whatever the cursor', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_metrics');
    const first = await c.wait('metrics_update'), before = calls('order_stats');
    const id = addOrder(venue, 'cancelled'); // counts in byStatus, so this is one change ...
    await c.wait((m) => m.type === 'metrics_update' && m !== first);
    sql(`update maitred.customer_order set notes = 'none' where venue = ${venue.id} and id = ${id}`);
    await until(() => calls('order_stats') >= before + 2, 'computed again');
    addOrder(venue);
    await c.wait((m) => m.type === 'metrics_update' && m.metrics.orders === 1 + first.metrics.orders || m.metrics?.byStatus?.pending === 1);
    const texts = c.got.filter((m) => m.type === 'metrics_update').map((m) => JSON.stringify(m.metrics));
    assert.equal(texts.length, 3);
    assert.equal(new Set(texts).size, 3);
    await c.close();
});

test('a new subscriber gets current figures at once and without a query; after a resume they come once', async () => {
    const venue = makeVenue(), c = await listener(venue, 'admin', 'restaurant_stats', 'restaurant_metrics');
    await c.wait('stats_update');
    await c.wait('metrics_update');
    const before = calls('dashboard_stats') + calls('order_stats');
    const second = await listener(venue, 'manager', 'restaurant_stats', 'restaurant_metrics');
    await second.wait('stats_update');
    await second.wait('metrics_update');
    await second.close();
    const back = sidecar.client(venue, 'manager');
    await back.opened;
    await back.resume(second.session, second.cursor);
    await back.wait('metrics_update');
    await back.reached(head(venue));
    assert.deepEqual(back.got.filter((m) => /_update$/.test(m.type ?? '')).map((m) => m.type).sort(), ['metrics_update', 'stats_update']);
    // But for a minute's boundary in between, which computes both anew.
    assert.ok(calls('dashboard_stats') + calls('order_stats') - before <= 2);
    await c.close();
    await back.close();
});

test('upcoming reservations are announced once, whatever the number of sidecars', async () => {
    const other = await new Sidecar().start(), venue = makeVenue(), hotel = makeVenue('hotel');
    const clients = [];
    for (const s of [sidecar, other]) {
        const c = s.client(venue, 'admin');
        await c.opened;
        await c.subscribe('restaurant_reservations');
        clients.push(c);
    }
    const ids = Array.from({ length: 5 }, (_, i) => addReservation(venue, { at: `clock_timestamp() + interval '${10 + i} minutes'` }));
    // Due in two seconds, not now: the timer, not the event, brings it.
    const later = addReservation(venue, { at: "clock_timestamp() + interval '30 minutes 2 seconds'" });
    sql(`update maitred.venue set settings = jsonb_build_object('check_in_time',
        to_char((clock_timestamp() at time zone timezone) + interval '20 minutes', 'HH24:MI')) where id = ${hotel.id};
        insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        select ${hotel.id}, 'Mary Jones', ${hotel.roomType}, ((clock_timestamp() at time zone timezone) + interval '20 minutes')::date,
               ((clock_timestamp() at time zone timezone) + interval '20 minutes')::date + 1, 'confirmed' from maitred.venue where id = ${hotel.id}`);
    const wanted = [...ids, later].map((id) => `res${id}`).sort();
    for (const c of clients) {
        await until(() => c.got.filter((m) => m.type === 'upcoming_reservation').length === 6, 'six announcements');
        assert.deepEqual(c.got.filter((m) => m.type === 'upcoming_reservation').map((m) => m.reservation.id).sort(), wanted);
    }
    await until(() => eventsOf(hotel).some((e) => e.type === 'booking.upcoming'), 'the arrival');
    await other.stop();
    const announced = eventsOf(venue).filter((e) => e.type === 'reservation.upcoming').map((e) => `res${e.entity}`).sort();
    assert.deepEqual(announced, wanted);
    assert.deepEqual(rows(`select distinct actor from feed.log where venue = ${venue.id} and type = 'reservation.upcoming'`), [{ actor: 'system' }]);
    const sent = eventsOf(venue).find((e) => e.type === 'reservation.upcoming' && e.entity === later);
    const at = Date.parse(rows(`select at from feed.log where venue = ${venue.id} and seq = ${sent.seq}`)[0].at);
    assert.ok(at >= Date.parse(sent.data.new.date) - 30 * 60000, 'not before its time');
    for (const c of clients) await c.close();
});

test('partitions: what is missing ahead is made at the start, what is too old goes, trimmed clients are told', async () => {
    const venue = makeVenue(), lost = await listener(venue, 'admin', 'restaurant_orders');
    await lost.close();
    addOrder(venue);
    const day = (n) => `(clock_timestamp() at time zone 'UTC')::date + ${n}`;
    // An old day with this venue's first event in it, and a missing one ahead.
    sql(`begin;
        set local role maitred_feed_keeper;
        create table feed_days.event_20200101 partition of feed.event for values from ('2020-01-01 00:00Z') to ('2020-01-02 00:00Z');
        grant select, insert, update, delete on feed_days.event_20200101 to maitred_owner;
        reset role;
        update feed.event set at = '2020-01-01 12:00Z' where venue = ${venue.id};
        commit;
        select format('drop table feed_days.%I', 'event_' || to_char(${day(14)}, 'YYYYMMDD')) \\gexec
        update feed.state set partitions_until = feed.day_begin(${day(14)})`);
    const own = await new Sidecar().start();
    const days = () => rows('select name from feed.partition where attached').map((r) => r.name);
    await until(() => !days().includes('event_20200101') && days().length >= 15, 'kept up');
    await until(() => /feed upkeep/.test(own.log()), 'said so');
    assert.deepEqual(rows("select 1 from pg_class where relname = 'event_20200101'"), []);
    addOrder(venue);
    const c = own.client(venue);
    await c.opened;
    await c.resume(lost.session, lost.cursor);
    await c.wait('resync');
    assert.equal((await c.wait('snapshot')).data.length, 2);
    assert.equal(seqOf(c.cursor), head(venue));
    await c.close();
    await own.stop();
});
