// import.test.mjs - the import as a command: encodings, gzip, rejects, kills, two at once, refusals.
// (What the rows become is compared with the files in tests/import.)
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { figures, fresh, one, sql, tool, toolAsync, top, until, work } from './lib/tool.mjs';
import { windows1252 } from '../lib/windows1252.mjs';

const fixture = join(top, 'tests', 'fixture');
const at = (name) => join(fixture, `${name}.csv`);
const db = fresh('load');
let venues = 0;
function venue(kind) {
    const slug = `v${++venues}`;
    assert.equal(tool(['venue', 'create', slug, '--kind', kind], db).status, 0);
    return slug;
}
const load = (...args) => tool(['import', ...args], db);
const bookings = (slug, path, ...more) => load('bookings', '--venue', slug, path, ...more);
const paths = { orders: 'pizza_orders', details: 'pizza_order_details', pizzas: 'pizza_pizzas', types: 'pizza_pizza_types' };
const orders = (slug, changed = {}, ...more) => load('orders', '--venue', slug, '--encoding', 'auto',
    ...Object.entries(paths).flatMap(([o, n]) => [`--${o}`, changed[o] ?? at(n)]), ...more);
const count = (slug, tab) => Number(one(db.database, `select count(*) from maitred.${tab} x join maitred.venue v
    on v.id = x.venue where v.slug = '${slug}'`));
// Everything that a venue has, without its ids and the moment of storing.
const digest = (slug) => sql(db.database, `select md5(string_agg(t, '|' order by t)) from (
    select format('%s %s %s %s %s %s %s', b.external_ref, b.guest_name, b.check_in, b.nights, b.status, b.total_amount, r.number) as t
    from maitred.booking b left join maitred.room r on r.venue = b.venue and r.id = b.room_id
    join maitred.venue v on v.id = b.venue where v.slug = '${slug}'
    union all select format('%s %s %s', o.external_ref, o.created_at, o.total_price) from maitred.customer_order o
    join maitred.venue v on v.id = o.venue where v.slug = '${slug}'
    union all select format('%s %s %s', i.name, i.description, i.price) from maitred.menu_item i
    join maitred.venue v on v.id = i.venue where v.slug = '${slug}') x`)[0][0];
const scratch = (name, bytes) => {
    const path = join(work, name);
    writeFileSync(path, bytes);
    return path;
};

test('gzip and plain give the same', () => {
    const plain = venue('hotel'), packed = venue('hotel'), r1 = venue('restaurant'), r2 = venue('restaurant');
    const gz = (n) => scratch(`${n}.csv.gz`, gzipSync(readFileSync(at(n))));
    assert.equal(bookings(plain, at('hotel_bookings')).status, 0);
    assert.equal(bookings(packed, gz('hotel_bookings')).status, 0);
    assert.equal(digest(plain), digest(packed));
    assert.equal(orders(r1).status, 0);
    assert.equal(orders(r2, Object.fromEntries(Object.entries(paths).map(([o, n]) => [o, gz(n)]))).status, 0);
    assert.equal(digest(r1), digest(r2));
    assert.notEqual(digest(r1), digest(plain));
});

test('a byte that is not UTF-8 is named with file, line and offset, and nothing is kept', () => {
    const slug = venue('restaurant');
    const r = orders(slug, {}, '--encoding', 'UTF-8');
    assert.equal(r.status, 1);
    assert.match(r.err, /pizza_pizza_types\.csv:4: byte 0x91 at offset \d+ is not UTF-8; try --encoding windows-1252, or auto/);
    const offset = Number(/offset (\d+)/.exec(r.err)[1]);
    assert.equal(readFileSync(at('pizza_pizza_types'))[offset], 0x91);
    assert.equal(count(slug, 'menu_item') + count(slug, 'customer_order'), 0);
});

