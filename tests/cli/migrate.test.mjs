// migrate.test.mjs - the migration runner: forward only, by checksum, one at a time, all or nothing.
import test from 'node:test';
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fresh, one, sql, tool, toolAsync, top, work } from './lib/tool.mjs';

const shipped = readdirSync(join(top, 'sql', 'migrations')).filter((n) => n.endsWith('.sql')).sort();
const first = shipped[0], last = shipped.at(-1);
let copies = 0;
// The sql directory as a copy that a test may spoil.
function sqlCopy() {
    const dir = join(work, `sql${++copies}`);
    cpSync(join(top, 'sql'), dir, { recursive: true });
    return dir;
}
const migrate = (db, dir, ...more) => tool(['migrate', '--sql-dir', dir, ...more], db);
const code = (dir, text) => writeFileSync(join(dir, 'api', 'zz_probe.sql'), `set local role maitred_owner;\n${text}`);

test('migrating twice does nothing the second time', () => {
    const db = fresh('twice');
    const before = sql(db.database, 'select name, applied_at from deploy.migration order by 1');
    assert.ok(before.length >= 2);
    const again = tool(['migrate'], db);
    assert.equal(again.status, 0, again.err);
    assert.match(again.out, /nothing to do/);
    assert.deepEqual(sql(db.database, 'select name, applied_at from deploy.migration order by 1'), before);
});

test('a migration that was changed, lost, or comes too late is refused by its name', () => {
    const db = fresh('changed'), dir = sqlCopy();
    appendFileSync(join(dir, 'migrations', '0005_feed.sql'), '\n-- changed afterwards\n');
    writeFileSync(join(dir, 'migrations', '9000_next.sql'), 'create table maitred.never (x int);');
    const changed = migrate(db, dir);
    assert.equal(changed.status, 1);
    assert.match(changed.err, /migrations\/0005_feed\.sql has changed since it was applied/);
    assert.equal(one(db.database, "select to_regclass('maitred.never') is null"), 't');
    assert.equal(migrate(db, dir, '--dry-run').status, 1);
    cpSync(join(top, 'sql', 'migrations', '0005_feed.sql'), join(dir, 'migrations', '0005_feed.sql'));
    assert.equal(migrate(db, dir).status, 0);
    renameSync(join(dir, 'migrations', '9000_next.sql'), join(work, 'kept.sql'));
    assert.match(migrate(db, dir).err, /migrations\/9000_next\.sql was applied to this database and is not/);
    renameSync(join(work, 'kept.sql'), join(dir, 'migrations', '9000_next.sql'));
    writeFileSync(join(dir, 'migrations', '8000_late.sql'), 'select 1;');
    assert.match(migrate(db, dir).err, /migrations\/8000_late\.sql comes before a migration that has been applied/);
});

test('line ends of a checkout are no change', () => {
    const db = fresh('crlf'), dir = sqlCopy();
    const path = join(dir, 'migrations', first);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'));
    assert.match(migrate(db, dir).out, /nothing to do/);
});

test('a migration that fails leaves nothing of itself, and says file, line and reason', () => {
    const db = fresh('broken'), dir = sqlCopy();
    writeFileSync(join(dir, 'migrations', '9000_good.sql'), 'create table maitred.good (x int);');
    writeFileSync(join(dir, 'migrations', '9001_bad.sql'), 'create table maitred.half (x int);\n\nselect nonsense;\n');
    const r = migrate(db, dir);
    assert.equal(r.status, 1);
    assert.match(r.err, /migrations\/9001_bad\.sql:3: column "nonsense" does not exist/);
    assert.equal(one(db.database, "select to_regclass('maitred.good') is not null"), 't');
    assert.equal(one(db.database, "select to_regclass('maitred.half') is null"), 't');
    writeFileSync(join(dir, 'migrations', '9001_bad.sql'), 'create table maitred.half (x int);');
    const mended = migrate(db, dir);
    assert.equal(mended.status, 0, mended.err);
    assert.match(mended.out, /applied migrations\/9001_bad\.sql/);
});

