// The bell at its switch: rates up and down over the threshold, writers that saw it awake and commit late, a sidecar that
// dies. The safety poll is out of reach, and each round ends in silence, so a bell that was wrongly left out shows as an
// event that does not come at all. And an idle system, which writes nothing.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Sidecar, eventsOf, head, makeVenue, psql, rows, seqOf, sql, until } from './lib/rig.mjs';

const FEW = 40, ENOUGH = 6; // rounds at most; switches of one sidecar that are wanted
const NO_POLL = { feed_poll_ms: 600000 };
let sidecars;
before(async () => {
    sql(`create table public.switched (name text, asleep boolean);
        create function public.switched() returns trigger language plpgsql security definer
            as $$ begin insert into public.switched values (new.name, new.asleep); return null; end $$;
        create trigger z_switched after update on feed.follower for each row
            when (old.asleep is distinct from new.asleep) execute function public.switched()`);
    sidecars = await Promise.all([new Sidecar(NO_POLL).start(), new Sidecar(NO_POLL).start()]);
});
after(async () => {
    await Promise.all(sidecars.map((s) => s.stop()));
    sql('drop trigger z_switched on feed.follower; drop function public.switched(); drop table public.switched');
});

const random = (n) => Math.floor(Math.random() * n);
const touch = (venue, i = random(2)) =>
    `update maitred.dining_table set status_note = 'n' || random() where venue = ${venue.id} and id = ${venue.tables[i]};`;
const pause = (most) => `select pg_sleep(random() * ${most});`;
const bell = () => sql('select count(*) filter (where not asleep) from public.switched') / 2;

const kinds = {
    // Many commits without a round trip between them: over the threshold on any machine.
    rush: (venue) => `set synchronous_commit = off; do $$ begin for i in 1..${200 + random(400)} loop ${touch(venue)} commit; end loop; end $$;`,
    lone: (venue) => Array.from({ length: 8 }, () => pause(0.12) + touch(venue)).join('\n'),
    // Has made its event, and so has looked whether somebody sleeps, long before it commits.
    long: (venue) => `${pause(0.4)} begin; ${touch(venue)} set constraints all immediate; ${pause(1.2)} commit;`,
    idle: (venue) => `${pause(0.2)} begin; ${touch(venue)} ${pause(0.6)} commit;`,
    undone: (venue) => `${pause(0.3)} begin; ${touch(venue)} set constraints all immediate; ${pause(0.4)} rollback;`,
};

// A transaction that stays open until it is told to end.
function session(t, script) {
    const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.write(script + '\n');
    t.after(() => child.kill());
    return {
        async end(more) {
            child.stdin.end(more + '\n');
            assert.deepEqual(await once(child, 'exit'), [0, null]);
        },
    };
}

async function follow(sidecar, venue) {
    const c = sidecar.client(venue);
    await c.opened;
    c.start = seqOf((await c.subscribe('restaurant_tables')).cursor);
    return c;
}
const check = (c, venue) => assert.deepEqual(c.events.map((m) => seqOf(m.cursor)),
    eventsOf(venue, c.start).map((e) => e.seq), 'complete, in order, once');

test('hammered at the switch: no event is left to the safety poll', async (t) => {
    const writers = Object.keys(kinds).map((kind) => ({ kind, venue: makeVenue() })).concat(['rush', 'long', 'long'].map((kind) => ({ kind, venue: makeVenue() })));
    const clientsOf = (s) => Promise.all(writers.map((w) => follow(s, w.venue)));
    let [ours, others] = await Promise.all(sidecars.map(clientsOf));
    let killed = false, round = 0;
    for (; round < FEW && (bell() < 2 * ENOUGH || !killed); round++) {
        const writing = Promise.all(writers.map((w) => psql(kinds[w.kind](w.venue))));
        if (round === 5) {
            await new Promise((done) => setTimeout(done, random(300)));
            await sidecars[1].kill();
            killed = true;
        }
        await writing;
        // Silence: nothing is written any more, and everybody has to have it.
        const heads = new Map(rows('select venue, seq from feed.counter').map((c) => [c.venue, c.seq]));
        const there = (clients) => Promise.all(clients.map((c, i) => c.reached(heads.get(writers[i].venue.id))));
        await there(ours);
        if (round === 5) { // the dead one's successor; what it left in the list of followers is gone
            sidecars[1] = await new Sidecar(NO_POLL).start();
            others = await clientsOf(sidecars[1]);
            await until(() => rows("select 1 from feed.follower where name like 'sidecar-%'").length === 2, 'two followers');
        }
        await there(others);
        // Else the next round begins on the way back to sleep.
        if (random(2)) await until(() => rows('select 1 from feed.follower where not asleep').length === 0, 'asleep');
    }
    writers.forEach((w, i) => { check(ours[i], w.venue); check(others[i], w.venue); });
    assert.ok(killed && bell() >= ENOUGH, `${bell()} times awake`);
    t.diagnostic(`${round} rounds, ${bell()} times awake and asleep again, ${ours.reduce((n, c) => n + c.events.length, 0)} events`);
    await Promise.all([...ours, ...others].map((c) => c.close()));
});

