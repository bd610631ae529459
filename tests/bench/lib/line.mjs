// line.mjs - a slower line to a port of this machine: all that goes over it comes later, and no faster than the line is.
// (Chromium's own emulation leaves out sockets and workers, and now and then keeps answers for ever.) Used by pages.mjs.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

// roundTrip in ms, rate in bytes a ms, of all connections together. -> {port, close()}
export async function slowLine(port, { roundTrip, rate }) {
    const sockets = new Set();
    const ways = [{ free: 0 }, { free: 0 }]; // up and down: when each has sent what it has

    function pass(from, to, way, since) {
        const queue = [];
        let timer = null;
        const pump = () => {
            timer = null;
            while (queue.length && queue[0].at <= performance.now()) queue.shift().run();
            if (queue.length) timer = setTimeout(pump, queue[0].at - performance.now());
        };
        const later = (bytes, run) => {
            way.free = Math.max(way.free, performance.now()) + bytes / rate;
            queue.push({ at: Math.max(way.free, since) + roundTrip / 2, run });
            timer ??= setTimeout(pump, queue[0].at - performance.now());
        };
        from.on('data', (chunk) => later(chunk.length, () => to.write(chunk)));
        from.on('end', () => later(0, () => to.end()));
        from.on('error', () => to.destroy());
        from.on('close', () => sockets.delete(from));
        sockets.add(from);
    }

    const server = createServer((near) => {
        const far = connect(port, '127.0.0.1');
        const since = performance.now() + roundTrip; // the handshake
        pass(near, far, ways[0], since);
        pass(far, near, ways[1], 0);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: server.address().port, close() { for (const socket of sockets) socket.destroy(); server.close(); } };
}
