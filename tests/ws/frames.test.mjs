// frames.test.mjs - RFC 6455 section 5 and 7 on raw sockets: what is refused, with which close code.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { startEcho } from './lib/echo.mjs';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closePayload, frame, openPeer } from './lib/raw.mjs';

let server;
before(async () => { server = await startEcho({ 'max-payload': 16 << 20 }); });
after(() => server.stop());
const peer = () => openPeer(server.port);

async function refused(code, ...bytes) {
    const p = await peer();
    p.send(...bytes);
    assert.equal((await p.closed()).code, code);
}

const utf8bad = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex'); // holds a surrogate
const refusals = {
    'an unmasked frame': [1002, frame(TEXT, 'hello', { mask: false })],
    'an unmasked control frame': [1002, frame(PING, 'x', { mask: false })],
    'reserved opcode 3': [1002, frame(3, '')],
    'reserved opcode 7': [1002, frame(7, 'x')],
    'reserved control opcode 11': [1002, frame(11, '')],
    'reserved control opcode 15': [1002, frame(15, 'x')],
    'RSV1 without deflate': [1002, frame(TEXT, 'hello', { rsv: 4 })],
    'RSV2': [1002, frame(TEXT, 'hello', { rsv: 2 })],
    'RSV3 on a ping': [1002, frame(PING, 'x', { rsv: 1 })],
    'a fragmented ping': [1002, frame(PING, 'x', { fin: false })],
    'a ping of 126 bytes': [1002, frame(PING, Buffer.alloc(126))],
    'a continuation of nothing': [1002, frame(CONTINUATION, 'x')],
    'a new message inside one': [1002, frame(TEXT, 'a', { fin: false }), frame(TEXT, 'b')],
    'a length of 16 bits that needs 7': [1002, frame(TEXT, 'hello', { form: 16 })],
    'a length of 64 bits that needs 16': [1002, frame(TEXT, Buffer.alloc(200, 120), { form: 64 })],
    'a length with its top bit set': [1002, frame(BINARY, 'x', { form: 64, length: 2n ** 63n + 5n })],
    'a message whose header says too much': [1009, frame(BINARY, 'x', { length: (16 << 20) + 1 })],
    'a message whose fragments are too much': [1009, frame(BINARY, Buffer.alloc(9 << 20), { fin: false }),
        frame(CONTINUATION, 'x', { length: (7 << 20) + 1 })],
    'bad UTF-8': [1007, frame(TEXT, utf8bad)],
    'an overlong NUL': [1007, frame(TEXT, Buffer.from([0xc0, 0x80]))],
    'UTF-8 cut off at the end': [1007, frame(TEXT, Buffer.from([0xe2, 0x82]))],
    'UTF-8 broken across fragments': [1007, frame(TEXT, Buffer.from([0xe2]), { fin: false }), frame(CONTINUATION, Buffer.from([0x28, 0xa1]))],
    'a close of one byte': [1002, frame(CLOSE, 'x')],
    'a close reason that is not UTF-8': [1007, frame(CLOSE, closePayload(1000, Buffer.from([0xff])))],
    'a close frame of 126 bytes': [1002, frame(CLOSE, closePayload(1000, 'x'.repeat(124)))],
};
for (const [name, [code, ...bytes]] of Object.entries(refusals))
    test(`${name} is closed with ${code}`, () => refused(code, ...bytes));

for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
    test(`close code ${code} is echoed`, async () => {
        const p = await peer();
        p.send(frame(CLOSE, closePayload(code, 'why')));
        assert.deepEqual(await p.closed(), { code, reason: 'why' });
    });
for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    test(`close code ${code} is refused with 1002`, () => refused(1002, frame(CLOSE, closePayload(code))));

test('a close without a code is answered without one', async () => {
    const p = await peer();
    p.send(frame(CLOSE));
    assert.equal((await p.closed()).code, 1005);
});

test('what follows a close frame is ignored', async () => {
    const p = await peer();
    p.send(frame(CLOSE, closePayload(1000)), frame(TEXT, 'late'), frame(PING, 'late'));
    assert.equal((await p.closed()).code, 1000);
});

test('bad UTF-8 is refused within a frame, before the rest has come', async () => {
    const p = await peer();
    p.send(frame(TEXT, utf8bad, { length: 100 }));
    assert.equal((await p.closed()).code, 1007);
});

test('UTF-8 may be cut anywhere between fragments', async () => {
    const text = Buffer.from('κόσμε €𝄞');
    const p = await peer();
    for (let i = 0; i < text.length; i++)
        p.send(frame(i ? CONTINUATION : TEXT, text.subarray(i, i + 1), { fin: i === text.length - 1 }));
    assert.deepEqual((await p.frame()).payload, text);
    p.destroy();
});

test('pings between fragments are answered before the message', async () => {
    const p = await peer();
    p.send(frame(TEXT, 'a', { fin: false }), frame(PING, 'one'), frame(CONTINUATION, 'b', { fin: false }),
        frame(PING, 'two'), frame(CONTINUATION, 'c'));
    const got = [await p.frame(), await p.frame(), await p.frame()].map((f) => [f.opcode, f.payload.toString()]);
    assert.deepEqual(got, [[PONG, 'one'], [PONG, 'two'], [TEXT, 'abc']]);
    p.destroy();
});

test('a ping of 125 bytes comes back as a pong, an unasked pong is ignored', async () => {
    const p = await peer();
    const payload = Buffer.alloc(125, 7);
    p.send(frame(PONG, 'nobody asked'), frame(PING, payload));
    const f = await p.frame();
    assert.equal(f.opcode, PONG);
    assert.deepEqual(f.payload, payload);
    p.destroy();
});

test('one byte at a time is as good as all at once', async () => {
    const p = await peer();
    const bytes = Buffer.concat([frame(TEXT, 'x'.repeat(130)), frame(PING, 'p'), frame(BINARY, '')]);
    for (const b of bytes) {
        p.send([b]);
        await new Promise((r) => setImmediate(r));
    }
    assert.equal((await p.frame()).payload.length, 130);
    assert.equal((await p.frame()).opcode, PONG);
    assert.equal((await p.frame()).opcode, BINARY);
    p.destroy();
});

test('65,536 fragments make one message', async () => {
    const p = await peer();
    const parts = [frame(BINARY, 'x', { fin: false })];
    for (let i = 1; i < 65535; i++) parts.push(frame(CONTINUATION, 'x', { fin: false }));
    parts.push(frame(CONTINUATION, 'x'));
    p.send(...parts);
    assert.equal((await p.frame(20000)).payload.length, 65536);
    p.destroy();
});

test('16 MiB come back unchanged, one byte more does not', async () => {
    const p = await peer();
    const big = Buffer.alloc(16 << 20, 'maitred');
    p.send(frame(BINARY, big));
    assert.ok((await p.frame(20000)).payload.equals(big));
    p.send(frame(BINARY, Buffer.alloc((16 << 20) + 1)));
    assert.equal((await p.closed(20000)).code, 1009);
});

test('messages of one segment are answered in order', async () => {
    const p = await peer();
    p.send(...Array.from({ length: 200 }, (_, i) => frame(TEXT, `m${i}`)));
    for (let i = 0; i < 200; i++) assert.equal((await p.frame()).payload.toString(), `m${i}`);
    p.destroy();
});
