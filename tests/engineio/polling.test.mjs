// polling.test.mjs - packets by long polls: what comes back, what ends a session, and how.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { Socket } from 'engine.io-client';
import { BAD, SEPARATOR, ask, openPolling, query, until, withServer } from './lib/session.mjs';

test('text and binary come back as they were, several in one answer', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    for (const packets of [['4hello'], ['4'], ['4one', '4two', '4three'], ['4hello', 'bAQIDBA=='],
        ['b'], ['4€ and \u{1F37D}'], ['4"quoted" \\ \t'], ['bAA==', 'bAAA=', 'bAAAA']]) {
        const posted = await s.post(...packets);
        assert.deepEqual([posted.status, posted.text, posted.headers.get('content-type')], [200, 'ok', 'text/html']);
        const { status, text } = await s.poll();
        assert.deepEqual([status, text], [200, packets.join(SEPARATOR)]);
    }
    assert.equal((await s.post('bAQI')).text, 'ok'); // base64 without its padding
    assert.equal((await s.poll()).text, 'bAQI=');
}));

test('a poll that waits is answered when there is something', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const polls = [];
    for (let i = 0; i < 20; i++) {
        const waiting = s.poll();
        await s.post(`4message ${i}`);
        polls.push((await waiting).text);
    }
    assert.deepEqual(polls, Array.from({ length: 20 }, (_, i) => `4message ${i}`));
}));

test('what is more than an answer holds comes with the next', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const large = Array.from({ length: 5 }, (_, i) => `4${String(i).padEnd(600000, '.')}`);
    for (const packet of large) await s.post(packet);
    const answers = [];
    while (answers.join(SEPARATOR).split(SEPARATOR).length < 5 || !answers.length) answers.push((await s.poll()).text);
    assert.ok(answers.length > 1, 'several answers');
    assert.ok(answers.every((a) => a.length < 2000000), 'none is much too long');
    assert.deepEqual(answers.join(SEPARATOR).split(SEPARATOR), large);
}));

test('engine.io-client by polls alone: in order, text and binary', () => withServer({}, async ({ port }) => {
    const socket = new Socket(`http://127.0.0.1:${port}`, { transports: ['polling'] });
    socket.binaryType = 'arraybuffer';
    await once(socket, 'open');
    const got = [];
    socket.on('message', (m) => got.push(typeof m === 'string' ? m : Buffer.from(m).toString('hex')));
    const want = [];
    for (let i = 0; i < 500; i++) {
        socket.send(`text ${i}`);
        socket.send(Buffer.from([i & 255, i >> 8, 255]));
        want.push(`text ${i}`, Buffer.from([i & 255, i >> 8, 255]).toString('hex'));
        if (i % 50 === 0) await new Promise((r) => setImmediate(r));
    }
    await until(() => got.length === want.length, 'all came back');
    assert.deepEqual(got, want);
    socket.close();
}));

test('what is no packet ends the session', () => withServer({}, async ({ port }) => {
    for (const body of ['abc', '', '7', '4fine\x1e', '\x1e4late', '2', '2probe', 'bA', 'b*', Buffer.from('4\xff', 'latin1')]) {
        const s = await openPolling(port);
        const posted = await ask(port, s.path, { method: 'POST', body });
        assert.deepEqual([posted.status, posted.text], [400, BAD], JSON.stringify(body));
        await s.isOver();
    }
}));

test('what came before a bad packet counts, and a waiting poll is told of the end', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const waiting = s.poll();
    await s.post('4taken');
    assert.equal((await waiting).text, '4taken');
    const second = s.poll();
    await new Promise((r) => setTimeout(r, 20));
    assert.equal((await s.post('nonsense')).status, 400);
    assert.equal((await second).text, '1');
    await s.isOver();
}));

test('packets that only servers send are ignored', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    assert.equal((await s.post('0', '5', '6', '4after')).text, 'ok');
    assert.equal((await s.poll()).text, '4after');
}));

test('a second poll ends the session: the first is told, both are the last', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const first = s.poll();
    const second = await until(async () => {
        const res = await s.poll({ signal: AbortSignal.timeout(2000) }).catch(() => null);
        return res?.status === 400 && res;
    }, 'one of two is refused');
    assert.equal(second.text, BAD);
    assert.deepEqual([(await first).status, (await first).text], [200, '1']);
    await s.isOver();
}));

