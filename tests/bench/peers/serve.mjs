// serve.mjs - what many build: a Node process that LISTENs and sends to every client through a library.
//
//   node serve.mjs ws|socket.io|fastify|none PORT   prints "listening"; "cpu" on stdin prints
//   "cpu_us N" of the process so far, "quit" ends. `none` posts to nchan's publisher on PORT instead.
// Listens on 127.0.0.1 only. The database is the environment's (PGHOST and so on).
import http from 'node:http';
import { createInterface } from 'node:readline';
import pg from 'pg';

const [kind, port] = [process.argv[2], Number(process.argv[3])];
const listen = (server) => new Promise((done) => server.listen(port, '127.0.0.1', done));

// Each gives back how it sends one message to all.
const kinds = {
    async ws() {
        const { WebSocketServer, WebSocket } = await import('ws');
        const server = http.createServer(), all = new WebSocketServer({ server, perMessageDeflate: false });
        await listen(server);
        return (text) => { for (const c of all.clients) if (c.readyState === WebSocket.OPEN) c.send(text); };
    },
    async 'socket.io'() {
        const { Server } = await import('socket.io');
        const server = http.createServer(), io = new Server(server, { pingInterval: 3000, pingTimeout: 2000, perMessageDeflate: false });
        await listen(server);
        return (text) => io.emit('table:updated', text);
    },
    async fastify() {
        const { default: fastify } = await import('fastify'), { default: websocket } = await import('@fastify/websocket');
        const app = fastify(), open = new Set();
        await app.register(websocket, { options: { perMessageDeflate: false } });
        app.get('/', { websocket: true }, (socket) => {
            open.add(socket);
            socket.on('close', () => open.delete(socket));
        });
        await app.listen({ port, host: '127.0.0.1' });
        return (text) => { for (const socket of open) socket.send(text); };
    },
    async none() {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        return (text) => http.request({ host: '127.0.0.1', port, path: '/publish', method: 'POST', agent }, (answer) => answer.resume()).end(text);
    },
};

const send = await kinds[kind](), db = new pg.Client();
await db.connect();
db.on('notification', ({ payload }) => send(payload));
await db.query('listen bench');
console.log('listening');
for await (const line of createInterface({ input: process.stdin })) {
    const { user, system } = process.cpuUsage();
    if (line === 'quit') process.exit(0);
    if (line === 'cpu') console.log(`cpu_us ${user + system}`);
}
