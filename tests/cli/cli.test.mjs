// cli.test.mjs - every subcommand: what it does, what it says when it can't, and its exit status.
import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fresh, one, sql, tool, work } from './lib/tool.mjs';

const db = fresh('cli');
const run = (...args) => tool(args, db);
const refused = (r, pattern, status = 1) => {
    assert.equal(r.status, status, r.err + r.out);
    assert.match(r.err, pattern);
};
const payload = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString());

test('every command explains itself, and the list has them all', () => {
    const list = tool(['--help']);
    assert.equal(list.status, 0);
    const names = [...list.out.matchAll(/^ {2}(\S+(?: \S+)?) {2,}\S/gm)].map((m) => m[1]);
    assert.deepEqual(names, ['init', 'migrate', 'venue create', 'venue list', 'venue deactivate', 'venue activate', 'venue set',
        'user add', 'user list', 'user set', 'api-key create', 'api-key list', 'api-key revoke', 'token', 'maintain',
        'import bookings', 'import orders', 'import menu', 'demo-data', 'simulate']);
    for (const name of names) {
        const help = tool([...name.split(' '), '--help']);
        assert.equal(help.status, 0, name);
        assert.ok(help.out.startsWith(`usage: maitred ${name} `), name);
        assert.match(help.out, /--config FILE/);
    }
    assert.match(tool(['--version']).out, /^maitred \d/);
});

test('wrong usage is status 2 and one line that helps', () => {
    refused(tool([]), /usage: maitred/, 2);
    refused(tool(['serve']), /no command 'serve'/, 2);
    refused(tool(['user']), /user add/, 2);
    refused(tool(['venue', 'create']), /usage: maitred venue create .*SLUG/, 2);
    refused(tool(['venue', 'list', 'x']), /usage/, 2);
    refused(tool(['migrate', '--fast']), /--fast is no option/, 2);
    refused(tool(['user', 'add', 'a', 'b', '--role']), /--role needs a value/, 2);
});

test('a database that is away is said in one line', () => {
    const r = tool(['venue', 'list', '--database', `host=${work}/nowhere dbname=x`]);
    refused(r, /^maitred: database: .*nowhere.*\n$/);
    refused(tool(['venue', 'list', '--config', join(work, 'no.conf')]), /no\.conf/);
});

test('init makes a key that only its owner reads, and a configuration; again it keeps both', () => {
    const files = readdirSync(db.keys);
    assert.equal(files.length, 1);
    assert.match(files[0], /\.hs256$/);
    const st = statSync(join(db.keys, files[0]));
    assert.equal(st.mode & 0o777, 0o600);
    assert.ok(st.size >= 32);
    assert.equal(statSync(db.keys).mode & 0o777, 0o700);
    assert.match(readFileSync(db.config, 'utf8'), new RegExp(`^database = .*dbname=${db.database}$`, 'm'));
    const again = tool(['init', '--config', db.config]);
    assert.equal(again.status, 0, again.err);
    assert.match(again.out, /kept .*\.conf/);
    assert.match(again.out, /kept the keys/);
    assert.deepEqual(readdirSync(db.keys), files);
    refused(tool(['init', '--config', db.config, '--set', 'rt_port=1']), /--set changes nothing/);
    refused(tool(['init', '--config', join(work, 'new.conf'), '--set', 'colour=red']), /no KEY=VALUE/);
});

test('maintain --verify-rollups finds a sum that is off, --rebuild-rollups mends it', () => {
    assert.equal(run('venue', 'create', 'sums', '--kind', 'restaurant').status, 0);
    sql(db.database, `insert into maitred.reservation (venue, customer_name, party_size, starts_at)
        select id, 'Ada', 2, now() from maitred.venue where slug = 'sums'`);
    const good = run('maintain', '--verify-rollups');
    assert.equal(good.status, 0, good.err);
    assert.match(good.out, /every sum of \d+ venues is what its rows say/);
    sql(db.database, 'alter table maitred.reservation disable trigger user');
    sql(db.database, `update maitred.reservation set party_size = 3`);
    sql(db.database, 'alter table maitred.reservation enable trigger user');
    const off = run('maintain', '--verify-rollups');
    assert.match(off.out, /^sums: \d+ sums are off; reservation of (all days|\d{4}-)/m);
    refused(off, /maintain --rebuild-rollups mends them/);
    assert.match(run('maintain', '--rebuild-rollups').out, /^sums: \d+ sums made anew/m);
    assert.match(run('maintain', '--rebuild-rollups', '--verify-rollups').out, /nothing to do[^]*every sum of/);
});

