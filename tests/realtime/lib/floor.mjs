// floor.mjs - a floor plan over the real socket.io-client, which keeps what it was told.
import { io } from 'socket.io-client';
import { token, until } from './rig.mjs';

export const EVENTS = ['tables:connected', 'table:status_changed', 'table:created', 'table:updated', 'table:deleted',
    'tables:batch_update', 'tables:sync_response', 'error'];

const open = new Set();
// Also after a test that failed: a client that is left would try for ever.
export const closeAll = () => { for (const f of open) f.close(); };

export class Floor {
    // `bearer`: a token, or null for none. More options are socket.io-client's.
    constructor(url, venue, { role = 'admin', bearer = token(venue, role), transports = ['websocket'], ...more } = {}) {
        this.got = []; // [event, data, offset] in order of arrival
        this.errors = [];
        this.socket = io(url, { transports, auth: bearer ? { token: bearer } : {}, forceNew: true,
            reconnectionDelay: 50, reconnectionDelayMax: 200, ...more });
        open.add(this);
        this.socket.onAny((event, data, offset) => this.got.push([event, data, offset]));
        this.socket.on('connect_error', (error) => this.errors.push(error));
    }

    // A venue founded a moment ago is news to the sidecar; then the client comes back by itself.
    async connected() {
        await until(() => this.socket.connected && this.all('tables:connected').length, () =>
            `connected: ${this.errors.map((e) => e.message)} ${JSON.stringify(this.got)}`);
        return this;
    }

    async refused() {
        await until(() => this.errors.some((e) => e.data), () => `refused: ${this.errors.map((e) => e.message)}`);
        const error = this.errors.find((e) => e.data);
        this.socket.disconnect();
        return { message: error.message, ...error.data };
    }

    ask(event, data) {
        return this.socket.timeout(20000).emitWithAck(event, data);
    }

    async join(floor) {
        const answer = await this.ask('tables:join', { floor });
        if (!answer.ok) throw new Error(JSON.stringify(answer));
        return answer;
    }

    all(event) {
        return this.got.filter(([name]) => name === event).map(([, data]) => data);
    }

    // Every change that it was told, whether alone, in a batch or in a sync, as [eventId, event, data].
    get changes() {
        return this.got.flatMap(([event, data, offset]) => {
            if (event === 'tables:batch_update') return data.map((e) => [e.eventId, 'table:status_changed', e]);
            if (event === 'tables:sync_response') return data.events.map((e) => [e.eventId, e.event, e.data]);
            return event.startsWith('table:') ? [[data.eventId ?? offset, event, data]] : [];
        });
    }

    async wait(event, n = 1) {
        await until(() => this.all(event).length >= n, () => `${n} ${event}: ${JSON.stringify(this.got)}`);
        return this.all(event)[n - 1];
    }

    async told(n) {
        await until(() => this.changes.length >= n, () => `${n} changes: ${JSON.stringify(this.changes)}`);
        return this.changes;
    }

    // The line breaks, as a network does it.
    cut() {
        this.socket.io.engine.close();
    }

    // ... and the client does not come back by itself.
    lose() {
        this.socket.io.reconnection(false);
        this.cut();
    }

    close() {
        open.delete(this);
        this.socket.disconnect();
    }
}

// One that is connected and, unless `room` is left out, in this room.
export async function floorAt(url, venue, room, more = {}) {
    const f = await new Floor(url, venue, more).connected();
    if (room !== undefined) await f.join(room);
    return f;
}
