// ways.mjs - the three ways to hear the channels, as the clients of the soak take them: /ws, /events
// and /poll. A way opens at `port` from where its client stands (client.cursor; null: from now on),
// gives it each message, and resolves when it is over: left, refused, cut or sent away.
import http from 'node:http';
import WebSocket from 'ws';

const polling = new http.Agent({ keepAlive: true, maxSockets: Infinity });
const chance = (p) => Math.random() < p;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function socket(client, port) {
    const known = client.cursor && client.session, byUrl = known && chance(0.5);
    const query = byUrl ? `?${new URLSearchParams({ session: client.session, cursor: client.cursor })}` : '';
    // Most browsers compress; inflating for a thousand of them is more than this process can do.
    const ws = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`, { headers: client.headers, handshakeTimeout: 10000, perMessageDeflate: chance(0.1) });
    const say = (message) => ws.readyState === WebSocket.OPEN && ws.send(JSON.stringify(message));
    client.leave = () => (chance(0.5) ? ws.terminate() : ws.close());
    client.ask = () => say({ action: 'ping' });
    return new Promise((done) => {
        ws.on('open', () => {
            client.came();
            if (!known) say({ action: 'subscribe', channels: client.channels });
            else if (!byUrl) say({ action: 'resume', session: client.session, cursor: client.cursor });
        });
        ws.on('message', (data) => client.take(String(data)));
        ws.on('unexpected-response', (request, answer) => { client.refused(answer.statusCode); request.destroy(); done(); });
        ws.on('error', () => {});
        ws.on('close', done);
    });
}

function ask(client, port, path, query, more) {
    const url = { host: '127.0.0.1', port, path: `${path}?${new URLSearchParams(query)}` };
    return new Promise((done) => {
        const request = http.get({ ...url, ...more, headers: { ...client.headers, ...more.headers } }, (answer) => {
            answer.setEncoding('utf8');
            answer.on('error', () => done(null));
            done(answer);
        });
        client.leave = () => { request.destroy(); done(null); };
        request.on('error', () => done(null));
    });
}

// A block of an event stream: its data is a message; an id alone is a position.
function block(client, text) {
    let id, data;
    for (const line of text.split('\n'))
        if (line.startsWith('data: ')) data = line.slice(6);
        else if (line.startsWith('id: ')) id = line.slice(4);
    if (data) client.take(data);
    else if (id) client.stand(id);
}

export async function stream(client, port) {
    const since = client.cursor ?? undefined, inHeader = since && chance(0.5);
    const query = { channels: client.channels.join(','), ...(since && !inHeader && { since }) };
    const answer = await ask(client, port, '/events', query, { agent: false, headers: inHeader ? { 'last-event-id': since } : {} });
    if (!answer) return;
    if (answer.statusCode !== 200) { client.refused(answer.statusCode); answer.destroy(); return; }
    client.came();
    let text = '';
    answer.on('data', (more) => {
        text += more;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) block(client, text.slice(0, end));
    });
    await new Promise((done) => answer.on('close', done));
}

async function body(answer) {
    let text = '';
    answer.on('data', (more) => { text += more; });
    await new Promise((done) => answer.on('close', done));
    return answer.complete ? text : null;
}

export async function poll(client, port) {
    for (client.staying = true; client.staying;) {
        const since = client.cursor ?? undefined;
        const answer = await ask(client, port, '/poll', { channels: client.channels.join(','), timeout: 5, ...(since && { since }) }, { agent: polling });
        const hangUp = client.leave;
        client.leave = () => { client.staying = false; hangUp(); };
        const text = answer && await body(answer);
        if (text === null) return;
        if (answer.statusCode !== 200) return client.refused(answer.statusCode);
        client.came();
        const { cursor, events } = JSON.parse(text);
        if (since) for (const event of events) client.take(JSON.stringify(event));
        client.stand(cursor);
        await sleep(client.hurry ? 50 : 300 + Math.random() * 2000);
    }
}