test('init --create-database keeps a database that is there', () => {
    const again = tool(['init', '--config', db.config, '--create-database']);
    assert.equal(again.status, 0, again.err);
    assert.match(again.out, new RegExp(`kept database ${db.database}`));
    assert.match(again.out, /nothing to do/);
});

test('a second key signs from then on, and the first still verifies', () => {
    const own = fresh('keys', { migrate: false });
    const again = tool(['init', '--config', own.config, '--new-key']);
    assert.equal(again.status, 0, again.err);
    const names = readdirSync(own.keys).sort();
    assert.equal(names.length, 2);
    assert.notDeepEqual(readFileSync(join(own.keys, names[0])), readFileSync(join(own.keys, names[1])));
});

test('venues are made, listed, deactivated and activated', () => {
    assert.equal(run('venue', 'create', 'bistro', '--kind', 'restaurant', '--timezone', 'Europe/Berlin', '--name', 'Café Größe').status, 0);
    refused(run('venue', 'create', 'bistro', '--kind', 'restaurant'), /a venue bistro already/);
    const kept = run('venue', 'create', 'bistro', '--kind', 'restaurant', '--if-missing');
    assert.match(kept.out, /exists already/);
    refused(run('venue', 'create', 'bistro', '--kind', 'hotel', '--if-missing'), /is no hotel/);
    refused(run('venue', 'create', 'x y', '--kind', 'hotel'), /venue_slug_mask/);
    refused(run('venue', 'create', 'zone', '--kind', 'hotel', '--timezone', 'Mars/Base'), /venue_timezone_known/);
    refused(run('venue', 'create', 'none'), /--kind/);
    assert.match(run('venue', 'list').out, /bistro +restaurant +Café Größe +Europe\/Berlin +EUR +04:00:00 +t/);
    assert.equal(run('venue', 'deactivate', 'bistro').status, 0);
    assert.equal(one(db.database, "select active from maitred.venue where slug = 'bistro'"), 'f');
    assert.equal(run('venue', 'activate', 'bistro').status, 0);
    refused(run('venue', 'deactivate', 'nobody'), /no venue nobody/);
});

const add = (name, role, ...more) => tool(['user', 'add', 'bistro', name, '--role', role, '--password-stdin', ...more],
    { ...db, input: 'correct horse\n' });

test('accounts: added with a yescrypt hash, listed, changed; a change ends tokens', () => {
    assert.equal(add('anna', 'waiter', '--email', 'anna@bistro.example', '--name', 'Anna Ø').status, 0);
    assert.match(one(db.database, "select password_hash from maitred.account where username = 'anna'"), /^\$y\$/);
    refused(add('Anna', 'waiter'), /has an account Anna already/);
    assert.match(add('anna', 'waiter', '--if-missing').out, /exists already/);
    refused(add('bob', 'owner'), /account_role_known/);
    refused(tool(['user', 'add', 'bistro', 'bob', '--role', 'viewer', '--password-stdin'], { ...db, input: 'short\n' }), /8 characters/);
    refused(tool(['user', 'add', 'bistro', 'bob', '--role', 'viewer', '--password-stdin'], db), /no password/);
    refused(run('user', 'add', 'bistro', 'bob', '--no-password'), /--role/);
    assert.equal(one(db.database, "select count(*) from maitred.account where username = 'bob'"), '0');
    assert.match(run('user', 'list', 'bistro').out, /anna +waiter +Anna Ø +anna@bistro\.example +t +t/);
    const stamp = () => one(db.database, "select not_before from maitred.account where username = 'anna'");
    const hash = () => one(db.database, "select password_hash from maitred.account where username = 'anna'");
    assert.equal(stamp(), '-infinity');
    assert.equal(run('user', 'set', 'bistro', 'anna', '--role', 'manager').status, 0);
    const first = stamp(), firstHash = hash();
    assert.notEqual(first, '-infinity');
    assert.equal(tool(['user', 'set', 'bistro', 'anna', '--password-stdin'], { ...db, input: 'another one\n' }).status, 0);
    assert.notEqual(hash(), firstHash);
    assert.equal(run('user', 'set', 'bistro', 'anna', '--deactivate').status, 0);
    assert.equal(one(db.database, "select active from maitred.account where username = 'anna'"), 'f');
    refused(run('user', 'set', 'bistro', 'anna', '--activate', '--deactivate'), /exclude/);
    assert.equal(run('user', 'set', 'bistro', 'anna', '--activate').status, 0);
    refused(run('user', 'set', 'bistro', 'nobody', '--role', 'admin'), /no account nobody/);
});

