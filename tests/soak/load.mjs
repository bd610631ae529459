// load.mjs - one process of the load: the clients that soak.mjs sends it, and their book.
//
// Started by soak.mjs, which says by messages what to do: clients [heads], mark (remember where each
// stands), finish {venue: seq}, storm {heads of those who come back}, end. Answers each with `done`, and
// tells its state every second.
import { Book, KIND } from './lib/book.mjs';
import { Client } from './lib/client.mjs';
import { seqOf } from '../house/lib/expected.mjs';

const [path, ports, pace] = [process.argv[2], ...process.argv.slice(3).map((text) => JSON.parse(text))];
const book = new Book(path);
const clients = [];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const until = async (condition) => { while (!condition()) await sleep(20); };

const DO = {
    // They come over a while, as guests do.
    async clients({ heads, over }) {
        for (const head of heads) {
            const client = new Client(clients.length, head, book, ports, pace);
            clients.push(client);
            client.life = client.live();
            await sleep(over / heads.length);
        }
        await until(() => clients.every((client) => client.cursor));
    },
    async mark() {
        for (const client of clients) client.mark = { session: client.session, cursor: client.cursor };
    },
    async finish({ heads }) {
        for (const client of clients) client.finish(heads[client.head.venue]);
        await Promise.all(clients.map((client) => client.life));
    },
    // Each comes back once more from its mark, in the log as a client of its own, so many at a time.
    async storm({ count, batch, heads }) {
        const marked = clients.filter((client) => client.mark?.cursor);
        for (let n = 0; n < count; n += batch) {
            const group = Array.from({ length: Math.min(batch, count - n) }, (_, i) => again(marked[(n + i) % marked.length], heads));
            await Promise.all(group.map((client) => client.life));
        }
    },
    async end() {
        book.close(clients.map(({ no, head, counts }) => ({ no, ...head, token: undefined, ...counts })));
        clearInterval(telling);
        process.disconnect();
    },
};

function again(of, heads) {
    const client = new Client(clients.length, of.head, book, ports, pace);
    book.note(client.no, KIND.start, seqOf(of.mark.cursor));
    Object.assign(client, { ways: of.ways, ...of.mark, target: heads[of.head.venue], hurry: true });
    clients.push(client);
    client.life = client.live();
    return client;
}

const sum = (key) => clients.reduce((total, client) => total + client.counts[key], 0);
function state() {
    const cpu = process.cpuUsage();
    return { clients: clients.length, living: clients.filter((c) => !c.over).length, messages: sum('messages'), visits: sum('visits'), refused: sum('refused'),
        starts: sum('starts'), records: book.records, cpuMs: Math.round((cpu.user + cpu.system) / 1000),
        faults: clients.flatMap((c) => c.faults.splice(0).map((text) => `client ${c.no} (${c.head.role}): ${text}`)) };
}
const telling = setInterval(() => process.send({ state: state() }), 1000);
process.on('message', async (message) => {
    await DO[message.do](message);
    if (process.connected) process.send({ state: state(), done: message.do });
});
// Whoever started us is gone: so are we.
process.on('disconnect', () => process.exit());
