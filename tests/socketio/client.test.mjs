// client.test.mjs - socket.io-client on each transport: namespaces, refusals, events, binary, acks, leaving.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TRANSPORTS, joined, next, withManager, withServer } from './lib/rig.mjs';

const bytes = (n) => randomBytes(n);

// The same, with every kind of bytes as a Buffer.
function plain(v) {
    if (v instanceof ArrayBuffer || ArrayBuffer.isView(v)) return Buffer.from(v).toString('hex');
    if (Array.isArray(v)) return v.map(plain);
    if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, plain(x)]));
    return v;
}

const ARGUMENTS = [
    [], [1], ['two', 3.5, -0.25, 1e21], [null, true, false], ['', 'кухня', '\u2028 "\\ /', '😀'], [{ a: { b: [[], {}] } }],
];
const BINARY = () => [
    [bytes(0)], [bytes(1)], [bytes(70000)], [{ deep: [{ er: bytes(3) }], plain: 1 }], Array.from({ length: 10 }, (_, i) => bytes(i)),
];

const cases = {
    async 'namespaces of one session have ids of their own'(manager) {
        const main = manager.socket('/', { auth: { token: 't' } });
        const greeting = next(main, 'auth');
        main.connect();
        assert.deepEqual(await greeting, [{ token: 't' }]);
        const own = await joined(manager, '/own');
        const ids = [main.id, own.id, manager.engine.id];
        assert.equal(new Set(ids).size, 3, ids.join());
        for (const s of [main, own]) {
            s.emit('message', s.nsp);
            assert.deepEqual(await next(s, 'message-back'), [s.nsp]);
        }
    },

    async 'an unknown namespace is refused, the session stays'(manager) {
        const own = await joined(manager, '/own');
        const unknown = manager.socket('/nowhere');
        unknown.connect();
        const [refusal] = await next(unknown, 'connect_error');
        assert.equal(refusal.message, 'Invalid namespace');
        assert.deepEqual(await own.emitWithAck('message-with-ack', 1), 1);
    },

    async 'who is refused is told why, and may ask again'(manager) {
        const own = manager.socket('/own', { auth: { unwanted: true } });
        own.connect();
        const [refusal] = await next(own, 'connect_error');
        assert.deepEqual([refusal.message, refusal.data], ['Not you', { code: 'unwanted', again: false }]);
        own.auth = {};
        const came = next(own, 'connect');
        own.connect();
        await came;
        assert.deepEqual(await own.emitWithAck('message-with-ack', 1), 1);
    },

    async 'events with any JSON'(manager) {
        const own = await joined(manager, '/own');
        for (const args of ARGUMENTS) {
            own.emit('message', ...args);
            assert.deepEqual(await next(own, 'message-back'), args);
        }
    },

    async 'events with bytes'(manager) {
        const own = await joined(manager, '/own');
        for (const args of BINARY()) {
            own.emit('message', ...args);
            assert.deepEqual(plain(await next(own, 'message-back')), plain(args));
        }
    },

    async 'the server acknowledges'(manager) {
        const own = await joined(manager, '/own');
        const got = await Promise.all([...ARGUMENTS, ...BINARY()].map((args) =>
            new Promise((done) => own.emit('message-with-ack', ...args, (...back) => done([args, back])))));
        for (const [args, back] of got) assert.deepEqual(plain(back), plain(args));
    },

    async 'the client acknowledges'(manager) {
        const own = await joined(manager, '/own');
        for (const args of [...ARGUMENTS, ...BINARY()]) {
            own.once('question', (...asked) => asked.pop()(...asked, 'yes'));
            own.emit('ask', ...args);
            assert.deepEqual(plain(await next(own, 'answered')), plain([...args, 'yes']));
        }
    },

    async 'the server disconnects one namespace'(manager) {
        const own = await joined(manager, '/own'), main = await joined(manager, '/');
        const session = manager.engine.id;
        own.emit('leave');
        assert.deepEqual((await next(own, 'disconnect'))[0], 'io server disconnect');
        assert.equal(await main.emitWithAck('message-with-ack', 7), 7);
        const again = next(own, 'connect');
        own.connect();
        await again;
        assert.equal(await own.emitWithAck('message-with-ack', 8), 8);
        assert.equal(manager.engine.id, session);
    },

    async 'the client disconnects one namespace'(manager) {
        const own = await joined(manager, '/own'), main = await joined(manager, '/');
        const session = manager.engine.id, id = own.id;
        own.disconnect();
        assert.equal(await main.emitWithAck('message-with-ack', 7), 7);
        const again = next(own, 'connect');
        own.connect();
        await again;
        assert.notEqual(own.id, id);
        assert.equal(manager.engine.id, session);
    },

    async 'a burst arrives in order'(manager) {
        const own = await joined(manager, '/own');
        const got = [];
        const all = new Promise((done) => own.on('number', (n) => { if (got.push(n) === 3000) done(); }));
        own.emit('count', 1500);
        own.emit('count', 1500);
        await all;
        const expected = Array.from({ length: 3000 }, (_, i) => i % 1500);
        assert.deepEqual(got, expected);
    },
};

for (const [name, transports] of Object.entries(TRANSPORTS))
    test(`socket.io-client by ${name}`, async (t) => {
        await withServer({}, async (server) => {
            for (const [title, f] of Object.entries(cases))
                await t.test(title, () => withManager(server, transports, f));
        });
    });

test('what is said while the transport changes arrives once and in order', () => withServer({}, (server) =>
    withManager(server, TRANSPORTS['polling, then websocket'], async (manager) => {
        const upgraded = new Promise((done) => manager.on('open', () => manager.engine.once('upgrade', done)));
        const own = await joined(manager, '/own');
        const got = [];
        own.on('message-back', (n) => got.push(n));
        let sent = 0;
        const talk = setInterval(() => own.emit('message', sent++), 1);
        await upgraded;
        clearInterval(talk);
        assert.equal(manager.engine.transport.name, 'websocket');
        await own.emitWithAck('message-with-ack', 'last');
        assert.deepEqual(got, Array.from({ length: sent }, (_, i) => i));
    })));

test('a hundred sessions at once leave nothing behind', () => withServer({ 'connect-timeout-ms': 20000 }, async (server) => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => withManager(server, [['polling'], ['websocket']][i % 2], async (manager) => {
        const own = await joined(manager, '/own'), main = await joined(manager, '/');
        assert.equal(await own.emitWithAck('message-with-ack', i), i);
        assert.deepEqual(plain(await main.emitWithAck('message-with-ack', Buffer.of(i))), plain(Buffer.of(i)));
        if (i % 3 === 0) main.disconnect();
    })));
}));