// A transaction that stays open for an hour keeps a follower from relying on the bell; not from doing without it.
test('while an old transaction is waited for, a rush does without the bell all the same', async (t) => {
    const venue = makeVenue(), other = makeVenue(), c = await follow(sidecars[0], venue);
    const asleep = () => until(() => rows('select 1 from feed.follower where not asleep').length === 0, 'asleep');
    // It rings, and has not ended: whoever else rings is one of a crowd, however slow the machine.
    await asleep();
    const old = session(t, `begin; ${touch(other)} set constraints all immediate;`);
    await until(() => rows("select 1 from pg_stat_activity where state = 'idle in transaction' and backend_xid is not null").length === 1, 'it is open');
    const from = bell();
    for (let i = 0; i < 3; i++) {
        await psql(kinds.rush(venue));
        await asleep();
    }
    assert.ok(bell() > from + 1, 'awake, asleep, and awake again');
    await old.end('commit;');
    await c.reached(head(venue));
    check(c, venue);
    await c.close();
});

test('an idle system writes nothing', async () => {
    const quick = { feed_poll_ms: 100, ping_interval_ms: 100, stats_interval_ms: 50 };
    const idle = await Promise.all([new Sidecar(quick).start(), new Sidecar(quick).start()]);
    const venue = makeVenue(), clients = await Promise.all(idle.map((s) => follow(s, venue)));
    await Promise.all(clients.map((c) => c.subscribe('restaurant_orders', 'restaurant_stats', 'restaurant_metrics')));
    // What is not ours to write: the upkeep of tables. A page that is read is tidied up once, and a snapshot for
    // standbys is logged once after the last change; so there must come a time in which twenty polls of each sidecar
    // and as many pings pass while the log stands still. Who wrote now and then would never let it come.
    sql('alter system set autovacuum = off');
    sql('select pg_reload_conf()');
    const polls = () => Number(sql("select calls from pg_stat_statements where query like '%from api.feed_heads(%' and toplevel order by calls desc limit 1"));
    const place = () => sql('select pg_current_wal_insert_lsn(), pg_snapshot_xmax(pg_current_snapshot())');
    await until(async () => {
        const before = place(), enough = polls() + 40;
        await until(() => polls() >= enough, 'polls');
        return place() === before;
    }, 'a time in which nothing is written', 60000);
    sql('alter system reset autovacuum');
    sql('select pg_reload_conf()');
    await Promise.all(clients.map((c) => c.close()));
    await Promise.all(idle.map((s) => s.stop()));
});

// A backend that is slow to hear it: the sidecar waits.
test('who has gone has said goodbye', async (t) => {
    const names = () => rows('select name from feed.follower').map((f) => f.name);
    const known = names(), s = await new Sidecar(NO_POLL).start();
    await until(() => names().length > known.length, 'one more');
    const name = names().find((n) => !known.includes(n));
    const holder = session(t, `begin; select 1 from feed.follower where name = '${name}' for update;`);
    await until(() => rows("select 1 from pg_locks where relation = 'feed.follower'::regclass and mode = 'RowShareLock'").length, 'the row is held');
    const gone = s.stop();
    await until(() => rows('select 1 from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0').length, 'it is waited for');
    await holder.end('commit;');
    await gone;
    assert.ok(!names().includes(name));
});
