// recovery.test.mjs - connection state recovery, as an application builds it on sio_accept and `lost` (profile B).
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Raw, TRANSPORTS, joined, next, withManager, withServer } from './lib/rig.mjs';

const B = { profile: 'B', 'ping-timeout-ms': 20000 };

for (const [name, transports] of Object.entries(TRANSPORTS))
    test(`socket.io-client by ${name} comes back as the one it was`, () => withServer(B, (server) =>
        withManager(server, transports, async (manager) => {
            const main = await joined(manager, '/');
            const id = main.id;
            assert.equal(main.recovered, false);
            for (let i = 0; i < 3; i++) { // any number of times
                const answer = next(main, 'hi');
                main.emit('hi');
                await answer;
                const back = next(main, 'connect');
                manager.engine.close();
                await back;
                assert.deepEqual([main.id, main.recovered], [id, true]);
            }
        }, { reconnection: true, reconnectionDelay: 10 })));

// One that has heard `hi` with offset 0 and no more, though there was more; its CONNECT answer.
async function cutOff(server) {
    const raw = await Raw.open(server);
    raw.say('0');
    const me = JSON.parse((await raw.hear()).slice(1));
    raw.say('2["hi"]', '2["getUtf8"]', '2["doge"]', '2["ack"]', '2["false"]');
    assert.equal(await raw.hear(), '2["hi","0"]');
    raw.destroy();
    return me;
}

async function comeBack(server, auth, namespace = '') {
    const raw = await Raw.open(server);
    raw.say(`0${namespace}${JSON.stringify(auth)}`);
    const answer = await raw.hear();
    return [raw, JSON.parse(answer.slice(answer.indexOf('{')))];
}

test('what was missed comes, in order and with its bytes, but for what asked for an answer', () => withServer(B, async (server) => {
    const me = await cutOff(server);
    const [raw, again] = await comeBack(server, { pid: me.pid, offset: '0' });
    assert.deepEqual(again, me);
    for (let i = 1; i <= 5; i++) assert.match(await raw.hear(), new RegExp(`^2\\["takeUtf8",".*","${i}"\\]$`));
    assert.equal(await raw.hear(), '51-["doge",{"_placeholder":true,"num":0},"6"]');
    assert.equal((await raw.peer.frame()).payload.toString(), 'asdfasdf');
    assert.equal(await raw.hear(), '2["false",false,"7"]');
    raw.destroy();
}));

test('who can not be the same one again is another', () => withServer(B, async (server) => {
    const me = await cutOff(server);
    for (const auth of [{}, { pid: me.pid }, { pid: 'x', offset: '0' }, { pid: me.pid, offset: '99' }, { pid: me.pid, offset: 0 }]) {
        const [raw, other] = await comeBack(server, auth);
        assert.notEqual(other.sid, me.sid);
        assert.notEqual(other.pid, me.pid);
        raw.destroy();
    }
    const [elsewhere, stranger] = await comeBack(server, { pid: me.pid, offset: '0' }, '/foo,');
    assert.notEqual(stranger.sid, me.sid);
    elsewhere.destroy();
}));

test('who has left of their own will does not come back', () => withServer(B, async (server) => {
    const raw = await Raw.open(server);
    raw.say('0', '2["hi"]');
    const me = JSON.parse((await raw.hear()).slice(1));
    await raw.hear();
    raw.say('1', `0${JSON.stringify({ pid: me.pid, offset: '0' })}`);
    assert.notEqual(JSON.parse((await raw.hear()).slice(1)).sid, me.sid);
    raw.destroy();
}));
