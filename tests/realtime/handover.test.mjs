// Takeovers that fail: whatever becomes of a successor, the old one goes on as if there had been none, with the
// positions page by which the REST programs answer; and the page is never without somebody who keeps it.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { begin, breakConfig, end, gone, pageFile, pagesBeside, Program, serving, startSidecar, stopAll, takeOver, triesInVain } from './lib/handover.mjs';
import { binary, makeVenue, setTable, until, work } from './lib/rig.mjs';

after(stopAll);

const readyz = async (s) => (await fetch(`http://127.0.0.1:${s.port}/readyz`, { headers: { connection: 'close' } })).status;

async function house(settings) {
    const s = await startSidecar({ drain_seconds: 0, ...settings }), venue = makeVenue(), c = s.client(venue);
    await c.opened;
    await c.subscribe('restaurant_tables');
    const program = await new Program(s, venue).learns();
    return { s, venue, c, program, first: serving(s), page: pageFile(s) };
}

async function asIfNothing({ s, venue, c, program, first, page }) {
    assert.equal(serving(s), first);
    assert.equal(pageFile(s), page);
    assert.deepEqual(pagesBeside(s), []);
    await program.unharmed();
    const from = c.got.length;
    setTable(venue, 'occupied');
    setTable(venue, 'available');
    await c.wait((m) => m.type === 'table_update', from);
    assert.equal(c.code, undefined);
}

test('one that is too late: nobody came to it, it is killed, and the old one goes on; the next one takes over', async () => {
    const h = await house({ takeover_ms: 3000 }), { s } = h;
    const mend = breakConfig(s), next = await begin(s);
    await triesInVain(s, next);
    assert.deepEqual(pagesBeside(s), [`positions.${next}`]);
    await h.program.unharmed();
    let asked = 0;
    for (; !/the successor ended/.test(s.log()); asked++) assert.equal(await readyz(s), 200);
    assert.ok(asked > 10, `${asked} asked`);
    assert.match(s.log(), /the successor did not become ready[\s\S]*the successor ended; this one goes on" status=137/);
    await asIfNothing(h);
    mend();
    assert.notEqual(await takeOver(s), h.first);
    assert.equal(await h.c.closed, 1012);
    assert.notEqual(pageFile(s), h.page);
    assert.deepEqual(pagesBeside(s), []);
    await h.program.learns();
    await h.program.unharmed();
    await end(s);
});

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV'])
    test(`one that ends by ${signal} before it is ready`, async () => {
        const h = await house({}), { s } = h;
        breakConfig(s);
        const next = await begin(s);
        await triesInVain(s, next);
        assert.deepEqual(pagesBeside(s), [`positions.${next}`]);
        process.kill(next, signal);
        await until(() => /the successor ended; this one goes on/.test(s.log()), 'it says so');
        await asIfNothing(h);
        await s.stop();
    });

test('one that is killed after another, ten times, and then one that is not', async () => {
    const h = await house({}), { s } = h;
    for (let i = 0; i < 10; i++) {
        const next = await begin(s); // wherever it is by now
        process.kill(next, 'SIGKILL');
        await until(() => s.log().split('the successor ended').length === i + 2 || gone(h.first), 'it says so');
        assert.equal(gone(h.first), false, s.log().slice(-3000));
    }
    await asIfNothing(h);
    assert.notEqual(await takeOver(s), h.first);
    await h.program.learns();
    await end(s);
});

// The first start finds the door open; a successor waits at it, with the same process id.
test('one whose predecessor is killed before it has handed the page over puts it in place itself', async () => {
    const dir = fs.mkdtempSync(`${work}/door-`), door = `${dir}/open`, own = `${dir}/maitred-realtime`;
    fs.writeFileSync(own, `#!/bin/sh\nwhile [ ! -e ${door} ]; do sleep 0.05; done\nexec ${binary} "$@"\n`, { mode: 0o755 });
    fs.writeFileSync(door, '');
    const s = await startSidecar({ drain_seconds: 0 }, own), venue = makeVenue(), first = serving(s);
    const program = await new Program(s, venue).learns(), page = pageFile(s);
    fs.rmSync(door);
    const next = await begin(s);
    process.kill(first, 'SIGSTOP');
    fs.writeFileSync(door, '');
    await until(() => serving(s) === next, 'it is ready');
    assert.equal(pageFile(s), page);
    assert.deepEqual(pagesBeside(s), [`positions.${next}`]);
    process.kill(first, 'SIGKILL');
    await until(() => pageFile(s) !== page, 'its page is in place');
    assert.deepEqual(pagesBeside(s), []);
    await program.learns();
    await program.unharmed();
    await end(s);
});

test('one whose predecessor is killed serves, ready or not', async () => {
    const s = await startSidecar(), page = pageFile(s);
    breakConfig(s);
    const next = await begin(s);
    await triesInVain(s, next);
    await s.kill();
    assert.equal(await readyz(s), 503);
    assert.notEqual(pageFile(s), page);
    process.kill(next, 'SIGTERM');
    await until(() => gone(next), 'it has gone');
});

test('who stops a sidecar stops its successor that is still starting', async () => {
    const s = await startSidecar({ drain_seconds: 0 });
    breakConfig(s);
    const next = await begin(s);
    await triesInVain(s, next);
    await s.stop();
    await until(() => gone(next), 'the successor has gone');
    assert.deepEqual(pagesBeside(s), []);
});
