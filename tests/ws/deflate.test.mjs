// deflate.test.mjs - permessage-deflate (RFC 7692): offers, payloads both ways, and what public suites leave out.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import WebSocket from 'ws';
import { startEcho } from './lib/echo.mjs';
import { BINARY, CONTINUATION, PING, PONG, TEXT, frame, openPeer } from './lib/raw.mjs';

let server;
before(async () => { server = await startEcho({ 'max-payload': 1 << 20 }); });
after(() => server.stop());

const TAIL = Buffer.from([0, 0, 255, 255]);
const deflated = (text, options = {}) => {
    const z = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH, ...options });
    return z.length ? z.subarray(0, z.length - 4) : Buffer.from([0]);
};
const inflated = (payload, windowBits = 15) =>
    inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH, windowBits });
const open = (offers) => openPeer(server.port, { 'Sec-WebSocket-Extensions': offers });
const agreed = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

const offers = [ // what is offered, what is answered (null: nothing)
    ['permessage-deflate', agreed],
    ['permessage-deflate; server_no_context_takeover', agreed],
    ['permessage-deflate; client_no_context_takeover', agreed],
    ['permessage-deflate; client_max_window_bits', agreed],
    ['permessage-deflate; client_max_window_bits=10', agreed],
    ['permessage-deflate; server_max_window_bits=15', `${agreed}; server_max_window_bits=15`],
    ['permessage-deflate; server_max_window_bits=9', `${agreed}; server_max_window_bits=9`],
    ['permessage-deflate;server_max_window_bits=8;client_max_window_bits', `${agreed}; server_max_window_bits=8`],
    ['permessage-deflate; server_max_window_bits="10"', `${agreed}; server_max_window_bits=10`],
    ['permessage-deflate; unknown, permessage-deflate; server_max_window_bits=12', `${agreed}; server_max_window_bits=12`],
    ['x-other; a=b, permessage-deflate', agreed],
    [['x-other', 'permessage-deflate; client_max_window_bits'], agreed],
    ['permessage-deflate; server_max_window_bits', null],
    ['permessage-deflate; server_max_window_bits=7', null],
    ['permessage-deflate; server_max_window_bits=16', null],
    ['permessage-deflate; server_max_window_bits=09', null],
    ['permessage-deflate; client_max_window_bits=7', null],
    ['permessage-deflate; server_no_context_takeover=1', null],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', null],
    ['permessage-deflate; unknown=1', null],
    ['permessage-deflate; "broken', null],
    ['permessage-deflatex', null],
];
for (const [offer, answer] of offers)
    test(`offer ${offer}`, async () => {
        const p = await open(offer);
        assert.equal(p.opened.headers['sec-websocket-extensions'], answer ?? undefined);
        p.destroy();
    });

for (const bits of [8, 9, 10, 12, 15])
    test(`a peer with a window of ${bits} bits can inflate every size`, async () => {
        const p = await open(`permessage-deflate; server_max_window_bits=${bits}`);
        for (const size of [0, 1, 64, 200, 400, 512, 513, 3000, 70000]) {
            const text = Array.from({ length: size }, (_, i) => String.fromCharCode(97 + ((i * i) >> 5) % 23)).join('');
            p.send(frame(TEXT, deflated(text), { rsv: 4 }));
            const f = await p.frame();
            assert.equal(f.opcode, TEXT);
            // zlib can't be told 8; that nothing reaches further back than 256 is held by the unit test
            const got = f.rsv === 4 ? inflated(f.payload, Math.max(bits, 9)) : f.payload;
            assert.equal(got.toString(), text);
            if (size >= 3000) assert.equal(f.rsv, 4, 'long text is deflated');
        }
        p.destroy();
    });

test('each message stands alone: no context is taken over', async () => {
    const p = await open('permessage-deflate');
    const text = 'maitred d\'hôtel '.repeat(30);
    const seen = [];
    for (let i = 0; i < 3; i++) {
        p.send(frame(TEXT, deflated(text), { rsv: 4 }));
        seen.push((await p.frame()).payload);
    }
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
    assert.equal(inflated(seen[2]).toString(), text);
    p.destroy();
});