test('windows-1252, auto and UTF-16 give the same menu, with the apostrophe right', () => {
    const text = windows1252(readFileSync(at('pizza_pizza_types')));
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    const wideAll = (n) => scratch(`wide-${n}.csv`, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(readFileSync(at(n), 'latin1'), 'utf16le')]));
    const bom = scratch('bom.csv', '\ufeff' + text);
    const menu = (types, encoding, pizzas = at('pizza_pizzas')) => {
        const slug = venue('restaurant');
        const r = load('menu', '--venue', slug, '--pizzas', pizzas, '--types', types, ...(encoding ? ['--encoding', encoding] : []));
        assert.equal(r.status, 0, r.err);
        return sql(db.database, `select m.name, m.description from maitred.menu_item m join maitred.venue v on v.id = m.venue
            where v.slug = '${slug}' order by 1`);
    };
    const expected = menu(at('pizza_pizza_types'), 'windows-1252');
    assert.ok(expected.some(([name]) => name === 'The Chef\u2019s Inferno (L)'));
    assert.ok(expected.some(([, d]) => d.includes('\u2018Nduja') || d.includes('Jalape\u00f1os')));
    assert.deepEqual(menu(at('pizza_pizza_types'), 'auto'), expected);
    assert.deepEqual(menu(bom, null), expected);
    assert.deepEqual(menu(scratch('wide.csv', wide), 'UTF-16', wideAll('pizza_pizzas')), expected);
    assert.match(load('menu', '--venue', venue('restaurant'), '--pizzas', bom, '--types', bom, '--encoding', 'klingon').err, /klingon is not known/);
});

test('one wrong byte does not spoil the lines that are UTF-8', () => {
    const slug = venue('restaurant');
    const lines = Buffer.concat([Buffer.from('PizzaTypeID,PizzaType,Name,Category,Ingredients\n1,a,Jalape\u00f1o,Hot,x\n2,b,Chef'),
        Buffer.from([0x92]), Buffer.from('s,Hot,y\n')]);
    const pizzas = scratch('two.csv', 'PizzaID,PizzaTypeID,PizzaType,Size,Price\n1,1,a,S,1\n2,2,b,S,2\n');
    const r = load('menu', '--venue', slug, '--types', scratch('mixed.csv', lines), '--pizzas', pizzas, '--encoding', 'auto');
    assert.equal(r.status, 0, r.err);
    assert.match(r.out, /1 lines were not UTF-8/);
    assert.deepEqual(sql(db.database, `select m.name from maitred.menu_item m join maitred.venue v on v.id = m.venue
        where v.slug = '${slug}' order by m.price`).map(([n]) => n), ['Jalape\u00f1o (S)', 'Chef\u2019s (S)']);
});

