// A new process takes the listening socket over: nobody is refused meanwhile, and who follows misses nothing.
import { test, after } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { closeAll, floorAt } from './lib/floor.mjs';
import { opened, seat } from './lib/entity.mjs';
import { end, gone, serving, startSidecar, stopAll, succeed, takeOver } from './lib/handover.mjs';
import { binary, comeBack, head, makeVenue, seqOf, setTable, sql, token, until, work } from './lib/rig.mjs';

after(() => { closeAll(); stopAll(); });

// One request on a connection of its own, by hand: a status line, or what went wrong.
const answerTo = (port, request) => new Promise((resolve) => {
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

const ask = (port, venue, agent, more) => new Promise((resolve) => {
    http.get({ port, host: '127.0.0.1', agent, path: `/poll?channels=restaurant_tables${more}`, headers: { authorization: `Bearer ${token(venue)}` } }, async (r) => {
        let text = '';
        for await (const data of r) text += data;
        resolve({ status: r.statusCode, body: r.statusCode === 200 ? JSON.parse(text) : undefined });
    }).on('error', (e) => resolve({ status: e.code }));
});

test('three takeovers in a row: no connection is refused, and every kind of client goes on', async () => {
    const s = await startSidecar({ drain_seconds: 1, max_per_account: 9000, max_per_venue: 9000, max_per_address: 9000 }), venue = makeVenue();
    const first = s.client(venue);
    await first.opened;
    await first.subscribe('restaurant_tables');
    const floors = [];
    for (const transports of [['websocket'], ['polling']]) floors.push(await floorAt(`http://127.0.0.1:${s.port}`, venue, null, { transports }));
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
            const answer = await answerTo(s.port, request);
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
    // A poller that asks on from where it was, on a kept connection while there is one; nothing may break.
    const polled = [], poller = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let at = (await ask(s.port, venue, poller, '')).body.cursor;
    const polling = (async () => {
        while (going || seqOf(at) < head(venue)) {
            const { status, body } = await ask(s.port, venue, poller, `&since=${at}&timeout=2`);
            answers.set(`poller: ${status}`, (answers.get(`poller: ${status}`) ?? 0) + 1);
            if (!body) break;
            at = body.cursor;
            polled.push(...body.events.filter((e) => e.type === 'table_update').map((e) => seqOf(e.cursor)));
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
    await Promise.all([...crowd, kept, polling]);
    agent.destroy();
    poller.destroy();
    await follower.reached(head(venue));
    follow(follower);
    const all = Array.from({ length: head(venue) - from }, (_, i) => from + 1 + i);
    assert.deepEqual([...new Set(seen)], all);
    assert.deepEqual(polled, all);
    for (const kind of [...Object.keys(requests), 'kept', 'poller']) assert.ok([...answers.keys()].some((a) => a.startsWith(`${kind}: `)), kind);
    const bad = [...answers].filter(([answer]) => !/ (200|101|503)( |$)/.test(answer) || /: .* 503/.test(answer));
    assert.deepEqual(bad, [], `${asked} asked`);
    for (const f of floors) {
        await f.told(head(venue) - from);
        assert.equal(f.socket.recovered, true);
        f.close();
    }
    await follower.close();
    await end(s);
});

test('a successor that can\'t start changes nothing', async () => {
    const own = path.join(fs.mkdtempSync(`${work}/own-`), 'maitred-realtime');
    fs.copyFileSync(binary, own);
    const s = await startSidecar({ drain_seconds: 0 }, own);
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

test('a successor that has taken over has no time limit, however long the drain lasts', async () => {
    const s = await startSidecar({ takeover_ms: 3000, drain_seconds: 60, handshake_timeout_ms: 60000 }), old = serving(s);
    const guest = net.connect(s.port, '127.0.0.1'); // has been accepted, and asks nothing yet
    await once(guest, 'connect');
    assert.match(await answerTo(s.port, 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'), / 200/); // so have all who came before
    const begun = Date.now(), next = await succeed(s);
    await until(() => Date.now() > begun + 3500, 'the time is over');
    assert.equal(gone(old), false);
    assert.equal(gone(next), false);
    guest.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    assert.match(String((await once(guest, 'data'))[0]), /^HTTP\/1.1 200 [\s\S]*Connection: close/i);
    await until(() => gone(old), 'it has gone');
    assert.doesNotMatch(s.log(), /did not become ready/);
    await end(s);
});

test('what was asked for before the goodbye is done and answered', async () => {
    sql("alter role maitred_realtime set lock_timeout = '60s'");
    const s = await startSidecar({ drain_seconds: 30 }), venue = makeVenue(), old = serving(s), session = seat(venue);
    sql("alter role maitred_realtime set lock_timeout = '3s'");
    const c = await opened(s, `/ws/tables/sessions/${session}/`, venue, 'session_status');
    const holder = spawn('psql', ['-X', '-q', '-At'], { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write(`begin;\nselect 'held' from maitred.table_session where venue = ${venue.id} and id = ${session} for update;\n`);
    await once(holder.stdout, 'data');
    c.send({ action: 'update_guests_count', guests_count: 3, requestId: 'slow' });
    await until(() => sql("select count(*) from pg_stat_activity where usename = 'maitred_realtime' and wait_event_type = 'Lock'") === '1', 'it waits');
    await succeed(s);
    await until(() => s.log().includes(`pid=${old} msg=draining connections=1`), 'the old one drains');
    holder.stdin.end('commit;\n');
    assert.equal((await c.wait((m) => m.requestId === 'slow')).type, 'ack');
    assert.equal(await c.closed, 1012);
    await until(() => gone(old), 'it has gone');
    await end(s);
});

test('systemd: the socket comes as descriptor 3, and it is told who serves', async () => {
    const dir = fs.mkdtempSync(`${work}/systemd-`), wrapper = `${dir}/activated`, notify = `${dir}/notify`, told = [];
    const manager = spawn('perl', ['-MIO::Socket::UNIX', '-e', '$| = 1; my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;' +
        ' while (defined $s->recv(my $m, 4096)) { print "$m--\n" }', notify], { stdio: ['ignore', 'pipe', 'inherit'] });
    after(() => manager.kill());
    manager.stdout.setEncoding('utf8').on('data', (text) => told.push(text));
    await until(() => fs.existsSync(notify), 'the manager listens');
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    fs.writeFileSync(wrapper, `#!/bin/sh\nLISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET=${notify} exec ${binary} "$@"\n`, { mode: 0o755 });
    const s = await startSidecar({ drain_seconds: 0 }, wrapper, [server._handle.fd]);
    server.close();
    assert.equal(s.port, port);
    const message = (pid) => `READY=1\nMAINPID=${pid}\n--\n`;
    await until(() => told.join('') === message(s.child.pid), () => `told: ${told}`);
    const next = await takeOver(s);
    await until(() => told.join('') === message(s.child.pid) + message(next), () => `told: ${told}`);
    assert.match(await answerTo(port, 'GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n'), / 200/);
    await end(s);
});