test('a deflated message in fragments, with a ping between', async () => {
    const p = await open('permessage-deflate');
    const z = deflated('fragments '.repeat(100));
    p.send(frame(TEXT, z.subarray(0, 5), { rsv: 4, fin: false }), frame(PING, 'x'), frame(CONTINUATION, z.subarray(5)));
    assert.equal((await p.frame()).opcode, PONG);
    assert.equal(inflated((await p.frame()).payload).toString(), 'fragments '.repeat(100));
    p.destroy();
});

test('undeflated messages are welcome too', async () => {
    const p = await open('permessage-deflate');
    p.send(frame(TEXT, 'plain'));
    assert.equal((await p.frame()).payload.toString(), 'plain');
    p.destroy();
});

test('blocks marked as the last may be followed by more', async () => {
    const p = await open('permessage-deflate');
    const last = deflateRawSync('Hello', { finishFlush: constants.Z_FINISH });
    p.send(frame(TEXT, Buffer.concat([last, Buffer.from([0])]), { rsv: 4 }));
    assert.equal((await p.frame()).payload.toString(), 'Hello');
    p.send(frame(TEXT, Buffer.concat([last, deflated(' world')]), { rsv: 4 }));
    assert.equal((await p.frame()).payload.toString(), 'Hello world');
    p.destroy();
});

async function refused(code, payload, opcode = TEXT) {
    const p = await open('permessage-deflate');
    p.send(frame(opcode, payload, { rsv: 4 }));
    assert.equal((await p.closed(10000)).code, code);
}
test('what inflates to bad UTF-8 is closed with 1007', () => refused(1007, deflated(Buffer.from([0x61, 0xed, 0xa0, 0x80]))));
test('what inflates to UTF-8 cut off is closed with 1007', () => refused(1007, deflated(Buffer.from([0x61, 0xe2, 0x82]))));
test('what is not deflate is closed with 1007', () => refused(1007, Buffer.from([0xff, 0xff, 0xff, 0xff])));
test('deflate cut off in a block is closed with 1007', () => {
    const z = deflated('a long enough text to be cut in the middle of its only block');
    return refused(1007, z.subarray(0, z.length - 8));
});
test('a bomb is closed with 1009', () => refused(1009, deflated(Buffer.alloc(64 << 20)), BINARY));
test('just as much as allowed inflates, a byte more does not', async () => {
    const p = await open('permessage-deflate');
    p.send(frame(BINARY, deflated(Buffer.alloc(1 << 20)), { rsv: 4 }));
    assert.equal(inflated((await p.frame()).payload).length, 1 << 20);
    p.send(frame(BINARY, deflated(Buffer.alloc((1 << 20) + 1)), { rsv: 4 }));
    assert.equal((await p.closed()).code, 1009);
});
test('RSV1 on a continuation is closed with 1002', async () => {
    const p = await open('permessage-deflate');
    const z = deflated('text');
    p.send(frame(TEXT, z.subarray(0, 2), { rsv: 4, fin: false }), frame(CONTINUATION, z.subarray(2), { rsv: 4 }));
    assert.equal((await p.closed()).code, 1002);
});
test('RSV1 on a ping is closed with 1002', () => refused(1002, Buffer.from('x'), PING));

for (const options of [true, { serverMaxWindowBits: 9 }, { clientMaxWindowBits: 9 }, { threshold: 0 }])
    test(`the ws client with ${JSON.stringify(options)} echoes texts of many sizes`, async () => {
        const ws = new WebSocket(server.url, { perMessageDeflate: options });
        await once(ws, 'open');
        assert.match(ws.extensions, /permessage-deflate/);
        for (let size = 1; size < 300000; size = size * 3 + 7) {
            const text = 'naïve café '.repeat(Math.ceil(size / 11)).slice(0, size);
            ws.send(text);
            const [data] = await once(ws, 'message');
            assert.equal(data.toString(), text);
        }
        ws.close();
        await once(ws, 'close');
    });
