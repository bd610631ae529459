// simulate.test.mjs - maitred simulate: a venue lives through a service by the operations of REST.
// At a high speed a service takes seconds; what happened is read from the database afterwards.
import test from 'node:test';
import assert from 'node:assert/strict';
import { fresh, one, sql, tool, toolAsync, until } from './lib/tool.mjs';

const db = fresh('simulate');
// Nothing here is about a crash: hours of service need not wait for the disk at every click.
sql(db.database, `alter role maitred_job in database ${db.database} set synchronous_commit = off`);
const run = (...args) => tool(['simulate', ...args], db);
const q = (text) => one(db.database, text);
const count = (text) => Number(q(`select count(*) ${text}`));
const refused = (r, pattern, status = 1) => {
    assert.equal(r.status, status, r.err + r.out);
    assert.match(r.err, pattern);
};

function venue(slug, kind, roles = ['manager', 'waiter', 'kitchen', 'frontdesk']) {
    assert.equal(tool(['venue', 'create', slug, '--kind', kind, '--timezone', 'Europe/Berlin'], db).status, 0);
    for (const role of roles) assert.equal(tool(['user', 'add', slug, role, '--role', role, '--no-password'], db).status, 0);
    return Number(q(`select id from maitred.venue where slug = '${slug}'`));
}
function bistro(slug) {
    const id = venue(slug, 'restaurant');
    sql(db.database, `insert into maitred.floor values (${id}, 1, 'Ground');
        insert into maitred.dining_table (venue, number, label, capacity, floor)
            select ${id}, n, 'T-' || n, (array[2, 4, 6, 8])[1 + n % 4], 1 from generate_series(1, 8) n;
        insert into maitred.menu_category (venue, name) values (${id}, 'All');
        insert into maitred.menu_item (venue, category_id, name, price)
            select ${id}, c.id, 'Dish ' || n, 300 + 70 * n from maitred.menu_category c, generate_series(1, 12) n where c.venue = ${id}`);
    return id;
}
function grand(slug) {
    const id = venue(slug, 'hotel');
    sql(db.database, `insert into maitred.room_type (venue, name, base_price) values (${id}, 'Single', 8000), (${id}, 'Double', 12000);
        insert into maitred.room (venue, room_type_id, number, housekeeping)
            select ${id}, t.id, left(t.name, 1) || n, case when n < 3 then 'dirty' else 'inspected' end
            from maitred.room_type t, generate_series(1, 8) n where t.venue = ${id}`);
    return id;
}
// The lines of what happened; the figures at the end have a time of their own.
const story = (out) => out.split('\n').filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line));

test('a service: orders of every state, every rule kept, all of it in the feed', () => {
    const id = bistro('bistro');
    const r = run('bistro', '--speed', '100000', '--minutes', '180', '--seed', '11');
    assert.equal(r.status, 0, r.err);
    assert.match(r.out, /minutes of service in/);
    const steps = sql(db.database, `select old_status || ' ' || new_status from maitred.status_history
        where venue = ${id} and kind = 'order' group by 1`).map(([step]) => step);
    for (const step of ['pending confirmed', 'confirmed preparing', 'preparing ready', 'ready served', 'served completed', 'confirmed cancelled'])
        assert.ok(steps.includes(step), `${step} in ${steps}`);
    assert.ok(count(`from maitred.customer_order where venue = ${id} and status = 'completed'`) > 15);
    assert.equal(count(`from maitred.customer_order where venue = ${id} and status = 'completed' and payment_status <> 'paid'`), 0);
    for (const [what, where] of [['order_item', `status = 'void'`], ['order_item', `status = 'served'`], ['customer_order', `created_by = 'guest'`],
        ['customer_order', 'table_id is null'], ['payment', `status = 'completed'`], ['table_session', `state = 'closed'`], ['reservation', `status = 'completed'`],
        ['reservation', `status in ('cancelled', 'no_show')`], ['reservation', `source = 'walk_in'`], ['service_request', `kind = 'call_waiter' and resolved_at is not null`],
        ['service_request', `kind = 'bill_requested' and acknowledged_by = 'waiter'`], ['notification', `kind = 'order_ready'`]])
        assert.ok(count(`from maitred.${what} where venue = ${id} and ${where}`) > 0, `${what} ${where}`);
    assert.equal(count(`from maitred.dining_table t where venue = ${id} and (status = 'occupied') <>
        exists (select from maitred.table_session s where s.venue = t.venue and s.table_id = t.id and s.state = 'open')`), 0);
    assert.equal(count(`from maitred.menu_item where venue = ${id} and not available`), 0, 'every dish is back');
    assert.equal(q(`select count(*) = max(seq) and count(distinct seq) = max(seq) from feed.log where venue = ${id}`), 't');
    assert.equal(count(`from feed.log where venue = ${id} and type = 'order.created'`), count(`from maitred.customer_order where venue = ${id}`));
    assert.deepEqual(sql(db.database, `select distinct actor from feed.log where venue = ${id} and area = 'orders' order by 1`).flat(),
        ['frontdesk', 'guest', 'kitchen', 'waiter']);
});

