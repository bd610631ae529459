// The bounds of an account, a venue and an address (SPEC 5.7) over two and three sidecars, each with a state
// directory of its own: opened in one moment at all of them, after a kill -9, after the rows were lost.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Sidecar, makeVenue, sql, until } from './lib/rig.mjs';

const bounds = { max_per_account: 4, max_per_venue: 6, max_per_address: 8 };
const roles = ['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer'];
// Whom each sidecar is asked for at once, so that no other bound is met.
const kinds = {
    max_per_account: () => { const v = makeVenue(); return Array(4).fill([v, 'admin']); },
    max_per_venue: () => { const v = makeVenue(); return roles.map((role) => [v, role]); },
    max_per_address: () => [1, 2, 3].map(() => makeVenue()).flatMap((v) => [[v, 'admin'], [v, 'waiter']]),
};

const opens = (c) => c.ws.readyState === 1 && c.code === undefined;
const refusal = (c) => c.code ?? Number(/ (\d{3})$/.exec(c.error?.message)?.[1]);
const rows = () => Number(sql('select count(*) from maitred.connections_now()'));
const nobody = () => until(() => rows() === 0, 'nobody is there');

// All at once; resolves when the database knows exactly those that are still open.
async function crowd(sidecars, whom) {
    const clients = sidecars.flatMap((s) => whom.map(([venue, role]) => s.client(venue, role)));
    await Promise.allSettled(clients.map((c) => c.opened));
    return clients;
}
const counted = (clients, n) => until(() => clients.filter(opens).length === n && clients.every((c) => opens(c) || c.ws.readyState === 3) && rows() === n,
    () => `${n} stay; ${clients.filter(opens).length} are open, ${rows()} have rows`);
const close = async (clients) => { await Promise.all(clients.filter(opens).map((c) => c.close())); await nobody(); };

for (const n of [2, 3]) {
    test(`${n} sidecars: each bound holds over all, in one moment and after a kill -9`, async () => {
        const all = await Promise.all(Array.from({ length: n }, () => new Sidecar(bounds).start()));
        for (const [name, make] of Object.entries(kinds)) {
            await nobody();
            const whom = make(), most = bounds[name], clients = await crowd(all, whom);
            await counted(clients, most);
            // Whoever comes later is refused everywhere, before the upgrade or right behind it.
            clients.push(...await crowd(all, [whom[0]]));
            await counted(clients, most);
            const told = clients.filter((c) => !opens(c)).map(refusal);
            assert.ok(told.every((code) => [429, 4008].includes(code)), `${name}: ${told}`);
            await clients.find(opens).close();
            await until(async () => {
                const [c] = await crowd([all[0]], [whom[0]]);
                clients.push(c);
                return opens(c);
            }, 'its place is free');
            await counted(clients, most);
            await close(clients);
        }
        const whom = kinds.max_per_account(), dying = all.pop(), clients = [];
        await until(async () => {
            clients.push(...await crowd([dying], whom));
            return clients.filter(opens).length === 4;
        }, 'it has all places');
        await counted(clients, 4);
        const early = await crowd(all, whom);
        await counted([...clients, ...early], 4);
        await dying.kill();
        await until(async () => {
            early.push(...await crowd(all, whom));
            return early.filter(opens).length >= 4;
        }, 'its places are free');
        await counted(early, 4);
        await close(early);
        await Promise.all(all.map((s) => s.stop()));
    });
}

test('rows that were lost are written again, and who is too many then is closed, the newest first', async () => {
    const all = await Promise.all([1, 2].map(() => new Sidecar(bounds).start())), whom = kinds.max_per_account();
    await nobody();
    const first = await crowd([all[0]], whom);
    await counted(first, 4);
    sql('delete from maitred.connection_lease');
    const second = await crowd([all[1]], whom.slice(0, 3));
    await counted(second, 3);
    sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'maitred-feed'");
    await counted([...first, ...second], 4);
    await close([...first, ...second]);
    await Promise.all(all.map((s) => s.stop()));
});
