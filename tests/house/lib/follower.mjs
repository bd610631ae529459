// follower.mjs - one WebSocket client of /ws that logs all it sends and gets, and comes back by
// session and cursor after every loss, as SPEC.md section 5.1 says. Used by the fault and soak runs.
import { createWriteStream } from 'node:fs';
import WebSocket from 'ws';

export class LoggedClient {
    constructor({ url, token, log, head, channels }) {
        Object.assign(this, { url, token, channels, head });
        this.out = createWriteStream(log);
        this.write(head);
        this.cursor = null;
        this.session = null;
        this.connects = 0;
        this.delay = 100;
        this.stopped = false;
        this.connect();
    }
    write(line) {
        this.out.write(JSON.stringify(line) + '\n');
    }
    send(message) {
        this.write({ sent: message });
        this.ws.send(JSON.stringify(message));
    }
    connect() {
        const ws = new WebSocket(this.url, { headers: { authorization: `Bearer ${this.token}` }, handshakeTimeout: 5000 });
        this.ws = ws;
        ws.on('open', () => {
            this.connects++;
            this.delay = 100;
            if (this.session) this.send({ action: 'resume', session: this.session, cursor: this.cursor });
            else this.send({ action: 'subscribe', channels: this.channels });
        });
        ws.on('message', (data) => this.receive(JSON.parse(data)));
        ws.on('close', () => this.again());
        ws.on('error', () => {});
    }
    again() {
        if (this.stopped) return;
        setTimeout(() => this.stopped || this.connect(), this.delay * (0.5 + Math.random()));
        this.delay = Math.min(this.delay * 2, 2000);
    }
    receive(message) {
        this.write({ got: message });
        if (message.session) this.session = message.session;
        if (message.cursor) this.cursor = message.cursor;
    }
    get seq() {
        return Number(this.cursor?.split('-')[1] ?? -1);
    }
    ping() {
        if (this.ws.readyState === WebSocket.OPEN) this.send({ action: 'ping' });
    }
    // The network goes away without a word, as in a lift.
    cut() {
        this.ws.terminate();
    }
    async stop() {
        this.stopped = true;
        this.ws.terminate();
        await new Promise((resolve) => this.out.end(resolve));
    }
}
