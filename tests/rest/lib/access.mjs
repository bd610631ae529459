// access.mjs - what the tests of accounts, tokens and keys share: refusals, sockets, keys read again.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { until } from './wait.mjs';

export const profile = '/api/user/profile';

export function refused(answer, code, status) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.json.code, code, answer.text);
}

// The first answer that is not a good one, which must come within a second.
export const ended = (me, path = profile) => until(async () => {
    const answer = await me.get(path);
    return answer.status !== 200 && answer;
}, `${path} is refused`, 1000);

// A socket through the web server: the status of its opening, and the code it is closed with.
export function socket(stack, query, headers = {}) {
    const ws = new WebSocket(`ws://127.0.0.1:${stack.port}/ws${query}`, { headers });
    const opened = new Promise((done) => {
        ws.on('open', () => done(101));
        ws.on('unexpected-response', (request, response) => { done(response.statusCode); request.destroy(); });
        ws.on('error', () => done(0));
    });
    return { ws, opened, closed: new Promise((done) => ws.on('close', done)) };
}

// A venue that the sidecar has heard of.
export async function heard(stack, venue) {
    await until(async () => {
        const c = socket(stack, '', { authorization: `Bearer ${venue.token(stack, 'admin')}` });
        const status = await c.opened;
        c.ws.terminate();
        return status === 101;
    }, 'the sidecar knows the venue');
    return venue;
}

// Keys are read again; each program says so in its log.
export async function reload(stack, names = ['accounts', 'stats', 'sidecar']) {
    const said = (name) => stack.log(name).split(/msg=reloaded|keys taken over"/).length;
    const before = names.map(said);
    for (const name of names) stack.children.get(name).kill('SIGHUP');
    await until(() => names.every((name, i) => said(name) > before[i]), 'keys are read again');
}
