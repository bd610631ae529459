// A new process takes the listening socket over: nobody is refused meanwhile, and who follows misses nothing.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { closeAll, floorAt } from './lib/floor.mjs';
import { Sidecar, binary, comeBack, head, makeVenue, seqOf, setTable, token, until } from './lib/rig.mjs';

after(closeAll);

// Of the processes that have said in this log that they are ready, the latest.
const readyPids = (s) => [...s.log().matchAll(/pid=(\d+) msg=ready/g)].map((m) => Number(m[1]));
const gone = (pid) => { try { process.kill(pid, 0); return false; } catch { return true; } };

async function takeOver(s) {
    const before = readyPids(s).at(-1);
    process.kill(before, 'SIGUSR2');
    await until(() => readyPids(s).at(-1) !== before, () => `a successor in ${s.log().slice(-2000)}`);
    await until(() => gone(before), 'the predecessor has gone');
    return readyPids(s).at(-1);
}

async function end(s) {
    const last = readyPids(s).at(-1);
    process.kill(last, 'SIGTERM');
    await until(() => gone(last), 'it has gone');
    assert.doesNotMatch(s.log(), /ERROR: |runtime error/);
}

// One request on a connection of its own, by hand: a status line, or what went wrong.
const once = (port, request) => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(request));
    let got = '';
    socket.on('data', (data) => {
        got += data;
        if (!/\r\n\r\n/.test(got)) return;
        socket.destroy();
        resolve(got.split('\r\n')[0]);
    });
    socket.on('error', (e) => resolve(e.code));
    socket.on('close', () => resolve(`closed after "${got}"`));
});

test('three takeovers in a row: no connection is refused, and every kind of client goes on', async () => {
    const s = await new Sidecar({ drain_seconds: 1, max_per_account: 9000, max_per_venue: 9000, max_per_address: 9000 }).start(), venue = makeVenue();
    const first = s.client(venue);
    await first.opened;
    await first.subscribe('restaurant_tables');
    const f = await floorAt(`http://127.0.0.1:${s.port}`, venue, null);
    const bearer = `Authorization: Bearer ${token(venue)}\r\n`, get = (target) => `GET ${target} HTTP/1.1\r\nHost: h\r\n${bearer}\r\n`;
    const requests = {
        health: get('/healthz'),
        poll: get('/poll?channels=restaurant_tables&timeout=0'),
        stream: get('/events?channels=restaurant_tables'),
        websocket: `GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
            `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${bearer}\r\n`,
        engineio: get('/socket.io/?EIO=4&transport=polling'),
    };
    const answers = new Map();
    let going = true, asked = 0;
    const crowd = Object.entries(requests).map(async ([kind, request]) => {
        while (going) {
            const answer = await once(s.port, request);
            asked++;
            answers.set(`${kind}: ${answer}`, (answers.get(`${kind}: ${answer}`) ?? 0) + 1);
        }
    });
    // A kept connection, too: http.Agent uses it again while the server leaves it open.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const kept = (async () => {
        while (going) {
            const answer = await new Promise((resolve) => http.get({ port: s.port, host: '127.0.0.1', path: '/readyz', agent }, (r) => { r.resume(); r.on('end', () => resolve(r.statusCode)); })
                .on('error', (e) => resolve(e.code)));
            answers.set(`kept: ${answer}`, (answers.get(`kept: ${answer}`) ?? 0) + 1);
        }
    })();
    const seen = [], follow = (c) => seen.push(...c.got.filter((m) => m.type === 'table_update').map((m) => seqOf(m.cursor)));
    let follower = first;
    const from = head(venue);
    for (let i = 0; i < 3; i++) {
        const over = takeOver(s);
        for (let k = 0; k < 4; k++) setTable(venue, k % 2 ? 'available' : 'occupied');
        await over;
        assert.equal(await follower.closed, 1012);
        follow(follower);
        const lost = { session: follower.session, cursor: follower.cursor };
        follower = await comeBack(s, venue, lost);
    }
    going = false;
    await Promise.all([...crowd, kept]);
    agent.destroy();
    await follower.reached(head(venue));
    follow(follower);
    assert.deepEqual([...new Set(seen)], Array.from({ length: head(venue) - from }, (_, i) => from + 1 + i));
    for (const kind of [...Object.keys(requests), 'kept']) assert.ok([...answers.keys()].some((a) => a.startsWith(`${kind}: `)), kind);
    const bad = [...answers].filter(([answer]) => !/ (200|101|503)( |$)/.test(answer) || /: .* 503/.test(answer));
    assert.deepEqual(bad, [], `${asked} asked`);
    await f.told(head(venue) - from);
    assert.equal(f.socket.recovered, true);
    f.close();
    await follower.close();
    await end(s);
});

test('a successor that can\'t start changes nothing', async () => {
    const s = new Sidecar(), own = path.join(s.dir, 'maitred-realtime');
    fs.copyFileSync(binary, own);
    await s.start(own);
    const venue = makeVenue(), c = s.client(venue);
    await c.opened;
    await c.subscribe('restaurant_tables');
    fs.rmSync(own);
    fs.writeFileSync(own, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    s.child.kill('SIGUSR2');
    await until(() => /the successor ended; this one goes on.*status=3/.test(s.log()), 'it says so');
    fs.rmSync(own);
    s.child.kill('SIGUSR2');
    await until(() => /status=127/.test(s.log()), 'it says so');
    setTable(venue, 'occupied');
    await c.wait('table_update');
    await c.close();
    await s.stop();
});