test('the same seed is the same service, another one is not', () => {
    const stories = ['twin-a', 'twin-b', 'other'].map((slug) => {
        bistro(slug);
        const r = run(slug, '--speed', '100000', '--minutes', '50', '--seed', slug === 'other' ? '43' : '42');
        assert.equal(r.status, 0, r.err);
        return story(r.out);
    });
    assert.ok(stories[0].length > 40, `${stories[0].length} lines`);
    assert.deepEqual(stories[1], stories[0]);
    assert.notDeepEqual(stories[2], stories[0]);
});

test('it goes on with what is there: tables that were left occupied are served, paid and left', () => {
    const id = bistro('later');
    assert.equal(run('later', '--speed', '100000', '--minutes', '45', '--seed', '6').status, 0);
    const open = sql(db.database, `select id from maitred.table_session where venue = ${id} and state = 'open'`).flat();
    assert.ok(open.length > 1);
    assert.ok(count(`from maitred.customer_order where venue = ${id} and status in ('pending', 'confirmed', 'preparing', 'ready')`) > 0);
    const r = run('later', '--speed', '100000', '--minutes', '110', '--seed', '4');
    assert.equal(r.status, 0, r.err);
    assert.equal(count(`from maitred.table_session where venue = ${id} and state = 'open' and id in (${open})`), 0);
    assert.equal(count(`from maitred.customer_order where venue = ${id} and session_id in (${open}) and status not in ('completed', 'cancelled')`), 0);
});

test('SIGTERM ends it cleanly, and people may use the venue meanwhile', async () => {
    const id = bistro('busy');
    const { child, done } = toolAsync(['simulate', 'busy', '--speed', '3000', '--seed', '5'], db);
    const seen = (text) => until(() => count(`from ${text}`) > 0);
    await seen(`maitred.customer_order where venue = ${id} and status = 'preparing'`);
    // A manager in a hurry: everybody out, half of the menu gone, a table disabled.
    sql(db.database, `update maitred.dining_table set status = 'available' where venue = ${id} and status = 'occupied'`);
    sql(db.database, `update maitred.menu_item set available = false where venue = ${id} and id % 2 = 0`);
    sql(db.database, `update maitred.dining_table set status = 'maintenance', status_note = 'broken' where venue = ${id} and number = 1 and status = 'available'`);
    const last = Number(q(`select max(id) from maitred.customer_order where venue = ${id}`));
    await seen(`maitred.customer_order where venue = ${id} and id > ${last} and status = 'served'`);
    child.kill('SIGTERM');
    const r = await done;
    assert.deepEqual([r.status, r.signal, r.err], [0, null, '']);
    assert.match(r.out, /minutes of service in[^]*order_create +\d+ done/);
    assert.equal(count(`from maitred.menu_item where venue = ${id} and not available and id % 2 = 1`), 0, 'what it took off is back');
});

test('a hotel: guests arrive and leave, rooms are cleaned', () => {
    const id = grand('grand');
    const today = q(`select maitred.today(${id})`);
    sql(db.database, `insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        select ${id}, 'Early Bird', t.id, '${today}', date '${today}' + 2, 'confirmed' from maitred.room_type t where t.venue = ${id}`);
    const r = run('grand', '--speed', '100000', '--minutes', '900', '--seed', '9');
    assert.equal(r.status, 0, r.err);
    assert.equal(count(`from maitred.booking where venue = ${id} and guest_name = 'Early Bird' and status in ('checked_in', 'checked_out')`), 2);
    for (const state of ['confirmed', 'checked_in', 'checked_out'])
        assert.ok(count(`from maitred.booking where venue = ${id} and status = '${state}'`) > 0, state);
    assert.ok(count(`from feed.log where venue = ${id} and area = 'rooms'`) > 10);
    assert.equal(count(`from maitred.room where venue = ${id} and number in ('S1', 'S2', 'D1', 'D2') and updated_by = 'system'`), 0, 'dirty rooms were seen to');
    assert.match(r.out, /room \S+ is inspected/);
});

test('what can not be simulated is said in one line', () => {
    refused(run(), /usage: maitred simulate/, 2);
    refused(run('nowhere'), /no venue nowhere/);
    venue('alone', 'restaurant', ['waiter', 'viewer']);
    refused(run('alone'), /alone needs a manager or an admin/);
    venue('empty', 'restaurant');
    refused(run('empty'), /empty has no tables with a menu, and no rooms/);
    for (const [option, value] of [['speed', '0'], ['speed', 'fast'], ['minutes', '-1'], ['seed', 'x']])
        refused(run('bistro', `--${option}`, value), new RegExp(`--${option} is a whole number from 1`));
    assert.equal(tool(['venue', 'deactivate', 'empty'], db).status, 0);
    refused(run('empty'), /empty is deactivated/);
});
