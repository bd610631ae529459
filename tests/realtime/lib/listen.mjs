// listen.mjs - clients of /events and /poll: the real eventsource from npm, fetch for the bytes, and a
// poller that asks again and again.
import { EventSource } from 'eventsource';
import { token, until } from './rig.mjs';

export const urlOf = (sidecar, path, query) => `http://127.0.0.1:${sidecar.port}${path}?${new URLSearchParams(query)}`;

// 503 and 429 say "not yet" or "not now"; so does an event stream that ends at once.
export async function get(sidecar, venue, path, query = {}, headers = {}, bearer = token(venue)) {
    return await until(async () => {
        const answer = await fetch(urlOf(sidecar, path, query), { headers: { authorization: `Bearer ${bearer}`, ...headers } });
        if (answer.status === 503) { await answer.text(); return null; }
        return answer;
    }, `${path} answers`);
}

const names = ['subscribed', 'close', 'resync', 'snapshot', 'stats_update', 'metrics_update', 'room_availability_update', 'new_reservation',
    'reservation_update', 'upcoming_reservation', 'table_update', 'order_created', 'order_status_changed', 'order_update', 'notification', 'room_update'];

// The real client. `where()` gives the address anew at each attempt, as a load balancer would.
export class Source {
    constructor(where, bearer) {
        this.got = [];
        this.requests = [];
        const own = async (url, init) => {
            const answer = await fetch(where() ?? url, { ...init, headers: { ...init.headers, authorization: `Bearer ${bearer}` } });
            this.requests.push({ last: init.headers['Last-Event-ID'], status: answer.status });
            return answer;
        };
        this.es = new EventSource(where(), { fetch: own });
        for (const name of names) this.es.addEventListener(name, (e) => this.got.push({ ...JSON.parse(e.data), event: e.type, id: e.lastEventId }));
    }

    find(fits, from = 0) {
        return this.got.slice(from).find((m) => (typeof fits === 'string' ? m.event === fits : fits(m)));
    }

    wait(fits, from = 0) {
        return until(() => this.find(fits, from), () => `event ${fits}, got ${JSON.stringify(this.got.slice(-5)).slice(0, 1500)}`);
    }

    close() {
        this.es.close();
    }
}

// The bytes of a stream, block by block.
export async function* blocks(answer) {
    let text = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
            const lines = text.slice(0, end).split('\n');
            const field = (name) => lines.filter((l) => l.startsWith(`${name}: `)).map((l) => l.slice(name.length + 2)).join('\n') || undefined;
            yield { id: field('id'), event: field('event'), data: field('data'), retry: field('retry'), comment: lines.some((l) => l.startsWith(':')) };
        }
    }
}