test('a poll that is cancelled ends the session at once', () => withServer({}, async ({ port }) => {
    for (let i = 0; i < 20; i++) {
        const s = await openPolling(port);
        const gone = new AbortController();
        const first = s.poll({ signal: gone.signal }).catch((e) => e.name);
        await new Promise((r) => setTimeout(r, 5));
        gone.abort();
        const { status } = await s.poll();
        assert.equal(status, 400);
        assert.equal(await first, 'AbortError');
        await s.isOver();
    }
}));

test('a close packet lets the waiting poll go and ends the session', () => withServer({}, async ({ port }) => {
    const s = await openPolling(port);
    const waiting = s.poll();
    await new Promise((r) => setTimeout(r, 20));
    assert.equal((await s.post('4unheard', '1', '4too late')).text, 'ok');
    assert.match((await waiting).text, /^(4unheard|6)$/); // it may have left before
    await s.isOver();
    const idle = await openPolling(port);
    assert.equal((await idle.post('1')).text, 'ok');
    await idle.isOver();
}));

test('a body of more than the bound is refused, and the session stays', () => withServer({ 'max-payload': 2000 }, async ({ port }) => {
    const s = await openPolling(port);
    for (const size of [2001, 70000, 1000000]) {
        const { status, text } = await s.post(`4${'x'.repeat(size - 1)}`);
        assert.deepEqual([status, text], [413, '']);
    }
    const fits = `4${'x'.repeat(1999)}`;
    assert.equal((await s.post(fits)).text, 'ok');
    assert.equal((await s.poll()).text, fits);
}));

test('a body without a length counts as any other', () => withServer({ 'max-payload': 2000 }, async ({ port }) => {
    const s = await openPolling(port);
    const stream = (chunks) => new ReadableStream({
        start(c) { for (const chunk of chunks) c.enqueue(Buffer.from(chunk)); c.close(); },
    });
    const send = (chunks) => ask(port, s.path, { method: 'POST', body: stream(chunks), duplex: 'half' });
    assert.equal((await send(['4he', 'llo', `${SEPARATOR}4you`])).text, 'ok');
    assert.equal((await s.poll()).text, `4hello${SEPARATOR}4you`);
    // By hand: fetch may wait for ever when it is answered before its body has gone.
    const large = connect({ port, host: '127.0.0.1' });
    const chunk = `5dc\r\n${'x'.repeat(1500)}\r\n`;
    large.write(`POST ${s.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`);
    const [answer] = await once(large, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 413 /);
    large.destroy();
}));

test('a body that does not come is not waited for', () => withServer({ 'connect-timeout-ms': 300 }, async ({ port }) => {
    const s = await openPolling(port);
    const slow = connect({ port, host: '127.0.0.1' });
    slow.write(`POST ${s.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4`);
    const drip = setInterval(() => slow.write('x'), 50); // so that it is never idle
    slow.on('error', () => {});
    await once(slow, 'close');
    clearInterval(drip);
    assert.equal((await s.post('4still here')).text, 'ok');
    assert.equal((await s.poll()).text, '4still here');
}));

test('more packets a second than allowed end the session', () => withServer({ 'messages-per-second': 50 }, async ({ port }) => {
    const s = await openPolling(port);
    const packets = Array.from({ length: 60 }, (_, i) => `4${i}`);
    assert.equal((await s.post(...packets)).text, 'ok');
    assert.equal((await s.post('4into the void')).text, 'ok');
    assert.equal((await s.poll()).text, [...packets.slice(0, 50), '1'].join(SEPARATOR));
    await s.isOver();
}));

test('requests of a dozen clients mix without mixing them up', () => withServer({}, async ({ port }) => {
    await Promise.all(Array.from({ length: 12 }, async (_, n) => {
        const s = await openPolling(port);
        for (let i = 0; i < 30; i++) {
            const waiting = s.poll();
            await s.post(`4client ${n} message ${i}`);
            assert.equal((await waiting).text, `4client ${n} message ${i}`);
        }
        await s.post('1');
        await s.isOver();
    }));
    assert.equal((await ask(port, query('polling'))).status, 200);
}));