test('api keys: shown once, stored as a hash, revoked once', () => {
    const made = run('api-key', 'create', 'bistro', 'anna', '--label', 'till');
    assert.match(made.out, /^mk_[A-Za-z0-9_-]{43}\n$/);
    const stored = sql(db.database, 'select id, hash from maitred.api_key')[0];
    assert.match(stored[1], /^[0-9a-f]{64}$/);
    assert.equal(one(db.database, `select encode(sha256('${made.out.trim()}'), 'hex') = '${stored[1]}'`), 't');
    assert.match(run('api-key', 'list', 'bistro').out, new RegExp(`${stored[0]} +anna +till`));
    assert.ok(!run('api-key', 'list', 'bistro').out.includes(stored[1]));
    assert.equal(run('api-key', 'revoke', 'bistro', stored[0]).status, 0);
    refused(run('api-key', 'revoke', 'bistro', stored[0]), /no key .* that is good/);
    refused(run('api-key', 'revoke', 'bistro', 'one'), /no key's number/);
    refused(run('api-key', 'create', 'bistro', 'nobody'), /no account nobody/);
});

test('token prints a JWT with the claims of the account', () => {
    const r = run('token', 'bistro', 'anna', '--lifetime', '60');
    assert.equal(r.status, 0, r.err);
    const claims = payload(r.out.trim());
    assert.equal(claims.name, 'anna');
    assert.equal(claims.role, 'manager');
    assert.equal(claims.slug, 'bistro');
    assert.equal(claims.exp - claims.iat, 60);
    assert.equal(String(claims.venue), one(db.database, "select id from maitred.venue where slug = 'bistro'"));
    refused(run('token', 'bistro', 'nobody'), /no account nobody/);
    refused(run('token', 'bistro', 'anna', '--lifetime', '-1'), /--lifetime/);
    run('user', 'set', 'bistro', 'anna', '--deactivate');
    refused(run('token', 'bistro', 'anna'), /not active/);
    run('user', 'set', 'bistro', 'anna', '--activate');
});

test('venue set changes settings, shows them all, and refuses what is none', () => {
    assert.equal(run('venue', 'create', 'set', '--kind', 'restaurant').status, 0);
    const r = run('venue', 'set', 'set', 'escalate_after_s=60', 'check_in_time=14:30');
    assert.equal(r.status, 0, r.err);
    assert.match(r.out, /escalate_after_s +60 +180/);
    assert.match(r.out, /session_idle_s +14400 +14400/);
    const settings = () => JSON.parse(one(db.database, "select settings from maitred.venue where slug = 'set'"));
    assert.deepEqual(settings(), { escalate_after_s: 60, check_in_time: '14:30' });
    refused(run('venue', 'set', 'set', 'session_idle_s=5', 'escalate_after_s=86401'), /escalate_after_s must be from 0 to 86400 seconds/);
    refused(run('venue', 'set', 'set', 'check_in_time=noonish'), /check_in_time must be a time of day/);
    refused(run('venue', 'set', 'set', 'colour=red'), /no setting colour/);
    refused(run('venue', 'set', 'set', 'colour'), /no KEY=VALUE/);
    refused(run('venue', 'set', 'nobody', 'session_idle_s=5'), /no venue nobody/);
    assert.deepEqual(settings(), { escalate_after_s: 60, check_in_time: '14:30' });
    assert.match(run('venue', 'set', 'set', 'escalate_after_s=').out, /escalate_after_s +180 +180/);
    assert.deepEqual(settings(), { check_in_time: '14:30' });
});

test('maintain does what is due where no sidecar runs, once', () => {
    sql(db.database, `insert into maitred.notification (venue, kind, text, created_at)
        select v.id, 'new_order', 'Order ' || n, clock_timestamp() - interval '1 hour'
        from maitred.venue v, generate_series(1, 130) n where v.slug = 'set'`);
    assert.match(run('maintain').out, /messages escalated: 100[^]*messages escalated: 30/);
    assert.doesNotMatch(run('maintain').out, /escalated/);
    assert.equal(one(db.database, "select count(distinct escalates) from maitred.notification where kind = 'alert'"), '130');
});

test('maintain makes missing days, drops old ones, and then has nothing to do', () => {
    const old = "to_char(clock_timestamp() at time zone 'UTC' - interval '9 days', 'YYYYMMDD')";
    sql(db.database, `do $$ begin
        execute 'create table feed_days.event_' || ${old} || ' (like feed.event including defaults including constraints)';
        execute 'alter table feed_days.event_' || ${old} || ' owner to maitred_feed_keeper';
        execute format('alter table feed.event attach partition feed_days.%I for values from (%L) to (%L)', 'event_' || ${old},
            date_trunc('day', clock_timestamp(), 'UTC') - interval '9 days', date_trunc('day', clock_timestamp(), 'UTC') - interval '8 days');
        end $$`);
    const r = run('maintain');
    assert.equal(r.status, 0, r.err);
    assert.match(r.out, /detach partition/);
    assert.equal(one(db.database, `select count(*) from pg_class where relname = 'event_' || ${old}`), '0');
    assert.match(run('maintain').out, /nothing to do/);
});

test('demo-data fills two venues; run again it adds nothing', () => {
    const demo = () => tool(['demo-data', '--restaurant', 'demo-r', '--hotel', 'demo-h', '--password-stdin'], { ...db, input: 'maitred-demo\n' });
    const r = demo();
    assert.equal(r.status, 0, r.err);
    const state = () => sql(db.database, `select slug, (select count(*) from maitred.reservation x where x.venue = v.id),
        (select count(*) from maitred.booking x where x.venue = v.id), (select count(*) from maitred.customer_order x where x.venue = v.id),
        (select count(*) from maitred.payment x where x.venue = v.id), (select count(*) from maitred.notification x where x.venue = v.id),
        (select count(*) from maitred.account x where x.venue = v.id), (select seq from feed.counter x where x.venue = v.id)
        from maitred.venue v where slug like 'demo-%' order by 1`);
    const first = state();
    assert.ok(Number(first[1][1]) > 500, 'reservations');
    assert.ok(Number(first[0][2]) > 80, 'bookings');
    assert.deepEqual(first.map((x) => x[6]), ['6', '6']);
    assert.equal(demo().status, 0);
    assert.deepEqual(state(), first);
});

test('the figures of the demo venues are all non-trivial', () => {
    const ask = (slug, call) => JSON.parse(one(db.database, `select (api.${call.replace('$',
        "(v.id, 1, 'test', 'admin', null, null, false)::api.caller")}).body from maitred.venue v where slug = '${slug}'`));
    const figures = ask('demo-r', 'dashboard_stats($)');
    for (const key of ['reservationsToday', 'expectedGuests', 'pendingPayments', 'prepaidReservations'])
        assert.ok(figures[key] > 0, `${key} ${figures[key]}`);
    const hotel = ask('demo-h', 'dashboard_stats($)');
    for (const key of ['reservationsToday', 'expectedGuests', 'pendingPayments', 'occupancyRate', 'adr', 'revpar'])
        assert.ok(hotel[key] > 0, `${key} ${hotel[key]}`);
    assert.ok(hotel.occupancyRate < 100);
    assert.ok(ask('demo-r', 'reservations_upcoming($)').length >= 3);
    for (const slug of ['demo-r', 'demo-h']) {
        assert.ok(ask(slug, 'dashboard_today($)').length > 3);
        const guests = ask(slug, "customers_frequency($, 'monthly')");
        assert.ok(guests.newCustomers > 0 && guests.returningCustomers > 0, JSON.stringify(guests));
        assert.equal(ask(slug, "dashboard_trends($, 'weekly')").chartData.filter((d) => d.value1 > 0 && d.value2 > 0).length, 7);
        const sources = ask(slug, "reservation_sources($, 'monthly')");
        for (const key of ['website', 'mobile', 'walkIn', 'phone', 'partner']) assert.ok(sources[key] > 0, key);
    }
    const revenue = ask('demo-h', "hotel_revenue_breakdown($, 'monthly')");
    assert.ok(revenue.roomTypes.length > 2 && revenue.services.length > 2);
    const states = (tab, slug) => sql(db.database, `select distinct x.status from maitred.${tab} x join maitred.venue v
        on v.id = x.venue where v.slug = '${slug}' order by 1`).map(([s]) => s);
    assert.deepEqual(states('dining_table', 'demo-r'), ['available', 'maintenance', 'occupied', 'reserved']);
    assert.deepEqual(states('reservation', 'demo-r'), ['cancelled', 'completed', 'confirmed', 'no_show', 'pending', 'seated']);
    assert.deepEqual(states('booking', 'demo-h'), ['cancelled', 'checked_in', 'checked_out', 'confirmed', 'no_show', 'pending']);
    assert.deepEqual(states('customer_order', 'demo-r'), ['confirmed', 'pending', 'preparing', 'ready', 'served']);
});