test('code is applied again when a file of it changes, all of it or nothing', () => {
    const db = fresh('code'), dir = sqlCopy();
    code(dir, 'create function api.probe(first int) returns int language sql as $$ select first $$;');
    const dry = migrate(db, dir, '--dry-run');
    assert.match(dry.out, /new +api\/zz_probe\.sql/);
    assert.match(migrate(db, dir).out, /code applied again/);
    assert.equal(one(db.database, 'select api.probe(7)'), '7');
    // Another argument name, another result: what CREATE OR REPLACE alone would refuse.
    code(dir, 'create function api.probe(second int) returns text language sql as $$ select $1::text $$; select broken;');
    const bad = migrate(db, dir);
    assert.equal(bad.status, 1);
    assert.match(bad.err, /api\/zz_probe\.sql/);
    assert.equal(one(db.database, 'select api.probe(first => 7)'), '7');
    assert.match(migrate(db, dir, '--status').out, /changed +api\/zz_probe\.sql/);
    code(dir, 'create function api.probe(second int) returns text language sql as $$ select $1::text $$;');
    assert.equal(migrate(db, dir).status, 0);
    assert.equal(one(db.database, 'select api.probe(second => 8)'), '8');
    rmSync(join(dir, 'api', 'zz_probe.sql'));
    assert.equal(migrate(db, dir).status, 0);
    assert.equal(one(db.database, "select count(*) from pg_proc where proname = 'probe'"), '0', 'what is gone is gone');
});

test('status and dry-run write nothing, not even the record', () => {
    const db = fresh('dry', { migrate: false });
    sql('postgres', `create database ${db.database}`);
    const status = tool(['migrate', '--status'], db);
    assert.equal(status.status, 0, status.err);
    for (const name of shipped) assert.ok(status.out.includes(`pending  migrations/${name}`), name);
    assert.match(tool(['migrate', '--dry-run'], db).out, /never applied/);
    assert.equal(one(db.database, "select count(*) from pg_namespace where nspname in ('deploy', 'maitred')"), '0');
});

test('a wrong sql directory is refused before anything happens', () => {
    const db = fresh('nodir', { migrate: false });
    sql('postgres', `create database ${db.database}`);
    const r = migrate(db, work);
    assert.equal(r.status, 1);
    assert.match(r.err, /holds no migrations/);
    assert.equal(one(db.database, "select count(*) from pg_namespace where nspname = 'deploy'"), '0');
});

test('four processes at once: each migration is applied once, and all succeed', async () => {
    const db = fresh('race', { migrate: false });
    sql('postgres', `create database ${db.database}`);
    const ends = await Promise.all([1, 2, 3, 4].map(() => toolAsync(['migrate'], db).done));
    for (const end of ends) assert.equal(end.status, 0, end.err);
    const applied = ends.flatMap((e) => [...e.out.matchAll(/applied (migrations\/\S+)/g)].map((m) => m[1]));
    assert.deepEqual(applied.toSorted(), sql(db.database, 'select name from deploy.migration order by 1').map(([n]) => n));
    assert.equal(ends.filter((e) => /nothing to do/.test(e.out)).length, 3);
});

test('a process killed in the middle gives the lock back and leaves whole migrations only', async () => {
    const db = fresh('killed'), dir = sqlCopy();
    writeFileSync(join(dir, 'migrations', '9000_slow.sql'), 'create table maitred.slow (x int); select pg_sleep(60);');
    const running = toolAsync(['migrate', '--sql-dir', dir], db);
    const sleeping = `select count(*) from pg_stat_activity where datname = '${db.database}' and wait_event = 'PgSleep'`;
    while (one('postgres', sleeping) === '0') await new Promise((ok) => setTimeout(ok, 20));
    running.child.kill('SIGKILL');
    await running.done;
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${db.database}' and wait_event = 'PgSleep'`);
    writeFileSync(join(dir, 'migrations', '9000_slow.sql'), 'create table maitred.slow (x int);');
    const again = migrate(db, dir);
    assert.equal(again.status, 0, again.err);
    assert.equal(one(db.database, "select to_regclass('maitred.slow') is not null"), 't');
});

test('the roles that log in may execute api functions, and the owner functions are closed to them', () => {
    const db = fresh('roles');
    assert.deepEqual(sql(db.database, `select r.rolname, p.proname from pg_roles r, pg_proc p
        where r.rolname in ('maitred_rest', 'maitred_realtime', 'maitred_job')
          and p.pronamespace in ('maitred'::regnamespace, 'deploy'::regnamespace)
          and has_schema_privilege(r.rolname, p.pronamespace, 'usage')
          and has_function_privilege(r.rolname, p.oid, 'execute')`), []);
    assert.equal(one(db.database, "select has_function_privilege('maitred_rest', 'import.bookings(text, jsonb)', 'execute')"), 'f');
    assert.equal(one(db.database, "select has_function_privilege('maitred_job', 'import.bookings(text, jsonb)', 'execute')"), 't');
});