test('rejects are written with file, line and reason; lines count as an editor counts them', () => {
    const slug = venue('hotel'), path = join(work, 'rejects.csv');
    const r = bookings(slug, at('hotel_bookings'), '--rejects', path);
    assert.equal(figures(r.out)['rejected rows'], 15);
    const rejects = readFileSync(path, 'utf8').trim().split('\n');
    assert.equal(rejects[0], 'file,line,reason');
    assert.ok(rejects.includes(`"${at('hotel_bookings')}",7,"a stay of no nights"`));
    assert.ok(rejects.includes(`"${at('hotel_bookings')}",19,"a stay of no nights; no guests"`));
    const lines = readFileSync(at('hotel_bookings'), 'utf8').split('\n');
    const cut = Number(/,(\d+),"3 fields/.exec(rejects.join('\n'))[1]);
    assert.equal(lines[cut - 1].trim(), 'Harbour Inn,0,7');
    // After an empty line and a field with a line end in it, numbers still agree.
    const refs = sql(db.database, `select external_ref from maitred.booking b join maitred.venue v on v.id = b.venue
        where v.slug = '${slug}' order by split_part(external_ref, ':', 2)::int desc limit 1`)[0][0];
    assert.equal(Number(refs.split(':')[1]), lines.length - 1, 'the last booking stands on the last line');
});

test('--hotel takes one of the hotels, --rooms sets their number, and too few is no way to break a rule', () => {
    const slug = venue('hotel');
    const r = bookings(slug, at('hotel_bookings'), '--hotel', 'hill lodge', '--rooms', 'A=40, B=9', '--shift-to-today=2015-09-18');
    assert.equal(r.status, 0, r.err);
    assert.deepEqual(sql(db.database, `select distinct split_part(b.external_ref, ':', 1) from maitred.booking b
        join maitred.venue v on v.id = b.venue where v.slug = '${slug}'`), [['Hill Lodge']]);
    assert.deepEqual(sql(db.database, `select t.name, count(*) from maitred.room r join maitred.room_type t on t.venue = r.venue
        and t.id = r.room_type_id join maitred.venue v on v.id = r.venue where v.slug = '${slug}' and t.name < 'Room type C' group by 1 order by 1`),
    [['Room type A', '40'], ['Room type B', '9']]);
    const small = venue('hotel');
    const few = bookings(small, at('hotel_bookings'), '--rooms', 'A=1', '--shift-to-today=2015-09-18');
    assert.equal(few.status, 1);
    assert.match(few.err, /No Room type A is left for \d{4}-\d\d-\d\d/);
    assert.equal(count(small, 'booking') + count(small, 'room') + count(small, 'customer'), 0);
    assert.match(bookings(small, at('hotel_bookings'), '--rooms', 'A:1').err, /TYPE=NUMBER/);
    assert.match(bookings(small, at('hotel_bookings'), '--shift-to-today=soon').err, /YYYY-MM-DD/);
});

test('a second run adds nothing; a dry run adds nothing either', () => {
    const slug = venue('hotel');
    const dry = bookings(slug, at('hotel_bookings'), '--dry-run');
    assert.equal(dry.status, 0, dry.err);
    assert.equal(figures(dry.out)['bookings added'], 249);
    assert.equal(count(slug, 'booking') + count(slug, 'room_type'), 0);
    assert.equal(bookings(slug, at('hotel_bookings')).status, 0);
    const before = digest(slug);
    const again = figures(bookings(slug, at('hotel_bookings')).out);
    assert.equal(again['bookings added'], 0);
    assert.equal(again['bookings there already'], 249);
    assert.equal(again['rooms added'] + again['guests added'] + again['room types added'], 0);
    assert.equal(digest(slug), before);
});

test('an import that is killed leaves nothing behind', async () => {
    const slug = venue('restaurant');
    // A writer of another session holds the venue's row for keys: the import stops in its midst.
    const big = ['OrderID,Date,Time'], lines = ['OrderDetailsID,OrderID,PizzaID,PizzaType,Quantity'];
    for (let i = 1; i <= 4000; i++) {
        big.push(`${i},01-01-2020,12:00:00`);
        lines.push(`${i},${i},1,margherita_s,1`);
    }
    const files = { orders: scratch('big.csv', big.join('\n')), details: scratch('lines.csv', lines.join('\n')) };
    const holder = toolAsyncHolder(slug);
    await until(() => one('postgres', "select count(*) from pg_stat_activity where application_name = 'holder' and wait_event = 'PgSleep'") === '1');
    const run = toolAsync(['import', 'orders', '--venue', slug, '--encoding', 'auto', '--rejects', join(work, 'killed.csv'),
        ...Object.entries(paths).flatMap(([o, n]) => [`--${o}`, files[o] ?? at(n)])], db);
    await until(() => one('postgres', `select count(*) from pg_stat_activity where usename = 'maitred_job' and wait_event_type = 'Lock'`) === '1');
    run.child.kill('SIGKILL');
    assert.equal((await run.done).signal, 'SIGKILL');
    // The server notices by itself, while its statement still waits.
    await until(() => one('postgres', "select count(*) from pg_stat_activity where usename = 'maitred_job'") === '0');
    holder.kill();
    await until(() => one('postgres', "select count(*) from pg_stat_activity where application_name = 'holder'") === '0');
    for (const tab of ['customer_order', 'order_item', 'payment', 'menu_item', 'menu_category']) assert.equal(count(slug, tab), 0, tab);
    assert.ok(!existsSync(join(work, 'killed.csv')), 'no reject file of an import that did not happen');
    const whole = orders(slug, files);
    assert.equal(whole.status, 0, whole.err);
    assert.equal(count(slug, 'customer_order'), 4000);
});

function toolAsyncHolder(slug) {
    const child = spawn('psql', ['-X', '-q', '-d', `dbname=${db.database} application_name=holder`, '-c',
        `begin; select from maitred.venue where slug = '${slug}' for update; select pg_sleep(60)`]);
    return { kill: () => sql('postgres', "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'holder'"), child };
}

test('two imports of one venue at once take turns', async () => {
    const slug = venue('hotel');
    const both = await Promise.all([1, 2].map(() =>
        toolAsync(['import', 'bookings', '--venue', slug, at('hotel_bookings')], db).done));
    for (const r of both) assert.equal(r.status, 0, r.err);
    assert.deepEqual(both.map((r) => figures(r.out)['bookings added']).sort((a, b) => a - b), [0, 249]);
    assert.equal(count(slug, 'booking'), 249);
});

test('what is wrong with a file or a venue is said, and nothing is kept', () => {
    const hotel = venue('hotel'), shop = venue('restaurant');
    const fails = (r, pattern) => {
        assert.equal(r.status, 1, r.out);
        assert.match(r.err, pattern);
    };
    fails(bookings(shop, at('hotel_bookings')), /is a restaurant: it has no bookings/);
    fails(bookings('nowhere', at('hotel_bookings')), /no venue nowhere/);
    fails(orders(hotel), /is a hotel/);
    fails(load('bookings', at('hotel_bookings')), /--venue is needed/);
    fails(load('orders', '--venue', shop), /--\w+ is needed/);
    fails(bookings(hotel, join(work, 'none.csv')), /none\.csv: No such file/);
    fails(bookings(hotel, work), /is no file/);
    fails(bookings(hotel, scratch('empty.csv', '')), /empty\.csv is empty/);
    fails(bookings(hotel, at('pizza_orders')), /has no column hotel, lead_time/);
    fails(bookings(hotel, scratch('open.csv', readFileSync(at('hotel_bookings'), 'utf8') + '"never closed,1\n')), /open\.csv:\d+: a quoted field begins here and never ends/);
    const cut = scratch('cut.csv.gz', gzipSync(readFileSync(at('hotel_bookings'))));
    truncateSync(cut, 4000);
    fails(bookings(hotel, cut), /cut\.csv\.gz: .*(cut off|unexpected end)/);
    assert.equal(count(hotel, 'booking') + count(hotel, 'room'), 0);
    const nul = scratch('nul.csv', readFileSync(at('hotel_bookings'), 'latin1').replace('Hill Lodge', 'Hill\0Lodge'));
    const r = bookings(hotel, nul, '--rejects', join(work, 'nul-rejects.csv'));
    assert.equal(r.status, 0, r.err);
    assert.match(readFileSync(join(work, 'nul-rejects.csv'), 'utf8'), /"a NUL byte in hotel"/);
});

test('the importing role can not read a table, nor fool the owner with a staging table of its own', () => {
    const as = (text) => {
        try {
            return sql(`dbname=${db.database} user=maitred_job`, text);
        } catch (e) {
            return String(e);
        }
    };
    assert.match(String(as('select * from maitred.customer')), /permission denied/);
    const slug = venue('restaurant');
    assert.match(String(as(`begin; create temp table import_types (line int, problem text);
        create temp table import_pizzas (line int); create temp table import_rejects (tab text);
        select * from import.menu('${slug}', '{}')`)), /import\.begin comes first/);
});
