// serve.mjs - starts a conformance server on a free port, or behind the web server that conformance.sh has
// started (MAITRED_PORT, MAITRED_RT_PORT), and ends it, holding it to exit status 0.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import assert from 'node:assert/strict';

// { port, pid, url, stop() }; flags as of the command line, without the dashes: { 'max-payload': 1024 }
export async function startServer(binary, flags = {}, env = {}) {
    const { MAITRED_PORT: front, MAITRED_RT_PORT: behind } = process.env;
    const args = Object.entries({ port: front ? behind : 0, ...flags }).flatMap(([k, v]) => [`--${k}`, String(v)]);
    const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let errors = '';
    child.stderr.on('data', (d) => { errors += d; });
    const ended = once(child, 'exit');
    const first = await Promise.race([
        once(createInterface({ input: child.stdout }), 'line').then(([line]) => line),
        ended.then(() => { throw new Error(`${binary} ended at once: ${errors}`); }),
    ]);
    const port = Number(front ?? /^listening on (\d+)$/.exec(first)[1]);
    return {
        port,
        pid: child.pid,
        url: `ws://127.0.0.1:${port}`,
        signal: (name) => child.kill(name),
        ended,
        async stop() {
            if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
            const [code, signal] = await ended;
            assert.equal(code, 0, `${binary} ended with ${code ?? signal}: ${errors}`);
        },
    };
}

// Waits until check() is true (or returns something true); fails after the bound.
export async function until(check, what, bound = 5000) {
    const end = Date.now() + bound;
    for (;;) {
        const got = await check();
        if (got) return got;
        if (Date.now() > end) assert.fail(`not within ${bound} ms: ${what}`);
        await new Promise((r) => setTimeout(r, 10));
    }
}
