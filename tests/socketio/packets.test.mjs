// packets.test.mjs - raw packets: what closes the session and what does not, by WebSocket and by polling.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Raw, withServer } from './lib/rig.mjs';

const PLACE = '{"_placeholder":true,"num":0}';

// Said by one who has joined / and /own. An attachment is written as bytes.
const CLOSING = {
    'an unknown type': ['7'],
    'no type at all': ['abc'],
    'an empty packet': [''],
    'a payload that is no JSON': ['2["message"'],
    'an event that is no array, and a key twice': ['2{"a":1,"a":2}'],
    'CONNECT with a key twice': ['0/custom,{"a":1,"a":2}'],
    'an event without arguments': ['2'],
    'an event that is no array': ['2{}'],
    'an event without a name': ['2[null]'],
    'an event with a reserved name': ['2["disconnect"]'],
    'an ack id that is no number': ['2abc["message"]'],
    'an ack id that is too long': ['21234567890123456["message"]'],
    'an answer without an id': ['3[]'],
    'an answer that is no array': ['30{}'],
    'a refusal from a client': ['4{"message":"no"}'],
    'CONNECT twice': ['0'],
    'CONNECT with an array': ['0/custom,[]'],
    'DISCONNECT with a payload': ['1{}'],
    'an event for a namespace that is not joined': ['2/custom,["message"]'],
    'DISCONNECT of a namespace that is not joined': ['1/custom,'],
    'an event for a namespace that is not known': ['2/nowhere,["message"]'],
    'bytes that belong to nothing': [Buffer.of(1)],
    'text between attachments': [`52-["message",${PLACE}]`, Buffer.of(1), '2["message"]'],
    'no attachment announced': [`50-["message"]`],
    'more attachments than 16': [`517-["message",${PLACE}]`],
    'an attachment count that is no number': [`5x-["message",${PLACE}]`],
    'a placeholder for what is not attached': ['51-["message",{"_placeholder":true,"num":1}]'],
    'a placeholder without a number': ['51-["message",{"_placeholder":true}]'],
};

test('what closes the session', async (t) => {
    await withServer({}, async (server) => {
        for (const [what, packets] of Object.entries(CLOSING))
            await t.test(what, async () => {
                const raw = await Raw.open(server);
                await raw.join('/');
                await raw.join('/own');
                for (const p of packets) if (Buffer.isBuffer(p)) raw.attach(p); else raw.say(p);
                await raw.isClosed(what);
            });
    });
});

test('garbage as the first packet closes the session', () => withServer({}, async (server) => {
    for (const first of ['abc', '2["message"]', '1', '30[]', '0[]']) {
        const raw = await Raw.open(server);
        raw.say(first);
        await raw.isClosed(first);
    }
}));

test('what does not close it', () => withServer({}, async (server) => {
    const raw = await Raw.open(server);
    await raw.join('/own');
    raw.say('2/own,["nobody listens",1]', '2/own,[7,"a number for a name"]', '3/own,99["never asked"]');
    // JSON that the reference takes and ours does not costs the event alone.
    raw.say('2/own,1["message-with-ack",{"a":1,"a":2}]', '2/own,["\\ud800"]', '3/own,0["\\u0000"]', `2/own,["message",${'['.repeat(40)}${']'.repeat(40)}]`);
    raw.say('51-/own,2["message-with-ack",99999999999999999999,{"_placeholder":true,"num":0}]').attach(Buffer.of(1));
    raw.say('2/own,3["message-with-ack"]');
    assert.equal(await raw.hear(), '3/own,3[]');
    raw.say('0/nowhere?a=b,{}', '0/nowhere');
    assert.equal(await raw.hear(), '4/nowhere?a=b,{"message":"Invalid namespace"}');
    assert.equal(await raw.hear(), '4/nowhere,{"message":"Invalid namespace"}');
    raw.say('1/own');
    await raw.join('/own');
    raw.destroy();
}));

test('sixteen attachments, empty ones too, and one that is named twice', () => withServer({}, async (server) => {
    const raw = await Raw.open(server);
    await raw.join('/own');
    const places = Array.from({ length: 16 }, (_, i) => `{"_placeholder":true,"num":${i}}`).join(',');
    raw.say(`516-/own,["message",${places},${PLACE}]`);
    for (let i = 0; i < 16; i++) raw.attach(Buffer.alloc(i, i));
    assert.equal(await raw.hear(), `516-/own,["message-back",${places},${PLACE}]`);
    for (let i = 0; i < 16; i++) {
        const f = await raw.peer.frame();
        assert.deepEqual([f.opcode, f.payload], [2, Buffer.alloc(i, i)]);
    }
    raw.destroy();
}));

test('an answer counts once, and only when it was asked for', () => withServer({}, async (server) => {
    const raw = await Raw.open(server);
    await raw.join('/own');
    raw.say('2/own,["ask"]');
    assert.equal(await raw.hear(), '2/own,0["question"]');
    raw.say('3/own,1["too early"]', '3/own,0["first"]', '3/own,0["second"]', '2/own,5["message-with-ack"]');
    assert.equal(await raw.hear(), '2/own,["answered","first"]');
    assert.equal(await raw.hear(), '3/own,5[]');
    raw.destroy();
}));

test('a peer that goes in the middle of attachments leaves nothing behind', () => withServer({}, async (server) => {
    for (let i = 0; i < 20; i++) {
        const raw = await Raw.open(server);
        await raw.join('/own');
        raw.say(`53-/own,["message",${PLACE}]`).attach(Buffer.alloc(1000)).attach(Buffer.alloc(1000));
        raw.destroy();
    }
    const raw = await Raw.open(server);
    await raw.join('/own');
    raw.destroy();
}));

test('who joins nothing in time is closed, who has joined stays', () => withServer({ 'connect-timeout-ms': 300 }, async (server) => {
    const member = await Raw.open(server), left = await Raw.open(server);
    await member.join('/own');
    await left.join('/own');
    left.say('1/own');
    const silent = await Raw.open(server), refused = await Raw.open(server);
    refused.say('0/nowhere', '0/own,{"unwanted":1}');
    await Promise.all([silent.isClosed('silent'), refused.isClosed('refused')]);
    for (const raw of [member, left]) { // both older than those that were closed
        if (raw === left) await raw.join('/own');
        raw.say('2/own,1["message-with-ack","here"]');
        assert.equal(await raw.hear(), '3/own,1["here"]');
        raw.destroy();
    }
}));

test('the last namespace may be left: the next thing is the ping', () => withServer({ 'ping-interval-ms': 200 }, async (server) => {
    const raw = await Raw.open(server);
    await raw.join('/own');
    raw.say('1/own');
    assert.equal(await raw.text(), '2');
    raw.destroy();
}));

test('a malformed packet closes a session that polls', () => withServer({}, async (server) => {
    const url = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
    const open = await (await fetch(url)).text();
    const session = `${url}&sid=${JSON.parse(open.slice(1)).sid}`;
    assert.equal((await fetch(session, { method: 'POST', body: '40/own,' })).status, 200);
    assert.match(await (await fetch(session)).text(), /^40\/own,{"sid":"[0-9a-f]{24}"}$/);
    await fetch(session, { method: 'POST', body: '42/own,{}' });
    let res = await fetch(session);
    if (res.status === 200) { // the end may be said once
        assert.equal(await res.text(), '1');
        res = await fetch(session);
    }
    assert.equal(res.status, 400);
}));
